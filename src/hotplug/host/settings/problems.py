"""What is wrong with settings, and where a configuration says it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from hotplug.errors import HotplugError
from hotplug.host.obstacles import Obstacle, Proposal
from hotplug.host.project import Project
from hotplug.manifest.checking import Report
from hotplug.manifest.documents import Document, Mark, Place, is_table
from hotplug.manifest.problems import Problem, shown

__all__ = ["Said", "SettingsError"]


class SettingsError(HotplugError, ValueError):
    """The settings of a plugin are wrong; ``problems`` holds all that is, each with its place.

    >>> print(SettingsError("shop", [Problem("'currency' is missing", "add a text")]))
    the settings of plugin 'shop' are wrong
      'currency' is missing
        add a text
    """

    def __init__(self, plugin_name: str, problems: Iterable[Problem]) -> None:
        self.plugin_name = plugin_name
        self.problems = tuple(problems)
        super().__init__(plugin_name, self.problems)

    @property
    def obstacles(self) -> tuple[Obstacle, ...]:
        """The same as what keeps the plugin from running."""
        return tuple(obstacle(self.plugin_name, problem) for problem in self.problems)

    def __str__(self) -> str:
        lines = "\n".join(map(str, self.problems)).replace("\n", "\n  ")
        return f"the settings of plugin {self.plugin_name!r} are wrong\n  {lines}"


def unread(name: str, project: Project) -> SettingsError:
    """What to say of settings that their plugin never asks for."""
    said = Said.about(name, project)
    report = Report(said)
    for key in said.data if is_table(said.data) else ():
        message = f"{shown(str(key))} is no setting: the plugin declares none, with settings(...)"
        report.complain((str(key),), message, "take it out, or update the plugin")
    return SettingsError(name, report.problems)


def obstacle(plugin: str, problem: Problem) -> Obstacle:
    setting = f"setting {problem.key!r}" if problem.key else "the settings"
    at = f" ({problem.where})" if problem.where else ""
    mend = Proposal(
        ("configure", plugin, problem.key, problem.where), f"mend {setting} of {plugin!r}{at}"
    )
    return Obstacle("settings", plugin, problem.key, problem.message, problem.where, (mend,))


class Said(Document):
    """What is said about the settings of one plugin, by the project or by the application."""

    __slots__ = ("_way", "_whole", "folder")

    def __init__(self, data: Mapping[str, Any], folder: Path, whole: Document, way: Place) -> None:
        super().__init__(data, whole.file)
        self.folder = folder
        self._whole = whole
        self._way = way

    @classmethod
    def about(cls, name: str, project: Project) -> Said:
        """What the application has said last, or else the table of the plugin in the project."""
        if name in project.configured:
            return cls.by_application(project.configured[name], project)
        data = project.settings.get(name, {})
        return cls(data, project.folder, project.document, ("settings", name))

    @classmethod
    def by_application(cls, data: Mapping[str, Any], project: Project) -> Said:
        """What code says, which stands in no file."""
        return cls(data, project.folder, Document(data), ())

    def mark(self, place: Place) -> Mark | None:
        """Where a value stands in the file, or else the nearest that it is a part of."""
        return self._whole.mark((*self._way, *place))

"""What the application's project says about its plugins: one table, read once, line by line.

>>> Project.of({"settings": {"shop": {"currency": "EUR"}}}).settings["shop"]
{'currency': 'EUR'}
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from hotplug.host.limits.field import TableOfLimits
from hotplug.host.project_values import (
    EVERY,
    FILE,
    FOLDER,
    FOLDERS,
    GROUP,
    WANTED_ONES,
    Autoload,
    Blocked,
    OnFailure,
    SomeWanted,
    TableOfTables,
)
from hotplug.manifest import ManifestError
from hotplug.manifest.checking import SCHEMA, Field, Keys, Report, check_keys
from hotplug.manifest.documents import Document, Place, is_list, is_table
from hotplug.manifest.fields import FLAG, spelled
from hotplug.manifest.problems import Problem, Unreadable, warn
from hotplug.manifest.reading import load

__all__ = ["FIELDS", "Project", "ProjectSource", "opened", "place_in", "schema"]

ProjectSource = str | os.PathLike[str] | Mapping[str, Any]
"""A mapping, a file, or a ``pyproject.toml`` with a table ``[tool.NAME.plugins]``."""


FIELDS: Final = Keys(
    {
        "paths": Field(FOLDERS, "Folders whose folders and files are plugins", ["plugins"], ()),
        "group": Field(GROUP, "The entry points of installed distributions", "till.plugins", ""),
        "index": Field(FILE, "A file that says where plugins are", "index.toml", ""),
        "autoload": Field(
            Autoload(), "What the host starts of the plugins that it finds", ["shop>=2,<3"], True
        ),
        "only": Field(SomeWanted(), "The only plugins that may run", ["shop", "mailer"], ()),
        "block": Field(
            Blocked(), "Plugins that may not run", {"mailer": "it sends too many mails"}, {}
        ),
        "require": Field(WANTED_ONES, "Plugins that have to run", ["accounts>=1.2"], ()),
        "on_failure": Field(
            OnFailure(),
            "Whether one that cannot start is left out, or fails the start",
            {EVERY: "skip", "shop": "fail"},
            {},
        ),
        "strict": Field(FLAG, "Whether all that is left out fails the start", True, False),
        "advisories": Field(
            FILE, "A file of versions that are better not loaded", "advisories.toml", ""
        ),
        "settings": Field(
            TableOfTables(), "The settings of plugins", {"shop": {"currency": "EUR"}}, {}
        ),
        "data": Field(FOLDER, "The folder that what plugins keep is in", "var/data", ""),
        "cache": Field(FOLDER, "The folder for what they can make again", "var/cache", ""),
        "limits": Field(TableOfLimits(), "How much plugins may hold", {"timers": 100}, {}),
    }
)
"""The table of all keys: the check and the reference in the docs follow it."""


class Project:
    """What is decided for the plugins of one application.

    >>> Project.of(None).settings
    {}
    """

    paths: tuple[str, ...]
    group: str
    index: str
    autoload: bool | tuple[str, ...]
    only: tuple[str, ...]
    block: Mapping[str, str]
    require: tuple[str, ...]
    on_failure: Mapping[str, str]
    strict: bool
    advisories: str
    settings: Mapping[str, Mapping[str, Any]]
    data: str
    cache: str
    limits: Mapping[str, Any]

    def __init__(self, document: Document) -> None:
        """Raises `ManifestError` with all that is wrong, each with its line."""
        self.document = document
        self.configured: dict[str, Mapping[str, Any]] = {}
        """What the application has said since, in place of `settings`."""
        report = Report(document)
        values = check_keys(FIELDS, report, "a project's table of plugins")
        if report.has_errors:
            raise ManifestError(report.problems)
        warn(report.problems)
        for name, value in values.items():
            setattr(self, name, value)

    @classmethod
    def of(cls, source: ProjectSource | None, name: str = "hotplug") -> Project:
        """From a mapping or a file; ``name`` is that of the application."""
        if source is None or isinstance(source, Mapping):
            return cls(Document(source or {}))
        return cls(opened(Path(source).absolute(), name))

    @property
    def decides(self) -> bool:
        """Whether it keeps any plugin from running."""
        return bool(self.only or self.block or self.advisories)

    @property
    def finds(self) -> bool:
        """Whether it says where to look for plugins."""
        return bool(self.paths or self.group or self.index)

    def fails_without(self, name: str, is_required: bool = False) -> bool:
        """Whether the program cannot start without a plugin."""
        choice = self.on_failure.get(name)
        if choice is None:
            choice = "fail" if is_required else self.on_failure.get(EVERY, "skip")
        return choice == "fail"

    def names_plugins(self) -> Iterator[Place]:
        """Where something is said of one plugin, which has to be there for it."""
        for key in ("settings", "on_failure"):
            yield from ((key, name) for name in getattr(self, key) if name != EVERY)
        yield from (("limits", name) for name, value in self.limits.items() if is_table(value))

    def problem(self, message: str, hint: str, *place: str | int) -> Problem:
        """Something that is wrong with what stands at a place."""
        mark = self.document.mark(place)
        line, column = mark or (None, None)
        return Problem(message, hint, self.document.file, line, column, spelled(place))

    @property
    def folder(self) -> Path:
        """What relative paths in it start from."""
        file = self.document.file
        return Path.cwd() if file is None else file.parent

    def path(self, text: str) -> Path:
        """A path as it is written in it, absolute."""
        return Path(os.path.abspath(self.folder / Path(text).expanduser()))  # noqa: PTH100

    def where(self, *place: str | int) -> str:
        """The line of a value, as ``file:line``; empty where the project is not a file."""
        return place_in(self.document, *place)


def place_in(document: Document, *place: str | int) -> str:
    """The line of a value, as ``file:line``; empty where it is no file."""
    mark = document.mark(place)
    if document.file is None:
        return ""
    return str(document.file) if mark is None else f"{document.file}:{mark.line}"


def opened(file: Path, name: str = "") -> Document:
    """Read a file of the project; of a ``pyproject.toml`` the part that speaks of plugins."""
    try:
        if file.suffix not in (".toml", ".json", ".yaml", ".yml"):
            raise Unreadable("this is no file in TOML, JSON or YAML", hint="or give a mapping")
        document = load(str(file))
    except Unreadable as error:
        raise ManifestError(
            [Problem(error.message, error.hint, file, error.line, error.column)]
        ) from None
    if file.name != "pyproject.toml":
        return document
    document.root = ("tool", name, "plugins")
    data: object = document.data
    for key in document.root:
        data = data.get(key, {}) if is_table(data) else {}
    document.data = data
    return document


def schema() -> dict[str, Any]:
    """A JSON Schema, draft 2020-12, of what a project may say."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "What a project says about its hotplug plugins",
        "type": "object",
        "properties": {
            SCHEMA: {"type": "string"},
            **{
                name: {
                    "description": f"{field.meaning}.",
                    **field.kind.schema,
                    "default": list(field.default) if is_list(field.default) else field.default,
                    "examples": [field.example],
                }
                for name, field in FIELDS.items()
            },
        },
        "additionalProperties": False,
    }

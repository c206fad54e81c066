"""What the application's project says about its plugins: one table, read once, line by line.

>>> Project.of({"settings": {"shop": {"currency": "EUR"}}}).settings["shop"]
{'currency': 'EUR'}
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from hotplug.host.limits.field import TableOfLimits
from hotplug.manifest import ManifestError
from hotplug.manifest.checking import Field, Keys, Report, check_keys
from hotplug.manifest.documents import Document, Place, is_table
from hotplug.manifest.fields import Complain, Text, called
from hotplug.manifest.problems import Problem, Unreadable, shown, warn
from hotplug.manifest.reading import load

__all__ = ["Project", "ProjectSource"]

ProjectSource = str | os.PathLike[str] | Mapping[str, Any]
"""A mapping, a file, or a ``pyproject.toml`` with a table ``[tool.NAME.plugins]``."""


class Table:
    """A table whose inside is somebody else's business."""

    words = "a table"

    @property
    def schema(self) -> dict[str, Any]:
        return {"type": "object"}

    def check(self, value: object, place: Place, complain: Complain) -> object:
        if is_table(value):
            return value
        complain(place, f"{called(place)} takes {self.words}, not {shown(value)}")
        return {}


class TableOfTables(Table):
    """A table for each plugin, by its name."""

    words = "a table for each plugin"

    def check(self, value: object, place: Place, complain: Complain) -> object:
        if not is_table(value):
            return super().check(value, place, complain)
        inner = Table()
        return {key: inner.check(item, (*place, str(key)), complain) for key, item in value.items()}


FOLDER: Final = Text("the path of a folder", "[^\\u0000]+", 4000)

FIELDS: Final = Keys(
    {
        "settings": Field(
            TableOfTables(), "The settings of plugins", {"shop": {"currency": "EUR"}}, {}
        ),
        "data": Field(FOLDER, "The folder that what plugins keep is in", "var/data", ""),
        "cache": Field(FOLDER, "The same for what they can make again", "var/cache", ""),
        "limits": Field(TableOfLimits(), "How much plugins may hold", {"timers": 100}, {}),
    }
)
"""The table of all keys: the check and the reference in the docs follow it."""


class Project:
    """What is decided for the plugins of one application.

    >>> Project.of(None).settings
    {}
    """

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
    def folder(self) -> Path:
        """What relative paths in it start from."""
        file = self.document.file
        return Path.cwd() if file is None else file.parent

    def where(self, *place: str | int) -> str:
        """The line of a value, as ``file:line``; empty where the project is not a file."""
        file, mark = self.document.file, self.document.mark(place)
        if file is None:
            return ""
        return str(file) if mark is None else f"{file}:{mark.line}"


def opened(file: Path, name: str) -> Document:
    """The part of a file that speaks of plugins."""
    try:
        if file.suffix not in (".toml", ".json", ".yaml", ".yml"):
            raise Unreadable("a project is a file in TOML, JSON or YAML", hint="or a mapping")
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

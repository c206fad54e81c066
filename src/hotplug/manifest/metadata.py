"""PluginMetadata: what a manifest says. The class is the table of all keys, one line each."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from keyword import iskeyword
from pathlib import Path
from typing import Any, Final

from hotplug.manifest.checking import Field, Keys, Report, check
from hotplug.manifest.constraints import CONSTRAINT, Dependency, Plugins
from hotplug.manifest.documents import Document
from hotplug.manifest.entrypoints import Misplaced, locate
from hotplug.manifest.fields import (
    ENTRYPOINT,
    FLAG,
    IDENTIFIERS,
    NAME,
    PROSE,
    RELOAD,
    TEXT,
    TEXTS,
    URL,
    VERSION,
    Kind,
)
from hotplug.manifest.problems import ManifestError, Problem, warn

__all__ = ["FIELDS", "PluginMetadata", "identifier"]

ROW: Final = "row"


def key(kind: Kind, meaning: str, *, example: object, default: object = None) -> Any:
    """A key of a manifest; without a default it is required."""
    return dataclasses.field(metadata={ROW: Field(kind, meaning, example, default)})


@dataclasses.dataclass(frozen=True, init=False, slots=True, kw_only=True)
class PluginMetadata:
    """What a manifest says; `read` makes it from a file, and a mapping can be given in its place.

    Two are equal if they say the same, wherever they stand.

    >>> metadata = PluginMetadata({"name": "my-shop", "version": "1.4.0"})
    >>> metadata.identifier, metadata.entrypoint, metadata.requires
    ('my_shop', 'plugin', ())
    """

    name: str = key(NAME, "What the host and other plugins call it", example="shop")
    version: str = key(VERSION, "Its version", default="0.0.0", example="1.4.0")
    entrypoint: str = key(
        ENTRYPOINT, "The module that is run when it is loaded", default="plugin", example="plugin"
    )
    requires: tuple[str, ...] = key(
        Plugins("requires"),
        "The plugins that it can't do without",
        default=(),
        example=["accounts >=2,<3"],
    )
    wants: tuple[str, ...] = key(
        Plugins("wants"),
        "The plugins that it makes use of where they are",
        default=(),
        example=["mailer"],
    )
    after: tuple[str, ...] = key(
        Plugins("after"),
        "The plugins that it starts after, if both start",
        default=(),
        example=["audit"],
    )
    conflicts: tuple[str, ...] = key(
        Plugins("conflicts"),
        "The plugins that it can't run beside",
        default=(),
        example=["old-shop <2"],
    )
    host: str = key(
        CONSTRAINT, "The versions of the application that it fits", default="", example=">=2,<3"
    )
    lazy: bool = key(
        FLAG,
        "Whether its code waits for its first use",
        default=False,
        example=True,
    )
    reload: str = key(
        RELOAD,
        "How a new generation takes over from the one that serves",
        default="beside",
        example="hold",
    )
    hooks: tuple[str, ...] = key(
        IDENTIFIERS, "The hooks that it implements", default=(), example=["price"]
    )
    events: tuple[str, ...] = key(
        IDENTIFIERS, "The events that it declares", default=(), example=["sold"]
    )
    commands: tuple[str, ...] = key(
        IDENTIFIERS, "The functions that it offers as commands", default=(), example=["bill"]
    )
    description: str = key(
        PROSE, "What it is for", default="", example="Sells things, and sends bills."
    )
    authors: tuple[str, ...] = key(
        TEXTS, "Who made it", default=(), example=["Ada <ada@example.org>"]
    )
    license: str = key(TEXT, "Its license, as SPDX calls it", default="", example="MIT")
    url: str = key(URL, "Where to read more", default="", example="https://example.org/shop")

    dependencies: tuple[Dependency, ...]
    """What ``requires``, ``wants``, ``after`` and ``conflicts`` say, with versions and places."""
    extra: Mapping[str, Any] = dataclasses.field(hash=False)
    """The author's own: keys that begin with ``x-``, and the table ``tool``."""
    path: Path | None = dataclasses.field(compare=False)
    """The plugin's folder, absolute."""
    _document: Document = dataclasses.field(compare=False, repr=False)

    def __init__(self, values: Mapping[str, Any], *, path: str | Path | None = None) -> None:
        """Raises `ManifestError` if the values are not what a manifest may say."""
        report = Report(Document(values))
        checked, own = check(FIELDS, report)
        if report.has_errors:
            raise ManifestError(report.problems)
        warn(report.problems)
        self._fill(checked, own, report.document, None if path is None else Path(path).absolute())

    @classmethod
    def of(
        cls, values: Mapping[str, Any], own: Mapping[str, Any], document: Document, path: Path
    ) -> PluginMetadata:
        """What `read` has checked."""
        made = cls.__new__(cls)
        made._fill(values, own, document, path)
        return made

    def _fill(
        self,
        values: Mapping[str, Any],
        own: Mapping[str, Any],
        document: Document,
        path: Path | None,
    ) -> None:
        put = object.__setattr__
        for name, value in values.items():
            put(self, name, value)
        found: tuple[Dependency, ...] = ()
        for name in ("requires", "wants", "after", "conflicts"):
            if values[name]:
                found += values[name]
                put(self, name, tuple([each.name for each in values[name]]))
        put(self, "dependencies", found)
        put(self, "extra", own)
        put(self, "path", path)
        put(self, "_document", document)

    @property
    def file(self) -> Path | None:
        """The manifest, as the location named it."""
        return self._document.file

    @property
    def contents(self) -> Mapping[str, bytes]:
        """What the manifest's file held, by its path; nothing for the head of a single file."""
        return self._document.contents

    @property
    def identifier(self) -> str:
        """The name as Python can say it: ``my-shop`` becomes ``my_shop``, ``class`` ``class_``."""
        return identifier(self.name)

    @property
    def is_single_file(self) -> bool:
        """Whether the manifest is the head of the plugin's only file."""
        return self.file is not None and self.file.suffix == ".py"

    def entrypoint_file(self, folder: str | Path | None = None) -> Path:
        """The file of the entrypoint, in this folder or else in `path`.

        Raises `ManifestError` if it is not there, or leads out of the folder.
        """
        folder = self.path if folder is None else Path(folder).absolute()
        if folder is None:
            raise ManifestError([Problem(f"the folder of plugin '{self.name}' is not known")])
        if self.file is not None and self.is_single_file:
            return folder / self.file.name
        try:
            return Path(locate(str(folder), self.entrypoint))
        except Misplaced as error:
            report = Report(self._document)
            report.complain(("entrypoint",), error.message, error.hint)
            raise ManifestError(report.problems) from None

    def where(self, *place: str | int) -> str:
        """The line of a key, or of an item in its list, as ``file:line``; empty without a file."""
        line = None if self.file is None else self.line_of(*place)
        return "" if self.file is None else f"{self.file}:{line}" if line else str(self.file)

    def line_of(self, *place: str | int) -> int | None:
        """The line of a key, or of an item in its list: ``line_of("requires", 0)``."""
        mark = self._document.mark(place)
        return mark.line if mark else None


def identifier(name: str) -> str:
    """A plugin's name as Python can say it."""
    plain = name.replace("-", "_").replace(".", "_")
    return f"{plain}_" if iskeyword(plain) else plain


FIELDS: Final = Keys(
    {
        field.name: field.metadata[ROW]
        for field in dataclasses.fields(PluginMetadata)
        if ROW in field.metadata
    }
)
"""The table of all keys; the check, the JSON Schema and the reference in the docs follow it."""

"""A manifest as it was read: its data, and where each of them stands in the file.

Positions are looked for when someone asks: most manifests have no problem to point at.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Final, NamedTuple, TypeGuard

__all__ = [
    "DEEPEST",
    "Document",
    "Mark",
    "Marks",
    "Place",
    "is_list",
    "is_table",
    "mark_at",
    "marks_of",
]

NOTHING: Final[Mapping[str, bytes]] = MappingProxyType({})
DEEPEST: Final = 32
"""How many tables and lists may stand within each other."""

Place = tuple[str | int, ...]
"""The way to a value from the top: ``("requires", 0)``."""


class Mark(NamedTuple):
    """A position in a file, both counted from one, the column in characters."""

    line: int
    column: int


Marks = Mapping[Place, Mark]
"""Where each key of a table and each item of a list begins."""


def is_table(value: object) -> TypeGuard[Mapping[object, object]]:
    return isinstance(value, dict | Mapping)  # a dict is told from the rest without asking the ABC


def is_list(value: object) -> TypeGuard[Sequence[object]]:
    """Tuples are lists too: metadata may be given in Python."""
    return isinstance(value, list | tuple)


class Document:
    """What a file says, read as data; ``root`` is the way to the part that is the manifest."""

    __slots__ = ("_file", "_find", "_marks", "_text", "contents", "data", "root")

    def __init__(
        self,
        data: object,
        file: str | Path | None = None,
        text: str = "",
        find: Callable[[str], Marks] | None = None,
        root: Place = (),
        contents: Mapping[str, bytes] = NOTHING,
    ) -> None:
        self.data = data
        self.root = root
        self.contents = contents
        """The whole file by its path, where it is nothing but this document."""
        self._file = file
        self._text = text
        self._find = find
        self._marks: Marks = {}

    @property
    def file(self) -> Path | None:
        """Where it was read; a path takes as long to make as a manifest to parse."""
        if isinstance(self._file, str):
            self._file = Path(self._file)
        return self._file

    def part(self, data: object, *way: str | int) -> Document:
        """What stands at a place in it, as a document of its own."""
        part = Document(data, self.file, self._text, self._find, (*self.root, *way))
        part._marks = self._marks
        return part

    def mark(self, place: Place) -> Mark | None:
        """Where a value stands, or else the nearest that it is a part of."""
        if self._find is not None:
            self._marks = self._find(self._text)
            self._find, self._text = None, ""
        way = (*self.root, *place)
        while way not in self._marks and way:
            way = way[:-1]
        return self._marks.get(way)


def mark_at(text: str, offset: int) -> Mark:
    """The line and column of one character."""
    return Mark(text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset))


def marks_of(text: str, offsets: Mapping[Place, int]) -> Marks:
    """The lines and columns of many."""
    starts = [0]
    while end := text.find("\n", starts[-1]) + 1:
        starts.append(end)

    def mark(offset: int) -> Mark:
        line = bisect_right(starts, offset)
        return Mark(line, offset - starts[line - 1] + 1)

    return {place: mark(offset) for place, offset in offsets.items()}

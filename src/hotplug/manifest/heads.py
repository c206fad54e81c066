"""Manifests in the head of a single file: the table ``[tool.hotplug]`` of its PEP 723 block.

# /// script
# [tool.hotplug]
# name = "shop"
# ///
"""

from __future__ import annotations

from typing import Final, NamedTuple

from hotplug.manifest import tomls
from hotplug.manifest.documents import Mark, Marks, Place, is_table
from hotplug.manifest.problems import Absent, Unreadable

__all__ = ["ROOT", "find", "parse"]

ROOT: Final[Place] = ("tool", "hotplug")

OPENING: Final = "# /// script"
CLOSING: Final = "# ///"
INDENT: Final = 2
HINT: Final = (
    f'begin the file with the lines: {OPENING} | # [tool.hotplug] | # name = "..." | {CLOSING}'
)


class Head(NamedTuple):
    """The TOML of a head, and the line of the file above its first line."""

    toml: str
    line: int


def parse(text: str) -> object:
    """Read the data of the table; raises `Unreadable`."""
    head = head_of(text)
    try:
        data: object = tomls.parse(head.toml)
    except Unreadable as error:
        if error.line is not None and error.column is not None:
            error.line, error.column = moved(head, Mark(error.line, error.column))
        raise
    for part in ROOT:
        data = data.get(part) if is_table(data) else None
    if data is None:
        raise Absent("the head has no table [tool.hotplug]", head.line, 1, HINT)
    return data


def find(text: str) -> Marks:
    """Where each key and item of the head stands in the file."""
    head = head_of(text)
    return {place: moved(head, mark) for place, mark in tomls.find(head.toml).items()}


def moved(head: Head, mark: Mark) -> Mark:
    return Mark(mark.line + head.line, mark.column + INDENT)


def head_of(text: str) -> Head:
    """Take the one head out of a file, without the marks of comments."""
    lines = [line.removesuffix("\r") for line in text.split("\n")] if OPENING in text else []
    heads: list[Head] = []
    at = 0
    while len(heads) < 2 and OPENING in lines[at:]:
        first = lines.index(OPENING, at) + 1
        at = last = first
        while at < len(lines) and (lines[at] == "#" or lines[at].startswith("# ")):
            if lines[at] == CLOSING:
                last = at
            at += 1
        if last == first and lines[first : first + 1] != [CLOSING]:
            raise Unreadable(f"the head that begins here has no closing line, {CLOSING}", first, 1)
        heads.append(Head("\n".join(line[INDENT:] for line in lines[first:last]), first))
    if not heads:
        raise Absent("this file has no head that says what plugin it is", hint=HINT)
    if len(heads) > 1:
        first = heads[0].line
        message = f"a second head begins here; the first is in line {first}"
        raise Unreadable(message, heads[1].line, 1)
    return heads[0]

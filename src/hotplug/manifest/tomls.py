"""Manifests in TOML: the standard library reads them, this finds where things stand."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from typing import Final

from hotplug.manifest.documents import DEEPEST, Marks, Place, mark_at, marks_of
from hotplug.manifest.problems import Unreadable

__all__ = ["find", "parse"]

# Nothing here tries again from behind: scanning stays linear whatever comes.
TOKEN: Final = re.compile(
    r"""
      \#[^\n]*
    | "{3} (?: [^"\\] | \\(?s:.) | "(?!"") )*+ (?: "{3,5} | \\ )?
    | '{3} (?: [^'] | '(?!'') )*+ (?: '{3,5} )?
    | " (?: [^"\\\n] | \\. )*+ ["\\]?
    | ' [^'\n]*+ '?
    | [\[\]{},=.\n]
    | [^\s\[\]{},=.\#"']+
    """,
    re.VERBOSE,
)
WHERE: Final = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")


def parse(text: str) -> dict[str, object]:
    """Read the data; raises `Unreadable`."""
    if text.count("[") + text.count("{") + text.count(".") > DEEPEST:
        refuse_depth(text)
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        message = str(error)
        found = WHERE.search(message)
        line, column = mark_at(text, len(text))
        if found and found[1]:
            line, column = int(found[1]), int(found[2])
        message = WHERE.sub("", message)
        raise Unreadable(
            f"this is not TOML: {message[:1].lower()}{message[1:]}", line, column
        ) from None
    except ValueError:
        raise Unreadable("a number here has more digits than Python reads") from None


def refuse_depth(text: str) -> None:
    """Refuse brackets too deep for a parser that calls itself, and keys with too many parts."""
    depth = dots = 0
    for token in TOKEN.finditer(text):
        kind = token[0]
        depth += (kind in "[{") - (kind in "]}")
        if kind == ".":
            dots += 1
        elif kind in "[]{},=\n":
            dots = 0
        if depth > DEEPEST or dots >= DEEPEST:
            where = mark_at(text, token.start())
            raise Unreadable(f"this is nested more than {DEEPEST} levels deep", *where)


def find(text: str) -> Marks:
    """Where each key and item stands in a text that is TOML."""
    return marks_of(text, Walk(text).offsets)


class Walk:
    """One way through a text that is TOML, token by token, noting where keys and items begin."""

    def __init__(self, text: str) -> None:
        self.offsets: dict[Place, int] = {(): 0}
        self.lengths: dict[Place, int] = {}
        """How many tables each array of tables has so far."""
        self.tokens = tokens(text)
        self.advance()
        table: Place = ()
        while self.token:
            if self.token == "\n":
                self.advance()
            elif self.token == "[":
                table = self.header()
            else:
                self.pair(table)

    def advance(self) -> None:
        self.token, self.at = next(self.tokens, ("", 0))

    def header(self) -> Place:
        """Read ``[a.b]`` or ``[[a.b]]``; returns the table that the lines below it fill."""
        self.advance()
        one_of_many = self.token == "["
        if one_of_many:
            self.advance()
        *parents, (last, at) = self.key()
        place: Place = ()
        for part, start in parents:
            place = (*place, part)
            self.offsets.setdefault(place, start)
            if place in self.lengths:
                place = (*place, self.lengths[place] - 1)
        place = (*place, last)
        self.offsets.setdefault(place, at)
        if one_of_many:
            number = self.lengths.get(place, 0)
            self.lengths[place] = number + 1
            place = (*place, number)
            self.offsets[place] = at
        while self.token == "]":
            self.advance()
        return place

    def key(self) -> list[tuple[str, int]]:
        """Read ``a."b".c``: its parts, and where each begins."""
        parts: list[tuple[str, int]] = []
        while self.token not in ("=", "]"):
            if self.token != ".":
                quoted = self.token[0] in "\"'"
                part = tomllib.loads(f"key = {self.token}")["key"] if quoted else self.token
                parts.append((part, self.at))
            self.advance()
        return parts

    def pair(self, table: Place) -> None:
        place = table
        for part, at in self.key():
            place = (*place, part)
            self.offsets.setdefault(place, at)
        self.advance()
        self.value(place)

    def value(self, place: Place) -> None:
        if self.token == "[":
            self.advance()
            number = 0
            while self.has_more("]"):
                item = (*place, number)
                self.offsets[item] = self.at
                self.value(item)
                number += 1
        elif self.token == "{":
            self.advance()
            while self.has_more("}"):
                self.pair(place)
        else:
            while self.token not in (",", "]", "}", "\n", ""):
                self.advance()

    def has_more(self, end: str) -> bool:
        """Go on to the next item of a list or inline table; False, and behind it, at its end."""
        while self.token in (",", "\n"):
            self.advance()
        if self.token and self.token != end:
            return True
        self.advance()
        return False


def tokens(text: str) -> Iterator[tuple[str, int]]:
    """Each token that is no comment, and where it begins."""
    for token in TOKEN.finditer(text):
        if not token[0].startswith("#"):
            yield token[0], token.start()

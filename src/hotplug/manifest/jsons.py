"""Manifests in JSON: the standard library reads them, this finds where things stand.

Stricter than `json`: no key twice in one table, no NaN, no nesting without end.
"""

from __future__ import annotations

import json
import re
from typing import Any, Final, NoReturn

from hotplug.manifest.documents import DEEPEST, Marks, Place, mark_at, marks_of
from hotplug.manifest.problems import Unreadable, shown

__all__ = ["find", "parse"]

# A string without its end goes to the end of the text: scanning stays linear whatever comes.
STRING: Final = r'"(?:[^"\\]|\\(?s:.))*+["\\]?'
BRACKET: Final = re.compile(rf"{STRING}|[\[\]{{}}]")
TOKEN: Final = re.compile(rf'{STRING}|[\[\]{{}},:]|[^\s\[\]{{}},:"]+')


class Twice(Exception):
    """A key stands twice in one table."""


class NoNumber(Exception):
    """What `json` takes for a number and JSON does not."""


def table(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        raise Twice
    return made


def refuse_constant(name: str) -> NoReturn:
    raise NoNumber(name)


DECODER: Final = json.JSONDecoder(object_pairs_hook=table, parse_constant=refuse_constant)


def parse(text: str) -> object:
    """Read the data; raises `Unreadable`."""
    if text.count("[") + text.count("{") > DEEPEST:
        refuse_depth(text)
    try:
        return DECODER.decode(text)
    except json.JSONDecodeError as error:
        message = f"this is not JSON: {error.msg[:1].lower()}{error.msg[1:]}"
        raise Unreadable(message, error.lineno, error.colno) from None
    except Twice:
        find(text)  # finds it, and raises
        raise
    except NoNumber as error:
        at = next(t.start() for t in TOKEN.finditer(text) if t[0].startswith(str(error)))
        raise Unreadable(f"this is not JSON: {error} is no number", *mark_at(text, at)) from None
    except ValueError:
        raise Unreadable("a number here has more digits than Python reads") from None


def refuse_depth(text: str) -> None:
    depth = 0
    for token in BRACKET.finditer(text):
        depth += (token[0] in "[{") - (token[0] in "]}")
        if depth > DEEPEST:
            where = mark_at(text, token.start())
            raise Unreadable(f"this is nested more than {DEEPEST} levels deep", *where)


def find(text: str) -> Marks:
    """Where each key and item stands in a text that is JSON; refuses keys that stand twice."""
    offsets: dict[Place, int] = {(): 0}
    place: list[Any] = []  # the way to where we are; None for a key that is to come
    for token in TOKEN.finditer(text):
        kind, at = token[0], token.start()
        if place and isinstance(place[-1], int) and kind not in "],":
            offsets[tuple(place)] = at
        if kind in ("[", "{"):
            place.append(0 if kind == "[" else None)
        elif kind in ("]", "}"):
            place.pop()
        elif kind == ",":
            place[-1] = place[-1] + 1 if isinstance(place[-1], int) else None
        elif place and place[-1] is None:
            place[-1] = json.loads(kind)
            first = offsets.setdefault(tuple(place), at)
            if first != at:
                raise Unreadable(
                    f"the key {shown(place[-1])} stands twice,"
                    f" first in line {mark_at(text, first).line}",
                    *mark_at(text, at),
                )
    return marks_of(text, offsets)

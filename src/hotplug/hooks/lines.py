"""Lines of source that know how deep they stand and whose code runs on them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

__all__ = ["Line", "Lines", "block", "plain"]


class Line(NamedTuple):
    """One line; ``label`` says whose code runs on it, as an index into ``Words.plugins``.

    ``many`` marks the line of a loop, which runs the code of the following ones too.
    """

    text: str
    label: int | None = None
    depth: int = 0
    many: bool = False


Lines = list[Line]


def block(*parts: Iterable[Line]) -> Lines:
    """These lines, one level deeper."""
    return [line._replace(depth=line.depth + 1) for part in parts for line in part]


def plain(*texts: str) -> Lines:
    return [Line(text) for text in texts]

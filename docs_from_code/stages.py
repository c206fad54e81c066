"""The stages of a reload as a picture: which generations are there, and which one serves."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from docs_from_code.shapes import WIDTH, Box, Point, block, line, name, picture, text
from hotplug.host.reloading.report import COMMIT, STAGES

__all__ = ["stages"]

TOP: Final = 34.0
ROW: Final = 30.0
STAGE_LEFT: Final = 6.0
OLD, NEW = 160.0, 290.0
BAR: Final = 112.0
NOTE: Final = 26.0
"""The room for a note above the commit."""


class Span(NamedTuple):
    """What a generation does from one stage to another, and the colour for it."""

    first: str
    last: str
    does: str
    fill: str


ORDER: Final = list(STAGES)
BEFORE_COMMIT: Final = ORDER[ORDER.index(COMMIT) - 1]
AFTER_COMMIT: Final = ORDER[ORDER.index(COMMIT) + 1]
SPANS: Final = {
    OLD: [
        Span(ORDER[0], BEFORE_COMMIT, "serves", "enabled"),
        Span(AFTER_COMMIT, "drain", "finishes its calls", "loaded"),
        Span("teardown", "teardown", "gives back", "disabled"),
    ],
    NEW: [
        Span("import", BEFORE_COMMIT, "is made ready", "loaded"),
        Span(AFTER_COMMIT, ORDER[-1], "serves", "enabled"),
    ],
}


def stages() -> str:
    """The picture."""
    shapes = [
        name(Point(OLD, 18), "old generation", kind="middle"),
        name(Point(NEW, 18), "new generation", kind="middle"),
        *(name(Point(STAGE_LEFT, middle(stage) + 5), stage) for stage in STAGES),
        text(Point(STAGE_LEFT, middle(COMMIT) - 26), WHAT_FAILS, kind="failure"),
        line(Point(84, middle(COMMIT)), Point(WIDTH - 14, middle(COMMIT))),
    ]
    for lane, spans in SPANS.items():
        for span in spans:
            shapes += drawn(lane, span)
    return picture("The stages of a reload", middle(ORDER[-1]) + ROW, shapes)


WHAT_FAILS: Final = "What fails above this line changes nothing."


def middle(stage: str) -> float:
    """How far down a stage is."""
    below = ORDER.index(stage) >= ORDER.index(COMMIT)
    return TOP + ORDER.index(stage) * ROW + ROW / 2 + (NOTE if below else 0)


def drawn(lane: float, span: Span) -> Iterator[str]:
    top, bottom = middle(span.first) - ROW / 2 + 2, middle(span.last) + ROW / 2 - 2
    at = Point(lane, (top + bottom) / 2)
    yield block(Box(at, BAR, bottom - top), span.fill)
    yield text(Point(at.x, at.y + 4), span.does, kind="middle")

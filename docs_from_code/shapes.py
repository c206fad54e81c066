"""What pictures are put together of: boxes, texts and arrows, as SVG that stands in a page.

A picture is as wide as a phone, and its colours follow the theme of the page around it; where there
is none, the wish of the system.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator
from html import escape
from typing import Final, NamedTuple

from hotplug.host.graphs.palette import FILL

__all__ = ["LINE_HEIGHT", "WIDTH", "Box", "Point", "arrow", "block", "line", "name", "picture"]
__all__ += ["text", "words"]

WIDTH: Final = 360.0
LINE_HEIGHT: Final = 16.0
LETTER: Final = 6.5
"""About the width of a letter in a text."""

LIGHT: Final = {
    "ink": "#1b1f24",
    "faint": "#6b7280",
    "floor": "#f3f4f6",
    "bad": "#c2410c",
    "ground": "var(--md-default-bg-color,#fff)",
}
DARK: Final = {
    "ink": "#e5e7eb",
    "faint": "#9ca3af",
    "floor": "#2b303b",
    "bad": "#fb923c",
    "ground": "var(--md-default-bg-color,#1e2129)",
}
DARK_FILL: Final = {
    "enabled": "#14532d",
    "loaded": "#1e3a5f",
    "disabled": "#3f4450",
    "unloaded": "#2b303b",
    "error": "#7f1d1d",
}


class Point(NamedTuple):
    """A place in a picture."""

    x: float
    y: float


class Box(NamedTuple):
    """A rectangle, by its middle."""

    middle: Point
    width: float
    height: float

    def edge_towards(self, to: Point) -> Point:
        """Where a line from the middle leaves it."""
        across, down = to.x - self.middle.x, to.y - self.middle.y
        part = min(
            self.width / 2 / abs(across) if across else 9.0,
            self.height / 2 / abs(down) if down else 9.0,
        )
        return Point(self.middle.x + across * part, self.middle.y + down * part)


def picture(title: str, height: float, shapes: Iterable[str]) -> str:
    """The whole of it."""
    size = f'viewBox="0 0 {WIDTH:g} {height:g}" width="{WIDTH:g}" height="{height:g}"'
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" class="drawing">',
            f"<title>{escape(title)}</title>",
            f"<style>{style()}</style>",
            "<defs>",
            *(
                f'<marker id="head-{kind}" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="9" '
                f'markerHeight="9" orient="auto"><path class="{kind}" d="M1 1L7 4L1 7"/></marker>'
                for kind in ("way", "failure")
            ),
            "</defs>",
            *shapes,
            "</svg>",
            "",
        ]
    )


def style() -> str:
    light = colours({**LIGHT, **FILL})
    dark = colours({**DARK, **DARK_FILL})
    return (
        f".drawing{{{light}}}"
        f"@media(prefers-color-scheme:dark){{.drawing{{{dark}}}}}"
        f"[data-md-color-scheme=default] .drawing{{{light}}}"
        f"[data-md-color-scheme=slate] .drawing{{{dark}}}"
        "svg.drawing{max-width:100%;height:auto;display:block;margin:auto}"
        ".drawing text{font:12px system-ui,sans-serif;fill:var(--ink)}"
        ".drawing .name{font-weight:600;font-size:13px}"
        ".drawing .faint{fill:var(--faint)}.drawing .middle{text-anchor:middle}"
        ".drawing path{fill:none;stroke:var(--faint);stroke-width:1.5}"
        ".drawing .failure{stroke:var(--bad)}.drawing path.failure.line{stroke-dasharray:5 4}"
        ".drawing text.failure{fill:var(--bad);stroke:none}"
        ".drawing text.halo{stroke:var(--ground);stroke-width:4px;paint-order:stroke}"
        ".drawing rect{stroke:var(--faint)}.drawing .floor{fill:var(--floor);stroke:none}"
    )


def colours(named: dict[str, str]) -> str:
    return "".join(f"--{name}:{value};" for name, value in named.items())


def block(box: Box, fill: str, *, rounded: float = 6) -> str:
    """A box in one of the colours of states, or as the ground of a floor."""
    look = 'class="floor"' if fill == "floor" else f'style="fill:var(--{fill})"'
    left, top = box.middle.x - box.width / 2, box.middle.y - box.height / 2
    return (
        f'<rect x="{left:g}" y="{top:g}" width="{box.width:g}" height="{box.height:g}" '
        f'rx="{rounded:g}" {look}/>'
    )


def name(at: Point, said: str, *, kind: str = "") -> str:
    """What something is called."""
    return text(at, said, kind=f"name {kind}".strip())


def text(at: Point, said: str, *, kind: str = "") -> str:
    """A line of text."""
    look = f' class="{kind}"' if kind else ""
    return f'<text x="{at.x:g}" y="{at.y:g}"{look}>{escape(said)}</text>'


def words(at: Point, said: str, width: float, *, kind: str = "") -> list[str]:
    """A text in lines that are no wider; one shape for each line."""
    return [
        text(Point(at.x, at.y + number * LINE_HEIGHT), part, kind=kind)
        for number, part in enumerate(textwrap.wrap(said, int(width / LETTER)))
    ]


def line(start: Point, end: Point) -> str:
    """An arrow from one point straight to another."""
    way = f"M{start.x:g} {start.y:g}L{end.x:g} {end.y:g}"
    return f'<path class="way" marker-end="url(#head-way)" d="{way}"/>'


def arrow(start: Box, end: Box, label: str, *, bend: float = 0, kind: str = "way") -> Iterator[str]:
    """An arrow between two boxes; it bends to the left of its way, by so much."""
    (x, y), (to_x, to_y) = start.middle, end.middle
    length = ((to_x - x) ** 2 + (to_y - y) ** 2) ** 0.5
    turn = Point(
        (x + to_x) / 2 + bend * (to_y - y) / length, (y + to_y) / 2 - bend * (to_x - x) / length
    )
    begins, ends = start.edge_towards(turn), end.edge_towards(turn)
    yield (
        f'<path class="{kind} line" marker-end="url(#head-{kind})" '
        f'd="M{begins.x:.0f} {begins.y:.0f}Q{turn.x:.0f} {turn.y:.0f} {ends.x:.0f} {ends.y:.0f}"/>'
    )
    at = Point((begins.x + 2 * turn.x + ends.x) / 4, (begins.y + 2 * turn.y + ends.y) / 4)
    look = "middle halo failure" if kind == "failure" else "middle halo"
    # beside an upright arrow, above a level one
    upright = abs(to_y - y) > abs(to_x - x)
    shift = Point(len(label) * 3.6 + 4 if upright else 0, 4 if upright else -7)
    yield text(Point(round(at.x + shift.x), round(at.y + shift.y)), label, kind=look)

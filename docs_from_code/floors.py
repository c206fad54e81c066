"""The floors of the house as a picture: a module imports its own floor and those below.

Which floors there are is written down where it is held, in ``tests/test_floors.py``; what a room is
for, in its own docstring.
"""

from __future__ import annotations

import ast
import runpy
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from docs_from_code.shapes import LINE_HEIGHT, WIDTH, Box, Point, block, name, picture, words

__all__ = ["floors", "rooms"]

ROOT: Final = Path(__file__).resolve().parent.parent
SOURCE: Final = ROOT / "src" / "hotplug"
INDENT: Final = 8.0
LEFT: Final = 16.0
WORDS_LEFT: Final = 116.0
PADDING: Final = 8.0
BETWEEN: Final = 6.0


def floors() -> str:
    """The picture: the ground floor at the bottom."""
    shapes: list[str] = []
    top = 0.0
    for there in reversed([*rooms().values()]):
        rows: list[str] = []
        at = top + PADDING
        for room in there:
            for path, indent in [(SOURCE / room, 0.0), *((each, INDENT) for each in inner(room))]:
                row = list(drawn(path, indent, at + LINE_HEIGHT - 4))
                rows += row
                at += max(1, len(row) - 1) * LINE_HEIGHT + BETWEEN
        height = at - top + PADDING - BETWEEN
        shapes.append(block(Box(Point(WIDTH / 2, top + height / 2), WIDTH - 2, height), "floor"))
        shapes += rows
        top += height + BETWEEN
    return picture("The floors of hotplug", top, shapes)


def rooms() -> Mapping[int, list[str]]:
    """What is on each floor, from the ground up, as far as it is built."""
    heights: dict[str, int] = runpy.run_path(str(ROOT / "tests" / "test_floors.py"))["FLOORS"]
    built = {room: height for room, height in heights.items() if file_of(SOURCE / room).exists()}
    return {
        height: [room for room, at in built.items() if at == height]
        for height in sorted(set(built.values()))
    }


def inner(room: str) -> list[Path]:
    """The rooms within a room."""
    return sorted(file.parent for file in (SOURCE / room).glob("*/__init__.py"))


def drawn(path: Path, indent: float, at: float) -> Iterator[str]:
    yield name(Point(LEFT + indent, at), path.name)
    yield from words(Point(WORDS_LEFT, at), purpose(path), WIDTH - WORDS_LEFT - PADDING)


def purpose(path: Path) -> str:
    """What a room says of itself: the first sentence, as far as its colon."""
    docstring = ast.get_docstring(ast.parse(file_of(path).read_text("utf-8"))) or ""
    said = docstring.partition("\n")[0].partition(": ``")[0].rstrip(".")
    return said.partition(". ")[0]


def file_of(path: Path) -> Path:
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")

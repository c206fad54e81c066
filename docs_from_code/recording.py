"""Records what a program shows in a terminal, as a picture that moves.

``python -m docs_from_code.recording PICTURE.svg python examples/smart_home``: it shows what
the program printed in that very run, so no test compares it with another one.
"""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from html import escape
from pathlib import Path
from time import monotonic
from typing import Final, NamedTuple

__all__ = ["Frame", "drawn", "recorded"]

LETTER: Final = 8.4
LINE: Final = 20.0
MARGIN: Final = 20.0
COLUMNS: Final = 76
REST: Final = 4.0
"""For how many seconds the end stays before all begins again."""

SEQUENCE: Final = re.compile(r"\x1b\[([\d;]*)m")
COLOURS: Final = {"32": "#4ade80", "90": "#4b5563"}


class Frame(NamedTuple):
    """What the terminal shows from some time on: lines, the last of which may still change."""

    at: float
    lines: tuple[str, ...]


def recorded(command: Sequence[str]) -> list[Frame]:
    """Run a program in a terminal, and keep what it shows whenever that changes."""
    ours, theirs = pty.openpty()
    began = monotonic()
    program = subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, close_fds=True)
    os.close(theirs)
    frames: list[Frame] = []
    said = ""
    while part := read(ours):
        said += part.decode("utf-8", "replace")
        lines = [each.rpartition("\r")[2] for each in said.replace("\r\n", "\n").split("\n")]
        if not frames or lines != list(frames[-1].lines):
            frames.append(Frame(monotonic() - began, tuple(lines)))
    if program.wait():
        raise SystemExit(f"{' '.join(command)} failed:\n{said}")
    return frames


def read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65536)
    except OSError:  # Linux says so where nobody writes any more
        return b""


def drawn(command: str, frames: Sequence[Frame]) -> str:
    """The frames one after the other, for ever; who wants no motion sees the last one."""
    height = 2 * MARGIN + LINE * (1 + max(len(frame.lines) for frame in frames))
    width = 2 * MARGIN + LETTER * COLUMNS
    lasts = frames[-1].at + REST
    steps = "".join(
        f"{100 * frame.at / lasts:.3f}%{{transform:translateY({-number * height:g}px)}}"
        for number, frame in enumerate(frames)
    )
    last = -height * (len(frames) - 1)
    style = (
        "text{font:14px ui-monospace,Menlo,Consolas,monospace;fill:#e5e7eb;white-space:pre}"
        f".all{{animation:all {lasts:.1f}s step-end infinite}}"
        f"@keyframes all{{{steps}100%{{transform:translateY({last:g}px)}}}}"
        f"@media(prefers-reduced-motion){{.all{{animation:none;transform:translateY({last:g}px)}}}}"
    )
    shapes = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" role="img">',
        f"<title>{escape(command)}, as it runs in a terminal</title>",
        f"<style>{style}</style>",
        f'<rect width="{width:g}" height="{height:g}" rx="8" fill="#111827"/>',
        f'<svg width="{width:g}" height="{height:g}"><g class="all">',
    ]
    for number, frame in enumerate(frames):
        lines = [f"\x1b[32m$\x1b[m {command}", *frame.lines]
        for row, line in enumerate(lines):
            y = number * height + MARGIN + LINE * (row + 0.75)
            shapes += [f'<text x="{MARGIN:g}" y="{y:g}">{coloured(line)}</text>'] if line else []
    return "\n".join([*shapes, "</g></svg>", "</svg>", ""])


def coloured(line: str) -> str:
    return "".join(spans(line))


def spans(line: str) -> Iterator[str]:
    """The parts of a line, each in its colour."""
    first, *rest = SEQUENCE.split(line)
    yield escape(first)
    for code, said in zip(rest[::2], rest[1::2], strict=True):
        colour = COLOURS.get(code)
        if said:
            yield f'<tspan fill="{colour}">{escape(said)}</tspan>' if colour else escape(said)


def main() -> None:
    file, *command = sys.argv[1:]
    if not command:
        raise SystemExit(__doc__)
    frames = recorded([sys.executable if word == "python" else word for word in command])
    Path(file).write_text(drawn(" ".join(command), frames), "utf-8")
    print(f"{file}: {len(frames)} frames, {frames[-1].at:.1f} s")


if __name__ == "__main__":
    main()

"""What a command prints: text in parts that have a style, coloured where rich and a terminal are.

>>> Page().line("shop ", ("runs", "good"))
shop runs
"""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING, Any, Final, TextIO

if TYPE_CHECKING:
    from rich.console import Console

__all__ = ["Page"]

# The eight basic colours only: every terminal's own theme makes them readable.
STYLES: Final = {
    "bad": "bold red",
    "doubtful": "yellow",
    "faint": "dim",
    "good": "green",
    "name": "bold cyan",
}


class Page:
    """One output of a command."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self.stream = stream or sys.stdout
        if reconfigure := getattr(self.stream, "reconfigure", None):
            reconfigure(errors="backslashreplace")  # whatever a path is made of
        self.console = console_for(self.stream)
        self.here = f"{os.getcwd()}{os.sep}"  # noqa: PTH109 (a text is what is needed)

    def line(self, *parts: str | tuple[str, str]) -> None:
        """Print one line, of texts and of texts with a style."""
        several = [(part, "") if isinstance(part, str) else part for part in parts]
        pairs = [(self.shortened(text), style) for text, style in several]
        if self.console is None:
            print("".join(text for text, _ in pairs), file=self.stream)
            return
        from rich.text import Text  # it is there, for there is a console

        told = Text.assemble(*((text, STYLES.get(style, "")) for text, style in pairs))
        # Terminals wrap lines so that paths in them can be copied.
        self.console.print(told, soft_wrap=True)

    def text(self, text: str) -> None:
        """Print what may be of several lines, as it is."""
        print(self.shortened(text), file=self.stream)

    def shortened(self, text: str) -> str:
        """A text in which paths below the current folder begin there."""
        return text.replace(self.here, "")

    def data(self, data: Any) -> None:
        """Print data, as JSON."""
        print(json.dumps(data, indent=2), file=self.stream)


def console_for(stream: TextIO) -> Console | None:
    """Where colours can be shown and are wanted, and rich is installed."""
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb" or not stream.isatty():
        return None
    try:
        from rich.console import Console  # the extra `cli`
    except ImportError:
        return None
    return Console(file=stream, highlight=False, markup=False, emoji=False)

"""What a terminal can show: colour where it has it, and plain text everywhere else."""

from __future__ import annotations

import io
import keyword
import os
import shutil
import textwrap
import tokenize
from typing import Final, TextIO

__all__ = ["Screen"]

# The eight basic colours only: every terminal's own theme makes them readable.
STYLES: Final = {
    "comment": "2;3",
    "decorator": "33",
    "faint": "2",
    "keyword": "35",
    "name": "1;36",
    "number": "36",
    "output": "1",
    "rule": "36",
    "string": "32",
}
WIDEST: Final = 88
NARROWEST: Final = 20


class Screen:
    """One output, and how to write on it."""

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream
        self.colour = has_colour(stream)
        self.rule = self.best("─", "-")
        self.bar = self.best("┃", "|")
        self.width = min(shutil.get_terminal_size((80, 24)).columns, WIDEST)

    def best(self, wanted: str, instead: str) -> str:
        """A character, if the output's encoding has it."""
        try:
            wanted.encode(self.stream.encoding or "ascii")
        except UnicodeEncodeError:
            return instead
        return wanted

    def wrapped(self, text: str, margin: int) -> list[str]:
        """The text in lines that fit beside a margin; elsewhere than on a terminal it is one."""
        if not self.stream.isatty() or len(text) <= self.width - margin:
            return [text]
        indent = " " * (len(text) - len(text.lstrip()) + 2)
        return textwrap.wrap(
            text,
            max(self.width - margin, NARROWEST),
            subsequent_indent=indent,
            break_on_hyphens=False,
            drop_whitespace=True,
        )

    def line(self, text: str = "") -> None:
        """Write one line; what the encoding lacks is written as an escape."""
        encoding = self.stream.encoding or "ascii"
        self.stream.write(text.encode(encoding, "backslashreplace").decode(encoding) + "\n")

    def paint(self, text: str, style: str) -> str:
        """The text in a style, or as it is where there is no colour."""
        return f"\x1b[{STYLES[style]}m{text}\x1b[0m" if self.colour and text else text

    def code(self, source: str) -> list[str]:
        """The lines of Python source, painted."""
        lines = source.splitlines()
        if not self.colour:
            return lines
        pieces = list(styled(source))
        for (row, start), (last, end), style in reversed(pieces):
            if row == last:
                line = lines[row - 1]
                lines[row - 1] = line[:start] + self.paint(line[start:end], style) + line[end:]
        return lines


def has_colour(stream: TextIO) -> bool:
    """As https://no-color.org asks for: only on a terminal, and never against the user's wish."""
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return False
    return stream.isatty()


def styled(source: str) -> list[tuple[tuple[int, int], tuple[int, int], str]]:
    """Where each piece of source to paint starts and ends, and its style."""
    found: list[tuple[tuple[int, int], tuple[int, int], str]] = []
    decorator = False
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        style = None
        if (
            token.type == tokenize.OP
            and token.string == "@"
            and not token.line[: token.start[1]].strip()
        ):
            decorator = True
        elif token.type in (tokenize.NEWLINE, tokenize.NL) or token.string == "(":
            decorator = False
        if decorator:
            style = "decorator"
        elif token.type == tokenize.COMMENT:
            style = "comment"
        elif token.type == tokenize.NUMBER:
            style = "number"
        elif tokenize.tok_name[token.type] in (
            "STRING",
            "FSTRING_START",
            "FSTRING_MIDDLE",
            "FSTRING_END",
        ):
            style = "string"
        elif token.type == tokenize.NAME and keyword.iskeyword(token.string):
            style = "keyword"
        if style is not None:
            found.append((token.start, token.end, style))
    return found

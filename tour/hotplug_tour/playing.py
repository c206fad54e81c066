"""Runs a step and shows it: its code, and under each line what that line printed.

The code on the screen is read from the very function that runs.
"""

from __future__ import annotations

import ast
import io
import logging
import re
import sys
import textwrap
from collections.abc import Callable
from contextlib import redirect_stdout
from inspect import getsourcelines
from pathlib import Path
from tempfile import gettempdir
from types import CodeType, FrameType

from hotplug_tour.screen import Screen
from hotplug_tour.steps import STEPS, Step

__all__ = ["play"]

HERE = str(Path(__file__).parent)
TEMPORARY = re.compile(rf"{re.escape(gettempdir())}[/\\]tmp\w+[/\\]")
"""Where the plugins of a step are; their own folders are what matters."""
DIRECTIVE = re.compile(r"  # (type: ignore|pyright:|noqa).*")


def play(step: Step, screen: Screen) -> BaseException | None:
    """Run a step and show it; the answer is what it raised."""
    printed = Printed(step.function.__code__)
    error = run(step.function, printed)
    body = Body(step.function)
    number = f"{list(STEPS).index(step.name) + 1}/{len(STEPS)}"
    rule = screen.rule * max(screen.width - len(step.name) - len(number) - 6, 4)
    screen.line(
        f"{screen.paint(screen.rule * 2, 'rule')} {screen.paint(step.name, 'name')} "
        f"{screen.paint(f'{rule} {number}', 'rule')}"
    )
    for line in textwrap.wrap(step.summary, screen.width):
        screen.line(line)
    screen.line()
    for at, line in enumerate(screen.code(body.source), body.first):
        screen.line(f"  {line}" if line else "")
        for text in printed.after(body, at):
            for part in screen.wrapped(text, len("  | ")):
                screen.line(f"  {screen.paint(screen.bar, 'rule')} {screen.paint(part, 'output')}")
    screen.line()
    return error


def run(function: Callable[[], None], printed: Printed) -> BaseException | None:
    log = logging.getLogger("hotplug")
    handler = logging.StreamHandler(printed)
    handler.setFormatter(MessageOnly())
    log.addHandler(handler)
    propagate, log.propagate = log.propagate, False
    try:
        with redirect_stdout(printed):
            function()
    except Exception as error:
        return error
    finally:
        log.propagate = propagate
        log.removeHandler(handler)
    return None


class MessageOnly(logging.Formatter):
    """Leaves tracebacks out."""

    def format(self, record: logging.LogRecord) -> str:
        return f"log: {record.getMessage()}"


class Printed(io.StringIO):
    """Keeps what is printed, with the line of the step that was running."""

    def __init__(self, code: CodeType) -> None:
        super().__init__()
        self.running = code
        self.line = code.co_firstlineno
        self.texts: dict[int, str] = {}

    def write(self, text: str, /) -> int:
        frame: FrameType | None = sys._getframe()  # pyright: ignore[reportPrivateUsage]
        while frame is not None:
            if frame.f_code is self.running:
                self.line = frame.f_lineno
            frame = frame.f_back
        self.texts[self.line] = self.texts.get(self.line, "") + text
        return len(text)

    def after(self, body: Body, line: int) -> list[str]:
        """What the statement that ends on this line printed."""
        text = "".join(text for at, text in self.texts.items() if body.end_of(at) == line)
        return TEMPORARY.sub("", text.replace(HERE, "hotplug_tour")).splitlines()


class Body:
    """The body of a step's function, as it stands in its file."""

    def __init__(self, function: Callable[[], None]) -> None:
        lines, start = getsourcelines(function)
        (tree,) = ast.parse(textwrap.dedent("".join(lines))).body
        assert isinstance(tree, ast.FunctionDef)
        statements = tree.body[1:]  # after the docstring
        first = min([statements[0].lineno, *decorators(statements[0])])
        self.first = start + first - 1
        source = textwrap.dedent("".join(lines[first - 1 :])).rstrip() + "\n"
        self.source = DIRECTIVE.sub("", source)  # meant for the linters, not for readers
        self.ends = {
            start + at - 1: start + node.end_lineno - 1
            for node in ast.walk(tree)
            if isinstance(node, (ast.Expr, ast.Assign, ast.AnnAssign, ast.Return))
            and node.end_lineno is not None
            for at in range(node.lineno, node.end_lineno + 1)
        }

    def end_of(self, line: int) -> int:
        """The last line of the statement that this line is a part of."""
        return self.ends.get(line, line)


def decorators(statement: ast.stmt) -> list[int]:
    return [decorator.lineno for decorator in getattr(statement, "decorator_list", [])]

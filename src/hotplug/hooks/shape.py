"""The shape of a hook call: all that its code depends on, and nothing else.

Calls of one shape share one compiled code object, so a shape is a key and is looked up often.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from hotplug.hooks.environment import RULES, Rules
from hotplug.hooks.modes import Step

__all__ = ["LABELS", "Extras", "LabelledLines", "Labels", "Loop", "Shape", "Words"]

LABELS: Final = "<labels>"
"""The constant that stands for the names of hook and plugins until a call is bound."""


LabelledLines = tuple[tuple[int, int, bool], ...]
"""Line numbers, whose code runs there, and whether it is the first of many in a loop."""
Labels = tuple[str, LabelledLines, tuple[str, ...]]
"""The hook's name, whose code runs on which line, and the names of the plugins."""


class Loop(NamedTuple):
    """Many implementations, called in a loop; ``step`` when all take the same arguments."""

    step: Step | None
    how: str
    length: int


class Extras(NamedTuple):
    """The place where the functions given to ``call_extra`` run."""

    how: str


class Shape(NamedTuple):
    """All that the text of a call depends on; the key under which its code is kept."""

    mode: str
    positional: int
    keyword_only: int = 0
    parts: tuple[Step | Loop | Extras, ...] = ()
    wrappers: tuple[Step, ...] = ()
    around: Step | None = None
    is_async: bool = False
    tolerant: bool = False
    together: bool = False
    rules: Rules = RULES


class Words(NamedTuple):
    """The names that a text is written with; they make no difference to what it does."""

    hook: str
    function: str
    """The function's own name: the hook's, or ``call_next`` for an inner one."""
    arguments: Sequence[str]
    plugins: Sequence[str]
    """Of the wrappers, outermost first, then of the around wrapper or the implementations."""

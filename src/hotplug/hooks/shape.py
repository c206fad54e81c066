"""The shape of a hook call: all that its code depends on, and nothing else.

Calls of one shape share one compiled code object, so a shape is a key and is looked up often.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Final, NamedTuple

from hotplug.hooks.rules import RULES, Rules

__all__ = [
    "EXTRA_LABEL",
    "LABELS",
    "OWNER",
    "VALUES",
    "Extras",
    "How",
    "Loop",
    "Mode",
    "Shape",
    "Step",
]
__all__ += ["LabelledLines", "Labels", "Words", "compiled_shapes", "step"]

VALUES: Final = "_v"
"""The global that holds what a call binds; each version of a hook has a fresh name for it."""
OWNER: Final = "_caller"
"""The global that only the one stable function of a hook has: its frame stays in tracebacks."""
LABELS: Final = "<labels>"
"""The constant that stands for the names of hook and plugins until a call is bound."""
EXTRA_LABEL: Final = -2


LabelledLines = tuple[tuple[int, int, bool], ...]
"""Line numbers, whose code runs there, and whether it is the first of many in a loop."""
Labels = tuple[str, LabelledLines, tuple[str, ...]]
"""The hook's name, whose code runs on which line, and the names of the plugins."""


class Mode:
    """What a call makes of the results of its implementations. Constants: an Enum hashes slowly."""

    COLLECTING: Final = "collecting"
    FIRSTRESULT: Final = "firstresult"
    PIPELINE: Final = "pipeline"
    HISTORIC: Final = "historic"
    NAMED: Final = "collect_with_plugins"


class How:
    """Whether a result is awaited."""

    PLAIN: Final = "as it is"
    AWAIT: Final = "awaited"
    EITHER: Final = "awaited if it is a coroutine"


class Step:
    """One implementation, called on a line of its own. Made by `step`, once for each form.

    Being unique it is compared and hashed by identity, which the look-up of a shape does a lot.
    """

    __slots__ = ("how", "keywords", "positions")

    def __init__(self, positions: tuple[int, ...], keywords: tuple[int, ...], how: str) -> None:
        self.positions = positions
        self.keywords = keywords
        self.how = how


@cache
def step(positions: tuple[int, ...], keywords: tuple[int, ...] = (), how: str = How.PLAIN) -> Step:
    """The one step that takes these arguments of a hook, by position and by name."""
    return Step(positions, keywords, how)


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


compiled_shapes: set[Shape] = set()
"""The shapes that `compile` has code for; kept here, so that asking does not load it."""

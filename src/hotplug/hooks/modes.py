"""What a call makes of its results, and how it calls one implementation."""

from __future__ import annotations

from functools import cache
from typing import Final

__all__ = ["EXTRA_LABEL", "OWNER", "VALUES", "How", "Mode", "Step", "compiled", "step"]

VALUES: Final = "_v"
"""The global that holds what a call binds; each version of a hook has a fresh name for it."""
OWNER: Final = "_caller"
"""The global that only the one stable function of a hook has: its frame stays in tracebacks."""
EXTRA_LABEL: Final = -2
"""In place of a plugin: a function that is given to ``call_extra``."""
compiled: set[object] = set()
"""The shapes that there is compiled code for: asking here does not load the compiler."""


class Mode:
    """What a call makes of the results of its implementations. Constants: an Enum hashes slowly."""

    COLLECTING: Final = "collecting"
    FIRSTRESULT: Final = "firstresult"
    PIPELINE: Final = "pipeline"
    HISTORIC: Final = "historic"
    NAMED: Final = "collect_with_plugins"
    TELLING: Final = "telling"
    """What the implementations return is not looked at."""


class How:
    """Whether a result is awaited; of a wrapper, whether it is sent the result or a box with it."""

    PLAIN: Final = "as it is"
    AWAIT: Final = "awaited"
    EITHER: Final = "awaited if it is a coroutine"
    BOXED: Final = "in a box"


class Step:
    """One implementation, called on a line of its own. Made by `step`, once for each form.

    Being unique it is compared and hashed by identity, which the look-up of a shape does a lot.
    """

    __slots__ = ("how", "is_slot", "keywords", "positions")

    def __init__(
        self, positions: tuple[int, ...], keywords: tuple[int, ...], how: str, is_slot: bool
    ) -> None:
        self.positions = positions
        self.keywords = keywords
        self.how = how
        self.is_slot = is_slot
        """Whether its function is a `Slot`, whose content may change during a call."""


@cache
def step(
    positions: tuple[int, ...],
    keywords: tuple[int, ...] = (),
    how: str = How.PLAIN,
    is_slot: bool = False,
) -> Step:
    """The one step that takes these arguments of a hook, by position and by name."""
    return Step(positions, keywords, how, is_slot)

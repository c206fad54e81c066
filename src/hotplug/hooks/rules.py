"""The settings in which hook libraries differ: how the hooks of one manager behave."""

from __future__ import annotations

from typing import Final

__all__ = ["MISSING", "RULES", "Rules"]


class Rules:
    """How the hooks of a manager behave; the defaults are those of `PluginManager`.

    Compared by identity: there are few of them, and each is part of many keys.
    """

    __slots__ = ("blames", "lenient", "newest_first", "none_counts", "strict")

    def __init__(
        self,
        *,
        newest_first: bool = False,
        lenient: bool = False,
        none_counts: bool = False,
        blames: bool = True,
    ) -> None:
        self.newest_first = newest_first
        """Whether of two implementations with equal options the later registered one runs first."""
        self.lenient = lenient
        """Whether a call is by name only, passes over what the hook does not know, and runs those
        who can do without what it leaves out."""
        self.none_counts = none_counts
        """Whether a wrapper that returns None changes the result to None."""
        self.blames = blames
        """Whether an exception gets a note that says whose code raised it."""
        self.strict: Rules = self
        """The same for a call of which it is known that it gives what the hook takes."""
        if lenient:
            self.strict = Rules(newest_first=newest_first, none_counts=none_counts, blames=blames)


RULES: Final = Rules()

MISSING: Final = object()
"""Stands for an argument that the call of a lenient hook left out."""

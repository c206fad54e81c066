"""The settings in which hook libraries differ: how the hooks of one manager behave."""

from __future__ import annotations

from typing import Final, NamedTuple

__all__ = ["MISSING", "RULES", "Rules"]


class Rules(NamedTuple):
    """How the hooks of a manager behave; the defaults are those of `PluginManager`."""

    newest_first: bool = False
    """Whether of two implementations with equal options the later registered one runs first."""
    lenient: bool = False
    """Whether a call is by name only, passes over what the hook does not know, and runs those who
    can do without what it leaves out."""
    none_counts: bool = False
    """Whether a wrapper that returns None changes the result to None."""
    blames: bool = True
    """Whether an exception gets a note that says whose code raised it."""


RULES: Final = Rules()

MISSING: Final = object()
"""Stands for an argument that the call of a lenient hook left out."""

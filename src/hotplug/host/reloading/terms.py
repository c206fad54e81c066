"""How a reload is to be made: what it waits for, and for how long."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from typing import TypedDict

__all__ = ["ReloadOptions", "Terms"]


class ReloadOptions(TypedDict, total=False):
    """What `Plugin.reload`, `PluginHost.reload` and their like take by name."""

    drain_timeout: float
    """For how many seconds calls in the old generation are waited for; 5 if it is not said."""
    hold_timeout: float
    """For how many seconds calls wait for a plugin that asks to be held; 5 if it is not said."""
    when_idle: bool
    """Whether to wait until nobody is busy with the plugins."""
    idle_timeout: float
    """For how many seconds; 60 if it is not said."""
    confirm: float | None
    """For how many seconds the new generation has to prove itself; None is what the host says."""
    dry_run: bool
    """Whether it is only to be seen what would happen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """The same, complete and checked."""

    drain_timeout: float = 5.0
    hold_timeout: float = 5.0
    when_idle: bool = False
    idle_timeout: float = 60.0
    confirm: float | None = None
    dry_run: bool = False

    def __post_init__(self) -> None:
        for name in ("drain_timeout", "hold_timeout", "idle_timeout", "confirm"):
            seconds: object = getattr(self, name)
            if seconds is None and name == "confirm":
                continue
            if not isinstance(seconds, int | float) or not 0 <= seconds < inf:
                raise ValueError(f"{name} is some seconds, not {seconds!r}")

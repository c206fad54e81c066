"""What an operation would do, as data and in words. `rehearsal` finds it out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from hotplug.host.lifecycle import RUNNING, PluginState

__all__ = ["Forecast", "StateChange"]


@dataclass(frozen=True, slots=True)
class StateChange:
    """What would happen to one plugin. One that gets a fresh generation stays in its state."""

    plugin: str
    before: PluginState | None
    """None if it is not known yet."""
    after: PluginState | None
    """None if it would not be known any more."""
    reason: str = ""

    @property
    def stops(self) -> bool:
        """Whether it runs, and would run no more."""
        return self.before in RUNNING and self.after not in RUNNING

    def __str__(self) -> str:
        both = (self.before, self.after)
        states = (state.value if state else "not there" for state in dict.fromkeys(both))
        because = f": {self.reason}" if self.reason else ""
        return f"{self.plugin!r} {' -> '.join(states)}{because}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """What would happen, in order, if all code that runs then does what it should."""

    operation: str
    subject: str
    """The plugin, or the place that it would be loaded from."""
    changes: tuple[StateChange, ...] = ()
    refused: str = ""
    """The error that would come out, in its words; empty if none would."""
    goes_without: tuple[tuple[str, str], ...] = ()
    """Plugins that would run on without one that they want: ``(("shop", "mailer"),)``."""

    @property
    def stops(self) -> tuple[str, ...]:
        """The plugins that would run no more, in the order in which they stop."""
        return tuple(each.plugin for each in self.changes if each.stops)

    @property
    def starts(self) -> tuple[str, ...]:
        """The plugins that would be enabled, in the order in which they are."""
        changed = (each for each in self.changes if each.before is not each.after)
        return tuple(each.plugin for each in changed if each.after is PluginState.ENABLED)

    def __str__(self) -> str:
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        yield f"{self.operation} {self.subject!r} would {self._outcome()}"
        if self.refused and self.changes:
            yield "  but before that"
        yield from (f"  {number}. {each}" for number, each in enumerate(self.changes, 1))
        for plugin, wanted in self.goes_without:
            yield f"  {plugin!r} would go on without {wanted!r}, which it wants"

    def _outcome(self) -> str:
        if self.refused:
            return "fail: " + "\n  ".join(self.refused.splitlines())
        if not self.changes:
            return "change nothing"
        return f"change {len(self.changes)} plugin{'s' * (len(self.changes) > 1)}"

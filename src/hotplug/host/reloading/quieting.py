"""Waiting before a reload: until nobody is busy, and until no call is under way any more."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Iterator
from threading import get_ident
from time import monotonic
from typing import TYPE_CHECKING, Any

from hotplug.errors.hosting import PluginStateError, PluginTimeout
from hotplug.host.reloading.candidate import HOLD, STOP_FIRST
from hotplug.host.reloading.draining import PAUSES
from hotplug.host.reloading.ending import Ending
from hotplug.host.reloading.hold import Hold

if TYPE_CHECKING:
    from hotplug.host.busy import Lease
    from hotplug.host.host import PluginHost
    from hotplug.host.plugin import Plugin
    from hotplug.host.reloading.report import ReloadReport
    from hotplug.host.reloading.terms import Terms

__all__ = ["Quieting"]


class Quieting(Ending):
    """The part of a reload that waits for others, and lets others wait."""

    def __init__(self, host: PluginHost[Any], report: ReloadReport, terms: Terms) -> None:
        super().__init__(host, report, terms)
        self.hold: Hold | None = None
        self.idle_until = 0.0

    @abstractmethod
    def members(self) -> Iterable[Plugin]:
        """The plugins that get a fresh generation."""

    def leases(self) -> list[Lease]:
        """Who is busy with these plugins, if that counts."""
        return [each for plugin in self.members() for each in plugin.leases if self.terms.when_idle]

    def until_idle(self) -> Iterator[float]:
        """Wait until nobody is busy with the plugins."""
        if not self.leases():
            return
        with self.report.stage("idle"):
            pauses = iter(PAUSES)
            while leases := self.leases():
                held = "".join(f"\n  {each}" for each in leases)
                names = ", ".join(sorted({repr(each.plugin.name) for each in leases}))
                if not self.is_async and any(each.thread == get_ident() for each in leases):
                    raise PluginStateError(f"this thread itself is busy with {names}{held}")
                if monotonic() >= self.idle_until:
                    raise PluginTimeout(
                        f"{names} was not idle within {self.terms.idle_timeout:g} s{held}"
                    )
                yield next(pauses, PAUSES[-1])

    def until_quiet(self) -> Iterator[float]:
        """Let the calls of those who ask for it wait, and those under way come to an end."""
        with self.report.stage("hold"):
            lives = [each.old for each in self.candidates if each.manner in (HOLD, STOP_FIRST)]
            until = monotonic() + self.terms.hold_timeout
            while not self.host.holding.acquire(blocking=False):
                if monotonic() >= until:
                    raise PluginTimeout("another reload keeps calls waiting")
                yield PAUSES[-1]
            self.hold = hold = Hold(lives, self.terms.hold_timeout)
            yield from hold.until_quiet(is_async=self.is_async)

    def release(self) -> None:
        hold, self.hold = self.hold, None
        if hold is not None:
            try:
                hold.release(goes_on=not (self.report.committed or hold.are_stopped))
            finally:
                self.host.holding.release()

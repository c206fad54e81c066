"""The confirmation window: a new generation that does worse than the one before is taken back.

Errors are counted by the names of plugins, where they come out of calls. So nothing is added to
calls that go well, and what the generation before raised is known without having looked.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from time import monotonic
from typing import TYPE_CHECKING, Any, Final

from hotplug.hooks.unwind import raised
from hotplug.host.owner import APPLICATION, Owner, run_as
from hotplug.host.reloadable import carry_out, carry_out_async, reload_of
from hotplug.host.reloading.candidate import Candidate, health_of
from hotplug.host.scheduler import running_loop
from hotplug.host.watching import LOGGER, log_error

if TYPE_CHECKING:
    from hotplug.host.host import PluginHost
    from hotplug.host.plugin import Plugin
    from hotplug.host.reloading.report import ReloadReport

__all__ = ["Confirmation", "Served"]

LOOKS: Final = 10
"""How often one looks within a window, if that is not more often than once a second."""
ALLOWED: Final = 2
"""Errors that say nothing yet."""
FACTOR: Final = 2.0
"""How many times more errors than before, in the same time, are allowed."""


@dataclass(frozen=True, slots=True)
class Served:
    """One generation of a plugin, and what had been counted as it came to serve."""

    plugin: Plugin
    number: int
    errors: int
    rate: float
    """The errors in a second that the generation before it raised."""

    @classmethod
    def after(cls, each: Candidate) -> Served:
        """What there is to compare with as a generation has come to serve."""
        plugin, errors = each.plugin, errors_of(each.plugin)
        known, since = plugin.errors_before or (0, next(iter(each.old.generation_scope)).since)
        plugin.errors_before = (errors, monotonic())
        rate = (errors - known) / max(monotonic() - since, 1.0)
        return cls(plugin, each.life.number, errors, rate)

    @property
    def is_over(self) -> bool:
        """Whether another generation serves, or none."""
        return self.plugin.generation != self.number or not self.plugin.is_running

    def worse(self, seconds: float) -> str:
        """In which way it does worse after some seconds; empty if it does not."""
        errors = errors_of(self.plugin) - self.errors
        if errors <= ALLOWED + FACTOR * self.rate * max(seconds, 1.0):
            return ""
        before = f"{self.rate:.2g} in a second before"
        return (
            f"plugin {self.plugin.name!r} raised {errors} errors in {seconds:.1f} s, and {before}"
        )


class Confirmation:
    """Looks after the generations of one reload for some seconds, and goes back if it has to."""

    owner: Owner = APPLICATION

    def __init__(
        self,
        host: PluginHost[Any],
        report: ReloadReport,
        served: Iterable[Served],
        seconds: float,
        failures: Iterable[Exception] = (),
    ) -> None:
        self.host = host
        self.report = report
        self.served = [*served]
        self.seconds = seconds
        self.scheduler = host.scheduler
        self.began = self.scheduler.monotonic()
        self._failures = [f"{type(each).__name__}: {each}" for each in failures]
        """What came up just after the commit."""
        self._ill: dict[Plugin, str] = {}
        self._task: asyncio.Task[None] | None = None
        report.confirmation = "pending"
        self._wait()

    def _wait(self) -> None:
        now = self.scheduler.monotonic()
        until = self.began + self.seconds
        if self.scheduler.add(min(until, now + min(1.0, self.seconds / LOOKS)), self) is None:
            self.disable()

    def disable(self) -> None:
        """The scheduler is closed: nobody looks any more."""
        self.report.confirmation = "not looked after to the end"

    def ring(self) -> None:
        """See how they do."""
        if self.host.is_closed or any(each.is_over for each in self.served):
            self.disable()
            return
        passed = self.scheduler.monotonic() - self.began
        worse = filter(None, (each.worse(passed) for each in self.served))
        reasons = [*self._failures, *worse, *self._what_is_ill()]
        if reasons:
            self._go_back("; ".join(reasons))
        elif passed >= self.seconds:
            self.report.confirmation = "confirmed"
        else:
            self._wait()

    def _what_is_ill(self) -> list[str]:
        """Who has said twice in a row that it is not well."""
        before, self._ill = self._ill, {}
        for each in self.served:
            life = each.plugin.life
            said = "" if life is None else health_of(life)
            if said:
                self._ill[each.plugin] = said
        return [said for plugin, said in self._ill.items() if plugin in before]

    def _go_back(self, reason: str) -> None:
        LOGGER.error("reload of %s is taken back: %s", ", ".join(self.report.wanted), reason)
        plugins = [each.plugin for each in self.served if each.plugin.name in self.report.wanted]
        reload = run_as(None, reload_of, plugins, {"confirm": 0}, back=True, reason=reason)
        if running_loop() is None:
            try:
                self._has_gone_back(run_as(None, carry_out, reload))
            except Exception as error:
                self._cannot_go_back(error)
            return

        async def go_back() -> None:
            try:
                self._has_gone_back(await carry_out_async(reload))
            except Exception as error:
                self._cannot_go_back(error)

        self._task = run_as(None, asyncio.get_running_loop().create_task, go_back())

    def _has_gone_back(self, report: ReloadReport) -> None:
        self.report.confirmation = f"taken back: {report.reason}"

    def _cannot_go_back(self, error: Exception) -> None:
        self.report.confirmation = f"should be taken back, which failed: {error}"
        log_error(f"reload of {', '.join(self.report.wanted)} cannot be taken back", error)


def errors_of(plugin: Plugin) -> int:
    """How many errors have come out of what a plugin implements, handles and rings."""
    name, objects = plugin.name, f"{plugin.name}:"
    own = (name, f"plugin {name!r}")
    return sum(
        count for who, count in raised.copy().items() if who in own or who.startswith(objects)
    )

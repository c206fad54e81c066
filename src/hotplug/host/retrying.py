"""Plugins that are not ready yet: they are tried again, after a while that grows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Final

from hotplug.errors.hosting import NotReady
from hotplug.hooks.looking import place
from hotplug.host.obstacles import Obstacle, Proposal
from hotplug.host.owner import Owner, run_as
from hotplug.host.watching import LOGGER

if TYPE_CHECKING:
    from hotplug.host.plugin import Plugin
    from hotplug.host.scheduler import Scheduler

__all__ = ["Retry", "not_ready_in", "put_off"]

MOST_DOUBLINGS: Final = 60


class Retry:
    """The next try of one plugin."""

    def __init__(
        self, plugin: Plugin, error: NotReady, scheduler: Scheduler, again: Callable[[], None]
    ) -> None:
        self.plugin = plugin
        self.what = error.what
        self.where = place_of(error)
        self.owner = Owner(plugin.name)
        self._scheduler = scheduler
        self._again = again
        self._ticket: int | None = None
        self._due = 0.0

    def start(self, delay: float) -> None:
        """Try again after so many seconds."""
        self._due = self._scheduler.monotonic() + delay
        self._ticket = self._scheduler.add(self._due, self)

    @property
    def seconds_left(self) -> float:
        """How long it is until then."""
        return max(0.0, self._due - self._scheduler.monotonic())

    def ring(self) -> None:
        """Try again, unless that is not wanted any more."""
        if self.plugin.retry is self:
            run_as(None, self._again)

    def disable(self) -> None:
        """Do not try again."""
        if self._ticket is not None:
            self._scheduler.drop(self._ticket)
        if self.plugin.retry is self:
            self.plugin.retry = None

    @property
    def obstacle(self) -> Obstacle:
        """Why the plugin does not run."""
        name = self.plugin.name
        mend = (Proposal.enable(name),)
        return Obstacle("not-ready", name, self.what, f"not ready: {self.what}", self.where, mend)


def put_off(
    plugin: Plugin,
    error: NotReady,
    scheduler: Scheduler,
    wake: Callable[[list[tuple[object, Plugin]]], None],
) -> None:
    """Try a plugin again that is not ready, and has given everything back."""
    what = error.what
    plugin.reason = str(error)
    delay = delay_after(error, plugin.tries)
    plugin.tries += 1
    again = Retry(plugin, error, scheduler, lambda: wake([(what, plugin)]))
    plugin.retry = again
    LOGGER.warning(
        "plugin %r is not ready: %s; it is tried again in %g s", plugin.name, what, delay
    )
    again.start(delay)


def delay_after(error: NotReady, tries: int) -> float:
    """How many seconds to wait after so many tries in a row."""
    most = max(error.retry, error.at_most)
    return min(error.retry * 2.0 ** min(tries, MOST_DOUBLINGS), most)


def not_ready_in(error: BaseException) -> NotReady | None:
    """What a plugin waits for, if that is all that its error says."""
    if isinstance(error, NotReady):
        return error
    several = [*leaves(error)]
    first = several[0]
    if isinstance(first, NotReady) and all(isinstance(each, NotReady) for each in several):
        return NotReady(first.what, retry=first.retry, at_most=first.at_most)
    return None


def leaves(error: BaseException) -> Iterator[BaseException]:
    inside: Sequence[BaseException] = getattr(error, "exceptions", ())  # of a group
    if not inside:
        yield error
    for each in inside:
        yield from leaves(each)


def place_of(error: BaseException) -> str:
    """Where it was raised, as ``file:line``."""
    at = error.__traceback__
    while at is not None and at.tb_next is not None:
        at = at.tb_next
    return "" if at is None else place(at.tb_frame.f_code, at.tb_lineno)

"""The watchdog: looks at calls that take too long while they run, and tells where they are."""

from __future__ import annotations

import sys
from functools import cached_property
from math import inf
from threading import RLock, get_ident
from typing import TYPE_CHECKING, Any

from hotplug.hooks.looking import place
from hotplug.host.owner import APPLICATION, MARK, Owner
from hotplug.host.scheduler import LoopScheduler, Scheduler
from hotplug.host.watching import LOGGER

if TYPE_CHECKING:
    from hotplug.host.life import Life
    from hotplug.host.limits.limits import Limits
    from hotplug.host.limits.setting import Setting

__all__ = ["Call", "Watchdog"]


class Call:
    """One that runs, in one thread."""

    __slots__ = ("due", "is_told", "life", "setting", "since", "thread", "what")

    def __init__(self, life: Life, setting: Setting, what: str, now: float) -> None:
        self.life = life
        self.setting = setting
        self.what = what
        self.thread = get_ident()
        self.since = now
        self.due = now + setting.value
        self.is_told = False


class Watchdog:
    """Lets itself be called when the time of the call that began first is over.

    While nothing runs nothing is due, and a call that ends in time costs no more than to be noted.
    """

    owner: Owner = APPLICATION

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.running: dict[Call, None] = {}
        self._looks_at = inf
        self._lock = RLock()  # a collected object may be called at any moment

    @cached_property
    def scheduler(self) -> Scheduler:
        """That of the host, unless it would wait itself for the call that blocks its loop."""
        host = self.limits.host
        waits = isinstance(host.scheduler, LoopScheduler)
        return host.thread_scheduler if waits else host.scheduler

    def monotonic(self) -> float:
        """The time by which calls are measured."""
        return self.scheduler.monotonic()

    def begin(self, life: Life, setting: Setting, what: str) -> Call:
        """Watch a call of a life that this thread is about to make."""
        call = Call(life, setting, what, self.scheduler.monotonic())
        self.running[call] = None  # before the look at the time: who changes that looks here after
        if call.due < self._looks_at:
            self._look_at(call.due)
        return call

    def end(self, call: Call) -> None:
        """It has returned."""
        del self.running[call]

    def longest(self, life: Life | None) -> float:
        """For how many seconds the call of a life goes on that began first; 0 without any."""
        now = self.monotonic()
        return max((now - call.since for call in [*self.running] if call.life is life), default=0)

    def ring(self) -> None:
        """Tell of the calls whose time is over. For the scheduler."""
        self._looks_at = inf
        now = self.monotonic()
        calls = [call for call in [*self.running] if not call.is_told]
        waiting = [call.due for call in calls if call.due > now]
        if waiting:
            self._look_at(min(waiting))
        for call in calls:
            if call.due <= now:
                self._tell_of(call)

    def disable(self) -> None:
        """The scheduler is closed, and calls no more."""

    def _look_at(self, due: float) -> None:
        with self._lock:
            if due >= self._looks_at:
                return
            self._looks_at = due
        self.scheduler.add(due, self)

    def _tell_of(self, call: Call) -> None:
        place = place_of(call)
        if call not in self.running or call.is_told:  # it has just returned
            return
        call.is_told = True
        what = f"has not returned from {call.what} in time, and still runs{place}"
        error = self.limits.exceeded(call.life.name, call.setting, what)
        LOGGER.warning("%s", error)


def place_of(call: Call) -> str:
    """The line of the plugin's own code that its thread is in."""
    frame: Any = sys._current_frames().get(call.thread)  # pyright: ignore[reportPrivateUsage]
    while frame is not None and frame.f_builtins.get(MARK) is not call.life:
        frame = frame.f_back
    return "" if frame is None else f" at {place(frame.f_code, frame.f_lineno)}"

"""Schedulers: which timer is due next, and who calls it then.

What a timer does when it is called is `timers`'s business; the scheduler with threads of its own
is in `scheduler_threads`.
"""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable
from contextvars import Context
from heapq import heapify, heappop, heappush
from itertools import count
from threading import RLock
from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from hotplug.host.owner import Owner

__all__ = ["LONGEST_WAIT", "LoopScheduler", "Ringing", "Scheduler", "running_loop"]

LONGEST_WAIT: Final = 3600.0
"""Seconds of one wait; who wants more waits again. Clocks of the system refuse a century."""


class Ringing(Protocol):
    """What a scheduler calls when it is due."""

    @property
    def owner(self) -> Owner:
        """For whom."""
        ...

    def ring(self) -> None:
        """Do what is due now."""
        ...

    def disable(self) -> None:
        """It will not be called any more: the scheduler is closed."""
        ...


class Scheduler(ABC):
    """Calls timers when they are due. What it has dropped leaves nothing behind."""

    grace: float = 5.0
    """For how many seconds a timer that is given back waits for its running callback."""

    def __init__(self) -> None:
        self._tickets = count(1)
        self.is_closed = False
        """Whether it calls nothing any more."""
        self._forget()

    def _forget(self) -> None:
        """Wait for nothing, as in the beginning."""
        self._lock = RLock()  # a collected object may give back its timer at any moment
        self._order: list[tuple[float, int]] = []
        self._waiting: dict[int, Ringing] = {}

    @property
    def waiting(self) -> int:
        """How many timers wait for their time."""
        return len(self._waiting)

    @abstractmethod
    def monotonic(self) -> float:
        """The time, in seconds from some moment on."""

    @abstractmethod
    def coroutine_loop(self) -> asyncio.AbstractEventLoop | None:
        """The loop for callbacks that are coroutines; None: each is run here and now."""

    @abstractmethod
    def _sooner(self, due: float) -> None:
        """Something came that may be due before all else. Called under the lock."""

    def add(self, due: float, timer: Ringing) -> int | None:
        """Call this timer at that time, once. The result is the ticket to drop it with.

        None: the scheduler is closed, and will not call it.
        """
        with self._lock:
            if self.is_closed:
                return None
            ticket = next(self._tickets)
            self._waiting[ticket] = timer
            heappush(self._order, (due, ticket))
            try:
                self._sooner(due)
            except BaseException:  # no more threads, or the loop is closed
                del self._waiting[ticket]
                raise
        return ticket

    def drop(self, ticket: int) -> None:
        """Forget a timer; one that has been called is forgotten already."""
        with self._lock:
            if self._waiting.pop(ticket, None) is None:
                return
            # What is dropped stays in the order until it makes up half of it: constant cost.
            if len(self._order) > 2 * len(self._waiting):
                self._order[:] = [entry for entry in self._order if entry[1] in self._waiting]
                heapify(self._order)

    def close(self) -> None:
        """Call nothing more, and give back the timers that wait."""
        with self._lock:
            self.is_closed = True
            left = [*self._waiting.values()]
        for timer in left:
            timer.disable()

    def _next_due(self) -> float | None:
        with self._lock:
            while self._order and self._order[0][1] not in self._waiting:
                heappop(self._order)
            return self._order[0][0] if self._order else None

    def _take_due(self, now: float) -> Ringing | None:
        """Take out what was due first, if it is due."""
        with self._lock:
            due = self._next_due()
            if due is None or due > now:
                return None
            return self._waiting.pop(heappop(self._order)[1])


class LoopScheduler(Scheduler):
    """Calls timers in a running asyncio loop, without a thread. A slow callback stops the loop.

    >>> async def main():
    ...     scheduler = LoopScheduler()
    ...     return scheduler.waiting
    >>> asyncio.run(main())
    0
    """

    def __init__(self, loop: asyncio.AbstractEventLoop | None = None) -> None:
        super().__init__()
        self.loop = loop or asyncio.get_running_loop()
        self._handle: asyncio.TimerHandle | None = None
        self._armed_for = float("inf")

    def monotonic(self) -> float:
        """The time of the loop."""
        return self.loop.time()

    def coroutine_loop(self) -> asyncio.AbstractEventLoop:
        """The same one."""
        return self.loop

    def close(self) -> None:
        """Call nothing more, and give back the timers that wait."""
        super().close()
        if not self.loop.is_closed():
            self._in_loop(self._disarm)

    def _sooner(self, due: float) -> None:
        if due < self._armed_for:
            self._in_loop(self._arm)

    def _in_loop(self, function: Callable[[], None]) -> None:
        if running_loop() is self.loop:
            function()
        else:
            self.loop.call_soon_threadsafe(function)

    def _arm(self) -> None:
        with self._lock:
            self._disarm()
            due = self._next_due()
            if due is not None and not self.is_closed:
                self._armed_for = min(due, self.loop.time() + LONGEST_WAIT)
                # In a context of nobody: the one that is current may hold whoever has set a timer.
                self._handle = self.loop.call_at(self._armed_for, self._call_due, context=Context())

    def _disarm(self) -> None:
        if self._handle is not None:
            self._handle.cancel()
        self._handle = None
        self._armed_for = float("inf")

    def _call_due(self) -> None:
        # A loop calls a little early, by the resolution of its clock.
        now = max(self.loop.time(), self._armed_for)
        try:
            while (timer := self._take_due(now)) is not None:
                timer.ring()
        finally:
            self._arm()


def running_loop() -> asyncio.AbstractEventLoop | None:
    """The loop that runs in this thread, if one does."""
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None

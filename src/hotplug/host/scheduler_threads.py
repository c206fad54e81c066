"""The scheduler with threads of its own: one that waits for all timers, and workers that call.

All of them are daemons, so a process ends whatever its timers do; and all of them end by
themselves when there has been nothing to do for a while.
"""

from __future__ import annotations

import asyncio
import atexit
import os
from contextlib import suppress
from threading import Condition, Thread, current_thread, main_thread
from time import monotonic
from typing import Final
from weakref import WeakSet

from hotplug.host.loop_thread import LoopThread
from hotplug.host.owner import run_as
from hotplug.host.scheduler import LONGEST_WAIT, Scheduler
from hotplug.host.workers import IDLE, Workers

__all__ = ["DEFAULT", "ThreadScheduler"]


class ThreadScheduler(Scheduler):
    """Calls timers in daemon threads. Coroutines run on the loop given, or on one of its own.

    >>> scheduler = ThreadScheduler()
    >>> scheduler.waiting
    0
    >>> scheduler.close()
    """

    def __init__(
        self, loop: asyncio.AbstractEventLoop | None = None, *, idle: float = IDLE
    ) -> None:
        super().__init__()
        self.loop = loop
        self.idle = idle
        self._prepare()
        SCHEDULERS.add(self)

    def _prepare(self) -> None:
        """Be without threads, as in the beginning."""
        self._changed = Condition(self._lock)
        self._thread: Thread | None = None
        self._wakes_at = float("inf")
        self._workers = Workers(idle=self.idle)
        self._own_loop = LoopThread()

    def monotonic(self) -> float:
        """The time of the system's monotonic clock."""
        return monotonic()

    def coroutine_loop(self) -> asyncio.AbstractEventLoop:
        """The loop of the host, or the one of its own."""
        return self.loop or self._own_loop.loop()

    def close(self) -> None:
        """Call nothing more, give back the timers that wait, and end the threads.

        Waits for what runs, no longer than the grace.
        """
        super().close()
        until = monotonic() + self.grace
        for thread in self._end():
            if thread is not current_thread():
                thread.join(max(0, until - monotonic()))

    def _end(self) -> list[Thread]:
        """Begin nothing more; the threads that are ending."""
        with self._changed:
            self.is_closed = True
            self._changed.notify_all()
            waits = [] if self._thread is None else [self._thread]
        return [*waits, *self._workers.close(), *self._own_loop.close()]

    def _sooner(self, due: float) -> None:
        if self._thread is None:
            self._wakes_at = due
            thread = Thread(target=self._serve, name="hotplug-timers", daemon=True)
            try:
                run_as(None, thread.start)  # no plugin's thread, whoever sets the timer
            except RuntimeError:
                if main_thread().is_alive():
                    raise
                return  # the interpreter goes down, and nothing is called any more
            self._thread = thread
        elif due < self._wakes_at:
            self._wakes_at = due  # one call is enough, however many timers follow
            self._changed.notify()

    def _serve(self) -> None:
        while self._wait():
            while (timer := self._take_due(monotonic())) is not None:
                self._workers.take(timer)

    def _wait(self) -> bool:
        """Wait until something is due; whether to go on. Without timers it is a while only."""
        look_again = self._workers.look()
        with self._changed:
            now = monotonic()
            due = self._next_due()
            nothing = due is None and look_again is None
            self._wakes_at = min(
                now + (self.idle if nothing else LONGEST_WAIT),
                now + LONGEST_WAIT if due is None else due,
                now + LONGEST_WAIT if look_again is None else look_again,
            )
            if not self.is_closed and self._wakes_at > now:
                woken = self._changed.wait(self._wakes_at - now)
                nothing = nothing and not woken and not self._waiting
            if self.is_closed or nothing:
                self._thread = None
                return False
            return True

    def _after_fork(self) -> None:
        """Threads do not follow into a forked process, and timers wait in the one they are of."""
        self._forget()
        self._prepare()


SCHEDULERS: Final[WeakSet[ThreadScheduler]] = WeakSet()


def _end_all() -> None:
    """Begin no callback while the interpreter goes down."""
    for scheduler in [*SCHEDULERS]:
        scheduler._end()  # pyright: ignore[reportPrivateUsage]


def _forget_all() -> None:
    for scheduler in [*SCHEDULERS]:
        scheduler._after_fork()  # pyright: ignore[reportPrivateUsage]


atexit.register(_end_all)
with suppress(AttributeError):  # there is no fork on Windows
    os.register_at_fork(after_in_child=_forget_all)

DEFAULT: Final = ThreadScheduler()
"""Who calls the timers of owners without a host, and of the application."""

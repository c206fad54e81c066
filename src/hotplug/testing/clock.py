"""A clock for tests: time passes when the test says so, and what is due is called at once."""

from __future__ import annotations

import asyncio
from typing import Final

from hotplug.host.scheduler import Scheduler, running_loop

__all__ = ["FakeClock"]

ENDLESS: Final = 100_000
"""Calls in one `advance` after which a timer that sets itself again is taken for endless."""


class FakeClock(Scheduler):
    """A scheduler whose time stands still until a test lets some pass. It needs no thread.

    A coroutine becomes a task where a loop runs in this thread; elsewhere it is run to its end.

    >>> clock = FakeClock()
    >>> clock.advance(2.5)
    >>> clock.monotonic()
    2.5
    """

    def __init__(self, now: float = 0.0) -> None:
        super().__init__()
        self._now = now

    def monotonic(self) -> float:
        """The time of the test."""
        return self._now

    def coroutine_loop(self) -> asyncio.AbstractEventLoop | None:
        """The loop that runs here, if one does."""
        return running_loop()

    def advance(self, seconds: float) -> None:
        """Let time pass: what gets due is called in order, in this thread, each at its time.

        A function that is called may itself let time pass, as if it were slow.
        """
        if not seconds >= 0:
            raise ValueError(f"time cannot pass by {seconds!r} seconds")
        until = self._now + seconds
        for _ in range(ENDLESS):
            due = self._next_due()
            timer = self._take_due(until)
            if timer is None or due is None:
                self._now = max(self._now, until)
                return
            self._now = max(self._now, due)
            timer.ring()
        raise RuntimeError(
            f"{ENDLESS} timers were called within {seconds!r} seconds: is it a loop?"
        )

    def _sooner(self, due: float) -> None:
        """Nobody waits, so there is nobody to wake."""

"""Timers: functions that are called after a while, or again and again, while their owner lives.

When they are due and where they are called is `scheduler`'s business; how one waits for a call that
is under way is `ringing`'s.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextvars import Context
from functools import partial
from inspect import isawaitable, iscoroutine
from math import ceil, isfinite
from numbers import Real
from threading import current_thread, main_thread
from typing import Any, Final, Protocol, cast

from hotplug.errors.hosting import PluginStateError
from hotplug.hooks.unwind import raised
from hotplug.host.entering import SWITCHES, run_told
from hotplug.host.owner import APPLICATION, CURRENT, Owner, current_owner, run_as
from hotplug.host.quitting import as_error
from hotplug.host.resources import Holder, Resource, place_in_code
from hotplug.host.ringing import Call
from hotplug.host.scheduler import Scheduler, running_loop
from hotplug.host.stepping import stepped
from hotplug.host.tracebacks import leave_out_ours
from hotplug.host.watching import LOGGER

__all__ = ["METERS", "SHORTEST_INTERVAL", "Timer", "set_interval", "set_timeout"]


SHORTEST_INTERVAL: Final = 0.001
"""Seconds. Below it an interval is a loop that never rests."""

Callback = Callable[[], object]


class Meter(Protocol):
    """Measures what timers call."""

    def around_timer(self, owner: Owner, callback: Callback) -> Callback: ...


METERS: Final[list[Meter]] = []
"""Who measures, as long as somebody does."""


class Timer(Resource):
    """A function that is called after some seconds, or every so many seconds.

    It counts from the moment its owner is enabled, or from now where that has been already.
    Add it to the owner's scope; ``set_timeout`` and ``set_interval`` do that for who runs.
    """

    kind = "timer"
    waits_for_commit = True

    def __init__(
        self, plugin: Holder, callback: Callback, seconds: float, *, repeats: bool = False
    ) -> None:
        super().__init__(plugin)
        self.seconds = checked_seconds(seconds, repeats=repeats, owner=self.owner)
        self.repeats = repeats
        self.calls = 0
        """How many times the function has been called."""
        self.missed = 0
        """How many times of an interval went by while its function was still running."""
        self.errors = 0
        """How many calls raised."""
        self.last_error: BaseException | None = None
        self.left_behind = False
        """Whether its function still ran when the grace for that was over."""
        quota, checked = self.owner.scope.quota, checked_callback(callback, self.owner)
        timed = checked if quota is None else quota.timed(checked, self.describe())
        self._callback: Callback | None = timed
        self._scheduler: Scheduler | None = None
        self._start = 0.0
        self._tick = 0
        self._ticket: int | None = None
        self._call: Call | None = None

    @property
    def is_running(self) -> bool:
        """Whether its function runs right now."""
        return self._call is not None

    def cancel(self) -> None:
        """Give it back: the same as ``disable``."""
        self.disable()

    def disable(self) -> None:
        """Call the function no more. One call that is under way is waited for, for a while.

        A coroutine is cancelled first. Nobody waits for a call that waits for him: the function
        itself can do this, and so can what runs on the coroutine's loop. How long to wait is
        the ``grace`` of the scheduler; what runs longer is left behind, with a warning.
        """
        super().disable()
        self._wait()  # also for who comes second, while the first one still waits

    def fall_silent(self) -> None:
        """Begin no new call; one that is under way goes on, and nobody waits for it."""
        self._callback = None
        if self._scheduler is not None and self._ticket is not None:
            self._scheduler.drop(self._ticket)

    def describe(self) -> str:
        """What it is, in a few words."""
        return f"timer {'every' if self.repeats else 'after'} {self.seconds:g} s"

    def ring(self) -> None:
        """Call the function. For schedulers."""
        call = self._call = Call()  # before asking: who gives it back from now on waits for this
        goes_on = False
        try:
            goes_on = self._ring(call)
        except BaseException as error:
            self._failed(error)
        finally:
            if not goes_on:
                self._ended(call)

    def _activate(self) -> None:
        scheduler = self._scheduler = self.owner.scheduler
        self._start = scheduler.monotonic()
        if not self._wait_for_next(scheduler):
            raise PluginStateError(f"{self.owner} sets a timer, and its scheduler is closed")

    def _wait_for_next(self, scheduler: Scheduler) -> bool:
        due = self._start + (self._tick + 1) * self.seconds
        self._ticket = scheduler.add(due, self)
        return self._ticket is not None

    def _cleanup(self) -> None:
        self._callback = None
        self._wait()
        if self._scheduler is not None and self._ticket is not None:
            self._scheduler.drop(self._ticket)

    def _wait(self) -> None:
        call, scheduler = self._call, self._scheduler
        if call is None or scheduler is None or self.left_behind:
            return
        call.cancel()
        if not call.wait(scheduler.grace):
            self.left_behind = True
            LOGGER.warning(
                "%s: the function of the %s from %s still runs after %g s and is left behind",
                *(self.owner, self.describe(), self.where, scheduler.grace),
            )

    def _ring(self, call: Call) -> bool:
        """Call the function, once; whether that goes on, on a loop."""
        callback, scheduler = self._callback, self._scheduler
        if callback is None or scheduler is None or scheduler.is_closed or not self.enabled:
            return False
        self.calls += 1
        runs_as = None if self.owner is APPLICATION else self.owner
        context = Context()  # no call sees what another one has left in its context
        for meter in (*METERS,):
            callback = meter.around_timer(self.owner, callback)
        enter = partial(run_told, None) if SWITCHES else run_as
        result = context.run(enter, runs_as, callback)
        if not isawaitable(result):
            return False
        context.run(CURRENT.set, runs_as)
        # The loop calls for nobody, and so would the task that it makes for this.
        result = stepped(runs_as, result)
        return self._go_on(call, context, result, scheduler.coroutine_loop())

    def _go_on(
        self,
        call: Call,
        context: Context,
        result: Awaitable[object],
        loop: asyncio.AbstractEventLoop | None,
    ) -> bool:
        if loop is None:
            with asyncio.Runner() as runner:
                runner.run(self._awaited(result), context=context)
            return False
        begin = partial(self._begin, call, context, result)
        if loop is running_loop():
            begin()
            return True
        call.hand_over(loop)
        try:
            loop.call_soon_threadsafe(begin)
        except RuntimeError:  # the loop is closed
            close(result)
            raise
        return True

    def _begin(self, call: Call, context: Context, result: Awaitable[object]) -> None:
        def ended(_: object) -> None:
            close(result)  # of a task that was cancelled before it began
            self._ended(call)

        task = asyncio.get_running_loop().create_task(self._awaited(result), context=context)
        call.runs_in(task)
        task.add_done_callback(ended)

    async def _awaited(self, result: Awaitable[object]) -> None:
        if not self.enabled:
            close(result)
            return
        try:
            await result
        except asyncio.CancelledError:  # by who gives it back, or by the end of the loop
            raise
        except BaseException as error:
            self._failed(error)

    def _failed(self, error: BaseException) -> None:
        self.errors += 1
        raised[str(self.owner)] = raised.get(str(self.owner), 0) + 1
        self.last_error = error
        # Only the main thread is interrupted by a user; anywhere else the function raised it.
        if isinstance(error, KeyboardInterrupt) and current_thread() is main_thread():
            raise error
        leave_out_ours(error)
        self.last_error = error = as_error(error, str(self.owner))
        LOGGER.error(
            "%s: the %s from %s raised %s (%d so far)",
            *(self.owner, self.describe(), self.where, type(error).__name__, self.errors),
            exc_info=error,
        )

    def _ended(self, call: Call) -> None:
        goes_on, scheduler = False, self._scheduler
        try:
            goes_on = self.repeats and self.enabled and self._callback is not None
            if goes_on and scheduler is not None:
                self._count_missed(scheduler.monotonic())
                goes_on = self._wait_for_next(scheduler)
        finally:
            self._call = None
            call.end()
            if not goes_on:
                self.disable()

    def _count_missed(self, now: float) -> None:
        """Go on to the next time that is not over: late calls never come in a bunch."""
        tick = max(self._tick + 1, ceil((now - self._start) / self.seconds) - 1)
        self.missed += tick - self._tick - 1
        self._tick = tick


def set_timeout(callback: Callback, seconds: float) -> Timer:
    """Call a function once, after so many seconds. It may be a coroutine function.

    >>> timer = set_timeout(print, 60)
    >>> timer.cancel()
    """
    return timer_of_who_runs(callback, seconds, repeats=False)


def set_interval(callback: Callback, seconds: float) -> Timer:
    """Call a function every so many seconds, until the timer is cancelled.

    >>> timer = set_interval(print, 60)
    >>> timer.cancel()
    """
    return timer_of_who_runs(callback, seconds, repeats=True)


def timer_of_who_runs(callback: Callback, seconds: float, *, repeats: bool) -> Timer:
    owner = current_owner() or APPLICATION
    owner.check("set a timer")
    timer = Timer(owner, callback, seconds, repeats=repeats)
    owner.scope.add(timer)
    return timer


def checked_callback(callback: Any, owner: Owner) -> Callback:
    if callable(callback):
        return cast(Callback, callback)
    if iscoroutine(callback):
        wanted = f"{callback.__name__} itself, not the coroutine of a call of it"
    elif isinstance(callback, Real):
        wanted = "first the function, then the seconds"
    else:
        wanted = "a function to call"
    raise TypeError(f"{owner} sets a timer with {callback!r} ({here()}): it takes {wanted}")


def checked_seconds(seconds: Any, *, repeats: bool, owner: Owner) -> float:
    if isinstance(seconds, bool) or not isinstance(seconds, Real):
        raise TypeError(f"{owner} sets a timer of {seconds!r} ({here()}): it takes seconds")
    least = SHORTEST_INTERVAL if repeats else 0.0
    try:
        number = float(seconds)
    except OverflowError:
        number = float("inf")
    if not isfinite(number) or number < least:
        kind = "an interval" if repeats else "a timer"
        wanted = f"{kind} takes seconds, at least {least:g}"
        raise ValueError(f"{owner} sets {kind} of {seconds!r} seconds ({here()}): {wanted}")
    return number


def here() -> str:
    return str(place_in_code() or "unknown")


def close(awaitable: Awaitable[object]) -> None:
    """Say that nobody will await it. One that has ended is not touched."""
    if iscoroutine(awaitable):
        awaitable.close()

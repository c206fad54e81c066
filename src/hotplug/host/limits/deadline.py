"""Deadlines: the calls into one life of a plugin, by the clock.

A call that is awaited is cancelled when its time is over. Nothing can interrupt any other call
safely: the watchdog tells of it while it runs.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Generator, Mapping
from functools import wraps
from inspect import iscoroutinefunction
from types import CoroutineType, coroutine
from typing import TYPE_CHECKING, Any, cast
from weakref import finalize

from hotplug.hooks.looking import place
from hotplug.host.owner import MARK

if TYPE_CHECKING:
    from hotplug.host.life import Life
    from hotplug.host.limits.limits import Limits
    from hotplug.host.limits.setting import Setting

__all__ = ["Deadline"]

Running = Coroutine[Any, Any, Any]


class Deadline:
    """Stands around functions of one life."""

    def __init__(
        self, limits: Limits, life: Life, calls: Setting | None, awaits: Setting | None
    ) -> None:
        self.limits = limits
        self.life = life
        self.calls = calls
        self.awaits = awaits

    @classmethod
    def of(cls, limits: Limits, life: Life, settings: Mapping[str, Setting]) -> Deadline | None:
        """That of a life; None where it has all the time."""
        calls, awaits = settings.get("call_seconds"), settings.get("await_seconds")
        return None if calls is awaits is None else cls(limits, life, calls, awaits)

    def around(self, function: Callable[..., Any], what: str) -> Callable[..., Any]:
        """A function of the same kind that has not forever; ``what`` it is, for messages.

        Generators are left alone: their time is that of who takes the next item.
        """
        if iscoroutinefunction(function):

            async def awaited(*args: Any, **kwargs: Any) -> Any:
                return await self._awaited(function(*args, **kwargs), what)

            return wraps(function)(awaited)

        def call(*args: Any, **kwargs: Any) -> Any:
            result = self._called(function, what, *args, **kwargs)
            if type(result) is not CoroutineType:
                return result
            running = cast("Running", result)
            awaited = self._awaited(running, what)
            # One that is closed before its first step has to close the other: nobody awaits it.
            finalize(awaited, running.close).atexit = False
            return awaited

        return wraps(function)(call)

    def _called(self, function: Callable[..., Any], what: str, /, *args: Any, **kwargs: Any) -> Any:
        if self.calls is None:
            return function(*args, **kwargs)
        watchdog = self.limits.watchdog
        call = watchdog.begin(self.life, self.calls, what)
        try:
            return function(*args, **kwargs)
        finally:
            watchdog.end(call)

    async def _awaited(self, running: Running, what: str) -> Any:
        watched = running if self.calls is None else self._steps(running, what)
        if self.awaits is None or not is_in_task():
            return await watched
        patience = asyncio.timeout(self.awaits.value)
        try:
            async with patience:
                return await watched
        except TimeoutError as late:
            if not patience.expired():
                raise
            place = place_of(self.life, late.__cause__)
        what = f"has not finished {what} in time, and was cancelled{place}"
        raise self.limits.exceeded(self.life.name, self.awaits, what)

    @coroutine
    def _steps(self, running: Running, what: str) -> Generator[Any, Any, Any]:
        """Each of them is a call: it keeps the loop from all else."""
        step: Callable[[Any], Any] = running.send
        value: Any = None
        while True:
            try:
                wanted = self._called(step, what, value)
            except StopIteration as end:
                return end.value
            finally:
                value = None  # an error that was thrown in would hold this frame, and this frame it
            try:
                value = yield wanted
                step = running.send
            except GeneratorExit:
                running.close()
                raise
            except BaseException as error:
                step, value = running.throw, error


def is_in_task() -> bool:
    """Whether asyncio runs this, and not another loop or a caller by hand."""
    try:
        return asyncio.current_task() is not None
    except RuntimeError:
        return False


def place_of(life: Life, error: BaseException | None) -> str:
    """Where the code of a life was when this was thrown in."""
    trace = None if error is None else error.__traceback__
    where = ""
    while trace is not None:
        if trace.tb_frame.f_builtins.get(MARK) is life:
            where = f" at {place(trace.tb_frame.f_code, trace.tb_lineno)}"
        trace = trace.tb_next
    return where

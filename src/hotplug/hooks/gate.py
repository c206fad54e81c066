"""Gates: calls of some hooks wait until what they would reach has been replaced.

A gate is looked at only where a call has to be built anew, as every call of a hook with a gate has
to be. So hooks without one pay nothing.
"""

from __future__ import annotations

import asyncio
import sys
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from threading import Event, Lock
from types import FrameType
from typing import TYPE_CHECKING, Any, Final

from hotplug.hooks.modes import OWNER

if TYPE_CHECKING:
    from collections.abc import Callable

    from hotplug.hooks.caller import Caller
    from hotplug.hooks.hook import Hook
    from hotplug.hooks.records import HookImpl

__all__ = ["WAITING", "Gate", "Later", "at_gates", "frames_outside"]


class Gate(ABC):
    """Closed from the moment it is put before hooks, until it is opened: that is once."""

    def __init__(self) -> None:
        self._opened = Event()
        self._lock = Lock()
        self._futures: list[tuple[asyncio.AbstractEventLoop, asyncio.Future[None]]] = []
        self._callers: list[Caller] = []

    @abstractmethod
    def lets_pass(self, frame: FrameType | None, *, is_async: bool) -> bool:
        """Whether a call that comes from this frame goes on although the gate is closed."""

    @abstractmethod
    def lasted_too_long(self, hook: str) -> None:
        """A call has waited as long as it does: opens the gate, or raises what the call raises."""

    @abstractmethod
    def patience(self) -> float:
        """For how many seconds more a call would wait that comes now."""

    def reached(self, items: list[HookImpl]) -> list[HookImpl]:
        """Those of a hook's implementations that a call runs which the gate lets pass."""
        return items

    def put_before(self, callers: Iterable[Caller]) -> None:
        """Let the calls of these hooks wait that begin from now on."""
        for caller in callers:
            with caller.environment.lock:
                if self not in caller.hook.gates:
                    self._callers.append(caller)
                    caller.hook.gates = (*caller.hook.gates, self)
                    caller.hook.touch()

    def open(self) -> None:
        """Let all go on."""
        callers, self._callers = self._callers, []
        for caller in callers:
            with caller.environment.lock:
                caller.hook.gates = tuple(each for each in caller.hook.gates if each is not self)
        self._opened.set()
        with self._lock:
            futures, self._futures = self._futures, []
        for loop, future in futures:
            if not loop.is_closed():
                loop.call_soon_threadsafe(wake, future)

    def wait(self, hook: str) -> None:
        """Wait until it is open."""
        if not self._opened.wait(self.patience()):
            self.lasted_too_long(hook)

    async def wait_async(self, hook: str) -> None:
        """The same for a task."""
        loop = asyncio.get_running_loop()
        future = loop.create_future()
        with self._lock:
            if self._opened.is_set():
                return
            self._futures.append((loop, future))
        await asyncio.wait([future], timeout=self.patience())
        if not self._opened.is_set():
            self.lasted_too_long(hook)


def wake(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)


class Later:
    """A call of an async hook that waits at a gate."""

    calls: Final = 0
    look_at: Final = 1

    def __init__(self, gate: Gate, hook: str, then: Callable[..., Any]) -> None:
        self.gate = gate
        self.hook = hook
        self.then = then

    async def __call__(self, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Any:
        await self.gate.wait_async(self.hook)
        return await self.then(*args, **kwargs)


WAITING: Final = frozenset({Gate.wait.__code__, Gate.wait_async.__code__})
"""A stack with one of these has not come to what it calls."""
HELD_BACK: Final = Later.__call__.__code__


def at_gates(caller: Caller) -> Callable[..., Any] | None:
    """What a call runs that the gates before it let pass; None as soon as all are open."""
    hook: Hook = caller.hook
    frame = sys._getframe(3)  # pyright: ignore[reportPrivateUsage]
    outside: FrameType | None = frame
    if frame.f_globals.get(OWNER) is caller:
        outside = frame.f_back
    while gates := hook.gates:
        for gate in gates:
            if not gate.lets_pass(outside, is_async=hook.is_async):
                break
        else:
            return caller.for_one_call()
        if hook.is_async:
            return Later(gate, hook.name, caller.function)
        gate.wait(hook.name)
    return None


def frames_outside(frame: FrameType | None) -> Iterable[FrameType]:
    """The frames from this one outwards, without those of calls that gates have held back."""
    is_held_back = False
    while frame is not None:
        if not is_held_back and frame.f_code is not HELD_BACK:
            yield frame
        is_held_back = frame.f_code is HELD_BACK  # the call that it belongs to has run nothing
        frame = frame.f_back

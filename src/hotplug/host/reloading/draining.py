"""Which calls are still under way in generations that were replaced.

Calls are not counted, which would cost each of them something: frames and tasks are looked at, of
all threads and loops, when there is something to wait for.
"""

from __future__ import annotations

import asyncio
import sys
from asyncio.base_events import BaseEventLoop
from collections.abc import Callable, Collection, Iterable, Iterator
from gc import get_referents
from operator import attrgetter
from threading import get_ident
from types import AsyncGeneratorType, CoroutineType, FrameType, GeneratorType
from typing import Any, Final, NamedTuple

from hotplug.hooks.gate import WAITING
from hotplug.hooks.looking import place
from hotplug.hooks.modes import OWNER
from hotplug.host.life import Life
from hotplug.host.owner import MARK
from hotplug.host.running import OwnedTask, OwnedThread
from hotplug.host.scheduler import running_loop
from hotplug.host.timers import Timer

__all__ = ["PAUSES", "Found", "UnderWay", "outwards", "place_of"]

PAUSES: Final = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.02)
"""Seconds between two looks; the last one again and again."""
RUNS_A_LOOP: Final = BaseEventLoop.run_forever.__code__
RINGS: Final = Timer._ring.__code__  # pyright: ignore[reportPrivateUsage]
LONGEST_CHAIN: Final = 1000
PARTS: Final[dict[type[Any], Callable[[Any], tuple[Any, Any]]]] = {
    CoroutineType: attrgetter("cr_frame", "cr_await"),
    GeneratorType: attrgetter("gi_frame", "gi_yieldfrom"),
    AsyncGeneratorType: attrgetter("ag_frame", "ag_await"),
}
"""The frame of what is suspended, and what it waits for."""


class Found(NamedTuple):
    """A call that is under way."""

    place: str
    """Where it is, as ``file:line``."""
    loop: asyncio.AbstractEventLoop | None
    """Of the task that it is suspended in; None if a thread runs it."""

    @property
    def waits_for_us(self) -> bool:
        """Whether it cannot go on before this thread's loop does."""
        return self.loop is not None and self.loop is running_loop()


class UnderWay:
    """The calls that had begun when the old generations were replaced.

    A call of a hook may not have come to the plugin yet: those that had begun are waited for as
    well. ``callers`` are the hooks and events whose calls may lead there.
    """

    def __init__(self, lives: Collection[Life], callers: Collection[object]) -> None:
        self.lives = {id(life) for life in lives}
        self.callers = {id(caller) for caller in callers}
        self.begun: set[FrameType] | None = None
        own = [item for life in lives for item in life.scope]
        self.threads = {item.thread.ident for item in own if isinstance(item, OwnedThread)}
        self.tasks = {item.task for item in own if isinstance(item, OwnedTask)}
        self.first = len(self.look())

    def look(self) -> list[Found]:
        """What runs now; one's own does not count, nor does what waits at a gate."""
        begun: set[FrameType] = set()
        found: list[Found] = []
        for loop, stack in self._stacks():
            frames = [*stack]
            if any(frame.f_code in WAITING for frame in frames):
                continue
            place = ""
            for frame in frames:
                if self._is_theirs(frame):
                    place = place or place_of(frame)
                elif id(frame.f_globals.get(OWNER)) in self.callers and (
                    self.begun is None or frame in self.begun
                ):
                    begun.add(frame)
                    place = place or f"a call of {frame.f_code.co_name}"
            if place:
                found.append(Found(place, loop))
        self.begun = begun
        return found

    def _is_theirs(self, frame: FrameType) -> bool:
        if frame.f_code is RINGS:
            return id(frame.f_locals["self"].owner) in self.lives
        return id(frame.f_builtins.get(MARK)) in self.lives

    def let_go(self) -> None:
        """Keep no frame any more."""
        self.begun = set()

    def _stacks(self) -> Iterator[tuple[asyncio.AbstractEventLoop | None, Iterable[FrameType]]]:
        """The frames of each thread and of each task that is suspended."""
        loops: dict[asyncio.AbstractEventLoop, None] = {}
        for ident, innermost in sys._current_frames().items():  # pyright: ignore[reportPrivateUsage]
            stack = [*outwards(innermost)]
            for frame in stack:
                if frame.f_code is RUNS_A_LOOP:
                    loops[frame.f_locals["self"]] = None
            if ident != get_ident() and ident not in self.threads:
                yield None, stack
        here = running_loop()
        if here is not None:
            loops[here] = None
        mine = None if here is None else asyncio.current_task(here)
        for loop in loops:
            for task in asyncio.all_tasks(loop):
                if task is not mine and task not in self.tasks:
                    yield loop, awaited_by(task.get_coro())


def place_of(frame: FrameType) -> str:
    return place(frame.f_code, frame.f_lineno)


def outwards(frame: FrameType | None) -> Iterator[FrameType]:
    while frame is not None:
        yield frame
        frame = frame.f_back


def awaited_by(suspended: object) -> Iterator[FrameType]:
    """The frames of a coroutine that is suspended, from the outermost inwards."""
    awaitable: Any = suspended
    for _ in range(LONGEST_CHAIN):
        frame: FrameType | None = None
        inner: Any = None
        parts = PARTS.get(kind_of(awaitable))
        if parts is not None:
            frame, inner = parts(awaitable)
        elif awaitable is not None:
            # `asend()` and the like do not say what they stand for, but hold it.
            inner = next((each for each in get_referents(awaitable) if is_suspended(each)), None)
        if frame is not None:
            yield frame
        if inner is None:
            return
        awaitable = inner


def kind_of(thing: object) -> type[object]:
    return type(thing)


def is_suspended(thing: object) -> bool:
    return type(thing) in PARTS

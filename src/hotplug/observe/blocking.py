"""Who keeps an event loop from running: asked from a thread, while it happens.

A loop is sent a call every now and then. Where the answer is late, the stack of the loop's thread
shows who is in the way.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from threading import Event, Lock, Thread, get_ident
from time import perf_counter
from types import FrameType
from typing import Final

from hotplug.hooks.looking import place
from hotplug.host.owner import MARK, Owner

__all__ = ["Block", "LoopWatch", "place_of_error"]

NOBODY: Final = "(unknown)"
NO_PLUGIN: Final = "(application)"


@dataclass(slots=True)
class Block:
    """One place in the code that kept an event loop from running."""

    plugin: str
    where: str
    """``file:line`` of the plugin's code that ran meanwhile."""
    times: int = 0
    longest: float = 0.0
    """Seconds."""


@dataclass(slots=True)
class Beat:
    """A call that a loop has been sent."""

    thread: int
    sent: float
    answered: float = 0.0
    plugin: str = NOBODY
    where: str = ""

    def answer(self) -> None:
        self.answered = perf_counter()


class LoopWatch:
    """Watches event loops from a thread of its own, which begins with the first of them."""

    def __init__(self, slow: float) -> None:
        self.slow: Final = slow
        """From how many seconds on a loop counts as blocked."""
        self._loops: dict[asyncio.AbstractEventLoop, int] = {}
        self._beats: dict[asyncio.AbstractEventLoop, Beat] = {}
        self._blocks: dict[tuple[str, str], Block] = {}
        self._lock = Lock()
        self._stopped = Event()
        self._thread: Thread | None = None

    @property
    def blocks(self) -> list[Block]:
        """The longest first."""
        with self._lock:
            return sorted(self._blocks.values(), key=lambda block: -block.longest)

    def look_after(self, loop: asyncio.AbstractEventLoop | None) -> None:
        """Watch the loop that runs in this thread, if there is one."""
        if loop is None or loop in self._loops:
            return
        with self._lock:
            self._loops[loop] = get_ident()
            if self._thread is None and not self._stopped.is_set():
                self._thread = Thread(target=self._watch, name="hotplug profile", daemon=True)
                self._thread.start()

    def stop(self) -> None:
        """Watch no more."""
        self._stopped.set()
        if self._thread is not None:
            self._thread.join()
        for beat in self._beats.values():
            self._judge(beat)
        self._loops, self._beats = {}, {}

    def _watch(self) -> None:
        while not self._stopped.wait(self.slow / 4):
            with self._lock:
                loops = [*self._loops.items()]
            for loop, thread in loops:
                self._look_at(loop, thread)

    def _look_at(self, loop: asyncio.AbstractEventLoop, thread: int) -> None:
        beat = self._beats.pop(loop, None)
        if loop.is_closed():
            with self._lock:
                del self._loops[loop]
        if beat is not None and not beat.answered and loop.is_running():
            self._beats[loop] = beat
            if not beat.where and perf_counter() - beat.sent > self.slow:
                beat.plugin, beat.where = who_is_in(beat.thread)
            return
        if beat is not None:
            self._judge(beat)
        if loop.is_running():
            beat = Beat(thread, perf_counter())
            with suppress(RuntimeError):  # it was closed just now
                loop.call_soon_threadsafe(beat.answer)
                self._beats[loop] = beat

    def _judge(self, beat: Beat) -> None:
        """Write down a late answer."""
        spent = (beat.answered or perf_counter()) - beat.sent
        if spent < self.slow or not (beat.answered or beat.where):
            return
        key = (beat.plugin, beat.where)
        with self._lock:
            block = self._blocks.setdefault(key, Block(*key))
        block.times += 1
        block.longest = max(block.longest, spent)


def who_is_in(thread: int) -> tuple[str, str]:
    """The plugin whose code runs in a thread right now, and where."""
    innermost = sys._current_frames().get(thread)  # pyright: ignore[reportPrivateUsage]
    if innermost is None:
        return NOBODY, ""
    for frame in frames(innermost):
        if isinstance(owner := frame.f_builtins.get(MARK), Owner):
            return owner.name, place(frame.f_code, frame.f_lineno)
    return NO_PLUGIN, place(innermost.f_code, innermost.f_lineno)


def frames(frame: FrameType | None) -> Iterator[FrameType]:
    """A frame and those that it was called by."""
    while frame is not None:
        yield frame
        frame = frame.f_back


def place_of_error(error: BaseException) -> str:
    """Where a plugin's code raised it, as a message goes on: `` (shop/plugin.py:3)``."""
    where = ""
    traceback = error.__traceback__
    while traceback is not None:
        frame = traceback.tb_frame
        if isinstance(frame.f_builtins.get(MARK), Owner) or not where:
            where = f" ({place(frame.f_code, traceback.tb_lineno)})"
        traceback = traceback.tb_next
    return where

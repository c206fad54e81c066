"""One call of a timer's function that is under way, and who may wait for its end."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from threading import Lock, get_ident
from typing import Final

from hotplug.host.scheduler import running_loop

__all__ = ["Call"]

WAITING: Final[dict[int, Call]] = {}
"""By thread: the call whose end it waits for."""
LOCK: Final = Lock()


class Call:
    """Runs in a thread first, and goes on in a task where the function is a coroutine function."""

    __slots__ = ("_end", "_is_cancelled", "_loop", "_task", "_thread")

    def __init__(self) -> None:
        self._thread = get_ident()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[None] | None = None
        self._is_cancelled = False
        self._end = Lock()
        self._end.acquire()

    def hand_over(self, loop: asyncio.AbstractEventLoop) -> None:
        """It goes on there: not in this thread any more, and not yet in a task."""
        self._loop = loop
        self._thread = 0

    def runs_in(self, task: asyncio.Task[None]) -> None:
        """It goes on in this task, which runs in this thread."""
        self._loop = task.get_loop()
        self._thread = get_ident()
        self._task = task

    def end(self) -> None:
        """It is over: whoever waits goes on."""
        self._end.release()

    def cancel(self) -> None:
        """Ask a coroutine to end, unless it is the one that asks. A function cannot be asked."""
        task, loop = self._task, self._loop
        if task is None or loop is None:
            return
        is_here = running_loop() is loop
        if is_here and asyncio.current_task() is task:
            return
        with LOCK:  # once: a second time would break into what it does at its end
            if self._is_cancelled:
                return
            self._is_cancelled = True
        if is_here:
            task.cancel()
        else:
            with suppress(RuntimeError):  # a loop that is closed runs nothing any more
                loop.call_soon_threadsafe(task.cancel)

    def wait(self, seconds: float) -> bool:
        """Wait until it is over. False: it goes on after all this time.

        Where it cannot end before this thread goes on there is no waiting, and that is no fault.
        """
        loop = self._loop
        if loop is not None and (loop is running_loop() or not loop.is_running()):
            return True
        me = get_ident()
        with LOCK:
            if self._waits_for(me):
                return True
            outer = WAITING.get(me)
            WAITING[me] = self
        try:
            if not self._end.acquire(timeout=seconds):
                return False
            self._end.release()
            return True
        finally:
            with LOCK:
                if outer is None:
                    del WAITING[me]
                else:
                    WAITING[me] = outer

    def _waits_for(self, thread: int) -> bool:
        """Whether it runs in this thread, or waits for what runs there, and so on."""
        call: Call | None = self
        while call is not None:
            if call._thread == thread:
                return True
            call = WAITING.get(call._thread)
        return False

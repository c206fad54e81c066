"""A loop of its own thread, for coroutines of hosts that run no loop."""

from __future__ import annotations

import asyncio
from threading import Event, Lock, Thread

from hotplug.host.owner import run_as
from hotplug.host.watching import LOGGER

__all__ = ["LoopThread"]


class LoopThread:
    """A daemon thread that runs an asyncio loop, from the first time that it is asked for it."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._thread: Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None
        self._started = Event()

    def loop(self) -> asyncio.AbstractEventLoop:
        """The loop, running."""
        with self._lock:
            if self._thread is None or not self._thread.is_alive():
                self._started = Event()
                self._thread = Thread(target=self._serve, name="hotplug-timer-loop", daemon=True)
                run_as(None, self._thread.start)  # no plugin's thread, whoever sets the timer
                self._started.wait()
            assert self._loop is not None
            return self._loop

    def close(self) -> list[Thread]:
        """Cancel what runs, and end. The result is the thread that is ending, if there is one."""
        with self._lock:
            thread, loop, stop = self._thread, self._loop, self._stop
            self._thread = None
        if thread is None or loop is None or stop is None or not thread.is_alive():
            return []
        try:
            loop.call_soon_threadsafe(stop.set)
        except RuntimeError:  # it has just ended by itself
            return []
        return [thread]

    def _serve(self) -> None:
        try:
            asyncio.run(self._until_stopped())
        except BaseException:  # a task that a callback left behind ended the loop
            LOGGER.exception("the loop for coroutines of timers was ended; the next starts another")

    async def _until_stopped(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._stop = asyncio.Event()
        self._started.set()
        await self._stop.wait()

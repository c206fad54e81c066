"""Runs code that may never come back: in a daemon thread, for as long as one is willing to wait."""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Callable
from contextvars import copy_context
from threading import Event, Thread
from typing import Final, Generic, TypeVar

from hotplug.hooks.looking import place
from hotplug.host.owner import MARK, run_as

__all__ = ["Errand", "Late", "where"]

R = TypeVar("R")

GRACE: Final = 0.5
"""For how many seconds a thread that was asked to stop is waited for."""


class Late(Exception):
    """It has not come back in time."""


class Stop(BaseException):
    """Raised in the thread that is asked to stop; no ``except Exception`` keeps it."""


class Errand(Generic[R]):
    """One function that is run in a thread of its own.

    >>> Errand("count", lambda: 42).run(5.0)
    42
    """

    def __init__(self, name: str, function: Callable[[], R]) -> None:
        self.function = function
        self.done = Event()
        self.error: BaseException | None = None
        self.result: R | None = None
        context = copy_context()
        self.thread = Thread(target=context.run, args=(self._run,), name=name, daemon=True)

    def _run(self) -> None:
        try:
            self.result = self.function()
        except BaseException as error:
            self.error = error
        finally:
            self.done.set()

    def run(self, seconds: float) -> R:
        """Wait for the result that long; `Late` if it has not come, and then it is given up."""
        run_as(None, self.thread.start)
        if not self.done.wait(seconds):
            raise Late
        if self.error is not None:
            try:
                raise self.error
            finally:
                self.error = None
        result: R = self.result  # type: ignore[assignment] # there is no error, so there is one
        return result

    def stop(self) -> bool:
        """Ask the thread to stop, and wait a little; whether it has stopped.

        Python code is interrupted before its next step; a call into C that waits is not.
        """
        if self.thread.ident is not None and not self.done.is_set():
            ctypes.pythonapi.PyThreadState_SetAsyncExc(
                ctypes.c_ulong(self.thread.ident), ctypes.py_object(Stop)
            )
        self.thread.join(GRACE)
        return not self.thread.is_alive()


def where(thread: Thread) -> str:
    """The line that a thread runs now, of the code that it was started for."""
    frame = sys._current_frames().get(thread.ident or 0)  # pyright: ignore[reportPrivateUsage]
    while frame is not None and frame.f_builtins.get(MARK) is None:
        frame = frame.f_back
    return "it has ended" if frame is None else place(frame.f_code, frame.f_lineno)

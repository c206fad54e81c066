"""Threads and executors carry on for whoever starts them, while there is a host.

``Thread.start`` and ``ThreadPoolExecutor.submit`` are wrapped, whatever they are at the time, and
put back with the last namespace. Should somebody else have wrapped them since, ours stays below
and passes everything on.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial, wraps
from threading import Thread, local
from types import FrameType
from typing import Any, Final
from weakref import ref

from hotplug.host.generations.stack import CURRENT, caller, generation_of, running_generation

__all__ = ["carriers", "patch", "unpatch"]

Function = Callable[..., Any]
Carrier = Callable[[Function, FrameType], Function]

POOLS: Final = "concurrent.futures."
"""Their threads serve whoever submits; each submission carries its own."""
HOST: Final = "hotplug."
"""So do those of the host, whichever plugin it is that makes it start one."""


def carry_generation(fn: Function, frame: FrameType) -> Function:
    """Have a function run as code of the plugin that hands it over."""
    generation = running_generation(frame)
    return fn if generation is None else partial(run_as, generation, fn)


def run_as(generation: Any, fn: Function, /, *args: Any, **kwargs: Any) -> Any:
    carried = CURRENT.set(ref(generation))
    try:
        return generation.call(fn, *args, **kwargs)
    finally:
        CURRENT.reset(carried)


carriers: Final[list[Carrier]] = [carry_generation]
"""Each is asked for what is to run instead of a function that another thread will run."""


class Submissions(local):
    """Whether this thread is handing work to a pool, which may start a worker for it."""

    depth = 0


submissions: Final = Submissions()
undo: Final[list[Callable[[], None]]] = []


def carried(fn: Function, frame: FrameType) -> Function:
    if undo:
        for carrier in carriers:
            fn = carrier(fn, frame)
    return fn


def patch() -> None:
    put(Thread, "start", starting(Thread.start))
    put(ThreadPoolExecutor, "submit", submitting(ThreadPoolExecutor.submit))


def unpatch() -> None:
    while undo:
        undo.pop()()


def put(cls: type, name: str, ours: Function) -> None:
    original = getattr(cls, name)

    def back() -> None:
        if getattr(cls, name) is ours:
            setattr(cls, name, original)

    setattr(cls, name, ours)
    undo.append(back)


def starting(original: Function) -> Function:
    @wraps(original)
    def start(self: Thread) -> Any:
        run, frame = self.run, caller(1)
        carrying = run if serves_all(self, frame) else carried(run, frame)
        if carrying == run:
            return original(self)
        own = self.__dict__.get("run")

        def put_back() -> None:
            if own is None:
                self.__dict__.pop("run", None)
            else:
                self.__dict__["run"] = own

        def run_once() -> None:
            put_back()
            carrying()

        self.__dict__["run"] = run_once
        try:
            return original(self)
        except BaseException:
            put_back()
            raise

    return start


def serves_all(thread: Thread, frame: FrameType) -> bool:
    """Whether a thread works for whoever has work for it, and not for who starts it."""
    if submissions.depth or type(thread).__module__.startswith(POOLS):
        return True
    is_the_hosts = str(frame.f_globals.get("__name__")).startswith(HOST)
    return is_the_hosts and generation_of(frame) is None


def submitting(original: Function) -> Function:
    @wraps(original)
    def submit(self: ThreadPoolExecutor, fn: Function, /, *args: Any, **kwargs: Any) -> Any:
        fn = carried(fn, caller(1))
        submissions.depth += 1
        try:
            return original(self, fn, *args, **kwargs)
        finally:
            submissions.depth -= 1

    return submit

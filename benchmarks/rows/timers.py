"""Timers of plugins, which share a thread, beside timers of the standard library, which do not."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from time import perf_counter
from typing import Final

from benchmarks.peers import HOTPLUG, Framework
from benchmarks.table import Row, Ways
from benchmarks.timing import Sample, sampler
from hotplug.host.owner import Owner
from hotplug.host.timers import set_interval, set_timeout

__all__ = ["rows"]

THREADING: Final = "threading.Timer"
MANY: Final = 1000
LATER: Final = 3600.0


def rows() -> list[Row]:
    return [
        Row("timer", "set a timer and cancel it", one),
        Row("timers-1000", "1,000 intervals set, then cancelled: 1 thread", many, rounds=10),
        Row("timers-due", "1,000 timers set for now, until all are called", due, rounds=10),
    ]


def enabled() -> Owner:
    owner = Owner("shop")
    owner.scope.open()
    return owner


def one(_: Sequence[Framework]) -> Ways:
    names = {"call": enabled().call, "set_timeout": set_timeout, "f": print, "later": LATER}
    by_hand = {"Timer": threading.Timer, "f": print, "later": LATER}
    return {
        HOTPLUG.name: sampler("call(set_timeout, f, later).cancel()", names),
        THREADING: sampler("t = Timer(later, f); t.start(); t.cancel()", by_hand, warm=100),
    }


def many(_: Sequence[Framework]) -> Ways:
    owner = enabled()

    def ours() -> None:
        timers = [owner.call(set_interval, print, LATER) for _ in range(MANY)]
        for timer in timers:
            timer.cancel()

    def theirs() -> None:
        timers = [threading.Timer(LATER, print) for _ in range(MANY)]
        for timer in timers:
            timer.start()
        for timer in timers:
            timer.cancel()
        for timer in timers:
            timer.join()

    return {HOTPLUG.name: timed(ours), THREADING: timed(theirs)}


def due(_: Sequence[Framework]) -> Ways:
    owner = enabled()

    def until_all_are_called(set_timer: Callable[[Callable[[], None]], object]) -> None:
        left, done = [*range(MANY)], threading.Event()

        def call() -> None:
            left.pop()
            if not left:
                done.set()

        for _ in range(MANY):
            set_timer(call)
        done.wait()

    def by_thread(call: Callable[[], None]) -> None:
        threading.Timer(0, call).start()

    return {
        HOTPLUG.name: timed(lambda: until_all_are_called(lambda f: owner.call(set_timeout, f, 0))),
        THREADING: timed(lambda: until_all_are_called(by_thread)),
    }


def timed(action: Callable[[], None]) -> Sample:
    def sample() -> float:
        started = perf_counter()
        action()
        return perf_counter() - started

    return sample

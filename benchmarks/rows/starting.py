"""The first call of a hook after a change, and the start of whole programs."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from time import perf_counter
from typing import Any, Final

from benchmarks.crowd import Crowd, measured
from benchmarks.peers import Framework
from benchmarks.rows.greeting import HEAD, greeters
from benchmarks.table import Row, Ways, at_most
from benchmarks.timing import Sample

__all__ = ["first_call", "rows", "start"]

CHANGES: Final = 30
CALLS: Final = 5


def rows() -> list[Row]:
    goals = {"pluggy": at_most(1)}
    return [
        *(
            Row(
                f"first-call-{count}",
                f"first call after a change, {count} implementation{'' if count == 1 else 's'}",
                partial(first_call, count=count, with_change=False),
                goals,
            )
            for count in (0, 1, 3, 10, 30)
        ),
        *(
            Row(
                f"change-and-call-{count}",
                f"change a plugin and call, {count} implementation{'' if count == 1 else 's'}",
                partial(first_call, count=count, with_change=True),
                goals,
            )
            for count in (1, 10, 30)
        ),
        *(
            Row(
                f"start-{hooks}x{plugins}",
                f"start: {hooks:,} hooks x {plugins} plugins, {CALLS} calls of each hook",
                partial(start, hooks=hooks, plugins=plugins),
                goals,
                rounds=rounds,
            )
            for hooks, plugins, rounds in ((60, 30, 15), (1000, 100, 3))
        ),
    ]


def first_call(frameworks: Sequence[Framework], count: int, with_change: bool) -> Ways:
    """One plugin leaves and comes back, then the hook is called, with so many implementations."""
    plugins = greeters(frameworks, max(count, 1))

    def timed(each: Framework) -> Sample:
        manager = each.manager(each.specs(HEAD), plugins)
        hook, changing = manager.hook.greet, plugins[0]
        if not count:
            manager.unregister(changing)
        steps = [manager.unregister, lambda it: manager.register(it, name="changing")]
        first, second = steps if count else reversed(steps)

        def sample() -> float:
            seconds = 0.0
            for _ in range(CHANGES):
                before = perf_counter()
                first(changing)
                second(changing)
                between = perf_counter()
                hook(name="Ada", loud=True)
                seconds += perf_counter() - (before if with_change else between)
            return seconds / CHANGES

        sample()
        return sample

    return {each.name: timed(each) for each in frameworks}


def start(frameworks: Sequence[Framework], hooks: int, plugins: int, calls: int = CALLS) -> Ways:
    """In a new process each time, from the declarations to the last call; imports not counted."""

    def timed(each: Framework) -> Sample:
        crowd: Any = Crowd(each.name, hooks, plugins, (calls,))
        return lambda: measured(crowd)[str(calls)]

    return {each.name: timed(each) for each in frameworks}

"""Async calls that collect, many of them in one run of an event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from functools import partial
from time import perf_counter
from typing import Any

from benchmarks.peers import Framework, names_for
from benchmarks.plugins import namespace, plugin
from benchmarks.rows.greeting import HEAD, bound, by_hand
from benchmarks.table import BY_HAND, Row, Ways, at_most
from benchmarks.timing import BEST_OF, SECONDS, Sample

__all__ = ["rows"]


def rows() -> list[Row]:
    return [
        Row(
            f"async-{count}",
            f"async collecting call, {count} implementation{'s' if count > 1 else ''}",
            partial(awaiting, count=count),
            {BY_HAND: at_most(0.9)},
        )
        for count in (1, 3, 10)
    ]


AWAITED = """
async def call(name, loud):
    results = []
    for greet in greeters:
        result = await greet(name, loud)
        if result is not None:
            results.append(result)
    return results
"""

REPEATED = """
async def repeat(number):
    started = perf_counter()
    for _ in range(number):
        await call(name='Ada', loud=True)
    return perf_counter() - started
"""


def awaiting(frameworks: Sequence[Framework], count: int) -> Ways:
    able = [each for each in frameworks if each.kind != "pluggy"]
    names = names_for(able)
    source = "@implementation\nasync def greet(self, name, loud): return {}"
    plugins = [plugin([source.format(at)], names) for at in range(count)]
    calls: dict[str, Any] = {BY_HAND: by_hand(AWAITED, greeters=bound(plugins))}
    for each in able:
        calls[each.name] = each.manager(each.specs(HEAD), plugins, awaits=True).hook.greet
    return {name: in_a_loop(call) for name, call in calls.items()}


def in_a_loop(call: Callable[..., Any]) -> Sample:
    scope = namespace(REPEATED, {"call": call, "perf_counter": perf_counter})
    repeat: Callable[[int], Coroutine[Any, Any, float]] = scope["repeat"]
    warm = 1000
    asyncio.run(repeat(warm))
    number = max(1, round(SECONDS * warm / asyncio.run(repeat(warm))))

    async def best() -> float:
        return min([await repeat(number) for _ in range(BEST_OF)])

    def sample() -> float:
        return asyncio.run(best()) / number

    return sample

"""Calls that collect the results of all implementations."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from benchmarks.peers import Framework
from benchmarks.rows.greeting import LOOP, bound, by_hand, greeters, hooks, timed
from benchmarks.table import BY_HAND, Row, Ways, at_most, faster
from benchmarks.timing import sampler

__all__ = ["rows"]


def rows() -> list[Row]:
    few = {BY_HAND: at_most(0.75), "pluggy": faster(10)}
    many = {BY_HAND: at_most(0.95), "pluggy": faster(8)}
    return [
        *(
            Row(
                f"collecting-{count}",
                f"collecting call, {count} implementation{'s' if count > 1 else ''}",
                partial(collecting, count=count),
                few if count <= 10 else many,
            )
            for count in (1, 2, 3, 5, 10, 100)
        ),
        Row(
            "extra",
            "call_extra, 3 implementations and 1 extra",
            extra,
            {BY_HAND: at_most(2), "pluggy": faster(4)},
        ),
    ]


def collecting(frameworks: Sequence[Framework], count: int) -> Ways:
    plugins = greeters(frameworks, count)
    written = by_hand(LOOP, greeters=bound(plugins))
    return timed(written, hooks(frameworks, plugins))


EXTRA_LOOP = """
def call(functions, kwargs):
    results = []
    for greet in (*greeters, *functions):
        result = greet(**kwargs)
        if result is not None:
            results.append(result)
    return results
"""


def extra(frameworks: Sequence[Framework]) -> Ways:
    plugins = greeters(frameworks, 3)
    calls = {BY_HAND: by_hand(EXTRA_LOOP, greeters=bound(plugins))}
    calls |= {name: hook.call_extra for name, hook in hooks(frameworks, plugins).items()}

    def one_more(name: str, loud: bool) -> str:
        return name

    statement = "call([extra], {'name': 'Ada', 'loud': True})"
    return {
        name: sampler(statement, {"call": call, "extra": one_more}) for name, call in calls.items()
    }

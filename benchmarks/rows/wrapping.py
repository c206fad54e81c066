"""Calls with wrappers: generators that yield once, and functions that take ``call_next``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from benchmarks.peers import HOTPLUG, Framework, names_for
from benchmarks.plugins import plugin
from benchmarks.rows.greeting import LOOP, bound, by_hand, greeters, hooks, timed
from benchmarks.table import BY_HAND, Row, Ways, at_most, faster

__all__ = ["rows"]


def rows() -> list[Row]:
    generators = {BY_HAND: at_most(0.7), "pluggy": faster(4)}
    around = {BY_HAND: at_most(1.05), "pluggy": faster(10)}
    return [
        Row(f"{name}-{count}", f"{what}, {count} + {count}", partial(ways, count=count), goals)
        for name, what, ways, goals in (
            ("wrappers", "generator wrappers and implementations", with_generators, generators),
            ("around", "around wrappers and implementations", with_around, around),
        )
        for count in (1, 5)
    ]


DRIVEN = """
def call(name, loud):
    started = []
    error = result = None
    try:
        for wrap in wrappers:
            generator = wrap(name, loud)
            for _ in generator:
                break
            else:
                raise RuntimeError(f"{generator} did not yield")
            started.append(generator)
        result = []
        for greet in greeters:
            value = greet(name, loud)
            if value is not None:
                result.append(value)
    except BaseException as raised:
        error = raised
    for generator in reversed(started):
        try:
            if error is None:
                generator.send(result)
            else:
                generator.throw(error)
        except StopIteration as stop:
            error = None
            if stop.value is not None:
                result = stop.value
        except BaseException as raised:
            error = raised
        else:
            generator.close()
            error = RuntimeError(f"{generator} yielded twice")
    if error is not None:
        raise error
    return result
"""

GENERATOR = """
@wrapper
def greet(self, name, loud):
    result = yield
    return result
"""

AROUND = """
@around
def greet(self, call_next, name, loud):
    return call_next(name, loud)
"""


def with_generators(frameworks: Sequence[Framework], count: int) -> Ways:
    wrappers = greeters(frameworks, count, GENERATOR)
    plugins = greeters(frameworks, count)
    written = by_hand(DRIVEN, wrappers=bound(wrappers), greeters=bound(plugins))
    return timed(written, hooks(frameworks, [*wrappers, *plugins]))


def with_around(frameworks: Sequence[Framework], count: int) -> Ways:
    """The peers have no such wrappers; theirs are generators, which do the same."""
    peers = [each for each in frameworks if each is not HOTPLUG]
    names = {**names_for(frameworks), "around": HOTPLUG.implementation(around=True)}
    arounds = [plugin([AROUND], names) for _ in range(count)]
    generators = greeters(peers, count, GENERATOR)
    plugins = greeters(frameworks, count)
    called = hooks([HOTPLUG], [*arounds, *plugins])
    called |= hooks(peers, [*generators, *plugins])
    return timed(nested(arounds, by_hand(LOOP, greeters=bound(plugins))), called)


def nested(arounds: Sequence[Any], innermost: Callable[..., Any]) -> Callable[..., Any]:
    """The functions around each other as one nests them by hand, once, before any call."""
    call_next = innermost
    for each in reversed(arounds):
        call_next = partial(each.greet, call_next)
    return call_next

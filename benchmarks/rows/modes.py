"""Calls that do not collect: the first result, a pipeline, and calls that are remembered."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from threading import RLock
from typing import Any

from benchmarks.peers import Framework, names_for
from benchmarks.plugins import plugin
from benchmarks.rows.greeting import HEAD, bound, by_hand, greeters, hooks, timed
from benchmarks.table import BY_HAND, Row, Ways, at_most
from benchmarks.timing import sampler

__all__ = ["rows"]


def rows() -> list[Row]:
    goals = {BY_HAND: at_most(0.9)}
    return [
        Row("first-1", "first result, the 1st of 5 answers", partial(first_of, at=0), goals),
        Row("first-3", "first result, the 3rd of 5 answers", partial(first_of, at=2), goals),
        Row("pipeline", "pipeline, 5 implementations", pipeline, goals),
        Row("historic-1", "historic call, 1 implementation", partial(historic, count=1), goals),
        Row("historic-3", "historic call, 3 implementations", partial(historic, count=3), goals),
        Row("historic-5", "historic call, 5 implementations", partial(historic, count=5), goals),
    ]


FIRST = """
def call(name, loud):
    for greet in greeters:
        result = greet(name, loud)
        if result is not None:
            return result
    return None
"""

FOLD = """
def call(name, loud):
    for greet in greeters:
        result = greet(name, loud)
        if result is not None:
            name = result
    return name
"""

REMEMBERED = """
def call(kwargs, result_callback):
    history.append((kwargs, result_callback))
    for greet in greeters:
        result = greet(**kwargs)
        if result is not None:
            result_callback(result)
"""

LOCKED = """
def call(kwargs, result_callback):
    with lock:
        history.append((dict(kwargs), result_callback))
        now = greeters
    for greet in now:
        result = greet(**kwargs)
        if result is not None:
            result_callback(result)
"""
"""The same where plugins may come on another thread at any time, as with all the others."""


def first_of(frameworks: Sequence[Framework], at: int) -> Ways:
    names = names_for(frameworks)
    source = "@implementation\ndef greet(self, name, loud): return {}"
    plugins = [plugin([source.format("name" if here == at else None)], names) for here in range(5)]
    written = by_hand(FIRST, greeters=bound(plugins))
    return timed(written, hooks(frameworks, plugins, firstresult=True))


def pipeline(frameworks: Sequence[Framework]) -> Ways:
    able = [each for each in frameworks if each.kind != "pluggy"]
    plugins = greeters(able, 5, "@implementation\ndef greet(self, name, loud): return name")
    written = by_hand(FOLD, greeters=bound(plugins))
    return timed(written, hooks(able, plugins, pipeline=True))


def historic(frameworks: Sequence[Framework], count: int) -> Ways:
    plugins = greeters(frameworks, count)
    history: list[Any] = []

    def callback(result: object) -> None:
        pass

    names = {"greeters": bound(plugins), "history": history, "lock": RLock()}
    calls: dict[str, tuple[Any, Any]] = {
        BY_HAND: (by_hand(REMEMBERED, **names), history.clear),
        f"{BY_HAND}, thread-safe": (by_hand(LOCKED, **names), history.clear),
    }
    for each in frameworks:
        hook = each.manager(each.specs(HEAD, historic=True), plugins).hook.greet
        calls[each.name] = hook.call_historic, partial(each.forget, hook)
    statement = "call(kwargs={'name': 'Ada', 'loud': True}, result_callback=callback)"
    return {
        name: sampler(statement, {"call": call, "callback": callback, "clear": clear}, "clear()")
        for name, (call, clear) in calls.items()
    }

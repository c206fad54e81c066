"""What it costs to watch hook calls, and that it costs nothing when nobody does."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from benchmarks.peers import HOTPLUG, Framework
from benchmarks.rows.greeting import CALL, HEAD, greeters
from benchmarks.table import Row, Ways, more
from benchmarks.timing import sampler

__all__ = ["after", "before", "rows"]

UNWATCHED = "hotplug, unwatched"


def rows() -> list[Row]:
    goals = {UNWATCHED: more(0.6)}
    return [
        *(
            Row(
                f"timing-{count}",
                f"a call that is timed, {count} implementation{'s' if count > 1 else ''}",
                partial(timing, count=count),
                goals,
            )
            for count in (1, 3)
        ),
        Row("timing-stopped", "a call after timing has stopped", stopped, {UNWATCHED: more(0.02)}),
        Row("monitoring", "a call with before and after functions", monitoring, goals),
    ]


def timing(_: Sequence[Framework], count: int) -> Ways:
    plugins = greeters([HOTPLUG], count)
    timed, plain = (HOTPLUG.manager(HOTPLUG.specs(HEAD), plugins) for _ in range(2))
    timed.enable_timing()
    return {
        HOTPLUG.name: sampler(CALL, {"call": timed.hook.greet}),
        UNWATCHED: sampler(CALL, {"call": plain.hook.greet}),
    }


def stopped(_: Sequence[Framework]) -> Ways:
    plugins = greeters([HOTPLUG], 3)
    timed, plain = (HOTPLUG.manager(HOTPLUG.specs(HEAD), plugins) for _ in range(2))
    with timed.enable_timing():
        timed.hook.greet(name="Ada", loud=True)
    return {
        HOTPLUG.name: sampler(CALL, {"call": timed.hook.greet}),
        UNWATCHED: sampler(CALL, {"call": plain.hook.greet}),
    }


def monitoring(frameworks: Sequence[Framework]) -> Ways:
    able = [each for each in frameworks if each.kind != "pluginkit"]
    plugins = greeters(able, 3)
    ways = {}
    for each in able:
        manager = each.manager(each.specs(HEAD), plugins)
        manager.add_hookcall_monitoring(before, after)
        ways[each.name] = sampler(CALL, {"call": manager.hook.greet})
    plain = HOTPLUG.manager(HOTPLUG.specs(HEAD), plugins)
    ways[UNWATCHED] = sampler(CALL, {"call": plain.hook.greet})
    return ways


def before(hook: str, implementations: object, kwargs: object) -> None:
    pass


def after(outcome: object, hook: str, implementations: object, kwargs: object) -> None:
    pass

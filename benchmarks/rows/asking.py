"""What a host of a thousand plugins is asked: why one does not run, what stopping one would do."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from random import Random
from types import ModuleType
from typing import Any, Final

from benchmarks.peers import HOTPLUG, Framework
from benchmarks.table import BY_HAND, Row, Ways
from benchmarks.timing import sampler
from hotplug import Plugin, PluginHost, PluginMetadata

__all__ = ["rows"]

MANY: Final = 1000
REQUIRED: Final = 3
MOST_BEFORE: Final = 40
LAST: Final = f"p{MANY - 1}"


def rows() -> list[Row]:
    return [
        Row("why", f"why one of {MANY:,} does not run, which needs all of them", why),
        Row("would", f"what disabling one would do, which {MANY - 1} require", would),
    ]


def some_plugins(first: Sequence[str] = ()) -> dict[str, list[str]]:
    """What each requires: some of those before it, and the last of them all."""
    random = Random(7)
    found: dict[str, list[str]] = {}
    for at in range(MANY):
        before = [*range(max(0, at - MOST_BEFORE), at)]
        required = {at - 1, *random.sample(before, min(REQUIRED - 1, at))} if at else set()
        found[f"p{at}"] = [f"p{each}" for each in sorted(required)] or [*first]
    return found


class Reader:
    """Reads manifests that are nowhere written."""

    def __init__(self, requires: dict[str, list[str]]) -> None:
        self.requires = requires

    def load(self, location: Path) -> PluginMetadata:
        return PluginMetadata({"name": location.name, "requires": self.requires[location.name]})


class Runner:
    def load(self, plugin: Plugin) -> ModuleType:
        return ModuleType(plugin.name)


def host_with(requires: dict[str, list[str]]) -> PluginHost[Any]:
    host: PluginHost[Any] = PluginHost(metadata_loader=Reader(requires), plugin_loader=Runner())
    for name in requires:
        host.load_plugin(Path(name))
    return host


def why(_: Sequence[Framework]) -> Ways:
    requires = some_plugins(["absent"])
    host = host_with(requires)
    states = {plugin.name: plugin.state.value for plugin in host}
    ours = sampler("host.why(last)", {"host": host, "last": LAST}, warm=20)
    names = {"walked": walked, "requires": requires, "states": states, "last": LAST}
    return {HOTPLUG.name: ours, BY_HAND: sampler("walked(requires, states, last)", names, warm=20)}


def walked(
    requires: dict[str, list[str]], states: dict[str, str], name: str
) -> list[tuple[str, str, list[str]]]:
    """What a program that did it itself would find: what is missing, circles, the ways there."""
    behind = {name: ""}
    found: list[tuple[str, str, str]] = []
    ahead = [name]
    for each in ahead:
        for other in requires[each]:
            if other not in states:
                found.append((each, f"{other} is missing", each))
            elif states[other] != "enabled" and other not in behind:
                behind[other] = each
                ahead.append(other)
    done: set[str] = set()
    path = {name: iter(requires[name])}
    while path:
        each, rest = next(reversed(path.items()))
        for other in rest:
            if other in path:
                found.append((other, f"{other} is in a circle", each))
            elif other not in done and other in states:
                path[other] = iter(requires[other])
                break
        else:
            del path[each]
            done.add(each)
    return [(each, problem, way_to(end, behind)) for each, problem, end in found]


def way_to(name: str, behind: dict[str, str]) -> list[str]:
    way = [name]
    while behind[way[-1]]:
        way.append(behind[way[-1]])
    return way[::-1]


def would(_: Sequence[Framework]) -> Ways:
    requires = some_plugins()
    host = host_with(requires)
    host.get_plugin(LAST).enable()
    ours = sampler("host.would('disable', 'p0')", {"host": host}, warm=20)
    names = {"stopped": stopped, "requires": requires}
    return {HOTPLUG.name: ours, BY_HAND: sampler("stopped(requires, 'p0')", names, warm=20)}


def stopped(requires: dict[str, list[str]], name: str) -> list[str]:
    """Who depends on one, each before what it requires itself."""
    requirers: dict[str, list[str]] = {each: [] for each in requires}
    for each, others in requires.items():
        for other in others:
            requirers[other].append(each)
    order: dict[str, None] = {}
    path = {name: iter(requirers[name])}
    while path:
        each, rest = next(reversed(path.items()))
        for other in rest:
            if other not in order:
                path[other] = iter(requirers[other])
                break
        else:
            del path[each]
            order[each] = None
    return [*order]

"""Which of a thousand plugins can start, in which order: with versions that have to fit."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from random import Random
from time import perf_counter
from typing import Any, Final, NamedTuple

from packaging.specifiers import SpecifierSet
from packaging.version import Version

from benchmarks.peers import HOTPLUG, Framework
from benchmarks.table import BY_HAND, Row, Ways, at_most
from benchmarks.timing import Sample
from hotplug import Plugin, PluginHost, PluginMetadata
from hotplug.host import keeping
from hotplug.manifest import versions

__all__ = ["rows"]

MANY: Final = 1000
REQUIRED: Final = 3
MOST_BEFORE: Final = 40
UNCACHED: Final = "by hand, each constraint read anew"


class Plain(NamedTuple):
    """What a program that did it itself would know of a plugin."""

    name: str
    version: str
    requires: tuple[tuple[str, str], ...]


def rows() -> list[Row]:
    return [
        Row(
            "resolve",
            f"order and check {MANY:,} plugins, {REQUIRED} constraints each",
            fresh,
            {UNCACHED: at_most(1)},
        ),
        Row("resolve-again", f"the same {MANY:,} plugins once more", again),
    ]


def some_plugins() -> list[Plain]:
    random = Random(7)
    found: list[Plain] = []
    for at in range(MANY):
        before = [*range(max(0, at - MOST_BEFORE), at)]
        required = random.sample(before, min(REQUIRED, at))
        needs = tuple((f"p{each}", f">={each % 7}.1,<{each % 7 + 1}") for each in required)
        found.append(Plain(f"p{at}", f"{at % 7}.{random.randint(1, 9)}", needs))
    random.shuffle(found)
    return found


def host_with(plugins: Sequence[Plain]) -> PluginHost[Any]:
    host: PluginHost[Any] = PluginHost()
    for each in plugins:
        values = {"name": each.name, "version": each.version, "requires": dict(each.requires)}
        host.plugins.add(Plugin(host, PluginMetadata(values), Path(each.name)))
    return host


def ours(host: PluginHost[Any]) -> object:
    order, _ = host.plugins.whole_order()
    # Nothing runs yet, so each is asked for what keeps it: a sentence for each requirement.
    return order, [host.plugins.obstacles(plugin) for plugin in order]


def by_hand(
    plugins: Sequence[Plain],
    constraint_of: Callable[[str], SpecifierSet],
    version_of: Callable[[str], Version],
) -> object:
    known = {each.name: each for each in plugins}
    order: dict[str, Plain] = {}
    begun: set[str] = set()

    def visit(plugin: Plain) -> None:
        begun.add(plugin.name)
        for name, _ in plugin.requires:
            if name in order:
                continue
            if name in begun:
                raise ValueError(f"{name} is required in a circle")
            visit(known[name])
        order[plugin.name] = plugin

    for plugin in plugins:
        if plugin.name not in order:
            visit(plugin)
    problems: list[list[str]] = []
    for plugin in order.values():
        found: list[str] = []
        for name, constraint in plugin.requires:
            other = known.get(name)
            if other is None:
                found.append(f"{name} is missing")
            elif not constraint_of(constraint).contains(version_of(other.version)):
                found.append(f"{name} {other.version} is not {constraint}")
            else:
                found.append(f"{name} does not run yet")
        problems.append(found)
    return [*order], problems


def fresh(_: Sequence[Framework]) -> Ways:
    plugins = some_plugins()
    host = host_with(plugins)

    def forget_ours() -> None:
        for each in (keeping.is_right, versions.specifiers, versions.translated, versions.order):
            each.cache_clear()

    def hand() -> object:
        return by_hand(plugins, cache(SpecifierSet), cache(Version))

    return {
        HOTPLUG.name: timed(lambda: ours(host), forget_ours),
        BY_HAND: timed(hand),
        UNCACHED: timed(lambda: by_hand(plugins, SpecifierSet, Version)),
    }


def again(_: Sequence[Framework]) -> Ways:
    plugins = some_plugins()
    host = host_with(plugins)
    constraint_of, version_of = cache(SpecifierSet), cache(Version)
    return {
        HOTPLUG.name: timed(lambda: ours(host)),
        BY_HAND: timed(lambda: by_hand(plugins, constraint_of, version_of)),
    }


def timed(action: Callable[[], object], prepare: Callable[[], object] = int) -> Sample:
    def sample() -> float:
        prepare()
        started = perf_counter()
        action()
        return perf_counter() - started

    sample()
    return sample

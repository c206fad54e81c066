"""The order to start in, on graphs of any form: what is needed always comes first."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hotplug.host.host import PluginHost
from hotplug.host.ordering import CircleError, Ordering
from hotplug.host.plugin import Plugin
from hotplug.manifest import PluginMetadata

Graph = dict[int, list[int]]


def graph(random: Random, size: int, edges: int, *, circles: bool) -> Graph:
    """Random edges; without circles each leads to one that a hidden order has before."""
    hidden = random.sample(range(size), size)
    found: Graph = {member: [] for member in range(size)}
    for _ in range(edges if size > 1 else 0):
        one, other = random.sample(range(size), 2)
        if not circles and hidden[one] < hidden[other]:
            one, other = other, one
        if other not in found[one]:
            found[one].append(other)
    return found


def reached(graph: Graph, first: int) -> set[int]:
    """All that can be reached from one, itself too where it is in a circle."""
    found: set[int] = set()
    ahead = [*graph[first]]
    while ahead:
        member = ahead.pop()
        if member not in found:
            found.add(member)
            ahead += graph[member]
    return found


def ordering_of(needs: Graph, wishes: Graph) -> Ordering[int]:
    return Ordering(
        lambda member: [
            *((other, False) for other in needs[member]),
            *((other, True) for other in wishes[member]),
        ]
    )


SEEDS = st.integers(0, 2**32)
SIZES = st.sampled_from([1, 2, 3, 10, 100, 1000])


@given(SEEDS, SIZES, st.floats(0, 3), st.floats(0, 3))
@settings(max_examples=60)
def test_r2_all_that_is_needed_comes_first_whatever_is_wished(
    seed: int, size: int, needs_each: float, wishes_each: float
) -> None:
    random = Random(seed)
    needs = graph(random, size, int(size * needs_each), circles=False)
    wishes = graph(random, size, int(size * wishes_each), circles=True)
    ordering = ordering_of(needs, wishes)

    for member in random.sample(range(size), size):
        ordering.put(member)

    place = {member: at for at, member in enumerate(ordering.order)}
    assert len(place) == size
    assert all(place[other] < place[member] for member in needs for other in needs[member])
    kept = [(one, other) for one in wishes for other in wishes[one]]
    kept = [edge for edge in kept if edge not in ordering.dropped]
    assert all(place[other] < place[member] for member, other in kept)
    for (member, other), circle in ordering.dropped.items():
        edges = [*pairwise([*circle, circle[0]])]
        assert (member, other) in edges
        assert all(after in needs[one] or after in wishes[one] for one, after in edges)


@given(SEEDS, st.sampled_from([1, 2, 4, 30, 200]), st.floats(0, 1.5), st.floats(0, 1.5))
@settings(max_examples=60)
def test_r2_only_who_needs_a_circle_is_refused(
    seed: int, size: int, needs_each: float, wishes_each: float
) -> None:
    random = Random(seed)
    needs = graph(random, size, int(size * needs_each), circles=True)
    wishes = graph(random, size, int(size * wishes_each), circles=True)
    ordering = ordering_of(needs, wishes)
    in_circles = {member for member in needs if member in reached(needs, member)}

    for member in random.sample(range(size), size):
        if member in in_circles or reached(needs, member) & in_circles:
            with pytest.raises(CircleError) as caught:
                ordering.put(member)
            circle: list[Any] = caught.value.members
            assert all(after in needs[one] for one, after in pairwise([*circle, circle[0]]))
        else:
            ordering.put(member)

    assert in_circles.isdisjoint(ordering.order)


def plugins_of(host: PluginHost[Any], needs: Graph, wishes: Graph) -> list[Plugin]:
    made: list[Plugin] = []
    for member in needs:
        values = {
            "name": f"p{member}",
            "version": "1.4",
            "requires": [f"p{other} >=1,<2" for other in needs[member]],
            "after": [f"p{other}" for other in wishes[member] if other not in needs[member]],
        }
        plugin = Plugin(host, PluginMetadata(values), Path(f"p{member}"))
        host.plugins.add(plugin)
        made.append(plugin)
    return made


@given(SEEDS, SIZES)
@settings(max_examples=10)
def test_r2_plugins_start_after_all_that_they_require(seed: int, size: int) -> None:
    random = Random(seed)
    needs = graph(random, size, size * 2, circles=False)
    wishes = graph(random, size, size // 2, circles=True)
    host: PluginHost[Any] = PluginHost()
    plugins = plugins_of(host, needs, wishes)

    order, circular = host.plugins.whole_order()

    place = {plugin.name: at for at, plugin in enumerate(order)}
    assert (len(place), circular) == (size, [])
    for plugin in plugins:
        assert all(place[name] < place[plugin.name] for name in plugin.requires)
    one = random.randrange(size)
    alone = host.plugins.start_order([plugins[one]])
    assert {*alone} == {plugins[at] for at in (one, *reached(needs, one))}
    host.close()


@given(SEEDS, st.sampled_from([2, 3, 10, 100]))
@settings(max_examples=20)
def test_r2_obstacles_tell_each_circle_as_a_path_of_requirements(seed: int, size: int) -> None:
    needs = graph(Random(seed), size, size, circles=True)
    in_circles = {member for member in needs if member in reached(needs, member)}
    host: PluginHost[Any] = PluginHost()

    for member, plugin in enumerate(plugins_of(host, needs, {each: [] for each in needs})):
        found = [each for each in host.plugins.obstacles(plugin) if each.kind == "circle"]
        assert bool(found) == (not in_circles.isdisjoint({member, *reached(needs, member)}))

    host.close()

"""Whatever keeps a plugin from running: what `why` proposes, all of it at once, lets it run."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hotplug.host.lifecycle import PluginState

from .worlds import World, manifests


@settings(max_examples=150)
@given(manifests(), st.data())
def test_what_is_proposed_lets_the_plugin_run(
    manifests: dict[str, dict[str, Any]], data: st.DataObject
) -> None:
    names = [*manifests]
    world = World(manifests, data.draw(st.sets(st.sampled_from(names), max_size=2)))
    with world.host:
        for name in data.draw(st.permutations(names)):
            world.load(name)
        for name in data.draw(st.lists(st.sampled_from(names), max_size=3)):
            world.do_enable(name)
        for name in data.draw(st.lists(st.sampled_from(names), max_size=2)):
            world.do_disable(name)

        assert_is_mended(world, data.draw(st.sampled_from(names)))


def test_what_is_both_to_be_updated_and_edited_is_mended() -> None:
    manifests: dict[str, dict[str, Any]] = {
        "p0": {"version": "2.0", "requires": ["x", "p2 <2"]},
        "p1": {"version": "1.0", "requires": ["p0", "p2 >=2"]},
        "p2": {"version": "2.0", "requires": ["p0 <2"], "host": ">=2"},
    }
    world = World(manifests, set())
    with world.host:
        for name in manifests:
            world.load(name)

        assert_is_mended(world, "p1")


def test_a_circle_in_which_one_asks_for_another_version_as_well_is_mended() -> None:
    manifests: dict[str, dict[str, Any]] = {
        "p0": {"version": "1.0", "requires": ["p4"]},
        "p1": {"version": "1.0", "requires": ["p0"]},
        "p4": {"version": "1.0", "requires": ["p1", "p0 >=2"]},
    }
    world = World(manifests, set())
    with world.host:
        for name in manifests:
            world.load(name)

        assert_is_mended(world, "p0")


@pytest.mark.parametrize("seed", range(3))
def test_it_does_so_among_a_thousand(seed: int) -> None:
    random = Random(seed)
    names = [f"p{at}" for at in range(1000)]
    manifests: dict[str, dict[str, Any]] = {}
    for at, name in enumerate(names):
        near = [f"p{other}" for other in range(max(0, at - 40), at)] or ["x"]
        requires = {random.choice(near) for _ in range(random.choice([0, 1, 1, 2, 3]))}
        if random.random() < 0.005:
            requires.add(random.choice(["x", "y", f"p{min(at + 5, 999)}"]))
        asked = [each + random.choice(["", "", "", " >=1"]) for each in sorted(requires - {name})]
        manifests[name] = {"version": random.choice(["1.0", "1.5", "0.9"][: 2 + (at % 50 == 0)])}
        manifests[name]["requires"] = asked
        if random.random() < 0.01:
            manifests[name]["conflicts"] = [f"p{random.randrange(at + 1, 1001)}"]
    world = World(manifests, random.sample(names, 5))
    with world.host:
        for name in names:
            world.load(name)
        for name in random.sample(names, 100):
            world.do_enable(name)
        for name in random.sample(names, 5):
            world.do_disable(name)

        for target in ("p999", "p998", "p600"):
            assert_is_mended(world, target)


def assert_is_mended(world: World, target: str) -> None:
    """Ask, do what is proposed, and see that it was enough."""
    before = world.states(), [*world.ran]
    why = world.host.why(target)
    assert (world.states(), world.ran) == before
    assert (why.causes == ()) == why.is_running
    # Nobody can know of code that has not run yet that it would fail.
    world.failing = {plugin.name for plugin in world.host if plugin.error is not None}

    for proposal in why.proposals:
        world.carry_out(proposal)

    outcome = f"{before[0]}\n{why}\n{world.states()}\n{world.host.why(target)}"
    assert world.host.get_plugin(target).state is PluginState.ENABLED, outcome

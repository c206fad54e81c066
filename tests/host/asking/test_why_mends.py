"""Whatever keeps a plugin from running: what `why` proposes, all of it at once, lets it run."""

from __future__ import annotations

from typing import Any

from hypothesis import given, note, settings
from hypothesis import strategies as st

from hotplug.host.lifecycle import PluginState

from .worlds import World, manifests


@settings(deadline=None, max_examples=3000)
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
        target = data.draw(st.sampled_from(names))
        why = world.host.why(target)
        note(f"{world.states()}\n{why}")
        assert (why.causes == ()) == why.is_running
        # Nobody can know of code that has not run yet that it would fail.
        world.failing = {plugin.name for plugin in world.host if plugin.error is not None}

        for proposal in why.proposals:
            world.carry_out(proposal)

        note(f"{world.states()}\n{world.host.why(target)}")
        assert world.host.get_plugin(target).state is PluginState.ENABLED

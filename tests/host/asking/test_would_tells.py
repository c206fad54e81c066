"""What `would` tells is what then happens, and asking changes nothing."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any, Final, Literal

from hypothesis import given, note, settings
from hypothesis import strategies as st

from hotplug.errors import HotplugError

from .worlds import World, manifests

Asked = Literal["load", "enable", "disable", "unload"]
OPERATIONS: Final[tuple[Asked, ...]] = ("load", "enable", "disable", "unload")
DOWN: Final[tuple[Asked, ...]] = ("disable", "unload")
LOAD: Final[tuple[Asked, ...]] = ("load",)


def everything(world: World) -> object:
    """All that asking could change."""
    plugins = [
        (plugin.name, plugin.state, plugin.reason, plugin.wish, plugin.lives, plugin.parent,
         plugin.metadata, plugin.started_for, [*plugin.children], plugin.step)
        for plugin in world.host
    ]  # fmt: skip
    return plugins, [*world.ran], [*world.host.ledger().entries]


@settings(max_examples=150)
@given(manifests(), st.data())
def test_what_would_tells_is_what_happens(
    manifests: dict[str, dict[str, Any]], data: st.DataObject
) -> None:
    names = [*manifests]
    world = World(manifests)
    with world.host:
        for _ in range(data.draw(st.integers(1, 12))):
            known = [name for name in names if name in world.host]
            operation = data.draw(st.sampled_from(OPERATIONS if known else LOAD))
            name = data.draw(st.sampled_from(names if operation == "load" else known))
            dependants = "refuse" if data.draw(st.booleans()) else "disable"
            asked = {"dependants": dependants} if operation in DOWN else {}
            before, states = everything(world), world.states()

            would = world.host.would(operation, name, **asked)

            note(f"{states}\n{would}")
            assert everything(world) == before
            refused = ""
            try:
                if operation == "load":
                    world.host.load_plugin(Path(name))
                else:
                    getattr(world.host.get_plugin(name), operation)(**asked)
            except HotplugError as error:
                refused = str(error)
            after = world.states()
            foreseen = {**states, **{each.plugin: each.after and each.after.value
                                     for each in would.changes}}  # fmt: skip
            assert {name: state for name, state in foreseen.items() if state} == after
            assert would.refused == refused
            assert {each.plugin for each in would.changes} == {
                each for each in {*states, *after} if states.get(each) != after.get(each)
            }


@given(manifests(), st.data())
def test_children_stop_with_their_parents_as_it_tells(
    manifests: dict[str, dict[str, Any]], data: st.DataObject
) -> None:
    names = [*manifests]
    for name in names:
        children = data.draw(st.lists(st.sampled_from(names), max_size=2, unique=True))
        manifests[name]["x-children"] = [child for child in children if child > name]
    world = World(manifests)
    with world.host:
        for name in data.draw(st.permutations(names)):
            world.load(name)
        for name in data.draw(st.lists(st.sampled_from(names), max_size=4)):
            world.do_enable(name)
        known = [plugin.name for plugin in world.host]
        operation = data.draw(st.sampled_from(DOWN))
        name = data.draw(st.sampled_from(known))
        before, states = everything(world), world.states()

        would = world.host.would(operation, name)

        note(f"{states}\n{would}")
        assert everything(world) == before
        with contextlib.suppress(HotplugError):
            getattr(world.host.get_plugin(name), operation)()
        foreseen = {**states, **{each.plugin: each.after and each.after.value
                                 for each in would.changes}}  # fmt: skip
        assert {name: state for name, state in foreseen.items() if state} == world.states()

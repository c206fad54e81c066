"""All that keeps a plugin from running, as records that say where and what to do."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from hotplug.errors import DependencyError
from hotplug.host.host import PluginHost
from hotplug.host.lifecycle import PluginState
from hotplug.host.obstacles import Obstacle, Proposal
from hotplug.host.plugin import Plugin

WritePlugin = Callable[..., Path]


def test_lab06_all_that_is_missing_is_told_each_with_its_line(
    host: PluginHost[Any], write_plugin: WritePlugin
) -> None:
    place = write_plugin("top")
    (place / "plugin.json").write_text('{\n"name": "top",\n"requires": [\n"a",\n"b"]}', "utf-8")
    top = host.load_plugin(place)

    first, second = host.plugins.obstacles(top)

    assert (first.kind, first.plugin, first.about) == ("missing", "top", "a")
    assert [first.where, second.where] == [f"{place / 'plugin.json'}:{line}" for line in (4, 5)]
    assert second.proposals == (Proposal(("load", "b", ""), "load plugin 'b'"),)
    assert top.reason == str(first)


def test_one_that_failed_is_told_from_one_that_is_disabled(
    host: PluginHost[Any], write_plugin: WritePlugin
) -> None:
    with pytest.raises(ZeroDivisionError):
        host.load_plugin(write_plugin("broken", "1 / 0"))
    host.load_plugin(write_plugin("idle")).disable()
    top = host.load_plugin(write_plugin("top", requires=["broken", "idle"]))

    found = host.plugins.obstacles(top)

    assert [(each.kind, each.about) for each in found] == [
        ("failed", "broken"),
        ("disabled", "idle"),
    ]
    assert found[1].proposals[0].action == ("enable", "idle")


def test_lab06_dk73_each_edge_of_a_circle_can_be_taken_out(
    host: PluginHost[Any], write_plugin: WritePlugin
) -> None:
    host.load_plugin(write_plugin("a", requires=["c"]))
    host.load_plugin(write_plugin("b", requires=["a"]))
    c = host.load_plugin(write_plugin("c", requires=["b", "z"]))

    circle, missing = host.plugins.obstacles(c)

    assert (circle.kind, missing.about) == ("circle", "z")
    assert [each.action[1:4] for each in circle.proposals] == [
        ("c", "requires", "b"),
        ("b", "requires", "a"),
        ("a", "requires", "c"),
    ]


def test_where_nothing_keeps_a_plugin_there_is_no_obstacle(
    host: PluginHost[Any], write_plugin: WritePlugin
) -> None:
    host.load_plugin(write_plugin("base")).enable()
    top = host.load_plugin(write_plugin("top", requires=["base"]))

    assert host.plugins.obstacles(top) == []


def block_shop(plugin: Plugin) -> Iterator[Obstacle]:
    if plugin.name == "shop":
        mend = (Proposal(("unblock", "shop"), "take it off the list"),)
        yield Obstacle("blocked", "shop", "project", "the project blocks it", "p.toml:3", mend)


def test_others_may_keep_a_plugin_from_running_before_its_module_runs(
    host: PluginHost[Any], write_plugin: WritePlugin, notes: list[str]
) -> None:
    host.plugins.obstacle_sources.append(block_shop)

    shop = host.load_plugin(write_plugin("shop", "notes.append('ran')", requires=["base"]))

    assert (shop.state, notes) == (PluginState.UNLOADED, [])
    assert [each.kind for each in host.plugins.obstacles(shop)] == ["missing", "blocked"]


def test_the_error_of_enabling_has_them_all(
    host: PluginHost[Any], write_plugin: WritePlugin
) -> None:
    host.plugins.obstacle_sources.append(block_shop)
    shop = host.load_plugin(write_plugin("shop"))

    with pytest.raises(DependencyError, match="cannot start: the project blocks it") as caught:
        shop.enable()

    assert [each.where for each in caught.value.obstacles] == ["p.toml:3"]

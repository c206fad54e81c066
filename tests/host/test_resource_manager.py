"""Resources of one's own: registered, listed, and given back before or as their plugin stops."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hotplug import PluginErrors, PluginState, PluginStateError, Resource
from hotplug.host.host import PluginHost
from hotplug.host.plugin import Plugin

WritePlugin = Callable[..., Path]


class Connection(Resource):
    def __init__(self, plugin: Plugin, closed: list[str], name: str, fails: bool = False) -> None:
        super().__init__(plugin)
        self.closed, self.name, self.fails = closed, name, fails

    def _cleanup(self) -> None:
        self.closed.append(self.name)
        if self.fails:
            raise OSError(self.name)


@pytest.fixture
def shop(host: PluginHost[Any], write_plugin: WritePlugin) -> Plugin:
    plugin = host.load_plugin(write_plugin("shop"))
    plugin.enable()
    return plugin


def test_pkl24_what_a_plugin_holds_can_be_given_back_while_it_runs_on(
    host: PluginHost[Any], shop: Plugin, notes: list[str]
) -> None:
    for name in ("first", "second", "third"):
        host.resource_manager.register(Connection(shop, notes, name, fails=name == "second"))

    with pytest.raises(PluginErrors, match="plugin 'shop' could not give everything back"):
        host.resource_manager.cleanup_plugin(shop)

    assert notes == ["third", "second", "first"]
    assert host.resource_manager.get_resources(shop) == []
    assert shop.state is PluginState.ENABLED


def test_pkl24_what_was_given_back_by_hand_is_not_given_back_again(
    host: PluginHost[Any], shop: Plugin, notes: list[str]
) -> None:
    connection = Connection(shop, notes, "first")
    host.resource_manager.register(connection)

    connection.disable()
    connection.disable()
    shop.disable()

    assert notes == ["first"]
    assert not connection.enabled


def test_pkl24_what_was_given_back_cannot_be_registered_again(
    host: PluginHost[Any], shop: Plugin, notes: list[str]
) -> None:
    connection = Connection(shop, notes, "first")
    connection.disable()

    with pytest.raises(PluginStateError, match="was given back already; make a new one"):
        host.resource_manager.register(connection)

    assert host.resource_manager.get_resources(shop) == []


def test_pkl24_a_resource_that_is_made_without_its_plugin_says_what_it_leaves_out(
    host: PluginHost[Any], shop: Plugin
) -> None:
    class Forgetful(Resource):
        def __init__(self, plugin: Plugin) -> None:
            self.plugin = plugin

    with pytest.raises(TypeError, match=r"Forgetful .* leaves out super\(\).__init__\(plugin\)"):
        host.resource_manager.register(Forgetful(shop))


def test_pkl25_a_hook_that_raises_is_logged_and_keeps_no_resource(
    host: PluginHost[Any], shop: Plugin, notes: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    manager = host.resource_manager
    manager.add_register_hook(lambda resource: 1 // 0)
    manager.add_cleanup_hook(lambda resource: 1 // 0)
    manager.add_cleanup_hook(lambda resource: notes.append("told"))

    with caplog.at_level(logging.ERROR):
        manager.register(Connection(shop, notes, "first"))
        shop.disable()

    assert notes == ["first", "told"]
    assert [record.message.count("ZeroDivisionError") for record in caplog.records] == [1, 1]

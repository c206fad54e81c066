"""What happens in a host: hooks that plugins implement, and events that anyone hears."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hotplug import NotAllowed, PluginHost

WritePlugin = Callable[..., Path]
Notes = list[str]

WATCHES = """
    from hotplug import get_current_plugin, hostimpl

    def who():
        return get_current_plugin().name

    @hostimpl
    def plugin_loaded(plugin):
        notes.append(f"{who()}: {plugin} loaded")

    @hostimpl
    def plugin_enabled(plugin):
        notes.append(f"{who()}: {plugin} enabled")

    @hostimpl
    def plugin_disabled(plugin):
        notes.append(f"{who()}: {plugin} disabled")

    @hostimpl
    def plugin_unloaded(plugin):
        notes.append(f"{who()}: {plugin} unloaded")

    @hostimpl
    def plugin_failed(plugin, error):
        notes.append(f"{who()}: {plugin} failed: {error}")
"""


def test_a_plugin_implements_what_happens_in_its_host(
    host: PluginHost[Any], write_plugin: WritePlugin, notes: Notes
) -> None:
    host.load_plugin(write_plugin("watcher", WATCHES)).enable()
    notes.clear()

    shop = host.load_plugin(write_plugin("shop"))
    shop.enable()
    shop.unload()

    assert notes == [
        "watcher: shop loaded",
        "watcher: shop enabled",
        "watcher: shop disabled",
        "watcher: shop unloaded",
    ]


def test_a_failure_is_told_with_its_error(
    host: PluginHost[Any], write_plugin: WritePlugin, notes: Notes
) -> None:
    host.load_plugin(write_plugin("watcher", WATCHES)).enable()
    notes.clear()

    with pytest.raises(OSError, match="no network"):
        host.load_plugin(write_plugin("shop", "raise OSError('no network')"))

    assert notes == ["watcher: shop failed: no network"]


def test_resources_are_told(host: PluginHost[Any], write_plugin: WritePlugin, notes: Notes) -> None:
    source = """
        from hotplug import hostimpl

        @hostimpl
        def resource_registered(resource):
            notes.append(f"+{resource.describe()}")

        @hostimpl
        def resource_released(resource):
            notes.append(f"-{resource.describe()}")
    """
    host.load_plugin(write_plugin("watcher", source)).enable()
    notes.clear()

    shop = host.load_plugin(
        write_plugin("shop", "from hotplug import event\n@event\ndef sold(): ...")
    )
    shop.unload()

    assert notes == ["+imports", "+event", "-event", "-imports"]


def test_switches_are_told_while_someone_implements_that(
    host: PluginHost[Any], write_plugin: WritePlugin, notes: Notes
) -> None:
    source = """
        from hotplug import hostimpl

        @hostimpl
        def context_switched(old, new):
            notes.append(f"{old} -> {new}")
    """
    watcher = host.load_plugin(write_plugin("watcher", source))
    api = "from hotplug import syscall\n@syscall\ndef api(): notes.append('api')"
    shop = host.load_plugin(write_plugin("shop", api))
    watcher.enable()
    notes.clear()

    shop.module.api()
    assert notes == ["None -> shop", "api", "shop -> None"]

    watcher.disable()
    notes.clear()
    shop.module.api()
    assert notes == ["api"]


def test_one_that_fails_is_logged_and_breaks_nothing(
    host: PluginHost[Any], write_plugin: WritePlugin, caplog: pytest.LogCaptureFixture
) -> None:
    source = """
        from hotplug import hostimpl

        @hostimpl
        def plugin_enabled(plugin):
            1 / 0
    """
    host.load_plugin(write_plugin("watcher", source)).enable()

    host.load_plugin(write_plugin("shop")).enable()

    assert "plugin 'watcher' failed at 'plugin_enabled'" in caplog.text


def test_the_application_hears_the_same_as_events(
    host: PluginHost[Any], write_plugin: WritePlugin
) -> None:
    heard: list[str] = []

    @host.events.plugin_enabled.on
    def enabled(plugin: Any) -> None:
        heard.append(plugin.name)

    host.load_plugin(write_plugin("shop")).enable()

    assert heard == ["shop"]


def test_a_plugin_hears_them_too_and_cannot_emit_them(
    host: PluginHost[Any], write_plugin: WritePlugin, notes: Notes
) -> None:
    source = """
        from hotplug import get_current_plugin
        events = get_current_plugin().host.events

        @events.plugin_enabled.on
        def enabled(plugin):
            notes.append(f"{get_current_plugin()} hears of {plugin}")

        def emit():
            events.plugin_enabled(None)

        get_current_plugin().on_disable += emit
    """
    watcher = host.load_plugin(write_plugin("watcher", source))
    watcher.enable()
    notes.clear()

    host.load_plugin(write_plugin("shop")).enable()

    assert notes == ["watcher hears of shop"]
    with pytest.raises(ExceptionGroup) as caught:
        watcher.disable()
    assert isinstance(caught.value.exceptions[0], NotAllowed)


def test_an_event_that_is_not_there_is_refused_with_those_that_are(host: PluginHost[Any]) -> None:
    with pytest.raises(AttributeError, match="a host has no event 'plugin_enable'; there are: "):
        _ = host.events.plugin_enable

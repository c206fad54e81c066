"""Who is told what happens in a host: the application, or a plugin for as long as it runs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hotplug.host.entering import SWITCHES
from hotplug.host.host import PluginHost

WritePlugin = Callable[..., Path]
Notes = list[str]

WATCHES = """
    from hotplug.host.contexts import get_current_plugin

    me = get_current_plugin()
    host = me.host

    def note(*what):
        notes.append(f"{get_current_plugin()} is told")
        if FAILS and not isinstance(what[-1], BaseException):
            raise OSError("no disk")

    FAILS = False
"""
WAYS = [
    "host.add_enable_hook",
    "host.add_disable_hook",
    "host.add_failure_hook",
    "host.add_context_switch_hook",
    "host.resource_manager.add_register_hook",
    "host.resource_manager.add_cleanup_hook",
]


@pytest.fixture
def happens(host: PluginHost[Any], write_plugin: WritePlugin) -> Callable[[], None]:
    """Let everything happen that there are hooks for."""
    waits = """
        from hotplug.host.contexts import get_current_plugin
        from hotplug.host.timers import set_timeout
        set_timeout(print, 3600)
    """

    def happen() -> None:
        other = host.load_plugin(write_plugin("other", waits))
        other.enable()
        other.unload()
        with pytest.raises(ZeroDivisionError):
            host.load_plugin(write_plugin("broken", "1 / 0"))
        host.get_plugin("broken").unload()

    return happen


@pytest.mark.parametrize("way", WAYS)
def test_a_hook_that_a_plugin_adds_runs_as_the_plugin_and_ends_with_it(
    way: str,
    host: PluginHost[Any],
    write_plugin: WritePlugin,
    notes: Notes,
    happens: Callable[[], None],
) -> None:
    plugin = host.load_plugin(write_plugin("observer", WATCHES + f"    {way}(note)\n"))
    plugin.enable()
    notes.clear()
    happens()
    assert set(notes) == {"observer is told"}

    plugin.disable()
    notes.clear()
    happens()

    assert notes == []
    assert SWITCHES == []


@pytest.mark.parametrize("way", WAYS)
def test_a_plugin_takes_its_own_hook_back(
    way: str,
    host: PluginHost[Any],
    write_plugin: WritePlugin,
    notes: Notes,
    happens: Callable[[], None],
) -> None:
    end = f"me.on_enable += {way}(note)\n    {way}(note)\n"
    source = (
        WATCHES + f"    {end}    me.on_enable += lambda: {way.replace('add_', 'remove_')}(note)"
    )
    plugin = host.load_plugin(write_plugin("observer", source))
    plugin.enable()
    notes.clear()

    happens()

    assert notes == []
    assert [resource.kind for resource in plugin.resources] == []


def test_it_is_listed_among_what_the_plugin_holds(
    host: PluginHost[Any], write_plugin: WritePlugin, notes: Notes
) -> None:
    source = WATCHES + "    host.add_enable_hook(note)\n"
    plugin = host.load_plugin(write_plugin("observer", source))

    (listener,) = plugin.resources

    assert listener.describe() == "listener (an enable hook of the host)"
    assert listener.where == f"{plugin.path / 'plugin.py'}:{len(source.splitlines())}"

"""Modules that never finish loading: the host goes on, and says which one it was."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from hotplug.errors import PluginGone, PluginTimeout
from hotplug.host.host import PluginHost
from hotplug.host.lifecycle import PluginState

WritePlugin = Callable[..., Path]
Notes = list[str]


@pytest.fixture
def host() -> Iterator[PluginHost[Any]]:
    with PluginHost(load_timeout=0.2) as host:
        yield host


def test_dk33_a_module_that_never_ends_is_given_up_and_stopped(
    host: PluginHost[Any], write_plugin: WritePlugin
) -> None:
    place = write_plugin("shop", "while True:\n    pass")

    with pytest.raises(PluginTimeout) as caught:
        host.load_plugin(place)

    message = str(caught.value)
    assert "plugin 'shop' was not loaded within 0.2 s" in message
    assert f"its module still runs: {place / 'plugin.py'}:" in message
    plugin = host.get_plugin("shop")
    assert (plugin.state, plugin.abandoned) == (PluginState.ERROR, [])


def test_one_that_cannot_be_stopped_is_listed_and_can_do_nothing_any_more(
    host: PluginHost[Any], write_plugin: WritePlugin, notes: Notes
) -> None:
    go_on = threading.Event()
    notes.append(go_on)  # type: ignore[arg-type]
    source = """
        from hotplug.host.contexts import get_current_plugin
        from hotplug.host.resources import Resource
        me = get_current_plugin()
        go_on = notes[0]
        try:
            go_on.wait()
        finally:
            try:
                me.host.resource_manager.register(Resource(me))
            except BaseException as error:
                notes.append(error)
            notes.append("ended")
    """

    with pytest.raises(PluginTimeout):
        host.load_plugin(write_plugin("shop", source))

    (thread,) = host.get_plugin("shop").abandoned
    go_on.set()
    thread.join()
    assert isinstance(notes[1], PluginGone)
    assert host.get_plugin("shop").abandoned == []


def test_a_module_that_ends_in_time_is_loaded_as_without_a_limit(
    host: PluginHost[Any], write_plugin: WritePlugin, notes: Notes
) -> None:
    write_plugin("child", "notes.append('child')")
    source = """
        from hotplug.host.contexts import get_current_plugin
        me = get_current_plugin()
        me.host.load_plugin(me.path.parent / "child")
        notes.append(me.name)
    """
    plugin = host.load_plugin(write_plugin("shop", source))

    assert notes == ["child", "shop"]
    assert plugin.state is PluginState.LOADED


def test_an_error_of_the_module_is_raised_as_it_is(
    host: PluginHost[Any], write_plugin: WritePlugin
) -> None:
    with pytest.raises(ZeroDivisionError):
        host.load_plugin(write_plugin("shop", "1 / 0"))

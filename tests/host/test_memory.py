"""Nothing is left of a plugin's life, a plugin or a host when its time is over."""

from __future__ import annotations

import gc
import logging
import sys
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from weakref import ref

import pytest

from hotplug.hooks.markers import HookspecMarker
from hotplug.host.host import PluginHost

pytestmark = pytest.mark.usefixtures("little_to_collect")

WritePlugin = Callable[..., Path]


class Specs:
    @HookspecMarker("hotplug")
    def greeting(self, name: str) -> None: ...


HOLDS_ALL_KINDS = """
    import enum, threading
    from dataclasses import dataclass
    from hotplug import (
        HookimplMarker, Resource, event, get_current_plugin, get_logger, log, set_interval,
        set_timeout, syscall,
    )

    me = get_current_plugin()
    host = me.host

    @HookimplMarker("hotplug")
    def greeting(name):
        return f"hello {name}"

    @event
    def happened(what):
        yield

    @happened.on
    def note(what):
        log.debug(what)

    @syscall
    def ask():
        return me.name

    class Connection(Resource):
        pass

    class Kind(enum.Enum):
        SMALL = 1

    @dataclass
    class Order:
        kind: Kind = Kind.SMALL

    @me.on_enable.on
    def start():
        threading.Thread(target=me.stopping.wait).start()
        host.hooks.hook.greeting(name="Ada")
        happened(ask())

    me.on_disable += lambda: get_logger("database").debug("closed")
    host.resource_manager.register(Connection(me))
    set_interval(start, 3600)
    set_timeout(start, 3600)
"""


@pytest.fixture(autouse=True)
def silence() -> Iterator[None]:
    logger = logging.getLogger("hotplug")
    before = logger.level
    logger.setLevel(logging.WARNING)
    yield
    logger.setLevel(before)


def still_there(refs: list[ref[Any]]) -> list[Any]:
    gc.collect()
    return [thing for each in refs if (thing := each()) is not None]


def test_nothing_is_left_of_a_thousand_loads(write_plugin: WritePlugin) -> None:
    place = write_plugin("shop", HOLDS_ALL_KINDS)
    refs: list[ref[Any]] = []
    modules = set(sys.modules)
    with PluginHost(specs=Specs) as host:
        for _ in range(1000):
            plugin = host.load_plugin(place)
            plugin.enable()
            refs += [ref(plugin), ref(plugin.owner), ref(plugin.module), ref(plugin.module.Order)]
            plugin.unload()
            del plugin

        assert still_there(refs) == []
        assert [name for name in set(sys.modules) - modules if "shop" in name] == []


def test_enabling_and_disabling_again_and_again_takes_no_memory(write_plugin: WritePlugin) -> None:
    with PluginHost(specs=Specs) as host:
        plugin = host.load_plugin(write_plugin("shop", HOLDS_ALL_KINDS))

        def grown(cycles: int) -> int:
            gc.collect()
            before = tracemalloc.get_traced_memory()[0]
            for _ in range(cycles):
                plugin.enable()
                plugin.disable()
            gc.collect()
            return tracemalloc.get_traced_memory()[0] - before

        tracemalloc.start()
        try:
            grown(20)  # what is kept once, as caches are, is no growth
            least = min(grown(50) for _ in range(3))  # a dictionary that grows does so at once
            assert least < 50 * 500  # 10,000 cycles: less than 5 MB
        finally:
            tracemalloc.stop()


def test_dk34_hosts_whose_plugins_use_log_are_all_collected(write_plugin: WritePlugin) -> None:
    place = write_plugin("shop", HOLDS_ALL_KINDS)
    refs: list[ref[Any]] = []
    for _ in range(200):
        host = PluginHost(specs=Specs)
        plugin = host.load_plugin(place)
        plugin.enable()
        refs += [ref(host), ref(plugin), ref(plugin.module)]
        host.close()
        del host, plugin

    assert still_there(refs) == []


def test_a_plugin_that_failed_is_not_kept_by_its_error(write_plugin: WritePlugin) -> None:
    with PluginHost(specs=Specs) as host:
        place = write_plugin("shop", HOLDS_ALL_KINDS + "    1 / 0\n")
        with pytest.raises(ZeroDivisionError):
            host.load_plugin(place)
        plugin = host.get_plugin("shop")
        refs = [ref(plugin)]

        plugin.unload()
        del plugin

        assert still_there(refs) == []

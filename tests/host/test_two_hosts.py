"""Two hosts in one process, with plugins of the same names: neither sees the other's."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from hotplug.host.default import get_default_host, set_default_host
from hotplug.host.host import PluginHost
from hotplug.host.plugin import Plugin

WritePlugin = Callable[..., Path]
Notes = list[str]
Hosts = tuple[PluginHost[Any], PluginHost[Any]]

BASE = """
    from hotplug import event, get_current_plugin, syscall

    @event
    def called():
        pass

    @syscall
    def whose():
        return get_current_plugin().host.name
"""
SHOP = """
    from hotplug import get_current_plugin
    from hotplug.plugins import base

    @base.called.on
    def note():
        notes.append(get_current_plugin().host.name)

    def imported_later():
        from hotplug.plugins import base
        return base
"""


@pytest.fixture
def hosts(write_plugin: WritePlugin, notes: Notes) -> Iterator[Hosts]:
    with PluginHost[Any]("one") as one, PluginHost[Any]("two") as two:
        for host in (one, two):
            host.load_plugin(write_plugin("base", files={"__init__.py": BASE}))
            host.load_plugin(write_plugin("shop", SHOP, requires=["base"])).enable()
        yield one, two


def shop_of(host: PluginHost[Any]) -> ModuleType:
    return host.get_plugin("shop").module


def test_dk68_plugins_of_one_name_in_two_hosts_do_not_mix(hosts: Hosts) -> None:
    for host in hosts:
        assert shop_of(host).base.whose() == host.name
        assert shop_of(host).imported_later().whose() == host.name


def test_an_event_reaches_the_plugins_of_its_own_host(hosts: Hosts, notes: Notes) -> None:
    for host in hosts:
        shop_of(host).base.called()

    assert notes == ["one", "two"]


def test_the_application_imports_those_of_the_default_host(hosts: Hosts) -> None:
    one, two = hosts
    try:
        for host in (two, one):
            set_default_host(host)
            from hotplug.plugins import base  # what it means is asked for anew

            assert base.whose() == host.name
    finally:
        set_default_host(None)


def test_closing_one_leaves_the_other_as_it_is(hosts: Hosts, notes: Notes) -> None:
    one, two = hosts

    one.close()

    assert shop_of(two).imported_later().whose() == "two"
    shop_of(two).base.called()
    assert notes == ["two"]


def test_dk60_a_handler_of_a_plugin_leaves_an_event_of_another_host(
    hosts: Hosts, write_plugin: WritePlugin, notes: Notes, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = hosts
    called = shop_of(one).base.called
    source = """
        from hotplug import get_current_plugin

        def hear(event):
            event.on(lambda: notes.append(get_current_plugin().name))
    """
    spy = two.load_plugin(write_plugin("spy", source))
    spy.enable()
    spy.owner.call(spy.module.hear, called)
    called()
    assert notes == ["one", "spy"]

    spy.disable()
    notes.clear()
    called()

    assert notes == ["one"]


def test_pkl03_what_is_no_host_does_not_become_the_default(hosts: Hosts) -> None:
    no_host: Any = "one"
    set_default_host(hosts[0])

    with pytest.raises(AttributeError):
        set_default_host(no_host)

    assert get_default_host() is hosts[0]
    set_default_host(None)


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": "no identifier"},
        {"specs": 3},
        {"plugin_loader": 3},
        {"metadata_loader": 3},
        {"project": {"limits": {"*": {"timers": -1}}}},
    ],
    ids=lambda wrong: next(iter(wrong)),
)
def test_pkl03_a_host_that_could_not_be_made_is_in_nobodys_way(
    wrong: dict[str, Any], write_plugin: WritePlugin
) -> None:
    with pytest.raises((ValueError, TypeError)):
        PluginHost(**wrong)

    with PluginHost() as host:
        host.load_plugin(write_plugin("shop", files={"__init__.py": "price = 3"})).enable()
        from hotplug.plugins import shop

        assert shop.price == 3


def test_pkl08_plugins_are_imported_from_the_namespace_that_their_host_names(
    write_plugin: WritePlugin,
) -> None:
    imports = "from cafe.parts import base\nprice = base.price"

    with PluginHost(namespace="cafe.parts") as host:
        host.load_plugin(write_plugin("base", files={"__init__.py": "price = 3"})).enable()
        shop = host.load_plugin(write_plugin("shop", imports, requires=["base"]))
        module = importlib.import_module("cafe.parts.base")

        assert module.price == shop.module.price == 3

    with pytest.raises(ModuleNotFoundError):
        importlib.import_module("cafe.parts")


def test_pkl08_a_namespace_is_for_the_built_in_loader() -> None:
    class Loader:
        def load(self, plugin: Plugin) -> ModuleType:
            return ModuleType(plugin.name)

    with pytest.raises(ValueError, match="with a plugin_loader= of your own it has no meaning"):
        PluginHost(namespace="cafe.parts", plugin_loader=Loader())

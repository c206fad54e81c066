"""Lazy plugins: nothing of them runs before the first use of what they offer."""

from __future__ import annotations

import asyncio
import gc
import importlib
import logging
import threading
import weakref
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from hotplug import (
    AsyncHooks,
    HookspecMarker,
    PluginHost,
    PluginState,
    PluginStateError,
    PluginValidationError,
    UnknownPluginError,
)

Write = Callable[..., Path]

pytestmark = pytest.mark.usefixtures("notes")  # what plugins write into

spec = HookspecMarker("till")

SHOP = """
    from hotplug import HookimplMarker, event, get_current_plugin
    notes.append("shop runs")
    impl = HookimplMarker("till")

    @impl
    def price(item):
        return 3

    @impl
    async def fetch(item):
        return item

    @event()
    def sold(item): ...

    def bill(guest):
        return f"{get_current_plugin()} bills {guest}"
"""
OFFERS = {"hooks": ["price", "fetch"], "events": ["sold"], "commands": ["bill"]}


class Specs:
    @spec
    def price(self, item: str) -> object: ...

    @spec
    def name(self) -> object: ...


class Awaited(AsyncHooks):
    @spec
    async def fetch(self, item: str) -> object: ...


@pytest.fixture
def till() -> Iterator[PluginHost[Any]]:
    with PluginHost("till", specs=[Specs, Awaited]) as host:
        yield host


@pytest.fixture
def lazy_shop(till: PluginHost[Any], write_plugin: Write) -> Any:
    folder = write_plugin("shop", SHOP, lazy=True, files={"__init__.py": "OPEN = True"}, **OFFERS)
    plugin = till.load_plugin(folder)
    plugin.enable()
    return plugin


def test_enabling_a_lazy_plugin_runs_nothing_of_it(lazy_shop: Any, notes: list[str]) -> None:
    assert notes == []
    assert lazy_shop.state is PluginState.UNLOADED
    assert lazy_shop.reason == (
        "it is lazy: it starts with the first use of hook 'price' or hook 'fetch' or "
        "event 'sold' or command 'bill'"
    )


def test_the_first_call_of_its_hook_starts_it_and_reaches_it(
    till: PluginHost[Any], lazy_shop: Any, notes: list[str]
) -> None:
    assert till.hooks.hook.price(item="tea") == [3]
    assert till.hooks.hook.price(item="tea") == [3]
    assert notes == ["shop runs"]
    assert lazy_shop.state is PluginState.ENABLED


def test_a_call_of_another_hook_does_not_start_it(
    till: PluginHost[Any], lazy_shop: Any, notes: list[str]
) -> None:
    till.hooks.hook.name()

    assert notes == []


def test_an_async_hook_starts_it_as_well(till: PluginHost[Any], lazy_shop: Any) -> None:
    async def ask() -> object:
        return await till.async_hooks.hook.fetch(item="tea")

    assert asyncio.run(ask()) == ["tea"]


def test_call_extra_starts_it_as_well(till: PluginHost[Any], lazy_shop: Any) -> None:
    def price(item: str) -> int:
        return 5

    assert till.hooks.hook.price.call_extra([price], {"item": "tea"}) == [3, 5]


def test_to_ask_for_its_event_starts_it(lazy_shop: Any, notes: list[str]) -> None:
    heard: list[str] = []

    lazy_shop.module.sold.subscribe(heard.append)
    lazy_shop.module.sold("tea")

    assert heard == ["tea"]


def test_importing_it_starts_it(lazy_shop: Any) -> None:
    lazy_shop.host.become_default()

    shop = importlib.import_module("hotplug.plugins.shop")

    assert shop.OPEN


def test_from_hotplug_plugins_import_starts_it(lazy_shop: Any) -> None:
    lazy_shop.host.become_default()

    from hotplug.plugins import shop

    assert shop.OPEN


def test_its_command_starts_it_and_runs_as_it(till: PluginHost[Any], lazy_shop: Any) -> None:
    assert [*till.commands] == ["bill"]
    assert till.commands["bill"]("Ada") == "shop bills Ada"


def test_a_plugin_that_requires_it_starts_it(
    till: PluginHost[Any], lazy_shop: Any, write_plugin: Write, notes: list[str]
) -> None:
    till.load_plugin(write_plugin("guest", requires=["shop"])).enable()

    assert notes == ["shop runs"]
    assert till.get_plugin("guest").state is PluginState.ENABLED


def test_many_threads_that_use_it_at_once_start_it_once(
    till: PluginHost[Any], lazy_shop: Any, notes: list[str]
) -> None:
    answers: list[object] = []
    together = threading.Barrier(8)

    def ask() -> None:
        together.wait()
        answers.append(till.hooks.hook.price(item="tea"))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert answers == [[3]] * 8
    assert notes == ["shop runs"]


def test_its_own_module_may_call_the_hook_that_starts_it(
    till: PluginHost[Any], write_plugin: Write, notes: list[Any]
) -> None:
    source = """
        from hotplug import HookimplMarker, get_current_plugin
        notes.append(get_current_plugin().host.hooks.hook.price(item="self"))

        @HookimplMarker("till")
        def price(item):
            return 3
    """
    till.load_plugin(write_plugin("shop", source, lazy=True, hooks=["price"])).enable()

    assert till.hooks.hook.price(item="tea") == [3]
    assert notes == [[]]


def test_one_lazy_plugin_may_use_another_as_it_starts(
    till: PluginHost[Any], write_plugin: Write, notes: list[Any]
) -> None:
    asks = """
        from hotplug import HookimplMarker, get_current_plugin
        notes.append(get_current_plugin().host.hooks.hook.price(item="tea"))

        @HookimplMarker("till")
        def name():
            return "asker"
    """
    sells = "from hotplug import HookimplMarker\n@HookimplMarker('till')\ndef price(item): return 3"
    till.load_plugin(write_plugin("asks", asks, lazy=True, hooks=["name"])).enable()
    till.load_plugin(write_plugin("sells", sells, lazy=True, hooks=["price"])).enable()

    assert till.hooks.hook.name() == ["asker"]
    assert notes == [[3]]


def test_one_that_cannot_start_is_logged_and_does_not_break_the_call(
    till: PluginHost[Any], write_plugin: Write, caplog: pytest.LogCaptureFixture
) -> None:
    plugin = till.load_plugin(write_plugin("shop", "1 / 0", lazy=True, hooks=["price"]))
    plugin.enable()

    with caplog.at_level(logging.ERROR):
        assert till.hooks.hook.price(item="tea") == []

    assert "plugin 'shop', which is used now, cannot start: ZeroDivisionError" in caplog.text
    assert plugin.state is PluginState.ERROR


def test_one_that_was_disabled_before_is_not_started(
    till: PluginHost[Any], lazy_shop: Any, notes: list[str]
) -> None:
    lazy_shop.disable()

    assert till.hooks.hook.price(item="tea") == []
    assert notes == []


def test_after_it_was_disabled_and_enabled_it_waits_again(
    till: PluginHost[Any], lazy_shop: Any, notes: list[str]
) -> None:
    till.hooks.hook.price(item="tea")
    lazy_shop.disable()
    lazy_shop.enable()

    assert lazy_shop.state is PluginState.DISABLED
    assert till.hooks.hook.price(item="tea") == [3]
    assert notes == ["shop runs"] * 2


def test_one_that_was_unloaded_leaves_nothing_behind(till: PluginHost[Any], lazy_shop: Any) -> None:
    lazy_shop.unload()

    assert till.hooks.hook.price(item="tea") == []
    assert till.hooks.first_uses == {}


def test_its_module_can_be_run_at_once_with_load(lazy_shop: Any, notes: list[str]) -> None:
    lazy_shop.load()

    assert notes == ["shop runs"]
    assert lazy_shop.state is PluginState.LOADED


def test_a_host_with_lazy_plugins_is_collected(write_plugin: Write) -> None:
    host = PluginHost("till", specs=Specs)
    host.load_plugin(write_plugin("shop", lazy=True, hooks=["price"])).enable()
    gone = weakref.ref(host)

    host.close()
    del host
    gc.collect()

    assert gone() is None


# what the manifest says, and the code


def test_a_hook_that_is_named_and_not_implemented_is_refused(
    till: PluginHost[Any], write_plugin: Write
) -> None:
    folder = write_plugin("shop", SHOP, hooks=["prize", "fetch"])

    with pytest.raises(PluginValidationError) as caught:
        till.load_plugin(folder)

    assert str(caught.value).splitlines() == [
        "plugin 'shop' names 'prize' in its hooks, but implements no hook of this name",
        f"  {folder / 'plugin.json'}:1",
        "  did you mean 'price'?",
    ]


def test_a_hook_that_is_implemented_and_not_named_is_refused(
    till: PluginHost[Any], write_plugin: Write
) -> None:
    folder = write_plugin("shop", SHOP, hooks=["price"])

    with pytest.raises(PluginValidationError) as caught:
        till.load_plugin(folder)

    assert "implements hook 'fetch', which its manifest does not name" in str(caught.value)
    assert 'hooks = ["price", "fetch"]' in str(caught.value)


@pytest.mark.parametrize("key", ["events", "commands"])
def test_what_is_not_in_the_entrypoint_is_refused(
    till: PluginHost[Any], write_plugin: Write, key: str
) -> None:
    with pytest.raises(PluginValidationError, match=f"names 'gone' in its {key}, but"):
        till.load_plugin(write_plugin("shop", SHOP, **{key: ["gone"]}))


def test_a_lazy_plugin_that_waits_for_an_unknown_hook_is_refused(
    till: PluginHost[Any], write_plugin: Write
) -> None:
    plugin = till.load_plugin(write_plugin("shop", lazy=True, hooks=["prize"]))

    with pytest.raises(PluginValidationError, match="waits for hook 'prize', which nobody declare"):
        plugin.enable()


# commands


def test_a_command_that_several_have_is_asked_for_with_its_plugin(
    host: PluginHost[Any], write_plugin: Write
) -> None:
    for name in ("shop", "fair"):
        source = f"def bill(): return '{name}'"
        host.load_plugin(write_plugin(name, source, commands=["bill"])).enable()

    with pytest.raises(UnknownPluginError, match="'shop:bill', 'fair:bill'"):
        host.commands["bill"]
    assert host.commands["fair:bill"]() == "fair"
    assert [*host.commands] == ["shop:bill", "fair:bill"]


def test_an_unknown_command_is_told_with_those_that_are_there(
    host: PluginHost[Any], write_plugin: Write
) -> None:
    host.load_plugin(write_plugin("shop", "def bill(): ...", commands=["bill"]))

    assert "bill" in host.commands
    with pytest.raises(UnknownPluginError, match="no plugin has a command 'bell'; there are: bill"):
        host.commands["bell"]


def test_a_command_of_a_plugin_that_does_not_run_is_refused(
    host: PluginHost[Any], write_plugin: Write
) -> None:
    host.load_plugin(write_plugin("shop", "def bill(): ...", commands=["bill"]))

    with pytest.raises(PluginStateError, match="command 'bill' of plugin 'shop' cannot be run"):
        host.commands["bill"]()

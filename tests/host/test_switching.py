"""Context-switch hooks: told of every way into a plugin's code and out of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from hotplug import AsyncHooks, HookspecMarker, Plugin, PluginHost

WritePlugin = Callable[..., Path]
Notes = list[str]

hookspec = HookspecMarker("shop")


class Specs:
    @hookspec
    def price(self) -> Any: ...


class Later(AsyncHooks):
    @hookspec
    async def fetched(self) -> Any: ...


SOURCE = """
    import asyncio
    from hotplug import HookimplMarker, event, get_current_plugin, set_timeout, syscall

    hookimpl = HookimplMarker("shop")
    me = get_current_plugin()

    @hookimpl
    def price():
        notes.append(f"price of {me.name}")

    @hookimpl
    async def fetched():
        notes.append(f"fetched by {me.name}")

    @syscall
    def api():
        notes.append(f"api of {me.name}")

    @syscall
    async def later():
        notes.append(f"later of {me.name}")

    @syscall
    def steps():
        yield notes.append(f"step of {me.name}")

    @event
    def sold():
        notes.append(f"sold by {me.name}")

    @sold.on
    def cheer():
        notes.append(f"{me.name} cheers")

    me.on_disable += lambda: notes.append(f"{me.name} stops")
"""


@pytest.fixture
def host() -> Iterator[PluginHost[Any]]:
    with PluginHost("shop", specs=[Specs, Later]) as host:
        yield host


@pytest.fixture
def module(host: PluginHost[Any], write_plugin: WritePlugin, notes: Notes) -> Any:
    """A running plugin's module, whose switches are noted from here on."""

    def switched(old: Plugin | None, new: Plugin | None) -> None:
        notes.append(f"{old} -> {new}")

    plugin = host.load_plugin(write_plugin("shop", SOURCE))
    plugin.enable()
    host.add_context_switch_hook(switched)
    return plugin.module


@pytest.mark.parametrize(
    ("enter", "said"),
    [
        (lambda host, module: host.hooks.hook.price(), "price of shop"),
        (lambda host, module: asyncio.run(host.async_hooks.hook.fetched()), "fetched by shop"),
        (lambda host, module: module.api(), "api of shop"),
        (lambda host, module: asyncio.run(module.later()), "later of shop"),
        (lambda host, module: host.get_plugin("shop").disable(), "shop stops"),
    ],
    ids=["hook", "async hook", "syscall", "async syscall", "handler of the life's end"],
)
def test_dk05_every_way_in_is_told_and_the_way_out(
    enter: Callable[[PluginHost[Any], Any], object],
    said: str,
    host: PluginHost[Any],
    module: Any,
    notes: Notes,
) -> None:
    enter(host, module)

    assert notes[:3] == ["None -> shop", said, "shop -> None"]


def test_a_switch_of_one_that_is_told_is_not_told_again(
    host: PluginHost[Any], module: Any, notes: Notes
) -> None:
    host.add_context_switch_hook(lambda old, new: module.api())

    module.api()

    told = "api of shop"
    assert notes == ["None -> shop", told, told, "shop -> None", told]


def test_each_step_of_a_generator_is_told(module: Any, notes: Notes) -> None:
    for _ in module.steps():
        notes.append("between")

    assert notes == [
        "None -> shop",
        "step of shop",
        "shop -> None",
        "between",
        "None -> shop",
        "shop -> None",
    ]


def test_the_body_of_an_event_and_its_handlers_are_told(module: Any, notes: Notes) -> None:
    module.sold()

    assert notes == [
        "None -> shop",
        "sold by shop",
        "shop -> None",
        "None -> shop",
        "shop cheers",
        "shop -> None",
    ]


def test_a_plugin_that_calls_another_one_is_told_as_both(
    host: PluginHost[Any], module: Any, write_plugin: WritePlugin, notes: Notes
) -> None:
    caller = """
        from hotplug import get_current_plugin
        get_current_plugin().host.get_plugin("shop").module.api()
    """

    host.load_plugin(write_plugin("caller", caller))

    assert notes == [
        "None -> caller",
        "caller -> shop",
        "api of shop",
        "shop -> caller",
        "caller -> None",
    ]


def test_a_call_within_a_plugin_is_no_switch(module: Any, host: PluginHost[Any]) -> None:
    seen: list[object] = []
    host.add_context_switch_hook(lambda old, new: seen.append((old, new)))

    host.get_plugin("shop").owner.call(module.api)

    assert len(seen) == 2


def test_nothing_is_told_after_the_hook_was_removed(
    host: PluginHost[Any], write_plugin: WritePlugin, notes: Notes
) -> None:
    remove = host.add_context_switch_hook(lambda old, new: notes.append("switched"))
    plugin = host.load_plugin(write_plugin("shop", SOURCE))
    plugin.enable()
    remove()
    notes.clear()

    host.hooks.hook.price()
    plugin.module.api()

    assert notes == ["price of shop", "api of shop"]


def test_a_hook_that_raises_breaks_nothing(
    host: PluginHost[Any], module: Any, notes: Notes, caplog: pytest.LogCaptureFixture
) -> None:
    host.add_context_switch_hook(lambda old, new: 1 / 0)

    host.hooks.hook.price()

    assert "price of shop" in notes
    assert "ZeroDivisionError" in caplog.text


def test_plugins_of_other_hosts_are_not_told_of(
    module: Any, write_plugin: WritePlugin, notes: Notes
) -> None:
    with PluginHost("shop", specs=[Specs, Later]) as other:
        other.load_plugin(write_plugin("other", SOURCE)).enable()
        notes.clear()

        other.hooks.hook.price()

        assert notes == ["price of other"]

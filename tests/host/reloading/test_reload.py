"""A reload: the files as they are now take over from the generation that serves."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hotplug import Plugin, PluginHost, PluginState
from hotplug.errors import NotAllowed, PluginStateError, UnknownPluginError
from hotplug.host.reloading.report import STAGES

Write = Callable[..., Path]
Enable = Callable[..., Plugin]
Host = PluginHost[Any]


def price(number: int) -> str:
    return f"\n@hookimpl\ndef price(item): return {number}\n"


def test_after_a_reload_calls_get_the_new_answer(host: Host, enable: Enable, write: Write) -> None:
    shop = enable("shop", price(1))
    write("shop", price(2))

    report = shop.reload()

    assert host.hooks.hook.price(item="tea") == [2]
    assert (shop.state, shop.generation) == (PluginState.ENABLED, 2)
    assert report.committed
    assert [(each.old_generation, each.new_generation) for each in report.replaced] == [(1, 2)]


def test_code_of_a_plugin_knows_of_which_generation_it_is(enable: Enable, write: Write) -> None:
    shop = enable("shop", "number = get_current_plugin().generation")

    shop.reload()

    assert shop.module.number == shop.generation == 2


def test_a_plugin_keeps_its_place_among_those_that_implement_a_hook(
    host: Host, enable: Enable, write: Write
) -> None:
    for name in ("first", "second", "third"):
        enable(name, f"@hookimpl\ndef price(item): return '{name}'")
    write("second", "@hookimpl\ndef price(item): return 'again'\n@hookimpl\ndef name(): return 2")

    host.plugins["second"].reload()

    assert host.hooks.hook.price(item="tea") == ["first", "again", "third"]
    assert host.hooks.hook.name() == [2]


def test_a_hook_that_is_implemented_no_more_is_called_no_more(
    host: Host, enable: Enable, write: Write
) -> None:
    shop = enable("shop", price(1))
    write("shop")

    shop.reload()

    assert host.hooks.hook.price(item="tea") == []


def test_hooks_of_async_specs_change_as_well(host: Host, enable: Enable, write: Write) -> None:
    source = "@hookimpl\nasync def fetched(url): return {}"
    shop = enable("shop", source.format(1))
    write("shop", source.format(2))

    shop.reload()

    assert asyncio.run(host.async_hooks.hook.fetched(url="/")) == [2]


def test_objects_that_a_plugin_registers_change_with_it(
    host: Host, enable: Enable, write: Write
) -> None:
    source = """
    class Prices:
        @hookimpl
        def price(self, item):
            return {}

    @get_current_plugin().on_enable.on
    def start():
        get_current_plugin().host.hooks.register(Prices())
    """
    shop = enable("shop", source.format(1))
    write("shop", source.format(2))

    shop.reload()

    assert host.hooks.hook.price(item="tea") == [2]


def test_a_historic_call_is_shown_to_the_new_generation(
    host: Host, enable: Enable, write: Write
) -> None:
    seen: list[Any] = []
    source = "@hookimpl\ndef configured(key): return (key, {})"
    shop = enable("shop", source.format(1))
    host.hooks.hook.configured.call_historic({"key": "a"}, seen.append)
    write("shop", source.format(2))

    shop.reload()

    assert seen == [("a", 1), ("a", 2)]


def test_several_plugins_are_replaced_in_one_commit(
    host: Host, enable: Enable, write: Write
) -> None:
    for name in ("shop", "bar"):
        enable(name, price(1))
        write(name, price(2))

    report = host.reload(["bar", "shop"])

    assert host.hooks.hook.price(item="tea") == [2, 2]
    assert {each.plugin for each in report.replaced} == {"shop", "bar"}


def test_the_version_and_the_manifest_are_those_of_the_new_files(
    enable: Enable, write: Write
) -> None:
    shop = enable("shop", price(1), version="1.0")
    write("shop", price(2), version="2.0", description="It sells tea.")

    report = shop.reload()

    assert (shop.version, shop.metadata.description) == ("2.0", "It sells tea.")
    assert "shop 1.0 -> 2.0: generation 1 -> 2" in str(report)


def test_a_loaded_plugin_stays_loaded(host: Host, write: Write) -> None:
    shop = host.load_plugin(write("shop", price(1)))
    write("shop", price(2))

    shop.reload()

    assert shop.state is PluginState.LOADED
    assert host.hooks.hook.price(item="tea") == []
    shop.enable()
    assert host.hooks.hook.price(item="tea") == [2]


def test_host_code_that_holds_the_facade_follows(host: Host, enable: Enable, write: Write) -> None:
    shop = enable("shop", "value = 1", files={"__init__.py": ""})
    from importlib import import_module

    held = import_module("hotplug.plugins.shop.plugin")
    write("shop", "value = 2", files={"__init__.py": ""})

    shop.reload()

    assert held.value == 2


def test_on_disable_and_on_unload_of_the_old_one_run_once_and_after_the_commit(
    host: Host, enable: Enable, write: Write, notes: list[str]
) -> None:
    source = """
    from builtins import notes
    me = get_current_plugin()
    me.on_enable.on(lambda: notes.append("{0} starts"))
    me.on_disable.on(lambda: notes.append("{0} stops"))
    me.on_unload.on(lambda: notes.append("{0} goes"))
    """
    shop = enable("shop", source.format("one"))
    write("shop", source.format("two"))

    shop.reload()

    assert notes == ["one starts", "two starts", "one stops", "one goes"]


def test_a_report_names_every_stage_with_its_time(enable: Enable) -> None:
    report = enable("shop", price(1)).reload()

    assert {each.stage for each in report.stages} == {*STAGES} - {"idle", "hold", "stop"}
    assert all(each.seconds >= 0 for each in report.stages)
    assert json.loads(json.dumps(report.as_dict()))["wanted"] == ["shop"]


def test_a_plugin_reloads_itself_and_its_own_call_ends_in_the_old_generation(
    host: Host, enable: Enable, write: Write
) -> None:
    source = """
    @hookimpl
    def price(item):
        if item == "new":
            get_current_plugin().reload()
        return {}
    """
    enable("shop", source.format(1))
    write("shop", source.format(2))

    assert host.hooks.hook.price(item="new") == [1]
    assert host.hooks.hook.price(item="tea") == [2]


def test_another_plugin_cannot_reload_one(host: Host, enable: Enable) -> None:
    enable("shop", price(1))
    spy = "@hookimpl\ndef name(): get_current_plugin().known_as('shop').reload()"
    enable("spy", spy)

    with pytest.raises(NotAllowed):
        host.hooks.hook.name()


@pytest.mark.parametrize("state", ["disabled", "error"])
def test_what_does_not_run_is_not_reloaded(host: Host, write: Write, state: str) -> None:
    shop = host.load_plugin(write("shop"))
    if state == "error":
        write("shop", "1 / 0")
    shop.disable()
    if state == "error":
        with pytest.raises(ZeroDivisionError):
            shop.enable()

    with pytest.raises(PluginStateError, match=f"is {state}: there is nothing to reload"):
        shop.reload()


def test_an_unknown_name_is_told(host: Host) -> None:
    with pytest.raises(UnknownPluginError):
        host.reload(["shop"])


def test_children_that_the_new_generation_loads_again_run_on(
    host: Host, enable: Enable, write: Write, notes: list[str]
) -> None:
    kept = write("kept", "from builtins import notes\nnotes.append('kept runs')" + price(7))
    gone = write("gone", price(8))
    source = """
    me = get_current_plugin()
    @me.on_enable.on
    def start():
        for place in {!r}:
            me.host.load_plugin(place).enable()
    """
    shop = enable("shop", source.format([str(kept), str(gone)]))
    write("shop", source.format([str(kept)]))

    shop.reload()

    assert notes == ["kept runs"]
    assert host.plugins["kept"].state is PluginState.ENABLED
    assert host.plugins["gone"].state is PluginState.DISABLED


def test_a_child_that_is_new_goes_live_with_its_parent(
    host: Host, enable: Enable, write: Write
) -> None:
    child = write("child", price(7))
    shop = enable("shop")
    write("shop", f"get_current_plugin().host.load_plugin({str(child)!r}).enable()" + price(2))

    shop.reload()

    assert host.hooks.hook.price(item="tea") == [2, 7]


def test_resources_in_code_of_ones_own_move_on(enable: Enable, write: Write) -> None:
    source = """
    me = get_current_plugin()
    released = []
    me.on_enable.on(lambda: me.own(object(), lambda: released.append({0})))
    """
    shop = enable("shop", source.format(1))
    old = shop.module
    write("shop", source.format(2))

    shop.reload()

    assert (old.released, shop.module.released) == ([1], [])
    assert len(shop.resources) == 1

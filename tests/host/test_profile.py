"""Profiling a host: what each plugin does on each hook, event and timer, and who blocks a loop."""

from __future__ import annotations

import asyncio
import gc
import json
import threading
import weakref
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from hotplug import AsyncHooks, HookspecMarker, PluginHost
from hotplug.observe.profile import Row
from hotplug.testing import FakeClock

Write = Callable[..., Path]

spec = HookspecMarker("till")

IMPLEMENTS = """
    import asyncio, time
    from hotplug import HookimplMarker, event, get_current_plugin

    impl = HookimplMarker("till")

    @impl
    def price(item):
        if item == "gold":
            raise ValueError("no price")
        return 3

    @impl
    async def fetch(seconds):
        await asyncio.sleep(seconds)

    @impl
    async def hog(seconds):
        await asyncio.sleep(0)
        time.sleep(seconds)  # the line that blocks

    @event()
    def sold(item): ...
"""


class Specs:
    @spec
    def price(self, item: str) -> object: ...


class Awaited(AsyncHooks):
    @spec
    async def fetch(self, seconds: float) -> object: ...

    @spec
    async def hog(self, seconds: float) -> object: ...


@pytest.fixture
def till() -> Iterator[PluginHost[Any]]:
    with PluginHost("till", specs=[Specs, Awaited]) as host:
        yield host


def row(rows: list[Row], kind: str, name: str) -> Row:
    return next(row for row in rows if (row.kind, row.name) == (kind, name))


def test_r7_calls_and_time_on_a_hook_are_counted_for_each_plugin(
    till: PluginHost[Any], write_plugin: Write
) -> None:
    for name in ("shop", "fair"):
        till.load_plugin(write_plugin(name, IMPLEMENTS)).enable()

    with till.profile() as profile:
        till.hooks.hook.price(item="tea")
        till.hooks.hook.price(item="tea")

    counted = {(row.plugin, row.name): row.calls for row in profile.rows}
    assert counted == {("shop", "price"): 2, ("fair", "price"): 2}
    assert all(row.seconds >= row.longest > 0 for row in profile.rows)


def test_r7_errors_are_counted_and_the_last_one_is_told_with_its_line(
    till: PluginHost[Any], write_plugin: Write
) -> None:
    folder = write_plugin("shop", IMPLEMENTS)
    till.load_plugin(folder).enable()

    with till.profile() as profile, pytest.raises(ValueError, match="no price"):
        till.hooks.hook.price(item="gold")

    price = row(profile.rows, "hook", "price")
    assert (price.calls, price.errors) == (1, 1)
    assert price.last_error == f"ValueError: no price ({folder / 'plugin.py'}:10)"


def test_r7_an_async_implementation_counts_until_it_ends(
    till: PluginHost[Any], write_plugin: Write
) -> None:
    till.load_plugin(write_plugin("shop", IMPLEMENTS)).enable()

    with till.profile() as profile:
        asyncio.run(till.async_hooks.hook.fetch(seconds=0.06))

    fetch = row(profile.rows, "hook", "fetch")
    assert fetch.calls == 1
    assert fetch.seconds >= 0.06


def test_r7_handlers_of_events_are_counted_for_those_who_handle(
    till: PluginHost[Any], write_plugin: Write
) -> None:
    shop = till.load_plugin(write_plugin("shop", IMPLEMENTS))
    shop.enable()
    listens = """
        from hotplug import get_current_plugin
        shop = get_current_plugin().host.get_plugin("shop")

        @shop.module.sold.on
        def count(item): ...
    """
    till.load_plugin(write_plugin("ledger", listens, requires=["shop"])).enable()

    with till.profile() as profile:
        shop.module.sold("tea")

    sold = row(profile.rows, "event", "sold")
    assert (sold.plugin, sold.calls) == ("ledger", 1)


def test_r7_awaited_handlers_count_until_they_end(
    till: PluginHost[Any], write_plugin: Write
) -> None:
    source = """
        import asyncio
        from hotplug import event

        @event()
        def sold(item): ...

        @sold.on
        async def tell(item):
            await asyncio.sleep(0.06)
    """
    shop = till.load_plugin(write_plugin("shop", source))
    shop.enable()

    with till.profile() as profile:
        asyncio.run(shop.module.sold.emit_async("tea"))

    assert row(profile.rows, "event", "sold").seconds >= 0.06


def test_r7_functions_of_timers_are_counted(write_plugin: Write) -> None:
    source = """
        from hotplug import set_interval
        def tick(): ...
        set_interval(tick, 1)
    """
    clock = FakeClock()
    with PluginHost(scheduler=clock) as host:
        host.load_plugin(write_plugin("shop", source)).enable()

        with host.profile() as profile:
            clock.advance(3)

    assert row(profile.rows, "timer", "tick").calls == 3


def test_r7_switches_are_counted_where_another_one_ran(
    till: PluginHost[Any], write_plugin: Write
) -> None:
    till.load_plugin(write_plugin("shop", IMPLEMENTS)).enable()

    with till.profile() as profile:
        for _ in range(3):
            till.hooks.hook.price(item="tea")

    assert profile.switches == {"shop": 3}


def test_r7_who_blocks_the_event_loop_is_named_with_the_line(
    till: PluginHost[Any], write_plugin: Write
) -> None:
    folder = write_plugin("shop", IMPLEMENTS)
    till.load_plugin(folder).enable()

    with till.profile(slow=0.05) as profile:
        asyncio.run(till.async_hooks.hook.hog(seconds=0.4))

    assert [(block.plugin, block.where) for block in profile.blocked] == [
        ("shop", f"{folder / 'plugin.py'}:20")
    ]
    assert profile.blocked[0].longest >= 0.05


def test_a_loop_that_waits_is_not_blocked(till: PluginHost[Any], write_plugin: Write) -> None:
    till.load_plugin(write_plugin("shop", IMPLEMENTS)).enable()

    with till.profile(slow=0.05) as profile:
        asyncio.run(till.async_hooks.hook.fetch(seconds=0.3))

    assert all(block.plugin != "shop" for block in profile.blocked)


def test_a_task_that_is_cancelled_is_no_error(till: PluginHost[Any], write_plugin: Write) -> None:
    till.load_plugin(write_plugin("shop", IMPLEMENTS)).enable()

    async def cancel() -> None:
        async with asyncio.timeout(0.01):
            await till.async_hooks.hook.fetch(seconds=60)

    with till.profile() as profile, pytest.raises(TimeoutError):
        asyncio.run(cancel())

    fetch = row(profile.rows, "hook", "fetch")
    assert (fetch.calls, fetch.errors) == (1, 0)


def test_after_it_has_stopped_nothing_is_counted(
    till: PluginHost[Any], write_plugin: Write
) -> None:
    till.load_plugin(write_plugin("shop", IMPLEMENTS)).enable()
    threads = threading.active_count()
    with till.profile() as profile:
        till.hooks.hook.price(item="tea")

    till.hooks.hook.price(item="tea")
    profile.stop()

    assert row(profile.rows, "hook", "price").calls == 1
    assert threading.active_count() == threads


def test_two_profiles_do_not_disturb_each_other(till: PluginHost[Any], write_plugin: Write) -> None:
    shop = till.load_plugin(write_plugin("shop", IMPLEMENTS))
    shop.enable()
    outer = till.profile()
    with till.profile() as inner:
        till.hooks.hook.price(item="tea")
    till.hooks.hook.price(item="tea")
    outer.stop()

    assert row(inner.rows, "hook", "price").calls == 1
    assert row(outer.rows, "hook", "price").calls == 2


def test_plugins_of_another_host_are_left_out(till: PluginHost[Any], write_plugin: Write) -> None:
    source = "from hotplug import event\n@event()\ndef sold(): ...\n@sold.on\ndef heard(): ..."
    with PluginHost() as other:
        shop = other.load_plugin(write_plugin("shop", source))
        shop.enable()

        with till.profile() as profile:
            shop.module.sold()

    assert profile.rows == []


def test_a_plugin_that_comes_while_it_runs_is_counted(
    till: PluginHost[Any], write_plugin: Write
) -> None:
    with till.profile() as profile:
        till.load_plugin(write_plugin("shop", IMPLEMENTS)).enable()
        till.hooks.hook.price(item="tea")

    assert row(profile.rows, "hook", "price").calls == 1


def test_a_profile_keeps_no_code_of_a_plugin_alive(
    till: PluginHost[Any], write_plugin: Write
) -> None:
    shop = till.load_plugin(write_plugin("shop", IMPLEMENTS))
    shop.enable()
    function = weakref.ref(shop.module.price)
    profile = till.profile()
    with pytest.raises(ValueError, match="no price"):
        till.hooks.hook.price(item="gold")

    shop.unload()
    gc.collect()

    assert function() is None
    profile.stop()


def test_it_prints_as_a_table_and_exports_as_data(
    till: PluginHost[Any], write_plugin: Write
) -> None:
    till.load_plugin(write_plugin("shop", IMPLEMENTS)).enable()
    with till.profile() as profile:
        assert str(profile).startswith("nothing was called")
        till.hooks.hook.price(item="tea")

    head, line, *_ = str(profile).splitlines()
    data = json.loads(json.dumps(profile.as_data()))

    assert head.split()[:4] == ["plugin", "what", "calls", "errors"]
    assert line.split()[:4] == ["shop", "hook", "price", "1"]
    assert data["rows"][0]["name"] == "price"
    assert data["switches"] == {"shop": 1}

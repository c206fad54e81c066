"""Plugins that are not ready yet say so, and are tried again after a while that grows."""

from __future__ import annotations

import builtins
import gc
import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event
from typing import Any
from weakref import ref

import pytest

from hotplug import NotReady, PluginHost, PluginState
from hotplug.errors import DependencyError
from hotplug.host.plugin import Plugin
from hotplug.host.retrying import delay_after
from hotplug.testing import FakeClock

WritePlugin = Callable[..., Path]
Notes = list[str]

IN_MODULE = """
    from hotplug import NotReady, get_current_plugin
    notes.append("tried")
    if "database" not in notes:
        raise NotReady("database", retry=5)
    get_current_plugin().on_enable += lambda: notes.append("runs")
"""
IN_HANDLER = """
    from hotplug import NotReady, get_current_plugin, set_interval
    me = get_current_plugin()
    set_interval(lambda: notes.append("tick"), 0.5)
    me.on_disable += lambda: notes.append("given back")

    @me.on_enable.on
    def start():
        notes.append("tried")
        if "database" not in notes:
            raise NotReady("database", retry=5)
        notes.append("runs")
"""


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def host(clock: FakeClock, notes: Notes) -> Iterator[PluginHost[Any]]:
    with PluginHost(scheduler=clock) as host:
        yield host


def enabled(host: PluginHost[Any], place: Path) -> Plugin:
    plugin = host.load_plugin(place)
    with pytest.raises(NotReady, match="not ready: database"):
        plugin.enable()
    return plugin


@pytest.mark.parametrize("source", [IN_MODULE, IN_HANDLER])
def test_one_that_is_not_ready_waits_with_the_reason(
    host: PluginHost[Any], write_plugin: WritePlugin, source: str
) -> None:
    shop = enabled(host, write_plugin("shop", source))

    assert (shop.state, shop.error) == (PluginState.UNLOADED, None)
    assert shop.reason == "not ready: database"
    assert shop.resources == []


@pytest.mark.parametrize("source", [IN_MODULE, IN_HANDLER])
def test_it_is_tried_again_until_it_is_ready(
    host: PluginHost[Any], write_plugin: WritePlugin, clock: FakeClock, notes: Notes, source: str
) -> None:
    shop = enabled(host, write_plugin("shop", source))
    notes[:] = ["database"]

    clock.advance(4.9)
    assert shop.state is PluginState.UNLOADED
    clock.advance(0.1)

    assert (shop.state, shop.reason) == (PluginState.ENABLED, "")
    assert notes == ["database", "tried", "runs"]
    assert host.plugins.obstacles(shop) == []


def test_what_it_held_is_given_back(
    host: PluginHost[Any], write_plugin: WritePlugin, clock: FakeClock, notes: Notes
) -> None:
    enabled(host, write_plugin("shop", IN_HANDLER))

    clock.advance(4)

    assert notes == ["tried", "given back"]


def test_one_that_never_ran_is_not_told_to_have_been_disabled(
    host: PluginHost[Any], write_plugin: WritePlugin, notes: Notes
) -> None:
    host.add_disable_hook(lambda plugin: notes.append("disabled"))
    host.events.plugin_unloaded.on(lambda plugin: notes.append("unloaded"))

    enabled(host, write_plugin("shop", IN_HANDLER))

    assert notes == ["tried", "given back", "unloaded"]


def test_loading_it_raises_nothing_and_it_is_loaded_later(
    host: PluginHost[Any], write_plugin: WritePlugin, clock: FakeClock, notes: Notes
) -> None:
    shop = host.load_plugin(write_plugin("shop", IN_MODULE))
    assert (shop.state, shop.reason) == (PluginState.UNLOADED, "not ready: database")
    notes[:] = ["database"]

    clock.advance(5)

    assert shop.state is PluginState.LOADED


def test_each_time_it_waits_twice_as_long_up_to_a_most() -> None:
    error = NotReady("database", retry=2, at_most=30)

    assert [delay_after(error, tries) for tries in range(6)] == [2, 4, 8, 16, 30, 30]
    assert delay_after(error, 10_000) == 30
    assert delay_after(NotReady("database", retry=900), 3) == 900


def test_it_is_tried_after_5_then_10_then_20_seconds(
    host: PluginHost[Any],
    write_plugin: WritePlugin,
    clock: FakeClock,
    notes: Notes,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(builtins, "now", clock.monotonic, raising=False)
    host.load_plugin(write_plugin("shop", IN_MODULE.replace('"tried"', "str(now())")))

    clock.advance(100)

    assert notes == ["0.0", "5.0", "15.0", "35.0", "75.0"]


def test_once_it_has_run_the_wait_is_short_again(
    host: PluginHost[Any], write_plugin: WritePlugin, clock: FakeClock, notes: Notes
) -> None:
    shop = enabled(host, write_plugin("shop", IN_MODULE))
    clock.advance(15)
    notes[:] = ["database"]
    clock.advance(20)
    assert shop.state is PluginState.ENABLED
    shop.disable()
    notes.clear()
    with pytest.raises(NotReady):
        shop.enable()
    notes[:] = ["database"]

    clock.advance(5)

    assert shop.state is PluginState.ENABLED


def test_the_wait_is_short_again_too_where_what_it_requires_starts_again(
    host: PluginHost[Any], write_plugin: WritePlugin, clock: FakeClock, notes: Notes
) -> None:
    base = host.load_plugin(write_plugin("base"))
    shop = enabled(host, write_plugin("shop", IN_MODULE, requires=["base"]))
    clock.advance(15)
    notes[:] = ["database"]
    clock.advance(20)
    base.disable()
    notes.clear()
    base.enable()
    notes[:] = ["database"]

    clock.advance(5)

    assert shop.state is PluginState.ENABLED


def test_a_try_that_comes_too_late_does_nothing(
    host: PluginHost[Any], write_plugin: WritePlugin, notes: Notes
) -> None:
    shop = enabled(host, write_plugin("shop", IN_MODULE))
    late = shop.retry
    assert late is not None
    shop.disable()
    shop.wish = PluginState.ENABLED
    notes.clear()

    late.ring()

    assert notes == []


@pytest.mark.parametrize("operation", ["disable", "unload"])
def test_whoever_stops_it_ends_the_trying(
    host: PluginHost[Any],
    write_plugin: WritePlugin,
    clock: FakeClock,
    notes: Notes,
    operation: str,
) -> None:
    shop = enabled(host, write_plugin("shop", IN_MODULE))

    getattr(shop, operation)()
    notes.clear()
    clock.advance(1000)

    assert (notes, clock.waiting) == ([], 0)
    assert shop.state is PluginState.UNLOADED


def test_closing_the_host_ends_the_trying(
    write_plugin: WritePlugin, clock: FakeClock, notes: Notes
) -> None:
    with PluginHost(scheduler=clock) as host:
        enabled(host, write_plugin("shop", IN_MODULE))

    assert clock.waiting == 0


def test_enabling_it_oneself_takes_the_place_of_the_next_try(
    host: PluginHost[Any], write_plugin: WritePlugin, clock: FakeClock, notes: Notes
) -> None:
    shop = enabled(host, write_plugin("shop", IN_MODULE))
    clock.advance(3)
    notes[:] = ["database"]

    shop.enable()
    clock.advance(1000)

    assert (notes, clock.waiting) == (["database", "tried", "runs"], 0)


def test_enable_all_tells_and_raises_nothing(
    host: PluginHost[Any],
    write_plugin: WritePlugin,
    clock: FakeClock,
    caplog: pytest.LogCaptureFixture,
) -> None:
    host.load_plugin(write_plugin("shop", IN_HANDLER))
    other = host.load_plugin(write_plugin("other"))

    with caplog.at_level(logging.WARNING, "hotplug.host"):
        host.enable_all()

    assert other.state is PluginState.ENABLED
    assert caplog.messages == [
        "plugin 'shop' is not ready: database; it is tried again in 5 s",
    ]


def test_r2_dependants_wait_with_the_reason_and_start_with_it(
    host: PluginHost[Any],
    write_plugin: WritePlugin,
    clock: FakeClock,
    notes: Notes,
    caplog: pytest.LogCaptureFixture,
) -> None:
    host.load_plugin(write_plugin("shop", IN_HANDLER))
    bills = host.load_plugin(write_plugin("bills", requires=["shop"]))

    with pytest.raises(DependencyError) as caught:
        bills.enable()

    assert bills.reason == "it requires 'shop', which is not ready: database"
    assert [each.kind for each in caught.value.obstacles] == ["not-ready"]
    assert {each.levelname for each in caplog.records} == {"WARNING"}
    notes[:] = ["database"]
    clock.advance(5)
    assert (bills.state, bills.reason) == (PluginState.ENABLED, "")


def test_the_obstacle_of_the_plugin_itself_says_where_it_was_raised(
    host: PluginHost[Any], write_plugin: WritePlugin
) -> None:
    shop = enabled(host, write_plugin("shop", IN_MODULE))

    (obstacle,) = host.plugins.obstacles(shop)

    assert (obstacle.kind, obstacle.about) == ("not-ready", "database")
    assert obstacle.where == f"{shop.location / 'plugin.py'}:5"
    assert obstacle.proposals[0].action == ("enable", "shop")


def test_one_that_fails_when_it_is_tried_again_is_logged_and_not_tried_any_more(
    host: PluginHost[Any],
    write_plugin: WritePlugin,
    clock: FakeClock,
    notes: Notes,
    caplog: pytest.LogCaptureFixture,
) -> None:
    source = IN_MODULE.replace('notes.append("tried")', '1 / ("broken" not in notes)')
    shop = enabled(host, write_plugin("shop", source))
    notes[:] = ["broken"]

    with caplog.at_level(logging.ERROR, "hotplug.host"):
        clock.advance(1000)

    assert (shop.state, clock.waiting) == (PluginState.ERROR, 0)
    assert [each.message for each in caplog.records if each.levelno == logging.ERROR] == [
        "plugin 'shop', which waited for 'database', failed: ZeroDivisionError: division by zero"
    ]


def test_several_handlers_that_are_not_ready_are_one_that_is_not(
    host: PluginHost[Any], write_plugin: WritePlugin, clock: FakeClock
) -> None:
    source = """
        from hotplug import NotReady, get_current_plugin
        def one(): raise NotReady("database")
        def other(): raise NotReady("queue")
        get_current_plugin().on_enable += one
        get_current_plugin().on_enable += other
    """

    shop = enabled(host, write_plugin("shop", source))

    assert (shop.state, clock.waiting) == (PluginState.UNLOADED, 1)


def test_a_handler_that_fails_beside_it_is_a_failure(
    host: PluginHost[Any], write_plugin: WritePlugin, clock: FakeClock
) -> None:
    source = """
        from hotplug import NotReady, get_current_plugin
        def one(): raise NotReady("database")
        get_current_plugin().on_enable += one
        get_current_plugin().on_enable += lambda: 1 / 0
    """
    shop = host.load_plugin(write_plugin("shop", source))

    with pytest.raises(ExceptionGroup):
        shop.enable()

    assert (shop.state, clock.waiting) == (PluginState.ERROR, 0)


def test_one_that_cannot_give_everything_back_has_failed(
    host: PluginHost[Any], write_plugin: WritePlugin, clock: FakeClock
) -> None:
    source = IN_HANDLER + "    me.on_disable += lambda: 1 / 0"
    shop = host.load_plugin(write_plugin("shop", source))

    with pytest.raises(ExceptionGroup, match="nor give everything back"):
        shop.enable()

    assert (shop.state, clock.waiting) == (PluginState.ERROR, 0)


@pytest.mark.parametrize("retry", [0, -1, float("inf"), float("nan")])
def test_it_is_tried_again_in_some_seconds(retry: float) -> None:
    with pytest.raises(ValueError, match=r"NotReady\(retry=...\) is some seconds"):
        NotReady("database", retry=retry)


def test_no_code_of_the_try_that_failed_is_kept(
    host: PluginHost[Any], write_plugin: WritePlugin, notes: list[Any]
) -> None:
    source = """
        from hotplug import NotReady
        def function(): pass
        notes.append(function)
        raise NotReady("database")
    """
    host.load_plugin(write_plugin("shop", source))
    function = ref(notes.pop())

    gc.collect()

    assert function() is None


def test_with_threads_of_its_own_it_is_tried_again_too(
    write_plugin: WritePlugin, notes: Notes
) -> None:
    with PluginHost() as host:
        shop = host.load_plugin(write_plugin("shop", IN_MODULE.replace("retry=5", "retry=0.02")))
        loaded = Event()
        host.events.plugin_loaded.on(lambda plugin: loaded.set())

        notes.append("database")

        assert loaded.wait(30)
        assert shop.state is PluginState.LOADED

"""Which scheduler calls the timers of a host's plugins, and who closes it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hotplug.host.host import PluginHost
from hotplug.testing.clock import FakeClock

SETS_A_TIMER = """
    from hotplug import get_current_plugin, set_timeout

    @get_current_plugin().on_enable.on
    def start():
        set_timeout(lambda: notes.append("called"), 60)
"""


def test_timers_of_plugins_are_called_by_the_scheduler_that_the_host_was_given(
    write_plugin: Callable[..., Path], notes: list[str]
) -> None:
    clock = FakeClock()
    with PluginHost(scheduler=clock) as host:
        host.load_plugin(write_plugin("shop", SETS_A_TIMER)).enable()

        clock.advance(60)

    assert notes == ["called"]


def test_a_scheduler_that_was_given_outlives_the_host() -> None:
    clock = FakeClock()

    PluginHost(scheduler=clock).close()

    assert not clock.is_closed


def test_a_scheduler_that_the_host_has_made_ends_with_it(
    host: PluginHost[Any], write_plugin: Callable[..., Path], notes: list[str]
) -> None:
    others = {*threading.enumerate()}
    host.load_plugin(write_plugin("shop", SETS_A_TIMER)).enable()
    started = {*threading.enumerate()} - others
    assert "hotplug-timers" in {thread.name for thread in started}

    host.close()

    assert host.scheduler.is_closed
    assert "hotplug-timers" not in {thread.name for thread in threading.enumerate()}


def test_each_host_has_a_scheduler_of_its_own(host: PluginHost[Any]) -> None:
    with PluginHost() as other:
        assert host.scheduler is host.scheduler
        assert host.scheduler is not other.scheduler


def test_a_coroutine_that_a_timer_calls_runs_as_its_plugin_in_all_its_steps(
    host: PluginHost[Any], write_plugin: Callable[..., Path], notes: list[str]
) -> None:
    source = """
        import asyncio
        from hotplug import get_current_plugin, set_timeout

        async def look():
            notes.append(get_current_plugin().name)
            await asyncio.sleep(0)
            notes.append(get_current_plugin().name)

        set_timeout(look, 0)
    """
    ended = threading.Event()
    host.events.resource_released.on(lambda _: ended.set())

    host.load_plugin(write_plugin("shop", source)).enable()

    ended.wait()
    assert notes == ["shop", "shop"]

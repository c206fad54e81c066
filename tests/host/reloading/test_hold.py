"""A plugin that cannot lose a write: calls wait while its state is handed over."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from hotplug import Plugin, PluginHost
from hotplug.errors import ReloadError
from hotplug.hooks.hook import Hook
from hotplug.host.timers import METERS

Write = Callable[..., Path]
Enable = Callable[..., Plugin]
Host = PluginHost[Any]

COUNTS = """
written = []

@hookimpl
def price(item):
    if callable(item):
        item = item()
    written.append(item)
    return {0}

@hookimpl
async def fetched(url):
    await url()
    written.append(url.__name__)
    return {0}

def export_state():
    get_current_plugin().about_to_export()
    return written

def import_state(data, from_version):
    written.extend(data)
"""


class Gate:
    """Where a call waits until it may go on."""

    def __init__(self) -> None:
        self.inside, self.open = threading.Event(), threading.Event()

    def __call__(self) -> str:
        self.inside.set()
        assert self.open.wait(10)
        return "late"


@pytest.fixture
def counts(enable: Enable, write: Write) -> Plugin:
    """A plugin that asks to be held, edited already."""
    Plugin.about_to_export = lambda self: None  # type: ignore[attr-defined]
    shop = enable("shop", COUNTS.format(1), reload="hold")
    write("shop", COUNTS.format(2), reload="hold")
    return shop


def in_thread(function: Callable[..., Any], *args: Any, **kwargs: Any) -> tuple[Any, list[Any]]:
    results: list[Any] = []

    def run() -> None:
        try:
            results.append(function(*args, **kwargs))
        except BaseException as error:
            results.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    return thread, results


def is_held(host: Host) -> bool:
    hook: Hook = host.hooks.hook.price.__globals__["_caller"].hook
    return bool(hook.gates)


def until(condition: Callable[[], object]) -> None:
    for _ in range(5000):
        if condition():
            return
        threading.Event().wait(0.001)
    raise AssertionError("it did not come to that")


def test_what_a_call_under_way_writes_is_in_the_state_that_is_handed_over(
    host: Host, counts: Plugin
) -> None:
    gate = Gate()
    call, answers = in_thread(host.hooks.hook.price, item=gate)
    gate.inside.wait(5)
    reload, reports = in_thread(counts.reload)
    until(lambda: is_held(host))
    held, more = in_thread(host.hooks.hook.price, item="held")
    held.join(0.02)
    assert held.is_alive()
    assert counts.generation == 1

    gate.open.set()
    for thread in (call, reload, held):
        thread.join(5)

    assert (answers, more) == ([[1]], [[2]])
    assert counts.module.written == ["late", "held"]
    assert reports[0].time_of("hold") > 0


def test_afterwards_nothing_of_it_is_left(host: Host, counts: Plugin) -> None:
    counts.reload()

    assert not is_held(host)
    assert METERS == []
    assert host.hooks.hook.price(item="tea") == [2]
    assert host.old_generations() == []


def test_a_call_that_one_under_way_makes_goes_on(host: Host, counts: Plugin) -> None:
    gate = Gate()

    def asks() -> str:
        gate()
        host.hooks.hook.price(item="inner")
        return "outer"

    call, _ = in_thread(host.hooks.hook.price, item=asks)
    gate.inside.wait(5)
    reload, _ = in_thread(counts.reload)
    until(lambda: is_held(host))
    gate.open.set()
    call.join(5)
    reload.join(5)

    assert counts.generation == 2
    assert counts.module.written == ["inner", "outer"]


def test_a_call_that_has_waited_too_long_goes_on_in_the_old_generation(
    host: Host, counts: Plugin
) -> None:
    gate = Gate()
    call, _ = in_thread(host.hooks.hook.price, item=gate)
    gate.inside.wait(5)
    reload, outcome = in_thread(counts.reload, hold_timeout=0.05)
    until(lambda: is_held(host))

    assert host.hooks.hook.price(item="patient") == [1]

    reload.join(5)
    gate.open.set()
    call.join(5)
    (error,) = outcome
    assert isinstance(error, ReloadError)
    assert error.stage == "hold"
    assert "generation 1 serves on; nothing has changed" in str(error)
    assert counts.module.written == ["patient", "late"]
    assert not is_held(host)


def test_a_call_that_does_not_end_in_time_is_named(host: Host, counts: Plugin) -> None:
    gate = Gate()
    call, _ = in_thread(host.hooks.hook.price, item=gate)
    gate.inside.wait(5)

    with pytest.raises(ReloadError, match=r"still runs: .*plugin.py:10") as caught:
        counts.reload(hold_timeout=0.02)

    gate.open.set()
    call.join(5)
    assert caught.value.stage == "hold"
    assert counts.generation == 1


def test_calls_that_wait_while_the_state_is_exported_too_long_go_on_and_nothing_is_lost(
    host: Host, counts: Plugin
) -> None:
    gate = Gate()
    Plugin.about_to_export = lambda self: gate()  # type: ignore[attr-defined]
    reload, outcome = in_thread(counts.reload, hold_timeout=0.05)
    gate.inside.wait(5)

    assert host.hooks.hook.price(item="patient") == [1]
    gate.open.set()
    reload.join(5)

    assert outcome[0].stage == "commit"
    assert counts.generation == 1
    assert counts.module.written == ["patient"]


@pytest.fixture
def exporting(counts: Plugin) -> Iterator[Callable[[], None]]:
    """A reload that is handing the state over, and goes on when this is called."""
    gate = Gate()
    Plugin.about_to_export = lambda self: gate()  # type: ignore[attr-defined]
    reload, _ = in_thread(counts.reload)
    gate.inside.wait(5)

    def go_on() -> None:
        gate.open.set()
        reload.join(5)

    yield go_on
    go_on()


async def price_in_a_loop(host: Host, item: str) -> Any:
    return host.hooks.hook.price(item=item)


def test_while_the_state_is_handed_over_calls_in_event_loops_wait(
    host: Host, counts: Plugin, exporting: Callable[[], None]
) -> None:
    plain, first = in_thread(lambda: asyncio.run(price_in_a_loop(host, "plain")))
    awaited, second = in_thread(lambda: asyncio.run(fetch(host)))
    plain.join(0.02)
    assert plain.is_alive()
    assert awaited.is_alive()

    exporting()
    plain.join(5)
    awaited.join(5)

    assert (first, second) == ([[2]], [[2]])
    assert sorted(counts.module.written) == ["at_once", "plain"]


async def fetch(host: Host) -> Any:
    return await host.async_hooks.hook.fetched(url=at_once)


def test_and_so_do_those_of_the_plugins_own_threads(
    host: Host, counts: Plugin, exporting: Callable[[], None]
) -> None:
    life = counts.life
    assert life is not None
    own, answers = in_thread(life.call, host.hooks.hook.price, item="own")
    own.join(0.02)
    assert own.is_alive()

    exporting()
    own.join(5)

    assert (answers, counts.module.written) == ([[2]], ["own"])


def test_an_event_waits_in_whatever_way_it_is_emitted_first(enable: Enable, write: Write) -> None:
    bell = enable("bell", "@event\ndef rung(who): ...")
    source = COUNTS.format(1) + (
        "\nget_current_plugin().known_as('bell').module.rung.on(lambda who: written.append(who))"
    )
    shop = enable("shop", source, reload="hold")
    gate = Gate()
    Plugin.about_to_export = lambda self: gate()  # type: ignore[attr-defined]
    reload, _ = in_thread(shop.reload)
    gate.inside.wait(5)

    async def ring() -> None:
        bell.module.rung("in a loop")

    threads = [
        in_thread(bell.module.rung, "plainly")[0],
        in_thread(lambda: asyncio.run(ring()))[0],
        in_thread(lambda: asyncio.run(bell.module.rung.emit_async("awaited")))[0],
    ]
    for thread in threads:
        thread.join(0.02)
        assert thread.is_alive()
    gate.open.set()
    for thread in [*threads, reload]:
        thread.join(5)

    assert sorted(shop.module.written) == ["awaited", "in a loop", "plainly"]


def test_a_failure_at_the_hand_over_lets_the_calls_go_on(
    host: Host, counts: Plugin, write: Write
) -> None:
    fails = COUNTS.format(2).replace("written.extend(data)", "1 / 0")
    write("shop", fails, reload="hold")

    with pytest.raises(ReloadError) as caught:
        counts.reload()

    assert caught.value.stage == "state"
    assert not is_held(host)
    assert host.hooks.hook.price(item="tea") == [1]


def test_handlers_of_events_wait_as_well(host: Host, enable: Enable, write: Write) -> None:
    bell = enable("bell", "@event\ndef rung(who): ...")
    source = """
    heard = []
    get_current_plugin().known_as("bell").module.rung.on(heard.append)

    @hookimpl
    def price(item): return item()

    def export_state(): return heard
    def import_state(data, from_version): heard.extend(data)
    """
    shop = enable("shop", source, reload="hold")
    bell.module.rung("before")
    gate = Gate()
    call, _ = in_thread(host.hooks.hook.price, item=gate)
    gate.inside.wait(5)
    reload, _ = in_thread(shop.reload)
    until(lambda: is_held(host))
    emission, _ = in_thread(bell.module.rung, "meanwhile")
    emission.join(0.02)
    assert emission.is_alive()
    gate.open.set()
    for thread in (call, reload, emission):
        thread.join(5)

    assert shop.module.heard == ["before", "meanwhile"]


def test_timers_are_put_off_and_ring_if_nothing_comes_of_it(
    host: Host, enable: Enable, write: Write, notes: list[Any]
) -> None:
    source = """
    from builtins import notes
    set_timeout(lambda: notes.append("rang"), 0.02)

    @hookimpl
    def price(item): return item()
    """
    shop = enable("shop", source, reload="hold")
    gate = Gate()
    call, _ = in_thread(host.hooks.hook.price, item=gate)
    gate.inside.wait(5)

    reload, outcome = in_thread(shop.reload, hold_timeout=0.15)
    until(lambda: is_held(host))
    threading.Event().wait(0.06)
    assert notes == []

    reload.join(5)
    gate.open.set()
    call.join(5)
    until(lambda: notes)
    assert isinstance(outcome[0], ReloadError)
    assert notes == ["rang"]


def test_a_timer_that_is_just_about_to_call_is_waited_for(
    host: Host, enable: Enable, write: Write
) -> None:
    class Meter:
        def around_timer(self, owner: Any, callback: Callable[[], object]) -> Any:
            gate()
            return callback

    gate, meter = Gate(), Meter()
    METERS.append(meter)
    source = COUNTS.format(1) + "\nset_timeout(lambda: written.append('rang'), 0)"
    Plugin.about_to_export = lambda self: None  # type: ignore[attr-defined]
    shop = enable("shop", source, reload="hold")
    write("shop", COUNTS.format(2), reload="hold")
    gate.inside.wait(5)
    METERS.remove(meter)
    reload, _ = in_thread(shop.reload)
    until(lambda: is_held(host))
    gate.open.set()
    reload.join(5)

    assert shop.generation == 2
    assert shop.module.written == ["rang"]


def test_a_plugin_reloads_itself_and_holds_only_the_others(
    host: Host, counts: Plugin, write: Write
) -> None:
    assert host.hooks.hook.price(item=counts.reload) == [1]

    assert counts.generation == 2
    assert host.hooks.hook.price(item="tea") == [2]


def test_two_that_hold_go_one_after_the_other(host: Host, enable: Enable) -> None:
    plugins = [enable(name, COUNTS.format(name == "a"), reload="hold") for name in "ab"]
    Plugin.about_to_export = lambda self: None  # type: ignore[attr-defined]
    over = threading.Event()

    def call() -> None:
        while not over.is_set():
            host.hooks.hook.price(item="tea")

    callers = [in_thread(call) for _ in range(2)]
    reloads = [in_thread(plugin.reload) for plugin in plugins for _ in range(3)]
    for thread, _ in reloads:
        thread.join(10)
    over.set()
    for thread, _ in callers:
        thread.join(5)

    assert [plugin.generation for plugin in plugins] == [4, 4]
    assert [result for _, results in callers for result in results] == [None, None]


# asyncio


async def at_once() -> None:
    await asyncio.sleep(0)


def test_tasks_wait_too_and_their_loop_runs_on(host: Host, counts: Plugin) -> None:
    async def main() -> tuple[Any, Any]:
        go_on = asyncio.Event()

        async def late() -> None:
            await go_on.wait()

        call = asyncio.create_task(host.async_hooks.hook.fetched(url=late))
        await asyncio.sleep(0)
        reload = asyncio.create_task(counts.reload_async())
        await asyncio.sleep(0.005)
        held = asyncio.create_task(host.async_hooks.hook.fetched(url=at_once))
        await asyncio.sleep(0.01)
        assert not held.done()
        assert counts.generation == 1
        go_on.set()
        await reload
        return await call, await held

    assert asyncio.run(main()) == ([1], [2])
    assert counts.module.written == ["late", "at_once"]


def test_a_task_that_has_waited_too_long_goes_on(host: Host, counts: Plugin) -> None:
    async def main() -> None:
        never = asyncio.Event()
        call = asyncio.create_task(host.async_hooks.hook.fetched(url=never.wait))
        await asyncio.sleep(0)
        reload = asyncio.create_task(counts.reload_async(hold_timeout=0.05))
        await asyncio.sleep(0.01)
        assert await host.async_hooks.hook.fetched(url=at_once) == [1]
        with pytest.raises(ReloadError):
            await reload
        call.cancel()

    asyncio.run(main())
    assert counts.generation == 1


def test_a_plain_reload_in_a_loop_says_that_it_cannot_wait_for_that_loop(
    host: Host, counts: Plugin
) -> None:
    async def main() -> None:
        call = asyncio.create_task(host.async_hooks.hook.fetched(url=asyncio.Event().wait))
        await asyncio.sleep(0)
        with pytest.raises(ReloadError, match="await reload_async"):
            counts.reload()
        call.cancel()

    asyncio.run(main())
    assert counts.generation == 1


def test_a_cancelled_reload_lets_the_calls_go_on(host: Host, counts: Plugin) -> None:
    async def main() -> None:
        go_on = asyncio.Event()
        call = asyncio.create_task(host.async_hooks.hook.fetched(url=go_on.wait))
        await asyncio.sleep(0)
        reload = asyncio.create_task(counts.reload_async())
        await asyncio.sleep(0.005)
        reload.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reload
        go_on.set()
        assert await call == [1]
        assert await host.async_hooks.hook.fetched(url=at_once) == [1]

    asyncio.run(main())
    assert counts.generation == 1
    assert not is_held(host)


def test_what_else_this_loop_wants_of_the_plugin_meanwhile_is_refused_or_waits(
    host: Host, counts: Plugin
) -> None:
    async def main() -> None:
        go_on = asyncio.Event()
        call = asyncio.create_task(host.async_hooks.hook.fetched(url=go_on.wait))
        await asyncio.sleep(0)
        first = asyncio.create_task(counts.reload_async())
        await asyncio.sleep(0.005)
        second = asyncio.create_task(counts.reload_async())
        await asyncio.sleep(0.005)
        with pytest.raises(RuntimeError, match="a task of this event loop does"):
            counts.disable()
        go_on.set()
        await asyncio.gather(call, first, second)

    asyncio.run(main())
    assert counts.generation == 3


def test_under_threads_and_tasks_not_one_write_is_lost_and_no_call_fails(
    host: Host, counts: Plugin
) -> None:
    over = threading.Event()
    wrong: list[Any] = []
    done: list[str] = []

    def call(name: str) -> None:
        number = 0
        while not over.is_set():
            item = f"{name} {number}"
            if len(host.hooks.hook.price(item=item)) != 1:
                wrong.append(item)
            done.append(item)
            number += 1
            threading.Event().wait(0.0001)

    async def call_async() -> None:
        async def one() -> None:
            number = 0
            while not over.is_set():

                async def write() -> None:
                    await asyncio.sleep(0)

                write.__name__ = f"task {number} {id(asyncio.current_task())}"
                await host.async_hooks.hook.fetched(url=write)
                item = f"sync {write.__name__}"
                host.hooks.hook.price(item=item)
                done.extend([write.__name__, item])
                number += 1
                await asyncio.sleep(0.0001)

        await asyncio.gather(*(one() for _ in range(3)))

    threads = [in_thread(call, f"thread {at}") for at in range(3)]
    threads.append(in_thread(lambda: asyncio.run(call_async())))
    for _ in range(10):
        counts.reload()
    over.set()
    for thread, results in threads:
        thread.join(10)
        wrong += [result for result in results if result is not None]

    assert wrong == []
    assert sorted(counts.module.written) == sorted(done)
    assert len({*done}) == len(done)

"""Calls that are under way finish in the old generation, for a while."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from hotplug import Plugin, PluginHost
from hotplug.errors import PluginGone, ReloadError

Write = Callable[..., Path]
Enable = Callable[..., Plugin]
Host = PluginHost[Any]

ANSWERS = """
from builtins import notes
me = get_current_plugin()
me.on_disable.on(lambda: notes.append("{0} stops"))

@hookimpl
def price(item):
    return (item() if callable(item) else item), {0}

@hookimpl
async def fetched(url):
    await url()
    return {0}
"""


class Gate:
    """Where a call waits until it may go on."""

    def __init__(self) -> None:
        self.inside, self.open = threading.Event(), threading.Event()

    def __call__(self) -> str:
        self.inside.set()
        assert self.open.wait(10)
        return "through"


async def at_once() -> None:
    await asyncio.sleep(0)


def in_thread(function: Callable[..., Any], *args: Any, **kwargs: Any) -> tuple[Any, list[Any]]:
    results: list[Any] = []
    thread = threading.Thread(target=lambda: results.append(function(*args, **kwargs)))
    thread.start()
    return thread, results


def until(condition: Callable[[], object]) -> None:
    while not condition():
        threading.Event().wait(0.001)


def test_a_call_that_has_begun_finishes_before_the_old_generation_stops(
    host: Host, enable: Enable, write: Write, notes: list[Any]
) -> None:
    shop = enable("shop", ANSWERS.format(1))
    write("shop", ANSWERS.format(2))
    gate = Gate()
    call, results = in_thread(host.hooks.hook.price, item=gate)
    gate.inside.wait(5)
    reload, reports = in_thread(shop.reload)
    until(lambda: shop.generation == 2)

    assert host.hooks.hook.price(item="tea") == [("tea", 2)]
    assert notes == []
    gate.open.set()
    call.join(5)
    reload.join(5)

    assert results == [[("through", 1)]]
    assert notes == ["1 stops"]
    assert (reports[0].drained, reports[0].undrained) == (1, [])


def test_a_call_that_is_still_in_another_plugin_is_waited_for(
    host: Host, enable: Enable, write: Write, notes: list[Any]
) -> None:
    enable("first", "@hookimpl\ndef price(item): return item() and None")
    shop = enable("shop", ANSWERS.format(1).replace("item() if callable(item) else item", "7"))
    write("shop", ANSWERS.format(2).replace("item() if callable(item) else item", "7"))
    gate = Gate()
    call, results = in_thread(host.hooks.hook.price, item=gate)
    gate.inside.wait(5)
    reload, _ = in_thread(shop.reload)
    until(lambda: shop.generation == 2)
    threading.Event().wait(0.02)

    assert notes == []
    gate.open.set()
    call.join(5)
    reload.join(5)

    assert results == [[(7, 1)]]


def test_what_does_not_finish_in_time_is_named_and_left(
    host: Host, enable: Enable, write: Write, notes: list[Any], caplog: pytest.LogCaptureFixture
) -> None:
    shop = enable("shop", ANSWERS.format(1))
    write("shop", ANSWERS.format(2))
    gate = Gate()
    call, results = in_thread(host.hooks.hook.price, item=gate)
    gate.inside.wait(5)

    with caplog.at_level(logging.WARNING):
        report = shop.reload(drain_timeout=0.01)

    assert notes == ["1 stops"]
    assert report.undrained == [f"{shop.location / 'plugin.py'}:11"]
    assert "still ran in the old generation" in caplog.text
    assert "plugin.py:11" in str(report)
    gate.open.set()
    call.join(5)
    assert results == [[("through", 1)]]


def test_a_thread_of_the_plugin_is_no_call_that_is_waited_for(
    host: Host, enable: Enable, write: Write
) -> None:
    source = """
    import threading
    me = get_current_plugin()

    @me.on_enable.on
    def start():
        threading.Thread(target=me.stopping.wait, args=(30,)).start()
        threading.Thread(target=work).start()

    def work():
        me.stopping.wait(30)
    """
    shop = enable("shop", source)

    report = shop.reload()

    assert report.drained == 0
    assert len([each for each in shop.resources if each.kind == "thread"]) == 2


def test_late_code_of_the_old_generation_gets_nothing_more(
    host: Host, enable: Enable, write: Write
) -> None:
    source = "from hotplug import set_timeout\ndef late(): set_timeout(print, 1)"
    shop = enable("shop", source + "\ndef stop(): get_current_plugin().disable()")
    old = shop.module

    shop.reload()

    for function in (old.late, old.stop):
        with pytest.raises(PluginGone):
            shop_runs(host, function)
    assert shop.is_running


def shop_runs(host: Host, function: Callable[[], object]) -> None:
    from hotplug.host.owner import MARK

    plain: Any = function
    plain.__builtins__[MARK].call(function)


# asyncio


def test_a_task_that_awaits_the_old_generation_gets_its_answer(
    host: Host, enable: Enable, write: Write, notes: list[Any]
) -> None:
    async def main() -> tuple[Any, Any, Any]:
        shop = enable("shop", ANSWERS.format(1))
        write("shop", ANSWERS.format(2))
        go_on = asyncio.Event()
        call = asyncio.create_task(host.async_hooks.hook.fetched(url=go_on.wait))
        await asyncio.sleep(0)
        reload = asyncio.create_task(shop.reload_async())
        await asyncio.sleep(0.01)
        assert notes == []
        assert shop.generation == 2
        now = await host.async_hooks.hook.fetched(url=at_once)
        go_on.set()
        return now, await call, await reload

    now, before, report = asyncio.run(main())

    assert (now, before) == ([2], [1])
    assert (report.drained, notes) == (1, ["1 stops"])


def test_a_call_in_an_async_generator_is_found(
    host: Host, enable: Enable, write: Write, notes: list[Any]
) -> None:
    async def main() -> list[Any]:
        shop = enable("shop", ANSWERS.format(1))
        write("shop", ANSWERS.format(2))
        go_on = asyncio.Event()

        async def results() -> AsyncIterator[Any]:
            yield await host.async_hooks.hook.fetched(url=go_on.wait)

        async def gather() -> list[Any]:
            return [each async for each in results()]

        call = asyncio.create_task(gather())
        await asyncio.sleep(0)
        reload = asyncio.create_task(shop.reload_async())
        await asyncio.sleep(0.01)
        assert notes == []
        go_on.set()
        await reload
        return await call

    assert asyncio.run(main()) == [[1]]


def test_tasks_of_the_old_generation_are_cancelled_and_waited_for(
    host: Host, enable: Enable, write: Write, notes: list[Any]
) -> None:
    source = """
    import asyncio
    from builtins import notes

    async def poll():
        try:
            await asyncio.sleep(60)
        finally:
            await asyncio.sleep(0)
            notes.append("cleaned up")

    get_current_plugin().on_enable.on(lambda: asyncio.create_task(poll()))
    """

    async def main() -> None:
        shop = enable("shop", source)
        await asyncio.sleep(0)
        write("shop")
        await shop.reload_async()
        assert notes == ["cleaned up"]

    asyncio.run(main())


def test_a_cancelled_reload_ends_the_old_generation_at_once(
    host: Host, enable: Enable, write: Write, notes: list[Any]
) -> None:
    async def main() -> None:
        shop = enable("shop", ANSWERS.format(1))
        write("shop", ANSWERS.format(2))
        go_on = asyncio.Event()
        call = asyncio.create_task(host.async_hooks.hook.fetched(url=go_on.wait))
        await asyncio.sleep(0)
        reload = asyncio.create_task(shop.reload_async())
        await asyncio.sleep(0.01)
        reload.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reload
        assert notes == ["1 stops"]
        go_on.set()
        await call

    asyncio.run(main())


def test_a_failing_reload_in_a_loop_waits_for_the_tasks_of_the_attempt(
    host: Host, enable: Enable, write: Write, notes: list[Any]
) -> None:
    source = """
    import asyncio
    from builtins import notes

    async def poll():
        try:
            await asyncio.sleep(60)
        finally:
            notes.append("cleaned up")

    @get_current_plugin().on_enable.on
    def start():
        asyncio.create_task(poll())

    async def health(): ...
    def check_health(): return "ill"
    """

    async def main() -> None:
        shop = enable("shop")
        write("shop", source)
        with pytest.raises(ReloadError):
            await shop.reload_async()
        assert asyncio.all_tasks() == {asyncio.current_task()}

    asyncio.run(main())


def test_a_plain_reload_in_a_loop_does_not_wait_for_what_cannot_go_on(
    host: Host, enable: Enable, write: Write, notes: list[Any]
) -> None:
    async def main() -> Any:
        shop = enable("shop", ANSWERS.format(1))
        write("shop", ANSWERS.format(2))
        go_on = asyncio.Event()
        call = asyncio.create_task(host.async_hooks.hook.fetched(url=go_on.wait))
        await asyncio.sleep(0)
        report = shop.reload(drain_timeout=3600)
        go_on.set()
        assert await call == [1]
        return report

    report = asyncio.run(main())

    assert (report.drained, len(report.undrained)) == (1, 1)
    assert "await reload_async()" in str(report)


def test_a_plain_reload_in_a_loop_waits_for_threads(
    host: Host, enable: Enable, write: Write, notes: list[Any]
) -> None:
    async def main() -> Any:
        shop = enable("shop", ANSWERS.format(1))
        write("shop", ANSWERS.format(2))
        gate = Gate()
        call, _ = in_thread(host.hooks.hook.price, item=gate)
        gate.inside.wait(5)
        threading.Timer(0.02, gate.open.set).start()
        report = shop.reload()
        call.join(5)
        return report

    assert asyncio.run(main()).undrained == []

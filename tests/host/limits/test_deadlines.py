"""The time of calls: what is awaited is cancelled, of all else the host tells while it runs."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hotplug import (
    AsyncHooks,
    HookspecMarker,
    LimitExceeded,
    LoopScheduler,
    PluginErrors,
    PluginHost,
    PluginState,
)
from hotplug.testing import FakeClock

WritePlugin = Callable[..., Path]
Notes = list[str]

spec = HookspecMarker("till")


class Specs:
    @spec
    def price(self) -> object: ...


class AsyncSpecs(AsyncHooks):
    @spec
    async def price(self) -> object: ...


SLOW = """
    from hotplug import HookimplMarker, event, get_current_plugin, set_timeout, syscall

    def slow():
        clock.advance(5)  # as if it took that long
        return get_current_plugin().name

    @HookimplMarker("till")
    def price():
        return slow()

    @event
    def sold(): ...

    @sold.on
    def handle():
        slow()

    @syscall
    def pay(amount, *, tip=0):
        slow()
        return amount + tip

    @get_current_plugin().on_enable.on
    def begin():
        if notes:
            slow()

    def timer():
        set_timeout(slow, 60)
"""
SLOW_LINE = 5


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> FakeClock:
    clock = FakeClock()
    monkeypatch.setattr("builtins.clock", clock, raising=False)
    return clock


@pytest.fixture
def told() -> list[LimitExceeded]:
    return []


def limited(
    limits: dict[str, Any], told: list[LimitExceeded] | None = None, **options: Any
) -> PluginHost[Any]:
    host = PluginHost("till", project={"limits": limits}, **options)
    if told is not None:
        host.events.limit_exceeded.on(lambda plugin, error: told.append(error))
    return host


def set_timer(host: PluginHost[Any], shop: Any) -> None:
    shop.owner.call(shop.module.timer)
    host.scheduler.advance(60)  # type: ignore[attr-defined]


CALLS: dict[str, tuple[str, Callable[[PluginHost[Any], Any], object]]] = {
    "hook": ("hook 'price'", lambda host, shop: host.hooks.hook.price()),
    "handler": ("a handler of event 'sold'", lambda host, shop: shop.module.sold()),
    "syscall": ("syscall pay()", lambda host, shop: shop.module.pay(1)),
    "timer": ("timer after 60 s", set_timer),
}


@pytest.mark.parametrize("way", CALLS)
def test_r3_a_call_that_takes_too_long_is_told_of_while_it_runs(
    way: str,
    write_plugin: WritePlugin,
    notes: Notes,
    clock: FakeClock,
    told: list[LimitExceeded],
    caplog: pytest.LogCaptureFixture,
) -> None:
    what, call = CALLS[way]
    with limited({"call_seconds": 2}, told, specs=Specs, scheduler=clock) as host:
        shop = host.load_plugin(write_plugin("shop", SLOW))
        shop.enable()
        file = shop.module.__file__

        call(host, shop)

        (error,) = told
        assert (error.plugin_name, error.limit, error.value) == ("shop", "call_seconds", 2)
        assert f"has not returned from {what} in time" in str(error)
        assert f"still runs at {file}:{SLOW_LINE}" in str(error)
        assert caplog.text.count("has not returned from") == 1
        assert shop.state is PluginState.ENABLED


def test_r3_a_lifecycle_handler_that_takes_too_long_is_told_of(
    write_plugin: WritePlugin, notes: Notes, clock: FakeClock, told: list[LimitExceeded]
) -> None:
    notes.append("be slow")
    with limited({"call_seconds": 2}, told, specs=Specs, scheduler=clock) as host:
        host.load_plugin(write_plugin("shop", SLOW)).enable()

    assert "has not returned from on_enable in time" in str(told[0])


def test_r3_a_call_that_ends_in_time_is_not_told_of(
    write_plugin: WritePlugin, notes: Notes, clock: FakeClock, told: list[LimitExceeded]
) -> None:
    with limited({"call_seconds": 6}, told, specs=Specs, scheduler=clock) as host:
        host.load_plugin(write_plugin("shop", SLOW)).enable()

        for _ in range(3):
            assert host.hooks.hook.price() == ["shop"]
            clock.advance(10)

    assert told == []


def test_r3_of_two_calls_within_each_other_each_is_told_of_once(
    write_plugin: WritePlugin, notes: Notes, clock: FakeClock, told: list[LimitExceeded]
) -> None:
    source = SLOW.replace("return slow()", "slow()\n        return pay(1)")
    with limited({"call_seconds": 1}, told, specs=Specs, scheduler=clock) as host:
        host.load_plugin(write_plugin("shop", source)).enable()

        host.hooks.hook.price()

    assert [error.what.split(" in time")[0] for error in told] == [
        "has not returned from hook 'price'",
        "has not returned from syscall pay()",
    ]


def test_r3_a_call_that_began_while_another_ran_has_its_own_time(
    write_plugin: WritePlugin, clock: FakeClock, told: list[LimitExceeded], notes: Notes
) -> None:
    source = """
        from hotplug import syscall

        @syscall
        def pay(seconds):
            clock.advance(seconds)
            notes.append("paid")
    """
    with limited({"call_seconds": 2}, told, scheduler=clock) as host:
        shop = host.load_plugin(write_plugin("shop", source))
        shop.enable()

        shop.module.pay(1.0)
        clock.advance(0.5)
        shop.module.pay(1.9)
        assert told == []
        shop.module.pay(5)
        assert len(told) == 1


def test_r3_only_the_plugins_that_have_a_deadline_are_watched(
    write_plugin: WritePlugin, notes: Notes, clock: FakeClock, told: list[LimitExceeded]
) -> None:
    limits = {"other": {"call_seconds": 1}}
    with limited(limits, told, specs=Specs, scheduler=clock) as host:
        for name in ("shop", "other"):
            host.load_plugin(write_plugin(name, SLOW)).enable()

        assert host.hooks.hook.price() == ["shop", "other"]

    assert [error.plugin_name for error in told] == ["other"]


def test_r3_what_is_watched_keeps_its_signature_its_owner_and_its_errors(
    write_plugin: WritePlugin, notes: Notes, clock: FakeClock
) -> None:
    import inspect

    source = (
        SLOW
        + """
    @syscall
    def who(wanted):
        if wanted != get_current_plugin().name:
            raise LookupError(wanted)
        return wanted
    """
    )
    with limited({"call_seconds": 60}, specs=Specs, scheduler=clock) as host:
        shop = host.load_plugin(write_plugin("shop", source))
        shop.enable()

        assert shop.module.pay(1, tip=2) == 3
        assert str(inspect.signature(shop.module.pay)) == "(amount, *, tip=0)"
        assert shop.module.who("shop") == "shop"
        with pytest.raises(LookupError, match="mailer"):
            shop.module.who("mailer")


def test_r3_an_error_of_what_is_watched_says_whose_it_is(
    write_plugin: WritePlugin, notes: Notes, clock: FakeClock
) -> None:
    source = """
        from hotplug import HookimplMarker, event

        @HookimplMarker("till")
        def price():
            raise LookupError("no price")

        @event
        def sold(): ...

        @sold.on
        def handle():
            raise LookupError("no handle")
    """
    with limited({"call_seconds": 60}, specs=Specs, scheduler=clock) as host:
        shop = host.load_plugin(write_plugin("shop", source))
        shop.enable()

        with pytest.raises(LookupError) as caught:
            host.hooks.hook.price()
        with pytest.raises(PluginErrors) as group:
            shop.module.sold()

    assert "hook 'price': raised by plugin 'shop'" in caught.value.__notes__[0]
    assert "raised by a handler of plugin 'shop'" in group.value.exceptions[0].__notes__[0]


def test_r3_a_coroutine_that_nobody_awaits_is_closed_with_what_watches_it(
    write_plugin: WritePlugin, notes: Notes
) -> None:
    source = """
        from hotplug import syscall

        async def work(): ...

        @syscall
        def pay():
            return work()
    """
    with limited({"await_seconds": 60}) as host:
        shop = host.load_plugin(write_plugin("shop", source))
        shop.enable()

        shop.module.pay().close()  # pytest fails on a warning that it was never awaited


def test_r3_a_call_in_another_thread_is_seen_where_it_is(
    write_plugin: WritePlugin,
    clock: FakeClock,
    told: list[LimitExceeded],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    arrived, go_on = threading.Event(), threading.Event()
    monkeypatch.setattr("builtins.arrived", arrived, raising=False)
    monkeypatch.setattr("builtins.go_on", go_on, raising=False)
    source = """
        from hotplug import HookimplMarker

        @HookimplMarker("till")
        def price():
            arrived.set()
            go_on.wait()
            return 1
    """
    with limited({"call_seconds": 2}, told, specs=Specs, scheduler=clock) as host:
        shop = host.load_plugin(write_plugin("shop", source))
        shop.enable()
        thread = threading.Thread(target=host.hooks.hook.price)
        thread.start()
        arrived.wait()
        while host.limits().of("shop", "call_seconds").used is None:
            pass

        clock.advance(1)
        assert told == []
        assert host.limits().of("shop", "call_seconds").used == 1
        clock.advance(2)
        (error,) = told

        go_on.set()
        thread.join()
        assert f"{shop.module.__file__}:7" in str(error)
        assert host.limits().of("shop", "call_seconds").used == 0


def test_r3_a_call_that_blocks_the_loop_of_the_timers_is_told_of_too(
    write_plugin: WritePlugin, told: list[LimitExceeded], monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = threading.Event()
    monkeypatch.setattr("builtins.seen", seen, raising=False)
    source = """
        from hotplug import HookimplMarker

        @HookimplMarker("till")
        def price():
            return seen.wait(60)
    """

    async def main() -> list[object]:
        scheduler = LoopScheduler()
        async with limited({"call_seconds": 0.01}, told, specs=Specs, scheduler=scheduler) as host:
            host.events.limit_exceeded.on(lambda plugin, error: seen.set())
            host.load_plugin(write_plugin("shop", source)).enable()
            return host.hooks.hook.price()  # type: ignore[no-any-return]

    assert asyncio.run(main()) == [True]
    assert len(told) == 1


def test_r3_a_project_can_disable_a_plugin_that_takes_too_long(
    write_plugin: WritePlugin, notes: Notes, clock: FakeClock
) -> None:
    limits = {"call_seconds": 2, "on_breach": "disable"}
    with limited(limits, specs=Specs, scheduler=clock) as host:
        shop = host.load_plugin(write_plugin("shop", SLOW))
        shop.enable()

        assert host.hooks.hook.price() == ["shop"]

        assert shop.state is PluginState.DISABLED
        assert shop.reason.startswith("it was disabled: it has not returned from hook 'price'")


# what is awaited

ENDLESS = """
    import asyncio
    from hotplug import HookimplMarker, event, get_current_plugin, set_timeout, syscall

    async def endless():
        try:
            await asyncio.Event().wait()
        finally:
            notes.append(f"{get_current_plugin()} is cancelled")

    @HookimplMarker("till")
    async def price():
        await endless()

    @event
    async def sold(): ...

    @sold.on
    async def handle():
        await endless()

    @syscall
    async def pay():
        await endless()

    def timer():
        return set_timeout(endless, 0)
"""


async def timer_of(host: PluginHost[Any], shop: Any) -> None:
    ended, loop = asyncio.Event(), asyncio.get_running_loop()
    host.events.resource_released.on(lambda _: loop.call_soon_threadsafe(ended.set))
    timer = shop.owner.call(shop.module.timer)
    await ended.wait()
    raise timer.last_error


AWAITED: dict[str, tuple[str, Callable[[PluginHost[Any], Any], Any]]] = {
    "hook": ("hook 'price'", lambda host, shop: host.async_hooks.hook.price()),
    "handler": ("a handler of event 'sold'", lambda host, shop: shop.module.sold()),
    "syscall": ("syscall pay()", lambda host, shop: shop.module.pay()),
    "timer": ("timer after 0 s", timer_of),
}


@pytest.mark.parametrize("way", AWAITED)
def test_r3_a_call_that_is_awaited_too_long_is_cancelled(
    way: str, write_plugin: WritePlugin, notes: Notes, told: list[LimitExceeded]
) -> None:
    what, call = AWAITED[way]

    async def main() -> tuple[BaseException, str]:
        async with limited({"await_seconds": 0.01}, told, specs=AsyncSpecs) as host:
            shop = host.load_plugin(write_plugin("shop", ENDLESS))
            shop.enable()
            with pytest.raises((LimitExceeded, PluginErrors)) as caught:
                await call(host, shop)
            assert shop.state is PluginState.ENABLED
            error: BaseException = caught.value
            if isinstance(error, PluginErrors):
                (error,) = error.exceptions
            return error, str(shop.module.__file__)

    error, file = asyncio.run(main())

    assert isinstance(error, LimitExceeded)
    assert f"has not finished {what} in time, and was cancelled at {file}:7" in str(error)
    assert notes == ["shop is cancelled"]
    assert told == [error]


def test_r3_a_call_limit_holds_for_what_is_awaited_where_nothing_else_is_said(
    write_plugin: WritePlugin, notes: Notes
) -> None:
    async def main() -> LimitExceeded:
        async with limited({"call_seconds": 0.01}, specs=AsyncSpecs) as host:
            host.load_plugin(write_plugin("shop", ENDLESS)).enable()
            with pytest.raises(LimitExceeded) as caught:
                await host.async_hooks.hook.price()
            return caught.value

    error = asyncio.run(main())

    assert error.limit == "await_seconds"
    assert error.key == "limits.call_seconds"


def test_r3_a_coroutine_that_blocks_the_loop_is_told_of_while_it_does(
    write_plugin: WritePlugin, notes: Notes, clock: FakeClock, told: list[LimitExceeded]
) -> None:
    source = """
        import asyncio
        from hotplug import HookimplMarker

        @HookimplMarker("till")
        async def price():
            await asyncio.sleep(0)
            clock.advance(5)
            await asyncio.sleep(0)
            return 7
    """
    limits = {"call_seconds": 2, "await_seconds": float("inf")}

    async def main() -> tuple[object, str]:
        async with limited(limits, told, specs=AsyncSpecs, scheduler=clock) as host:
            shop = host.load_plugin(write_plugin("shop", source))
            shop.enable()
            return await host.async_hooks.hook.price(), str(shop.module.__file__)

    result, file = asyncio.run(main())

    assert result == [7]
    (error,) = told
    assert f"{file}:8" in str(error)


def test_r3_a_coroutine_that_another_driver_runs_is_not_cancelled(
    write_plugin: WritePlugin, notes: Notes
) -> None:
    source = """
        from types import coroutine
        from hotplug import syscall

        @coroutine
        def step():
            return (yield "wanted")

        @syscall
        async def pay():
            return await step()
    """
    with limited({"await_seconds": 0.01}) as host:
        shop = host.load_plugin(write_plugin("shop", source))
        shop.enable()
        running = shop.module.pay()

        assert running.send(None) == "wanted"
        with pytest.raises(StopIteration) as end:
            running.send("given")

        assert end.value.value == "given"


def test_r3_a_timeout_of_the_plugin_itself_stays_one(
    write_plugin: WritePlugin, notes: Notes
) -> None:
    source = """
        from hotplug import syscall

        @syscall
        async def pay():
            raise TimeoutError("the bank is slow")
    """

    async def main() -> None:
        async with limited({"await_seconds": 60}) as host:
            shop = host.load_plugin(write_plugin("shop", source))
            shop.enable()
            with pytest.raises(TimeoutError, match="the bank is slow"):
                await shop.module.pay()

    asyncio.run(main())

"""How often a plugin emits events, and how many within each other."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hotplug import LimitExceeded, PluginErrors, PluginHost, event
from hotplug.testing import FakeClock

WritePlugin = Callable[..., Path]
Notes = list[str]

SHOP = """
    from hotplug import event

    @event
    def sold(item): ...

    @sold.on
    def note(item):
        notes.append(item)

    def sell(item):
        sold(item)
"""
RING = """
    from hotplug import event

    @event
    def ping(number): ...

    @event
    def pong(number): ...

    @ping.on
    def reply(number):
        notes.append(f"ping {number}")
        pong(number + 1)

    @pong.on
    def serve(number):
        notes.append(f"pong {number}")
        ping(number + 1)

    def start():
        ping(1)
"""


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


def limited(limits: dict[str, Any], **options: Any) -> PluginHost[Any]:
    return PluginHost(project={"limits": limits}, **options)


def innermost(error: BaseException) -> BaseException:
    while isinstance(error, BaseExceptionGroup):
        (error,) = error.exceptions
    return error


def test_r3_a_plugin_emits_no_more_events_in_a_second_than_it_may(
    write_plugin: WritePlugin, notes: Notes, clock: FakeClock
) -> None:
    with limited({"emits_per_second": 3}, scheduler=clock) as host:
        shop = host.load_plugin(write_plugin("shop", SHOP))
        shop.enable()
        sell = shop.module.sell
        for item in "abc":
            shop.owner.call(sell, item)

        with pytest.raises(LimitExceeded, match="cannot emit event 'sold' of plugin 'shop'"):
            shop.owner.call(sell, "d")

        assert notes == ["a", "b", "c"]
        clock.advance(1)
        shop.owner.call(sell, "e")
        assert notes == ["a", "b", "c", "e"]


def test_r3_what_the_application_emits_is_not_counted(
    write_plugin: WritePlugin, notes: Notes, clock: FakeClock
) -> None:
    with limited({"emits_per_second": 1}, scheduler=clock) as host:
        shop = host.load_plugin(write_plugin("shop", SHOP))
        shop.enable()

        for item in "abc":
            shop.module.sold(item)

        assert notes == ["a", "b", "c"]


def test_r3_events_of_the_application_count_for_the_plugin_that_emits_them(
    write_plugin: WritePlugin, notes: Notes, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    @event
    def opened() -> None: ...

    monkeypatch.setattr("builtins.opened", opened, raising=False)
    with limited({"emits_per_second": 1}, scheduler=clock) as host:
        shop = host.load_plugin(write_plugin("shop", "def emit():\n    opened()\n"))
        shop.enable()
        shop.owner.call(shop.module.emit)

        with pytest.raises(LimitExceeded, match="event 'opened' of the application"):
            shop.owner.call(shop.module.emit)


def test_r3_a_plugin_may_be_forbidden_to_emit_at_all(
    write_plugin: WritePlugin, notes: Notes
) -> None:
    with limited({"emits_per_second": 0}) as host:
        shop = host.load_plugin(write_plugin("shop", SHOP))
        shop.enable()

        with pytest.raises(LimitExceeded):
            shop.owner.call(shop.module.sell, "a")

        assert notes == []


def test_r3_events_that_emit_each_other_end_with_an_error_that_names_the_chain(
    write_plugin: WritePlugin, notes: Notes
) -> None:
    with limited({"emit_depth": 4}) as host:
        ring = host.load_plugin(write_plugin("ring", RING))
        ring.enable()

        with pytest.raises(PluginErrors) as caught:
            ring.owner.call(ring.module.start)

        error = innermost(caught.value)
        assert isinstance(error, LimitExceeded)
        assert error.limit == "emit_depth"
        assert "ring.ping -> ring.pong -> ring.ping -> ring.pong -> ring.ping" in str(error)
        assert notes == ["ping 1", "pong 2", "ping 3", "pong 4"]
        assert host.load_plugin(write_plugin("other")).name == "other"


def test_r3_a_long_chain_is_shown_from_its_end(write_plugin: WritePlugin, notes: Notes) -> None:
    with limited({"emit_depth": 30}) as host:
        ring = host.load_plugin(write_plugin("ring", RING))
        ring.enable()

        with pytest.raises(PluginErrors) as caught:
            ring.owner.call(ring.module.start)

        chain = str(innermost(caught.value)).splitlines()[1]
        assert chain.startswith("  ... -> ring.pong -> ring.ping")
        assert chain.count("ring.") == 10


def test_r3_events_one_after_the_other_are_no_chain(
    write_plugin: WritePlugin, notes: Notes
) -> None:
    with limited({"emit_depth": 1}) as host:
        shop = host.load_plugin(write_plugin("shop", SHOP))
        shop.enable()

        for _ in range(50):
            shop.owner.call(shop.module.sell, "a")

        assert len(notes) == 50


def test_r3_what_a_loop_calls_begins_a_chain_of_its_own(
    write_plugin: WritePlugin, notes: Notes
) -> None:
    source = """
        import asyncio
        from hotplug import event

        @event
        def opened(): ...

        @event
        def noted(): ...

        @opened.on
        def handle():
            asyncio.run(work())

        @noted.on
        def note():
            notes.append("noted")

        async def work():
            noted()

        def start():
            opened()
    """
    with limited({"emit_depth": 1}) as host:
        shop = host.load_plugin(write_plugin("shop", source))
        shop.enable()

        shop.owner.call(shop.module.start)

    assert notes == ["noted"]


def test_r3_events_that_are_awaited_are_counted_like_others(
    write_plugin: WritePlugin, notes: Notes
) -> None:
    source = """
        from hotplug import event

        @event
        async def ping(number): ...

        @ping.on
        async def again(number):
            notes.append(f"ping {number}")
            await ping(number + 1)

        async def start():
            await ping(1)
    """

    async def main() -> BaseException:
        async with limited({"emit_depth": 3}) as host:
            ring = host.load_plugin(write_plugin("ring", source))
            ring.enable()
            with pytest.raises(PluginErrors) as caught:
                await ring.owner.call(ring.module.start)
            return innermost(caught.value)

    error = asyncio.run(main())

    assert isinstance(error, LimitExceeded)
    assert "ring.ping -> ring.ping -> ring.ping -> ring.ping" in str(error)
    assert notes == ["ping 1", "ping 2", "ping 3"]


def test_r3_an_event_around_others_is_counted_like_others(
    write_plugin: WritePlugin, notes: Notes, clock: FakeClock
) -> None:
    source = SHOP.replace("def sold(item): ...", "def sold(item):\n        yield")
    with limited({"emits_per_second": 1}, scheduler=clock) as host:
        shop = host.load_plugin(write_plugin("shop", source))
        shop.enable()
        shop.owner.call(shop.module.sell, "a")

        with pytest.raises(LimitExceeded):
            shop.owner.call(shop.module.sell, "b")

        assert notes == ["a"]


def test_r3_a_storm_is_told_of_and_can_end_the_plugin(
    write_plugin: WritePlugin, notes: Notes, clock: FakeClock
) -> None:
    told: list[str] = []
    limits = {"emits_per_second": 1, "on_breach": "disable"}
    with limited(limits, scheduler=clock) as host:
        host.events.limit_exceeded.on(lambda plugin, error: told.append(error.limit))
        shop = host.load_plugin(write_plugin("shop", SHOP))
        shop.enable()
        life, sell = shop.owner, shop.module.sell
        life.call(sell, "a")

        with pytest.raises(LimitExceeded):
            life.call(sell, "b")

        assert told == ["emits_per_second"]
        assert shop.reason.startswith("it was disabled: it cannot emit event 'sold'")


def test_r3_of_a_storm_the_host_tells_once_a_second(
    write_plugin: WritePlugin, notes: Notes, clock: FakeClock
) -> None:
    told: list[str] = []
    with limited({"emits_per_second": 0}, scheduler=clock) as host:
        host.events.limit_exceeded.on(lambda plugin, error: told.append(error.limit))
        shop = host.load_plugin(write_plugin("shop", SHOP))
        shop.enable()

        for _ in range(20):
            with pytest.raises(LimitExceeded):
                shop.owner.call(shop.module.sell, "a")
            clock.advance(0.25)

    assert len(told) == 5


@settings(max_examples=60)
@given(
    most=st.integers(0, 5),
    pauses=st.lists(st.sampled_from([0.0, 0.1, 0.25, 0.5, 1.0, 2.0]), max_size=40),
)
def test_r3_within_any_second_there_are_never_more_events_and_as_many_as_allowed_always_go(
    tmp_path_factory: pytest.TempPathFactory, most: int, pauses: list[float]
) -> None:
    folder = tmp_path_factory.mktemp("plugins") / "shop"
    folder.mkdir()
    (folder / "plugin.json").write_text('{"name": "shop"}')
    source = "from hotplug import event\n@event\ndef sold(): ...\ndef sell():\n    sold()\n"
    (folder / "plugin.py").write_text(source)
    clock = FakeClock()
    with limited({"emits_per_second": most}, scheduler=clock) as host:
        shop = host.load_plugin(folder)
        shop.enable()
        went: list[float] = []
        for pause in pauses:
            clock.advance(pause)
            now = clock.monotonic()
            try:
                shop.owner.call(shop.module.sell)
            except LimitExceeded:
                assert len([each for each in went if each > now - 1]) == most
            else:
                went.append(now)
                assert len([each for each in went if each > now - 1]) <= most

"""Subscriptions and timers change hands with the commit; nobody who stays loses a subscription."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hotplug import Plugin, PluginHost
from hotplug.errors import ReloadError
from hotplug.host.timers import Timer

Write = Callable[..., Path]
Enable = Callable[..., Plugin]
Host = PluginHost[Any]

SHOP = """
@event
def sold(item): ...
"""


def listener(name: str, number: int) -> str:
    return f"""
from builtins import notes
shop = get_current_plugin().known_as("shop")
shop.module.sold.on(lambda item: notes.append(("{name}", {number}, item)))
"""


def test_a_subscriber_that_is_reloaded_hears_each_emission_once(
    host: Host, enable: Enable, write: Write, notes: list[Any]
) -> None:
    shop = enable("shop", SHOP)
    for name in ("first", "second", "third"):
        enable(name, listener(name, 1))
    write("second", listener("second", 2))

    host.plugins["second"].reload()
    shop.module.sold("tea")

    assert notes == [("first", 1, "tea"), ("second", 2, "tea"), ("third", 1, "tea")]


def test_those_who_subscribed_to_a_plugin_hear_its_next_generation(
    host: Host, enable: Enable, write: Write, notes: list[Any]
) -> None:
    shop = enable("shop", SHOP)
    enable("first", listener("first", 1))
    subscription = shop.module.sold.subscribe(lambda item: notes.append(("app", item)))
    enable("last", listener("last", 1))
    old = shop.module.sold

    for _ in range(3):
        shop.reload()
    shop.module.sold("tea")

    assert notes == [("first", 1, "tea"), ("app", "tea"), ("last", 1, "tea")]
    assert shop.module.sold is not old
    assert len(subscription.parts) == 1
    subscription.disable()
    shop.module.sold("cake")
    assert notes[3:] == [("first", 1, "cake"), ("last", 1, "cake")]


def test_a_handler_that_does_not_fit_the_new_event_keeps_the_old_generation(
    host: Host, enable: Enable, write: Write, notes: list[Any]
) -> None:
    shop = enable("shop", SHOP)
    shop.module.sold.on(notes.append)
    write("shop", "@event\ndef sold(item, count): ...")

    with pytest.raises(ReloadError, match="does not fit event 'sold'") as caught:
        shop.reload()

    assert caught.value.stage == "check"
    shop.module.sold("tea")
    assert notes == ["tea"]


def test_subscriptions_to_an_event_that_is_gone_end_and_the_report_says_so(
    host: Host, enable: Enable, write: Write
) -> None:
    shop = enable("shop", SHOP)
    subscription = shop.module.sold.subscribe(lambda item: None)
    write("shop")

    report = shop.reload()

    assert not subscription.enabled
    assert any("event 'sold'" in note and "subscriptions that end: 1" in note
               for note in report.notes)  # fmt: skip


def test_an_emission_that_is_under_way_still_reaches_the_old_handler(
    host: Host, enable: Enable, write: Write, notes: list[Any]
) -> None:
    shop = enable("shop", SHOP)
    shop.module.sold.on(lambda item: item())
    enable("till", listener("till", 1).replace("item))", "7))"))
    write("till", listener("till", 2).replace("item))", "7))"))
    inside, go_on = threading.Event(), threading.Event()

    def wait() -> None:
        inside.set()
        go_on.wait(5)

    thread = threading.Thread(target=shop.module.sold, args=(wait,))
    thread.start()
    inside.wait(5)
    reload = threading.Thread(target=host.plugins["till"].reload)
    reload.start()
    while host.plugins["till"].generation == 1:
        threading.Event().wait(0.001)
    go_on.set()
    thread.join(5)
    reload.join(5)
    shop.module.sold(lambda: None)

    assert notes == [("till", 1, 7), ("till", 2, 7)]


def test_a_coroutine_that_handles_an_event_changes_as_well(
    host: Host, enable: Enable, write: Write, notes: list[Any]
) -> None:
    source = """
    from builtins import notes
    async def handle(item): notes.append(({0}, item))
    get_current_plugin().known_as("shop").module.sold.on(handle)
    """
    shop = enable("shop", SHOP)
    enable("till", source.format(1))
    write("till", source.format(2))

    host.plugins["till"].reload()
    asyncio.run(shop.module.sold.emit_async("tea"))

    assert notes == [(2, "tea")]


def test_timers_of_the_old_generation_ring_no_more_and_those_of_the_new_one_do(
    host: Host, enable: Enable, write: Write
) -> None:
    source = "calls = []\nset_interval(lambda: calls.append(1), 0.002)"
    shop = enable("shop", source)
    old = shop.module
    while not old.calls:
        threading.Event().wait(0.002)

    shop.reload()
    count = len(old.calls)
    while len(shop.module.calls) < 3:
        threading.Event().wait(0.002)

    assert len(old.calls) == count
    (timer,) = [each for each in shop.resources if isinstance(each, Timer)]
    assert timer.owner is shop.life


def test_a_callback_that_is_under_way_finishes_before_its_generation_ends(
    host: Host, enable: Enable, write: Write, notes: list[Any]
) -> None:
    inside, go_on = threading.Event(), threading.Event()
    shop = host.load_plugin(
        write(
            "shop",
            """
            from builtins import notes
            me = get_current_plugin()

            def ring():
                me.inside.set()
                me.go_on.wait(5)
                notes.append("finished")

            me.on_enable.on(lambda: set_timeout(ring, 0))
            me.on_disable.on(lambda: notes.append("stopped"))
            """,
        )
    )
    shop.inside, shop.go_on = inside, go_on  # type: ignore[attr-defined]
    shop.enable()
    inside.wait(5)
    write("shop")
    reload = threading.Thread(target=shop.reload)
    reload.start()
    while shop.generation == 1:
        threading.Event().wait(0.001)

    go_on.set()
    reload.join(5)

    assert notes == ["finished", "stopped"]

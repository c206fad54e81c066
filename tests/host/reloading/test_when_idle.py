"""A reload that waits until nobody is busy with the plugin."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hotplug import Plugin, PluginHost
from hotplug.errors import PluginStateError, ReloadError

Write = Callable[..., Path]
Enable = Callable[..., Plugin]
Host = PluginHost[Any]


class Busy:
    """A thread that is busy with a plugin until it is told to leave off."""

    def __init__(self, plugin: Plugin, what: str = "") -> None:
        self.begun, self.over = threading.Event(), threading.Event()
        self.thread = threading.Thread(target=self.run, args=(plugin, what))
        self.thread.start()
        self.begun.wait(5)

    def run(self, plugin: Plugin, what: str) -> None:
        with plugin.busy(what):
            self.begun.set()
            self.over.wait(5)

    def leave_off(self) -> None:
        self.over.set()
        self.thread.join(5)


def test_it_waits_for_the_last_one_who_is_busy(enable: Enable) -> None:
    shop = enable("shop")
    first, second = Busy(shop), Busy(shop)
    reload = threading.Thread(target=shop.reload, kwargs={"when_idle": True})
    reload.start()
    first.leave_off()
    reload.join(0.03)
    assert reload.is_alive()
    assert shop.generation == 1

    second.leave_off()
    reload.join(5)

    assert shop.generation == 2
    assert shop.leases == ()


def test_who_is_busy_is_named_if_it_takes_too_long(enable: Enable) -> None:
    shop = enable("shop")
    busy = Busy(shop, "the import of orders")

    with pytest.raises(ReloadError, match="nothing has changed") as caught:
        shop.reload(when_idle=True, idle_timeout=0.02)

    busy.leave_off()
    assert caught.value.stage == "idle"
    assert "the application is busy with the import of orders for 0 s" in str(caught.value)
    assert f"{__file__}:" in str(caught.value)


def test_a_lease_is_no_matter_for_a_reload_that_does_not_ask(enable: Enable) -> None:
    shop = enable("shop")
    busy = Busy(shop)

    shop.reload()

    busy.leave_off()
    assert shop.generation == 2


def test_a_plugin_itself_can_be_busy(host: Host, enable: Enable) -> None:
    source = "@hookimpl\ndef price(item):\n    with get_current_plugin().busy():\n        item()"
    shop = enable("shop", source)
    inside, over = threading.Event(), threading.Event()

    def work() -> None:
        inside.set()
        over.wait(5)

    call = threading.Thread(target=host.hooks.hook.price, kwargs={"item": work})
    call.start()
    inside.wait(5)

    with pytest.raises(ReloadError, match="plugin 'shop' is busy"):
        shop.reload(when_idle=True, idle_timeout=0.01)

    over.set()
    call.join(5)
    shop.reload(when_idle=True)


def test_those_that_go_along_have_to_be_idle_too(host: Host, enable: Enable) -> None:
    enable("shop", "VALUE = 1", files={"__init__.py": ""})
    till = enable("till", "from hotplug.plugins.shop.plugin import VALUE", requires=["shop"])
    busy = Busy(till)

    with pytest.raises(ReloadError, match="'till' was not idle"):
        host.reload("shop", when_idle=True, idle_timeout=0.01)

    busy.leave_off()


def test_one_who_is_busy_itself_does_not_wait_for_itself(enable: Enable) -> None:
    shop = enable("shop")

    with shop.busy(), pytest.raises(ReloadError, match="this thread itself is busy") as caught:
        shop.reload(when_idle=True)

    assert isinstance(caught.value.__cause__, PluginStateError)


def test_others_can_stop_the_plugin_while_a_reload_waits(enable: Enable) -> None:
    shop = enable("shop")
    busy = Busy(shop)
    outcome: list[Any] = []

    def reload() -> None:
        try:
            shop.reload(when_idle=True)
        except BaseException as error:
            outcome.append(error)

    thread = threading.Thread(target=reload)
    thread.start()

    shop.disable()

    busy.leave_off()
    thread.join(5)
    assert isinstance(outcome[0], PluginStateError)


def test_in_a_loop_the_others_go_on(enable: Enable) -> None:
    async def main() -> None:
        shop = enable("shop")
        over = asyncio.Event()

        async def work() -> None:
            with shop.busy():
                await over.wait()

        task = asyncio.create_task(work())
        await asyncio.sleep(0)
        reload = asyncio.create_task(shop.reload_async(when_idle=True))
        await asyncio.sleep(0.01)
        assert shop.generation == 1
        over.set()
        await reload
        await task
        assert shop.generation == 2

    asyncio.run(main())


@pytest.mark.parametrize("name", ["idle_timeout", "hold_timeout", "drain_timeout", "confirm"])
@pytest.mark.parametrize("seconds", [-1, "1", float("nan"), float("inf")])
def test_times_that_make_no_sense_are_refused(enable: Enable, name: str, seconds: Any) -> None:
    with pytest.raises(ValueError, match=f"{name} is some seconds"):
        enable("shop").reload(**{name: seconds})

"""Whether the old generation is gone, and what holds it if not."""

from __future__ import annotations

import asyncio
import gc
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from weakref import ref

from hotplug import LoopScheduler, Plugin, PluginHost
from hotplug.host.timers import Timer

Write = Callable[..., Path]
Enable = Callable[..., Plugin]
Host = PluginHost[Any]

USUAL = """
import logging
from dataclasses import dataclass
from typing import overload

logger = logging.getLogger(__name__)

@dataclass
class Item:
    name: str

@event
def sold(item): ...

@hookimpl
def price(item):
    return Item(item).name

@hookimpl
async def fetched(url):
    return url

me = get_current_plugin()
sold.on(lambda item: None)

@me.on_enable.on
def start():
    set_interval(price, 3600)
    set_timeout(price, 3600)
"""


def test_a_thousand_reloads_leave_nothing(host: Host, enable: Enable) -> None:
    shop = enable("shop", USUAL)
    app = shop.module.sold.subscribe(lambda item: None)
    shop.reload()  # the first one imports what it takes
    gc.collect()
    lives, modules = [], len(sys.modules)
    for number in range(1000):
        assert shop.life is not None
        lives.append(ref(shop.life))
        if number % 100 == 0:
            host.hooks.hook.price(item="tea")
        shop.reload()

    assert host.old_generations() == []
    assert [life for life in lives if life() is not None] == []
    assert len(sys.modules) <= modules
    assert len(app.parts) == 1
    assert len(shop.resources) == 6
    assert sum(type(each) is Timer for each in gc.get_objects()) < 50


def test_what_holds_an_old_generation_is_said_in_words(
    host: Host, enable: Enable, write: Write
) -> None:
    shop = enable("shop", "def price_of(item): return 1")
    sys.modules["a_library"] = library = type(sys)("a_library")
    library.registry = {"price": shop.module.price_of}  # type: ignore[attr-defined]
    write("shop", "def price_of(item): return 2", version="2.0")
    try:
        shop.reload()

        (left,) = host.old_generations()
    finally:
        del sys.modules["a_library"]

    assert (left.plugin, left.generation) == ("shop", 1)
    assert left.chain == f"a_library.registry['price'] ({shop.location / 'plugin.py'}:4)"
    assert "generation 1" in str(left)
    assert "is still there" in str(left)


def test_many_that_stay_are_told_by_the_report(host: Host, enable: Enable) -> None:
    shop = enable("shop", "def price_of(item): return 1")
    sys.modules["a_library"] = library = type(sys)("a_library")
    library.registry = []  # type: ignore[attr-defined]
    reports = []
    try:
        for _ in range(40):
            library.registry.append(shop.module.price_of)
            reports.append(shop.reload())
    finally:
        del sys.modules["a_library"]

    (told,) = [report for report in reports if report.leftovers]
    assert [each.generation for each in told.leftovers] == [1, 2, 3]
    assert "held by a_library.registry[0]" in str(told)


def test_a_generation_that_never_came_to_serve_goes_as_well(
    host: Host, enable: Enable, write: Write
) -> None:
    from hotplug.errors import ReloadError
    from hotplug.host.generations.process import generations

    gc.collect()
    before = set(generations)
    shop = enable("shop", USUAL)
    write("shop", USUAL + "\ndef check_health(): return False")
    for _ in range(10):
        try:
            shop.reload()
        except ReloadError:
            continue
    gc.collect()

    assert len(set(generations) - before) == 1


SLEEPS = """
import asyncio

async def poll():
    while True:
        await asyncio.sleep(3600)

@get_current_plugin().on_enable.on
def start():
    asyncio.get_running_loop().create_task(poll())
    set_interval(print, 3600)
"""


def test_a_loop_holds_no_old_generation_until_its_task_would_have_woken(enable: Enable) -> None:
    async def main() -> None:
        asyncio.get_running_loop().call_later(1800, print)  # a loop lets go of what is due first
        shop = enable("shop", SLEEPS)
        await asyncio.sleep(0)
        await shop.reload_async()

        assert shop.host.old_generations() == []

    asyncio.run(main())


def test_a_scheduler_on_a_loop_holds_no_old_generation(write: Write) -> None:
    async def main() -> None:
        async with PluginHost[Any]("till", scheduler=LoopScheduler()) as host:
            shop = host.load_plugin(write("shop", SLEEPS))
            shop.enable()
            await shop.reload_async()

            assert host.old_generations() == []

    asyncio.run(main())

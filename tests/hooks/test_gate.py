"""Gates: calls of a hook wait until they are opened, however it is called."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from types import FrameType
from typing import Any

import pytest

from hotplug import AsyncHooks, AsyncPluginManager, HookimplMarker, HookspecMarker, PluginManager
from hotplug.hooks.gate import Gate
from hotplug.hooks.modes import OWNER

hookspec = HookspecMarker("till")
hookimpl = HookimplMarker("till")


class Specs:
    @hookspec
    def price(self, item: str) -> Any: ...

    @hookspec(historic=True)
    def configured(self, key: str) -> Any: ...


class Later(AsyncHooks):
    @hookspec
    async def price(self, item: str) -> Any: ...

    @hookspec(historic=True)
    async def configured(self, key: str) -> Any: ...


class Shop:
    def __init__(self) -> None:
        self.seen: list[str] = []

    @hookimpl
    def price(self, item: str) -> str:
        return item

    @hookimpl
    def configured(self, key: str) -> None:
        self.seen.append(key)


class Nobody:
    @hookimpl
    def price(self, item: str) -> None: ...


@hookimpl(tryfirst=True)
def extra(item: str) -> str:
    return f"extra {item}"


class Barrier(Gate):
    """Lets pass who says so, and opens for who has waited too long."""

    passing = False
    seconds = 5.0

    def lets_pass(self, frame: FrameType | None, *, is_async: bool) -> bool:
        return self.passing

    def __init__(self) -> None:
        super().__init__()
        self.opened_for: list[str] = []

    def lasted_too_long(self, hook: str) -> None:
        self.opened_for.append(hook)
        self.open()

    def patience(self) -> float:
        return self.seconds


Case = tuple[str, Callable[[Any], Any]]
CALLS: list[Case] = [
    ("price", lambda pm: pm.hook.price(item="tea")),
    ("price", lambda pm: pm.hook.price.call_extra([extra], {"item": "tea"})),
    ("price", lambda pm: pm.hook.price.collect_with_plugins(item="tea")),
    ("price", lambda pm: pm.hook.price.without("nobody")(item="tea")),
    ("configured", lambda pm: pm.hook.configured.call_historic({"key": "a"})),
]
IDS = ["plain", "extra", "named", "without", "historic"]


def closed(pm: Any, name: str) -> Barrier:
    gate = Barrier()
    gate.put_before([vars(pm.hook)[name].__globals__[OWNER]])
    return gate


def manager(kind: type[Any], specs: type[Any]) -> tuple[Any, Shop]:
    pm, shop = kind("till", specs), Shop()
    pm.register(shop, "shop")
    return pm, shop


@pytest.mark.parametrize(("name", "call"), CALLS, ids=IDS)
def test_a_call_waits_until_the_gate_is_opened(name: str, call: Callable[[Any], Any]) -> None:
    pm, shop = manager(PluginManager, Specs)
    pm.register(Nobody(), "nobody")
    expected = call(pm)
    gate = closed(pm, name)
    results: list[Any] = []
    thread = threading.Thread(target=lambda: results.append(call(pm)))
    thread.start()
    thread.join(0.02)
    assert thread.is_alive()

    gate.open()
    thread.join(5)

    assert results == [expected]
    assert call(pm) == expected
    assert len(shop.seen) in (0, 3)


@pytest.mark.parametrize(("name", "call"), CALLS, ids=IDS)
def test_a_task_waits_and_its_loop_goes_on(name: str, call: Callable[[Any], Any]) -> None:
    async def main() -> None:
        pm, shop = manager(AsyncPluginManager, Later)
        pm.register(Nobody(), "nobody")
        expected = await call(pm)
        gate = closed(pm, name)
        held = asyncio.create_task(awaited(call, pm))
        await asyncio.sleep(0.01)
        assert not held.done()

        gate.open()

        assert await held == expected
        assert await call(pm) == expected
        assert len(shop.seen) in (0, 3)

    asyncio.run(main())


async def awaited(call: Callable[[Any], Any], pm: Any) -> Any:
    return await call(pm)


@pytest.mark.parametrize(("name", "call"), CALLS, ids=IDS)
def test_who_may_pass_does_and_opens_it_for_nobody_else(
    name: str, call: Callable[[Any], Any]
) -> None:
    pm, shop = manager(PluginManager, Specs)
    pm.register(Nobody(), "nobody")
    expected = call(pm)
    gate = closed(pm, name)
    gate.passing = True
    assert call(pm) == expected
    gate.passing, gate.seconds = False, 0.01

    assert call(pm) == expected

    assert gate.opened_for == [name]
    assert len(shop.seen) in (0, 3)


@pytest.mark.parametrize(("name", "call"), CALLS, ids=IDS)
def test_a_task_that_may_pass_does(name: str, call: Callable[[Any], Any]) -> None:
    async def main() -> None:
        pm, shop = manager(AsyncPluginManager, Later)
        pm.register(Nobody(), "nobody")
        expected = await call(pm)
        gate = closed(pm, name)
        gate.passing = True
        assert await call(pm) == expected
        gate.passing, gate.seconds = False, 0.01
        assert await call(pm) == expected  # it is opened, after a while
        assert len(shop.seen) in (0, 3)

    asyncio.run(main())


def test_of_two_gates_both_have_to_be_open() -> None:
    pm, _ = manager(PluginManager, Specs)
    first, second = closed(pm, "price"), closed(pm, "price")
    thread = threading.Thread(target=pm.hook.price, kwargs={"item": "tea"})
    thread.start()
    first.open()
    thread.join(0.02)
    assert thread.is_alive()
    second.open()
    thread.join(5)
    assert not thread.is_alive()


def test_a_call_that_was_about_to_be_built_waits_as_well() -> None:
    pm, _ = manager(PluginManager, Specs)
    caller = pm.hook.price.__globals__[OWNER]
    results: list[Any] = []
    with caller.environment.lock:
        thread = threading.Thread(target=lambda: results.append(pm.hook.price(item="tea")))
        thread.start()
        thread.join(0.02)  # it has seen no gate, and waits for the lock
        gate = closed(pm, "price")
    thread.join(0.02)
    assert thread.is_alive()

    gate.open()
    thread.join(5)

    assert results == [["tea"]]

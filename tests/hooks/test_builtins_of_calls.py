"""The functions of hooks may have builtins of their own, by which their frames are found."""

import asyncio
import builtins
import sys
from collections.abc import Callable, Generator
from types import FrameType, SimpleNamespace
from typing import Any

import pytest

from hotplug import (
    AsyncHooks,
    AsyncPluginManager,
    HookimplMarker,
    HookspecMarker,
    PluginManager,
)

pytestmark = pytest.mark.usefixtures("form")

hookspec = HookspecMarker("shop")
hookimpl = HookimplMarker("shop")

MARK = "__mark__"
MARKED = {**vars(builtins), MARK: True}


class Specs:
    @hookspec
    def price(self, item: str) -> Any: ...


class Marked(PluginManager[Specs]):
    builtins = MARKED


class MarkedAsync(AsyncPluginManager[Any]):
    builtins = MARKED


def frames() -> list[str]:
    """The marked frames and those of this file, innermost first, up to the test."""
    found: list[str] = []
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and not frame.f_code.co_name.startswith("test_"):
        if MARK in frame.f_builtins:
            if found[-1:] != ["call"]:  # a call that has to be built first has two frames
                found.append("call")
        elif frame.f_code.co_filename == __file__:
            found.append(frame.f_code.co_name)
        frame = frame.f_back
    return found


def inside(item: str) -> list[str]:
    return frames()


def around(call_next: Callable[..., Any], item: str) -> Any:
    return call_next(item)


def around_without_item(call_next: Callable[..., Any]) -> Any:
    return call_next(item="tea")


def wrapping(item: str) -> Generator[None, Any, Any]:
    seen = frames()
    return [seen, *(yield)]


def register(pm: Any, name: str, function: Callable[..., Any], **options: Any) -> None:
    pm.register(SimpleNamespace(price=hookimpl(**options)(function)), name)


def test_a_call_has_a_frame_with_the_builtins_of_its_manager() -> None:
    pm = Marked("shop", Specs)
    register(pm, "a", inside)

    assert pm.hook.price(item="tea") == [["inside", "call"]]
    assert pm.hook.price(item="tea") == [["inside", "call"]]


def test_without_builtins_of_its_own_a_call_has_the_usual_ones() -> None:
    pm = PluginManager("shop", Specs)
    register(pm, "a", inside)

    assert pm.hook.price(item="tea") == [["inside"]]


@pytest.mark.parametrize("wrapper", [around, around_without_item])
def test_so_has_every_call_next(wrapper: Callable[..., Any]) -> None:
    pm = Marked("shop", Specs)
    register(pm, "a", inside)
    register(pm, "b", wrapper, around=True)
    register(pm, "c", around, around=True)

    assert pm.hook.price(item="tea") == [
        ["inside", "call", "around", "call", wrapper.__name__, "call"]
    ]


def test_a_generator_wrapper_runs_inside_the_frame_of_the_call() -> None:
    pm = Marked("shop", Specs)
    register(pm, "a", wrapping, wrapper=True)

    assert pm.hook.price(item="tea") == [["wrapping", "call"]]


def test_so_do_views_and_extra_implementations() -> None:
    pm = Marked("shop", Specs)
    register(pm, "a", inside)
    register(pm, "b", inside)

    hook: Any = pm.hook.price
    assert hook.without("b")(item="tea") == [["inside", "call"]]
    assert hook.call_extra([inside], {"item": "tea"}) == [["inside", "call"]] * 3


def test_so_has_an_async_call() -> None:
    class Waiting(AsyncHooks):
        @hookspec
        async def price(self, item: str) -> Any: ...

    async def waiting(item: str) -> list[str]:
        return frames()

    async def waiting_around(call_next: Callable[..., Any], item: str) -> Any:
        return await call_next(item)

    pm = MarkedAsync("shop", Waiting)
    register(pm, "a", waiting)
    register(pm, "b", waiting_around, around=True)

    found: Any = asyncio.run(pm.hook.price(item="tea"))
    assert found == [["waiting", "call", "waiting_around", "call"]]

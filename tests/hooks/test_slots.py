"""Implementations in slots, which can be emptied during a call; and calls that only tell."""

import asyncio
import builtins
from collections.abc import Callable
from types import CodeType
from typing import Any

import pytest

from hotplug.errors import HookErrors
from hotplug.hooks.caller import Caller
from hotplug.hooks.entry import awaiting
from hotplug.hooks.environment import Environment
from hotplug.hooks.hook import Hook
from hotplug.hooks.markers import HookimplOpts, HookspecOpts
from hotplug.hooks.modes import How, Mode, step
from hotplug.hooks.monitor import HookTimings
from hotplug.hooks.records import Contribution, Fit, HookImpl, Kind
from hotplug.hooks.signature import Accepts
from hotplug.hooks.slot import Slot

pytestmark = pytest.mark.usefixtures("form")

Function = Callable[..., object]


class Awaited(Caller):
    """The caller of an async hook: a function keeps the kind of its code."""

    __slots__ = ()

    def first_code(self) -> CodeType:
        return awaiting.__code__


def hook_of(
    *functions: Function,
    mode: str = Mode.TELLING,
    is_async: bool = False,
    timeout: float | None = None,
    policy: Any = "raise",
) -> Hook:
    """A hook ``told(item)`` that these functions implement, each from a slot if it is in one."""
    opts = HookspecOpts(timeout=timeout)
    hook = Hook("told", opts, mode, Accepts(("item",)), None, is_async)
    hook.caller = (Awaited if is_async else Caller)(hook, Environment("shop", policy))
    for at, function in enumerate(functions):
        fitting = Fit((0,), (), tuple)
        how = How.EITHER if is_async else How.PLAIN
        shape = step((0,), (), how, isinstance(function, Slot))
        what = Kind.IMPLEMENTATION
        contribution = Contribution(HookimplOpts(), what, fitting, shape, 0)
        hook.add(HookImpl("told", f"p{at}", None, function, contribution))
    return hook


def nothing(item: str) -> None:
    pass


@pytest.mark.parametrize("count", [1, 3, 200])
def test_one_that_is_taken_out_during_a_call_is_not_called_any_more(count: int) -> None:
    said: list[str] = []
    slots = [Slot(said.append) for _ in range(count)]

    def empty_all(item: str) -> None:
        for slot in slots:
            slot.run = nothing

    call = hook_of(Slot(said.append), Slot(empty_all), *slots).caller.function

    call("tea")
    assert said == ["tea"]


@pytest.mark.parametrize("count", [1, 200])
def test_slots_and_plain_functions_mix(count: int) -> None:
    said: list[str] = []
    functions: list[Function] = [said.append, Slot(said.append)] * count
    call = hook_of(*functions).caller.function

    call("tea")
    assert said == ["tea"] * 2 * count


def test_a_call_that_only_tells_returns_nothing_and_runs_all() -> None:
    said: list[str] = []

    def answering(item: str) -> str:
        said.append(item)
        return item

    call = hook_of(answering, answering).caller.function

    assert call("tea") is None
    assert said == ["tea", "tea"]


def test_under_a_policy_it_runs_all_and_raises_what_was_collected() -> None:
    said: list[str] = []

    def raising(item: str) -> None:
        raise ValueError(item)

    call = hook_of(Slot(raising), Slot(said.append), policy="collect").caller.function

    with pytest.raises(HookErrors) as caught:
        call("tea")
    assert said == ["tea"]
    assert caught.value.results is None


def test_slots_are_awaited_and_given_up_in_time_like_any_other() -> None:
    said: list[str] = []

    async def waiting(item: str) -> None:
        await asyncio.sleep(0)
        said.append(item)

    call = hook_of(Slot(waiting), is_async=True, timeout=5).caller.function

    asyncio.run(call("tea"))
    assert said == ["tea"]


def test_slots_are_measured_like_any_other() -> None:
    hook = hook_of(Slot(nothing))
    timings = HookTimings(lambda: None)
    hook.caller.environment.watches.append(timings)

    hook.caller.function("tea")
    assert [row.calls for row in timings.rows] == [1]


def test_what_a_subclass_of_caller_puts_into_its_globals_stays() -> None:
    noted: list[str] = []

    class Own(Caller):
        __slots__ = ()

        def dress(self) -> None:
            self.names["_failed"] = lambda error, labels: noted.append(labels[0])

    def raising(item: str) -> None:
        raise ValueError(item)

    hook = hook_of(raising)
    hook.caller = Own(hook, Environment("shop"))
    hook.caller.refresh()
    hook.caller.compile(hook.caller.plan())

    with pytest.raises(ValueError, match="tea"):
        hook.caller.function("tea")
    assert noted == ["told"]
    assert hook.caller.names["__builtins__"] is builtins

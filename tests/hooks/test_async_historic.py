"""Historic hooks of the async manager: calls that plugins registered later still receive."""

import asyncio
import threading
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from hotplug import (
    AsyncHooks,
    AsyncPluginManager,
    HookErrors,
    HookFailure,
    HookimplMarker,
    HookspecMarker,
)

hookspec = HookspecMarker("farm")
hookimpl = HookimplMarker("farm")

Function = Callable[..., object]


class Specs(AsyncHooks):
    @hookspec(historic=True)
    async def sown(self, field: str) -> Any: ...

    @hookspec(historic=True)
    async def reaped(self, field: str) -> Any: ...

    @hookspec(historic=True, history=2)
    async def rained(self, field: str) -> Any: ...

    @hookspec(historic=True, timeout=0.01)
    async def fed(self, field: str) -> Any: ...


Manager = AsyncPluginManager[Any]


class Plugin:
    """Implements these hooks with these functions."""

    def __init__(self, **functions: Function) -> None:
        vars(self).update({hook: hookimpl(function) for hook, function in functions.items()})


def manager(policy: Any = "raise") -> Manager:
    return AsyncPluginManager("farm", Specs, policy=policy)


def run(call: Coroutine[Any, Any, Any]) -> Any:
    return asyncio.run(call)


def noting(seen: list[str], prefix: str = "") -> Function:
    """A coroutine function that notes the field after giving way once."""

    async def note(field: str) -> None:
        await asyncio.sleep(0)
        seen.append(prefix + field)

    return note


def noting_at_once(seen: list[str], prefix: str = "") -> Function:
    def note(field: str) -> None:
        seen.append(prefix + field)

    return note


async def fails(field: str) -> None:
    await asyncio.sleep(0)
    raise ValueError(f"{field} is flooded")


# now and later


def test_a_historic_call_is_awaited() -> None:
    seen: list[str] = []
    pm = manager()
    pm.register(Plugin(sown=noting(seen)))
    pm.register(Plugin(sown=noting_at_once(seen)))

    run(pm.hook.sown.call_historic({"field": "east"}))

    assert seen == ["east", "east"]


def test_register_async_awaits_what_the_plugin_has_missed() -> None:
    seen: list[str] = []

    async def scene() -> str:
        pm = manager()
        await pm.hook.sown.call_historic({"field": "east"})
        await pm.hook.sown.call_historic({"field": "west"})
        name = await pm.register_async(Plugin(sown=noting(seen)), "late")
        assert seen == ["east", "west"]
        return name

    assert run(scene()) == "late"


def test_a_plain_function_is_told_at_once() -> None:
    seen: list[str] = []

    async def scene() -> None:
        pm = manager()
        await pm.hook.sown.call_historic({"field": "east"})
        await pm.register_async(Plugin(sown=noting_at_once(seen)))

    run(scene())
    assert seen == ["east"]


def test_a_plain_register_leaves_the_replay_to_whoever_awaits_next() -> None:
    seen: list[str] = []

    async def scene() -> None:
        pm = manager()
        await pm.hook.sown.call_historic({"field": "east"})
        pm.register(Plugin(sown=noting(seen)))
        assert seen == []
        await pm.replay()
        assert seen == ["east"]
        await pm.replay()

    run(scene())
    assert seen == ["east"]


def test_the_next_historic_call_comes_after_what_was_missed() -> None:
    seen: list[str] = []

    async def scene() -> None:
        pm = manager()
        await pm.hook.sown.call_historic({"field": "east"})
        pm.register(Plugin(sown=noting(seen)))
        await pm.hook.sown.call_historic({"field": "west"})

    run(scene())
    assert seen == ["east", "west"]


def test_calls_of_several_hooks_are_replayed_in_their_order() -> None:
    seen: list[str] = []

    async def scene() -> None:
        pm = manager()
        await pm.hook.sown.call_historic({"field": "east"})
        await pm.hook.reaped.call_historic({"field": "east"})
        await pm.hook.sown.call_historic({"field": "west"})
        await pm.register_async(
            Plugin(reaped=noting_at_once(seen, "reap "), sown=noting(seen, "sow "))
        )

    run(scene())
    assert seen == ["sow east", "reap east", "sow west"]


def test_each_plugin_is_told_each_call_exactly_once() -> None:
    seen: list[str] = []

    async def scene() -> None:
        pm = manager()
        plugin = Plugin(sown=noting(seen))
        await pm.register_async(plugin)
        await pm.hook.sown.call_historic({"field": "east"})
        pm.unregister(plugin)
        await pm.hook.sown.call_historic({"field": "west"})
        await pm.register_async(plugin)
        await pm.hook.sown.call_historic({"field": "north"})

    run(scene())
    assert seen == ["east", "west", "north"]


def test_a_plugin_that_leaves_before_its_replay_is_told_nothing() -> None:
    seen: list[str] = []

    async def scene() -> None:
        pm = manager()
        await pm.hook.sown.call_historic({"field": "east"})
        pm.register(Plugin(sown=noting(seen)), "shy")
        pm.unregister("shy")
        await pm.replay()

    run(scene())
    assert seen == []


def test_a_plugin_that_leaves_and_comes_back_before_its_replay_is_told_once() -> None:
    seen: list[str] = []

    async def scene() -> None:
        pm = manager()
        await pm.hook.sown.call_historic({"field": "east"})
        plugin = Plugin(sown=noting(seen))
        pm.register(plugin, "shy")
        pm.unregister("shy")
        pm.register(plugin, "shy")
        await pm.replay()

    run(scene())
    assert seen == ["east"]


def test_a_plugin_that_left_before_its_replay_is_told_when_it_comes_back() -> None:
    seen: list[str] = []

    async def scene() -> None:
        pm = manager()
        await pm.hook.sown.call_historic({"field": "east"})
        plugin = Plugin(sown=noting(seen))
        pm.register(plugin)
        pm.unregister(plugin)
        await pm.replay()
        await pm.register_async(plugin)

    run(scene())
    assert seen == ["east"]


def test_another_plugin_of_the_same_name_does_not_get_the_replay_of_the_first() -> None:
    first: list[str] = []
    second: list[str] = []

    async def scene() -> None:
        pm = manager()
        await pm.hook.sown.call_historic({"field": "east"})
        pm.register(Plugin(sown=noting(first)), "twin")
        pm.unregister("twin")
        pm.register(Plugin(sown=noting(second)), "twin")
        await pm.replay()

    run(scene())
    assert (first, second) == ([], ["east"])


def test_two_replays_at_the_same_time_tell_each_call_once() -> None:
    seen: list[str] = []

    async def scene() -> None:
        pm = manager()
        for field in ("east", "west"):
            await pm.hook.sown.call_historic({"field": field})
        await asyncio.gather(
            pm.register_async(Plugin(sown=noting(seen, "a "))),
            pm.register_async(Plugin(sown=noting(seen, "b "))),
            pm.replay(),
        )

    run(scene())
    assert sorted(seen) == ["a east", "a west", "b east", "b west"]


def test_two_replays_at_the_same_time_keep_each_plugins_order() -> None:
    seen: list[str] = []

    async def scene() -> None:
        gate, reached = asyncio.Event(), asyncio.Event()

        async def sown(field: str) -> None:
            if field == "east":
                reached.set()
                await gate.wait()
            seen.append(field)

        pm = manager()
        for field in ("east", "west"):
            await pm.hook.sown.call_historic({"field": field})
        pm.register(Plugin(sown=sown))
        first = asyncio.create_task(pm.replay())
        await reached.wait()
        second = asyncio.create_task(pm.register_async(Plugin(sown=noting([]))))
        await asyncio.sleep(0)
        gate.set()
        await asyncio.gather(first, second)

    run(scene())
    assert seen == ["east", "west"]


def test_register_async_returns_when_its_plugin_has_been_told_whoever_awaits_it() -> None:
    seen: list[str] = []

    async def scene() -> None:
        gate, reached = asyncio.Event(), asyncio.Event()

        async def slow(field: str) -> None:
            reached.set()
            await gate.wait()

        pm = manager()
        await pm.hook.sown.call_historic({"field": "east"})
        pm.register(Plugin(sown=slow))
        other = asyncio.create_task(pm.replay())
        await reached.wait()
        mine = asyncio.create_task(pm.register_async(Plugin(sown=noting(seen))))
        await asyncio.sleep(0)
        gate.set()
        await mine
        assert seen == ["east"]
        await other

    run(scene())


# callbacks and history


def test_the_callback_is_told_awaited_results_now_and_later() -> None:
    told: list[object] = []

    async def sown(field: str) -> str:
        await asyncio.sleep(0)
        return f"sowed {field}"

    async def scene() -> None:
        pm = manager()
        await pm.register_async(Plugin(sown=sown))
        await pm.hook.sown.call_historic({"field": "east"}, result_callback=told.append)
        await pm.register_async(Plugin(sown=sown))
        await pm.register_async(Plugin(sown=lambda field: None))

    run(scene())
    assert told == ["sowed east", "sowed east"]


def test_a_bounded_history_keeps_the_latest_calls() -> None:
    seen: list[str] = []

    async def scene() -> None:
        pm = manager()
        for field in ("north", "east", "south"):
            await pm.hook.rained.call_historic({"field": field})
        await pm.register_async(Plugin(rained=noting(seen)))

    run(scene())
    assert seen == ["east", "south"]


def test_a_cleared_history_is_not_replayed() -> None:
    seen: list[str] = []

    async def scene() -> None:
        pm = manager()
        await pm.hook.sown.call_historic({"field": "east"})
        pm.hook.sown.clear_history()
        await pm.register_async(Plugin(sown=noting(seen)))

    run(scene())
    assert seen == []


def test_wrong_arguments_are_refused_and_not_remembered() -> None:
    pm = manager()

    with pytest.raises(TypeError, match=r"sown\(\)"):
        run(pm.hook.sown.call_historic({"feild": "east"}))

    seen: list[str] = []
    run(pm.register_async(Plugin(sown=noting(seen))))
    assert seen == []


def test_a_nested_call_comes_after_the_one_it_was_made_in() -> None:
    seen: list[str] = []

    async def scene() -> None:
        pm = manager()

        async def sown(field: str) -> None:
            if field == "east":
                await pm.hook.sown.call_historic({"field": "west"})

        await pm.register_async(Plugin(sown=sown))
        await pm.hook.sown.call_historic({"field": "east"})
        await pm.register_async(Plugin(sown=noting(seen)))

    run(scene())
    assert seen == ["east", "west"]


# errors


def test_a_failed_replay_is_reported_and_the_plugin_stays() -> None:
    async def scene() -> None:
        pm = manager()
        await pm.hook.sown.call_historic({"field": "east"})
        await pm.hook.sown.call_historic({"field": "west"})
        with pytest.raises(HookErrors, match="'broken' is registered, but raised in 2") as caught:
            await pm.register_async(Plugin(sown=fails), "broken")
        assert [str(error) for error in caught.value.exceptions] == [
            "east is flooded",
            "west is flooded",
        ]
        for error in caught.value.exceptions:
            assert error.__notes__ == ["hook 'sown': raised by plugin 'broken'"]
        assert pm.has_plugin("broken")

    run(scene())


def test_a_failed_replay_does_not_keep_the_later_ones() -> None:
    seen: list[str] = []

    async def fails_once(field: str) -> None:
        seen.append(field)
        if field == "east":
            raise ValueError

    async def scene() -> None:
        pm = manager()
        for field in ("east", "west"):
            await pm.hook.sown.call_historic({"field": field})
        with pytest.raises(HookErrors, match="1 of 2"):
            await pm.register_async(Plugin(sown=fails_once))

    run(scene())
    assert seen == ["east", "west"]


def test_a_policy_function_answers_for_a_failed_replay() -> None:
    told: list[object] = []

    def policy(failure: HookFailure) -> object:
        return f"{failure.plugin_name}: {failure.error}"

    async def scene() -> None:
        pm = manager(policy)
        await pm.hook.sown.call_historic({"field": "east"}, result_callback=told.append)
        await pm.register_async(Plugin(sown=fails), "broken")

    run(scene())
    assert told == ["broken: east is flooded"]


def test_a_timeout_holds_for_replays_too() -> None:
    async def forever() -> None:
        await asyncio.Event().wait()

    async def scene() -> None:
        pm = manager()
        await pm.hook.fed.call_historic({"field": "east"})
        with pytest.raises(HookErrors) as caught:
            await pm.register_async(Plugin(fed=forever), "slow")
        (error,) = caught.value.exceptions
        assert isinstance(error, TimeoutError)

    run(asyncio.wait_for(scene(), timeout=10))


def test_a_cancelled_replay_is_a_cancellation_and_leaves_no_task() -> None:
    log: list[str] = []

    async def scene() -> None:
        reached = asyncio.Event()

        async def sown() -> None:
            try:
                reached.set()
                await asyncio.Event().wait()
            finally:
                log.append("cleaned")

        pm = manager()
        await pm.hook.sown.call_historic({"field": "east"})
        task = asyncio.create_task(pm.register_async(Plugin(sown=sown), "slow"))
        await reached.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert pm.has_plugin("slow")
        assert asyncio.all_tasks() == {asyncio.current_task()}

    run(scene())
    assert log == ["cleaned"]


def test_a_thread_is_used_for_replays_too() -> None:
    idents: list[int] = []

    class Threaded:
        @hookimpl(thread=True)
        def sown(self, field: str) -> None:
            idents.append(threading.get_ident())

    async def scene() -> None:
        pm = manager()
        await pm.hook.sown.call_historic({"field": "east"})
        await pm.register_async(Threaded())

    run(scene())
    assert len(idents) == 1
    assert idents[0] != threading.get_ident()

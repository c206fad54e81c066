"""Hooks that are awaited: modes, mixing, cancelling, and what is awaited and what is a value."""

import asyncio
import threading
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Generator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import hotplug
from hotplug import (
    AsyncHooks,
    AsyncPluginManager,
    HookCallError,
    HookErrors,
    HookFailure,
    HookimplMarker,
    HookSpecError,
    HookspecMarker,
    PluginManager,
    PluginValidationError,
)

hookspec = HookspecMarker("press")
hookimpl = HookimplMarker("press")

Function = Callable[..., object]
OURS = str(Path(hotplug.__file__).parent / "hooks")


class Specs(AsyncHooks):
    @hookspec
    async def fetch(self, topic: str, limit: int = 3) -> Any:
        """Fetch what there is about a topic."""

    @hookspec(firstresult=True)
    async def title(self, topic: str) -> Any: ...

    @hookspec(pipeline=True)
    async def edit(self, text: str, lang: str = "en") -> Any: ...

    @hookspec(timeout=0.01)
    async def quick(self, topic: str) -> Any: ...


Manager = AsyncPluginManager[Any]


def manager(**plugins: SimpleNamespace) -> Manager:
    pm: Manager = AsyncPluginManager("press", Specs)
    for name, each in plugins.items():
        pm.register(each, name)
    return pm


def plugin(**functions: Function) -> SimpleNamespace:
    return SimpleNamespace(**{hook: hookimpl(function) for hook, function in functions.items()})


def run(call: Coroutine[Any, Any, Any]) -> Any:
    return asyncio.run(call)


def soon(result: object) -> Function:
    """A coroutine function that gives a result after giving way once."""

    async def answer() -> object:
        await asyncio.sleep(0)
        return result

    return answer


def now(result: object) -> Function:
    return lambda: result


async def fails() -> object:
    await asyncio.sleep(0)
    raise ValueError("no paper")


# modes


def test_a_collecting_hook_awaits_each_in_order() -> None:
    pm = manager(a=plugin(fetch=soon("a")), b=plugin(fetch=soon(None)), c=plugin(fetch=soon(0)))

    assert run(pm.hook.fetch(topic="sun")) == ["a", 0]


def test_a_firstresult_hook_stops_at_the_first_answer() -> None:
    asked: list[str] = []

    async def title() -> None:
        asked.append("c")

    pm = manager(a=plugin(title=soon(None)), b=plugin(title=soon("b")), c=plugin(title=title))

    assert run(pm.hook.title(topic="sun")) == "b"
    assert asked == []


def test_a_pipeline_threads_awaited_values() -> None:
    async def shout(text: str) -> str:
        await asyncio.sleep(0)
        return text.upper()

    async def passes(text: str) -> None: ...

    pm = manager(
        a=plugin(edit=shout), b=plugin(edit=passes), c=plugin(edit=lambda text: text + "!")
    )

    assert run(pm.hook.edit(text="stop press")) == "STOP PRESS!"


@pytest.mark.parametrize("count", [0, 1, 41, 100])
def test_the_number_of_plugins_makes_no_difference(count: int) -> None:
    pm = manager()
    for at in range(count):
        pm.register(plugin(fetch=soon(at) if at % 2 else now(at), title=soon(None)))

    assert run(pm.hook.fetch(topic="sun")) == [*range(count)]
    assert run(pm.hook.title(topic="sun")) is None
    assert run(pm.hook.edit(text="x")) == "x"


def test_sync_and_async_implementations_mix() -> None:
    pm = manager(a=plugin(fetch=soon("a")), b=plugin(fetch=now("b")), c=plugin(fetch=soon("c")))

    assert run(pm.hook.fetch(topic="sun")) == ["a", "b", "c"]


def test_implementations_run_one_after_the_other() -> None:
    log: list[str] = []

    def noting(name: str) -> Function:
        async def fetch() -> None:
            log.append(f"{name} begins")
            await asyncio.sleep(0)
            log.append(f"{name} ends")

        return fetch

    pm = manager(a=plugin(fetch=noting("a")), b=plugin(fetch=noting("b")))
    run(pm.hook.fetch(topic="sun"))

    assert log == ["a begins", "a ends", "b begins", "b ends"]


def test_specs_need_not_be_coroutine_functions() -> None:
    class Plain(AsyncHooks):
        @hookspec
        def fetch(self, topic: str) -> Any: ...

    pm: Manager = AsyncPluginManager("press", Plain)
    pm.register(plugin(fetch=soon("a")))

    assert run(pm.hook.fetch(topic="sun")) == ["a"]


def test_the_sync_manager_refuses_async_specs() -> None:
    sync: Any = PluginManager

    with pytest.raises(HookSpecError, match="AsyncPluginManager"):
        sync("press", Specs)


def test_the_sync_manager_refuses_a_coroutine_function_at_registration() -> None:
    class Plain:
        @hookspec
        def fetch(self, topic: str) -> Any: ...

    pm: PluginManager[Any] = PluginManager("press", Plain)

    with pytest.raises(PluginValidationError, match="never await; use AsyncPluginManager"):
        pm.register(plugin(fetch=soon("a")))


def test_a_call_is_a_coroutine() -> None:
    call = manager().hook.fetch(topic="sun")

    assert asyncio.iscoroutine(call)
    run(call)


def test_collect_with_plugins_is_awaited() -> None:
    pm = manager(a=plugin(fetch=soon(1)), b=plugin(fetch=now(2)))

    assert run(pm.hook.fetch.collect_with_plugins(topic="sun")) == [("a", 1), ("b", 2)]


def test_a_held_hook_follows_registrations() -> None:
    pm = manager(a=plugin(fetch=soon("a")))
    fetch = pm.hook.fetch
    assert run(fetch(topic="sun")) == ["a"]

    pm.register(plugin(fetch=now("b")), "b")
    pm.unregister("a")

    assert run(fetch(topic="sun")) == ["b"]


def test_a_call_that_is_awaited_after_a_change_calls_the_new_set() -> None:
    pm = manager(a=plugin(fetch=soon("a")))
    run(pm.hook.fetch(topic="sun"))
    call = pm.hook.fetch(topic="sun")

    pm.register(plugin(fetch=soon("b")), "b")

    assert run(call) == ["a", "b"]


def test_a_plugin_unregistered_during_a_call_still_takes_part_in_that_call() -> None:
    pm = manager()

    async def leave() -> str:
        pm.unregister("b")
        await asyncio.sleep(0)
        return "a"

    pm.register(plugin(fetch=leave), "a")
    pm.register(plugin(fetch=soon("b")), "b")

    assert run(pm.hook.fetch(topic="sun")) == ["a", "b"]
    assert run(pm.hook.fetch(topic="sun")) == ["a"]


# arguments


def test_arguments_travel_as_in_sync_calls() -> None:
    async def fetch(limit: int, *, topic: str) -> object:
        return topic, limit

    async def everything(**arguments: object) -> object:
        return arguments

    pm = manager(a=plugin(fetch=fetch), b=plugin(fetch=everything))

    assert run(pm.hook.fetch("sun", 5)) == [("sun", 5), {"topic": "sun", "limit": 5}]
    assert run(pm.hook.fetch(topic="sun"))[0] == ("sun", 3)


@pytest.mark.parametrize("calls", [0, 1])
def test_wrong_arguments_are_a_type_error(calls: int) -> None:
    pm = manager(a=plugin(fetch=soon("a")))
    for _ in range(calls):
        run(pm.hook.fetch(topic="sun"))

    with pytest.raises(TypeError, match=r"fetch\(\) got an unexpected .* 'topc'"):
        run(pm.hook.fetch(topc="sun"))
    with pytest.raises(TypeError, match=r"fetch\(\) missing .* 'topic'"):
        run(pm.hook.fetch())


# what is awaited and what is a value


def test_a_future_is_a_value() -> None:
    async def scene() -> object:
        future: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        pm = manager(a=plugin(fetch=now(future)), b=plugin(fetch=soon(future)))
        assert await pm.hook.fetch(topic="sun") == [future, future]
        return await pm.hook.fetch.collect_with_plugins(topic="sun")

    assert len(run(scene())) == 2


def test_a_task_is_a_value_and_goes_on() -> None:
    async def scene() -> object:
        task = asyncio.ensure_future(asyncio.sleep(0, "done"))
        pm = manager(a=plugin(title=now(task)))
        assert await pm.hook.title(topic="sun") is task
        return await task

    assert run(scene()) == "done"


def test_an_awaitable_object_is_a_value() -> None:
    class Ticket:
        def __await__(self) -> Generator[None, None, str]:
            yield
            return "never"

    ticket = Ticket()
    pm = manager(a=plugin(title=now(ticket)))

    assert run(pm.hook.title(topic="sun")) is ticket


def test_a_coroutine_that_a_plain_function_returns_is_awaited() -> None:
    answer = soon("a")
    pm = manager(a=plugin(fetch=lambda: answer()), b=plugin(fetch=now("b")))  # noqa: PLW0108

    assert run(pm.hook.fetch(topic="sun")) == ["a", "b"]


def test_a_callable_object_with_an_async_call_is_awaited() -> None:
    class Source:
        async def __call__(self, topic: str) -> str:
            return topic

    pm = manager(a=plugin(fetch=Source()))

    assert run(pm.hook.fetch(topic="sun")) == ["sun"]


def test_an_async_generator_is_refused_as_an_implementation() -> None:
    async def fetch(topic: str) -> AsyncIterator[str]:
        yield topic

    with pytest.raises(PluginValidationError, match="wrapper=True"):
        manager().register(plugin(fetch=fetch))


def test_what_is_awaited_inside_is_awaited_only_once() -> None:
    inner = soon("inner")

    async def fetch() -> object:
        return inner()

    pm = manager(a=plugin(title=fetch))

    async def scene() -> object:
        result = await pm.hook.title(topic="sun")
        assert asyncio.iscoroutine(result)
        return await result

    assert run(scene()) == "inner"


# threads


def test_a_sync_implementation_runs_on_the_loop() -> None:
    def title() -> int:
        return threading.get_ident()

    pm = manager(a=plugin(title=title))

    assert run(pm.hook.title(topic="sun")) == threading.get_ident()


def test_a_sync_implementation_moves_to_a_thread_where_it_asks_for_it() -> None:
    async def scene() -> tuple[int, bool]:
        loop = asyncio.get_running_loop()
        ticked = threading.Event()

        def fetch(topic: str) -> int:
            loop.call_soon_threadsafe(ticked.set)
            assert ticked.wait(timeout=30)  # only a free loop can do that
            return threading.get_ident()

        pm = manager(a=SimpleNamespace(title=hookimpl(thread=True)(fetch)))
        return await pm.hook.title(topic="sun"), ticked.is_set()

    ident, ticked = run(scene())

    assert ticked
    assert ident != threading.get_ident()


def test_an_error_in_a_thread_names_its_plugin() -> None:
    def fetch() -> object:
        raise ValueError("no paper")

    pm = manager(a=SimpleNamespace(title=hookimpl(thread=True)(fetch)))

    with pytest.raises(ValueError, match="no paper") as caught:
        run(pm.hook.title(topic="sun"))

    assert caught.value.__notes__ == ["hook 'title': raised by plugin 'a'"]


def test_only_sync_implementations_take_a_thread() -> None:
    with pytest.raises(PluginValidationError, match="thread=True, which is for sync"):
        manager().register(SimpleNamespace(fetch=hookimpl(thread=True)(soon(1))))


# errors


def test_an_error_keeps_its_type_and_names_its_plugin() -> None:
    pm = manager(a=plugin(fetch=soon(1)), b=plugin(fetch=fails))

    with pytest.raises(ValueError, match="no paper") as caught:
        run(pm.hook.fetch(topic="sun"))

    assert caught.value.__notes__ == ["hook 'fetch': raised by plugin 'b'"]


@pytest.mark.parametrize("at", [0, 30, 59])
def test_an_error_among_many_names_its_plugin(at: int) -> None:
    pm = manager()
    for number in range(60):
        pm.register(
            plugin(fetch=fails if number == at else (soon(1) if number % 2 else now(1))),
            f"p{number}",
        )

    with pytest.raises(ValueError, match="no paper") as caught:
        run(pm.hook.fetch(topic="sun"))

    assert caught.value.__notes__ == [f"hook 'fetch': raised by plugin 'p{at}'"]


def frames(error: BaseException) -> list[str]:
    """The functions of a traceback from the hook call on; those of ours are in brackets."""
    shown: list[str] = []
    for frame in traceback.extract_tb(error.__traceback__):
        is_ours = frame.filename.startswith((OURS, "hook "))
        shown.append(f"[{frame.name}]" if is_ours else frame.name)
    return shown[shown.index("scene") + 1 :]


@pytest.mark.parametrize("count", [1, 60])
def test_a_traceback_has_one_frame_for_a_hook_call(count: int) -> None:
    pm = manager()
    for _ in range(count):
        pm.register(plugin(fetch=fails, title=fails))

    async def scene(call: Any) -> None:
        await call

    for hook in ("fetch", "title"):
        with pytest.raises(ValueError, match="no paper") as caught:
            run(scene(getattr(pm.hook, hook)(topic="sun")))
        assert frames(caught.value) == [f"[{hook}]", "fails"]


def test_nested_hook_calls_have_a_frame_and_a_note_each() -> None:
    pm = manager(inner=plugin(title=fails))

    async def fetch(topic: str) -> object:
        return await pm.hook.title(topic=topic)

    pm.register(plugin(fetch=fetch), "outer")

    async def scene() -> None:
        await pm.hook.fetch(topic="sun")

    with pytest.raises(ValueError, match="no paper") as caught:
        run(scene())

    assert frames(caught.value) == ["[fetch]", "fetch", "[title]", "fails"]
    assert caught.value.__notes__ == [
        "hook 'title': raised by plugin 'inner'",
        "hook 'fetch': raised by plugin 'outer'",
    ]


def test_policies_work_as_in_sync_calls() -> None:
    pm = manager(a=plugin(fetch=soon(1)), b=plugin(fetch=fails), c=plugin(fetch=now(3)))

    def policy(failure: HookFailure) -> object:
        return f"no {failure.plugin_name}"

    with pytest.raises(HookErrors) as caught:
        run(pm.hook.fetch.with_policy("collect")(topic="sun"))
    assert caught.value.results == [1, 3]
    assert caught.value.exceptions[0].__notes__ == ["hook 'fetch': raised by plugin 'b'"]

    assert run(pm.hook.fetch.with_policy("skip")(topic="sun")) == [1, 3]
    assert run(pm.hook.fetch.with_policy(policy)(topic="sun")) == [1, "no b", 3]


# cancelling


def test_a_cancelled_call_runs_every_finally_and_leaves_no_task() -> None:
    log: list[str] = []

    async def scene() -> None:
        reached = asyncio.Event()

        async def fetch() -> None:
            try:
                reached.set()
                await asyncio.Event().wait()
            finally:
                await asyncio.sleep(0)
                log.append("cleaned")

        pm = manager(a=plugin(fetch=fetch), b=plugin(fetch=lambda: log.append("never")))
        task = asyncio.create_task(pm.hook.fetch(topic="sun"))
        await reached.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert asyncio.all_tasks() == {asyncio.current_task()}

    run(scene())
    assert log == ["cleaned"]


@pytest.mark.parametrize("policy", ["raise", "collect", "skip", lambda failure: 1])
def test_no_policy_stops_a_cancellation(policy: Any) -> None:
    asked: list[str] = []

    async def scene() -> None:
        reached = asyncio.Event()

        async def fetch() -> None:
            reached.set()
            await asyncio.Event().wait()

        pm = manager(a=plugin(fetch=fetch), b=plugin(fetch=lambda: asked.append("b")))
        task = asyncio.create_task(pm.hook.fetch.with_policy(policy)(topic="sun"))
        await reached.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    run(scene())
    assert asked == []


def test_a_call_that_is_never_awaited_warns_as_any_coroutine_does() -> None:
    pm = manager(a=plugin(fetch=soon("a")))
    run(pm.hook.fetch(topic="sun"))

    with pytest.warns(RuntimeWarning, match="'.*fetch' was never awaited"):
        pm.hook.fetch(topic="sun")


# timeouts


def test_a_timeout_names_the_plugin() -> None:
    async def forever() -> None:
        await asyncio.Event().wait()

    pm = manager(a=plugin(quick=now(1)), slow=plugin(quick=forever))

    with pytest.raises(TimeoutError, match=r"longer than 0\.01 s") as caught:
        run(pm.hook.quick(topic="sun"))

    assert caught.value.__notes__ == ["hook 'quick': raised by plugin 'slow'"]


def test_a_timeout_runs_the_finally_of_the_implementation() -> None:
    log: list[str] = []

    async def forever() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            log.append("cleaned")

    with pytest.raises(TimeoutError):
        run(manager(slow=plugin(quick=forever)).hook.quick(topic="sun"))

    assert log == ["cleaned"]


def test_a_timeout_error_of_the_implementation_is_its_own() -> None:
    async def own() -> None:
        raise TimeoutError("of my own")

    with pytest.raises(TimeoutError, match="of my own"):
        run(manager(a=plugin(quick=own)).hook.quick(topic="sun"))


def test_a_timeout_under_a_policy_is_a_failure_like_any_other() -> None:
    async def forever() -> None:
        await asyncio.Event().wait()

    pm = manager(slow=plugin(quick=forever), b=plugin(quick=now("b")))

    assert run(pm.hook.quick.with_policy("skip")(topic="sun")) == ["b"]


@pytest.mark.parametrize("seconds", [0, -1])
def test_a_timeout_is_positive(seconds: float) -> None:
    mark: Any = hookspec
    bad = SimpleNamespace(fetch=mark(timeout=seconds)(lambda topic: None))

    with pytest.raises(HookSpecError, match="timeout"):
        AsyncPluginManager("press").add_hookspecs(bad)


def test_only_an_async_manager_takes_a_timeout() -> None:
    bad = SimpleNamespace(fetch=hookspec(timeout=1)(lambda topic: None))

    with pytest.raises(HookSpecError, match="only an AsyncPluginManager"):
        PluginManager("press").add_hookspecs(bad)


# call_extra and views


def test_call_extra_takes_sync_and_async_functions() -> None:
    pm = manager(a=plugin(fetch=soon("a")))

    results = run(pm.hook.fetch.call_extra([soon("x"), now("y")], {"topic": "sun"}))

    assert results == ["a", "x", "y"]


def test_call_extra_honours_marks() -> None:
    async def stand_around(call_next: Callable[..., Awaitable[list[str]]], topic: str) -> object:
        return [*await call_next(topic), "around"]

    pm = manager(a=plugin(fetch=soon("a")))
    extras = [
        hookimpl(tryfirst=True)(soon("first")),
        hookimpl(around=True)(stand_around),
        now("plain"),
    ]

    results = run(pm.hook.fetch.call_extra(extras, {"topic": "sun"}))

    assert results == ["first", "a", "plain", "around"]


@pytest.mark.parametrize("kind", ["around", "wrapper"])
def test_registered_wrappers_stand_around_extras(kind: str) -> None:
    mark: Any = hookimpl

    async def around(call_next: Callable[..., Awaitable[list[str]]], topic: str) -> object:
        return [*await call_next(topic), "wrapped"]

    def wrapper() -> Generator[None, Any, Any]:
        results = yield
        return [*results, "wrapped"]

    function = around if kind == "around" else wrapper
    pm = manager(w=SimpleNamespace(fetch=mark(**{kind: True})(function)))

    assert run(pm.hook.fetch.call_extra([soon("x")], {"topic": "sun"})) == ["x", "wrapped"]


def test_an_error_of_an_extra_says_that_it_comes_from_one() -> None:
    pm = manager(a=plugin(fetch=soon("a")))

    with pytest.raises(ValueError, match="no paper") as caught:
        run(pm.hook.fetch.call_extra([fails], {"topic": "sun"}))

    assert caught.value.__notes__ == ["hook 'fetch': raised by a function given to call_extra"]


def test_a_view_without_a_plugin_is_awaited() -> None:
    pm = manager(a=plugin(fetch=soon("a")), b=plugin(fetch=soon("b")))

    assert run(pm.hook.fetch.without("a")(topic="sun")) == ["b"]


def test_monitoring_sees_the_awaited_outcome() -> None:
    outcomes: list[object] = []
    lines: list[str] = []
    pm = manager(a=plugin(fetch=soon("a"), title=fails))
    pm.add_hookcall_monitoring(
        lambda *told: None, lambda outcome, *told: outcomes.append(outcome.result)
    )
    stop = pm.enable_tracing(lines.append)
    run(pm.hook.fetch(topic="sun"))
    stop()
    with pytest.raises(ValueError, match="no paper"):
        run(pm.hook.title(topic="sun"))

    assert outcomes == [["a"], None]
    assert lines == ["fetch(topic='sun', limit=3)", "fetch -> ['a']"]


def test_timing_counts_awaited_calls_once() -> None:
    pm = manager(a=plugin(fetch=soon("a"), title=fails), b=plugin(fetch=now("b")))
    with pm.enable_timing() as timing:
        run(pm.hook.fetch(topic="sun"))
        with pytest.raises(ValueError, match="no paper"):
            run(pm.hook.title(topic="sun"))

    counted = {(row.plugin_name, row.hook): (row.calls, row.errors) for row in timing.rows}
    assert counted == {("a", "fetch"): (1, 0), ("b", "fetch"): (1, 0), ("a", "title"): (1, 1)}


def test_two_calls_at_the_same_time_do_not_mix() -> None:
    async def echo(topic: str) -> str:
        await asyncio.sleep(0)
        return topic

    pm = manager(a=plugin(fetch=echo), b=plugin(fetch=echo))

    async def scene() -> object:
        return await asyncio.gather(*(pm.hook.fetch(topic=str(at)) for at in range(50)))

    assert run(scene()) == [[str(at)] * 2 for at in range(50)]


def test_a_historic_hook_refuses_a_plain_call() -> None:
    class Historic(AsyncHooks):
        @hookspec(historic=True)
        async def opened(self, topic: str) -> Any: ...

    pm: Manager = AsyncPluginManager("press", Historic)

    with pytest.raises(HookCallError, match="'opened' is historic"):
        pm.hook.opened(topic="sun")

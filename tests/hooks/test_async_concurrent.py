"""Concurrent hooks: implementations that run at the same time, and end together."""

import asyncio
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import hotplug
from hotplug import (
    AsyncHooks,
    AsyncPluginManager,
    HookErrors,
    HookFailure,
    HookimplMarker,
    HookSpecError,
    HookspecMarker,
    PluginManager,
)

hookspec = HookspecMarker("fleet")
hookimpl = HookimplMarker("fleet")

Function = Callable[..., object]


class Specs(AsyncHooks):
    @hookspec(concurrent=True)
    async def sail(self, port: str, speed: int = 1) -> Any: ...

    @hookspec(concurrent=True, limit=2)
    async def dock(self, port: str) -> Any: ...

    @hookspec(concurrent=True, timeout=0.01)
    async def signal(self, port: str) -> Any: ...


Manager = AsyncPluginManager[Any]


def manager(**plugins: SimpleNamespace) -> Manager:
    pm: Manager = AsyncPluginManager("fleet", Specs)
    for name, each in plugins.items():
        pm.register(each, name)
    return pm


def plugin(**functions: Function) -> SimpleNamespace:
    return SimpleNamespace(**{hook: hookimpl(function) for hook, function in functions.items()})


def run(call: Coroutine[Any, Any, Any]) -> Any:
    return asyncio.run(call)


def soon(result: object) -> Function:
    async def answer() -> object:
        await asyncio.sleep(0)
        return result

    return answer


def raising(error: BaseException) -> Function:
    async def raise_it() -> object:
        await asyncio.sleep(0)
        raise error

    return raise_it


async def forever() -> None:
    await asyncio.Event().wait()


def notes(error: BaseException) -> list[str]:
    return getattr(error, "__notes__", [])


# at the same time


def test_implementations_run_at_the_same_time() -> None:
    """Each waits for the other, which only works when both run."""

    async def scene() -> object:
        here, there = asyncio.Event(), asyncio.Event()

        async def first() -> str:
            here.set()
            await there.wait()
            return "first"

        async def second() -> str:
            there.set()
            await here.wait()
            return "second"

        pm = manager(a=plugin(sail=first), b=plugin(sail=second))
        return await pm.hook.sail(port="Kiel")

    assert run(scene()) == ["first", "second"]


def test_results_keep_the_order_of_a_call_whoever_ends_first() -> None:
    async def scene() -> object:
        ended = [asyncio.Event() for _ in range(4)]

        def ending_after_the_next(at: int) -> Function:
            async def sail() -> int:
                if at + 1 < len(ended):
                    await ended[at + 1].wait()
                ended[at].set()
                return at

            return sail

        pm = manager(**{f"p{at}": plugin(sail=ending_after_the_next(at)) for at in range(4)})
        return await pm.hook.sail(port="Kiel")

    assert run(scene()) == [0, 1, 2, 3]


def test_none_is_left_out() -> None:
    pm = manager(a=plugin(sail=soon(None)), b=plugin(sail=soon(0)), c=plugin(sail=soon("c")))

    assert run(pm.hook.sail(port="Kiel")) == [0, "c"]
    assert run(pm.hook.sail.collect_with_plugins(port="Kiel")) == [("b", 0), ("c", "c")]


def test_without_plugins_the_result_is_empty() -> None:
    assert run(manager().hook.sail(port="Kiel")) == []


def test_sync_implementations_take_part() -> None:
    pm = manager(a=plugin(sail=lambda port: port), b=plugin(sail=soon("b")))

    assert run(pm.hook.sail(port="Kiel")) == ["Kiel", "b"]


def test_implementations_take_the_arguments_that_they_want() -> None:
    async def by_name(*, speed: int) -> int:
        return speed

    async def everything(**arguments: object) -> object:
        return arguments

    pm = manager(a=plugin(sail=by_name), b=plugin(sail=everything), c=plugin(sail=soon("c")))

    assert run(pm.hook.sail("Kiel")) == [1, {"port": "Kiel", "speed": 1}, "c"]


def test_a_future_is_a_value() -> None:
    async def scene() -> None:
        future: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        pm = manager(a=plugin(sail=lambda: future))
        assert await pm.hook.sail(port="Kiel") == [future]

    run(scene())


def test_wrappers_stand_around_all_of_them() -> None:
    log: list[str] = []

    async def stand_around(call_next: Callable[..., Awaitable[Any]], port: str) -> object:
        log.append("in")
        result = await call_next(port)
        log.append("out")
        return [*result, "escort"]

    async def wrap() -> AsyncIterator[None]:
        log.append("wrap in")
        yield
        log.append("wrap out")

    pm = manager(a=plugin(sail=soon("a")), b=plugin(sail=soon("b")))
    pm.register(SimpleNamespace(sail=hookimpl(around=True)(stand_around)))
    pm.register(SimpleNamespace(sail=hookimpl(wrapper=True)(wrap)))

    assert run(pm.hook.sail(port="Kiel")) == ["a", "b", "escort"]
    assert log == ["in", "wrap in", "wrap out", "out"]


def test_a_call_is_a_snapshot() -> None:
    pm = manager()

    async def leave() -> str:
        pm.unregister("b")
        return "a"

    pm.register(plugin(sail=leave), "a")
    pm.register(plugin(sail=soon("b")), "b")

    assert run(pm.hook.sail(port="Kiel")) == ["a", "b"]
    assert run(pm.hook.sail(port="Kiel")) == ["a"]


# the limit


def test_no_more_run_at_once_than_the_limit_says() -> None:
    running = 0
    most = 0

    async def dock() -> int:
        nonlocal running, most
        running += 1
        most = max(most, running)
        for _ in range(5):
            await asyncio.sleep(0)
        running -= 1
        return most

    pm = manager(**{f"p{at}": plugin(dock=dock) for at in range(6)})

    assert len(run(pm.hook.dock(port="Kiel"))) == 6
    assert most == 2


def test_with_a_limit_the_order_of_results_is_kept() -> None:
    pm = manager(**{f"p{at}": plugin(dock=soon(at)) for at in range(9)})

    assert run(pm.hook.dock(port="Kiel")) == [*range(9)]


def test_each_call_has_its_own_limit() -> None:
    async def scene() -> None:
        running = 0
        all_here = asyncio.Event()

        async def dock() -> None:
            nonlocal running
            running += 1
            if running == 4:
                all_here.set()
            await all_here.wait()

        pm = manager(a=plugin(dock=dock), b=plugin(dock=dock))
        await asyncio.gather(pm.hook.dock(port="Kiel"), pm.hook.dock(port="Bergen"))

    run(scene())


# errors


def test_an_error_is_raised_as_it_is_and_names_its_plugin() -> None:
    error = ValueError("leak")
    pm = manager(a=plugin(sail=soon("a")), b=plugin(sail=raising(error)))

    with pytest.raises(ValueError, match="leak") as caught:
        run(pm.hook.sail(port="Kiel"))

    assert caught.value is error
    assert notes(error) == ["hook 'sail': raised by plugin 'b'"]
    assert error.__context__ is None


def test_the_first_error_cancels_the_others_and_their_finally_runs() -> None:
    log: list[str] = []

    async def endless() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            log.append("cleaned")

    async def scene() -> None:
        pm = manager(
            a=plugin(sail=endless),
            b=plugin(sail=raising(ValueError("leak"))),
            c=plugin(sail=endless),
        )
        with pytest.raises(ValueError, match="leak"):
            await pm.hook.sail(port="Kiel")
        assert asyncio.all_tasks() == {asyncio.current_task()}

    run(scene())
    assert log == ["cleaned", "cleaned"]


def test_errors_at_the_same_time_are_told_with_the_first() -> None:
    pm = manager(
        a=plugin(sail=raising(ValueError("leak"))), b=plugin(sail=raising(KeyError("map")))
    )

    with pytest.raises(ValueError, match="leak") as caught:
        run(pm.hook.sail(port="Kiel"))

    assert notes(caught.value)[0] == "hook 'sail': raised by plugin 'a'"
    assert any("KeyError: 'map'" in note for note in notes(caught.value)[1:])


def test_a_group_that_an_implementation_raises_is_its_own() -> None:
    group = ExceptionGroup("mine", [ValueError()])
    pm = manager(a=plugin(sail=raising(group)), b=plugin(sail=soon("b")))

    with pytest.raises(ExceptionGroup, match="mine") as caught:
        run(pm.hook.sail(port="Kiel"))

    assert caught.value is group


def test_a_traceback_has_one_frame_of_ours_before_the_plugins() -> None:
    async def leak() -> None:
        raise ValueError("leak")

    pm = manager(a=plugin(sail=leak), b=plugin(sail=soon("b")))
    package = str(Path(hotplug.__file__).parent)

    with pytest.raises(ValueError, match="leak") as caught:
        run(pm.hook.sail(port="Kiel"))

    shown = traceback.extract_tb(caught.value.__traceback__)
    ours = [frame.name for frame in shown if frame.filename.startswith((package, "hook "))]
    assert ours == ["sail"]
    assert shown[-1].name == "leak"


@pytest.mark.parametrize("kind", [KeyboardInterrupt, SystemExit])
def test_an_interrupt_is_raised_as_it_is_and_leaves_no_task(kind: type[BaseException]) -> None:
    log: list[str] = []

    async def endless() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            log.append("cleaned")

    pm = manager(a=plugin(sail=endless), b=plugin(sail=raising(kind("stop"))))

    with pytest.raises(kind):
        run(pm.hook.sail(port="Kiel"))

    assert log == ["cleaned"]


def test_a_wrapper_sees_the_error_itself() -> None:
    async def safe(call_next: Callable[..., Awaitable[Any]], port: str) -> object:
        try:
            return await call_next(port)
        except ValueError as error:
            return [f"saved from {error}"]

    pm = manager(a=plugin(sail=raising(ValueError("leak"))), b=plugin(sail=forever))
    pm.register(SimpleNamespace(sail=hookimpl(around=True)(safe)))

    assert run(pm.hook.sail(port="Kiel")) == ["saved from leak"]


# policies


def test_under_collect_all_finish_and_the_errors_keep_the_order() -> None:
    pm = manager(
        a=plugin(sail=raising(ValueError("a"))),
        b=plugin(sail=soon("b")),
        c=plugin(sail=raising(KeyError("c"))),
        d=plugin(sail=soon("d")),
    )

    with pytest.raises(HookErrors, match="2 implementations raised") as caught:
        run(pm.hook.sail.with_policy("collect")(port="Kiel"))

    assert caught.value.results == ["b", "d"]
    assert [notes(error) for error in caught.value.exceptions] == [
        ["hook 'sail': raised by plugin 'a'"],
        ["hook 'sail': raised by plugin 'c'"],
    ]


def test_under_collect_the_errors_keep_the_order_whoever_fails_first() -> None:
    async def scene() -> HookErrors:
        failed = asyncio.Event()

        async def late() -> None:
            await failed.wait()
            raise ValueError("late")

        async def early() -> None:
            failed.set()
            raise ValueError("early")

        pm = manager(a=plugin(sail=late), b=plugin(sail=early))
        with pytest.raises(HookErrors) as caught:
            await pm.hook.sail.with_policy("collect")(port="Kiel")
        return caught.value

    assert [str(error) for error in run(scene()).exceptions] == ["late", "early"]


def test_under_skip_who_fails_is_left_out() -> None:
    pm = manager(a=plugin(sail=raising(ValueError())), b=plugin(sail=soon("b")))

    assert run(pm.hook.sail.with_policy("skip")(port="Kiel")) == ["b"]


def test_a_policy_function_answers_in_the_place_of_who_failed() -> None:
    def policy(failure: HookFailure) -> object:
        return f"no {failure.plugin_name}"

    pm = manager(
        a=plugin(sail=soon("a")), b=plugin(sail=raising(ValueError())), c=plugin(sail=soon("c"))
    )

    assert run(pm.hook.sail.with_policy(policy)(port="Kiel")) == ["a", "no b", "c"]


def test_what_a_policy_function_raises_ends_the_call() -> None:
    def strict(failure: HookFailure) -> object:
        raise LookupError("enough")

    async def scene() -> None:
        pm = manager(a=plugin(sail=forever), b=plugin(sail=raising(ValueError())))
        with pytest.raises(LookupError, match="enough"):
            await pm.hook.sail.with_policy(strict)(port="Kiel")
        assert asyncio.all_tasks() == {asyncio.current_task()}

    run(scene())


# cancelling and time


def test_a_cancelled_call_leaves_no_task_and_runs_every_finally() -> None:
    log: list[int] = []

    async def scene() -> None:
        here = asyncio.Semaphore(0)

        def endless(at: int) -> Function:
            async def sail() -> None:
                try:
                    here.release()
                    await asyncio.Event().wait()
                finally:
                    await asyncio.sleep(0)
                    log.append(at)

            return sail

        pm = manager(**{f"p{at}": plugin(sail=endless(at)) for at in range(3)})
        task = asyncio.create_task(pm.hook.sail(port="Kiel"))
        for _ in range(3):
            await here.acquire()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert asyncio.all_tasks() == {asyncio.current_task()}

    run(scene())
    assert sorted(log) == [0, 1, 2]


@pytest.mark.parametrize("policy", ["raise", "collect", "skip"])
def test_no_policy_stops_a_cancellation(policy: str) -> None:
    async def scene() -> None:
        here = asyncio.Event()

        async def sail() -> None:
            here.set()
            await asyncio.Event().wait()

        pm = manager(a=plugin(sail=sail), b=plugin(sail=forever))
        task = asyncio.create_task(pm.hook.sail.with_policy(policy)(port="Kiel"))
        await here.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    run(scene())


def test_a_cancelled_implementation_is_raised_as_a_cancellation() -> None:
    async def gives_up() -> None:
        raise asyncio.CancelledError

    async def scene() -> None:
        pm = manager(a=plugin(sail=gives_up), b=plugin(sail=soon("b")))
        with pytest.raises(asyncio.CancelledError):
            await pm.hook.sail(port="Kiel")

    run(scene())


def test_a_timeout_names_the_plugin_and_cancels_the_others() -> None:
    log: list[str] = []

    async def endless() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            log.append("cleaned")

    pm = manager(slow=plugin(signal=endless), quick=plugin(signal=lambda: 1))

    with pytest.raises(TimeoutError, match=r"longer than 0\.01 s") as caught:
        run(pm.hook.signal(port="Kiel"))

    assert notes(caught.value) == ["hook 'signal': raised by plugin 'slow'"]
    assert log == ["cleaned"]


def test_a_thread_takes_part() -> None:
    pm = manager(a=SimpleNamespace(sail=hookimpl(thread=True)(lambda port: port)))
    pm.register(plugin(sail=soon("b")))

    assert run(pm.hook.sail(port="Kiel")) == ["Kiel", "b"]


# call_extra


def test_extras_take_part_in_a_concurrent_call() -> None:
    pm = manager(a=plugin(sail=soon("a")))

    assert run(pm.hook.sail.call_extra([soon("x"), lambda: "y"], {"port": "Kiel"})) == [
        "a",
        "x",
        "y",
    ]


# what may be concurrent


@pytest.mark.parametrize("mode", ["firstresult", "pipeline", "historic"])
def test_only_collecting_hooks_are_concurrent(mode: str) -> None:
    mark: Any = hookspec
    bad = SimpleNamespace(sail=mark(concurrent=True, **{mode: True})(lambda port: None))

    with pytest.raises(HookSpecError, match="only collecting hooks can be concurrent") as caught:
        AsyncPluginManager("fleet").add_hookspecs(bad)

    assert isinstance(caught.value, ValueError)


def test_only_an_async_manager_has_concurrent_hooks() -> None:
    bad = SimpleNamespace(sail=hookspec(concurrent=True)(lambda port: None))

    with pytest.raises(HookSpecError, match="only an AsyncPluginManager"):
        PluginManager("fleet").add_hookspecs(bad)


@pytest.mark.parametrize("limit", [0, -1])
def test_a_limit_is_positive(limit: int) -> None:
    bad = SimpleNamespace(sail=hookspec(concurrent=True, limit=limit)(lambda port: None))

    with pytest.raises(HookSpecError, match="limit"):
        AsyncPluginManager("fleet").add_hookspecs(bad)


def test_only_concurrent_hooks_have_a_limit() -> None:
    bad = SimpleNamespace(sail=hookspec(limit=2)(lambda port: None))

    with pytest.raises(HookSpecError, match="concurrent=True"):
        AsyncPluginManager("fleet").add_hookspecs(bad)

"""Wrappers of awaited hooks: around coroutine functions, plain generators, async generators."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Coroutine, Generator
from dataclasses import dataclass
from itertools import permutations
from types import SimpleNamespace
from typing import Any

import pytest

from hotplug import (
    AsyncHooks,
    AsyncPluginManager,
    HookErrors,
    HookimplMarker,
    HookspecMarker,
    WrapperError,
)

hookspec = HookspecMarker("studio")
hookimpl = HookimplMarker("studio")

Function = Callable[..., object]
CallNext = Callable[..., Awaitable[Any]]


class Specs(AsyncHooks):
    @hookspec
    async def record(self, song: str, takes: int = 1) -> Any: ...

    @hookspec(firstresult=True)
    async def sing(self, song: str) -> Any: ...

    @hookspec(pipeline=True)
    async def mix(self, track: str) -> Any: ...


Manager = AsyncPluginManager[Any]


def manager() -> Manager:
    return AsyncPluginManager("studio", Specs)


def register(pm: Manager, name: str, **functions: Function) -> None:
    """Register a plugin that implements these hooks with these functions."""
    pm.register(
        SimpleNamespace(**{hook: hookimpl(function) for hook, function in functions.items()}), name
    )


def around(pm: Manager, name: str, **functions: Function) -> None:
    """Register a plugin that puts these functions around these hooks."""
    mark = hookimpl(around=True)
    pm.register(
        SimpleNamespace(**{hook: mark(function) for hook, function in functions.items()}), name
    )


def wrapping(pm: Manager, name: str, **functions: Function) -> None:
    """Register a plugin that wraps these hooks with these generator functions."""
    mark = hookimpl(wrapper=True)
    pm.register(
        SimpleNamespace(**{hook: mark(function) for hook, function in functions.items()}), name
    )


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


def notes(error: BaseException) -> list[str]:
    return getattr(error, "__notes__", [])


# around: can do all


def test_an_around_wrapper_awaits_call_next_and_replaces_the_result() -> None:
    async def louder(call_next: CallNext, song: str) -> object:
        return [line.upper() for line in await call_next(song)]

    pm = manager()
    around(pm, "louder", record=louder)
    register(pm, "band", record=soon("la"))

    assert run(pm.hook.record(song="Hey")) == ["LA"]


def test_none_from_an_around_wrapper_is_the_result() -> None:
    async def forget(call_next: CallNext) -> None: ...

    pm = manager()
    around(pm, "forget", record=forget, sing=forget, mix=forget)

    assert run(pm.hook.record(song="Hey")) is None
    assert run(pm.hook.sing(song="Hey")) is None
    assert run(pm.hook.mix(track="t")) is None


def test_an_around_wrapper_swallows_an_error() -> None:
    async def safe(call_next: CallNext, song: str) -> object:
        with contextlib.suppress(ValueError):
            return await call_next(song)
        return "silence"

    pm = manager()
    around(pm, "safe", sing=safe)
    register(pm, "band", sing=raising(ValueError()))

    assert run(pm.hook.sing(song="Hey")) == "silence"


def test_an_around_wrapper_retries() -> None:
    attempts: list[str] = []

    async def flaky(song: str) -> str:
        attempts.append(song)
        if len(attempts) < 3:
            raise ConnectionError
        return "la"

    async def retry(call_next: CallNext, song: str) -> object:
        while True:
            with contextlib.suppress(ConnectionError):
                return await call_next(song)

    pm = manager()
    around(pm, "retry", sing=retry)
    register(pm, "band", sing=flaky)

    assert run(pm.hook.sing(song="Hey")) == "la"
    assert attempts == ["Hey"] * 3


def test_an_around_wrapper_may_never_call_next() -> None:
    async def closed(call_next: CallNext) -> object:
        return ["closed"]

    pm = manager()
    around(pm, "closed", record=closed)
    register(pm, "band", record=raising(AssertionError()))

    assert run(pm.hook.record(song="Hey")) == ["closed"]


def test_an_around_wrapper_may_call_next_twice_at_once() -> None:
    async def twice(call_next: CallNext, song: str) -> object:
        return await asyncio.gather(call_next(song), call_next(song=song, takes=2))

    pm = manager()
    around(pm, "twice", record=twice)
    register(pm, "band", record=lambda takes: takes)

    assert run(pm.hook.record(song="Hey")) == [[1], [2]]


def test_in_a_pipeline_call_next_runs_the_whole_fold() -> None:
    async def twice(call_next: CallNext, track: str) -> object:
        return await call_next(await call_next(track))

    pm = manager()
    around(pm, "twice", mix=twice)
    register(pm, "a", mix=lambda track: track + "a")
    register(pm, "b", mix=lambda track: track + "b")

    assert run(pm.hook.mix(track="")) == "abab"


def test_a_plain_function_that_hands_call_next_on_is_an_around_wrapper() -> None:
    def through(call_next: CallNext, song: str) -> object:
        return call_next(song + "!")

    pm = manager()
    around(pm, "through", sing=through)
    register(pm, "band", sing=lambda song: song)

    assert run(pm.hook.sing(song="Hey")) == "Hey!"


def test_wrong_arguments_for_call_next_are_a_type_error() -> None:
    async def wrong(call_next: CallNext) -> object:
        return await call_next(sng="Hey")

    pm = manager()
    around(pm, "wrong", sing=wrong)

    with pytest.raises(TypeError, match="'sng'") as caught:
        run(pm.hook.sing(song="Hey"))

    assert notes(caught.value) == ["hook 'sing': raised by plugin 'wrong'"]


@pytest.mark.parametrize("depth", [0, 1, 2])
def test_an_error_of_an_around_wrapper_names_its_own_plugin(depth: int) -> None:
    async def passes(call_next: CallNext, song: str) -> object:
        return await call_next(song)

    async def fails(call_next: CallNext, song: str) -> object:
        raise ValueError("flat")

    pm = manager()
    for at in range(3):
        around(pm, f"w{at}", sing=fails if at == depth else passes)

    with pytest.raises(ValueError, match="flat") as caught:
        run(pm.hook.sing(song="Hey"))

    assert notes(caught.value) == [f"hook 'sing': raised by plugin 'w{depth}'"]


def test_an_error_through_around_wrappers_names_the_implementation() -> None:
    async def passes(call_next: CallNext, song: str) -> object:
        return await call_next(song)

    pm = manager()
    around(pm, "w1", sing=passes)
    around(pm, "w2", sing=passes)
    register(pm, "band", sing=raising(ValueError("flat")))

    with pytest.raises(ValueError, match="flat") as caught:
        run(pm.hook.sing(song="Hey"))

    assert notes(caught.value) == ["hook 'sing': raised by plugin 'band'"]


# plain generators: can do all


def test_a_plain_generator_is_driven_around_the_await() -> None:
    log: list[str] = []

    def wrap() -> Generator[None, Any, Any]:
        log.append("in")
        result = yield
        log.append("out")
        return [*result, "wrapped"]

    async def band() -> str:
        await asyncio.sleep(0)
        log.append("band")
        return "la"

    pm = manager()
    wrapping(pm, "wrap", record=wrap)
    register(pm, "band", record=band)

    assert run(pm.hook.record(song="Hey")) == ["la", "wrapped"]
    assert log == ["in", "band", "out"]


def test_a_plain_generator_swallows_an_error() -> None:
    def safe() -> Generator[None, Any, Any]:
        try:
            yield
        except ValueError:
            return "silence"

    pm = manager()
    wrapping(pm, "safe", sing=safe)
    register(pm, "band", sing=raising(ValueError()))

    assert run(pm.hook.sing(song="Hey")) == "silence"


def test_a_plain_generator_that_swallows_and_returns_nothing_leaves_the_empty_result() -> None:
    def safe() -> Generator[None, Any, None]:
        with contextlib.suppress(ValueError):
            yield

    async def mix(track: str) -> str:
        raise ValueError(track)

    pm = manager()
    wrapping(pm, "safe", record=safe, sing=safe, mix=safe)
    register(pm, "band", record=raising(ValueError()), sing=raising(ValueError()), mix=mix)

    assert run(pm.hook.record(song="Hey")) == []
    assert run(pm.hook.sing(song="Hey")) is None
    assert run(pm.hook.mix(track="t")) == "t"


# async generators: observe and swallow


def test_an_async_generator_awaits_before_and_after() -> None:
    log: list[str] = []

    async def wrap(song: str) -> AsyncIterator[None]:
        await asyncio.sleep(0)
        log.append(f"in {song}")
        yield
        await asyncio.sleep(0)
        log.append("out")

    pm = manager()
    wrapping(pm, "wrap", record=wrap)
    register(pm, "band", record=soon("la"))

    assert run(pm.hook.record(song="Hey")) == ["la"]
    assert log == ["in Hey", "out"]


def test_an_async_generator_is_sent_the_result() -> None:
    seen: list[object] = []

    async def look() -> AsyncGenerator[None, Any]:
        seen.append((yield))

    pm = manager()
    wrapping(pm, "look", record=look)
    register(pm, "band", record=soon("la"))

    run(pm.hook.record(song="Hey"))

    assert seen == [["la"]]


def test_an_async_generator_swallows_an_error_and_leaves_the_empty_result() -> None:
    async def safe() -> AsyncIterator[None]:
        with contextlib.suppress(ValueError):
            yield

    async def mix(track: str) -> str:
        raise ValueError(track)

    pm = manager()
    wrapping(pm, "safe", record=safe, sing=safe, mix=safe)
    register(pm, "band", record=raising(ValueError()), sing=raising(ValueError()), mix=mix)

    assert run(pm.hook.record(song="Hey")) == []
    assert run(pm.hook.sing(song="Hey")) is None
    assert run(pm.hook.mix(track="t")) == "t"


def test_an_async_generator_replaces_an_error_and_the_cause_is_kept() -> None:
    original = ValueError("flat")

    async def translate() -> AsyncIterator[None]:
        try:
            yield
        except ValueError as error:
            raise LookupError from error

    pm = manager()
    wrapping(pm, "translate", sing=translate)
    register(pm, "band", sing=raising(original))

    with pytest.raises(LookupError) as caught:
        run(pm.hook.sing(song="Hey"))

    assert caught.value.__cause__ is original
    assert notes(caught.value) == ["hook 'sing': raised by plugin 'translate'"]


def test_an_async_generator_that_yields_a_second_time_is_told_what_replaces_a_result() -> None:
    log: list[str] = []

    async def replaces() -> AsyncGenerator[Any, Any]:
        try:
            result = yield
            yield [*result, "mine"]
        finally:
            log.append("closed")

    pm = manager()
    wrapping(pm, "replaces", record=replaces)

    with pytest.raises(WrapperError, match="use around=True") as caught:
        run(pm.hook.record(song="Hey"))

    assert "'replaces'" in notes(caught.value)[0]
    assert __file__ in str(caught.value)
    assert log == ["closed"]


def test_an_async_generator_that_does_not_yield_is_an_error() -> None:
    async def lazy() -> AsyncIterator[None]:
        if False:
            yield

    pm = manager()
    wrapping(pm, "lazy", record=lazy)

    with pytest.raises(WrapperError, match="did not yield") as caught:
        run(pm.hook.record(song="Hey"))

    assert notes(caught.value) == ["hook 'record': raised by plugin 'lazy'"]


# all kinds together


def logged(log: list[str], name: str) -> dict[str, Function]:
    """A wrapper of each kind that logs under this name."""

    def plain() -> Generator[None, Any, Any]:
        log.append(f"{name} in")
        try:
            result = yield
        except LookupError:
            log.append(f"{name} sees it")
            raise
        log.append(f"{name} out")
        return result

    async def awaited() -> AsyncIterator[None]:
        await asyncio.sleep(0)
        log.append(f"{name} in")
        try:
            yield
        except LookupError:
            log.append(f"{name} sees it")
            raise
        log.append(f"{name} out")

    async def stand_around(call_next: CallNext, song: str) -> object:
        log.append(f"{name} in")
        try:
            result = await call_next(song)
        except LookupError:
            log.append(f"{name} sees it")
            raise
        log.append(f"{name} out")
        return result

    return {"g": plain, "a": awaited, "A": stand_around}


ORDERS = [*permutations("gaA"), tuple("AgAaAg"), tuple("ggaaAA"), tuple("aAaAgA")]


def mixed(order: tuple[str, ...], log: list[str], implementation: Function) -> Manager:
    pm = manager()
    for at, kind in enumerate(order):
        function = logged(log, str(at))[kind]
        (around if kind == "A" else wrapping)(pm, f"w{at}", sing=function)
    register(pm, "band", sing=implementation)
    return pm


@pytest.mark.parametrize("order", ORDERS, ids="".join)
def test_all_kinds_nest_in_every_order(order: tuple[str, ...]) -> None:
    log: list[str] = []
    pm = mixed(order, log, soon("la"))
    places = range(len(order))

    assert run(pm.hook.sing(song="Hey")) == "la"
    assert log == [f"{at} in" for at in places] + [f"{at} out" for at in reversed(places)]


@pytest.mark.parametrize("order", ORDERS, ids="".join)
def test_all_kinds_see_an_error_in_every_order(order: tuple[str, ...]) -> None:
    log: list[str] = []
    error = LookupError("gone")
    pm = mixed(order, log, raising(error))
    places = range(len(order))

    with pytest.raises(LookupError) as caught:
        run(pm.hook.sing(song="Hey"))

    assert caught.value is error
    assert log[len(order) :] == [f"{at} sees it" for at in reversed(places)]
    assert notes(error) == ["hook 'sing': raised by plugin 'band'"]


@pytest.mark.parametrize("kind", ["g", "a"])
def test_a_failing_setup_unwinds_the_wrappers_before_it(kind: str) -> None:
    log: list[str] = []

    def plain() -> Generator[None, None, None]:
        raise LookupError
        yield

    async def awaited() -> AsyncIterator[None]:
        raise LookupError
        yield

    pm = manager()
    wrapping(pm, "a", sing=logged(log, "a")["a"])
    wrapping(pm, "b", sing=logged(log, "b")["g"])
    wrapping(pm, "broken", sing=plain if kind == "g" else awaited)
    wrapping(pm, "c", sing=logged(log, "c")["a"])

    with pytest.raises(LookupError) as caught:
        run(pm.hook.sing(song="Hey"))

    assert log == ["a in", "b in", "b sees it", "a sees it"]
    assert notes(caught.value) == ["hook 'sing': raised by plugin 'broken'"]


@pytest.mark.parametrize("kind", ["g", "a"])
def test_a_raising_teardown_does_not_keep_the_others_from_theirs(kind: str) -> None:
    log: list[str] = []

    def plain() -> Generator[None, None, None]:
        yield
        raise LookupError

    async def awaited() -> AsyncIterator[None]:
        yield
        raise LookupError

    pm = manager()
    wrapping(pm, "outer", sing=logged(log, "outer")["a"])
    wrapping(pm, "stuck", sing=plain if kind == "g" else awaited)
    wrapping(pm, "inner", sing=logged(log, "inner")["a"])

    with pytest.raises(LookupError):
        run(pm.hook.sing(song="Hey"))

    assert log == ["outer in", "inner in", "inner out", "outer sees it"]


@pytest.mark.parametrize("kind", [GeneratorExit, KeyboardInterrupt, SystemExit])
@pytest.mark.parametrize("wrapper", ["g", "a", "A"])
def test_a_special_error_passes_as_itself(kind: type[BaseException], wrapper: str) -> None:
    error = kind("stop")
    pm = mixed((wrapper, wrapper), [], raising(error))
    caught: list[BaseException] = []

    async def scene() -> None:
        try:
            await pm.hook.sing(song="Hey")
        except BaseException as raised:
            caught.append(raised)

    run(scene())

    assert caught == [error]


def test_a_stop_async_iteration_passes_an_async_generator_as_itself() -> None:
    error = StopAsyncIteration("stop")
    pm = mixed(("a", "a", "g"), [], raising(error))

    with pytest.raises(StopAsyncIteration) as caught:
        run(pm.hook.sing(song="Hey"))

    assert caught.value is error


@dataclass(frozen=True)
class Frozen(Exception):
    """Takes no attributes, so it takes no notes."""

    code: int = 1


@pytest.mark.parametrize("wrapper", ["g", "a", "A"])
def test_an_exception_that_takes_no_notes_passes_as_itself(wrapper: str) -> None:
    error = Frozen()
    pm = mixed((wrapper, wrapper), [], raising(error))

    with pytest.raises(Frozen) as caught:
        run(pm.hook.sing(song="Hey"))

    assert caught.value is error


# cancelling


@pytest.mark.parametrize("order", ORDERS, ids="".join)
def test_a_cancelled_call_gives_every_wrapper_its_turn(order: tuple[str, ...]) -> None:
    log: list[str] = []

    def plain(name: str) -> Function:
        def wrap() -> Generator[None, None, None]:
            try:
                yield
            finally:
                log.append(name)

        return wrap

    def awaited(name: str) -> Function:
        async def wrap() -> AsyncIterator[None]:
            try:
                yield
            finally:
                await asyncio.sleep(0)
                log.append(name)

        return wrap

    def stand_around(name: str) -> Function:
        async def wrap(call_next: CallNext, song: str) -> object:
            try:
                return await call_next(song)
            finally:
                await asyncio.sleep(0)
                log.append(name)

        return wrap

    kinds = {"g": plain, "a": awaited, "A": stand_around}

    async def scene() -> None:
        reached = asyncio.Event()

        async def sing() -> None:
            reached.set()
            await asyncio.Event().wait()

        pm = manager()
        for at, kind in enumerate(order):
            (around if kind == "A" else wrapping)(pm, f"w{at}", sing=kinds[kind](str(at)))
        register(pm, "band", sing=sing)
        task = asyncio.create_task(pm.hook.sing(song="Hey"))
        await reached.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert asyncio.all_tasks() == {asyncio.current_task()}

    run(scene())
    assert log == [str(at) for at in reversed(range(len(order)))]


def test_a_call_cancelled_in_a_setup_gives_the_wrappers_before_it_their_turn() -> None:
    log: list[str] = []

    async def scene() -> None:
        reached = asyncio.Event()

        async def outer() -> AsyncIterator[None]:
            try:
                yield
            finally:
                log.append("outer cleaned")

        async def inner() -> AsyncIterator[None]:
            try:
                reached.set()
                await asyncio.Event().wait()
                yield
            finally:
                log.append("inner cleaned")

        pm = manager()
        wrapping(pm, "outer", sing=outer)
        wrapping(pm, "inner", sing=inner)
        task = asyncio.create_task(pm.hook.sing(song="Hey"))
        await reached.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    run(scene())
    assert log == ["inner cleaned", "outer cleaned"]


def test_a_call_that_is_closed_runs_the_finally_of_its_wrappers() -> None:
    log: list[str] = []

    def wrap() -> Generator[None, None, None]:
        try:
            yield
        finally:
            log.append("cleaned")

    async def sing() -> None:
        await asyncio.Event().wait()

    async def scene() -> None:
        pm = manager()
        wrapping(pm, "wrap", sing=wrap)
        register(pm, "band", sing=sing)
        call = pm.hook.sing(song="Hey")
        call.send(None)
        call.close()

    run(scene())
    assert log == ["cleaned"]


def test_a_wrapper_sees_what_the_policy_leaves() -> None:
    async def look(call_next: CallNext, song: str) -> object:
        try:
            return await call_next(song)
        except HookErrors as error:
            return error.results

    pm = manager()
    around(pm, "look", record=look)
    register(pm, "band", record=soon("la"))
    register(pm, "drunk", record=raising(ValueError()))

    assert run(pm.hook.record.with_policy("collect")(song="Hey")) == ["la"]


def test_a_wrapper_may_await_its_own_hook() -> None:
    pm = manager()

    async def again(call_next: CallNext, song: str, takes: int) -> object:
        before = await pm.hook.record(song=song, takes=takes - 1) if takes else []
        return [*before, *await call_next(song, takes)]

    around(pm, "again", record=again)
    register(pm, "band", record=lambda takes: takes)

    assert run(pm.hook.record(song="Hey", takes=3)) == [0, 1, 2, 3]


def test_calls_at_the_same_time_do_not_mix_their_wrappers() -> None:
    def plain(song: str) -> Generator[None, Any, Any]:
        result = yield
        return [song, *result]

    async def stand_around(call_next: CallNext, song: str) -> object:
        await asyncio.sleep(0)
        return [song, *await call_next(song)]

    async def echo(song: str) -> str:
        await asyncio.sleep(0)
        return song

    pm = manager()
    wrapping(pm, "plain", record=plain)
    around(pm, "around", record=stand_around)
    register(pm, "band", record=echo)

    async def scene() -> object:
        return await asyncio.gather(*(pm.hook.record(song=str(at)) for at in range(50)))

    assert run(scene()) == [[str(at)] * 3 for at in range(50)]

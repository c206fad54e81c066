"""Traps that hook systems fall into when they call, each with a test under its own id."""

import asyncio
import contextlib
import sys
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Generator
from functools import partial
from typing import Any

import pytest

from hotplug import (
    AsyncHooks,
    AsyncPluginManager,
    HookErrors,
    HookFailure,
    HookimplMarker,
    HookspecMarker,
    PluginManager,
    PluginValidationError,
    WrapperError,
)

pytestmark = pytest.mark.usefixtures("form")

hookspec = HookspecMarker("trap")
hookimpl = HookimplMarker("trap")

Function = Callable[..., object]


class Specs:
    @hookspec
    def catch(self, bait: str) -> Any: ...

    @hookspec(firstresult=True)
    def first(self, bait: str) -> Any: ...

    @hookspec(pipeline=True)
    def fold(self, bait: Any, extra: int = 0) -> Any: ...

    @hookspec(historic=True)
    def sprung(self, at: int) -> Any: ...

    @hookspec(historic=True, history=2)
    def recent(self, at: int) -> Any: ...


class AsyncSpecs(AsyncHooks):
    @hookspec
    async def catch(self, bait: str) -> Any: ...

    @hookspec(firstresult=True)
    async def first(self, bait: str) -> Any: ...

    @hookspec(concurrent=True)
    async def together(self, bait: str) -> Any: ...

    @hookspec(historic=True)
    async def sprung(self, at: int) -> Any: ...


class Plugin:
    """Implements these hooks with these functions, marked with these options."""

    def __init__(self, options: dict[str, Any] | None = None, **functions: Function) -> None:
        mark: Any = hookimpl
        marked = {hook: mark(**(options or {}))(each) for hook, each in functions.items()}
        vars(self).update(marked)


WRAPPER: dict[str, Any] = {"wrapper": True}
AROUND: dict[str, Any] = {"around": True}
Manager = PluginManager[Specs]


def manager(**plugins: Plugin) -> Manager:
    pm = PluginManager("trap", Specs)
    for name, each in plugins.items():
        pm.register(each, name)
    return pm


def async_manager(**plugins: Plugin) -> AsyncPluginManager[Any]:
    pm: AsyncPluginManager[Any] = AsyncPluginManager("trap", AsyncSpecs)
    for name, each in plugins.items():
        pm.register(each, name)
    return pm


def gives(result: object) -> Function:
    return lambda: result


def broken() -> object:
    raise ValueError("broken")


def noting(seen: list[int]) -> Function:
    def note(at: int) -> None:
        seen.append(at)

    return note


# D-P06: plugin code under the registry's lock


def test_dp06_a_replay_may_wait_for_a_thread_that_registers() -> None:
    pm = manager()
    pm.hook.sprung.call_historic({"at": 1})

    def sprung(at: int) -> None:
        thread = threading.Thread(target=pm.register, args=(Plugin(catch=gives(1)), "other"))
        thread.start()
        thread.join(timeout=30)
        assert not thread.is_alive()

    pm.register(Plugin(sprung=sprung))

    assert pm.has_plugin("other")


@pytest.mark.parametrize("moment", ["implementation", "wrapper", "policy", "callback", "trace"])
def test_dp06_code_of_others_never_runs_under_the_lock(moment: str) -> None:
    pm = manager()

    def free(*told: object) -> None:
        thread = threading.Thread(target=pm.register, args=(Plugin(first=gives(1)),))
        thread.start()
        thread.join(timeout=30)
        assert not thread.is_alive()

    def wrap() -> Generator[None, None, None]:
        free()
        yield
        free()

    if moment == "implementation":
        pm.register(Plugin(catch=lambda bait: free()))
    elif moment == "wrapper":
        pm.register(Plugin(WRAPPER, catch=wrap))
    elif moment == "policy":
        pm.register(Plugin(catch=broken))
        pm.caller("catch").with_policy(free)(bait="cheese")
    elif moment == "callback":
        pm.register(Plugin(sprung=gives(1)))
        pm.hook.sprung.call_historic({"at": 1}, result_callback=free)
    else:
        pm.add_hookcall_monitoring(free, free)
    with contextlib.suppress(ValueError):
        pm.hook.catch(bait="cheese")

    assert len(pm.get_plugins()) > 1


# D-P07: a torn view of wrappers and implementations


class Pair:
    """Two parts of one hook call, of which nobody may see only one."""

    @hookimpl(wrapper=True, target="catch")
    def before_and_after(self) -> Generator[None, Any, Any]:
        result = yield
        return [*result, "wrapper"]

    @hookimpl
    def catch(self) -> str:
        return "implementation"


def test_dp07_a_call_has_a_plugin_whole_while_others_register() -> None:
    pm = manager()
    pair = Pair()
    seen: set[tuple[str, ...]] = set()
    done = threading.Event()

    def calling() -> None:
        while not done.is_set():
            seen.add(tuple(pm.hook.catch(bait="cheese")))

    callers = [threading.Thread(target=calling) for _ in range(2)]
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        for thread in callers:
            thread.start()
        for _ in range(500):
            pm.register(pair)
            pm.unregister(pair)
    finally:
        done.set()
        for thread in callers:
            thread.join()
        sys.setswitchinterval(interval)

    assert seen <= {(), ("implementation", "wrapper")}


def test_dp07_a_call_has_a_plugin_whole_that_leaves_in_its_own_setup() -> None:
    pm = manager()
    pair = Pair()

    def leave() -> Generator[None, None, None]:
        pm.unregister(pair)
        yield

    pm.register(Plugin(WRAPPER, catch=leave))
    pm.register(pair)

    assert pm.hook.catch(bait="cheese") == ["implementation", "wrapper"]
    assert pm.hook.catch(bait="cheese") == []


# D-P09: a swallowed error leaves None


def test_dp09_a_swallowed_error_leaves_the_empty_result_of_the_mode() -> None:
    def swallow() -> Generator[None, Any, None]:
        with contextlib.suppress(ValueError):
            yield

    def fold(bait: str) -> object:
        raise ValueError(bait)

    pm = manager(
        w=Plugin(WRAPPER, catch=swallow, first=swallow, fold=swallow),
        b=Plugin(catch=broken, first=broken, fold=fold),
    )

    assert pm.hook.catch(bait="cheese") == []
    assert pm.hook.first(bait="cheese") is None
    assert pm.hook.fold(bait="cheese") == "cheese"


# D-P10: StopIteration through a wrapper


def test_dp10_a_stop_iteration_passes_a_wrapper_as_itself() -> None:
    def wrap() -> Generator[None, None, None]:
        yield

    def stop() -> object:
        raise StopIteration("end of the line")

    pm = manager(
        w1=Plugin(WRAPPER, catch=wrap), w2=Plugin(WRAPPER, catch=wrap), b=Plugin(catch=stop)
    )

    with pytest.raises(StopIteration, match="end of the line") as caught:
        pm.hook.catch(bait="cheese")

    assert caught.value.__notes__ == ["hook 'catch': raised by plugin 'b'"]
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None


# D-P11: a wrapper without a yield


def test_dp11_a_wrapper_without_a_yield_is_a_runtime_error() -> None:
    def wrap() -> Generator[None, None, int]:
        if False:
            yield
        return 7

    pm = manager(w=Plugin(WRAPPER, catch=wrap))

    with pytest.raises(RuntimeError, match="did not yield") as caught:
        pm.hook.catch(bait="cheese")

    assert isinstance(caught.value, WrapperError)


# D-P15: call_extra and the marks of what it is given


def test_dp15_the_marks_of_an_extra_count() -> None:
    pm = manager(a=Plugin(catch=gives("a")))
    first, last = hookimpl(tryfirst=True)(gives("first")), hookimpl(trylast=True)(gives("last"))

    caught = pm.caller("catch").call_extra([last, first, gives("plain")], {"bait": "cheese"})

    assert caught == ["first", "a", "plain", "last"]


def test_dp15_a_wrapper_among_the_extras_wraps() -> None:
    def wrap() -> Generator[None, Any, Any]:
        result = yield
        return [*result, "wrapped"]

    pm = manager(a=Plugin(catch=gives("a")))

    caught = pm.caller("catch").call_extra([hookimpl(wrapper=True)(wrap)], {"bait": "cheese"})

    assert caught == ["a", "wrapped"]


# D-P17: a nested historic call recorded before the outer one


def test_dp17_an_outer_historic_call_is_remembered_before_a_nested_one() -> None:
    seen: list[int] = []
    pm = manager()

    def sprung(at: int) -> None:
        if at < 3:
            pm.hook.sprung.call_historic({"at": at + 1})

    pm.register(Plugin(sprung=sprung))
    pm.hook.sprung.call_historic({"at": 1})

    pm.register(Plugin(sprung=noting(seen)))

    assert seen == [1, 2, 3]


# D-P18: history without end, told twice, and failing


def test_dp18_a_history_is_bounded_where_that_is_asked_for() -> None:
    seen: list[int] = []
    pm = manager()
    for at in range(10):
        pm.hook.recent.call_historic({"at": at})

    pm.register(Plugin(recent=noting(seen)))

    assert seen == [8, 9]


def test_dp18_a_history_can_be_cleared() -> None:
    seen: list[int] = []
    pm = manager()
    pm.hook.sprung.call_historic({"at": 1})

    pm.hook.sprung.clear_history()
    pm.register(Plugin(sprung=noting(seen)))

    assert seen == []


def test_dp18_what_the_caller_does_to_its_arguments_later_is_not_replayed() -> None:
    seen: list[int] = []
    pm = manager()
    kwargs = {"at": 1}
    pm.hook.sprung.call_historic(kwargs)
    kwargs["at"] = 2

    pm.register(Plugin(sprung=noting(seen)))

    assert seen == [1]


def test_dp18_registering_again_does_not_replay_again() -> None:
    seen: list[int] = []
    pm = manager()
    pm.hook.sprung.call_historic({"at": 1})
    plugin = Plugin(sprung=noting(seen))
    pm.register(plugin)
    pm.unregister(plugin)

    pm.register(plugin)

    assert seen == [1]


def test_dp18_a_failed_replay_is_reported_and_the_plugin_stays() -> None:
    pm = manager()
    pm.hook.sprung.call_historic({"at": 1})

    with pytest.raises(HookErrors, match="is registered, but raised"):
        pm.register(Plugin(sprung=broken, catch=gives("caught")), "weak")

    assert pm.hook.catch(bait="cheese") == ["caught"]


# D-P20: a pipeline whose value is replaced unseen


def test_dp20_an_implementation_that_omits_the_threaded_argument_is_refused() -> None:
    with pytest.raises(PluginValidationError, match="without taking 'bait'"):
        manager().register(Plugin(fold=lambda extra: extra))


def test_dp20_an_around_wrapper_can_make_a_pipeline_give_none() -> None:
    pm = manager(w=Plugin(AROUND, fold=lambda call_next: None), a=Plugin(fold=lambda bait: bait))

    assert pm.hook.fold(bait="cheese") is None


# D-P21: exceptions that do not say whose they are


@pytest.mark.parametrize("name", ["catch", "first"])
def test_dp21_an_error_names_hook_and_plugin_and_keeps_its_type(name: str) -> None:
    pm = manager(
        a=Plugin(catch=gives(None), first=gives(None)), b=Plugin(catch=broken, first=broken)
    )

    with pytest.raises(ValueError, match="broken") as caught:
        pm.caller(name)(bait="cheese")

    assert type(caught.value) is ValueError
    assert caught.value.__notes__ == [f"hook '{name}': raised by plugin 'b'"]


# D-P22: one failing implementation aborts the rest


def test_dp22_the_rest_runs_where_the_policy_says_so() -> None:
    failures: list[HookFailure] = []
    pm = manager(a=Plugin(catch=broken), b=Plugin(catch=gives("b")))
    catch = pm.caller("catch")

    with pytest.raises(HookErrors) as caught:
        catch.with_policy("collect")(bait="cheese")
    assert caught.value.results == ["b"]
    assert catch.with_policy("skip")(bait="cheese") == ["b"]
    assert catch.with_policy(failures.append)(bait="cheese") == ["b"]
    assert [(failure.hook, failure.plugin_name) for failure in failures] == [("catch", "a")]


# D-P24: coroutines that a sync manager never awaits


async def coroutine_function() -> None: ...


class AsyncCallable:
    async def __call__(self) -> None: ...


@pytest.mark.parametrize(
    "function",
    [coroutine_function, partial(coroutine_function), AsyncCallable()],
    ids=["function", "partial", "object"],
)
def test_dp24_a_sync_manager_refuses_what_it_would_not_await(function: Function) -> None:
    plugin = Plugin(catch=function)

    with pytest.raises(PluginValidationError, match="AsyncPluginManager") as caught:
        manager().register(plugin, "late")

    assert caught.value.plugin_name == "late"


def test_dp24_a_sync_manager_refuses_an_async_generator_as_a_wrapper() -> None:
    async def wrap() -> AsyncIterator[None]:
        yield

    with pytest.raises(PluginValidationError, match="AsyncPluginManager"):
        manager().register(Plugin(WRAPPER, catch=wrap))


def test_dp24_a_sync_manager_refuses_a_coroutine_function_around() -> None:
    async def stand_around(call_next: Function) -> None: ...

    with pytest.raises(PluginValidationError, match="AsyncPluginManager"):
        manager().register(Plugin(AROUND, catch=stand_around))


def test_dp24_call_extra_refuses_a_coroutine_function_too() -> None:
    with pytest.raises(PluginValidationError, match="AsyncPluginManager"):
        manager().caller("catch").call_extra([coroutine_function], {"bait": "cheese"})


# D-P25: async that is only sequential, and sync that blocks the loop


def test_dp25_a_concurrent_hook_runs_all_at_the_same_time() -> None:
    async def scene() -> object:
        barrier = asyncio.Barrier(3)

        async def together() -> object:
            async with barrier:
                return "all here"

        pm = async_manager(**{f"p{at}": Plugin(together=together) for at in range(3)})
        return await pm.hook.together(bait="cheese")

    assert asyncio.run(scene()) == ["all here"] * 3


def test_dp25_a_sync_implementation_in_a_thread_leaves_the_loop_free() -> None:
    async def scene() -> object:
        loop = asyncio.get_running_loop()
        ticked = threading.Event()

        def catch() -> bool:
            loop.call_soon_threadsafe(ticked.set)
            return ticked.wait(timeout=30)

        pm = async_manager(a=Plugin({"thread": True}, catch=catch))
        return await pm.hook.catch(bait="cheese")

    assert asyncio.run(scene()) == [True]


# D-P26: async wrappers that can only watch


def test_dp26_an_async_wrapper_replaces_the_result() -> None:
    async def stand_around(call_next: Callable[..., Awaitable[list[str]]], bait: str) -> object:
        return [*await call_next(bait), "replaced"]

    pm = async_manager(w=Plugin(AROUND, catch=stand_around), a=Plugin(catch=gives("a")))

    assert asyncio.run(pm.hook.catch(bait="cheese")) == ["a", "replaced"]


def test_dp26_an_async_wrapper_swallows_an_error() -> None:
    async def swallow() -> AsyncIterator[None]:
        with contextlib.suppress(ValueError):
            yield

    pm = async_manager(w=Plugin(WRAPPER, catch=swallow), a=Plugin(catch=broken))

    assert asyncio.run(pm.hook.catch(bait="cheese")) == []


def test_dp26_a_plain_generator_is_a_wrapper_of_an_awaited_hook() -> None:
    def wrap() -> Generator[None, Any, Any]:
        try:
            yield
        except ValueError:
            return ["saved"]

    pm = async_manager(w=Plugin(WRAPPER, catch=wrap), a=Plugin(catch=broken))

    assert asyncio.run(pm.hook.catch(bait="cheese")) == ["saved"]


# D-P27: awaiting what is a value


def test_dp27_a_future_is_a_value() -> None:
    async def scene() -> None:
        future: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        pm = async_manager(
            a=Plugin(catch=gives(future), first=gives(future), together=gives(future))
        )
        assert await pm.hook.catch(bait="cheese") == [future]
        assert await pm.hook.first(bait="cheese") is future
        assert await pm.hook.together(bait="cheese") == [future]

    asyncio.run(scene())


def test_dp27_an_async_generator_is_refused_as_an_implementation() -> None:
    async def catch() -> AsyncIterator[int]:
        yield 1

    with pytest.raises(PluginValidationError, match="as a generator"):
        async_manager(a=Plugin(catch=catch))


# D-P28: no historic hooks in async


def test_dp28_a_historic_hook_of_an_async_manager_is_replayed() -> None:
    seen: list[int] = []

    async def sprung(at: int) -> None:
        await asyncio.sleep(0)
        seen.append(at)

    async def scene() -> None:
        pm = async_manager()
        await pm.hook.sprung.call_historic({"at": 1})
        await pm.register_async(Plugin(sprung=sprung))
        await pm.hook.sprung.call_historic({"at": 2})

    asyncio.run(scene())
    assert seen == [1, 2]

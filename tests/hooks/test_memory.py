"""What is let go of is freed: plugins, managers, the source of calls, drivers of wrappers."""

import asyncio
import contextlib
import gc
import linecache
import weakref
from collections.abc import AsyncIterator, Callable, Generator, Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from hotplug import AsyncPluginManager, HookimplMarker, HookspecMarker, PluginManager
from hotplug.hooks import unwind
from hotplug.hooks.caller import WORTH_COMPILING
from hotplug.hooks.compile import sources

pytestmark = pytest.mark.usefixtures("form", "little_to_collect")

hookspec = HookspecMarker("house")
hookimpl = HookimplMarker("house")


class Specs:
    @hookspec
    def ring(self, who: str) -> Any: ...

    @hookspec(firstresult=True)
    def answer(self, who: str) -> Any: ...

    @hookspec(pipeline=True)
    def greet(self, text: str) -> Any: ...

    @hookspec(historic=True)
    def moved(self, who: str) -> Any: ...


Manager = PluginManager[Specs]


class Guest:
    """A plugin that holds on to a hook, as plugins do."""

    held: Any = None

    @hookimpl
    def ring(self, who: str) -> str:
        if who == "nobody":
            raise ValueError("nobody rings")
        return who

    @hookimpl
    def answer(self, who: str) -> str:
        return who

    @hookimpl
    def greet(self, text: str) -> str:
        return text + "!"

    @hookimpl
    def moved(self, who: str) -> None: ...


class Butler:
    """A plugin whose wrappers stand around every call."""

    held: Any = None

    @hookimpl(wrapper=True)
    def ring(self, who: str) -> Generator[None, Any, Any]:
        result = yield
        return result

    @hookimpl(around=True)
    def answer(self, call_next: Callable[..., Any], who: str) -> Any:
        return call_next(who)


@pytest.fixture(autouse=True)
def _only_when_asked() -> Iterator[None]:
    """No collection by chance: what a test sees freed was freed then."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def manager() -> Manager:
    return PluginManager("house", Specs)


def call_everything(pm: Manager, times: int = 3) -> None:
    for _ in range(times):
        pm.hook.ring(who="Ada")
        pm.hook.answer(who="Ada")
        pm.hook.greet(text="hello")


def is_freed(watched: weakref.ref[Any]) -> bool:
    gc.collect()
    return watched() is None


# plugins


@pytest.mark.parametrize("kind", [Guest, Butler])
@pytest.mark.parametrize("calls", [0, 1, 3])
def test_an_unregistered_plugin_is_freed_before_any_next_call(
    kind: type[Guest] | type[Butler], calls: int
) -> None:
    pm = manager()
    plugin = kind()
    pm.register(plugin)
    call_everything(pm, calls)
    watched = weakref.ref(plugin)

    pm.unregister(plugin)
    del plugin

    assert is_freed(watched)


def test_a_plugin_is_freed_when_its_hooks_have_become_hot(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.undo()  # how calls change by themselves
    pm = manager()
    plugins: list[Any] = [Guest(), Butler()]
    for at in range(2):
        plugins[at].held = pm.hook.ring
        pm.register(plugins[at])
    call_everything(pm, 2 * WORTH_COMPILING)
    watched = [weakref.ref(plugin) for plugin in plugins]

    while plugins:
        pm.unregister(plugins.pop())

    assert all(is_freed(each) for each in watched)


def test_an_unregistered_plugin_is_freed_without_the_collector() -> None:
    pm = manager()
    plugin = Guest()
    pm.register(plugin)
    call_everything(pm)
    watched = weakref.ref(plugin)

    pm.unregister(plugin)
    del plugin

    assert watched() is None


@pytest.mark.parametrize("kind", [Guest, Butler])
@pytest.mark.parametrize("calls", [0, 1, 3])
def test_a_plugin_that_holds_a_hook_is_freed(kind: type[Guest] | type[Butler], calls: int) -> None:
    pm = manager()
    plugin = kind()
    plugin.held = pm.hook.ring, pm.hook.answer, pm.caller("ring").call_extra
    pm.register(plugin)
    call_everything(pm, calls)
    watched = weakref.ref(plugin)

    pm.unregister(plugin)
    del plugin

    assert is_freed(watched)


def test_a_plugin_that_holds_a_view_of_a_hook_is_freed() -> None:
    pm = manager()
    plugin = Guest()
    plugin.held = pm.caller("ring").without("other")
    pm.register(plugin)
    for _ in range(3):
        plugin.held(who="Ada")
    watched = weakref.ref(plugin)

    pm.unregister(plugin)
    del plugin

    assert is_freed(watched)


def test_a_view_does_not_keep_an_unregistered_plugin() -> None:
    pm = manager()
    plugin = Guest()
    pm.register(plugin)
    forgiving = pm.caller("ring").with_policy(lambda failure: None)
    for _ in range(3):
        forgiving(who="Ada")
        forgiving(who="nobody")
    watched = weakref.ref(plugin)

    pm.unregister(plugin)
    del plugin

    assert is_freed(watched)


def test_a_plugin_is_freed_after_other_ways_to_call() -> None:
    pm = manager()
    plugin = Guest()
    pm.register(plugin)
    ring = pm.caller("ring")
    for _ in range(3):
        ring.collect_with_plugins(who="Ada")
        ring.call_extra([lambda: "x"], {"who": "Ada"})
        ring.call_extra([hookimpl(tryfirst=True)(lambda: "x")], {"who": "Ada"})
        ring.explain()
        ring.get_hookimpls()
    watched = weakref.ref(plugin)

    pm.unregister(plugin)
    del plugin

    assert is_freed(watched)


def test_a_plugin_is_freed_after_historic_calls() -> None:
    pm = manager()
    plugin = Guest()
    pm.register(plugin)
    pm.hook.moved.call_historic({"who": "Ada"})
    pm.hook.moved.call_historic({"who": "Bob"})
    watched = weakref.ref(plugin)

    pm.unregister(plugin)
    del plugin

    assert is_freed(watched)


def test_a_plugin_is_freed_after_a_replay() -> None:
    pm = manager()
    pm.hook.moved.call_historic({"who": "Ada"})
    plugin = Guest()
    pm.register(plugin)
    watched = weakref.ref(plugin)

    pm.unregister(plugin)
    del plugin

    assert is_freed(watched)


@pytest.mark.parametrize("kind", [Guest, Butler])
def test_a_plugin_is_freed_after_errors(kind: type[Guest] | type[Butler]) -> None:
    pm = manager()
    plugin, guest = kind(), Guest()
    pm.register(guest, "guest")
    pm.register(plugin)
    for _ in range(3):
        with contextlib.suppress(ValueError):
            pm.hook.ring(who="nobody")
    watched = weakref.ref(plugin)

    pm.unregister(plugin)
    del plugin

    assert is_freed(watched)


def test_a_plugin_is_freed_although_its_callers_were_timed_and_traced() -> None:
    pm = manager()
    plugin = Guest()
    pm.register(plugin)
    stop = pm.enable_tracing(lambda line: None)
    timing = pm.enable_timing()
    call_everything(pm)
    watched = weakref.ref(plugin)

    pm.unregister(plugin)
    del plugin

    assert is_freed(watched)
    stop()
    timing.stop()


def test_a_blocked_plugin_is_freed() -> None:
    pm = manager()
    plugin = Guest()
    pm.register(plugin, "guest")
    call_everything(pm)
    watched = weakref.ref(plugin)

    pm.set_blocked("guest")
    del plugin

    assert is_freed(watched)


def test_a_refused_plugin_is_freed() -> None:
    class Bad(Guest):
        @hookimpl
        def rang(self, who: str) -> None: ...

    pm = manager()
    plugin = Bad()
    watched = weakref.ref(plugin)
    with contextlib.suppress(ValueError):
        pm.register(plugin)

    del plugin

    assert is_freed(watched)


def test_the_class_of_a_plugin_is_freed() -> None:
    def make() -> Any:
        class Passing:
            @hookimpl
            def ring(self, who: str) -> str:
                return who

        return Passing()

    pm = manager()
    plugins = [make(), make()]
    for at in range(2):
        pm.register(plugins[at])
    call_everything(pm)
    watched = [weakref.ref(type(plugin)) for plugin in plugins]

    while plugins:
        pm.unregister(plugins.pop())

    assert all(is_freed(each) for each in watched)


def test_an_extra_function_is_freed_after_its_call() -> None:
    pm = manager()

    def extra(who: str) -> str:
        return who

    for _ in range(3):
        pm.caller("ring").call_extra([extra], {"who": "Ada"})
    watched = weakref.ref(extra)

    del extra

    assert is_freed(watched)


def test_results_and_arguments_are_not_kept() -> None:
    class Thing: ...

    pm = manager()
    pm.register(SimpleNamespace(ring=hookimpl(lambda who: who)))
    thing: Any = Thing()
    for _ in range(3):
        pm.hook.ring(who=thing)
        pm.caller("ring").call_extra([lambda who: who], {"who": thing})
    watched = weakref.ref(thing)

    del thing

    assert is_freed(watched)


def test_arguments_of_a_call_that_raised_are_not_kept() -> None:
    class Thing: ...

    def fails(who: object) -> None:
        raise ValueError

    def wrap() -> Generator[None, None, None]:
        yield

    pm = manager()
    pm.register(SimpleNamespace(ring=hookimpl(wrapper=True)(wrap)))
    pm.register(SimpleNamespace(ring=hookimpl(fails)))
    thing: Any = Thing()
    for _ in range(3):
        with contextlib.suppress(ValueError):
            pm.hook.ring(who=thing)
    watched = weakref.ref(thing)

    del thing

    assert is_freed(watched)


def test_an_error_leaves_no_cycle_behind() -> None:
    """The arguments of a failed call are freed at once, not by the next collection."""

    class Thing: ...

    def fails(who: object) -> None:
        raise ValueError

    pm = manager()
    pm.register(SimpleNamespace(ring=hookimpl(fails)))
    thing: Any = None
    for _ in range(3):
        thing = Thing()
        with contextlib.suppress(ValueError):
            pm.hook.ring(who=thing)
    watched = weakref.ref(thing)

    del thing

    assert watched() is None


# managers


@pytest.mark.parametrize("calls", [0, 1, 3])
def test_a_dropped_manager_is_freed_with_its_plugins(calls: int) -> None:
    pm = manager()
    guest, butler = Guest(), Butler()
    guest.held = pm.hook.ring
    butler.held = pm
    pm.register(guest)
    pm.register(butler)
    call_everything(pm, calls)
    pm.caller("ring").without(guest)(who="Ada")
    pm.hook.moved.call_historic({"who": "Ada"})
    watched: list[weakref.ref[Any]] = [weakref.ref(thing) for thing in (pm, guest, butler)]

    del pm, guest, butler

    assert all(is_freed(each) for each in watched)


def test_a_hook_that_is_held_keeps_working_when_its_manager_is_dropped() -> None:
    pm = manager()
    pm.register(Guest())
    ring = pm.hook.ring

    del pm
    gc.collect()

    assert ring(who="Ada") == ["Ada"]


def test_an_async_manager_is_freed_with_its_plugins() -> None:
    class AsyncGuest:
        held: Any = None

        @hookimpl
        async def ring(self, who: str) -> str:
            return who

        @hookimpl(wrapper=True)
        async def answer(self, who: str) -> AsyncIterator[None]:
            yield

    pm: AsyncPluginManager[Any] = AsyncPluginManager("house")
    pm.add_hookspecs(Specs)
    guest = AsyncGuest()
    guest.held = pm.hook.ring
    pm.register(guest)

    for hook in (pm.hook.ring, pm.hook.answer, pm.hook.ring):
        asyncio.run(hook(who="Ada"))
    watched: list[weakref.ref[Any]] = [weakref.ref(pm), weakref.ref(guest)]

    del pm, guest, hook

    assert all(is_freed(each) for each in watched)


def test_an_unregistered_async_plugin_is_freed() -> None:
    class AsyncGuest:
        @hookimpl
        async def ring(self, who: str) -> str:
            if who == "nobody":
                raise ValueError
            return who

    pm: AsyncPluginManager[Any] = AsyncPluginManager("house")
    pm.add_hookspecs(Specs)
    guest = AsyncGuest()
    pm.register(guest)

    async def calls() -> None:
        await pm.hook.ring(who="Ada")
        with contextlib.suppress(ValueError):
            await pm.hook.ring(who="nobody")

    asyncio.run(calls())
    watched = weakref.ref(guest)

    pm.unregister(guest)
    del guest

    assert is_freed(watched)


# the source of calls


def sources_left() -> tuple[int, int]:
    """How many sources are kept; those of calls that are gone go when the next one is compiled."""
    gc.collect()
    pm: AsyncPluginManager[Any] = AsyncPluginManager("house")
    pm.add_hookspecs(Specs)
    asyncio.run(pm.hook.ring(who="Ada"))
    return len(linecache.cache), len(sources)


def test_a_thousand_cycles_leave_no_source_behind() -> None:
    pm = manager()
    pm.register(Butler())
    call_everything(pm)
    before = sources_left()

    for _ in range(1000):
        guest = Guest()
        pm.register(guest)
        pm.hook.ring(who="Ada")
        pm.hook.ring(who="Ada")
        pm.unregister(guest)
    call_everything(pm)

    assert sources_left() == before


def test_views_and_extras_leave_no_source_behind() -> None:
    pm = manager()
    pm.register(Guest())
    before = sources_left()

    ring: Any = None
    for _ in range(100):
        ring = pm.caller("ring").without("nobody")
        ring(who="Ada")
        ring(who="Ada")
        ring.call_extra([lambda: 1], {"who": "Ada"})
        ring.call_extra([hookimpl(trylast=True)(lambda: 1)], {"who": "Ada"})
        ring.collect_with_plugins(who="Ada")
    del ring

    assert sources_left() == before


def test_a_source_that_was_read_is_forgotten_with_its_code() -> None:
    pm = manager()
    pm.register(Guest(), "guest")
    pm.hook.ring(who="Ada")
    pm.hook.ring(who="Ada")
    filename = pm.caller("ring").__code__.co_filename
    linecache.getlines(filename)

    pm.unregister("guest")
    sources_left()

    if filename.startswith("hook "):
        assert filename not in linecache.cache


def use_a_manager() -> None:
    pm = manager()
    pm.register(Guest())
    pm.register(Butler())
    call_everything(pm)


def test_dropped_managers_leave_no_source_behind() -> None:
    before = sources_left()

    for _ in range(50):
        use_a_manager()

    assert sources_left() == before


# the drivers of generator wrappers


def drivers() -> list[Any]:
    """All drivers that wait for their next call."""
    at_rest = [send for pool in unwind.pools.values() for sends in pool for send in sends]
    return [send.__self__ for send in at_rest]  # type: ignore[attr-defined]


def register_butlers(pm: Manager, count: int) -> None:
    for _ in range(count):
        pm.register(Butler())


def test_no_driver_is_left_dirty_whatever_happens() -> None:
    pm = manager()
    moments = ["setup", "two yields", "teardown", "no yield", "swallow", "fine"]

    def wrap(who: str) -> Generator[None, Any, Any]:
        if who == "setup":
            raise LookupError
        if who == "no yield":
            return
        try:
            yield
        except ValueError:
            return
        if who == "two yields":
            yield
        if who == "teardown":
            raise LookupError

    def ring(who: str) -> object:
        if who == "swallow":
            raise ValueError
        return who

    register_butlers(pm, 2)
    pm.register(SimpleNamespace(ring=hookimpl(wrapper=True)(wrap)))
    register_butlers(pm, 2)
    pm.register(SimpleNamespace(ring=hookimpl(ring)))
    for moment in moments * 3:
        with contextlib.suppress(LookupError, RuntimeError):
            pm.hook.ring(who=moment)

    assert all(driver.gi_suspended for driver in drivers())
    assert all(driver.gi_yieldfrom is None for driver in drivers())
    assert len({id(driver) for driver in drivers()}) == len(drivers())
    assert pm.hook.ring(who="fine") == ["fine"]


def test_drivers_keep_nothing_of_a_call_alive() -> None:
    class Thing: ...

    def wrap(who: object) -> Generator[None, Any, Any]:
        result = yield
        return result

    pm = manager()
    pm.register(SimpleNamespace(ring=hookimpl(wrapper=True)(wrap)))
    pm.register(SimpleNamespace(ring=hookimpl(lambda who: who)))
    thing: Any = Thing()
    for _ in range(3):
        pm.hook.ring(who=thing)
    watched = weakref.ref(thing)

    del thing

    assert is_freed(watched)


def test_the_pool_of_drivers_does_not_grow_with_calls() -> None:
    pm = manager()
    register_butlers(pm, 3)
    pm.hook.ring(who="Ada")
    before = len(drivers())

    for _ in range(1000):
        pm.hook.ring(who="Ada")

    assert len(drivers()) <= before + 3

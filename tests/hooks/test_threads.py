"""Threads: steady calls take no lock, and a registration that has returned is seen by all."""

import sys
import threading
from collections import deque
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest

import hotplug.hooks.caller
import hotplug.hooks.compile
from hotplug import HookImpl, HookimplMarker, HookspecMarker, PluginManager
from hotplug.hooks.caller import Caller
from hotplug.hooks.hook import Hook
from hotplug.hooks.plan import Plan

hookspec = HookspecMarker("p")
hookimpl = HookimplMarker("p")


class Specs:
    @hookspec
    def first(self) -> str:
        raise NotImplementedError

    @hookspec
    def second(self) -> str:
        raise NotImplementedError


class Plugin:
    def __init__(self, name: str) -> None:
        self.name = name

    @hookimpl
    def first(self) -> str:
        return self.name

    @hookimpl
    def second(self) -> str:
        return self.name


@pytest.fixture
def pm() -> PluginManager[Specs]:
    return PluginManager("p", Specs)


@pytest.fixture
def compiled_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hotplug.hooks.caller, "WORTH_BINDING", 1)
    monkeypatch.setattr(hotplug.hooks.caller, "WORTH_COMPILING", 1)


@pytest.fixture
def switching_often() -> Iterator[None]:
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


class Crew:
    """Threads that start together; the first error of any is raised when they are joined."""

    def __init__(self) -> None:
        self.errors: list[BaseException] = []
        self.threads: list[threading.Thread] = []

    def add(self, work: Callable[[], None]) -> None:
        def guarded() -> None:
            try:
                work()
            except BaseException as error:
                self.errors.append(error)

        self.threads.append(threading.Thread(target=guarded))

    def run(self) -> None:
        for thread in self.threads:
            thread.start()
        for thread in self.threads:
            thread.join()
        if self.errors:
            raise self.errors[0]


@pytest.mark.usefixtures("compiled_at_once", "switching_often")
def test_a_plugin_is_called_as_soon_as_register_returns_and_never_after_unregister(
    pm: PluginManager[Specs],
) -> None:
    crew = Crew()
    done = threading.Event()
    mutating = 8

    def mutate(number: int) -> None:
        nonlocal mutating
        for turn in range(60):
            plugin = Plugin(f"{number}.{turn}")
            pm.register(plugin, name=plugin.name)
            assert plugin.name in pm.hook.first()
            assert plugin.name in pm.hook.second()
            pm.unregister(plugin)
            assert plugin.name not in pm.hook.second()
            assert plugin.name not in pm.hook.first()
        mutating -= 1
        if not mutating:
            done.set()

    def call() -> None:
        while not done.is_set():
            results = pm.hook.first()
            assert len(results) == len(set(results)) <= 8

    for number in range(8):
        crew.add(partial(mutate, number))
    for _ in range(4):
        crew.add(call)
    crew.run()

    assert pm.plugin_names() == []
    assert pm.hook.first() == pm.hook.second() == []


@pytest.mark.usefixtures("compiled_at_once", "switching_often")
def test_nobody_sees_half_a_plugin(pm: PluginManager[Specs]) -> None:
    crew = Crew()
    plugins = [Plugin(str(number)) for number in range(400)]
    done = threading.Event()

    def come_and_go() -> None:
        for plugin in plugins:
            pm.register(plugin, name=plugin.name)
        done.set()

    def look() -> None:
        while not done.is_set():
            seen = set(pm.hook.first())
            assert seen <= set(pm.hook.second())

    crew.add(come_and_go)
    for _ in range(3):
        crew.add(look)
    crew.run()


@pytest.mark.usefixtures("compiled_at_once", "switching_often")
def test_nobody_sees_half_a_plugin_leave(pm: PluginManager[Specs]) -> None:
    crew = Crew()
    plugins = [Plugin(str(number)) for number in range(400)]
    for plugin in plugins:
        pm.register(plugin, name=plugin.name)
    done = threading.Event()

    def leave() -> None:
        for plugin in plugins:
            pm.unregister(plugin)
        done.set()

    def look() -> None:
        while not done.is_set():
            seen = set(pm.hook.first())
            assert set(pm.hook.second()) <= seen

    crew.add(leave)
    for _ in range(3):
        crew.add(look)
    crew.run()


@pytest.mark.parametrize("calls", [1, 3], ids=["interpreted", "compiled"])
@pytest.mark.usefixtures("compiled_at_once")
def test_a_steady_call_takes_no_lock(pm: PluginManager[Specs], calls: int) -> None:
    pm.register(Plugin("a"))
    for _ in range(calls):
        pm.hook.first()
    results: list[list[str]] = []

    with pm.lock:
        caller = threading.Thread(target=lambda: results.append(pm.hook.first()))
        caller.start()
        caller.join(timeout=60)

    assert results == [["a"]]


def test_a_plugin_that_comes_while_a_call_is_being_built_is_not_lost(
    pm: PluginManager[Specs], monkeypatch: pytest.MonkeyPatch
) -> None:
    pm.register(Plugin("a"))
    late = threading.Thread(target=lambda: pm.register(Plugin("b"), name="b"))
    publish = Caller.publish

    def publish_late(self: Caller, plan: Plan) -> None:
        if not late.ident:  # the plan is made, and now somebody else registers
            late.start()
            late.join(timeout=0.2)
        publish(self, plan)

    monkeypatch.setattr(Caller, "publish", publish_late)
    assert "a" in pm.hook.first()
    late.join()

    assert pm.hook.first() == ["a", "b"]


def test_a_plugin_that_comes_from_a_finalizer_while_a_call_is_being_built_is_not_lost(
    pm: PluginManager[Specs], monkeypatch: pytest.MonkeyPatch
) -> None:
    pm.register(Plugin("a"))
    publish = Caller.publish

    def publish_and_register(self: Caller, plan: Plan) -> None:
        if not pm.has_plugin("b"):  # on this very thread, under the lock that it holds
            pm.register(Plugin("b"), name="b")
        publish(self, plan)

    monkeypatch.setattr(Caller, "publish", publish_and_register)

    assert pm.hook.first() == ["a", "b"]
    assert pm.hook.first() == ["a", "b"]


def test_an_optional_plugin_is_not_lost_if_its_hook_is_called_while_it_is_declared(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Waiting:
        @hookimpl(optional=True)
        def first(self) -> str:
            return "waited"

    pm = PluginManager[Any]("p")
    pm.register(Waiting())
    add = Hook.add

    def call_and_add(self: Hook, item: HookImpl) -> None:
        if hasattr(pm.hook, "first"):  # on this very thread, as a finalizer would
            pm.hook.first()
        add(self, item)

    monkeypatch.setattr(Hook, "add", call_and_add)
    pm.add_hookspecs(Specs)

    assert pm.hook.first() == ["waited"]


@pytest.mark.parametrize("change", ["register", "unregister"])
@pytest.mark.usefixtures("compiled_at_once")
def test_a_call_that_is_overtaken_before_its_first_line_starts_again(
    pm: PluginManager[Specs], change: str
) -> None:
    pm.register(Plugin("a"), name="a")
    pm.register(Plugin("b"), name="b")
    for _ in range(3):
        pm.hook.first()

    def overtake(frame: Any, event: str, _: object) -> None:
        if event == "call" and frame.f_code is code:
            sys.settrace(None)
            pm.register(Plugin("c"), name="c") if change == "register" else pm.unregister("a")

    code = pm.hook.first.__code__  # type: ignore[attr-defined]  # the function that a hook is
    sys.settrace(overtake)
    try:
        results = pm.hook.first()
    finally:
        sys.settrace(None)

    assert results == (["a", "b", "c"] if change == "register" else ["b"])


@pytest.mark.usefixtures("compiled_at_once")
def test_a_call_in_progress_finishes_with_the_plugins_it_began_with(
    pm: PluginManager[Specs],
) -> None:
    class Leaver:
        @hookimpl(tryfirst=True)
        def first(self) -> str:
            pm.unregister("z")
            return "leaver"

    for _ in range(3):
        pm.register(Leaver(), name="leaver")
        pm.register(Plugin("z"), name="z")
        assert pm.hook.first() == ["leaver", "z"]
        assert pm.hook.first() == ["leaver"]
        pm.unregister("leaver")


class Taken(deque[str]):
    """One that another thread empties between the look at it and the pop."""

    def __bool__(self) -> bool:
        return True


def test_two_managers_that_compile_at_once_forget_the_same_source_once(
    pm: PluginManager[Specs], compiled_at_once: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hotplug.hooks.compile, "forgotten", Taken())
    pm.register(Plugin("a"))

    assert [pm.hook.first() for _ in range(20)] == [["a"]] * 20


def test_a_call_whose_compiling_fails_leaves_the_hook_as_it_was(
    pm: PluginManager[Specs], compiled_at_once: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def out_of_memory(*args: object) -> None:
        raise MemoryError

    pm.register(Plugin("a"))
    with monkeypatch.context() as patch:
        patch.setattr(hotplug.hooks.compile, "bound_code", out_of_memory)
        with pytest.raises(MemoryError):
            [pm.hook.first() for _ in range(20)]

    pm.register(Plugin("b"))
    assert pm.hook.first() == ["a", "b"]


def test_a_registration_in_the_midst_of_compiling_is_seen(
    pm: PluginManager[Specs], compiled_at_once: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = hotplug.hooks.compile.bound_code

    def collects_garbage(*args: Any) -> Any:
        """A finalizer may run anywhere, and register."""
        if not pm.has_plugin("b"):
            pm.register(Plugin("b"), "b")
        return original(*args)

    pm.register(Plugin("a"))
    monkeypatch.setattr(hotplug.hooks.compile, "bound_code", collects_garbage)
    answers = [pm.hook.first() for _ in range(20)]

    assert answers[-1] == ["a", "b"]

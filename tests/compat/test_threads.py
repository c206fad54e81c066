"""Threads: a manager of ours may be used by many at once, where pluggy leaves that to its users."""

import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest

import hotplug.hooks.caller
from hotplug.compat.pluggy import HookimplMarker, HookspecMarker, PluginManager

hookspec = HookspecMarker("cafe")
hookimpl = HookimplMarker("cafe")

THREADS = 8
TURNS = 40


class Specs:
    @hookspec
    def serve(self, guest: str) -> str:
        raise NotImplementedError

    @hookspec(historic=True)
    def opened(self, at: int) -> None: ...


class Waiter:
    def __init__(self, name: str) -> None:
        self.name = name
        self.seen: list[int] = []

    @hookimpl
    def serve(self, guest: str) -> str:
        return self.name

    @hookimpl
    def opened(self, at: int) -> None:
        self.seen.append(at)


@pytest.fixture(autouse=True)
def switching_often(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Between threads as often as can be, and between the two forms of a call as well."""
    monkeypatch.setattr(hotplug.hooks.caller, "WORTH_BINDING", 1)
    monkeypatch.setattr(hotplug.hooks.caller.Caller, "first_calls", 1)
    monkeypatch.setattr(hotplug.hooks.caller, "WORTH_COMPILING", 1)
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


@pytest.fixture
def pm() -> Any:
    manager = PluginManager("cafe")
    manager.add_hookspecs(Specs)
    return manager


def at_once(*works: Callable[[int], object]) -> None:
    """Run each in a thread of its own, all starting together; an error of any is raised."""
    start = Barrier(len(works))

    def run(number: int) -> None:
        start.wait()
        works[number](number)

    with ThreadPoolExecutor(len(works)) as pool:
        list(pool.map(run, range(len(works))))


def test_nobody_is_lost_when_many_register_for_a_hook_that_is_new() -> None:
    for _ in range(TURNS):
        manager = PluginManager("cafe")

        def register(number: int, manager: PluginManager = manager) -> None:
            manager.register(Waiter(str(number)), str(number))

        at_once(*[register] * THREADS)

        assert sorted(manager.hook.serve(guest="Ada")) == sorted(map(str, range(THREADS)))


def test_one_name_is_taken_once_when_many_want_it(pm: Any) -> None:
    refused = []

    def register(number: int) -> None:
        for turn in range(TURNS):
            try:
                pm.register(Waiter(str(number)), f"name {turn}")
            except ValueError:
                refused.append(turn)

    at_once(*[register] * THREADS)

    assert len(refused) == (THREADS - 1) * TURNS
    assert len(pm.hook.serve(guest="Ada")) == TURNS


def test_plugins_come_and_go_while_others_call(pm: Any) -> None:
    def come_and_go(number: int) -> None:
        for turn in range(TURNS):
            waiter = Waiter(f"{number}.{turn}")
            pm.register(waiter, waiter.name)
            assert waiter.name in pm.hook.serve(guest="Ada")
            pm.unregister(waiter)
            assert waiter.name not in pm.hook.serve(guest="Ada")

    def call(number: int) -> None:
        for _ in range(TURNS):
            names = pm.hook.serve.call_extra([lambda: "extra"], {"guest": "Ada"})
            assert len(names) == len(set(names)) <= THREADS
            pm.subset_hook_caller("serve", pm.get_plugins())(guest="Ada")
            pm.hook.opened.call_historic(kwargs={"at": 8})

    at_once(*[come_and_go] * (THREADS // 2), *[call] * (THREADS // 2))

    assert pm.hook.serve(guest="Ada") == []
    assert pm.list_name_plugin() == []


def test_a_manager_may_be_asked_while_plugins_and_hooks_come_and_go(pm: Any) -> None:
    def come_and_go(number: int) -> None:
        for turn in range(TURNS):
            function = staticmethod(hookimpl(optionalhook=True)(lambda: None))
            plugin = type("Plugin", (), {f"new_{number}_{turn}": function})()
            pm.register(plugin)
            pm.unregister(plugin)

    def ask(number: int) -> None:
        waiter = Waiter(str(number))
        pm.register(waiter)
        for _ in range(TURNS):
            assert pm.is_registered(waiter)
            assert pm.get_name(waiter) == str(id(waiter))
            assert pm.hook.serve in pm.get_hookcallers(waiter)
            assert waiter in pm.get_plugins()
            pm.check_pending()

    at_once(*[come_and_go] * (THREADS // 2), *[ask] * (THREADS // 2))


def test_monitors_come_and_go_while_others_call(pm: Any) -> None:
    pm.register(Waiter("Bob"))
    seen: list[str] = []

    def watch(number: int) -> None:
        for _ in range(TURNS):
            pm.add_hookcall_monitoring(lambda *_: seen.append("before"), lambda *_: None)()

    def call(number: int) -> None:
        for _ in range(10 * TURNS):
            assert pm.hook.serve(guest="Ada") == ["Bob"]

    at_once(watch, *[call] * (THREADS - 1))

    count = len(seen)
    assert pm.hook.serve(guest="Ada") == ["Bob"]
    assert len(seen) == count


def test_a_historic_call_reaches_who_is_there_whoever_comes_meanwhile(pm: Any) -> None:
    waiter = Waiter("Bob")
    pm.register(waiter)

    def come(number: int) -> None:
        for turn in range(TURNS):
            pm.register(Waiter("newcomer"), f"{number}.{turn}")

    def call(number: int) -> None:
        for at in range(TURNS):
            pm.hook.opened.call_historic(kwargs={"at": at})

    at_once(*[come] * (THREADS - 1), call)

    assert waiter.seen == list(range(TURNS))
    assert len(pm.get_plugins()) == (THREADS - 1) * TURNS + 1

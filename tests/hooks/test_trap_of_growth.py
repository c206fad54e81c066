"""Registering costs the same however many plugins are there; counted in calls, not in time."""

import gc
import sys
from collections.abc import Callable
from typing import Any

from hotplug import HookimplMarker, HookspecMarker, PluginManager

hookspec = HookspecMarker("p")
hookimpl = HookimplMarker("p")


class Specs:
    @hookspec
    def first(self) -> int:
        raise NotImplementedError

    @hookspec
    def second(self) -> int:
        raise NotImplementedError


class Plugin:
    @hookimpl
    def first(self) -> int:
        return 1

    @hookimpl
    def second(self) -> int:
        return 2


def calls_of(action: Callable[[], object]) -> int:
    """How many functions, of Python or of C, run in an action."""
    count = 0

    def profile(_frame: Any, event: str, _arg: Any) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    gc.collect()
    gc.disable()  # what other tests left behind may have finalizers
    sys.setprofile(profile)
    try:
        action()
    finally:
        sys.setprofile(None)
        gc.enable()
    return count


def test_dp08_registering_and_unregistering_do_not_grow_with_the_plugins_there() -> None:
    pm = PluginManager("p", Specs)
    plugins = [Plugin() for _ in range(3000)]

    def come_and_go() -> None:
        pm.register(plugins[-1], name="last")
        pm.unregister("last")

    for number, plugin in enumerate(plugins[:10]):
        pm.register(plugin, name=str(number))
    with_ten = calls_of(come_and_go)
    for number, plugin in enumerate(plugins[10:-1], 10):
        pm.register(plugin, name=str(number))
    with_thousands = calls_of(come_and_go)

    assert with_thousands == with_ten


def test_dp08_unregistering_the_first_costs_what_unregistering_the_last_costs() -> None:
    pm = PluginManager("p", Specs)
    for number in range(2000):
        pm.register(Plugin(), name=str(number))

    last = calls_of(lambda: pm.unregister("1999"))
    first = calls_of(lambda: pm.unregister("0"))

    assert first == last

"""What calls cost while plugins are reloaded and after that, and what their builtins cost."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from threading import Event, Thread
from time import perf_counter
from typing import Any, Final

from benchmarks.peers import HOTPLUG, Framework
from benchmarks.rows.generations import HOOK_PROJECT, NAME, PLAIN, imported, loaded, written
from benchmarks.table import Row, Ways, at_most
from benchmarks.timing import Sample, sampler
from hotplug import HookspecMarker, PluginHost
from hotplug.host.generations import Namespace

__all__ = ["rows"]

NEVER: Final = "never reloaded"
RELOADS: Final = 50
SECONDS: Final = 0.1
CALLS: Final = 200
"""Calls between two looks at the clock."""
BUSY: Final = """
def busy(items):
    return len(items) + sum(items) + max(items) + abs(len(str(isinstance(items, tuple))))
"""


class Specs:
    @HookspecMarker(HOOK_PROJECT)
    def price(self, item: str, count: int) -> int:
        raise NotImplementedError


def rows() -> list[Row]:
    return [
        Row("call-after", f"a hook call after {RELOADS} reloads", after, {NEVER: at_most(1.05)}),
        Row("call-during", "a hook call while a thread reloads all the time", during, rounds=10),
        Row(
            "plugin-builtins", "a function that uses six builtins", builtins, {PLAIN: at_most(1.02)}
        ),
    ]


def hosted() -> tuple[PluginHost[Specs], Any]:
    folder = written()
    (folder / "plugin.json").write_text(json.dumps({"name": NAME}))
    host = PluginHost(HOOK_PROJECT, specs=Specs)
    plugin = host.load_plugin(folder)
    plugin.enable()
    return host, plugin


def after(_: Sequence[Framework]) -> Ways:
    (host, plugin), (other, _) = hosted(), hosted()
    for _again in range(RELOADS):
        plugin.reload()
    call = "price(item='tea', count=2)"
    return {
        HOTPLUG.name: sampler(call, {"price": host.hooks.hook.price}),
        NEVER: sampler(call, {"price": other.hooks.hook.price}),
    }


def during(_: Sequence[Framework]) -> Ways:
    """Against the same calls while a thread imports the same modules again and again."""
    host, plugin = hosted()
    other = written()
    price = host.hooks.hook.price
    return {
        HOTPLUG.name: beside(plugin.reload, price),
        PLAIN: beside(lambda: imported(other), price),
    }


def beside(work: Callable[[], object], price: Callable[..., object]) -> Sample:
    """The seconds of a call while another thread does some work over and over."""

    def sample() -> float:
        over = Event()

        def keep() -> None:
            while not over.is_set():
                work()

        thread = Thread(target=keep)
        thread.start()
        calls, began = 0, perf_counter()
        while perf_counter() - began < SECONDS:
            for _ in range(CALLS):
                price(item="tea", count=2)
            calls += CALLS
        taken = perf_counter() - began
        over.set()
        thread.join()
        return taken / calls

    return sample


def builtins(_: Sequence[Framework]) -> Ways:
    folders = [written(), written()]
    for folder in folders:
        (folder / "plugin.py").write_text(BUSY)
    modules = {HOTPLUG.name: loaded(Namespace(), folders[0])[1], PLAIN: imported(folders[1])}
    return {
        name: sampler("busy((1, 2, 3))", {"busy": module.busy}) for name, module in modules.items()
    }

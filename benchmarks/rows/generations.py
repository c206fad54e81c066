"""Plugins in generations of their own against the same modules imported plainly."""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from time import perf_counter
from typing import Any, Final

from benchmarks.peers import HOTPLUG, Framework
from benchmarks.rows.importing import new_place
from benchmarks.table import Row, Ways, at_most
from benchmarks.timing import BEST_OF, Sample, sampler
from hotplug import HookspecMarker, PluginHost, PluginManager
from hotplug.host.generations import Generation, Namespace

__all__ = ["rows"]

PLAIN: Final = "plain import"
NAME: Final = "benchmarked_shop"
HOOK_PROJECT: Final = "generations"

MODULE: Final = """
import dataclasses

@dataclasses.dataclass
class Item:
    name: str
    price: int = 0

def total(items):
    return sum(item.price for item in items)

class Till:
    def __init__(self):
        self.items = []
    def add(self, item):
        self.items.append(item)
        return total(self.items)
"""
PLUGIN: Final = f"""
from hotplug import HookimplMarker
from . import first, second, third
hookimpl = HookimplMarker("{HOOK_PROJECT}")

@hookimpl
def price(item, count):
    return len(item) * count

def lazy():
    from .first import Item
    return Item
"""
FILES: Final = {
    "__init__": "",
    "plugin": PLUGIN,
    "first": MODULE,
    "second": MODULE,
    "third": MODULE,
}


def rows() -> list[Row]:
    return [
        Row("plugin-hook", "a hook call, 1 plugin that was loaded", hook, {PLAIN: at_most(1.02)}),
        Row("plugin-reload", "reload a plugin of 5 modules", reload, {PLAIN: at_most(2)}),
        Row("host-reload", "reload it in a host, all stages", reload_in_host, {PLAIN: at_most(2)}),
        Row("plugin-lazy-import", "a plugin's import of itself in a function", lazy),
    ]


def written() -> Path:
    place = new_place()
    folder = place / NAME
    folder.mkdir()
    for name, text in FILES.items():
        (folder / f"{name}.py").write_text(text)
    return folder


def loaded(space: Namespace, folder: Path) -> tuple[Generation, Any]:
    generation = space.open(NAME, folder)
    module = generation.run("plugin")
    generation.commit()
    return generation, module


def imported(folder: Path) -> Any:
    """Import all modules anew, as a program does that knows no more than importlib."""
    for name in [name for name in sys.modules if name.partition(".")[0] == NAME]:
        del sys.modules[name]
    sys.path.insert(0, str(folder.parent))
    try:
        return importlib.import_module(f"{NAME}.plugin")
    finally:
        sys.path.remove(str(folder.parent))


def hook(_: Sequence[Framework]) -> Ways:
    hookspec = HookspecMarker(HOOK_PROJECT)

    class Specs:
        @hookspec
        def price(self, item: str, count: int) -> int:
            raise NotImplementedError

    ways: dict[str, Sample] = {}
    for name, module in (
        (HOTPLUG.name, loaded(Namespace(), written())[1]),
        (PLAIN, imported(written())),
    ):
        manager = PluginManager(HOOK_PROJECT, Specs)
        manager.register(module)
        ways[name] = sampler("price(item='tea', count=2)", {"price": manager.hook.price})
    return ways


def reload(_: Sequence[Framework]) -> Ways:
    folder = written()
    space = Namespace()

    def ours() -> float:
        old = space.committed(NAME)
        started = perf_counter()
        loaded(space, folder)
        if old is not None:
            old.close()
        return perf_counter() - started

    other = written()

    def plain() -> float:
        started = perf_counter()
        imported(other)
        return perf_counter() - started

    return {HOTPLUG.name: best(warm(ours)), PLAIN: best(warm(plain))}


def reload_in_host(_: Sequence[Framework]) -> Ways:
    hookspec = HookspecMarker(HOOK_PROJECT)

    class Specs:
        @hookspec
        def price(self, item: str, count: int) -> int:
            raise NotImplementedError

    folder = written()
    (folder / "plugin.json").write_text(json.dumps({"name": NAME}))
    host = PluginHost(HOOK_PROJECT, specs=Specs)
    plugin = host.load_plugin(folder)
    plugin.enable()

    def ours() -> float:
        started = perf_counter()
        plugin.reload()
        return perf_counter() - started

    other = written()

    def plain() -> float:
        started = perf_counter()
        imported(other)
        return perf_counter() - started

    return {HOTPLUG.name: best(warm(ours)), PLAIN: best(warm(plain))}


def best(sample: Sample) -> Sample:
    """A reload takes as long as a turn of the machine's other work: one in a few has none in it."""
    return lambda: min(sample() for _ in range(BEST_OF))


def warm(sample: Sample) -> Sample:
    """Have bytecode on the disk, whatever this process was told."""
    told, sys.dont_write_bytecode = sys.dont_write_bytecode, False
    for _ in range(3):
        sample()
    sys.dont_write_bytecode = told
    return sample


def lazy(_: Sequence[Framework]) -> Ways:
    modules = {
        HOTPLUG.name: loaded(Namespace(), written())[1],
        PLAIN: imported(written()),
    }
    return {name: sampler("lazy()", {"lazy": module.lazy}) for name, module in modules.items()}

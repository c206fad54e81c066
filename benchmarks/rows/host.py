"""What a host adds to its plugins: when they are loaded, called and stopped, and in between."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from contextvars import ContextVar
from functools import cache, partial
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from time import perf_counter
from typing import Any, Final

from benchmarks.loading import MODULE, measured, run_by_hand, write
from benchmarks.peers import HOTPLUG, Framework
from benchmarks.plugins import namespace
from benchmarks.rows.importing import new_place
from benchmarks.table import BY_HAND, Row, Ways, at_most
from benchmarks.timing import BEST_OF, Sample, sampler
from hotplug import HookspecMarker, PluginHost, PluginManager, get_current_plugin

__all__ = ["rows"]

PKL: Final = "pkl"
IMPORTLIB: Final = "importlib"
FLAT: Final = "importlib, no folders"
MANAGER: Final = "PluginManager"
VARIABLE: Final = "ContextVar.get"
MANY: Final = 1000
DEPTHS: Final = (3, 10, 50)
ASKED: Final = range(500)
PROJECT: Final = "host_rows"

HOOKS: Final = f"""
from hotplug import HookimplMarker
hookimpl = HookimplMarker("{PROJECT}")

@hookimpl
def price(item, count):
    return count
"""
CALLS: Final = """
from hotplug import get_current_plugin
hook = get_current_plugin().host.hooks.hook

def called_through(sampler, statement):
    return sampler(statement, {"hook": hook})
"""
ASKS: Final = f"""
from time import perf_counter
from hotplug import HookimplMarker

@HookimplMarker("{PROJECT}")
def timed(ask, depth, times):
    if depth > 1:
        return timed(ask, depth - 1, times)
    started = perf_counter()
    for _ in times:
        ask()
    return perf_counter() - started
"""
HOLDS: Final = """
from hotplug import Resource, get_current_plugin
plugin = get_current_plugin()
manager = plugin.host.resource_manager

class File(Resource):
    pass

def hold():
    file = File(plugin)
    manager.register(file)
    file.disable()

def held(sampler):
    return sampler("hold()", {"hold": hold})
"""
PKL_FILE: Final = """
class File(Tracked, tracker=tracker):
    def on_release(self):
        pass
"""
# -I leaves out PYTHONDONTWRITEBYTECODE too, wherever that is set.
IMPORT: Final = """
import sys
from time import perf_counter
sys.path[:0] = {0!r}
started = perf_counter()
{1}
print(perf_counter() - started)
"""
IMPORT_PKL: Final = (
    "import pkl.events, pkl.files, pkl.hosting, pkl.modules, pkl.syscall, pkl.timing"
)


def rows() -> list[Row]:
    many = f"{MANY:,} plugins"
    return [
        Row("host-load", f"load and enable {many}", load, {IMPORTLIB: at_most(1.5)}, rounds=7),
        Row("host-load-single", f"load and enable {many}, single files", load_single, rounds=7),
        Row("host-close", f"close a host with {many}", close, rounds=7),
        Row("host-cycle", "enable and disable a plugin, its code as before", cycle),
        Row("host-hook", "a hook call, 5 plugins of a host", hook, {MANAGER: at_most(1.02)}),
        Row("host-hook-plugin", "a hook call by a plugin, 5 plugins", hook_by_plugin),
        *(
            Row(f"host-current-{depth}", f"get_current_plugin, {depth} calls deep", deep)
            for depth, deep in ((depth, partial(current, depth=depth)) for depth in DEPTHS)
        ),
        Row("host-resource", "register a resource, give it back", resource),
        Row("host-import", "import PluginHost", importing, rounds=15),
    ]


@cache
def place_of_many() -> Path:
    place = new_place()
    write(place, MANY)
    return place


def load(_: Sequence[Framework]) -> Ways:
    ways = {HOTPLUG.name: "by_host", IMPORTLIB: "by_import", FLAT: "flat_by_import"}
    ways[f"{BY_HAND}, with manifest"] = "by_hand"
    return loading({**ways, **dict.fromkeys(peers(), "by_pkl")}, "loaded")


def load_single(_: Sequence[Framework]) -> Ways:
    return loading({HOTPLUG.name: "single_files_by_host", IMPORTLIB: "single_files_by_import"})


def close(_: Sequence[Framework]) -> Ways:
    return loading({HOTPLUG.name: "by_host", **dict.fromkeys(peers(), "by_pkl")}, "closed")


def loading(ways: dict[str, str], phase: str = "loaded") -> Ways:
    place = place_of_many()

    def sample(way: str) -> float:
        return measured(way, place, MANY)[phase]

    for way in ways.values():
        sample(way)  # compiles
    return {name: partial(sample, way) for name, way in ways.items()}


def host_with(count: int, source: str, specs: Any = None, **options: Any) -> PluginHost[Any]:
    """A host with so many plugins, all enabled, each with a file of its own."""
    host: PluginHost[Any] = PluginHost(PROJECT, specs=specs, **options)
    place = new_place()
    for at in range(count):
        folder = place / f"plugin{at}"
        folder.mkdir()
        (folder / "plugin.json").write_text(json.dumps({"name": folder.name}), "utf-8")
        (folder / "plugin.py").write_text(source, "utf-8")
        host.load_plugin(folder).enable()
    return host


def cycle(_: Sequence[Framework]) -> Ways:
    host = host_with(1, MODULE)
    (plugin,) = host
    file = plugin.path / "plugin.py"

    def ours() -> None:
        plugin.disable()
        plugin.enable()

    def by_hand() -> None:
        run_by_hand("cycled", file)
        del sys.modules["cycled"]

    ways = {HOTPLUG.name: ours, BY_HAND: by_hand}
    for name in peers():
        ways[name] = pkl_cycle(file)
    return {name: best(action) for name, action in ways.items()}


def pkl_cycle(file: Path) -> Callable[[], None]:
    pkl, modules = map(importlib.import_module, ("pkl", "pkl.modules"))
    plugins, registry, tracker = pkl_world()
    loader, plugin = modules.ModuleResource.with_tracker(tracker), pkl.Plugin()

    def action() -> None:
        with plugins.executing(plugin):
            loader("cycled", file)
        registry.release(plugin)

    return action


def best(action: Callable[[], None]) -> Sample:
    def sample() -> float:
        seconds: list[float] = []
        for _ in range(BEST_OF):
            started = perf_counter()
            action()
            seconds.append(perf_counter() - started)
        return min(seconds)

    told, sys.dont_write_bytecode = sys.dont_write_bytecode, False
    for _ in range(3):
        action()
    sys.dont_write_bytecode = told
    return sample


class Specs:
    @HookspecMarker(PROJECT)
    def price(self, item: str, count: int) -> int:
        raise NotImplementedError

    @HookspecMarker(PROJECT)
    def timed(self, ask: object, depth: int, times: object) -> float:
        raise NotImplementedError


CALL: Final = "hook.price(item='tea', count=2)"


def plain_manager() -> PluginManager[Any]:
    manager: PluginManager[Any] = PluginManager(PROJECT, Specs)
    for at in range(5):
        names = namespace(HOOKS)
        manager.register(type("Module", (), {"price": staticmethod(names["price"])}), f"plugin{at}")
    return manager


def hook(_: Sequence[Framework]) -> Ways:
    host = host_with(5, HOOKS, Specs)
    kept.append(host)
    return {
        HOTPLUG.name: sampler(CALL, {"hook": host.hooks.hook}),
        MANAGER: sampler(CALL, {"hook": plain_manager().hook}),
    }


def hook_by_plugin(_: Sequence[Framework]) -> Ways:
    host = host_with(5, HOOKS + CALLS, Specs)
    kept.append(host)
    plugin = host.get_plugin("plugin0")
    return {
        HOTPLUG.name: plugin.module.called_through(sampler, CALL),
        "by the application": sampler(CALL, {"hook": host.hooks.hook}),
    }


def current(_: Sequence[Framework], depth: int) -> Ways:
    """Asked by a plugin that a hook call has entered, so many calls of its own further in."""
    host = host_with(1, ASKS, Specs)
    kept.append(host)
    plain, variable = namespace(ASKS)["timed"], ContextVar[object]("variable", default=None)
    ways = {
        HOTPLUG.name: at_depth(
            lambda *args: host.hooks.hook.timed(ask=args[0], depth=args[1], times=args[2])[0],
            get_current_plugin,
            depth,
        ),
        VARIABLE: at_depth(plain, variable.get, depth),
    }
    for name in peers():
        ways[name] = at_depth(plain, partial(getattr, pkl_world()[0], "current"), depth)
    return ways


def at_depth(timed: Callable[..., float], ask: Callable[[], object], depth: int) -> Sample:
    def sample() -> float:
        return min(timed(ask, depth, ASKED) for _ in range(BEST_OF)) / len(ASKED)

    for _ in range(10):
        sample()
    return sample


def resource(_: Sequence[Framework]) -> Ways:
    host = host_with(1, HOLDS)
    kept.append(host)
    (plugin,) = host
    ways: dict[str, Sample] = {HOTPLUG.name: plugin.module.held(sampler)}
    for name in peers():
        plugins, _registry, tracker = pkl_world()
        names = {"Tracked": importlib.import_module("pkl.tracking").Tracked, "tracker": tracker}
        file = namespace(PKL_FILE, names)["File"]
        owner = importlib.import_module("pkl").Plugin()
        with plugins.executing(owner):
            sample = sampler("File().release()", {"File": file})
        ways[name] = partial(executing, plugins, owner, sample)
    return ways


def executing(plugins: Any, owner: object, sample: Sample) -> float:
    with plugins.executing(owner):
        return sample()


def importing(_: Sequence[Framework]) -> Ways:
    home = str(Path(importlib.import_module("hotplug").__file__ or "").parent.parent)
    ways = {HOTPLUG.name: imported("from hotplug import PluginHost", home)}
    for name in peers():
        theirs = Path(importlib.import_module("pkl").__file__ or "").parent.parent
        ways[name] = imported(IMPORT_PKL, str(theirs))
    return ways


def imported(statement: str, home: str) -> Sample:
    command = [sys.executable, "-I", "-c", IMPORT.format([home], statement)]

    def once() -> float:
        return float(subprocess.run(command, capture_output=True, text=True, check=True).stdout)

    once()
    return lambda: min(once() for _ in range(BEST_OF))


def peers() -> list[str]:
    try:
        return [f"{PKL} {version('plugins-kernel')}"]
    except PackageNotFoundError:
        return []


def pkl_world() -> tuple[Any, Any, Any]:
    """Who executes there, who holds what, and what joins the two."""
    pkl, tracking = map(importlib.import_module, ("pkl", "pkl.tracking"))
    plugins, registry = pkl.PluginTracker(), pkl.ResourceRegistry()
    return plugins, registry, tracking.ResourceTracker(plugins, registry)


kept: Final[list[PluginHost[Any]]] = []
"""What is measured later: a host that nobody holds is closed."""

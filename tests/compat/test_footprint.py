"""What a manager leaves for the garbage collector to look at, which short sessions pay for."""

import gc
from types import ModuleType
from typing import Any

import pluggy

import hotplug.compat.pluggy

HOOKS = 30
PLUGINS = 20


def scene(library: ModuleType) -> tuple[type, list[object]]:
    """Specs of many hooks, and plugins that implement three of them each."""
    spec, impl = library.HookspecMarker("cafe"), library.HookimplMarker("cafe")

    def specified() -> Any:
        return staticmethod(spec(lambda guest, order: None))

    def implemented() -> Any:
        return impl(lambda self, guest, order: None)

    specs = type("Specs", (), {f"hook{at}": specified() for at in range(HOOKS)})
    plugins: list[object] = [
        type("Plugin", (), {f"hook{(at * 3 + step) % HOOKS}": implemented() for step in range(3)})()
        for at in range(PLUGINS)
    ]
    return specs, plugins


def started(library: ModuleType, specs: type, plugins: list[object]) -> Any:
    pm = library.PluginManager("cafe")
    pm.add_hookspecs(specs)
    for plugin in plugins:
        pm.register(plugin)
    for at in range(HOOKS):
        getattr(pm.hook, f"hook{at}")(guest="Ada", order="tea")
    return pm


def tracked(library: ModuleType) -> int:
    """How many objects a manager is that has called each of its hooks once."""
    specs, plugins = scene(library)
    started(library, specs, plugins)
    gc.collect()
    before = len(gc.get_objects())
    pm = started(library, specs, plugins)
    gc.collect()
    after = len(gc.get_objects())
    del pm
    return after - before


def test_a_manager_is_not_many_more_objects_than_pluggys() -> None:
    assert tracked(hotplug.compat.pluggy) < 1.5 * tracked(pluggy)


def test_a_hook_that_loses_a_plugin_between_its_calls_builds_nothing_for_them() -> None:
    specs, (leaving, *staying) = scene(hotplug.compat.pluggy)
    pm = started(hotplug.compat.pluggy, specs, staying)

    built: list[bool] = []
    for _ in range(20):
        pm.register(leaving)
        pm.hook.hook0(guest="Ada", order="tea")
        built.append(pm.hook.hook0._caller.hook.in_use)
        pm.unregister(leaving)

    assert not any(built)

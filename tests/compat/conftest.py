"""What tests of the pluggy layer share: pluggy itself, and ours, held to the same words."""

from collections.abc import Callable
from types import ModuleType
from typing import Any

import pluggy
import pytest
from pluggy import HookimplMarker, HookspecMarker

import hotplug.compat.pluggy
from hotplug.hooks.caller import Caller
from hotplug.hooks.plan import Plan

PROJECT = "cafe"


class Plugin:
    """An object that has the given attributes and nothing else."""

    def __init__(self, **attributes: Any) -> None:
        self.__dict__.update(attributes)


@pytest.fixture(params=["pluggy", "hotplug", "hotplug compiled"])
def library(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The library under test. What pluggy does is proven with pluggy, and then asked of ours.

    Ours has two forms of a call: step by step at first, and compiled once it pays.
    """
    if request.param == "pluggy":
        return pluggy
    if request.param == "hotplug compiled":
        monkeypatch.setattr(Caller, "refresh", compile_at_once)
        monkeypatch.setattr(Caller, "first_calls", 0)
    return hotplug.compat.pluggy


refresh = Caller.refresh


def compile_at_once(caller: Caller) -> Any:
    refresh(caller)
    with caller.environment.lock:
        plan = caller.names["_plan"]
        if isinstance(plan, Plan) and plan.can_compile:
            caller.compile(plan)
            caller.names["_plan"] = caller.frozen = None
    return refresh(caller)


@pytest.fixture
def pm(library: ModuleType) -> Any:
    return library.PluginManager(PROJECT)


@pytest.fixture
def hookspec(library: ModuleType) -> HookspecMarker:
    marker: HookspecMarker = library.HookspecMarker(PROJECT)
    return marker


@pytest.fixture
def hookimpl(library: ModuleType) -> HookimplMarker:
    marker: HookimplMarker = library.HookimplMarker(PROJECT)
    return marker


@pytest.fixture
def specify(pm: Any, hookspec: HookspecMarker) -> Callable[..., None]:
    """Specify a hook by a function."""

    def add(hook: str, function: Callable[..., Any], **options: Any) -> None:
        specs = ModuleType("specs")
        setattr(specs, hook, hookspec(**options)(function))
        pm.add_hookspecs(specs)

    return add


@pytest.fixture
def implement(pm: Any, hookimpl: HookimplMarker) -> Callable[..., Plugin]:
    """Register a plugin that implements one hook, by a function."""

    def add(
        hook: str, function: Callable[..., Any], name: str | None = None, **options: Any
    ) -> Plugin:
        plugin = Plugin(**{hook: hookimpl(**options)(function)})
        pm.register(plugin, name)
        return plugin

    return add

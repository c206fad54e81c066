"""What it costs to emit an event to handlers of ten plugins."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Final

from benchmarks.peers import HOTPLUG, Framework
from benchmarks.plugins import namespace, serials
from benchmarks.rows.greeting import HEAD
from benchmarks.table import Row, Ways, faster
from benchmarks.timing import Sample, sampler
from hotplug.host.declaring import new_event
from hotplug.host.owner import Owner, entry_builtins

__all__ = ["rows"]

HANDLERS: Final = 10
HOOK: Final = "hotplug, a hook call"
PKL: Final = "pkl"

Enter = Callable[[Callable[[], Any]], Any]
"""Runs a function as a plugin."""


def rows() -> list[Row]:
    what, goals = f"event, {HANDLERS} handlers of {HANDLERS} plugins", {PKL: faster(5)}
    around = partial(emitted, body="def greet(name, loud): yield")
    return [
        Row("event", f"{what}", emitted, goals),
        Row("event-around", f"{what}, code before and after", around, goals),
        Row("event-owner", f"{what}, emitted by a plugin", emitted_by_owner, goals),
    ]


def emitted(_: Sequence[Framework], body: str = "def greet(name, loud): pass") -> Ways:
    """An event of the application, which emits it itself."""
    calls = {HOTPLUG.name: own_event(None, body), HOOK: hook_call()}
    calls |= {name: pkl_event(body)[0] for name in peers()}
    return {name: sampler("call('Ada', True)", {"call": call}) for name, call in calls.items()}


def emitted_by_owner(_: Sequence[Framework]) -> Ways:
    """An event of a plugin, emitted by a function of this plugin."""
    body, emit = "def greet(name, loud): pass", "def emit(): call('Ada', True)"
    auth = enabled("auth")
    names = {"__builtins__": entry_builtins(auth), "call": own_event(auth, body)}
    ways = {HOTPLUG.name: within(auth.call, namespace(emit, names)["emit"])}
    for name in peers():
        call, enter = pkl_event(body, by_plugin=True)
        ways[name] = within(enter, namespace(emit, {"call": call})["emit"])
    return ways


def within(enter: Enter, emit: Callable[[], object]) -> Sample:
    return partial(enter, enter(partial(sampler, "emit()", {"emit": emit})))


def handlers() -> list[str]:
    """The source of each handler; every plugin has a function of its own."""
    return [f"def hear(name, loud): return {at}" for at in range(HANDLERS)]


def enabled(name: str) -> Owner:
    owner = Owner(name)
    owner.scope.open()
    return owner


def own_event(owner: Owner | None, body: str) -> Callable[..., Any]:
    names = {"__name__": f"benchmark {next(serials)}"}
    event = new_event(namespace(body, names)["greet"], owner)
    for at, source in enumerate(handlers()):
        plugin = enabled(f"plugin{at}")
        code = namespace(source, {"__builtins__": entry_builtins(plugin)})
        plugin.call(event.subscribe, code["hear"])
    return event


def hook_call() -> Callable[..., Any]:
    names = {"implementation": HOTPLUG.implementation()}
    plugins = [
        type("Plugin", (), {"greet": staticmethod(names["implementation"](function))})()
        for function in (
            namespace(source.replace("hear", "greet"))["greet"] for source in handlers()
        )
    ]
    call: Callable[..., Any] = HOTPLUG.manager(HOTPLUG.specs(HEAD), plugins).hook.greet
    return call


def peers() -> list[str]:
    try:
        return [f"{PKL} {version('plugins-kernel')}"]
    except PackageNotFoundError:
        return []


def pkl_event(body: str, *, by_plugin: bool = False) -> tuple[Callable[..., Any], Any]:
    """The same event of pkl, and what runs a function as the plugin that owns it."""
    pkl, events, tracking = map(importlib.import_module, ("pkl", "pkl.events", "pkl.tracking"))
    plugins = pkl.PluginTracker()
    tracker = tracking.ResourceTracker(plugins, pkl.ResourceRegistry(), allow_orphans=True)
    owner = pkl.Plugin() if by_plugin else None
    with plugins.executing(owner):
        event: Any = events.event_decorator(tracker)(namespace(body)["greet"])
    for source in handlers():
        with plugins.executing(pkl.Plugin()):
            event.subscribe(namespace(source)["hear"])

    def enter(function: Callable[[], Any]) -> Any:
        with plugins.executing(owner):
            return function()

    return event, enter

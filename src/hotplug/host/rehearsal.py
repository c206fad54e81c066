"""An operation carried out on stand-ins, to see what it would do: no code of a plugin runs.

The order, what is taken along and what is refused are those of `operations`: it is the same code.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from threading import RLock
from typing import Any, Final, cast

from hotplug.errors import HotplugError
from hotplug.host.dependencies import Plugins
from hotplug.host.forecast import Forecast, StateChange
from hotplug.host.host import PluginHost
from hotplug.host.laziness import ASLEEP, Laziness, first_use
from hotplug.host.ledger import Bookkeeping
from hotplug.host.lifecycle import RUNNING, Operation, PluginState, Step
from hotplug.host.obstacles import Obstacle
from hotplug.host.operations import Operations
from hotplug.host.owner import run_as
from hotplug.host.plugin import Plugin
from hotplug.host.reloadable import reload_of

__all__ = ["rehearsed"]

RELOAD: Final = "reload"
OPERATIONS: Final = (*(operation.value for operation in Operation), RELOAD)


def rehearsed(
    host: PluginHost[Any], operation: str, subject: str | Path, dependants: str
) -> Forecast:
    """What an operation would do now."""
    if operation not in OPERATIONS:
        raise ValueError(f"would takes one of {', '.join(OPERATIONS)}, not {operation!r}")
    if operation == RELOAD:
        return foreseen(host, str(subject))
    if operation != Operation.LOAD.value:
        host.get_plugin(str(subject))  # if there is none, that is no answer but a slip
    stage = Stage(host)
    try:
        run_as(None, stage.play, Operation(operation), subject, dependants)
        refused = ""
    except HotplugError as error:
        refused = str(error)
    changes = tuple(stage.changes(str(subject)))
    stopped = {each.plugin for each in changes if each.stops}
    return Forecast(
        operation=operation,
        subject=str(subject),
        changes=changes,
        refused=refused,
        goes_without=tuple(stage.goes_without(stopped)),
    )


def foreseen(host: PluginHost[Any], name: str) -> Forecast:
    """Who would get a fresh generation, as far as the files and manifests say it."""
    reload = reload_of([host.get_plugin(name)], {})
    changes: list[StateChange] = []
    refused = ""
    try:
        for each in reload.foreseen():
            state = each.plugin.state
            changes.append(StateChange(each.plugin.name, state, state, each.prospect))
    except HotplugError as error:
        refused = str(error)
    return Forecast(operation=RELOAD, subject=name, changes=tuple(changes), refused=refused)


class Stage(PluginHost[Any]):
    """A host of stand-ins. All that it does not have itself is that of the real one."""

    def __init__(self, host: PluginHost[Any]) -> None:
        self._real = host
        self._lock = RLock()
        self.bookkeeping = Bookkeeping(host.namespace.name)
        self.laziness = Drowsiness(host)
        with host._lock:
            self.plugins = StandIns(host.plugins)
            self.before = {plugin.name: plugin.state for plugin in host}
            for plugin in host:
                self.plugins.add(StandIn(self, plugin))
            self.cast = [cast(StandIn, plugin) for plugin in self]
        for plugin in self.cast:
            parent = plugin.real.parent
            if parent is not None:
                plugin.set_parent(self.plugins[parent.name])
        self.plugins.remember_dropped(host.plugins)
        self._operations = self.script = Script(self)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    def play(self, operation: Operation, subject: str | Path, dependants: str) -> None:
        if operation is Operation.LOAD:
            self.load_plugin(subject)
        else:
            self.operate(self.plugins[str(subject)], operation, dependants)

    def tell(self, plugin: Plugin, before: PluginState) -> list[BaseException]:
        """Nobody hears of it."""
        return []

    def changes(self, subject: str) -> Iterator[StateChange]:
        """Whose state has changed, in the order in which it has."""
        for plugin in dict.fromkeys([*self.script.changed, *self.cast, *self.plugins.values()]):
            before = self.before.get(plugin.name)
            after = plugin.state if self.plugins.get(plugin.name) is plugin else None
            if before is not after:
                for_another = f"{plugin.started_for!r} requires it" if plugin.started_for else ""
                stops_as_asked = plugin.name == subject and before in RUNNING
                reason = "" if stops_as_asked else plugin.reason or for_another
                yield StateChange(plugin.name, before, after, reason)

    def goes_without(self, stopped: set[str]) -> Iterator[tuple[str, str]]:
        """Who goes on without one that it wants."""
        for plugin in self.plugins.values():
            if plugin.state is PluginState.ENABLED:
                yield from (
                    (plugin.name, each) for each in plugin.metadata.wants if each in stopped
                )


class StandIns(Plugins):
    """The plugins of a stage."""

    def __init__(self, real: Plugins) -> None:
        super().__init__(real.api_version)
        self.obstacle_sources = real.obstacle_sources

    def tell_of_circles(self) -> None:
        """The real ones do."""


class Drowsiness(Laziness):
    """Defers what is lazy, and waits for nothing."""

    def defers(self, plugin: Plugin, operation: Operation) -> bool:
        is_deferred = operation is Operation.ENABLE and plugin.state in ASLEEP
        if is_deferred:
            plugin.reason = first_use(plugin)
        return is_deferred


class StandIn(Plugin):
    """A plugin without code, in the state that the real one is in."""

    def __init__(self, stage: Stage, plugin: Plugin) -> None:
        super().__init__(stage, plugin.metadata, plugin.location, found=plugin.found)
        self.real = plugin
        self.state, self.error, self.reason = plugin.state, plugin.error, plugin.reason
        self.wish, self.lives, self.loaded_by = plugin.wish, plugin.lives, plugin.loaded_by
        self.started_for = plugin.started_for
        if plugin.retry is not None:
            self.retry = cast(Any, Pause(self, plugin.retry.obstacle))

    def set_parent(self, parent: Plugin) -> None:
        self.parent: Plugin | None = parent
        parent._children[self] = None

    @property
    def waits_for_parent(self) -> bool:
        parent: Plugin | None = self.parent
        return parent is not None and parent.state is PluginState.LOADED

    @property
    def is_orphaned(self) -> bool:
        parent: Plugin | None = self.parent
        return parent is not None and parent.state not in RUNNING


class Pause:
    """The next try of a stand-in, which never comes."""

    def __init__(self, plugin: Plugin, obstacle: Obstacle) -> None:
        self.plugin = plugin
        self.obstacle = obstacle

    def disable(self) -> None:
        """Nobody waits any more."""
        self.plugin.retry = None


class Script(Operations):
    """Operations of which each step does nothing but to take others along."""

    def __init__(self, stage: Stage) -> None:
        super().__init__(stage)
        self.changed: dict[Plugin, None] = {}

    def apply(self, plugin: Plugin, operation: Operation) -> None:
        before = plugin.state
        super().apply(plugin, operation)
        if plugin.state is not before:
            self.changed[plugin] = None

    def attempt(self, plugin: Plugin, step: Step) -> None:
        if step is Step.RUN:
            plugin.lives += 1
            return
        plugin.state = PluginState.ENABLED
        for child in plugin.children:
            if child.wish is PluginState.ENABLED:
                self.carry_out(child, Operation.ENABLE)

    def stop(self, plugin: Plugin) -> list[BaseException]:
        for child in reversed(plugin.children):
            self.carry_out(child, Operation.DISABLE)
        return []

    def end(self, plugin: Plugin) -> list[BaseException]:
        return []

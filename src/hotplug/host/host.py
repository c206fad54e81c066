"""The host: it knows the plugins, and is asked to load, run and stop them."""

from __future__ import annotations

from _thread import start_new_thread
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from threading import RLock
from time import perf_counter
from types import ModuleType, TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast, overload
from weakref import finalize, ref

from hotplug.errors.hosting import NotReady, PluginStateError, UnknownPluginError
from hotplug.hooks.lookup import check_project
from hotplug.host import carry, exits
from hotplug.host.configurable import Configurable
from hotplug.host.dependencies import Plugins
from hotplug.host.explainable import Explainable
from hotplug.host.findable import Findable, Located
from hotplug.host.generations import DEFAULT_NAME, Namespace, process
from hotplug.host.hookable import Hookable
from hotplug.host.implementations import Hooks
from hotplug.host.laziness import Laziness
from hotplug.host.life import Child, Life
from hotplug.host.lifecycle import Operation, PluginState
from hotplug.host.limited import Limited
from hotplug.host.loaders import (
    GenerationLoader,
    ManifestLoader,
    MetadataLoader,
    PluginLoader,
    execute,
    loaded_elsewhere,
    loads,
)
from hotplug.host.measurable import Measurable
from hotplug.host.operations import Operations, ask_application, ask_permission
from hotplug.host.owner import current_owner
from hotplug.host.plugin import Plugin
from hotplug.host.project import ProjectSource
from hotplug.host.reloadable import Reloadable
from hotplug.host.resourcemanager import ResourceManager
from hotplug.host.resources import Held
from hotplug.host.running import is_task, until_ended
from hotplug.host.scheduling import Scheduling
from hotplug.host.scope import raise_together
from hotplug.host.storing import Storing
from hotplug.host.switching import Switching
from hotplug.host.views import HostView
from hotplug.host.watchable import Watchable
from hotplug.manifest.problems import warn

if TYPE_CHECKING:
    from hotplug.host.commands import Commands
    from hotplug.host.scheduler import Scheduler

__all__ = ["PluginHost"]

S = TypeVar("S")


class LoadedAnew(PluginStateError):
    """A plugin is known by another handle than this one, which was unloaded."""


class PluginHost(
    Watchable,
    Measurable,
    Configurable,
    Findable,
    Storing,
    Reloadable,
    Scheduling,
    Limited,
    Explainable,
    Hookable[S],
):
    """Loads plugins, runs them, and takes back all they hold when they stop.

    - ``name`` is that of the application, as an identifier: plugins mark hooks with it.
      ``api_version`` is its version, which manifests ask for.
    - ``specs`` declare the hooks that its plugins implement.
    - ``project`` is a table, or a file with one: which plugins may run, and with which settings.
      ``strict`` lets all that is left out fail the start.
    - ``load_timeout`` is how many seconds a module may run until it is given up.
    - ``scheduler`` calls the timers, ``handle_signals`` closes the host on SIGTERM and SIGINT.
    - ``metadata_loader`` and ``plugin_loader`` are other ways to read a manifest and run code;
      ``namespace`` is what the plugins' modules are called, if not ``hotplug.plugins``.

    >>> with PluginHost() as host:
    ...     host.plugins
    <Plugins none>
    """

    @overload
    def __init__(
        self: PluginHost[Any],
        name: str = ...,
        *,
        specs: ModuleType | Sequence[object] | None = None,
        namespace: str | None = None,
        metadata_loader: MetadataLoader | None = None,
        plugin_loader: PluginLoader | None = None,
        load_timeout: float | None = None,
        scheduler: Scheduler | None = None,
        handle_signals: bool = False,
        project: ProjectSource | None = None,
        api_version: str = "",
        strict: bool | None = None,
    ) -> None: ...
    @overload
    def __init__(
        self,
        name: str = ...,
        *,
        specs: type[S],
        namespace: str | None = None,
        metadata_loader: MetadataLoader | None = None,
        plugin_loader: PluginLoader | None = None,
        load_timeout: float | None = None,
        scheduler: Scheduler | None = None,
        handle_signals: bool = False,
        project: ProjectSource | None = None,
        api_version: str = "",
        strict: bool | None = None,
    ) -> None: ...
    def __init__(
        self,
        name: str = "hotplug",
        *,
        specs: Any = None,
        namespace: str | None = None,
        metadata_loader: MetadataLoader | None = None,
        plugin_loader: PluginLoader | None = None,
        load_timeout: float | None = None,
        scheduler: Scheduler | None = None,
        handle_signals: bool = False,
        project: ProjectSource | None = None,
        api_version: str = "",
        strict: bool | None = None,
    ) -> None:
        if namespace is not None and plugin_loader is not None:
            raise ValueError(
                "namespace= says what the modules of the built-in loader are called; "
                "with a plugin_loader= of your own it has no meaning"
            )
        check_project(name, "the host's name")
        self.name = name
        Findable.__init__(self, project, name, strict)
        self.plugins = Plugins(api_version)
        """The plugins by name."""
        self.resource_manager = ResourceManager(self)
        """What all plugins hold."""
        self.load_timeout = load_timeout
        Scheduling.__init__(self, scheduler)
        self.metadata_loader = loads("metadata_loader=", metadata_loader or ManifestLoader())
        self.is_closed = False
        Measurable.__init__(self, namespace or DEFAULT_NAME)
        self._hooks = Hooks(name, specs)
        Watchable.__init__(self, Switching(self.plugins, self._hooks.managers))
        self.laziness = Laziness(self)
        Limited.__init__(self)
        self.obey_project()
        self._operations = Operations(self)
        self._lock = RLock()
        loader = plugin_loader and loads("plugin_loader=", plugin_loader)
        # After all that may fail: the process would keep that of a host that never was.
        self.namespace = Namespace(namespace or DEFAULT_NAME, execute)
        self.loader = loader or GenerationLoader(self.namespace)
        if loader is not None:
            self.namespace.elsewhere = partial(loaded_elsewhere, ref(self))
        carry.start()
        self._give_back = finalize(self, drop, self.namespace)
        self._give_back.atexit = False  # `exits` closes what is still open then
        self._nested = self._owned()
        exits.remember(self, handle_signals=handle_signals)

    def _owned(self) -> Held | None:
        """A host that a plugin makes is closed with it."""
        owner = current_owner()
        if owner is None:
            return None
        held = Held(owner, self.close, "host")
        owner.scope.add(held)
        return held

    # plugins

    def load_plugin(
        self,
        location: str | Path | Located | None = None,
        *,
        path: str | Path | None = None,
        detached: bool = False,
    ) -> Plugin:
        """Find a plugin, read its manifest and run its module; what that makes is staged.

        A plugin that a plugin loads is its child, unless it is ``detached``.
        """
        if isinstance(location, Located):
            located = location
        else:
            began = perf_counter()
            located = self.locate(location, path)
            self.bookkeeping.has_read(located.metadata.name, perf_counter() - began)
        owner = current_owner()
        asking = owner if isinstance(owner, Life) else None
        while True:
            plugin = self._known_or_new(located, asking, is_child=not detached)
            if located.metadata.lazy:
                plugin.reason = plugin.reason or "it is lazy, and nobody has enabled it"
                return plugin
            try:
                self._operations.carry_out(plugin, Operation.LOAD)
            except LoadedAnew:
                continue  # other threads have unloaded it meanwhile
            return plugin

    def _known_or_new(
        self,
        located: Located,
        asking: Life | None = None,
        *,
        is_child: bool = True,
    ) -> Plugin:
        place, metadata, origin, problems = located
        warn(problems)
        with self._lock:
            if self.is_closed:
                raise PluginStateError(f"host {self.name!r} is closed; make a new one")
            known = self.plugins.known_at(place, metadata)
            loader = None if asking is None else asking.plugin
            parent = loader if is_child else None
            plugin = known or Plugin(self, metadata, place, parent, loader, origin)
            if known is None:
                self.plugins.add(plugin)
        if asking is not None and plugin.parent is loader:
            try:
                asking.scope.add(Child(asking, plugin))
            except BaseException:  # its parent has ended, or has too many
                if known is None and plugin.life is None:
                    self.forget(plugin)
                raise
        return plugin

    def detach(self, plugin: Plugin) -> None:
        """Let a child run on when the plugin that loaded it stops."""
        parent = plugin.parent
        plugin.leave_parent()
        if parent is not None and parent.life is not None:
            for item in parent.life.scope:
                if isinstance(item, Child) and item.child is plugin:
                    parent.life.scope.drop(item)

    def get_plugin(self, name: str) -> Plugin:
        """The plugin of this name, or `UnknownPluginError`."""
        plugin = self.plugins.get(name)
        if plugin is None:
            from hotplug.errors.meaning import did_you_mean  # only for an error

            there = did_you_mean(name, self.plugins) or f"there are: {[*self.plugins]}"
            raise UnknownPluginError(f"no plugin {name!r} is loaded; {there}")
        return plugin

    def __contains__(self, name: object) -> bool:
        return name in self.plugins

    def __len__(self) -> int:
        return len(self.plugins)

    def __bool__(self) -> bool:
        return True  # a host without plugins is a host

    def __iter__(self) -> Iterator[Plugin]:
        return iter([*self.plugins.values()])

    def enable_all(self) -> None:
        """Enable every plugin, each after what it requires; then raise what failed, together.

        One that is not ready has not failed: that is logged, and it is tried again. Nor has one
        that waited for another of them, and runs by now.
        """
        ask_application(self, "enable all plugins")
        failed: dict[Plugin, BaseException] = {}
        for plugin in self.plugins.to_enable():
            try:
                if plugin.state is not PluginState.ENABLED:
                    plugin.enable()
            except NotReady:
                pass  # that is logged, and it is tried again
            except Exception as error:
                failed[plugin] = error
        errors = [failed[each] for each in failed if each.state is not PluginState.ENABLED]
        if errors:
            raise_together(str(self), errors, "could not enable all plugins")

    def disable_all(self) -> None:
        """Disable every plugin, each before what it requires; then raise what failed, together."""
        ask_application(self, "disable all plugins")
        raise_together(str(self), self._all(Operation.DISABLE), "could not disable all plugins")

    def _all(self, operation: Operation) -> list[BaseException]:
        errors: list[BaseException] = []
        order = self.plugins.stop_order()
        for plugin in sorted(order, key=lambda plugin: plugin.parent is not None):
            if plugin.name in self.plugins:  # it may have gone with its parent
                try:
                    self._operations.carry_out(plugin, operation)
                except BaseException as error:
                    errors.append(error)
        return errors

    def operate(self, plugin: Plugin, operation: Operation, dependants: str = "disable") -> None:
        """What `Plugin.enable` and its like do."""
        ask_permission(plugin, operation)
        self._operations.carry_out(plugin, operation, dependants)

    def readmit(self, plugin: Plugin) -> None:
        """Know a plugin again that was unloaded, and whose handle someone has kept."""
        with self._lock:
            if self.plugins.get(plugin.name) is plugin:
                return
            if self.is_closed:
                raise PluginStateError(f"plugin {plugin.name!r} was unloaded, and {self} is closed")
            if self.plugins.known_at(plugin.location, plugin.metadata) is not None:
                raise LoadedAnew(f"plugin {plugin.name!r} was unloaded, and loaded anew")
            self.plugins.add(plugin)

    def read_again(self, plugin: Plugin) -> None:
        """Take over what the manifest says now, before a fresh generation."""
        metadata = self.read_manifest(plugin)
        if metadata.name != plugin.name:
            raise PluginStateError(
                f"plugin {plugin.name!r} is called {metadata.name!r} now: {plugin.location}\n"
                "  unload it, and load it again under its new name"
            )
        with self._lock:
            self.plugins.update(plugin, metadata)

    def forget(self, plugin: Plugin) -> None:
        with self._lock:
            plugin.leave_parent()
            self.laziness.forget(plugin)
            if self.plugins.get(plugin.name) is plugin:
                self.plugins.remove(plugin)
                self.bookkeeping.forget(plugin)
        self.forget_kept(plugin.name)

    @property
    def commands(self) -> Commands:
        """The functions that plugins offer by name: ``host.commands["bill"]("Ada")``."""
        from hotplug.host.commands import Commands  # for programs that have some

        return Commands(self.plugins)

    def become_default(self) -> None:
        """Answer for ``hotplug.plugins`` where no plugin asks."""
        self.namespace.make_default()

    def view_for(self, life: Life) -> PluginHost[S]:
        """The host as one life of a plugin sees it."""
        if life.view is None:
            life.view = HostView(self, life)
        return cast("PluginHost[S]", life.view)

    # the end

    def close(self) -> None:
        """Unload all plugins, and give back all that the host itself holds."""
        ask_application(self, "close its host")
        with self._lock:
            if self.is_closed:
                return
            self.is_closed = True
        self.stop_watching()
        errors = self._all(Operation.UNLOAD)
        self.close_own_scheduler()
        self.forget_kept()
        exits.forget(self)
        self._switching.close()
        if self._give_back.detach():
            give_back(self.namespace)
        if self._nested is not None:
            self._nested.disable()
        raise_together(str(self), errors, "could not close")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """The same inside a running loop: it then waits for the tasks it has cancelled."""
        tasks = [held for plugin in self for held in plugin.resources if is_task(held)]
        try:
            self.close()
        finally:
            await until_ended(tasks)

    def __str__(self) -> str:
        return f"host {self.name!r}"

    def __repr__(self) -> str:
        return f"<PluginHost {self.name!r}, {len(self.plugins)} plugins>"


def give_back(namespace: Namespace) -> None:
    carry.stop()  # in the reverse order: each puts back what it has found
    namespace.close()


def drop(namespace: Namespace) -> None:
    """Give back what a host had that nobody has closed: the garbage collector has found it.

    It does so at any moment, also while the very locks are held that are needed here.
    """
    if carry.changing.locked() or process.changing.lock.locked():
        start_new_thread(give_back, (namespace,))
    else:
        give_back(namespace)

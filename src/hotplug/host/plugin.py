"""A plugin as the application and other plugins hold it, through all its lives."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from threading import Event, Thread
from types import ModuleType
from typing import TYPE_CHECKING, Any, TypeVar, Unpack

from hotplug.errors.hosting import NotAllowed, PluginStateError
from hotplug.host import owning
from hotplug.host.life import Life, LifecycleEvent
from hotplug.host.lifecycle import Operation, PluginState, Step
from hotplug.host.owner import MARK, current_owner
from hotplug.host.reloadable import carry_out, carry_out_async, reload_of
from hotplug.host.resources import Resource

if TYPE_CHECKING:
    from hotplug.host.busy import Lease
    from hotplug.host.data.store import Store
    from hotplug.host.host import PluginHost
    from hotplug.host.registry.records import Origin
    from hotplug.host.reloading.candidate import Kept
    from hotplug.host.reloading.report import ReloadReport
    from hotplug.host.reloading.terms import ReloadOptions
    from hotplug.host.retrying import Retry
    from hotplug.host.settings.changing import SettingsChanged
    from hotplug.manifest import PluginMetadata

__all__ = ["Plugin"]

T = TypeVar("T")


class Plugin:
    """One plugin of one host. It stays the same when its code is replaced.

    >>> plugin = host.load_plugin("./shop")  # doctest: +SKIP
    >>> plugin.enable()  # doctest: +SKIP
    >>> plugin.state  # doctest: +SKIP
    <PluginState.ENABLED: 'enabled'>
    """

    leases: tuple[Lease, ...] = ()
    """Who is busy with it."""
    errors_before: tuple[int, float] | None = None
    """How many errors it had raised as its generation came to serve, and when that was."""

    def __init__(
        self,
        host: PluginHost[Any],
        metadata: PluginMetadata,
        location: Path,
        parent: Plugin | None = None,
        loaded_by: Plugin | None = None,
        found: Origin | None = None,
    ) -> None:
        self._host = host
        self.metadata = metadata
        """What its manifest says."""
        self.location = location
        """Its folder, or its file where it is a single one."""
        self.found = found
        """Where it was found by its name; None where its place was given."""
        self.parent = parent
        """The plugin that it stops with."""
        self._children: dict[Plugin, None] = {}
        if parent is not None:
            parent._children[self] = None
        self.loaded_by = None if loaded_by is None else loaded_by.name
        """The name of the plugin that loaded it, also if it does not stop with that."""
        self.state: PluginState = PluginState.UNLOADED
        """Where it is in its life."""
        self.error: BaseException | None = None
        """What it failed with, while its state is ERROR."""
        self.reason = ""
        """Why it does not run, in a sentence."""
        self.wish: PluginState | None = None
        """What it becomes as soon as what it requires is there."""
        self.retry: Retry | None = None
        """The next try, where the plugin has said that it is not ready."""
        self.tries = 0
        """How often in a row it was not ready."""
        self.started_for: str | None = None
        """The plugin that required it when it was started; None if it was asked for itself."""
        self._abandoned: tuple[Thread, ...] = ()
        self.step: Step | None = None
        """What is being done to it right now."""
        self.life: Life | None = None
        self.staged: Life | None = None
        """The life that is made ready to take over from `life`, while that serves."""
        self.replaced: Kept | None = None
        """What its last reload replaced, to go back to."""
        self.lives = 0

    # what it is

    @property
    def name(self) -> str:
        """Its name, as the manifest says."""
        return self.metadata.name

    @property
    def version(self) -> str:
        """Its version, as the manifest says."""
        return self.metadata.version

    @property
    def requires(self) -> tuple[str, ...]:
        """The names of the plugins that it cannot run without."""
        return tuple(self.metadata.requires)

    @property
    def origin(self) -> Origin:
        """Where it came from: a place, an installed distribution or a line of an index."""
        from hotplug.host.registry.records import Origin  # for those who ask

        return self.found or Origin("path", self.location)

    @property
    def path(self) -> Path:
        """The folder that it is in."""
        return self.location if self.location.is_dir() else self.location.parent

    @property
    def host(self) -> PluginHost[Any]:
        """Its host. The plugin's own code gets a view of it that ends with its generation."""
        owner = current_owner()
        if isinstance(owner, Life) and owner.plugin is self:
            return self._host.view_for(owner)
        return self._host

    @property
    def module(self) -> ModuleType:
        """The module that its manifest names as the entrypoint."""
        if self.life is None and self.metadata.lazy:
            self._host.laziness.use(self)
        if self.life is None or self.life.module is None:
            doing = "being loaded" if self.step is Step.RUN else self.state.value
            raise PluginStateError(f"plugin {self.name!r} is {doing}: it has no module")
        return self.life.module

    @property
    def is_running(self) -> bool:
        """Whether it is enabled right now."""
        return self.state is PluginState.ENABLED

    @property
    def generation(self) -> int:
        """How many times its module has been run; to its own code, which of these runs it is."""
        owner = current_owner()
        return owner.number if isinstance(owner, Life) and owner.plugin is self else self.lives

    @property
    def children(self) -> list[Plugin]:
        """The plugins that it has loaded, and that stop with it."""
        return [*self._children]

    @property
    def waits_for_parent(self) -> bool:
        """Whether it goes live later, together with the plugin that loads it."""
        parent = self.parent
        life = None if parent is None else parent.staged or parent.life
        return life is not None and not (life.scope.is_open or life.scope.is_closed)

    @property
    def is_orphaned(self) -> bool:
        """Whether the plugin that has loaded it does not run any more."""
        return self.parent is not None and not self.parent.open_lives

    @property
    def open_lives(self) -> list[Life]:
        """Those that can hold something: in a reload there are two."""
        lives = (self.life, self.staged)
        return [life for life in lives if life is not None and not life.scope.is_closed]

    def leave_parent(self) -> None:
        """Be nobody's child any more."""
        if self.parent is not None:
            self.parent._children.pop(self, None)
            self.parent = None

    @property
    def resources(self) -> list[Resource]:
        """What it holds now, oldest first."""
        return [] if self.life is None else [*self.life.scope]

    def is_of(self, plugins: Mapping[str, Plugin]) -> bool:
        """Whether these are the plugins of its host."""
        return self._host.plugins is plugins

    @property
    def abandoned(self) -> list[Thread]:
        """Threads that were asked to stop and have not."""
        self._abandoned = tuple(thread for thread in self._abandoned if thread.is_alive())
        return [*self._abandoned]

    def abandon(self, thread: Thread) -> None:
        """List a thread that was asked to stop, until it does."""
        self._abandoned = (*self._abandoned, thread)

    def known_as(self, name: str) -> Plugin | None:
        """The plugin of this name in the same host."""
        return self._host.plugins.get(name)

    @property
    def importable(self) -> list[Plugin]:
        """The plugins that it requires or wants, as far as they are known in versions that fit."""
        return self._host.plugins.usable_by(self)

    @property
    def owner(self) -> Life:
        """Who holds what is made for this plugin: the life that asks, or else the current one."""
        asking = current_owner()
        if isinstance(asking, Life) and asking.plugin is self:
            return asking
        if self.life is None:
            raise PluginStateError(
                f"plugin {self.name!r} is {self.state.value}: it can hold nothing"
            )
        return self.life

    def own(self, thing: T, release: Callable[[], object] | None = None) -> T:
        """Hold a thing as long as the plugin is enabled: a file, a connection, a server.

        It is given back by ``release``, or by its own ``close`` or the like.
        """
        return owning.own(self, thing, release)

    def temporary_folder(self) -> Path:
        """A folder that is there as long as the plugin is enabled."""
        return owning.temporary_folder(self)

    @property
    def stopping(self) -> Event:
        """Set as soon as it begins to stop: its threads end then."""
        return self.owner.stopping

    @property
    def on_enable(self) -> LifecycleEvent:
        """What the plugin itself wants done as soon as it runs."""
        return self.owner.on_enable

    @on_enable.setter
    def on_enable(self, value: LifecycleEvent) -> None:
        self._only_in_place(value, "on_enable")

    @property
    def on_disable(self) -> LifecycleEvent:
        """What the plugin itself wants done when it is disabled."""
        return self.owner.on_disable

    @on_disable.setter
    def on_disable(self, value: LifecycleEvent) -> None:
        self._only_in_place(value, "on_disable")

    @property
    def on_unload(self) -> LifecycleEvent:
        """What the plugin itself wants done when its code goes."""
        return self.owner.on_unload

    @on_unload.setter
    def on_unload(self, value: LifecycleEvent) -> None:
        self._only_in_place(value, "on_unload")

    def busy(self, what: str = "") -> Lease:
        """Say that it is not to be replaced now: ``with plugin.busy(): ...``.

        It is a reload with ``when_idle=True`` that waits for that.
        """
        from hotplug.host.busy import Lease  # few programs say so

        return Lease(self, what)

    # what outlives its code

    @property
    def settings(self) -> Any:  # of the class that the plugin has declared
        """What it was given, as an object of its own; None if it has declared no settings."""
        given = None if self.life is None else self.life.settings
        return None if given is None else given.made()

    @property
    def settings_schema(self) -> dict[str, Any] | None:
        """What can be set, as JSON Schema says it; None if it has declared no settings."""
        given = None if self.life is None else self.life.settings
        return None if given is None else given.declaration.schema()

    @property
    def on_settings_changed(self) -> SettingsChanged:
        """What the plugin itself wants done when its settings are others."""
        # Loaded by those who use it: it brings all that settings are made of.
        from hotplug.host.settings.changing import SettingsChanged

        life = self.owner
        if life.settings_changed is None:
            life.settings_changed = SettingsChanged(life)
        changed: SettingsChanged = life.settings_changed
        return changed

    @on_settings_changed.setter
    def on_settings_changed(self, value: SettingsChanged) -> None:
        self._only_in_place(value, "on_settings_changed")

    @property
    def data_folder(self) -> Path:
        """A folder of its own, which stays until the plugin is uninstalled."""
        self._asking("use its data folder")
        return self._host.kept.files(self.name)

    @property
    def cache_folder(self) -> Path:
        """A folder for what it can make again: anyone may empty it while the plugin is stopped."""
        self._asking("use its cache folder")
        return self._host.kept.cached(self.name)

    @property
    def store(self) -> Store:
        """A few values by key, which stay until the plugin is uninstalled."""
        return self._host.kept.store(self.name, self._asking("use its store"))

    def _asking(self, wish: str) -> Life | None:
        """The life whose code asks, or None for the application; other plugins are refused.

        It is who runs, or else whose code has called: a function that has outlived its plugin
        is late code, whoever calls it.
        """
        running = current_owner()
        calling = sys._getframe(2).f_builtins.get(MARK)  # pyright: ignore[reportPrivateUsage]
        for life in (running, calling):
            if isinstance(life, Life) and life.plugin is self:
                life.check(wish)
                return life
        if isinstance(calling, Life):
            raise NotAllowed(
                f"plugin {calling.name!r} cannot {wish.replace('its', 'the')} of plugin "
                f"{self.name!r}\n  the one may offer it to others, with a @syscall"
            )
        return None

    def _only_in_place(self, value: object, name: str) -> None:
        if value is not getattr(self, name):  # it comes from `+=` and `-=`
            raise AttributeError(f"{name} cannot be replaced; subscribe with += or .on")

    # what can be done to it

    def load(self) -> None:
        """Run its module; what that makes is staged until the plugin is enabled."""
        self._host.operate(self, Operation.LOAD)

    def enable(self, *, detach: bool = False) -> None:
        """Let it run; what it requires is started first.

        With ``detach`` a child does not stop with the plugin that loaded it.
        """
        if detach:
            self._host.detach(self)
        self._host.operate(self, Operation.ENABLE)

    def disable(self, *, dependants: str = "disable") -> None:
        """Stop it, after those that require it; with ``dependants="refuse"`` only if none do."""
        self._host.operate(self, Operation.DISABLE, dependants)

    def unload(self, *, dependants: str = "disable") -> None:
        """Stop it and forget its code; no module of it is left."""
        self._host.operate(self, Operation.UNLOAD, dependants)

    def reload(self, **options: Unpack[ReloadOptions]) -> ReloadReport:
        """Replace it by what is in its files now; plugins that have imported it go along.

        Calls under way finish in the old generation. If anything fails, `ReloadError` says what,
        and nothing has changed. The options are those of `ReloadOptions`.
        """
        return carry_out(reload_of([self], options))

    async def reload_async(self, **options: Unpack[ReloadOptions]) -> ReloadReport:
        """The same inside a running loop, whose tasks go on while calls are waited for."""
        return await carry_out_async(reload_of([self], options))

    def rollback(self, **options: Unpack[ReloadOptions]) -> ReloadReport:
        """Go back to the files and the state that it had before its last reload.

        It is a reload like any other, and makes a fresh generation.
        """
        return carry_out(reload_of([self], options, back=True))

    async def rollback_async(self, **options: Unpack[ReloadOptions]) -> ReloadReport:
        """The same inside a running loop."""
        return await carry_out_async(reload_of([self], options, back=True))

    def __repr__(self) -> str:
        return f"<Plugin {self.name!r} {self.version} {self.state.value}>"

    def __str__(self) -> str:
        return self.name

"""One life of a plugin: from the moment its module runs until its generation is forgotten."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from threading import get_ident
from types import ModuleType
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar, cast

from hotplug.errors.hosting import NotAllowed, PluginGone, PluginStateError
from hotplug.hooks.looking import COROUTINE
from hotplug.hooks.signature import is_kind, location
from hotplug.host.entering import SWITCHES, run_told
from hotplug.host.lifecycle import PluginState
from hotplug.host.owner import Owner, current_owner, run_as
from hotplug.host.resources import Resource
from hotplug.host.scope import Scope, Watchers

if TYPE_CHECKING:
    from hotplug.host.generations import Generation
    from hotplug.host.plugin import Plugin
    from hotplug.host.scheduler import Scheduler

__all__ = ["Child", "Life", "LifecycleEvent"]

P = ParamSpec("P")
R = TypeVar("R")
Handler = TypeVar("Handler", bound=Callable[[], object])


class Life(Owner):
    """Who a plugin's code runs as, and what it holds, between one load and the end of it.

    ``scope`` lasts while the plugin is enabled, ``generation_scope`` while its code is there.
    """

    __slots__ = (
        "_ending",
        "generation",
        "generation_scope",
        "metadata",
        "module",
        "on_disable",
        "on_enable",
        "on_unload",
        "plugin",
        "settings",
        "settings_changed",
        "view",
    )

    def __init__(self, plugin: Plugin, number: int, watchers: Watchers) -> None:
        super().__init__(plugin.name, number, watchers)
        self.plugin = plugin
        self.metadata = plugin.metadata
        """What the manifest says of this generation."""
        if watchers.limits is not None:
            self.scope.quota = watchers.limits.quota(self)
        self.generation_scope = Scope(self, watchers)
        self.generation: Generation | None = None
        self.module: ModuleType | None = None
        self.on_enable = LifecycleEvent(self, "on_enable")
        self.on_disable = LifecycleEvent(self, "on_disable")
        self.on_unload = LifecycleEvent(self, "on_unload")
        self.view: Any = None
        self.settings: Any = None
        self.settings_changed: Any = None
        self._ending = 0

    @property
    def is_gone(self) -> bool:
        """Whether it is disabled; its ``on_unload`` handlers may use the host nevertheless."""
        return self.scope.is_closed and self._ending != get_ident()

    def check_may_stop(self, verb: str) -> None:
        """Let neither a life that is over stop the plugin, nor one that does not serve yet.

        What still runs of an earlier one may, until its end: it is a call that is under way.
        """
        if self is not self.plugin.life:
            self.check(f"{verb} its plugin")
        if self is self.plugin.staged:
            raise PluginStateError(
                f"plugin {self.name!r} cannot {verb} itself while it is being reloaded\n"
                "  a generation that is not to serve raises an error"
            )

    def call(self, function: Callable[P, R], /, *args: P.args, **kwargs: P.kwargs) -> R:
        """Call a function as this life of its plugin."""
        if SWITCHES:
            return cast(R, run_told(current_owner(), self, function, *args, **kwargs))
        return run_as(self, function, *args, **kwargs)

    @property
    def builtins(self) -> dict[str, Any]:
        """Those of its generation: names mean there what they mean in its own code."""
        return super().builtins if self.generation is None else self.generation.builtins

    @property
    def scheduler(self) -> Scheduler:
        """That of its host."""
        return self.plugin.host.scheduler

    def stop(self) -> list[BaseException]:
        """Run the ``on_disable`` handlers, and give back all it holds."""
        self.stopping.set()  # a handler may wait for a thread that looks at it
        return [*self.on_disable.run(), *self.scope.give_back()]

    def end(self) -> list[BaseException]:
        """Run the ``on_unload`` handlers, and let go of the code."""
        self._ending = get_ident()
        try:
            errors = self.on_unload.run()
        finally:
            self._ending = 0
        return [*errors, *self.generation_scope.give_back()]


class LifecycleEvent:
    """What a plugin wants done when it is enabled, disabled or unloaded; only it may subscribe.

    >>> @get_current_plugin().on_disable.on  # doctest: +SKIP
    ... def save() -> None: ...
    """

    __slots__ = ("_handlers", "_has_run", "_life", "_name")

    def __init__(self, life: Life, name: str) -> None:
        self._life = life
        self._name = name
        self._handlers: tuple[Callable[[], object], ...] = ()
        self._has_run = False

    def on(self, handler: Handler) -> Handler:
        """Call a function then; also a decorator."""
        self.subscribe(handler)
        return handler

    def subscribe(self, handler: Callable[[], object]) -> None:
        """Call a function then."""
        life = self._life
        if current_owner() is not life:
            raise NotAllowed(
                f"only plugin {life.name!r} itself may subscribe to its {self._name}\n"
                "  the application has host.add_disable_hook(...)"
            )
        if not callable(handler):
            raise TypeError(f"a handler of {self._name} is a function, not {handler!r}")
        if is_kind(handler, COROUTINE):
            raise TypeError(
                f"plugin {life.name!r} lets a coroutine function handle its {self._name}, which "
                f"awaits nothing\n  {location(handler)}\n"
                "  write a plain function; a task is cancelled with its plugin, and can clean up"
            )
        if self._has_run and not life.stopping.is_set():
            raise PluginStateError(
                f"plugin {life.name!r} subscribes to its {self._name}, whose handlers have run\n"
                f"  {location(handler)}\n"
                "  subscribe while its module loads, or call the function"
            )
        if self._has_run:
            raise PluginGone(life.name, life.number, f"subscribe to {self._name}")
        self._handlers = (*self._handlers, handler)

    def unsubscribe(self, handler: Callable[[], object]) -> None:
        """Forget a function; one that is not there is passed over."""
        handlers = [*self._handlers]
        if handler in handlers:
            handlers.remove(handler)
            self._handlers = tuple(handlers)

    def __iadd__(self, handler: Callable[[], object]) -> LifecycleEvent:
        self.subscribe(handler)
        return self

    def __isub__(self, handler: Callable[[], object]) -> LifecycleEvent:
        self.unsubscribe(handler)
        return self

    def __iter__(self) -> Iterator[Callable[[], object]]:
        return iter([*self._handlers])

    def __len__(self) -> int:
        return len(self._handlers)

    def run(self) -> list[BaseException]:
        """Call all handlers as the plugin, each once; returns what they raised."""
        errors: list[BaseException] = []
        handlers, self._handlers, self._has_run = self._handlers, (), True
        quota, what = self._life.scope.quota, self._name
        for handler in handlers:
            try:
                self._life.call(handler if quota is None else quota.timed(handler, what))
            except BaseException as error:
                error.add_note(f"plugin {self._life.name!r}: in its {self._name} handler")
                errors.append(error)
        return errors

    def __repr__(self) -> str:
        return f"<{self._name} of {self._life}, {len(self)} handlers>"


class Child(Resource):
    """A plugin that another one loaded: it is disabled with its parent."""

    kind = "child"

    def __init__(self, life: Life, child: Plugin) -> None:
        super().__init__(life)
        self.child = child

    def __eq__(self, other: object) -> bool:
        """A scope holds one for each child, whoever comes first."""
        return isinstance(other, Child) and (other.owner, other.child) == (self.owner, self.child)

    def __hash__(self) -> int:
        return hash(self.child)

    def go_live(self) -> None:
        """A child that was enabled before its parent was goes live with it."""
        if self.child.wish is PluginState.ENABLED:
            self.child.enable()

    def _activate(self) -> None:
        self.go_live()

    def _cleanup(self) -> None:
        run_as(None, self.child.disable)

    def describe(self) -> str:
        return f"child {self.child.name!r}"

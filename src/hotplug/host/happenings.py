"""What happens in a host, as hooks that plugins implement and as events that anyone hears."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, cast

from hotplug.errors.hosting import LimitExceeded, ReloadError
from hotplug.hooks.markers import HookimplMarker, HookspecMarker
from hotplug.hooks.policy import HookFailure
from hotplug.host.events import Event, SyncEvent
from hotplug.host.implementations import Hooks
from hotplug.host.owner import run_as
from hotplug.host.quitting import ERRORS, as_error
from hotplug.host.resources import Resource
from hotplug.host.watching import log_error

if TYPE_CHECKING:
    from hotplug.host.plugin import Plugin
    from hotplug.host.reloading.report import ReloadReport

__all__ = ["Happenings", "HostEvents", "HostHooks", "hostimpl"]

PROJECT: Final = "hotplug_host"

hostimpl: Final = HookimplMarker(PROJECT)
"""Marks functions of a plugin that the host calls when something happens in it."""
declared: Final = HookspecMarker(PROJECT)


class HostHooks:
    """The hooks of every host. Plugins implement them with ``@hostimpl``.

    >>> @hostimpl
    ... def plugin_enabled(plugin: Plugin) -> None: ...
    """

    @staticmethod
    @declared
    def plugin_loaded(plugin: Plugin) -> None:
        """A plugin's module has run."""

    @staticmethod
    @declared
    def plugin_enabled(plugin: Plugin) -> None:
        """A plugin runs."""

    @staticmethod
    @declared
    def plugin_disabled(plugin: Plugin) -> None:
        """A plugin has stopped, and given everything back."""

    @staticmethod
    @declared
    def plugin_failed(plugin: Plugin, error: BaseException) -> None:
        """A plugin could not be loaded or enabled."""

    @staticmethod
    @declared
    def plugin_reloaded(plugin: Plugin, report: ReloadReport) -> None:
        """A new generation has taken over, and the one before has ended."""

    @staticmethod
    @declared
    def reload_failed(plugin: Plugin, error: ReloadError) -> None:
        """A reload has come to nothing, because of this plugin."""

    @staticmethod
    @declared
    def plugin_unloaded(plugin: Plugin) -> None:
        """A plugin's code has gone."""

    @staticmethod
    @declared
    def limit_exceeded(plugin: Plugin, error: LimitExceeded) -> None:
        """A plugin wants more than its limits allow, or a call of it takes longer."""

    @staticmethod
    @declared
    def resource_registered(resource: Resource) -> None:
        """A plugin holds something new."""

    @staticmethod
    @declared
    def resource_released(resource: Resource) -> None:
        """A plugin has given something back."""

    @staticmethod
    @declared
    def context_switched(old: Plugin | None, new: Plugin | None) -> None:
        """Another plugin begins to run; None stands for the application."""


NAMES: Final = tuple(name for name in vars(HostHooks) if not name.startswith("_"))


class HostEvents:
    """The same as events: ``host.events.plugin_enabled.on(handler)``. Only the host emits them."""

    plugin_loaded: SyncEvent[[Plugin]]
    plugin_enabled: SyncEvent[[Plugin]]
    plugin_disabled: SyncEvent[[Plugin]]
    plugin_failed: SyncEvent[[Plugin, BaseException]]
    plugin_reloaded: SyncEvent[[Plugin, ReloadReport]]
    reload_failed: SyncEvent[[Plugin, ReloadError]]
    plugin_unloaded: SyncEvent[[Plugin]]
    limit_exceeded: SyncEvent[[Plugin, LimitExceeded]]
    resource_registered: SyncEvent[[Resource]]
    resource_released: SyncEvent[[Resource]]
    context_switched: SyncEvent[[Plugin | None, Plugin | None]]

    def __init__(self, changed: Callable[[], None]) -> None:
        self._changed = changed

    def __getattr__(self, name: str) -> Event[...]:
        if name not in NAMES:
            raise AttributeError(f"a host has no event {name!r}; there are: {', '.join(NAMES)}")
        made: Event[...] = SyncEvent(vars(HostHooks)[name].__func__, None, protected=True)
        self.__dict__[name] = made
        self._changed()
        return made


class Happenings:
    """Tells what happens in one host. What fails at that is logged."""

    def __init__(self, changed: Callable[[], None]) -> None:
        self.hooks: Hooks[HostHooks] = Hooks(PROJECT, HostHooks, log_failure, self._look, ERRORS)
        self.events = HostEvents(self._look)
        self.wanted: frozenset[str] = frozenset()
        """What someone wants to be told of."""
        self._changed = changed

    def _look(self) -> None:
        hook = cast("dict[str, Any]", vars(self.hooks.sync.hook))
        implemented = {name for name in NAMES if hook[name].get_hookimpls()}
        self.wanted = frozenset({*implemented, *(name for name in NAMES if name in self._made)})
        self._changed()

    @property
    def _made(self) -> dict[str, Event[...]]:
        return vars(self.events)

    def tell(self, name: str, **what: Any) -> None:
        """Call the hook, then emit the event, as the application."""
        if name in self.wanted:
            run_as(None, self._tell, name, what)

    def _tell(self, name: str, what: dict[str, Any]) -> None:
        vars(self.hooks.sync.hook)[name](**what)
        event = self._made.get(name)
        if event is not None:
            try:
                event(*what.values())
            except Exception as error:
                log_error(f"handlers of the host's event {name!r} failed", error)


def log_failure(failure: HookFailure) -> None:
    error = as_error(failure.error, f"plugin {failure.plugin_name!r}")
    log_error(f"plugin {failure.plugin_name!r} failed at {failure.hook!r}", error)

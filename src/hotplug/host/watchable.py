"""What an application can watch in a host, and how the host tells of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from hotplug.host.happenings import Happenings, HostEvents
from hotplug.host.lifecycle import PluginState
from hotplug.host.switching import Switching
from hotplug.host.watching import ResourceWatchers, Watch, log_error

if TYPE_CHECKING:
    from hotplug.host.plugin import Plugin

__all__ = ["Watchable"]

HAPPENING: Final = {
    PluginState.UNLOADED: "plugin_unloaded",
    PluginState.LOADED: "plugin_loaded",
    PluginState.ENABLED: "plugin_enabled",
    PluginState.DISABLED: "plugin_disabled",
    PluginState.ERROR: "plugin_failed",
}


class Watchable:
    """The part of a host that tells what happens in it."""

    def __init__(self, switching: Switching) -> None:
        self._enabled = Watch("an enable hook")
        self._disabled = Watch("a disable hook")
        self._failed = Watch("a failure hook")
        self._switching = switching
        self._happenings = Happenings(self._look_at_happenings)
        self.watchers = ResourceWatchers(self._happenings.tell)

    def add_enable_hook(self, function: Callable[[Plugin], object]) -> Callable[[], None]:
        """Call a function after a plugin has been enabled; returns what ends that."""
        return self._enabled.add(function)

    def add_disable_hook(self, function: Callable[[Plugin], object]) -> Callable[[], None]:
        """Call a function after a plugin has been disabled; returns what ends that."""
        return self._disabled.add(function)

    def add_failure_hook(
        self, function: Callable[[Plugin, BaseException], object]
    ) -> Callable[[], None]:
        """Call a function after a plugin has failed to load or start; returns what ends that."""
        return self._failed.add(function)

    @property
    def events(self) -> HostEvents:
        """What happens in the host, as events: ``host.events.plugin_enabled.on(handler)``."""
        return self._happenings.events

    def _look_at_happenings(self) -> None:
        wanted = "context_switched" in self._happenings.wanted
        if wanted:
            self._switching.add_once(self._tell_of_switch)
        else:
            self._switching.remove(self._tell_of_switch)

    def _tell_of_switch(self, old: Plugin | None, new: Plugin | None) -> None:
        self._happenings.tell("context_switched", old=old, new=new)

    def add_context_switch_hook(
        self, function: Callable[[Plugin | None, Plugin | None], object]
    ) -> Callable[[], None]:
        """Call a function with the plugin that ran and the one that runs from here on.

        None stands for the application. Calls cost more while there is such a function. Returns
        what ends that.
        """
        return self._switching.add(function)

    def remove_context_switch_hook(
        self, function: Callable[[Plugin | None, Plugin | None], object]
    ) -> None:
        self._switching.remove(function)

    def remove_enable_hook(self, function: Callable[[Plugin], object]) -> None:
        self._enabled.remove(function)

    def remove_disable_hook(self, function: Callable[[Plugin], object]) -> None:
        self._disabled.remove(function)

    def remove_failure_hook(self, function: Callable[[Plugin, BaseException], object]) -> None:
        self._failed.remove(function)

    def tell(self, plugin: Plugin, before: PluginState) -> list[BaseException]:
        """Tell the hooks of a change; returns what those of a stop raised, and logs the others."""
        state = plugin.state
        if state is before:
            return []
        errors: list[BaseException] = []
        if state is PluginState.ENABLED:
            errors = self._enabled.tell(plugin)
        elif state is PluginState.ERROR:
            errors = self._failed.tell(plugin, plugin.error)
        elif before is PluginState.ENABLED:
            errors = self._disabled.tell(plugin)
        if HAPPENING[state] in self._happenings.wanted:
            error = {"error": plugin.error} if state is PluginState.ERROR else {}
            self._happenings.tell(HAPPENING[state], plugin=plugin, **error)
        if before is PluginState.ENABLED and state is not PluginState.ERROR:
            return errors
        for each in errors:
            if not isinstance(each, Exception):
                raise each
            log_error(f"a hook that was told of plugin {plugin.name!r} failed", each)
        return []

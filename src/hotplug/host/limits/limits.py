"""The limits of one host: which plugin has which, and what happens where one is exceeded."""

from __future__ import annotations

from collections.abc import Mapping
from threading import get_ident
from typing import TYPE_CHECKING, Any

from hotplug.errors.holding import Holding
from hotplug.errors.hosting import LimitExceeded
from hotplug.hooks.records import HookImpl
from hotplug.host.implementations import Implementations
from hotplug.host.lifecycle import PluginState, Step
from hotplug.host.limits.quota import Quota
from hotplug.host.limits.setting import AWAIT, CALL, Setting, settings_for
from hotplug.host.limits.watchdog import Watchdog
from hotplug.host.owner import run_as
from hotplug.host.watching import log_error
from hotplug.manifest.documents import is_table

if TYPE_CHECKING:
    from hotplug.host.host import PluginHost
    from hotplug.host.life import Life
    from hotplug.host.plugin import Plugin

__all__ = ["Limits"]


class Limits:
    """What the plugins of one host may hold, and how long they may take."""

    def __init__(self, host: PluginHost[Any]) -> None:
        self.host = host
        self.watchdog = Watchdog(self)
        self.monotonic = self.watchdog.monotonic
        self._settings: dict[str | None, Mapping[str, Setting]] = {}
        self._telling: set[tuple[int, Plugin]] = set()

    def settings(self, plugin: str | None = None) -> Mapping[str, Setting]:
        """The limits of a plugin, or those of all, by their names."""
        found = self._settings.get(plugin)
        if found is None:
            found = self._settings[plugin] = settings_for(self.host.project, plugin)
        return found

    @property
    def have_deadlines(self) -> bool:
        """Whether the time of calls is limited for any plugin."""
        tables = [self.host.project.limits, *self.host.project.limits.values()]
        return any(key in table for table in tables if is_table(table) for key in (CALL, AWAIT))

    def measured(self, item: HookImpl) -> HookImpl:
        """An implementation of a hook as it is called, where the time of its plugin is limited."""
        plugin, function = item.plugin, item.function
        if not isinstance(plugin, Implementations):
            return item
        quota = plugin.owner.scope.quota
        if quota is None:
            return item
        timed = quota.timed(function, f"hook {item.hook_name!r}")
        return HookImpl(item.hook_name, item.plugin_name, plugin, timed, item.contribution)

    def quota(self, life: Life) -> Quota | None:
        """What a life of a plugin may hold; None is anything."""
        settings = self.settings(life.name)
        return Quota(self, life, settings) if settings else None

    def stored(self, name: str) -> int:
        """How many bytes the store of a plugin takes."""
        return self.host.kept.store_file(name).size

    def admit_stored(self, name: str, size: int) -> None:
        """Refuse a store that would be too large, unless it is larger now."""
        setting = self.settings(name).get("stored_bytes")
        if setting is not None and size > max(setting.value, self.stored(name)):
            raise self.exceeded(name, setting, f"cannot store {size} bytes")

    def exceeded(
        self,
        name: str,
        setting: Setting,
        what: str,
        holders: tuple[Holding, ...] = (),
        *,
        quietly: bool = False,
    ) -> LimitExceeded:
        """The error of a plugin, after the host has told of it."""
        limit, value, where = setting.name, setting.value, setting.where
        error = LimitExceeded(name, limit, value, what, where, holders, setting.key)
        plugin = self.host.plugins.get(name)
        if plugin is not None and not quietly:
            self._tell(plugin, error, setting)
        return error

    def _tell(self, plugin: Plugin, error: LimitExceeded, setting: Setting) -> None:
        # What is told of it may do too much itself.
        me = (get_ident(), plugin)
        if me not in self._telling:
            self._telling.add(me)
            try:
                self.host.tell_of_breach(plugin, error)
                if setting.on_breach == "disable":
                    disable(plugin, error)
            finally:
                self._telling.discard(me)


def disable(plugin: Plugin, error: LimitExceeded) -> None:
    """Stop a plugin. One whose module runs fails to load, if it lets the error out."""
    if plugin.step is Step.RUN:
        return
    try:
        run_as(None, plugin.disable)
    except Exception as failure:
        log_error(f"plugin {plugin.name!r} exceeded a limit, and could not be disabled", failure)
    if plugin.state is PluginState.DISABLED:
        plugin.reason = f"it was disabled: it {error.what}"

"""The plugins of a host as they would be with other manifests: what would keep them."""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from typing import TYPE_CHECKING

from hotplug.errors.hosting import DependencyError
from hotplug.host.dependencies import Plugins
from hotplug.host.lifecycle import RUNNING

if TYPE_CHECKING:
    from hotplug.host.plugin import Plugin
    from hotplug.manifest import PluginMetadata

__all__ = ["Trial"]


class Trial:
    """Tells of manifests whether all that runs could run with them; nothing is changed for it."""

    def __init__(self, plugins: Plugins, manifests: Mapping[Plugin, PluginMetadata]) -> None:
        self._plugins = plugins
        self._trial: Plugins | None = None
        changed = {each: new for each, new in manifests.items() if new != each.metadata}
        if not changed:
            return
        self._trial = Plugins(plugins.api_version)
        self._trial.obstacle_sources = plugins.obstacle_sources
        for plugin in plugins.values():
            stand_in = copy(plugin)
            stand_in.metadata = changed.get(plugin, plugin.metadata)
            stand_in.life = stand_in.replaced = None  # a traceback may hold on to it for long
            self._trial.add(stand_in)

    def check(self) -> None:
        """Raise what would keep a plugin that runs from that."""
        for plugin in () if self._trial is None else self._trial.values():
            if plugin.state in RUNNING:
                assert self._trial is not None
                obstacle = self._trial.obstacle(plugin, to=plugin.state)
                if obstacle:
                    raise DependencyError(f"plugin {plugin.name!r} could not run: {obstacle}")

    def usable_by(self, plugin: Plugin) -> list[Plugin]:
        """The plugins that one may import."""
        if self._trial is None:
            return self._plugins.usable_by(plugin)
        usable = self._trial.usable_by(self._trial[plugin.name])
        return [self._plugins[each.name] for each in usable]

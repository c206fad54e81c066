"""The part of a host that limits what its plugins may hold, where its project says so."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, cast

from hotplug.host.loaders import ManifestLoader

if TYPE_CHECKING:
    from hotplug.errors.hosting import LimitExceeded
    from hotplug.host.happenings import Happenings
    from hotplug.host.host import PluginHost
    from hotplug.host.limits.limits import Limits
    from hotplug.host.limits.report import LimitReport
    from hotplug.host.loaders import MetadataLoader
    from hotplug.host.plugin import Plugin
    from hotplug.host.project import Project
    from hotplug.host.watching import ResourceWatchers

__all__ = ["Limited"]


class Limited:
    """Has no limits unless the project sets some, and then loads what enforces them."""

    project: Project
    metadata_loader: MetadataLoader
    watchers: ResourceWatchers
    _happenings: Happenings
    _hooks: Any

    def __init__(self) -> None:
        self._limits: Limits | None = None
        if not self.project.limits:
            return
        from hotplug.host.limits.limits import Limits  # few projects set limits
        from hotplug.host.limits.manifests import check_manifest

        limits = Limits(cast("PluginHost[Any]", self))
        largest = limits.settings().get("manifest_bytes")
        if largest is not None and type(self.metadata_loader) is ManifestLoader:
            self.metadata_loader = loader = ManifestLoader()
            loader.largest = int(largest.value)
            loader.check = partial(check_manifest, largest)
        if limits.have_deadlines:
            for manager in (*self._hooks.managers, *self._happenings.hooks.managers):
                manager.watch_implementations(limits)
        self._limits = self.watchers.limits = limits

    def limits(self) -> LimitReport:
        """Each limit that is set for a plugin, where it is set, and what the plugin has of it."""
        from hotplug.host.limits.report import LimitReport, report  # only for people who look

        return LimitReport() if self._limits is None else report(self._limits)

    def admit_stored(self, name: str, size: int) -> None:
        """Raise `LimitExceeded` where a plugin of this name may not store so many bytes."""
        if self._limits is not None:
            self._limits.admit_stored(name, size)

    def tell_of_breach(self, plugin: Plugin, error: LimitExceeded) -> None:
        """Let all know who want to."""
        self._happenings.tell("limit_exceeded", plugin=plugin, error=error)

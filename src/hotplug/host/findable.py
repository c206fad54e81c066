"""The part of a host that finds plugins by name, and starts what its project wants."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from hotplug.errors import RegistrationError
from hotplug.host.loaders import (
    GenerationLoader,
    ManifestLoader,
    MetadataLoader,
    PluginLoader,
    place_named,
)
from hotplug.host.project import Project, ProjectSource
from hotplug.manifest import ManifestError, PluginMetadata, Problem

if TYPE_CHECKING:
    from hotplug.host.dependencies import Plugins
    from hotplug.host.host import PluginHost
    from hotplug.host.plugin import Plugin
    from hotplug.host.registry.discovery import Discovery
    from hotplug.host.registry.policy import Policy
    from hotplug.host.registry.records import Found, Origin
    from hotplug.host.registry.registry import Registry
    from hotplug.host.registry.wanted import Wanted
    from hotplug.host.starting import StartReport

__all__ = ["Findable", "Located"]

STRICT = "HOTPLUG_STRICT"


class Located(NamedTuple):
    """A plugin that can be loaded."""

    place: Path
    metadata: PluginMetadata
    origin: Origin | None = None
    """None where it was named by its place."""
    problems: tuple[Problem, ...] = ()
    """What is to be warned of."""


class Findable:
    """What a host knows of plugins that are not loaded."""

    plugins: Plugins
    loader: PluginLoader
    metadata_loader: MetadataLoader

    def __init__(self, source: ProjectSource | None, name: str, strict: bool | None) -> None:
        self.project = Project.of(source, name)
        """What the application's project says about its plugins."""
        self._strict = strict
        self._registry: Registry | None = None
        self._policy: Policy | None = None
        if self.project.decides:
            # What most hosts do without.
            from hotplug.host.registry.policy import Policy

            self._policy = Policy(self.project)

    def obey_project(self) -> None:
        """Let what the project blocks not run."""
        if self._policy is not None:
            self.plugins.obstacle_sources.append(self._policy.obstacles)

    @property
    def is_strict(self) -> bool:
        """Whether all that is left out at a start fails it: as this host, the environment says."""
        if self._strict is not None:
            return self._strict
        said = os.environ.get(STRICT, "").strip().lower()
        return said not in ("0", "false", "no") if said else self.project.strict

    @property
    def registry(self) -> Registry:
        """Where it looks for plugins."""
        if self._registry is None:
            from hotplug.host.registry.policy import (
                Policy,
            )  # for those that look for plugins by name
            from hotplug.host.registry.registry import Registry

            policy = self._policy or Policy(self.project)
            self._registry = Registry(self.project, policy, lambda: self.metadata_loader)
        return self._registry

    def discover(self) -> Discovery:
        """Look anew for plugins, and tell what was found, without running any of it.

        >>> print(host.discover())  # doctest: +SKIP
        found
          shop 1.4.0 from plugins/shop
        """
        return self.registry.discover()

    def find(self, name: str) -> Found:
        """The plugin that `load_plugin` would load by this name; `UnknownPluginError` if none."""
        from hotplug.host.registry.wanted import Wanted  # as above

        return self.registry.find(Wanted.of(name))

    def start(self) -> StartReport:
        """Load and enable what the project wants: what it requires and what it lets start.

        What cannot start is left out, told and logged; or it fails the start, where the project
        says so.
        """
        from hotplug.host.starting import log_left_out, start  # a program starts once

        report = start(cast("PluginHost[Any]", self))
        log_left_out(report)
        return report

    def locate(self, location: str | Path | None, path: str | Path | None) -> Located:
        """The plugin that `load_plugin` is asked for; none of its code is run."""
        if path is None and isinstance(location, str) and may_be_name(location):
            found = self._named(location)
            if found is not None:
                return found
        if (location is None) == (path is None):
            raise TypeError("load_plugin takes one place: load_plugin('./shop') or path=...")
        given: Any = location if path is None else path
        try:
            place = (given if isinstance(given, Path) else Path(given)).absolute()
        except TypeError:
            raise TypeError(f"a plugin's place is a str or a Path, not {given!r}") from None
        metadata: Any = self.metadata_loader.load(place)
        if not isinstance(metadata, PluginMetadata):
            its = type(self.metadata_loader).__name__
            raise TypeError(f"{its}.load() returns a PluginMetadata, and it returned {metadata!r}")
        return Located(place_named(place, self.metadata_loader), metadata)

    def _named(self, text: str) -> Located | None:
        """The plugin of a name; None where the text can only be a path."""
        if not self.project.finds and Path(text).exists():
            return None
        # Where all plugins are loaded by their places, this is not needed.
        from hotplug.host.project_values import WANTED
        from hotplug.host.registry.wanted import Wanted

        if not WANTED.is_right(text):
            return None
        wanted = Wanted.of(text)
        known = self.plugins.get(wanted.name)
        if known is not None:
            return self.locate_loaded(wanted)
        is_bare = text == wanted.name
        if is_bare and not self.project.finds:
            return None
        if is_bare and not self.registry.knows(text) and Path(text).exists():
            return None
        return self.located(self.registry.find(wanted))

    def located(self, found: Found) -> Located:
        """One that was found, if it can be loaded as its index says."""
        origin = found.origin
        if origin.sha256 and not isinstance(self.loader, GenerationLoader):
            message = f"{origin.where} gives a hash, and a plugin_loader= of your own checks none"
            raise ManifestError([Problem(message, "leave out one of the two")])
        if isinstance(self.metadata_loader, ManifestLoader):
            self.metadata_loader.check(found.location)
        return Located(found.location, found.metadata, origin, found.problems)

    def locate_loaded(self, *wanted: Wanted) -> Located:
        """The loaded plugin of a name, if it is one that is meant."""
        plugin = self.plugins[wanted[0].name]
        for each in wanted:
            if not each.means(plugin):
                raise RegistrationError(
                    f"plugin {plugin.name!r} {plugin.version} is loaded already, "
                    f"and {str(each)!r} is asked for\n"
                    f"  from: {plugin.origin}\n"
                    "  unload it first, or ask for its name alone"
                )
        return Located(plugin.location, plugin.metadata, plugin.found)

    def read_manifest(self, plugin: Plugin) -> PluginMetadata:
        """What a plugin says of itself now."""
        origin = plugin.found
        if origin is not None and origin.kind == "distribution":
            return self.registry.read(origin, plugin.name)
        return self.metadata_loader.load(plugin.location)


def may_be_name(text: str) -> bool:
    """Whether a text could be a name, and need not be a path."""
    return not ("/" in text or os.sep in text or text.endswith(".py"))

"""Commands: functions that plugins offer by name, in their manifests, to whoever asks the host."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from hotplug.errors.hosting import PluginStateError, UnknownPluginError
from hotplug.host.syscalls import runs_as

if TYPE_CHECKING:
    from hotplug.host.plugin import Plugin

__all__ = ["Command", "Commands"]


class Command:
    """A function of a plugin. Calling it runs it as the plugin; a lazy one is started by it.

    >>> host.commands["bill"]("Ada")  # doctest: +SKIP
    """

    def __init__(self, plugin: Plugin, name: str) -> None:
        self.plugin = plugin
        self.name = name

    @property
    def function(self) -> Any:
        """The function, which runs as its plugin whoever calls it."""
        plugin = self.plugin
        module = plugin.module
        if not plugin.is_running:
            because = f": {plugin.reason}" if plugin.reason else ""
            raise PluginStateError(
                f"command {self.name!r} of plugin {plugin.name!r} cannot be run: "
                f"the plugin is {plugin.state.value}{because}"
            )
        return runs_as(plugin.life, getattr(module, self.name))

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self.function(*args, **kwargs)

    def __repr__(self) -> str:
        return f"<Command {self.name!r} of plugin {self.plugin.name!r}>"


class Commands:
    """The commands of a host's plugins: by name, or by plugin and name as in ``shop:bill``."""

    def __init__(self, plugins: Mapping[str, Plugin]) -> None:
        self._plugins = plugins

    def __getitem__(self, name: str) -> Command:
        of_plugin, _, plain = name.rpartition(":")
        found = [
            Command(plugin, plain)
            for plugin in self._plugins.values()
            if plain in plugin.metadata.commands and of_plugin in ("", plugin.name)
        ]
        if len(found) > 1:
            ways = ", ".join(repr(f"{each.plugin.name}:{plain}") for each in found)
            raise UnknownPluginError(f"several plugins have a command {name!r}; say {ways}")
        if not found:
            there = ", ".join(self) or "none"
            raise UnknownPluginError(f"no plugin has a command {name!r}; there are: {there}")
        return found[0]

    def __iter__(self) -> Iterator[str]:
        """Their names; where several plugins have one of a name, with the plugin before it."""
        every = self._every()
        names = [name for _, name in every]
        for plugin, name in every:
            yield name if names.count(name) == 1 else f"{plugin}:{name}"

    def __contains__(self, name: object) -> bool:
        return any(name in (each, f"{plugin}:{each}") for plugin, each in self._every())

    def __len__(self) -> int:
        return len(self._every())

    def _every(self) -> list[tuple[str, str]]:
        plugins = [*self._plugins.values()]
        return [(plugin.name, name) for plugin in plugins for name in plugin.metadata.commands]

    def __repr__(self) -> str:
        return f"<Commands {', '.join(self) or 'none'}>"

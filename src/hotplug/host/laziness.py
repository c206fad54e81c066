"""Lazy plugins: enabled without their code, which runs with the first use of what they offer.

What they offer stands in their manifests; `offers` compares it with the code as soon as that runs.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from threading import Lock, get_ident
from typing import TYPE_CHECKING, Any, Final
from weakref import ref

from hotplug.errors import PluginValidationError
from hotplug.host.lifecycle import Operation, PluginState
from hotplug.host.owner import run_as
from hotplug.host.watching import log_error

if TYPE_CHECKING:
    from hotplug.host.host import PluginHost
    from hotplug.host.plugin import Plugin

__all__ = ["ASLEEP", "Laziness", "first_use"]

ASLEEP: Final = (PluginState.UNLOADED, PluginState.DISABLED)


class Laziness:
    """Which plugins of a host wait for their first use."""

    def __init__(self, host: PluginHost[Any]) -> None:
        self._host = host
        self._waiting: dict[Plugin, list[Callable[[], None]]] = {}
        self._users: set[tuple[Plugin, int]] = set()
        self._lock = Lock()

    def defers(self, plugin: Plugin, operation: Operation) -> bool:
        """Whether enabling a plugin is left to its first use, for which it waits from now on."""
        if operation is not Operation.ENABLE or plugin.state not in ASLEEP:
            return False
        if any(used is plugin for used, _ in [*self._users]):
            return False
        if not self._waiting:
            self._host.namespace.wanted = partial(use_imported, ref(self))
        if plugin not in self._waiting:
            self._waiting[plugin] = [
                self._watch(plugin, number, name)
                for number, name in enumerate(plugin.metadata.hooks)
            ]
        plugin.reason = first_use(plugin)
        return True

    def _watch(self, plugin: Plugin, number: int, name: str) -> Callable[[], None]:
        for manager in (self._host.hooks, self._host.async_hooks):
            if name in vars(manager.hook):
                return manager.before_next_call(manager.hook_of(name), partial(self.use, plugin))
        place = f"{plugin.metadata.file}:{plugin.metadata.line_of('hooks', number)}"
        raise PluginValidationError(
            plugin.name, f"waits for hook {name!r}, which nobody declares\n  {place}"
        )

    def waits(self, plugin: Plugin) -> bool:
        """Whether a plugin runs as soon as it is used."""
        return plugin in self._waiting and plugin.wish is PluginState.ENABLED

    def use(self, plugin: Plugin) -> None:
        """Start a plugin that has waited for this; if it fails that is logged, and it is over."""
        user = (plugin, get_ident())
        if user in self._users:
            return  # its own code uses what it offers
        if self.waits(plugin):
            self._users.add(user)
            try:
                run_as(None, plugin.enable)
            except Exception as error:
                log_error(f"plugin {plugin.name!r}, which is used now, cannot start", error)
            finally:
                self._users.discard(user)
        self.forget(plugin)

    def use_imported(self, package: str) -> None:
        """Start the plugin of this name in imports, if it waits."""
        for plugin in [*self._waiting]:
            if plugin.metadata.identifier == package:
                self.use(plugin)

    def forget(self, plugin: Plugin) -> None:
        """Wait for nothing more."""
        with self._lock:
            ends = self._waiting.pop(plugin, [])
        for end in ends:
            end()


def use_imported(laziness: ref[Laziness], package: str) -> None:
    """The same for a namespace, which must not keep the host."""
    found = laziness()
    if found is not None:
        found.use_imported(package)


def first_use(plugin: Plugin) -> str:
    """What a lazy plugin waits for, in a sentence."""
    metadata = plugin.metadata
    kinds = {"hook": metadata.hooks, "event": metadata.events, "command": metadata.commands}
    named = [f"{kind} {name!r}" for kind, names in kinds.items() for name in names]
    return f"it is lazy: it starts with the first use of {' or '.join(named) or 'its module'}"

"""What all plugins of a host hold, and whom to tell of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from hotplug.errors.hosting import LimitExceeded, PluginStateError
from hotplug.host.lifecycle import Operation
from hotplug.host.operations import ask_permission
from hotplug.host.quitting import as_error
from hotplug.host.resources import Resource
from hotplug.host.scope import raise_together

if TYPE_CHECKING:
    from hotplug.host.host import PluginHost
    from hotplug.host.plugin import Plugin

__all__ = ["ResourceManager"]


class ResourceManager:
    """Takes the resources that plugins make, lists them, and gives them back.

    >>> get_current_plugin().host.resource_manager.register(connection)  # doctest: +SKIP
    """

    def __init__(self, host: PluginHost[Any]) -> None:
        self._host = host

    def register(self, resource: Resource) -> None:
        """Let a resource belong to its plugin; it is given back when the plugin stops."""
        if not isinstance(resource, Resource):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise TypeError(
                f"{resource!r} is not a Resource; derive its class from hotplug.Resource"
            )
        if not hasattr(resource, "owner"):
            raise TypeError(
                f"{type(resource).__name__} has an __init__ of its own that leaves out "
                "super().__init__(plugin)"
            )
        if not resource.enabled:
            raise PluginStateError(f"{resource!r} was given back already; make a new one")
        try:
            resource.owner.scope.add(resource)
        except LimitExceeded:
            resource.disable()  # nobody else has it yet
            raise

    def get_resources(self, plugin: Plugin) -> list[Resource]:
        """What a plugin holds now, oldest first. Changing the list changes nothing else."""
        return plugin.resources

    def cleanup_plugin(self, plugin: Plugin) -> None:
        """Give back all that a plugin holds, newest first, and let it run on."""
        ask_permission(plugin, Operation.DISABLE)
        errors: list[BaseException] = []
        for resource in reversed(plugin.resources):
            try:
                resource.disable()
            except BaseException as error:
                errors.append(as_error(error, f"plugin {plugin.name!r}"))
        raise_together(f"plugin {plugin.name!r}", errors)

    def add_register_hook(self, function: Callable[[Resource], object]) -> Callable[[], None]:
        """Call a function with each resource that is registered; returns what ends that."""
        return self._host.watchers.registered.add(function)

    def add_cleanup_hook(self, function: Callable[[Resource], object]) -> Callable[[], None]:
        """Call a function with each resource that was given back; returns what ends that."""
        return self._host.watchers.released.add(function)

    def remove_register_hook(self, function: Callable[[Resource], object]) -> None:
        """Call it no longer."""
        self._host.watchers.registered.remove(function)

    def remove_cleanup_hook(self, function: Callable[[Resource], object]) -> None:
        """Call it no longer."""
        self._host.watchers.released.remove(function)

"""The manager that applications hold: declare hooks, register plugins, call."""

from __future__ import annotations

from typing import Any, TypeVar

from hotplug.hooks.registry import Registry

__all__ = ["PluginManager"]

S = TypeVar("S")


class PluginManager(Registry[S]):
    """Declares hooks, registers plugins, and calls them.

    >>> from hotplug import HookimplMarker, HookspecMarker
    >>> class Specs:
    ...     @HookspecMarker("greeter")
    ...     def greeting(self, name: str) -> str: ...
    >>> class Casual:
    ...     @HookimplMarker("greeter")
    ...     def greeting(self, name: str) -> str:
    ...         return f"hey {name}!"
    >>> pm = PluginManager("greeter", Specs)
    >>> pm.register(Casual(), name="casual")
    'casual'
    >>> pm.hook.greeting(name="Ada")
    ['hey Ada!']
    """

    def caller(self, spec: Any) -> Any:
        """The hook that a declaration stands for, exactly typed."""
        return self.hook_of(spec).caller.function

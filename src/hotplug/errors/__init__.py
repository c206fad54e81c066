"""The errors of hotplug: few, and each also the builtin that a user would expect."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

__all__ = [
    "DependencyError",
    "EventError",
    "HookCallError",
    "HookErrors",
    "HookSpecError",
    "HotplugError",
    "NotAllowed",
    "PluginErrors",
    "PluginExit",
    "PluginGone",
    "PluginImportError",
    "PluginStateError",
    "PluginTimeout",
    "PluginValidationError",
    "RegistrationError",
    "UnknownHookError",
    "UnknownPluginError",
    "WrapperError",
]


class HotplugError(Exception):
    """What every error of hotplug derives from.

    Errors raised by plugins are never wrapped in it: they keep their own type.
    """


class HookSpecError(HotplugError, ValueError):
    """A hook is declared in a way that cannot work, or declared twice."""


class RegistrationError(HotplugError, ValueError):
    """A plugin cannot be registered under this name, or is there already."""


class PluginValidationError(HotplugError, ValueError):
    """A plugin does not fit the hooks it implements; nothing of it was registered.

    >>> error = PluginValidationError("shop", "implements no hook of 'greeter'")
    >>> error.plugin_name
    'shop'
    """

    def __init__(self, plugin_name: str, message: str) -> None:
        super().__init__(plugin_name, message)
        self.plugin_name = plugin_name
        self.message = message

    def __str__(self) -> str:
        return f"plugin {self.plugin_name!r} {self.message}"


class PluginImportError(HotplugError, ImportError):
    """A plugin is imported that is not there, or that the importing plugin does not require.

    ``name`` is the module that was asked for, as with every ImportError.
    """


class UnknownHookError(HotplugError, AttributeError, LookupError):
    """No hook of this name is declared."""


class HookCallError(HotplugError, TypeError):
    """A hook was called in a way its kind does not allow."""


class WrapperError(HotplugError, RuntimeError):
    """A wrapper did not yield exactly once."""


class HookErrors(HotplugError, ExceptionGroup[Exception]):
    """What the implementations of one call raised, under the error policy ``collect``.

    ``results`` holds what the others returned.
    """

    results: object = None

    def derive(self, excs: Sequence[Any], /) -> Any:  # a HookErrors; the stubs want overloads
        group = HookErrors(self.message, excs)
        group.results = self.results
        return group


class EventError(HotplugError, TypeError):
    """An event is declared, subscribed to or emitted in a way that cannot work."""


class PluginGone(HotplugError, RuntimeError):
    """Code of a plugin that has been disabled or replaced still tries to do something.

    >>> raise PluginGone("shop", 2, "set a timer")
    Traceback (most recent call last):
    hotplug.errors.PluginGone: plugin 'shop' (generation 2) has ended: it cannot set a timer
    """

    def __init__(self, plugin_name: str, generation: int, wish: str) -> None:
        super().__init__(plugin_name, generation, wish)
        self.plugin_name = plugin_name
        self.generation = generation
        self.wish = wish

    def __str__(self) -> str:
        return (
            f"plugin {self.plugin_name!r} (generation {self.generation}) has ended: "
            f"it cannot {self.wish}"
        )


class PluginStateError(HotplugError, RuntimeError):
    """A plugin is not in a state in which this can be done."""


class NotAllowed(HotplugError, RuntimeError, PermissionError):
    """Someone does what only another may: the owner of an event, a plugin's parent, the host."""


class DependencyError(HotplugError, RuntimeError):
    """A plugin cannot run, because another one does not."""


class UnknownPluginError(HotplugError, LookupError):
    """No plugin of this name is loaded."""


class PluginExit(HotplugError, RuntimeError):
    """A plugin called ``sys.exit``, which ends the plugin and not the program."""


class PluginTimeout(HotplugError, TimeoutError):
    """A plugin did not come back in the time that it was given."""


class PluginErrors(HotplugError, ExceptionGroup[Exception]):
    """What several steps or plugins raised; none of them kept the others from their turn."""

    def derive(self, excs: Sequence[Any], /) -> Any:  # the stubs want overloads
        return PluginErrors(self.message, excs)

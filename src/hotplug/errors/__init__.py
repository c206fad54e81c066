"""The errors of hotplug: few, and each also the builtin that a user would expect.

Those that only a host raises are written down in `hosting`, and reached from here all the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hotplug.errors.hosting import (
        DataError,
        DependencyError,
        EventError,
        LimitExceeded,
        NotAllowed,
        NotReady,
        PluginErrors,
        PluginExit,
        PluginGone,
        PluginImportError,
        PluginStateError,
        PluginTimeout,
        ReloadError,
        RestartRequired,
        StartError,
        UnknownPluginError,
    )

__all__ = [
    "DataError",
    "DependencyError",
    "EventError",
    "HookCallError",
    "HookErrors",
    "HookSpecError",
    "HotplugError",
    "LimitExceeded",
    "NotAllowed",
    "NotReady",
    "PluginErrors",
    "PluginExit",
    "PluginGone",
    "PluginImportError",
    "PluginStateError",
    "PluginTimeout",
    "PluginValidationError",
    "RegistrationError",
    "ReloadError",
    "RestartRequired",
    "StartError",
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


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module  # what only the host raises waits until it is asked for

    value = globals()[name] = getattr(import_module(f"{__name__}.hosting"), name)
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})

"""hotplug: hooks that cost less than a loop, and the plugins that implement them.

>>> import hotplug
>>> hookspec = hotplug.HookspecMarker("greeter")
>>> hookimpl = hotplug.HookimplMarker("greeter")
"""

from __future__ import annotations

from hotplug.errors import (
    HookCallError,
    HookErrors,
    HookSpecError,
    HotplugError,
    PluginValidationError,
    RegistrationError,
    UnknownHookError,
    WrapperError,
)
from hotplug.hooks.aio import AsyncPluginManager
from hotplug.hooks.manager import PluginManager
from hotplug.hooks.markers import (
    Extension,
    ExtensionOpts,
    ExtensionPoint,
    ExtensionPointOpts,
    HookimplMarker,
    HookimplOpts,
    HookspecMarker,
    HookspecOpts,
)
from hotplug.hooks.policy import HookFailure
from hotplug.hooks.records import HookImpl, PluginResult
from hotplug.hooks.subclasses import PluginBase
from hotplug.hooks.typed import AsyncHooks

__all__ = [
    "AsyncHooks",
    "AsyncPluginManager",
    "Extension",
    "ExtensionOpts",
    "ExtensionPoint",
    "ExtensionPointOpts",
    "HookCallError",
    "HookErrors",
    "HookFailure",
    "HookImpl",
    "HookSpecError",
    "HookimplMarker",
    "HookimplOpts",
    "HookspecMarker",
    "HookspecOpts",
    "HotplugError",
    "PluginBase",
    "PluginManager",
    "PluginResult",
    "PluginValidationError",
    "RegistrationError",
    "UnknownHookError",
    "WrapperError",
    "__version__",
]


def __getattr__(name: str) -> str:
    if name == "__version__":
        from importlib.metadata import version  # only when asked: it doubles the import time

        return version("hotplug")
    raise AttributeError(f"module 'hotplug' has no attribute {name!r}")

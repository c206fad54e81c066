"""hotplug: hooks that cost less than a loop, and the plugins that implement them.

>>> import hotplug
>>> hookspec = hotplug.HookspecMarker("greeter")
>>> hookimpl = hotplug.HookimplMarker("greeter")
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

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

if TYPE_CHECKING:
    from hotplug.hooks.aio import AsyncPluginManager
    from hotplug.hooks.discovery import EntryPointFailure, EntryPointLoadReport
    from hotplug.hooks.explain import Explanation
    from hotplug.hooks.manager import PluginManager
    from hotplug.hooks.markers import (
        AsyncHooks,
        Extension,
        ExtensionOpts,
        ExtensionPoint,
        ExtensionPointOpts,
        HookimplMarker,
        HookimplOpts,
        HookspecMarker,
        HookspecOpts,
    )
    from hotplug.hooks.monitor import HookTimings, Outcome
    from hotplug.hooks.policy import HookFailure
    from hotplug.hooks.records import HookImpl
    from hotplug.hooks.results import PluginResult
    from hotplug.hooks.subclasses import PluginBase
    from hotplug.hooks.typed import (
        AsyncCollectingCaller,
        AsyncFirstResultCaller,
        AsyncHistoricCaller,
        AsyncPipelineCaller,
        CollectingCaller,
        FirstResultCaller,
        HistoricCaller,
        PipelineCaller,
    )
    from hotplug.manifest import ManifestError, ManifestWarning, PluginMetadata

    __version__: str

__all__ = [
    "AsyncCollectingCaller",
    "AsyncFirstResultCaller",
    "AsyncHistoricCaller",
    "AsyncHooks",
    "AsyncPipelineCaller",
    "AsyncPluginManager",
    "CollectingCaller",
    "EntryPointFailure",
    "EntryPointLoadReport",
    "Explanation",
    "Extension",
    "ExtensionOpts",
    "ExtensionPoint",
    "ExtensionPointOpts",
    "FirstResultCaller",
    "HistoricCaller",
    "HookCallError",
    "HookErrors",
    "HookFailure",
    "HookImpl",
    "HookSpecError",
    "HookTimings",
    "HookimplMarker",
    "HookimplOpts",
    "HookspecMarker",
    "HookspecOpts",
    "HotplugError",
    "ManifestError",
    "ManifestWarning",
    "Outcome",
    "PipelineCaller",
    "PluginBase",
    "PluginManager",
    "PluginMetadata",
    "PluginResult",
    "PluginValidationError",
    "RegistrationError",
    "UnknownHookError",
    "WrapperError",
    "__version__",
]

LAZY: Final = {
    "AsyncCollectingCaller": "hooks.typed",
    "AsyncFirstResultCaller": "hooks.typed",
    "AsyncHistoricCaller": "hooks.typed",
    "AsyncHooks": "hooks.markers",
    "AsyncPipelineCaller": "hooks.typed",
    "AsyncPluginManager": "hooks.aio",
    "CollectingCaller": "hooks.typed",
    "EntryPointFailure": "hooks.discovery",
    "EntryPointLoadReport": "hooks.discovery",
    "Explanation": "hooks.explain",
    "Extension": "hooks.markers",
    "ExtensionOpts": "hooks.markers",
    "ExtensionPoint": "hooks.markers",
    "ExtensionPointOpts": "hooks.markers",
    "FirstResultCaller": "hooks.typed",
    "HistoricCaller": "hooks.typed",
    "HookFailure": "hooks.policy",
    "HookImpl": "hooks.records",
    "HookTimings": "hooks.monitor",
    "HookimplMarker": "hooks.markers",
    "HookimplOpts": "hooks.markers",
    "HookspecMarker": "hooks.markers",
    "HookspecOpts": "hooks.markers",
    "ManifestError": "manifest",
    "ManifestWarning": "manifest",
    "Outcome": "hooks.monitor",
    "PipelineCaller": "hooks.typed",
    "PluginBase": "hooks.subclasses",
    "PluginManager": "hooks.manager",
    "PluginMetadata": "manifest",
    "PluginResult": "hooks.results",
}
"""The module of each name, loaded when it is first asked for: no program pays for the rest."""


def __getattr__(name: str) -> Any:
    if name in LAZY:
        from importlib import import_module

        value = getattr(import_module(f"hotplug.{LAZY[name]}"), name)
    elif name == "__version__":
        from importlib.metadata import version  # it takes longer than the rest of the import

        value = version("hotplug")
    else:
        raise AttributeError(f"module 'hotplug' has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})

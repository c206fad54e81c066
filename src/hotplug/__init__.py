"""hotplug: hooks that cost less than a loop, and the plugins that implement them.

>>> import hotplug
>>> hookspec = hotplug.HookspecMarker("greeter")
>>> hookimpl = hotplug.HookimplMarker("greeter")

PYTEST_DONT_REWRITE: pytest warns of modules with fixtures that are imported before it looks for
them, and hotplug may be what pytest itself runs on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
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
    from hotplug.errors.holding import Holding
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
    from hotplug.host.commands import Command
    from hotplug.host.contexts import (
        get_current_plugin,
        host_call,
        plugin_context,
        set_current_plugin,
    )
    from hotplug.host.data.store import Store
    from hotplug.host.declaring import event
    from hotplug.host.default import get_default_host, load_plugin, set_default_host
    from hotplug.host.diagnosis import Cause, Diagnosis
    from hotplug.host.events import Event
    from hotplug.host.following.watch import FileWatch
    from hotplug.host.forecast import Forecast, StateChange
    from hotplug.host.graphs import Graph, GraphEdge, GraphNode
    from hotplug.host.happenings import HostHooks, hostimpl
    from hotplug.host.host import PluginHost
    from hotplug.host.ledger import Ledger
    from hotplug.host.lifecycle import PluginState
    from hotplug.host.limits.report import LimitReport, LimitUse
    from hotplug.host.loaders import MetadataLoader, PluginLoader
    from hotplug.host.logs import PluginFormatter, PluginLogger, get_logger, log
    from hotplug.host.obstacles import Obstacle, Proposal
    from hotplug.host.owner import Owner
    from hotplug.host.plugin import Plugin
    from hotplug.host.registry.discovery import Discovery
    from hotplug.host.registry.records import Origin
    from hotplug.host.reloading.report import ReloadReport
    from hotplug.host.reloading.terms import ReloadOptions
    from hotplug.host.resources import Resource
    from hotplug.host.scheduler import LoopScheduler
    from hotplug.host.scheduler_threads import ThreadScheduler
    from hotplug.host.settings.bounds import Bounds
    from hotplug.host.settings.declaring import settings
    from hotplug.host.settings.problems import SettingsError
    from hotplug.host.settings.secret import Secret
    from hotplug.host.starting import StartReport
    from hotplug.host.subscriptions import EventSubscription
    from hotplug.host.syscalls import syscall
    from hotplug.host.timers import Timer, set_interval, set_timeout
    from hotplug.manifest import ManifestError, ManifestWarning, PluginMetadata
    from hotplug.observe.profile import Profile

    __version__: str

__all__ = [
    "AsyncCollectingCaller",
    "AsyncFirstResultCaller",
    "AsyncHistoricCaller",
    "AsyncHooks",
    "AsyncPipelineCaller",
    "AsyncPluginManager",
    "Bounds",
    "Cause",
    "CollectingCaller",
    "Command",
    "DataError",
    "DependencyError",
    "Diagnosis",
    "Discovery",
    "EntryPointFailure",
    "EntryPointLoadReport",
    "Event",
    "EventError",
    "EventSubscription",
    "Explanation",
    "Extension",
    "ExtensionOpts",
    "ExtensionPoint",
    "ExtensionPointOpts",
    "FileWatch",
    "FirstResultCaller",
    "Forecast",
    "Graph",
    "GraphEdge",
    "GraphNode",
    "HistoricCaller",
    "Holding",
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
    "HostHooks",
    "HotplugError",
    "Ledger",
    "LimitExceeded",
    "LimitReport",
    "LimitUse",
    "LoopScheduler",
    "ManifestError",
    "ManifestWarning",
    "MetadataLoader",
    "NotAllowed",
    "NotReady",
    "Obstacle",
    "Origin",
    "Outcome",
    "Owner",
    "PipelineCaller",
    "Plugin",
    "PluginBase",
    "PluginErrors",
    "PluginExit",
    "PluginFormatter",
    "PluginGone",
    "PluginHost",
    "PluginImportError",
    "PluginLoader",
    "PluginLogger",
    "PluginManager",
    "PluginMetadata",
    "PluginResult",
    "PluginState",
    "PluginStateError",
    "PluginTimeout",
    "PluginValidationError",
    "Profile",
    "Proposal",
    "RegistrationError",
    "ReloadError",
    "ReloadOptions",
    "ReloadReport",
    "Resource",
    "RestartRequired",
    "Secret",
    "SettingsError",
    "StartError",
    "StartReport",
    "StateChange",
    "Store",
    "ThreadScheduler",
    "Timer",
    "UnknownHookError",
    "UnknownPluginError",
    "WrapperError",
    "__version__",
    "event",
    "get_current_plugin",
    "get_default_host",
    "get_logger",
    "host_call",
    "hostimpl",
    "load_plugin",
    "log",
    "plugin_context",
    "set_current_plugin",
    "set_default_host",
    "set_interval",
    "set_timeout",
    "settings",
    "syscall",
]

LAZY: Final = {
    "AsyncCollectingCaller": "hooks.typed",
    "AsyncFirstResultCaller": "hooks.typed",
    "AsyncHistoricCaller": "hooks.typed",
    "AsyncHooks": "hooks.markers",
    "AsyncPipelineCaller": "hooks.typed",
    "AsyncPluginManager": "hooks.aio",
    "Bounds": "host.settings.bounds",
    "Cause": "host.diagnosis",
    "CollectingCaller": "hooks.typed",
    "Command": "host.commands",
    "DataError": "errors.hosting",
    "DependencyError": "errors.hosting",
    "Diagnosis": "host.diagnosis",
    "Discovery": "host.registry.discovery",
    "EntryPointFailure": "hooks.discovery",
    "EntryPointLoadReport": "hooks.discovery",
    "Event": "host.events",
    "EventError": "errors.hosting",
    "EventSubscription": "host.subscriptions",
    "Explanation": "hooks.explain",
    "Extension": "hooks.markers",
    "ExtensionOpts": "hooks.markers",
    "ExtensionPoint": "hooks.markers",
    "ExtensionPointOpts": "hooks.markers",
    "FileWatch": "host.following.watch",
    "FirstResultCaller": "hooks.typed",
    "Forecast": "host.forecast",
    "Graph": "host.graphs",
    "GraphEdge": "host.graphs",
    "GraphNode": "host.graphs",
    "HistoricCaller": "hooks.typed",
    "Holding": "errors.holding",
    "HookCallError": "errors",
    "HookErrors": "errors",
    "HookFailure": "hooks.policy",
    "HookImpl": "hooks.records",
    "HookSpecError": "errors",
    "HookTimings": "hooks.monitor",
    "HookimplMarker": "hooks.markers",
    "HookimplOpts": "hooks.markers",
    "HookspecMarker": "hooks.markers",
    "HookspecOpts": "hooks.markers",
    "HostHooks": "host.happenings",
    "HotplugError": "errors",
    "Ledger": "host.ledger",
    "LimitExceeded": "errors.hosting",
    "LimitReport": "host.limits.report",
    "LimitUse": "host.limits.report",
    "LoopScheduler": "host.scheduler",
    "ManifestError": "manifest",
    "ManifestWarning": "manifest",
    "MetadataLoader": "host.loaders",
    "NotAllowed": "errors.hosting",
    "NotReady": "errors.hosting",
    "Obstacle": "host.obstacles",
    "Origin": "host.registry.records",
    "Outcome": "hooks.monitor",
    "Owner": "host.owner",
    "PipelineCaller": "hooks.typed",
    "Plugin": "host.plugin",
    "PluginBase": "hooks.subclasses",
    "PluginErrors": "errors.hosting",
    "PluginExit": "errors.hosting",
    "PluginFormatter": "host.logs",
    "PluginGone": "errors.hosting",
    "PluginHost": "host.host",
    "PluginImportError": "errors.hosting",
    "PluginLoader": "host.loaders",
    "PluginLogger": "host.logs",
    "PluginManager": "hooks.manager",
    "PluginMetadata": "manifest",
    "PluginResult": "hooks.results",
    "PluginState": "host.lifecycle",
    "PluginStateError": "errors.hosting",
    "PluginTimeout": "errors.hosting",
    "PluginValidationError": "errors",
    "Profile": "observe.profile",
    "Proposal": "host.obstacles",
    "RegistrationError": "errors",
    "ReloadError": "errors.hosting",
    "ReloadOptions": "host.reloading.terms",
    "ReloadReport": "host.reloading.report",
    "Resource": "host.resources",
    "RestartRequired": "errors.hosting",
    "Secret": "host.settings.secret",
    "SettingsError": "host.settings.problems",
    "StartError": "errors.hosting",
    "StartReport": "host.starting",
    "StateChange": "host.forecast",
    "Store": "host.data.store",
    "ThreadScheduler": "host.scheduler_threads",
    "Timer": "host.timers",
    "UnknownHookError": "errors",
    "UnknownPluginError": "errors.hosting",
    "WrapperError": "errors",
    "event": "host.declaring",
    "get_current_plugin": "host.contexts",
    "get_default_host": "host.default",
    "get_logger": "host.logs",
    "host_call": "host.contexts",
    "hostimpl": "host.happenings",
    "load_plugin": "host.default",
    "log": "host.logs",
    "plugin_context": "host.contexts",
    "set_current_plugin": "host.contexts",
    "set_default_host": "host.default",
    "set_interval": "host.timers",
    "set_timeout": "host.timers",
    "settings": "host.settings.declaring",
    "syscall": "host.syscalls",
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

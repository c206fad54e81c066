"""pluggy's whole interface, on hotplug's kernel: ``import hotplug.compat.pluggy as pluggy``.

Without touching a program: ``python -m hotplug.compat.pluggy pytest``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hotplug.compat.pluggy._hooks import (
    HookCaller,
    HookImpl,
    HookimplMarker,
    HookimplOpts,
    HookRelay,
    HookspecMarker,
    HookspecOpts,
)
from hotplug.compat.pluggy._manager import PluginManager, PluginValidationError
from hotplug.compat.pluggy._result import HookCallError, Result
from hotplug.compat.pluggy._warnings import PluggyTeardownRaisedWarning, PluggyWarning

__all__ = [
    "HookCallError",
    "HookCaller",
    "HookImpl",
    "HookRelay",
    "HookimplMarker",
    "HookimplOpts",
    "HookspecMarker",
    "HookspecOpts",
    "PluggyTeardownRaisedWarning",
    "PluggyWarning",
    "PluginManager",
    "PluginValidationError",
    "Result",
    "__version__",
]

FOLLOWED = "1.7.0"
"""The version of pluggy whose behaviour this is."""


if TYPE_CHECKING:
    __version__: str
    from hotplug.compat.pluggy.replacing import install as install


def __getattr__(name: str) -> Any:
    if name == "install":
        from hotplug.compat.pluggy.replacing import install  # few programs replace pluggy

        return install
    if name != "__version__":
        raise AttributeError(f"module pluggy has no attribute {name!r}")
    from importlib.metadata import PackageNotFoundError, version  # few programs ask

    try:
        return version("pluggy")
    except PackageNotFoundError:
        return FOLLOWED

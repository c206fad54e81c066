"""pluggy's whole interface, on hotplug's kernel: ``import hotplug.compat.pluggy as pluggy``.

Without touching a program: ``python -m hotplug.compat.pluggy pytest``.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, Final

from hotplug.compat.pluggy import (
    _callers,
    _compat,
    _hooks,
    _manager,
    _marks,
    _result,
    _tracing,
    _warnings,
)
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

FOLLOWED: Final = "1.7.0"
"""The version of pluggy whose behaviour this is."""

PRIVATE: Final = {
    "_caller": _hooks,
    "_callers": _callers,
    "_compat": _compat,
    "_config": _marks,
    "_decorators": _marks,
    "_execution": _callers,
    "_hooks": _hooks,
    "_impl": _marks,
    "_manager": _manager,
    "_result": _result,
    "_tracing": _tracing,
    "_warnings": _warnings,
}
"""pluggy's modules, of 1.6 and 1.7, and which of ours has their names."""

if TYPE_CHECKING:
    __version__: str


def install() -> None:
    """Make ``import pluggy`` give this package from now on.

    Modules that have imported pluggy already keep what they have: call it first.
    """
    sys.modules["pluggy"] = sys.modules[__name__]
    for name, module in PRIVATE.items():
        sys.modules[f"pluggy.{name}"] = module


def __getattr__(name: str) -> Any:
    if name != "__version__":
        raise AttributeError(f"module pluggy has no attribute {name!r}")
    from importlib.metadata import PackageNotFoundError, version  # few programs ask

    try:
        return version("pluggy")
    except PackageNotFoundError:
        return FOLLOWED

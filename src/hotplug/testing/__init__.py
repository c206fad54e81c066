"""For those who test plugins: a host that finds what they leave behind, a clock, patches.

In pytest all of it is there as fixtures. Loaded when it is asked for: every pytest session where
hotplug is installed imports this.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from hotplug.testing.checked import checked_host
    from hotplug.testing.clock import FakeClock
    from hotplug.testing.leaks import Leak, LeaksFound
    from hotplug.testing.patching import patched_builtins
    from hotplug.testing.pretending import pretend_sandbox
    from hotplug.testing.projects import write_plugin

__all__ = [
    "FakeClock",
    "Leak",
    "LeaksFound",
    "checked_host",
    "patched_builtins",
    "pretend_sandbox",
    "write_plugin",
]

LAZY: Final = {
    "FakeClock": "clock",
    "Leak": "leaks",
    "LeaksFound": "leaks",
    "checked_host": "checked",
    "patched_builtins": "patching",
    "pretend_sandbox": "pretending",
    "write_plugin": "projects",
}


def __getattr__(name: str) -> Any:
    if name not in LAZY:
        raise AttributeError(f"module 'hotplug.testing' has no attribute {name!r}")
    from importlib import import_module

    value = globals()[name] = getattr(import_module(f"hotplug.testing.{LAZY[name]}"), name)
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})

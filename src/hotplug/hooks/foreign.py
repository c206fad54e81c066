"""Reads the marks of pluggy, which are dictionaries, as if they were hotplug's own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from hotplug.hooks.markers import NEW_STYLE, HookimplOpts, HookspecOpts

__all__ = ["Untranslatable", "translated"]

NAMES: Final[dict[type, dict[str, str]]] = {
    HookimplOpts: {
        "tryfirst": "tryfirst",
        "trylast": "trylast",
        "wrapper": "wrapper",
        "optionalhook": "optional",
        "specname": "target",
    },
    HookspecOpts: {"firstresult": "firstresult", "historic": "historic"},
}
HINTS: Final = {
    "hookwrapper": NEW_STYLE,
    "warn_on_impl": "hotplug has no such warning",
    "warn_on_impl_args": "hotplug has no such warning",
}


class Untranslatable(Exception):
    """A mark asks for what only pluggy does; the argument says what and how to mend it."""


def translated(record: Mapping[str, Any], record_type: type) -> Any:
    """The options as a record of hotplug, or None if they are not pluggy's."""
    names = NAMES[record_type]
    if not record.keys() <= {*names, *HINTS}:
        return None
    for name, hint in HINTS.items():
        if record.get(name):
            raise Untranslatable(
                f"with pluggy's {name}={record[name]!r}; {hint}, "
                "or use the manager of hotplug.compat.pluggy"
            )
    return record_type(**{names[name]: value for name, value in record.items() if name in names})

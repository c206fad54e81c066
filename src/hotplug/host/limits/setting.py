"""What a project sets: which limit has which value for which plugin, and where that stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import inf, isnan
from typing import TYPE_CHECKING, Final, Literal, TypeGuard, cast

from hotplug.host.limits.table import LIMITS, PLURALS, Limit, limit_called
from hotplug.manifest.documents import Place, is_table
from hotplug.manifest.fields import Complain, called
from hotplug.manifest.problems import shown

if TYPE_CHECKING:
    from hotplug.host.project import Project

__all__ = ["AWAIT", "CALL", "OnBreach", "Setting", "check", "settings_for"]

OnBreach = Literal["error", "disable"]
"""What happens beside the error."""

ON_BREACH: Final = "on_breach"
MEMORY: Final = "memory_bytes"
NEARLY: Final = 0.8
"""How alike a name is to a limit that is meant by it: kinds of resources are named here, too."""
CALL: Final = "call_seconds"
AWAIT: Final = "await_seconds"
"""As long as a call, where nothing else is said."""


@dataclass(frozen=True, slots=True)
class Setting:
    """One limit that is set."""

    limit: Limit
    value: float
    key: str
    """``limits.shop.timers``"""
    file_and_line: str
    """Empty where the project is a mapping."""
    on_breach: OnBreach

    @property
    def name(self) -> str:
        """That of the limit."""
        return self.limit.name

    @property
    def where(self) -> str:
        """``plugins.toml:7``, or else that it was given in Python."""
        return self.file_and_line or "PluginHost(project=...)"


def settings_for(project: Project, plugin: str | None = None) -> dict[str, Setting]:
    """The limits of a plugin by their names, or those of all; what has no end is no limit."""
    tables: list[tuple[Place, Mapping[object, object]]] = [
        (("limits",), cast("Mapping[object, object]", project.limits))
    ]
    own: object = project.limits.get(plugin) if plugin is not None else None
    if is_table(own):
        tables.append((("limits", cast(str, plugin)), own))
    found: dict[str, tuple[Place, float]] = {}
    on_breach: object = "error"
    for place, values in tables:
        on_breach = values.get(ON_BREACH, on_breach)
        numbers = {str(name): value for name, value in values.items() if is_number(value)}
        found |= {name: ((*place, name), value) for name, value in numbers.items()}
    if CALL in found:
        found.setdefault(AWAIT, found[CALL])
    return {
        name: Setting(
            limit_called(name),
            value,
            ".".join(map(str, place)),
            project.where(*place),
            cast(OnBreach, on_breach),
        )
        for name, (place, value) in found.items()
        if value != inf
    }


# the check


def check(table: Mapping[object, object], place: Place, complain: Complain) -> None:
    """Complain of what is no limit, and of values that a limit cannot have."""
    for key, value in table.items():
        at = (*place, str(key))
        if is_table(value) and len(place) == 1:
            check(value, at, complain)
        elif key == ON_BREACH:
            if value not in ("error", "disable"):
                complain(at, f"{called(at)} takes 'error' or 'disable', not {shown(value)}")
        else:
            check_limit(limit_called(str(key)), value, at, complain)


def check_limit(limit: Limit, value: object, at: Place, complain: Complain) -> None:
    meant = PLURALS.get(limit.name) or other_spelling(limit.name)
    if limit.name == MEMORY:
        hint = "limit that of the process; no plugin has one of its own"
        complain(at, f"{called(at)}: nobody can tell whose memory it is in one process", hint)
    elif meant:
        complain(at, f"there is no limit {limit.name!r}", f"did you mean {meant!r}?")
    elif not limit.per_plugin and len(at) > 2:
        hint = f"set it for all plugins: limits.{limit.name}"
        complain(at, f"{called(at)} cannot be set for one plugin", hint)
    elif not is_number(value):
        said = "nan" if isinstance(value, float) else shown(value)
        complain(at, f"{called(at)} takes a number, not {said}")
    elif limit.unit == "seconds" and not value > 0:
        complain(at, f"{called(at)} takes seconds, more than 0, not {value:g}")
    elif limit.unit != "seconds" and not (value == inf or (value >= 0 and value == int(value))):
        complain(at, f"{called(at)} takes a whole number, not {value:g}")


def other_spelling(name: str) -> str:
    """The limit that was meant, if this is nearly one."""
    if name in LIMITS:
        return ""
    from hotplug.errors.meaning import closest  # only for what is no limit

    return closest(name, LIMITS, NEARLY) or ""


def is_number(value: object) -> TypeGuard[int | float]:
    return isinstance(value, int | float) and not isinstance(value, bool) and not isnan(value)

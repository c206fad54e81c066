"""How things stand: each limit of each plugin, and what the plugin has of it now."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from hotplug.errors.holding import Holding
from hotplug.host.limits.manifests import size_of_manifest
from hotplug.host.limits.quota import holders
from hotplug.host.limits.setting import Setting
from hotplug.host.limits.table import How, names_of
from hotplug.manifest.documents import is_table

if TYPE_CHECKING:
    from hotplug.host.limits.limits import Limits
    from hotplug.host.plugin import Plugin

__all__ = ["LimitReport", "LimitUse", "report"]

HEAD = ("plugin", "limit", "allowed", "now", "", "set in", "most from")


class LimitUse(NamedTuple):
    """One limit of one plugin."""

    plugin: str
    limit: str
    allowed: float
    used: float | None
    """What the plugin has of it now; None where that is not known, or there is no such plugin."""
    how: How
    where: str
    """Where it is set, as ``file:line``."""
    holders: tuple[Holding, ...]
    """Who holds most of it, the largest first."""


class LimitReport(tuple[LimitUse, ...]):
    """Every limit of every plugin, and how things stand; print it for a table.

    >>> LimitReport()
    ()
    """

    __slots__ = ()

    def of(self, plugin: str, limit: str) -> LimitUse:
        """One of them."""
        return next(use for use in self if (use.plugin, use.limit) == (plugin, limit))

    def __str__(self) -> str:
        lines = [HEAD, *map(cells, self)]
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        return "\n".join(
            "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
            for line in lines
        )


def cells(use: LimitUse) -> tuple[str, ...]:
    used = "-" if use.used is None else f"{use.used:g}"
    largest = str(use.holders[0]) if use.holders else ""
    return (use.plugin, use.limit, f"{use.allowed:g}", used, use.how, use.where, largest)


def report(limits: Limits) -> LimitReport:
    """Look at all plugins of a host, and at those that it has limits for and does not have."""
    host = limits.host
    here = (use for plugin in host for use in uses(limits, plugin))
    tables = (str(name) for name, value in host.project.limits.items() if is_table(value))
    absent = (use for name in tables if name not in host for use in allowed(limits, name))
    return LimitReport((*here, *absent))


def allowed(limits: Limits, name: str) -> Iterator[LimitUse]:
    """The table of a plugin that is not there: its name may be misspelled."""
    for setting in limits.settings(name).values():
        if setting.key.startswith(f"limits.{name}."):
            limit = setting.limit
            yield LimitUse(name, limit.name, setting.value, None, limit.how, setting.where, ())


def uses(limits: Limits, plugin: Plugin) -> Iterator[LimitUse]:
    for name, setting in limits.settings(plugin.name).items():
        held = [each for each in plugin.resources if name in names_of(each.kind)]
        used = measured(limits, plugin, setting)
        yield LimitUse(
            plugin.name,
            name,
            setting.value,
            len(held) if counts_resources(setting) else used,
            setting.limit.how,
            setting.where,
            holders(held),
        )


def counts_resources(setting: Setting) -> bool:
    return bool(setting.limit.kind) or setting.name == "resources"


def measured(limits: Limits, plugin: Plugin, setting: Setting) -> float | None:
    """What a plugin has now of what is no resource."""
    life, name = plugin.life, setting.name
    quota = None if life is None else life.scope.quota
    if name == "manifest_bytes":
        return size_of_manifest(plugin.location)
    if name == "emits_per_second" and quota is not None and quota.emissions is not None:
        return quota.emissions.within_a_second
    if name == "stored_bytes":
        return limits.stored(plugin.name)
    if name == "call_seconds":
        return limits.watchdog.longest(life)
    return None

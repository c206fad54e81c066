"""Finds plugins that installed distributions offer as entry points.

Order is defined: by distribution, then by the entry point's name. One broken distribution is told
by name and never stops the others' report, whatever it raises.
"""

from __future__ import annotations

from collections.abc import Iterable
from importlib.metadata import EntryPoint, entry_points
from typing import TYPE_CHECKING, Any, NamedTuple

from hotplug.errors import PluginValidationError
from hotplug.hooks.policy import log_error

if TYPE_CHECKING:
    from hotplug.hooks.registry import Registry

__all__ = ["EntryPointFailure", "EntryPointLoadReport", "load", "report"]


class EntryPointFailure(NamedTuple):
    """An entry point that could not be registered, and why."""

    name: str
    error: BaseException
    distribution: str
    """Name and version, as far as they are known."""


class EntryPointLoadReport(NamedTuple):
    """What became of the entry points of a group, each as a name."""

    loaded: tuple[str, ...]
    already_loaded: tuple[str, ...]
    blocked: tuple[str, ...]
    failed: tuple[EntryPointFailure, ...]

    def __str__(self) -> str:
        lines = [
            f"{title}: {', '.join(names)}"
            for title, names in (
                ("loaded", self.loaded),
                ("already loaded", self.already_loaded),
                ("blocked", self.blocked),
            )
            if names
        ]
        for name, error, distribution in self.failed:
            told = (
                str(error)
                if isinstance(error, PluginValidationError)
                else (f"plugin {name!r} of {distribution}: {type(error).__name__}: {error}")
            )
            lines.append(f"failed: {told}")
        return "\n".join(lines) or "no entry points"


def found(group: str) -> list[EntryPoint]:
    """The entry points of a group, in their defined order."""
    return sorted(entry_points(group=group), key=lambda point: (origin(point), point.name))


def origin(point: EntryPoint) -> str:
    """The distribution that an entry point comes from, with its version."""
    distribution = point.dist
    if distribution is None:
        return "an unknown distribution"
    return f"{distribution.metadata['Name']} {distribution.version}"


def report(registry: Registry[Any], group: str) -> EntryPointLoadReport:
    """Register what can be registered, and tell what became of the rest."""
    loaded: list[str] = []
    already: list[str] = []
    blocked: list[str] = []
    failed: list[EntryPointFailure] = []
    taken: dict[str, EntryPoint] = {}
    for point in found(group):
        first = taken.setdefault(point.name, point)
        if registry.is_blocked(point.name):
            blocked.append(point.name)
        elif first is not point:
            failed.append(failure(point, twice(point, first)))
        elif registry.has_plugin(point.name):
            already.append(point.name)
        else:
            try:
                registered(registry, point, plugin_of(point))
            except Exception as error:
                failed.append(failure(point, error))
            else:
                loaded.append(point.name)
    return EntryPointLoadReport(tuple(loaded), tuple(already), tuple(blocked), tuple(failed))


def load(registry: Registry[Any], group: str, *, ignore_errors: bool, lazy: bool) -> int:
    """Register the plugins of a group; with errors that count, all of them or none."""
    if lazy:
        return leave_for_later(registry, group, ignore_errors=ignore_errors)
    if ignore_errors:
        outcome = report(registry, group)
        log_failures(outcome.failed)
        return len(outcome.loaded)
    return load_all(registry, wanted(registry, group))


def wanted(registry: Registry[Any], group: str) -> list[EntryPoint]:
    """The entry points that are not there yet and not kept out; twice the same name is refused."""
    points: dict[str, EntryPoint] = {}
    for point in found(group):
        if registry.has_plugin(point.name) or registry.is_blocked(point.name):
            continue
        if point.name in points:
            raise twice(point, points[point.name])
        points[point.name] = point
    return list(points.values())


def load_all(registry: Registry[Any], points: Iterable[EntryPoint]) -> int:
    plugins = [(point, plugin_of(point)) for point in points]
    with registry.all_or_none([plugin for _, plugin in plugins]):
        for point, plugin in plugins:
            registered(registry, point, plugin)
    return len(plugins)


def plugin_of(point: EntryPoint) -> object:
    """What an entry point names, made an instance if it is a class; errors tell whose it is."""
    try:
        plugin = point.load()
        return plugin() if isinstance(plugin, type) else plugin
    except (Exception, SystemExit) as error:
        raise PluginValidationError(
            point.name,
            f"cannot be loaded from {origin(point)}\n"
            f"  {point.value}: {type(error).__name__}: {error}",
        ) from error


def registered(registry: Registry[Any], point: EntryPoint, plugin: object) -> None:
    name = registry.register(plugin, name=point.name)
    if point.dist is not None:
        registry.remember_distribution(name, point.dist)


def twice(point: EntryPoint, first: EntryPoint) -> PluginValidationError:
    return PluginValidationError(
        point.name,
        f"is offered twice: by {origin(first)}, and by {origin(point)}, which is left out\n"
        "  block the name or uninstall one of them",
    )


def failure(point: EntryPoint, error: BaseException) -> EntryPointFailure:
    return EntryPointFailure(point.name, error, origin(point))


def log_failures(failures: Iterable[EntryPointFailure]) -> None:
    for item in failures:
        log_error(
            f"entry point {item.name!r} of {item.distribution} is left out: {item.error}",
            item.error,
        )


def leave_for_later(registry: Registry[Any], group: str, *, ignore_errors: bool) -> int:
    """Read the names now; import at the first hook call."""
    points = wanted(registry, group)

    def now() -> None:
        still = [
            point
            for point in points
            if not (registry.has_plugin(point.name) or registry.is_blocked(point.name))
        ]
        if not ignore_errors:
            load_all(registry, still)
            return
        for point in still:
            try:
                registered(registry, point, plugin_of(point))
            except Exception as error:
                log_failures([failure(point, error)])

    registry.load_later(now)
    return len(points)

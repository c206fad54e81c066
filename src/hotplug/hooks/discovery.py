"""Finds plugins that installed distributions offer as entry points.

Order is defined: by distribution, then by the entry point's name. One broken distribution is told
by name and never stops the others' report, whatever it raises.
"""

from __future__ import annotations

from collections.abc import Iterable
from importlib.metadata import Distribution, EntryPoint, distributions
from pathlib import PurePath
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


class Offer(NamedTuple):
    """An entry point, and the distribution that offers it."""

    name: str
    point: EntryPoint
    distribution: Distribution
    origin: str


def found(group: str) -> tuple[list[Offer], list[EntryPointFailure]]:
    """What a group offers, in its defined order, and the distributions that cannot be read."""
    offers: list[Offer] = []
    broken: list[EntryPointFailure] = []
    seen: set[str] = set()
    for distribution in distributions():
        origin = origin_of(distribution)
        name = origin.partition(" ")[0].lower().replace("_", "-")
        if name in seen:  # further down the path: another version, which Python would not import
            continue
        seen.add(name)
        try:
            offers += [
                Offer(point.name, point, distribution, origin)
                for point in distribution.entry_points
                if point.group == group
            ]
        except Exception as error:
            broken.append(EntryPointFailure("", error, origin))
    return sorted(offers, key=lambda offer: (offer.origin, offer.name)), broken


def origin_of(distribution: Distribution) -> str:
    """The name and version of a distribution; of a broken one, what its folder is called."""
    try:
        name, version = distribution.metadata["Name"], distribution.version
        if name:
            return f"{name} {version}"
    except Exception:  # whatever its files hold, it must not keep the others
        pass
    folder = str(getattr(distribution, "_path", "an unknown distribution"))
    return PurePath(folder).name.removesuffix(".dist-info").replace("-", " ")


def report(registry: Registry[Any], group: str) -> EntryPointLoadReport:
    """Register what can be registered, and tell what became of the rest."""
    loaded: list[str] = []
    already: list[str] = []
    blocked: list[str] = []
    taken: dict[str, Offer] = {}
    offers, failed = found(group)
    for offer in offers:
        first = taken.setdefault(offer.name, offer)
        if registry.is_blocked(offer.name):
            blocked.append(offer.name)
        elif first is not offer:
            failed.append(failure(offer, twice(offer, first)))
        elif registry.has_plugin(offer.name):
            already.append(offer.name)
        else:
            try:
                registered(registry, offer, plugin_of(offer))
            except Exception as error:
                failed.append(failure(offer, error))
            else:
                loaded.append(offer.name)
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


def wanted(registry: Registry[Any], group: str) -> list[Offer]:
    """What is not there yet and not kept out; twice the same name is refused."""
    chosen: dict[str, Offer] = {}
    offers, broken = found(group)
    log_failures(broken)
    for offer in offers:
        if registry.has_plugin(offer.name) or registry.is_blocked(offer.name):
            continue
        if offer.name in chosen:
            raise twice(offer, chosen[offer.name])
        chosen[offer.name] = offer
    return list(chosen.values())


def load_all(registry: Registry[Any], offers: Iterable[Offer]) -> int:
    plugins = [(offer, plugin_of(offer)) for offer in offers]
    with registry.all_or_none([plugin for _, plugin in plugins]):
        for offer, plugin in plugins:
            registered(registry, offer, plugin)
    return len(plugins)


def plugin_of(offer: Offer) -> object:
    """What an entry point names, made an instance if it is a class; errors tell whose it is."""
    try:
        if offer.point.pattern.match(offer.point.value) is None:
            raise ValueError("this is no reference of the form module:object")
        plugin = offer.point.load()
        return plugin() if isinstance(plugin, type) else plugin
    except (Exception, SystemExit) as error:
        raise PluginValidationError(
            offer.name,
            f"cannot be loaded from {offer.origin}\n"
            f"  {offer.point.value}: {type(error).__name__}: {error}",
        ) from error


def registered(registry: Registry[Any], offer: Offer, plugin: object) -> None:
    try:
        registry.register(plugin, name=offer.name)
    finally:  # one that raises in a replay of historic calls is registered all the same
        if registry.get_plugin(offer.name) is plugin:
            registry.remember_distribution(offer.name, offer.distribution)


def twice(offer: Offer, first: Offer) -> PluginValidationError:
    return PluginValidationError(
        offer.name,
        f"is offered twice: by {first.origin}, and by {offer.origin}, which is left out\n"
        "  block the name or uninstall one of them",
    )


def failure(offer: Offer, error: BaseException) -> EntryPointFailure:
    return EntryPointFailure(offer.name, error, offer.origin)


def log_failures(failures: Iterable[EntryPointFailure]) -> None:
    for item in failures:
        log_error(
            f"entry point {item.name!r} of {item.distribution} is left out: {item.error}",
            item.error,
        )


def leave_for_later(registry: Registry[Any], group: str, *, ignore_errors: bool) -> int:
    """Read the names now; import at the first hook call."""
    offers = wanted(registry, group)

    def now() -> None:
        still = [
            offer
            for offer in offers
            if not (registry.has_plugin(offer.name) or registry.is_blocked(offer.name))
        ]
        if not ignore_errors:
            load_all(registry, still)
            return
        for offer in still:
            try:
                registered(registry, offer, plugin_of(offer))
            except Exception as error:
                log_failures([failure(offer, error)])

    registry.load_later(now)
    return len(offers)

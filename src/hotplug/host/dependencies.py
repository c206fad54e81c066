"""Who requires whom: the order to start in, what is missing, and who depends on a plugin."""

from __future__ import annotations

from collections.abc import Callable, Collection, Container, Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from hotplug.errors import RegistrationError
from hotplug.errors.hosting import DependencyError
from hotplug.host.lifecycle import PluginState, Step
from hotplug.host.obstacles import Kind, Obstacle, ObstacleSource, Proposal

if TYPE_CHECKING:
    from hotplug.host.plugin import Plugin
    from hotplug.manifest import PluginMetadata

__all__ = ["Plugins"]

RUNNING: Final = (PluginState.LOADED, PluginState.ENABLED)
SETTLED: Final = {PluginState.LOADED: RUNNING, PluginState.ENABLED: (PluginState.ENABLED,)}
"""In which states what a plugin requires has to be, for the state that it is to get."""


class Plugins(Mapping[str, "Plugin"]):
    """The plugins of a host by name, and how they depend on each other."""

    def __init__(self) -> None:
        self._by_name: dict[str, Plugin] = {}
        self._by_identifier: dict[str, Plugin] = {}
        self._requirers: dict[str, dict[Plugin, None]] = {}
        self.obstacle_sources: list[ObstacleSource] = []
        """Who is asked, too, what keeps a plugin from running; before its module runs."""

    def __getitem__(self, name: str) -> Plugin:
        return self._by_name[name]

    def __iter__(self) -> Iterator[str]:
        return iter([*self._by_name])

    def __len__(self) -> int:
        return len(self._by_name)

    def __repr__(self) -> str:
        return f"<Plugins {', '.join(self._by_name) or 'none'}>"

    def known_at(self, place: Path, metadata: PluginMetadata) -> Plugin | None:
        """The plugin that this is, if it is known; one that takes another's name is refused."""
        known = self._by_identifier.get(metadata.identifier)
        if known is None:
            return None
        if known.name == metadata.name and is_same_place(known.location, place):
            return known
        taken = f"a plugin named {metadata.name!r} is loaded already"
        if known.name != metadata.name:
            taken = (
                f"plugin {metadata.name!r} and plugin {known.name!r}, which is loaded already, "
                f"have one name in imports: {metadata.identifier}"
            )
        raise RegistrationError(
            f"{taken}\n"
            f"  from: {known.location}\n"
            f"  not from: {place}\n"
            "  give one of them another name, or unload the first"
        )

    def add(self, plugin: Plugin) -> None:
        self._by_name[plugin.name] = plugin
        self._by_identifier[plugin.metadata.identifier] = plugin
        for name in plugin.requires:
            self._requirers.setdefault(name, {})[plugin] = None

    def update(self, plugin: Plugin, metadata: PluginMetadata) -> None:
        """Let a plugin require what its manifest says now; its place in the order stays."""
        self._forget_requirements(plugin)
        plugin.metadata = metadata
        self.add(plugin)

    def remove(self, plugin: Plugin) -> None:
        del self._by_name[plugin.name]
        del self._by_identifier[plugin.metadata.identifier]
        self._forget_requirements(plugin)

    def _forget_requirements(self, plugin: Plugin) -> None:
        for name in plugin.requires:
            self._requirers[name].pop(plugin, None)
            if not self._requirers[name]:
                del self._requirers[name]

    def required_by(self, plugin: Plugin) -> list[Plugin]:
        """The known plugins that it requires itself."""
        found = [self._by_name.get(name) for name in plugin.requires]
        return [other for other in found if other is not None]

    def requirers_of(self, plugin: Plugin) -> list[Plugin]:
        """The plugins that require it themselves."""
        return [*self._requirers.get(plugin.name, ())]

    def is_alone(self, plugin: Plugin) -> bool:
        """Whether it requires none, and none requires it."""
        return not plugin.requires and plugin.name not in self._requirers

    def needs(self, plugin: Plugin, *, settled: Container[PluginState]) -> list[Plugin]:
        """All that it requires, itself or through others, as far as it is known.

        Another that is in a ``settled`` state has all that it requires: there the search ends.
        """

        def step(other: Plugin) -> Sequence[Plugin]:
            is_settled = other.state in settled and other is not plugin
            return () if is_settled else self.required_by(other)

        return reached([plugin], step)

    def dependants(self, plugin: Plugin) -> list[Plugin]:
        """The running plugins that depend on it, each before what it requires itself."""
        running = self.running_upon([plugin])
        if not running:
            return []
        members = set(running)
        return [other for other in reversed(self.start_order(running)) if other in members]

    def running_upon(self, plugins: Collection[Plugin]) -> list[Plugin]:
        """The running plugins that depend on any of these, in no order."""
        return reached(
            plugins,
            lambda plugin: [each for each in self.requirers_of(plugin) if each.state in RUNNING],
        )

    def start_order(
        self, plugins: Iterable[Plugin], *, settled: Container[PluginState] = ()
    ) -> list[Plugin]:
        """The plugins with all that they require, each after what it requires.

        What is not known is left out, and so is what others require that are ``settled``; a circle
        is a `DependencyError` that shows it as a path.
        """
        order: dict[Plugin, None] = {}
        for plugin in plugins:
            self._put(plugin, order, settled)
        return [*order]

    def _put(
        self, first: Plugin, order: dict[Plugin, None], settled: Container[PluginState] = ()
    ) -> None:
        """Put a plugin into an order, after what it requires."""
        path = {} if first in order else {first: iter(self.required_by(first))}
        while path:
            plugin, rest = next(reversed(path.items()))
            for required in rest:
                if required in path:
                    names = [item.name for item in path]
                    raise Circle(names[names.index(required.name) :])
                if required not in order and required.state not in settled:
                    path[required] = iter(self.required_by(required))
                    break
            else:
                del path[plugin]
                order[plugin] = None

    def stop_order(self) -> list[Plugin]:
        """All plugins, each before what it requires; those in a circle come first."""
        order: dict[Plugin, None] = {}
        circular: list[Plugin] = []
        for plugin in self._by_name.values():
            try:
                self._put(plugin, order)
            except DependencyError:
                circular.append(plugin)
        return [*circular, *reversed(order)]

    def obstacle(
        self, plugin: Plugin, *, to: PluginState, among: Container[object] | None = None
    ) -> str:
        """Why a plugin cannot be loaded or enabled now, in a sentence; empty if it can.

        With ``among``, others are as if they were not there: another thread works on them.
        """
        if not (plugin.requires or self.obstacle_sources):
            return ""
        kept = next(self._kept(plugin, to, among), None)
        if kept is not None:
            return kept.sentence
        return next((found.sentence for found in self._foreign(plugin)), "")

    def obstacles(self, plugin: Plugin, *, to: PluginState = PluginState.ENABLED) -> list[Obstacle]:
        """All that keeps a plugin from being loaded or enabled now; the first is `obstacle`'s.

        Where another plugin does not run, what keeps that one is to be asked of it in turn.
        """
        found = [
            Obstacle(
                kept.kind,
                plugin.name,
                kept.about,
                kept.sentence,
                place_of(plugin, kept.about),
                tuple(self._proposals(plugin, kept)),
            )
            for kept in self._kept(plugin, to)
        ]
        return [*found, *self._foreign(plugin)]

    def _foreign(self, plugin: Plugin) -> Iterator[Obstacle]:
        for source in self.obstacle_sources:
            yield from source(plugin)

    def _kept(
        self, plugin: Plugin, to: PluginState, among: Container[object] | None = None
    ) -> Iterator[Kept]:
        """What the requirements of a plugin keep it from, one by one, for as little as it takes."""
        is_enough = SETTLED[to]
        path: Sequence[str] = ()
        try:
            self.start_order([plugin], settled=is_enough)
        except Circle as error:
            path = error.names
            yield Kept("circle", path[-1], str(error), path)
        for name in plugin.requires:
            if name in path:
                continue  # it does not run for the same reason
            required = self._by_name.get(name)
            if required is None or (among is not None and required not in among):
                yield Kept("missing", name, f"it requires {name!r}, which is not loaded")
                continue
            if required.state not in is_enough:
                kind: Kind = "failed" if required.state is PluginState.ERROR else "disabled"
                yield Kept(kind, name, f"it requires {name!r}, which {what_it_does(required)}")

    def _proposals(self, plugin: Plugin, kept: Kept) -> Iterator[Proposal]:
        if kept.kind == "missing":
            yield Proposal.load(kept.about)
        elif kept.kind == "circle":
            for name, required in pairwise([*kept.path, kept.path[0]]):
                where = place_of(self._by_name[name], required)
                yield Proposal.take_out(name, "requires", required, where)
        else:
            yield Proposal.enable(kept.about)


class Kept(NamedTuple):
    """An obstacle before its place is looked for: one that waits for another is asked often."""

    kind: Kind
    about: str
    sentence: str
    path: Sequence[str] = ()


class Circle(DependencyError):
    """Plugins require each other in a circle."""

    def __init__(self, names: list[str]) -> None:
        self.names = names
        path = " -> ".join([*names, names[0]])
        super().__init__(
            f"plugins require each other in a circle: {path}\n"
            "  take one of these names out of a requires list"
        )

    def __reduce__(self) -> tuple[type[Circle], tuple[list[str]]]:
        return type(self), (self.names,)


def place_of(plugin: Plugin, required: str) -> str:
    """Where a manifest requires a plugin, as ``file:line``."""
    metadata = plugin.metadata
    if metadata.file is None or required not in metadata.requires:
        return ""
    return f"{metadata.file}:{metadata.line_of('requires', metadata.requires.index(required))}"


def is_same_place(one: Path, other: Path) -> bool:
    return one == other or one.resolve() == other.resolve()


def what_it_does(plugin: Plugin) -> str:
    if plugin.state is PluginState.ERROR:
        return f"failed: {type(plugin.error).__name__}: {plugin.error}"
    if plugin.step is Step.RUN:
        return "is being loaded"
    because = f": {plugin.reason}" if plugin.reason else ""
    return f"is {plugin.state.value}{because}"


def reached(
    plugins: Collection[Plugin], step: Callable[[Plugin], Sequence[Plugin]]
) -> list[Plugin]:
    """All that can be reached from some plugins, these left out."""
    found: dict[Plugin, None] = {}
    ahead = [*plugins]
    while ahead:
        for other in step(ahead.pop()):
            if other not in plugins and other not in found:
                found[other] = None
                ahead.append(other)
    return [*found]

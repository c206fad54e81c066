"""Who requires whom: the order to start in, what is missing, and who depends on a plugin."""

from __future__ import annotations

from collections.abc import Callable, Collection, Container, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from hotplug.errors import RegistrationError
from hotplug.host.keeping import Circle, fits, kept_by_others
from hotplug.host.lifecycle import RUNNING, PluginState
from hotplug.host.obstacles import Obstacle, ObstacleSource
from hotplug.host.ordering import CircleError, Ordering
from hotplug.host.watching import LOGGER
from hotplug.manifest.fields import VERSION

if TYPE_CHECKING:
    from hotplug.host.plugin import Plugin
    from hotplug.manifest import PluginMetadata
    from hotplug.manifest.constraints import Dependency

__all__ = ["Plugins"]

STOPPED: Final = (PluginState.DISABLED, PluginState.ERROR)


class Edges(NamedTuple):
    """What a manifest says of other plugins."""

    requires: tuple[Dependency, ...] = ()
    wants: tuple[Dependency, ...] = ()
    wishes: tuple[Dependency, ...] = ()
    """What it wants or comes after."""
    conflicts: tuple[Dependency, ...] = ()

    @classmethod
    def of(cls, metadata: PluginMetadata) -> Edges:
        def named(*keys: str) -> tuple[Dependency, ...]:
            return tuple([each for each in metadata.dependencies if each.key in keys])

        return cls(named("requires"), named("wants"), named("wants", "after"), named("conflicts"))


NO_EDGES: Final = Edges()


class Plugins(Mapping[str, "Plugin"]):
    """The plugins of a host by name, and how they depend on each other."""

    def __init__(self, api_version: str = "") -> None:
        self._by_name: dict[str, Plugin] = {}
        self._by_identifier: dict[str, Plugin] = {}
        if api_version and not VERSION.is_right(api_version):
            raise ValueError(f"api_version is a version such as '2.1', not {api_version!r}")
        self.api_version = api_version
        """Which version of the application plugins meet; empty where nobody asks."""
        self._edges: dict[Plugin, Edges] = {}
        self._requirers: dict[str, dict[Plugin, None]] = {}
        self._opponents: dict[str, dict[Plugin, None]] = {}
        self._wishes = 0
        self._in_no_circle = Ordering(lambda plugin: self._steps(plugin, ()))
        self._dropped: dict[tuple[Plugin, Plugin], list[Plugin]] = {}
        self._told: set[tuple[str, str]] = set()
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
        if plugin.name in self._requirers:
            self._in_no_circle.order.clear()
        if not plugin.metadata.dependencies:
            return
        self._edges[plugin] = edges = Edges.of(plugin.metadata)
        self._dropped.clear()
        self._wishes += len(edges.wishes)
        for each in edges.requires:
            self._requirers.setdefault(each.name, {})[plugin] = None
        for each in edges.conflicts:
            self._opponents.setdefault(each.name, {})[plugin] = None

    def update(self, plugin: Plugin, metadata: PluginMetadata) -> None:
        """Let a plugin require what its manifest says now; its place in the order stays."""
        self._forget_edges(plugin)
        plugin.metadata = metadata
        self.add(plugin)

    def remove(self, plugin: Plugin) -> None:
        del self._by_name[plugin.name]
        del self._by_identifier[plugin.metadata.identifier]
        self._forget_edges(plugin)

    def _forget_edges(self, plugin: Plugin) -> None:
        edges = self._edges.pop(plugin, NO_EDGES)
        self._in_no_circle.order.pop(plugin, None)
        self._dropped.clear()
        self._wishes -= len(edges.wishes)
        named = ((self._requirers, edges.requires), (self._opponents, edges.conflicts))
        for index, several in named:
            for each in several:
                index[each.name].pop(plugin, None)
                if not index[each.name]:
                    del index[each.name]

    def edges_of(self, plugin: Plugin) -> Edges:
        """What its manifest says of other plugins."""
        return self._edges.get(plugin, NO_EDGES)

    def _known(self, several: Iterable[Dependency]) -> list[Plugin]:
        """The plugins that are meant, as far as they are known, in versions that will do."""
        known = self._by_name
        return [
            other
            for each in several
            if (other := known.get(each.name)) is not None
            and (not each.constraint or fits(other, each))
        ]

    def required_by(self, plugin: Plugin) -> list[Plugin]:
        """The known plugins that it requires itself."""
        return self._known(self.edges_of(plugin).requires)

    def wanted_by(self, plugin: Plugin) -> list[Plugin]:
        """The known plugins that it wants itself, and that nobody has stopped."""
        wants = self.edges_of(plugin).wants
        return [other for other in self._known(wants) if other.state not in STOPPED]

    def usable_by(self, plugin: Plugin) -> list[Plugin]:
        """The known plugins that it may import."""
        edges = self.edges_of(plugin)
        return self._known((*edges.requires, *edges.wants))

    def requirers_of(self, plugin: Plugin) -> list[Plugin]:
        """The plugins that require it themselves."""
        return self.requirers_named(plugin.name)

    def requirers_named(self, name: str) -> list[Plugin]:
        """The plugins that require one of this name themselves, whether it is there or not."""
        return [*self._requirers.get(name, ())]

    def opponents_of(self, plugin: Plugin) -> list[tuple[Plugin, Plugin, Dependency]]:
        """The known plugins that it cannot run beside; with each, whose manifest says so, where."""
        known = self._by_name
        found = [
            (other, plugin, each)
            for each in self.edges_of(plugin).conflicts
            if (other := known.get(each.name)) is not None and fits(other, each)
        ]
        found += [
            (other, other, each)
            for other, each in self.said_against(plugin.name)
            if fits(plugin, each)
        ]
        return found

    def remember_dropped(self, other: Plugins) -> None:
        """Drop the wishes that others of the same names have dropped."""
        known = self._by_name
        for (one, wanted), circle in [*other._dropped.items()]:
            pair = (known[one.name], known[wanted.name])
            self._dropped[pair] = [known[each.name] for each in circle]

    def said_against(self, name: str) -> list[tuple[Plugin, Dependency]]:
        """The plugins whose manifests say that they cannot run beside one of this name."""
        if name not in self._opponents:
            return []
        return [
            (plugin, each)
            for plugin in [*self._opponents.get(name, ())]
            for each in self.edges_of(plugin).conflicts
            if each.name == name
        ]

    def opponents_of_any(self, plugins: Iterable[Plugin]) -> list[Plugin]:
        """The known plugins that one of these cannot run beside."""
        if not self._opponents:
            return []
        return [other for plugin in plugins for other, _, _ in self.opponents_of(plugin)]

    def avoided_by(self, plugin: Plugin) -> Collection[Plugin]:
        """What cannot run beside it, nor beside what it requires: it may want them all the same."""
        if not self._opponents:
            return ()
        needed = {plugin, *reached([plugin], self.required_by)}
        return {other for other in self.opponents_of_any(needed) if other not in needed}

    def is_alone(self, plugin: Plugin) -> bool:
        """Whether no manifest says what it and others have to do with each other."""
        name = plugin.name
        return not (plugin in self._edges or name in self._requirers or name in self._opponents)

    def needs(self, plugin: Plugin, *, settled: Container[PluginState]) -> list[Plugin]:
        """All that it requires or wants, itself or through others, as far as it is known.

        Another that is in a ``settled`` state has all that it requires: there the search ends.
        """

        def step(other: Plugin) -> Sequence[Plugin]:
            if other.state in settled and other is not plugin:
                return ()
            required = self.required_by(other)
            return [*required, *self.wanted_by(other)] if self._wishes else required

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
        """The plugins with all that they require or want, each after what it comes after.

        What is not known is left out, and so is what others require that are ``settled``; a circle
        of those that require each other is a `DependencyError` that shows it as a path.
        """
        roots = [*plugins]
        if self._edges.keys().isdisjoint(roots):
            return [*dict.fromkeys(roots)]
        among: Collection[Plugin] = ()
        if self._wishes:
            among = {
                *roots,
                *(each for root in roots for each in self.needs(root, settled=settled)),
            }
        ordering = Ordering(lambda plugin: self._steps(plugin, among, settled), self._dropped)
        try:
            for plugin in roots:
                ordering.put(plugin)
        except CircleError as error:
            raise Circle([str(member) for member in error.members]) from None
        self.tell_of_circles()
        return [*ordering.order]

    def refuse_circle(self, plugin: Plugin) -> None:
        """Raise a `Circle` if a plugin cannot run without itself, or without others in a circle.

        It is asked for each that waits, each time: who leads into none is remembered.
        """
        try:
            self._in_no_circle.put(plugin)
        except CircleError as error:
            raise Circle([str(member) for member in error.members]) from None

    def whole_order(self) -> tuple[list[Plugin], list[Plugin]]:
        """All plugins in the order to start in, and apart those that are held up in a circle."""
        ordering = Ordering(lambda plugin: self._steps(plugin, None), self._dropped)
        circular: list[Plugin] = []
        for plugin in [*self._by_name.values()]:
            try:
                ordering.put(plugin)
            except CircleError:
                circular.append(plugin)
        self.tell_of_circles()
        return [*ordering.order], circular

    def to_enable(self) -> list[Plugin]:
        """All plugins, as they may be enabled one after the other."""
        if not self._wishes:
            return [*self._by_name.values()]  # each takes along what it requires
        order, circular = self.whole_order()
        return [*order, *circular]

    def stop_order(self) -> list[Plugin]:
        """All plugins, each before what it requires; those in a circle come first."""
        order, circular = self.whole_order()
        return [*circular, *reversed(order)]

    def _steps(
        self, plugin: Plugin, among: Container[Plugin] | None, settled: Container[PluginState] = ()
    ) -> list[tuple[Plugin, bool]]:
        """What a plugin comes after: what it requires, and then what it would come after."""
        edges = self.edges_of(plugin)
        steps = [(each, False) for each in self._known(edges.requires)]
        if edges.wishes:
            steps += [
                (each, True) for each in self._known(edges.wishes) if among is None or each in among
            ]
        return [step for step in steps if step[0].state not in settled]

    def tell_of_circles(self) -> None:
        """Say once of each wish that it is dropped, for it would close a circle."""
        for (plugin, other), circle in [*self._dropped.items()]:
            pair = (plugin.name, other.name)
            if plugin in circle and pair not in self._told:
                self._told.add(pair)
                path = " -> ".join(each.name for each in [*circle, circle[0]])
                LOGGER.warning(
                    "plugins come after each other in a circle: %s; %r does not wait for %r",
                    path,
                    *pair,
                )

    def requirement(self, plugin: Plugin, name: str) -> Dependency:
        """Where a plugin's manifest requires another."""
        return next(each for each in self.edges_of(plugin).requires if each.name == name)

    def obstacle(
        self, plugin: Plugin, *, to: PluginState, among: Container[object] | None = None
    ) -> str:
        """Why a plugin cannot be loaded or enabled now, in a sentence; empty if it can.

        With ``among``, others are as if they were not there: another thread works on them.
        """
        asks_more = self.obstacle_sources or plugin.metadata.host or plugin.parent is not None
        if not asks_more and self.is_alone(plugin):
            return ""
        kept = next(kept_by_others(self, plugin, to, among), None)
        if kept is not None:
            return kept.sentence
        return next((found.sentence for found in self.foreign_obstacles(plugin)), "")

    def obstacles(self, plugin: Plugin, *, to: PluginState = PluginState.ENABLED) -> list[Obstacle]:
        """All that keeps a plugin from being loaded or enabled now; the first is `obstacle`'s.

        Where another plugin does not run, what keeps that one is to be asked of it in turn.
        """
        found = [kept.obstacle(self, plugin) for kept in kept_by_others(self, plugin, to)]
        own = [] if plugin.retry is None else [plugin.retry.obstacle]
        return [*found, *self.foreign_obstacles(plugin), *own]

    def foreign_obstacles(self, plugin: Plugin) -> Iterator[Obstacle]:
        """What keeps a plugin from running that has nothing to do with other plugins."""
        for source in self.obstacle_sources:
            yield from source(plugin)


def is_same_place(one: Path, other: Path) -> bool:
    return one == other or one.resolve() == other.resolve()


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

"""What keeps a plugin from running: asked often for a sentence, seldom for all there is to say."""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Final, NamedTuple

from hotplug.errors.hosting import DependencyError
from hotplug.host.lifecycle import RUNNING, PluginState, Step
from hotplug.host.obstacles import Kind, Obstacle, Proposal, told
from hotplug.host.watching import LOGGER

if TYPE_CHECKING:
    from hotplug.host.dependencies import Plugins
    from hotplug.host.plugin import Plugin
    from hotplug.manifest.constraints import Dependency

__all__ = ["SETTLED", "Circle", "Kept", "fits", "kept_by_others", "refusal"]
__all__ += ["tell_what_it_goes_without"]

SETTLED: Final = {PluginState.LOADED: RUNNING, PluginState.ENABLED: (PluginState.ENABLED,)}
"""In which states what a plugin requires has to be, for the state that it is to get."""


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


class Kept(NamedTuple):
    """An obstacle before its place is looked for: one that waits for another is asked often."""

    kind: Kind
    about: str
    sentence: str
    said_by: Plugin
    """Whose manifest has it."""
    dependency: Dependency | None = None
    path: Sequence[str] = ()

    def obstacle(self, plugins: Plugins, plugin: Plugin) -> Obstacle:
        """The same, with all there is to say."""
        metadata = self.said_by.metadata
        place = ("host",) if self.dependency is None else self.dependency.place
        return Obstacle(
            self.kind,
            plugin.name,
            self.about,
            self.sentence,
            "" if self.kind == "parent" else metadata.where(*place),
            tuple(self._proposals(plugins, plugin)),
        )

    def _proposals(self, plugins: Plugins, plugin: Plugin) -> Iterator[Proposal]:
        constraint = "" if self.dependency is None else self.dependency.constraint
        if self.kind == "missing":
            yield Proposal.load(self.about, constraint)
        elif self.kind == "version":
            yield Proposal.update(self.about, constraint)
        elif self.kind == "host-version":
            yield Proposal.update(plugin.name, "")
        elif self.kind == "conflict":
            yield Proposal.disable(self.about)
        elif self.kind == "circle":
            for name, required in pairwise([*self.path, self.path[0]]):
                each = plugins.requirement(plugins[name], required)
                where = plugins[name].metadata.where(*each.place)
                yield Proposal.take_out(name, "requires", required, where)
        elif self.kind == "parent":
            yield Proposal.enable_parent(self.about)
        else:
            yield Proposal.enable(self.about)


def kept_by_others(
    plugins: Plugins, plugin: Plugin, to: PluginState, among: Container[object] | None = None
) -> Iterator[Kept]:
    """What other plugins and the host's version keep a plugin from, one by one, as it is asked.

    With ``among``, others are as if they were not there.
    """
    parent = plugin.parent
    if parent is not None and plugin.is_orphaned:
        sentence = f"{parent.name!r}, which has loaded it, {what_it_does(parent)}"
        yield Kept("parent", parent.name, sentence, plugin)
    if plugin.metadata.host:
        yield from kept_by_host(plugins.api_version, plugin)
    edges = plugins.edges_of(plugin)
    if edges.requires:
        yield from kept_by_requirements(plugins, plugin, SETTLED[to], among)
    if to is PluginState.ENABLED:
        yield from kept_by_opponents(plugins, plugin)


def kept_by_host(version: str, plugin: Plugin) -> Iterator[Kept]:
    constraint = plugin.metadata.host
    if version and not is_right(version, constraint):
        sentence = f"it fits version {constraint} of the application, and this is {version}"
        yield Kept("host-version", "host", sentence, plugin)


def kept_by_requirements(
    plugins: Plugins,
    plugin: Plugin,
    is_enough: Sequence[PluginState],
    among: Container[object] | None,
) -> Iterator[Kept]:
    path: Sequence[str] = ()
    try:
        plugins.refuse_circle(plugin)
    except Circle as error:
        path = error.names
        first = plugins[path[0]]
        said = plugins.requirement(first, path[1] if len(path) > 1 else path[0])
        yield Kept("circle", said.name, str(error), first, said, path)
    for each in plugins.edges_of(plugin).requires:
        required = plugins.get(each.name)
        if required is not None and not fits(required, each):
            sentence = f"it requires {each}, and {each.name} {required.version} is loaded"
            yield Kept("version", each.name, sentence, plugin, each)
        elif each.name in path:
            continue  # it does not run for the same reason
        elif required is None or (among is not None and required not in among):
            sentence = f"it requires {each}, which is not loaded"
            yield Kept("missing", each.name, sentence, plugin, each)
        elif required.state not in is_enough:
            kind: Kind = "failed" if required.state is PluginState.ERROR else "disabled"
            kind = kind if required.retry is None else "not-ready"
            sentence = f"it requires {each.name!r}, which {what_it_does(required)}"
            yield Kept(kind, each.name, sentence, plugin, each)


def kept_by_opponents(plugins: Plugins, plugin: Plugin) -> Iterator[Kept]:
    told: set[Plugin] = set()
    for other, said_by, each in plugins.opponents_of(plugin):
        if other.state is not PluginState.ENABLED or other in told:
            continue
        told.add(other)
        it = f"{other.name!r} {other.version}, which is enabled"
        sentence = f"it conflicts with {it}" if said_by is plugin else f"{it}, conflicts with it"
        yield Kept("conflict", other.name, sentence, said_by, each)


def fits(other: Plugin, dependency: Dependency) -> bool:
    """Whether a plugin's version will do."""
    constraint = dependency.constraint
    return not constraint or is_right(other.version, constraint)


@lru_cache(4096)
def is_right(version: str, constraint: str) -> bool:
    # It needs an extra, which is there where a manifest with a constraint could be read.
    from hotplug.manifest.versions import is_right

    return is_right(version, constraint)


def tell_what_it_goes_without(plugins: Plugins, plugin: Plugin) -> None:
    """Say what a plugin wants, and gets nothing of, for the version will not do."""
    for each in plugins.edges_of(plugin).wants:
        other = plugins.get(each.name)
        if other is not None and not fits(other, each):
            where = plugin.metadata.where(*each.place)
            LOGGER.warning(
                "plugin %r wants %s, and goes without: %s %s is loaded%s",
                plugin.name,
                each,
                other.name,
                other.version,
                f" ({where})" if where else "",
            )


def refusal(plugins: Plugins, plugin: Plugin) -> DependencyError:
    """The error for who asked that a plugin start; also, a conflict is not to be waited out."""
    obstacles = plugins.obstacles(plugin)
    said = told(obstacles) or plugin.reason  # another thread may have mended it by now
    error = DependencyError(f"plugin {plugin.name!r} cannot start: {said}")
    error.obstacles = obstacles
    if obstacles and all(each.kind == "conflict" for each in obstacles):
        plugin.wish = plugin.state if plugin.state in RUNNING else None
    return error


def what_it_does(plugin: Plugin) -> str:
    if plugin.state is PluginState.ERROR:
        return f"failed: {type(plugin.error).__name__}: {plugin.error}"
    if plugin.step is Step.RUN:
        return "is being loaded"
    if plugin.retry is not None:
        return f"is {plugin.reason}"
    because = f": {plugin.reason}" if plugin.reason else ""
    return f"is {plugin.state.value}{because}"

"""Finds out what keeps a plugin from running: in itself, and in all that it requires."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

from hotplug.host.absence import Absence
from hotplug.host.diagnosis import Cause, Diagnosis
from hotplug.host.graphs.circles import circles_to_break
from hotplug.host.keeping import fits, kept_by_others
from hotplug.host.lifecycle import PluginState
from hotplug.host.obstacles import Obstacle, Proposal
from hotplug.host.tracebacks import own_line
from hotplug.manifest.constraints import Dependency

if TYPE_CHECKING:
    from hotplug.host.host import PluginHost
    from hotplug.host.plugin import Plugin
    from hotplug.manifest.versions import Agreement

__all__ = ["diagnosed"]

VERSIONS: Final = ("missing", "version", "host-version")
PASSED_ON: Final = ("disabled", "failed", "not-ready", "circle")


def diagnosed(host: PluginHost[Any], name: str) -> Diagnosis:
    """Why the plugin of this name runs or does not."""
    plugin = host.plugins.get(name)
    if plugin is None:
        told = Absence(host, name).told()
        return Diagnosis(plugin=name, causes=tuple(Cause(each, (name,)) for each in told)[::-1])
    running = plugin.state is PluginState.ENABLED
    requirers = host.plugins.requirers_of(plugin)
    return Diagnosis(
        plugin=name,
        version=plugin.version,
        state=plugin.state,
        causes=() if running else tuple(Search(host, plugin).causes()),
        started_for=plugin.started_for or "",
        required_by=tuple(each.name for each in requirers if each.state is PluginState.ENABLED),
        parent="" if plugin.parent is None else plugin.parent.name,
        start=None if running else start_of(plugin),
    )


class Search:
    """Goes through all that has to run for a plugin."""

    def __init__(self, host: PluginHost[Any], first: Plugin) -> None:
        self.host = host
        self.plugins = plugins = host.plugins
        self.first = first
        self.asked: dict[str, list[Dependency]] = {first.name: []}
        """The names of all that has to run, the nearest first, with what is asked of each."""
        self.behind: dict[str, str] = {}
        """Who was the first to ask for each."""
        members = {first: None}
        ahead = [first]
        for plugin in ahead:
            for said in plugins.edges_of(plugin).requires:
                if said.name not in self.asked:
                    self.behind[said.name] = plugin.name
                self.asked.setdefault(said.name, []).append(said)
            new = [each for each in plugins.required_by(plugin) if each not in members]
            members.update(dict.fromkeys(new))
            ahead += new
        self.members = [*members]
        """The plugins of these names, as far as they are there in a version that will do."""

    def causes(self) -> list[Cause]:
        """What has to be mended first comes first."""
        found: list[Obstacle] = []
        idle: list[Plugin] = []
        for plugin in self.members:
            if plugin.state is PluginState.ENABLED:
                continue
            direct = [*self.obstacles(plugin)]
            found += direct
            own = [*in_itself(plugin, is_asked_about=plugin is self.first)]
            if own and not (own[0].kind == "disabled" and direct):
                found += own
            elif not direct:
                idle.append(plugin)
        found += self.circles()
        found += self.conflicts()
        found += self.absences()
        if not found:
            is_asked_for = self.first.wish is PluginState.ENABLED
            others = [plugin for plugin in idle if plugin is not self.first]
            found += map(not_started, others if others and is_asked_for else [self.first])
        return [Cause(each, self.path_to(each.plugin)) for each in reversed(found)]

    def obstacles(self, plugin: Plugin) -> Iterator[Obstacle]:
        """What keeps it, but that others do not run: they are asked in their turn."""
        for kept in kept_by_others(self.plugins, plugin, PluginState.ENABLED):
            if kept.kind in PASSED_ON or (kept.kind == "conflict" and kept.about in self.asked):
                continue
            obstacle = kept.obstacle(self.plugins, plugin)
            if kept.kind in VERSIONS:
                yield self.agreed(obstacle, kept.dependency)
            else:
                yield obstacle
        yield from self.plugins.foreign_obstacles(plugin)

    def agreed(self, obstacle: Obstacle, said: Dependency | None) -> Obstacle:
        """The same with proposals that suit all who require the plugin that it is about."""
        name = obstacle.plugin if said is None else said.name
        asked = "" if said is None else said.constraint
        if all(each.constraint == asked for each in self.asked[name]):
            return obstacle
        agreed = self.agreement(name)
        if said is not None and said.constraint in agreed.outvoted:
            out = Proposal.take_out(obstacle.plugin, "requires", name, obstacle.where)
            against = f"others require {name!r} {agreed.constraint}"
            return replace(obstacle, sentence=f"{obstacle.sentence}; {against}", proposals=(out,))
        offer = Proposal.update if name in self.plugins else Proposal.load
        return replace(obstacle, proposals=(offer(name, agreed.constraint),))

    def agreement(self, name: str) -> Agreement:
        # It stands on an extra, which is there where a manifest asks for a version.
        from hotplug.manifest.versions import agreement

        known = self.plugins.get(name)
        constraints = [each.constraint for each in self.asked[name]]
        return agreement(constraints, "" if known is None else known.version)

    def conflicts(self) -> Iterator[Obstacle]:
        """Between those of which all have to run; and with those that are still to be loaded."""
        members = {*self.members}
        for name in self.asked:
            is_to_come = self.plugins.get(name) not in members
            for plugin, said in self.plugins.said_against(name):
                where = plugin.metadata.where(*said.place)
                if plugin.name in self.asked and self.is_meant(said):
                    both = f"it conflicts with {said}, and {self.first.name!r} needs both"
                    out = Proposal.take_out(plugin.name, "conflicts", name, where)
                    yield Obstacle("conflict", plugin.name, name, both, where, (out,))
                elif is_to_come and plugin.state is PluginState.ENABLED and self.is_meant(said):
                    runs = f"{plugin.name!r} {plugin.version}, which is enabled, conflicts with it"
                    stop = Proposal.disable(plugin.name)
                    yield Obstacle("conflict", name, plugin.name, runs, where, (stop,))

    def absences(self) -> Iterator[Obstacle]:
        """What keeps those from being loaded that are missing."""
        if self.host.project.finds:
            for name in self.asked:
                if name not in self.plugins:
                    yield from Absence(self.host, name).obstacles()

    def is_meant(self, said: Dependency) -> bool:
        """Whether it speaks of the version that runs, or of one that would do."""
        if not said.constraint:
            return True
        from hotplug.manifest.versions import suitable  # as above

        known = self.plugins.get(said.name)
        agreed = Dependency("requires", said.name, self.agreement(said.name).constraint)
        if known is not None and fits(known, agreed):
            return fits(known, said)
        return suitable(f"{agreed.constraint},{said.constraint}".strip(",")) is not None

    def circles(self) -> Iterator[Obstacle]:
        kept = {each.name: each for each in self.members if each.state is not PluginState.ENABLED}
        edges_of = self.plugins.edges_of
        # Those of another version too: as soon as that is mended, they are steps like the others.
        steps = {
            name: [asked.name for asked in edges_of(plugin).requires if asked.name in kept]
            for name, plugin in kept.items()
        }
        for circle in circles_to_break(steps):
            pairs = [*pairwise(circle)]
            yield Obstacle(
                "circle",
                circle[0],
                circle[-2],
                f"plugins require each other in a circle: {' -> '.join(circle)}",
                self.where(*pairs[-1]),
                tuple(
                    Proposal.take_out(name, "requires", other, self.where(name, other))
                    for name, other in reversed(pairs)
                ),
            )

    def where(self, name: str, required: str) -> str:
        plugin = self.plugins[name]
        return plugin.metadata.where(*self.plugins.requirement(plugin, required).place)

    def path_to(self, name: str) -> tuple[str, ...]:
        path = [name]
        while path[-1] in self.behind:
            path.append(self.behind[path[-1]])
        return tuple(reversed(path))


def in_itself(plugin: Plugin, *, is_asked_about: bool) -> Iterator[Obstacle]:
    """What keeps a plugin from running that has to do with itself alone."""
    name = plugin.name
    enable = Proposal.enable(name)
    if plugin.step is not None:
        yield Obstacle("not-ready", name, name, "something is being done to it right now")
    elif plugin.retry is not None:
        soon = f"; it is tried again in {plugin.retry.seconds_left:.0f} s"
        yield replace(plugin.retry.obstacle, sentence=plugin.reason + soon)
    elif plugin.error is not None:
        again = () if is_asked_about else (Proposal(enable.action, f"try again: {enable}"),)
        yield from failed(plugin, plugin.error, again)
    elif plugin.waits_for_parent and plugin.parent is not None:
        parent = plugin.parent.name
        staged = f"it goes live with plugin {parent!r}, which has loaded it and is not enabled"
        yield Obstacle("disabled", name, parent, staged, "", (Proposal.enable(parent),))
    elif plugin.wish is None:
        yield Obstacle("disabled", name, name, plugin.reason, "", (enable,))


def failed(plugin: Plugin, error: BaseException, again: tuple[Proposal, ...]) -> Iterator[Obstacle]:
    """What it failed with: as the error itself tells it, or the line of its code."""
    told: Sequence[Obstacle] = getattr(error, "obstacles", ())
    if told:
        yield from told
        return
    name = plugin.name
    where = own_line(error, plugin.location)
    mend = Proposal(("mend", name, where), f"mend {where or f'plugin {name!r}'}")
    yield Obstacle("failed", name, name, plugin.reason, where, (mend, *again))


def not_started(plugin: Plugin) -> Obstacle:
    """Nothing keeps it but that nobody has enabled it, or used it."""
    name = plugin.name
    reason = plugin.reason or f"it is {plugin.state.value}, and nobody has enabled it"
    return Obstacle("disabled", name, name, reason, "", (start_of(plugin),))


def start_of(plugin: Plugin) -> Proposal:
    """What starts a plugin that nothing keeps."""
    if plugin.metadata.lazy and plugin.wish is PluginState.ENABLED:
        return Proposal(("use", plugin.name), f"use what plugin {plugin.name!r} offers")
    return Proposal.enable(plugin.name)

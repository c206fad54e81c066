"""Reads a graph off the plugins of a host, and runs none of their code."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, cast

from hotplug.host.graphs.circles import knots
from hotplug.host.graphs.graph import EdgeKind, EdgeProblem, Graph, GraphEdge, GraphNode
from hotplug.host.keeping import fits, kept_by_others
from hotplug.host.lifecycle import RUNNING, PluginState

if TYPE_CHECKING:
    from hotplug.host.dependencies import Plugins
    from hotplug.host.plugin import Plugin
    from hotplug.manifest.constraints import Dependency

__all__ = ["graph_of"]


def graph_of(title: str, plugins: Plugins) -> Graph:
    """The graph as it is now."""
    known = {plugin.name: plugin for plugin in [*plugins.values()]}
    requires = {
        name: [other for other in plugin.requires if other in known]
        for name, plugin in known.items()
    }
    knot_of = {name: knot for knot in knots(requires) for name in knot}
    edges = [
        edge
        for plugin in known.values()
        for edge in edges_from(plugin, known, knot_of.get(plugin.name, set()))
    ]
    return Graph(title, (node_of(plugin, plugins) for plugin in known.values()), edges)


def node_of(plugin: Plugin, plugins: Plugins) -> GraphNode:
    return GraphNode(
        name=plugin.name,
        version=plugin.version,
        state=plugin.state,
        reason=reason_of(plugin, plugins),
        origin=str(plugin.location),
        parent=None if plugin.parent is None else plugin.parent.name,
    )


def reason_of(plugin: Plugin, plugins: Plugins) -> str:
    """Why it does not run now: what it was told to wait for may be there, and others not."""
    if plugin.state in (*RUNNING, PluginState.ERROR) or plugin.wish is None:
        return plugin.reason
    kept = kept_by_others(plugins, plugin, plugin.wish)
    return next((each.sentence for each in kept), plugin.reason)


def edges_from(plugin: Plugin, known: Mapping[str, Plugin], knot: set[str]) -> Iterator[GraphEdge]:
    for said in plugin.metadata.dependencies:
        yield GraphEdge(
            source=plugin.name,
            target=said.name,
            kind=cast("EdgeKind", said.key),
            constraint=said.constraint,
            problem=problem_with(said, known.get(said.name), knot),
            where=plugin.metadata.where(*said.place),
        )
    for child in plugin.children:
        yield GraphEdge(source=plugin.name, target=child.name, kind="child")


def problem_with(said: Dependency, other: Plugin | None, knot: set[str]) -> EdgeProblem:
    """Why what a plugin says of another does not hold."""
    if said.key == "after":
        return ""
    if said.key == "conflicts":
        return (
            "conflict"
            if other is not None and other.state is PluginState.ENABLED and fits(other, said)
            else ""
        )
    if other is None:
        return "missing"
    if said.key == "requires" and other.name in knot:
        return "circle"
    if not fits(other, said):
        return "version"
    return "" if other.state is PluginState.ENABLED else "stopped"

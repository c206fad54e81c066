"""Who stands on whom, as data. How it is drawn is the business of the modules beside this one."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from typing import Any, Final, Literal

from hotplug.host.graphs.circles import circle_in, knots
from hotplug.host.lifecycle import PluginState

__all__ = ["FORMAT", "EdgeKind", "EdgeProblem", "Graph", "GraphEdge", "GraphNode", "reached"]

EdgeKind = Literal["requires", "wants", "after", "conflicts", "child"]
EdgeProblem = Literal["", "missing", "version", "circle", "stopped", "conflict"]

FORMAT: Final = "hotplug.graph/1"
"""What the JSON says it is; the number changes with what a reader has to know."""
MISSING: Final = "missing"


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class GraphNode:
    """A plugin, or a name for which there is none."""

    name: str
    version: str = ""
    state: PluginState | None = None
    """None where no such plugin is loaded."""
    reason: str = ""
    """Why it does not run."""
    origin: str = ""
    """Where it comes from."""
    parent: str | None = None
    """The plugin that it stops with."""

    @property
    def is_missing(self) -> bool:
        """Whether others name it, and it is not loaded."""
        return self.state is None

    @property
    def word(self) -> str:
        """Its state in a word."""
        return MISSING if self.state is None else self.state.value


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class GraphEdge:
    """What one plugin says of another: ``source`` *requires* ``target``, or has it as a *child*."""

    source: str
    target: str
    kind: EdgeKind
    constraint: str = ""
    """The versions that it takes, as it writes them; empty if any will do."""
    problem: EdgeProblem = ""
    """Why it is not satisfied: the target is not there, is another version, does not run, stands in
    a circle with the source, or runs where it must not."""
    where: str = ""
    """The file and line that say so."""

    @property
    def is_satisfied(self) -> bool:
        """Whether all is as the source wants it."""
        return not self.problem


@dataclasses.dataclass(frozen=True)
class Graph:
    """The plugins of a host and what they say of each other, as it was when it was asked for.

    ``print(graph)`` shows a tree.

    >>> shop = GraphNode(name="shop", version="1.4.0", state=PluginState.UNLOADED)
    >>> needs = GraphEdge(source="shop", target="till", kind="requires", problem="missing")
    >>> print(Graph("market", [shop, GraphNode(name="till")], [needs]).to_text(ascii=True))
    shop 1.4.0  unloaded
    `-- ! till  missing
    """

    title: str
    """The name of the host."""
    nodes: tuple[GraphNode, ...]
    edges: tuple[GraphEdge, ...]

    def __init__(
        self, title: str, nodes: Iterable[GraphNode], edges: Iterable[GraphEdge] = ()
    ) -> None:
        edges = tuple(edges)
        known = {node.name: node for node in nodes}
        for name in (name for edge in edges for name in (edge.source, edge.target)):
            if name not in known:
                known[name] = GraphNode(name=name)
        object.__setattr__(self, "title", title)
        object.__setattr__(self, "nodes", tuple(known.values()))
        object.__setattr__(self, "edges", edges)

    @cached_property
    def by_name(self) -> Mapping[str, GraphNode]:
        """The nodes by name."""
        return {node.name: node for node in self.nodes}

    @cached_property
    def missing(self) -> tuple[str, ...]:
        """What is named somewhere and not loaded."""
        return tuple(node.name for node in self.nodes if node.is_missing)

    @cached_property
    def circles(self) -> tuple[tuple[str, ...], ...]:
        """One for each knot of plugins that require each other, as a path: ``("a", "b", "a")``."""
        return tuple(tuple(circle_in(sorted(knot), self._required)) for knot in self._knots)

    def is_in_circle(self, edge: GraphEdge) -> bool:
        """Whether it is a part of what keeps plugins that require each other from starting."""
        knot = self._knot_of.get(edge.source)
        return edge.kind == "requires" and knot is not None and edge.target in knot

    @cached_property
    def _required(self) -> Mapping[str, list[str]]:
        required: dict[str, list[str]] = {node.name: [] for node in self.nodes}
        for edge in self.edges:
            if edge.kind == "requires":
                required[edge.source].append(edge.target)
        return required

    @cached_property
    def _knots(self) -> list[set[str]]:
        return knots(self._required)

    @cached_property
    def _knot_of(self) -> Mapping[str, set[str]]:
        return {name: knot for knot in self._knots for name in knot}

    def edges_from(self, name: str) -> tuple[GraphEdge, ...]:
        """What a plugin says of others."""
        return self._sources.get(name, ())

    def edges_to(self, name: str) -> tuple[GraphEdge, ...]:
        """What others say of a plugin."""
        return self._targets.get(name, ())

    @cached_property
    def _sources(self) -> Mapping[str, tuple[GraphEdge, ...]]:
        return grouped((edge.source, edge) for edge in self.edges)

    @cached_property
    def _targets(self) -> Mapping[str, tuple[GraphEdge, ...]]:
        return grouped((edge.target, edge) for edge in self.edges)

    def around(self, *names: str) -> Graph:
        """The part that concerns some plugins: what they stand on, and what stands on them."""
        kept: set[str] = set()
        for step in (self._targets_of, self._sources_of):
            kept |= reached(names, step)
        return Graph(
            self.title,
            (node for node in self.nodes if node.name in kept),
            (edge for edge in self.edges if {edge.source, edge.target} <= kept),
        )

    def _targets_of(self, name: str) -> list[str]:
        return [edge.target for edge in self.edges_from(name)]

    def _sources_of(self, name: str) -> list[str]:
        return [edge.source for edge in self.edges_to(name)]

    def to_data(self) -> dict[str, Any]:
        """All of it as `docs/graph.schema.json` describes it."""
        return {
            "format": FORMAT,
            "title": self.title,
            "nodes": [{**plain(node), "state": node.word} for node in self.nodes],
            "edges": [{**plain(edge), "is_satisfied": edge.is_satisfied} for edge in self.edges],
            "missing": [*self.missing],
            "circles": [[*circle] for circle in self.circles],
        }

    def to_json(self, *, indent: int | None = 2) -> str:
        """The same as a text."""
        return json.dumps(self.to_data(), indent=indent)

    def to_text(self, *, ascii: bool | None = None) -> str:  # noqa: A002 (as `builtins.ascii`)
        """A tree for a terminal; in plain ASCII if it is asked for, or if nothing else is shown."""
        from hotplug.host.graphs.tree import tree  # each drawing is loaded when it is wanted

        return tree(self, in_ascii=ascii)

    def to_dot(self) -> str:
        """For Graphviz: ``dot -Tsvg``."""
        from hotplug.host.graphs.dot import dot

        return dot(self)

    def to_mermaid(self) -> str:
        """For Mermaid, which many wikis and code hosts draw."""
        from hotplug.host.graphs.mermaid import mermaid

        return mermaid(self)

    def to_svg(self) -> str:
        """A picture that a browser shows; nothing has to be installed for it."""
        from hotplug.host.graphs.svg import svg

        return svg(self)

    def __str__(self) -> str:
        return self.to_text()

    def __repr__(self) -> str:
        return f"<Graph {self.title!r}, {len(self.nodes)} plugins, {len(self.edges)} edges>"


def plain(record: GraphNode | GraphEdge) -> dict[str, Any]:
    return {field.name: getattr(record, field.name) for field in dataclasses.fields(record)}


def grouped(pairs: Iterable[tuple[str, GraphEdge]]) -> dict[str, tuple[GraphEdge, ...]]:
    groups: dict[str, list[GraphEdge]] = {}
    for name, edge in pairs:
        groups.setdefault(name, []).append(edge)
    return {name: tuple(group) for name, group in groups.items()}


def reached(names: Iterable[str], step: Callable[[str], Iterable[str]]) -> set[str]:
    """The names, and all that can be reached from them."""
    found = {*names}
    ahead = [*found]
    while ahead:
        new = {name for name in step(ahead.pop()) if name not in found}
        found |= new
        ahead += new
    return found

"""A graph as a tree for a terminal: below each plugin stands what it needs."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from hotplug.host.graphs.graph import Graph, GraphEdge, GraphNode
from hotplug.host.graphs.wording import called, is_in_the_way

__all__ = ["tree"]


class Branches(NamedTuple):
    """What stands before the lines."""

    more: str
    last: str
    beside: str
    below: str


BOX: Final = Branches("├── ", "└── ", "│   ", "    ")
ASCII: Final = Branches("|-- ", "`-- ", "|   ", "    ")

OPENED: Final = ("requires", "wants", "child")
"""Kinds of edges whose target has its own lines below: it is there because of the source."""
AHEAD: Final = {"requires": "", "conflicts": "conflicts with "}


def tree(graph: Graph, *, in_ascii: bool | None = None) -> str:
    """The lines of all plugins; those come first that nothing else needs."""
    if in_ascii is None:
        in_ascii = not can_print("".join(BOX))
    branches = ASCII if in_ascii else BOX
    shown: set[str] = set()
    return "\n".join([*all_lines(graph, branches, shown), *closing_lines(graph)])


def can_print(text: str) -> bool:
    """Whether standard output has such characters."""
    try:
        text.encode(getattr(sys.stdout, "encoding", None) or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def all_lines(graph: Graph, branches: Branches, shown: set[str]) -> Iterator[str]:
    needed = {edge.target for edge in graph.edges if edge.kind in OPENED}
    tops = [node for node in graph.nodes if node.name not in needed]
    for node in (*tops, *graph.nodes):  # those in a circle need each other
        if node.name not in shown and not node.is_missing:
            shown.add(node.name)
            yield node_line(node)
            yield from lines_below(node.name, graph, branches, shown)


def lines_below(top: str, graph: Graph, branches: Branches, shown: set[str]) -> Iterator[str]:
    """What a plugin says of others, and what these say; nobody is opened twice."""
    ahead = with_indent(graph.edges_from(top), "")
    while ahead:  # a row of plugins may be too long for a function that calls itself
        edge, indent, is_last = ahead.pop()
        node = graph.by_name[edge.target]
        is_new = edge.kind in OPENED and node.name not in shown
        note = "" if is_new else "  (in a circle)" if graph.is_in_circle(edge) else ""
        if not is_new and not note and edge.kind in OPENED and graph.edges_from(node.name):
            note = "  (above)"
        yield f"{indent}{branches.last if is_last else branches.more}{edge_line(edge, node)}{note}"
        if is_new:
            shown.add(node.name)
            inner = indent + (branches.below if is_last else branches.beside)
            ahead += with_indent(graph.edges_from(node.name), inner)


def with_indent(edges: Iterable[GraphEdge], indent: str) -> list[tuple[GraphEdge, str, bool]]:
    """Edges to take from the end, each with what stands before it, and whether it is the last."""
    return [(edge, indent, not at) for at, edge in enumerate(reversed([*edges]))]


def node_line(node: GraphNode) -> str:
    reason = f": {node.reason.splitlines()[0]}" if node.reason else ""
    return f"{called(node)}  {node.word}{reason}"


def edge_line(edge: GraphEdge, node: GraphNode) -> str:
    mark = "! " if is_in_the_way(edge) else ""
    takes = f" ({edge.constraint})" if edge.constraint else ""
    if edge.problem == "version":
        takes = f", not {edge.constraint}"
    return f"{mark}{AHEAD.get(edge.kind, f'{edge.kind} ')}{called(node)}{takes}  {node.word}"


def closing_lines(graph: Graph) -> Iterator[str]:
    if not graph.nodes:
        yield "no plugins"
    for circle in graph.circles:
        yield f"in a circle: {' -> '.join(circle)}"

"""What every drawing of a graph says of a plugin and of an edge."""

from __future__ import annotations

from typing import Final

from hotplug.host.graphs.graph import GraphEdge, GraphNode

__all__ = ["at_arrow", "called", "is_in_the_way", "remark"]

AT_ARROW: Final = {"requires": "", "conflicts": "conflicts with"}
VERBS: Final = {"after": "starts after", "conflicts": "conflicts with", "child": "has loaded"}
PROBLEMS: Final = {
    "": "",
    "missing": "it is not loaded",
    "version": "another version is loaded",
    "circle": "they require each other in a circle",
    "stopped": "it does not run",
    "conflict": "it runs",
}


def called(node: GraphNode) -> str:
    """Its name and version."""
    return f"{node.name} {node.version}".rstrip()


def at_arrow(edge: GraphEdge) -> str:
    """What stands at the arrow: nothing for a plain requirement."""
    return f"{AT_ARROW.get(edge.kind, edge.kind)} {edge.constraint}".strip()


def is_in_the_way(edge: GraphEdge) -> bool:
    """Whether it keeps its source from running: what is only wanted does not."""
    return not edge.is_satisfied and edge.kind in ("requires", "conflicts")


def remark(thing: GraphNode | GraphEdge) -> str:
    """What is told of it to whoever points at it."""
    if isinstance(thing, GraphNode):
        return "\n".join(filter(None, (thing.reason, thing.origin)))
    said = f"{thing.source} {VERBS.get(thing.kind, thing.kind)} {thing.target} {thing.constraint}"
    return "\n".join(filter(None, (said.rstrip(), PROBLEMS[thing.problem], thing.where)))

"""A graph in the language of Graphviz."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from hotplug.host.graphs.graph import Graph, GraphEdge
from hotplug.host.graphs.palette import BROKEN, FILL, LINE
from hotplug.host.graphs.wording import at_arrow, called, is_in_the_way, remark

__all__ = ["dot"]

SPECIAL: Final = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "", "&": "&amp;"})
STYLES: Final = {"wants": "dashed", "after": "dotted", "child": "bold"}


def dot(graph: Graph) -> str:
    """A digraph whose arrows lead to what a plugin needs."""
    return "\n".join(["digraph plugins {", *(f"  {line};" for line in lines(graph)), "}"])


def lines(graph: Graph) -> Iterator[str]:
    yield f"graph {attributes(label=graph.title, rankdir='LR', fontname='sans-serif')}"
    yield f"node {attributes(shape='box', style='rounded,filled', fontname='sans-serif')}"
    yield f"edge {attributes(fontname='sans-serif', fontsize='10', color=LINE)}"
    ids = {node.name: f"p{at}" for at, node in enumerate(graph.nodes)}
    for node in graph.nodes:
        label = f"{called(node)}\n{node.word}"
        dashes = {"style": "rounded,filled,dashed"} if node.is_missing else {}
        colours = {"fillcolor": FILL[node.word], "tooltip": remark(node) or label}
        yield f"{ids[node.name]} {attributes(label=label, **colours, **dashes)}"
    for edge in graph.edges:
        yield f"{ids[edge.source]} -> {ids[edge.target]} {attributes(**look(edge))}"


def look(edge: GraphEdge) -> dict[str, str]:
    look = {"tooltip": remark(edge)}
    words = at_arrow(edge)
    if words:
        look["label"] = words
    if edge.kind in STYLES:
        look["style"] = STYLES[edge.kind]
    if edge.kind == "conflicts":
        look |= {"dir": "both", "arrowhead": "tee", "arrowtail": "tee", "constraint": "false"}
    if is_in_the_way(edge):
        look |= {"color": BROKEN, "fontcolor": BROKEN}
    return look


def attributes(**values: str) -> str:
    """A list of attributes; whatever stands in the values is text.

    >>> attributes(label="soup & bread", shape="box")
    '[label="soup &amp; bread", shape="box"]'
    """
    return f"[{', '.join(f'{name}={quoted(value)}' for name, value in values.items())}]"


def quoted(text: str) -> str:
    return f'"{text.translate(SPECIAL)}"'

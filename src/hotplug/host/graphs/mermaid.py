"""A graph in the language of Mermaid."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from hotplug.host.graphs.graph import Graph, GraphEdge
from hotplug.host.graphs.palette import BROKEN, FILL, INK, LINE
from hotplug.host.graphs.wording import at_arrow, called, is_in_the_way

__all__ = ["mermaid"]

PLAIN: Final = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 .,_-")
ARROWS: Final = {"requires": "-->", "wants": "-.->", "after": "-.->", "conflicts": "x--x"}
ARROWS_OTHERWISE: Final = "==>"


def mermaid(graph: Graph) -> str:
    """A flowchart whose arrows lead to what a plugin needs."""
    return "\n".join(["flowchart LR", *(f"  {line}" for line in lines(graph))])


def lines(graph: Graph) -> Iterator[str]:
    ids = {node.name: f"p{at}" for at, node in enumerate(graph.nodes)}
    for node in graph.nodes:
        label = f"{text(called(node))}<br/>{node.word}"
        yield f'{ids[node.name]}("{label}"):::{node.word}'
    broken: list[str] = []
    for at, edge in enumerate(graph.edges):
        yield f"{ids[edge.source]} {arrow(edge)} {ids[edge.target]}"
        broken += [str(at)] if is_in_the_way(edge) else []
    for word, colour in FILL.items():
        dashes = ",stroke-dasharray:4" if word == "missing" else ""
        yield f"classDef {word} fill:{colour},stroke:{LINE},color:{INK}{dashes}"
    if broken:
        yield f"linkStyle {','.join(broken)} stroke:{BROKEN},color:{BROKEN}"


def arrow(edge: GraphEdge) -> str:
    arrow = ARROWS.get(edge.kind, ARROWS_OTHERWISE)
    words = at_arrow(edge)
    return f'{arrow}|"{text(words)}"|' if words else arrow


def text(words: str) -> str:
    """Words that Mermaid shows as they are.

    >>> text('>=2 "or so"')
    '#62;#61;2 #34;or so#34;'
    """
    return "".join(sign if sign in PLAIN else f"#{ord(sign)};" for sign in words)

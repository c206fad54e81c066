"""A graph as a picture made of nothing but text: SVG, which every browser shows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from html import escape
from itertools import pairwise
from typing import Final, NamedTuple

from hotplug.host.graphs.graph import Graph, GraphEdge, GraphNode, reached
from hotplug.host.graphs.layout import Layout, Spot, layout
from hotplug.host.graphs.palette import BROKEN, FILL, INK, LINE
from hotplug.host.graphs.wording import at_arrow, called, is_in_the_way, remark

__all__ = ["svg"]

LETTER: Final = 7.3
"""The width of a letter: the same for all in a monospaced font, here 12 units high."""
SMALL: Final = 6.1
HEIGHT: Final = 40.0
PADDING: Final = 12.0
BETWEEN: Final = 16.0
BETWEEN_COLUMNS: Final = 60.0
MARGIN: Final = 20.0
DASHES: Final = {"wants": "6 4", "after": "2 4", "conflicts": "10 4"}
STYLE: Final = (
    'text{font:12px ui-monospace,Menlo,Consolas,"DejaVu Sans Mono",monospace;text-anchor:middle}'
    ".small{font-size:10px}.halo{stroke:#fff;stroke-width:4;paint-order:stroke}"
    "path{fill:none;stroke-width:1.4}.child{stroke-width:2.6}"
)


class Box(NamedTuple):
    """The place of a plugin, or of a bend."""

    left: float
    middle: float
    width: float

    @property
    def right(self) -> float:
        return self.left + self.width


Boxes = Mapping[Spot, Box]
Line = list[tuple[float, float]]


def svg(graph: Graph) -> str:
    """The picture; what a reader points at says more."""
    steps = steps_of(graph)
    joined = {name for edge in graph.edges for name in (edge.source, edge.target)}
    placed = layout({name: steps[name] for name in steps if name in joined}, room)
    boxes = boxes_of(graph, placed)
    boxes |= in_rows([node for node in graph.nodes if node.name not in joined], boxes)
    lines: dict[GraphEdge, Line] = {}
    for edge in graph.edges:
        way = placed.ways.get((edge.source, edge.target))
        back = placed.ways.get((edge.target, edge.source), (edge.target, edge.source))
        lines[edge] = line_through([boxes[spot] for spot in way or back[::-1]])
    return "\n".join(
        [
            *opening(graph, boxes),
            *(drawn_edge(edge, lines[edge]) for edge in graph.edges),
            *(drawn_words(edge, lines[edge]) for edge in graph.edges if at_arrow(edge)),
            *(drawn_node(node, boxes[node.name]) for node in graph.nodes),
            "</svg>",
        ]
    )


def steps_of(graph: Graph) -> dict[str, dict[str, None]]:
    """Where arrows lead; one that has two heads leads where it turns no other round."""
    steps: dict[str, dict[str, None]] = {node.name: {} for node in graph.nodes}
    for edge in sorted(graph.edges, key=lambda edge: edge.kind == "conflicts"):
        source, target = edge.source, edge.target
        if edge.kind == "conflicts" and source in reached([target], steps.__getitem__):
            source, target = target, source
        if source != target:
            steps[source][target] = None
    return steps


def room(spot: Spot) -> float:
    return HEIGHT + BETWEEN if isinstance(spot, str) else BETWEEN


def width_of(node: GraphNode) -> float:
    return 2 * PADDING + max(len(called(node)) * LETTER, len(node.word) * SMALL)


def boxes_of(graph: Graph, placed: Layout) -> dict[Spot, Box]:
    """Columns as wide as what stands in them, and as far apart as words at arrows ask for."""
    words = [len(at_arrow(edge)) for edge in graph.edges]
    gap = BETWEEN_COLUMNS + SMALL * max(words, default=0)
    boxes: dict[Spot, Box] = {}
    left = MARGIN
    for column in placed.columns:
        names = [graph.by_name[spot] for spot in column if isinstance(spot, str)]
        width = max(map(width_of, names), default=0.0)
        boxes.update((spot, Box(left, placed.heights[spot], width)) for spot in column)
        left += width + gap
    return boxes


def in_rows(nodes: Sequence[GraphNode], above: Boxes) -> dict[Spot, Box]:
    """Those that have nothing to do with others stand in rows below the rest."""
    if not nodes:
        return {}
    top = max((box.middle for box in above.values()), default=-HEIGHT - BETWEEN)
    right = max((box.right for box in above.values()), default=0.0)
    width = max(map(width_of, nodes))
    fitting = int((right - MARGIN) / (width + BETWEEN))
    many = max(fitting, round(len(nodes) ** 0.5))
    return {
        node.name: Box(
            MARGIN + at % many * (width + BETWEEN),
            top + (1 + at // many) * (HEIGHT + BETWEEN),
            width,
        )
        for at, node in enumerate(nodes)
    }


def opening(graph: Graph, boxes: Boxes) -> Iterator[str]:
    middles = [box.middle for box in boxes.values()] or [0.0]
    top = min(middles) - HEIGHT / 2 - MARGIN
    height = max(middles) + HEIGHT / 2 + MARGIN - top
    width = max((box.right for box in boxes.values()), default=0.0) + MARGIN
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 {top:g} {width:g} {height:g}" '
        f'width="{width:g}" height="{height:g}">'
    )
    yield f"<title>{escape(graph.title)}</title><style>{STYLE}</style><defs>"
    for name, colour in (("plain", LINE), ("broken", BROKEN)):
        yield (
            f'<marker id="{name}" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" '
            f'markerHeight="8" orient="auto"><path d="M1 1L7 4L1 7" stroke="{colour}"/></marker>'
        )
    yield f'</defs><rect y="{top:g}" width="{width:g}" height="{height:g}" fill="#fff"/>'


def drawn_node(node: GraphNode, box: Box) -> str:
    dashes = ' stroke-dasharray="4 3"' if node.is_missing else ""
    middle = box.left + box.width / 2
    return (
        f"<g><title>{escape(remark(node) or called(node))}</title>"
        f'<rect x="{box.left:g}" y="{box.middle - HEIGHT / 2:g}" width="{box.width:g}" '
        f'height="{HEIGHT:g}" rx="6" fill="{FILL[node.word]}" stroke="{LINE}"{dashes}/>'
        f'<text x="{middle:g}" y="{box.middle - 2:g}" fill="{INK}">{escape(called(node))}</text>'
        f'<text x="{middle:g}" y="{box.middle + 13:g}" class="small" fill="{INK}">'
        f"{node.word}</text></g>"
    )


def drawn_edge(edge: GraphEdge, line: Line) -> str:
    name, colour = look(edge)
    dashes = f' stroke-dasharray="{DASHES[edge.kind]}"' if edge.kind in DASHES else ""
    end = "" if edge.kind == "conflicts" else f' marker-end="url(#{name})"'
    return (
        f"<g><title>{escape(remark(edge))}</title>"
        f'<path class="{edge.kind}" d="{curve(line)}" stroke="{colour}"{dashes}{end}/></g>'
    )


def drawn_words(edge: GraphEdge, line: Line) -> str:
    (x, y), (to_x, to_y) = line[:2]
    return (
        f'<text x="{(x + to_x) / 2:g}" y="{(y + to_y) / 2 + 3:g}" class="small halo" '
        f'fill="{look(edge)[1]}">{escape(at_arrow(edge))}</text>'
    )


def look(edge: GraphEdge) -> tuple[str, str]:
    return ("broken", BROKEN) if is_in_the_way(edge) else ("plain", LINE)


def line_through(way: Sequence[Box]) -> Line:
    """Where an arrow leaves a column, and where it comes to the next, in turn."""
    first, *between, last = way
    if first is last:
        return [(first.right, first.middle - PADDING), (last.right, last.middle + PADDING)]
    forth = first.left < last.left
    line = [(first.right if forth else first.left, first.middle)]
    for box in between:
        ends = ((box.left, box.middle), (box.right, box.middle))
        line += ends if forth else ends[::-1]
    return [*line, (last.left if forth else last.right, last.middle)]


def curve(line: Line) -> str:
    """A line through the points that is level at each of them."""
    parts = [f"M{line[0][0]:g} {line[0][1]:g}"]
    for (x, y), (to_x, to_y) in pairwise(line):
        turn = x + HEIGHT if x == to_x else (x + to_x) / 2  # the former leads to itself
        parts.append(f"C{turn:g} {y:g} {turn:g} {to_y:g} {to_x:g} {to_y:g}")
    return "".join(parts)

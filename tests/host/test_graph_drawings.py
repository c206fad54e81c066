"""A graph drawn as JSON, as a tree, for Graphviz, for Mermaid and as SVG: whatever it is of."""

from __future__ import annotations

import io
import json
import re
import sys
from html import unescape
from importlib import import_module
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any, Final, NamedTuple, get_args
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotplug.host.graphs import EdgeKind, EdgeProblem, Graph, GraphEdge, GraphNode
from hotplug.host.graphs.palette import FILL
from hotplug.host.lifecycle import PluginState

SCHEMA: Final = json.loads(
    (Path(__file__).resolve().parent.parent.parent / "docs" / "graph.schema.json").read_text()
)
VALIDATOR: Final[Any] = import_module("jsonschema").Draft202012Validator  # it has no types
SVG: Final = "{http://www.w3.org/2000/svg}"

nasty = st.text(
    st.one_of(st.sampled_from("\\\"\n'`#;&<>|[](){}-=.% é你"), st.sampled_from("abend1")),
    min_size=1,
)


@st.composite
def graphs(
    draw: st.DrawFn, texts: st.SearchStrategy[str] = nasty, *, all_loaded: bool = False
) -> Graph:
    """Any graph at all, also such as no host has."""
    names = draw(st.lists(texts, unique=True, max_size=8))
    states = st.sampled_from([*PluginState] if all_loaded else [*PluginState, None])
    nodes = [
        GraphNode(name=name, version=draw(texts), state=draw(states), reason=draw(texts))
        for name in names
    ]
    ends = st.sampled_from(names) if names else st.nothing()
    edges = st.builds(
        GraphEdge,
        source=ends,
        target=ends,
        kind=st.sampled_from(get_args(EdgeKind)),
        constraint=st.one_of(st.just(""), texts),
        problem=st.sampled_from(get_args(EdgeProblem)),
        where=texts,
    )
    return Graph(draw(texts), nodes, draw(st.lists(edges, max_size=15)))


def market() -> Graph:
    """A graph with one of everything."""
    enabled, unloaded = PluginState.ENABLED, PluginState.UNLOADED
    return Graph(
        "market",
        [
            GraphNode(name="shop", version="1.4.0", state=enabled),
            GraphNode(name="till", version="2.1", state=enabled),
            GraphNode(name="helper", version="0.1", state=enabled, parent="shop"),
            GraphNode(name="reports", version="0.9", state=unloaded, reason="no billing\nat all"),
            GraphNode(name="a", version="1", state=unloaded),
            GraphNode(name="b", version="1", state=unloaded),
        ],
        [
            GraphEdge(source="shop", target="till", kind="requires", constraint=">=2"),
            GraphEdge(source="shop", target="mailer", kind="wants", problem="missing"),
            GraphEdge(source="shop", target="helper", kind="child"),
            GraphEdge(source="reports", target="shop", kind="requires", problem="version",
                      constraint=">=2"),
            GraphEdge(source="reports", target="billing", kind="requires", problem="missing"),
            GraphEdge(source="reports", target="till", kind="after"),
            GraphEdge(source="till", target="reports", kind="conflicts"),
            GraphEdge(source="a", target="b", kind="requires", problem="circle"),
            GraphEdge(source="b", target="a", kind="requires", problem="circle"),
        ],
    )  # fmt: skip


# data


def test_r6_what_is_named_and_not_there_is_a_node_too() -> None:
    assert market().missing == ("mailer", "billing")
    assert market().by_name["billing"].is_missing


def test_r6_circles_are_paths() -> None:
    assert market().circles == (("a", "b", "a"),)


@given(graphs())
def test_r6_a_circle_is_a_path_of_requirements_and_there_is_one_for_each_knot(
    graph: Graph,
) -> None:
    steps = {(edge.source, edge.target) for edge in graph.edges if edge.kind == "requires"}
    for circle in graph.circles:
        assert circle[0] == circle[-1]
        assert {*pairwise(circle)} <= steps

    in_circle = {name for name in graph.by_name if (name, name) in closure(steps)}
    knots = {frozenset(n for n in in_circle if knows(steps, n, name)) for name in in_circle}
    assert len(graph.circles) == len(knots)
    assert {edge for edge in graph.edges if graph.is_in_circle(edge)} == {
        edge
        for edge in graph.edges
        if edge.kind == "requires" and (edge.target, edge.source) in closure(steps)
    }


def closure(steps: set[tuple[str, str]]) -> set[tuple[str, str]]:
    """All pairs of which one leads to the other in one step or several."""
    found = {*steps}
    while True:
        new = {(one, far) for one, near in found for by, far in steps if by == near} - found
        if not new:
            return found
        found |= new


def knows(steps: set[tuple[str, str]], one: str, other: str) -> bool:
    return {(one, other), (other, one)} <= closure(steps)


def test_r6_a_part_of_it_has_what_a_plugin_stands_on_and_what_stands_on_it() -> None:
    part = market().around("till")

    assert {node.name for node in part.nodes} == {"till", "shop", "reports", "mailer", "helper",
                                                  "billing"}  # fmt: skip


# JSON


@given(graphs())
def test_r6_the_json_is_as_its_schema_says(graph: Graph) -> None:
    data = json.loads(graph.to_json())

    assert [error.message for error in VALIDATOR(SCHEMA).iter_errors(data)] == []
    assert [node["name"] for node in data["nodes"]] == [node.name for node in graph.nodes]


def test_r6_the_schema_knows_all_that_there_is() -> None:
    VALIDATOR.check_schema(SCHEMA)
    node, edge = (SCHEMA["$defs"][name]["properties"] for name in ("node", "edge"))

    assert node["state"]["enum"] == [*(state.value for state in PluginState), "missing"]
    assert edge["kind"]["enum"] == [*get_args(EdgeKind)]
    assert edge["problem"]["enum"] == [*get_args(EdgeProblem)]
    assert {*FILL} == {*node["state"]["enum"]}


# the tree


def test_r6_the_tree_shows_what_each_plugin_needs_below_it() -> None:
    graph = market()

    assert graph.to_text(ascii=False).splitlines() == [
        "reports 0.9  unloaded: no billing",
        "├── ! shop 1.4.0, not >=2  enabled",
        "│   ├── till 2.1 (>=2)  enabled",
        "│   │   └── conflicts with reports 0.9  unloaded",
        "│   ├── wants mailer  missing",
        "│   └── child helper 0.1  enabled",
        "├── ! billing  missing",
        "└── after till 2.1  enabled",
        "a 1  unloaded",
        "└── ! b 1  unloaded",
        "    └── ! a 1  unloaded  (in a circle)",
        "in a circle: a -> b -> a",
    ]


def test_r6_a_plugin_is_opened_once() -> None:
    graph = Graph(
        "market",
        [
            GraphNode(name=name, state=PluginState.ENABLED)
            for name in ("one", "other", "till", "db")
        ],
        [
            GraphEdge(source="one", target="till", kind="requires"),
            GraphEdge(source="other", target="till", kind="requires"),
            GraphEdge(source="till", target="db", kind="requires"),
        ],
    )

    assert graph.to_text(ascii=True).splitlines() == [
        "one  enabled",
        "`-- till  enabled",
        "    `-- db  enabled",
        "other  enabled",
        "`-- till  enabled  (above)",
    ]


@pytest.mark.parametrize(("encoding", "branch"), [("utf-8", "└──"), ("ascii", "`--")])
def test_r6_the_tree_is_drawn_with_what_the_terminal_has(
    encoding: str, branch: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(io.BytesIO(), encoding))

    assert branch in str(market())


@given(graphs(st.sampled_from("abcdefgh"), all_loaded=True))
def test_r6_the_tree_has_a_line_for_each_edge_and_each_plugin_is_opened_once(
    graph: Graph,
) -> None:
    lines = graph.to_text(ascii=True).splitlines()
    tops = [line for line in lines if re.match(r"[a-h] ", line)]
    branches = [line for line in lines if "-- " in line]
    opened = {edge.target for edge in graph.edges if edge.kind in ("requires", "wants", "child")}

    assert len(branches) == len(graph.edges)
    assert {line[0] for line in tops} >= {*graph.by_name} - opened
    assert len({line[0] for line in tops}) == len(tops)


def test_r6_a_long_row_of_plugins_is_a_deep_tree() -> None:
    graph = row_of(3000)

    assert len(graph.to_text().splitlines()) == 3000


def row_of(count: int) -> Graph:
    return Graph(
        "row",
        [GraphNode(name=f"p{at}", state=PluginState.ENABLED) for at in range(count)],
        [GraphEdge(source=f"p{at}", target=f"p{at + 1}", kind="requires")
         for at in range(count - 1)],
    )  # fmt: skip


# Graphviz

DOT_TEXT: Final = r'"(?:[^"\\]|\\.)*"'
DOT_ATTRIBUTES: Final = rf"\[(?:\w+={DOT_TEXT}(?:, \w+={DOT_TEXT})*)\]"
DOT_LINE: Final = re.compile(
    rf"  (?:(?P<source>p\d+) -> (?P<target>p\d+)|(?P<name>\w+)) (?P<look>{DOT_ATTRIBUTES});",
    re.DOTALL,
)


class Drawn(NamedTuple):
    """What is read back from a drawing: labels by id, and arrows with what is written at them."""

    labels: dict[str, str]
    arrows: list[tuple[str, str, str]]


def read_dot(text: str) -> Drawn:
    """Read what `to_dot` writes, and nothing that Graphviz would take otherwise."""
    first, *lines, last = text.split("\n")
    assert (first, last) == ("digraph plugins {", "}")
    drawn = Drawn({}, [])
    for line in lines:
        found = DOT_LINE.fullmatch(line)
        assert found, line
        pairs = re.findall(rf"(\w+)=({DOT_TEXT})", found["look"])
        look = {name: dot_words(value) for name, value in pairs}
        if found["source"]:
            drawn.arrows.append((found["source"], found["target"], look.get("label", "")))
        elif found["name"] not in ("graph", "node", "edge"):
            drawn.labels[found["name"]] = look["label"]
    return drawn


def dot_words(quoted: str) -> str:
    """What Graphviz shows: after the escapes it looks for entities of HTML."""
    plain = {"\\n": "\n", '\\"': '"', "\\\\": "\\"}
    return unescape(re.sub(r"\\.", lambda escape: plain[escape[0]], quoted[1:-1]))


def shows(drawn: Drawn, graph: Graph, blank: str = "\n") -> None:
    """Check that a drawing says what the graph does."""
    ids = dict(zip(graph.by_name, drawn.labels, strict=True))
    for node in graph.nodes:
        assert (
            drawn.labels[ids[node.name]]
            == f"{node.name} {node.version}".rstrip() + blank + node.word
        )
    assert [(source, target) for source, target, _ in drawn.arrows] == [
        (ids[edge.source], ids[edge.target]) for edge in graph.edges
    ]
    for (_, _, words), edge in zip(drawn.arrows, graph.edges, strict=True):
        assert words.endswith(edge.constraint.strip())


@given(graphs())
def test_r6_graphviz_reads_names_and_versions_as_they_are(graph: Graph) -> None:
    shows(read_dot(graph.to_dot()), graph)


def test_r6_graphviz_takes_no_name_for_an_entity_of_html() -> None:
    drawn = read_dot(Graph("market", [GraphNode(name="a&lt;b")]).to_dot())

    assert [*drawn.labels.values()] == ["a&lt;b\nmissing"]


def test_r6_for_graphviz_what_is_in_the_way_has_a_colour() -> None:
    broken = [line for line in market().to_dot().splitlines() if "->" in line and "c2410c" in line]

    assert len(broken) == 4


# Mermaid

MERMAID_TEXT: Final = r'"((?:[\w .,<>/-]|#\d+;)*)"'
MERMAID_NODE: Final = re.compile(rf"  (p\d+)\({MERMAID_TEXT}\):::(\w+)", re.ASCII)
MERMAID_ARROW: Final = re.compile(
    rf"  (p\d+) (?:-->|-\.->|==>|x--x)(?:\|{MERMAID_TEXT}\|)? (p\d+)", re.ASCII
)


def read_mermaid(text: str) -> Drawn:
    first, *lines = text.split("\n")
    assert first == "flowchart LR"
    drawn = Drawn({}, [])
    for line in lines:
        if node := MERMAID_NODE.fullmatch(line):
            drawn.labels[node[1]] = mermaid_words(node[2])
        elif arrow := MERMAID_ARROW.fullmatch(line):
            drawn.arrows.append((arrow[1], arrow[3], mermaid_words(arrow[2] or "")))
        else:
            assert re.fullmatch(r"  (classDef \w+|linkStyle [\d,]+) [\w#:,-]+", line), line
    return drawn


def mermaid_words(text: str) -> str:
    text = text.replace("<br/>", "\n")
    return re.sub(r"#(\d+);", lambda code: chr(int(code[1])), text)


@given(graphs())
def test_r6_mermaid_reads_names_and_versions_as_they_are(graph: Graph) -> None:
    shows(read_mermaid(graph.to_mermaid()), graph)


# SVG


class Rectangle(NamedTuple):
    left: float
    top: float
    right: float
    bottom: float

    def has(self, x: float, y: float) -> bool:
        """Whether a point is in it, but for what is lost in print."""
        return (
            self.left - 0.01 <= x <= self.right + 0.01
            and self.top - 0.01 <= y <= self.bottom + 0.01
        )


def rectangle(x: str, y: str, width: str, height: str) -> Rectangle:
    return Rectangle(float(x), float(y), float(x) + float(width), float(y) + float(height))


def boxes_in(root: ET.Element) -> list[Rectangle]:
    found = root.findall(f"{SVG}g/{SVG}rect")
    return [
        rectangle(*(box.attrib[name] for name in ("x", "y", "width", "height"))) for box in found
    ]


@given(graphs(st.text("ab<&\"'", min_size=1)))
def test_r6_in_the_picture_each_plugin_has_a_place_of_its_own(graph: Graph) -> None:
    root = ET.fromstring(graph.to_svg())
    boxes = boxes_in(root)
    all_of_it = rectangle(*root.attrib["viewBox"].split())

    assert [text.text for text in root.findall(f"{SVG}g/{SVG}text[1]")] == [
        f"{node.name} {node.version}" for node in graph.nodes
    ]
    for box in boxes:
        assert all_of_it.has(*box[:2])
        assert all_of_it.has(*box[2:])
    for one, other in combinations(boxes, 2):
        assert one.right <= other.left or other.right <= one.left or (
            one.bottom <= other.top or other.bottom <= one.top
        )  # fmt: skip


@given(graphs(st.text("ab", min_size=1)))
def test_r6_an_arrow_leads_from_one_box_to_the_other_and_through_none(graph: Graph) -> None:
    root = ET.fromstring(graph.to_svg())
    boxes = dict(zip(graph.by_name, boxes_in(root), strict=True))
    paths = [path.attrib["d"] for path in root.findall(f"{SVG}g/{SVG}path")]

    for path, edge in zip(paths, graph.edges, strict=True):
        numbers = [float(number) for number in re.findall(r"-?[\d.]+(?:e-?\d+)?", path)]
        points = [*zip(numbers[::2], numbers[1::2], strict=True)]
        ends = [points[0], *points[3::3]]
        assert boxes[edge.source].has(*ends[0])
        assert boxes[edge.target].has(*ends[-1])
        for name, box in boxes.items():
            if name not in (edge.source, edge.target):
                assert not any(box.has(*end) for end in ends)


def test_r6_arrows_point_one_way_unless_they_are_in_a_circle() -> None:
    graph = market()
    root = ET.fromstring(graph.to_svg())
    boxes = dict(zip(graph.by_name, boxes_in(root), strict=True))

    against = {
        (edge.source, edge.target)
        for edge in graph.edges
        if boxes[edge.source].left >= boxes[edge.target].left
    }
    assert against in ({("b", "a"), ("till", "reports")}, {("a", "b"), ("till", "reports")})


def test_r6_a_picture_of_a_thousand_plugins_can_be_drawn() -> None:
    assert row_of(1000).to_svg().count("<rect") == 1001

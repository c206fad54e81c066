"""The graph of a host: who there is, what they say of each other, and whether it holds."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hotplug.errors import DependencyError
from hotplug.host.graphs import Graph, GraphEdge
from hotplug.host.host import PluginHost
from hotplug.host.lifecycle import PluginState

WritePlugin = Callable[..., Path]


def edges(graph: Graph) -> list[tuple[str, str, str, str]]:
    return [(edge.source, edge.kind, edge.target, edge.problem) for edge in graph.edges]


def test_r6_a_plugin_is_a_node_with_all_that_is_known_of_it(
    host: PluginHost[Any], write_plugin: WritePlugin
) -> None:
    place = write_plugin("shop", version="1.4.0", requires=["till"])
    host.load_plugin(place)

    node = host.graph().by_name["shop"]

    assert (node.name, node.version, node.state) == ("shop", "1.4.0", PluginState.UNLOADED)
    assert (node.reason, node.origin) == ("it requires 'till', which is not loaded", str(place))


def test_r6_what_its_manifest_says_are_edges_with_their_lines(
    host: PluginHost[Any], write_plugin: WritePlugin
) -> None:
    place = write_plugin("shop", requires=["till >=2"], wants=["mailer"])
    host.load_plugin(place)

    assert host.graph().edges_from("shop") == (
        GraphEdge(source="shop", target="till", kind="requires", constraint=">=2",
                  problem="missing", where=f"{place / 'plugin.json'}:1"),
        GraphEdge(source="shop", target="mailer", kind="wants",
                  problem="missing", where=f"{place / 'plugin.json'}:1"),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("said", "till", "problem"),
    [
        ({"requires": ["till"]}, "1.0", "stopped"),
        ({"requires": ["till >=2"]}, "1.0", "version"),
        ({"wants": ["till >=2"]}, "1.0", "version"),
        ({"wants": ["till"]}, "1.0", "stopped"),
        ({"after": ["till >=2"]}, "1.0", ""),
        ({"conflicts": ["till <2"]}, "1.0", "conflict"),
        ({"conflicts": ["till <2"]}, "2.0", ""),
    ],
)
def test_r6_an_edge_says_what_is_wrong_with_it(
    said: dict[str, Any],
    till: str,
    problem: str,
    host: PluginHost[Any],
    write_plugin: WritePlugin,
) -> None:
    host.load_plugin(write_plugin("till", version=till))
    if "conflicts" in said:
        host.get_plugin("till").enable()
    with contextlib.suppress(DependencyError):
        host.load_plugin(write_plugin("shop", **said))

    (edge,) = host.graph().edges

    assert edge.problem == problem


def test_r6_what_is_required_and_runs_is_no_problem(
    host: PluginHost[Any], write_plugin: WritePlugin
) -> None:
    host.load_plugin(write_plugin("till"))
    host.load_plugin(write_plugin("shop", requires=["till"])).enable()

    assert edges(host.graph()) == [("shop", "requires", "till", "")]


def test_r6_one_that_conflicts_with_a_plugin_that_does_not_run_has_no_problem(
    host: PluginHost[Any], write_plugin: WritePlugin
) -> None:
    till = host.load_plugin(write_plugin("till"))
    till.disable()
    host.load_plugin(write_plugin("shop", conflicts=["till"]))

    assert edges(host.graph()) == [("shop", "conflicts", "till", "")]


def test_r6_circles_are_marked(host: PluginHost[Any], write_plugin: WritePlugin) -> None:
    for name, required in (("a", "b"), ("b", "a"), ("c", "a")):
        host.load_plugin(write_plugin(name, requires=[required]))

    graph = host.graph()

    assert graph.circles == (("a", "b", "a"),)
    assert edges(graph) == [
        ("a", "requires", "b", "circle"),
        ("b", "requires", "a", "circle"),
        ("c", "requires", "a", "stopped"),
    ]


def test_r6_a_child_hangs_on_its_parent(host: PluginHost[Any], write_plugin: WritePlugin) -> None:
    helper = write_plugin("helper")
    source = f"""
        from hotplug import get_current_plugin
        get_current_plugin().host.load_plugin({str(helper)!r})
    """
    host.load_plugin(write_plugin("shop", source))

    graph = host.graph()

    assert edges(graph) == [("shop", "child", "helper", "")]
    assert graph.by_name["helper"].parent == "shop"


def test_r6_it_stays_as_it_was_when_it_was_asked_for(
    host: PluginHost[Any], write_plugin: WritePlugin
) -> None:
    graph = host.graph()
    host.load_plugin(write_plugin("shop"))

    assert (len(graph.nodes), len(host.graph().nodes)) == (0, 1)

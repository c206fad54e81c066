"""The plugins of a host as a graph: data, and the ways to draw it."""

from hotplug.host.graphs.graph import EdgeKind, EdgeProblem, Graph, GraphEdge, GraphNode

__all__ = ["EdgeKind", "EdgeProblem", "Graph", "GraphEdge", "GraphNode"]

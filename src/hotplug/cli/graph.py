"""``hotplug graph``: who needs whom, and what would run if the application started now."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from typing import Final

from hotplug.cli.page import Page
from hotplug.cli.world import add_arguments, host_of, refuse_unknown, started
from hotplug.host.graphs import Graph

__all__ = ["main"]

FORMATS: Final[dict[str, Callable[[Graph], str]]] = {
    "text": str,
    "json": Graph.to_json,
    "dot": Graph.to_dot,
    "mermaid": Graph.to_mermaid,
    "svg": Graph.to_svg,
}
BROKEN: Final = "! "
"""What stands before something that is not as a plugin wants it."""

NOT_RUN: Final = "so it would be if the application started now; no code of a plugin was run"


def main(arguments: Sequence[str]) -> int:
    """1 if something that a plugin asks of others is not so."""
    parser = argparse.ArgumentParser(
        "hotplug graph",
        description="Draw which plugins need which, as it would be if the application started now. "
        "None of their code is run.",
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help="only what concerns this plugin")
    parser.add_argument("--format", choices=[*FORMATS], default="text", help="how to draw it")
    parser.add_argument("--json", action="store_true", help="the same as --format json")
    add_arguments(parser)
    options = parser.parse_args(arguments)
    with host_of(options) as host:
        stage, _ = started(host)
        graph = stage.graph()
    for name in options.names:
        refuse_unknown(name, graph.by_name)
    if options.names:
        graph = graph.around(*options.names)
    form = "json" if options.json else options.format
    drawn = FORMATS[form](graph)
    page = Page()
    if form == "text":
        for line in drawn.splitlines():
            page.line((line, "bad" if BROKEN in line else ""))
        page.line((NOT_RUN, "faint"))
    else:
        page.text(drawn)
    return int(not all(edge.is_satisfied for edge in graph.edges if edge.kind != "wants"))

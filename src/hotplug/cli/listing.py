"""``hotplug list``: which plugins an application finds, and what is in their way."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from hotplug.cli.page import Page
from hotplug.cli.world import add_arguments, host_of

__all__ = ["main"]

STYLES = {"found": "good", "broken": "bad", "ambiguous": "bad"}


def main(arguments: Sequence[str]) -> int:
    """1 if a plugin is broken, or a name could mean several."""
    parser = argparse.ArgumentParser(
        "hotplug list", description="Tell which plugins an application finds. None of them is run."
    )
    parser.add_argument("--json", action="store_true", help="print the report as JSON")
    add_arguments(parser)
    options = parser.parse_args(arguments)
    with host_of(options) as host:
        discovery = host.discover()
    page = Page()
    if options.json:
        page.data(discovery.as_data())
    else:
        for line in str(discovery).splitlines():
            is_title = not line.startswith(" ")
            page.line((line, STYLES.get(line, "doubtful") if is_title else ""))
    return int(bool(discovery.broken or discovery.ambiguous))

"""``hotplug why NAME``: what would keep a plugin from running if the application started now."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import asdict

from hotplug.cli.page import Page
from hotplug.cli.world import add_arguments, host_of, refuse_unknown, started
from hotplug.host.diagnosis import Diagnosis

__all__ = ["main"]


def main(arguments: Sequence[str]) -> int:
    """1 if it would not run."""
    parser = argparse.ArgumentParser(
        "hotplug why",
        description="Tell what would keep a plugin from running if the application started now, "
        "and what mends it. None of the plugins' code is run.",
    )
    parser.add_argument("plugin", metavar="NAME", help="the plugin")
    parser.add_argument("--json", action="store_true", help="print the answer as JSON")
    add_arguments(parser)
    options = parser.parse_args(arguments)
    with host_of(options) as host:
        stage, report = started(host)
        refuse_unknown(options.plugin, {*stage.plugins, *report.discovery.names})
        diagnosis = stage.why(options.plugin)
    page = Page()
    if options.json:
        page.data(as_data(diagnosis))
    else:
        first, *rest = str(diagnosis).splitlines()
        page.line((first, "good" if diagnosis.is_running else "bad"))
        for line in rest:
            page.line((line, "name" if line.lstrip().startswith(("-> ", "then ")) else ""))
    return int(not diagnosis.is_running)


def as_data(diagnosis: Diagnosis) -> dict[str, object]:
    data = {**asdict(diagnosis), "is_running": diagnosis.is_running}
    return {**data, "state": diagnosis.state and diagnosis.state.value}

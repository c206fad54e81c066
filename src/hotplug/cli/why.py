"""``hotplug why NAME``: what would keep a plugin from running if the application started now."""

from __future__ import annotations

import argparse
import shlex
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

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
        known = {*stage.plugins, *report.discovery.names}
        required = {each for plugin in stage for each in plugin.metadata.requires}
        refuse_unknown(options.plugin, known, {*known, *required})
        diagnosis = stage.why(options.plugin)
        location = stage.plugins[options.plugin].location if diagnosis.is_running else None
    page = Page()
    if options.json:
        page.data(as_data(diagnosis))
    elif location is not None:
        tell_start(page, diagnosis, location)
    else:
        first, *rest = str(diagnosis).splitlines()
        page.line((first, "bad"))
        for line in rest:
            page.line((line, "name" if line.lstrip().startswith(("-> ", "then ")) else ""))
    return int(not diagnosis.is_running)


def tell_start(page: Page, diagnosis: Diagnosis, location: Path) -> None:
    """That nothing which can be known without running it keeps a plugin."""
    page.line((f"plugin {diagnosis.plugin!r} {diagnosis.version} would be started", "good"))
    for requirer in diagnosis.required_by:
        page.line(f"  {requirer!r} requires it")
    page.line("  its code was not run: if that fails, the program's report and log tell why")
    page.line((f"  -> hotplug check {shlex.quote(str(location))}", "name"))


def as_data(diagnosis: Diagnosis) -> dict[str, object]:
    data = {**asdict(diagnosis), "is_running": diagnosis.is_running}
    return {**data, "state": diagnosis.state and diagnosis.state.value}

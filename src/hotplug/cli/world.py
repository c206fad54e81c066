"""The plugins that a command is about: where the application looks for them, and what it allows.

None of their code is run: the host's own operations are played on stand-ins.
"""

from __future__ import annotations

import argparse
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from hotplug.errors.hosting import StartError, UnknownPluginError
from hotplug.errors.meaning import did_you_mean
from hotplug.host.host import PluginHost
from hotplug.host.project import FIELDS
from hotplug.host.rehearsal import Stage
from hotplug.host.starting import StartReport, start
from hotplug.manifest import ManifestError, Problem
from hotplug.manifest.documents import is_table
from hotplug.manifest.problems import Unreadable
from hotplug.manifest.reading import load

__all__ = ["add_arguments", "host_of", "refuse_unknown", "started"]

PYPROJECT: Final = "pyproject.toml"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What says where to look."""
    where = parser.add_argument_group("where the plugins are")
    where.add_argument(
        "--project",
        metavar="FILE",
        help="the application's pyproject.toml, or a file that says the same; "
        "without it and the next two, the pyproject.toml here",
    )
    where.add_argument(
        "--path", metavar="FOLDER", action="append", default=[], help="a folder of plugins"
    )
    where.add_argument("--group", metavar="GROUP", help="a group of entry points")
    where.add_argument("--name", help="the application's name: [tool.NAME.plugins]")
    where.add_argument("--api-version", default="", help="the application's version")


def host_of(options: argparse.Namespace) -> PluginHost[Any]:
    """A host that looks where the options say; raises `ManifestError` if that can't be read."""
    source, name = source_of(options)
    return PluginHost(name, project=source, api_version=options.api_version)


def source_of(options: argparse.Namespace) -> tuple[str | Mapping[str, Any], str]:
    """What is read or given as the project, and the application's name."""
    if options.path or options.group:
        if options.project:
            told = "--project says where to look, so --path and --group have no place beside it"
            raise ManifestError([Problem(told)])
        given = {"paths": options.path, "group": options.group or ""}
        return {key: value for key, value in given.items() if value}, options.name or "hotplug"
    file = Path(options.project or PYPROJECT)
    if not options.project and not file.is_file():
        hint = "say where: --path FOLDER, --group GROUP, or --project FILE"
        raise ManifestError(
            [Problem(f"there is no {PYPROJECT} here to say where plugins are", hint)]
        )
    name = options.name or (application_in(file) if file.name == PYPROJECT else "hotplug")
    return str(file), name


def application_in(file: Path) -> str:
    """The one application that a pyproject.toml is of, as far as plugins go."""
    try:
        data = load(str(file)).data
    except Unreadable as error:
        problem = Problem(error.message, error.hint, file, error.line, error.column)
        raise ManifestError([problem]) from None
    names = [*applications(data)]
    if len(names) == 1:
        return names[0]
    if names:
        told = f"several tables speak of plugins: {', '.join(f'tool.{each}' for each in names)}"
        raise ManifestError([Problem(told, "say which is meant: --name NAME", file)])
    told = "no table [tool.NAME.plugins] says where plugins are"
    hint = "add one with paths = [...], or say where: --path FOLDER, --group GROUP"
    raise ManifestError([Problem(told, hint, file)])


def applications(data: object) -> Iterator[str]:
    tools = data.get("tool") if is_table(data) else None
    for name, tool in tools.items() if is_table(tools) else ():
        plugins = tool.get("plugins") if is_table(tool) else None
        # Other tools have tables of plugins, too: of other keys.
        if is_table(plugins) and plugins.keys() & FIELDS.keys():
            yield str(name)


def started(host: PluginHost[Any]) -> tuple[Stage, StartReport]:
    """What would be if the application started now: its plugins, and the report of the start."""
    stage = Stage(host)
    try:
        report = start(stage)
    except StartError as error:
        report = error.report
    return stage, report


def refuse_unknown(
    name: str, known: Collection[str], spoken_of: Collection[str] | None = None
) -> None:
    """Raises `UnknownPluginError` for a name that nobody speaks of, with those that there are."""
    if name in (known if spoken_of is None else spoken_of):
        return
    there = did_you_mean(name, known) or f"there are: {', '.join(sorted(known)) or 'none'}"
    raise UnknownPluginError(f"no plugin {name!r} can be found; {there}")

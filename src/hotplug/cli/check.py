"""``hotplug check PATH ...``: all that is wrong with plugins, without running them."""

from __future__ import annotations

import argparse
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from hotplug.cli.checking.hooks import Implemented, compared
from hotplug.cli.checking.imports import imported
from hotplug.cli.checking.naming import named
from hotplug.cli.checking.needs import needed
from hotplug.cli.checking.projects import PYPROJECT, Project
from hotplug.cli.checking.sources import Sources
from hotplug.cli.checking.targets import Place, Target, target_of
from hotplug.cli.checking.wheels import check_wheel
from hotplug.cli.page import Page
from hotplug.cli.specs import Specs
from hotplug.manifest import PluginMetadata, Problem
from hotplug.manifest.reading import examine

__all__ = ["main"]

EXIT: Final = "exits with 1 if something is wrong, with 2 if nothing could be checked"


def main(arguments: Sequence[str]) -> int:
    """1 if there is an error, with ``--strict`` also if there is a warning."""
    parser = argparse.ArgumentParser(
        "hotplug check",
        description="Tell all that is wrong with plugins: their manifests, their hooks, what they "
        "import and require, and their entry points. None of their code is run.",
        epilog=f"It {EXIT}. A pyproject.toml may say what else: [tool.hotplug.check] with specs "
        "and group.",
    )
    parser.add_argument(
        "paths",
        nargs="*",
        type=Path,
        metavar="PATH",
        help="a plugin, its manifest, a project, or a folder of plugins; else the current folder",
    )
    parser.add_argument(
        "--specs",
        metavar="MODULE:CLASS",
        action="append",
        default=[],
        help="the hooks of the application, the one thing that is imported",
    )
    parser.add_argument("--group", help="the entry points in which the application looks")
    parser.add_argument("--strict", action="store_true", help="take warnings for errors")
    parser.add_argument("--json", action="store_true", help="print the problems as JSON")
    options = parser.parse_args(arguments)
    check = Check([target_of(path, options.group) for path in options.paths or [Path()]], options)
    problems = check.problems()
    counts: Counter[str] = Counter(each.severity for each in problems)
    page = Page()
    if options.json:
        page.data(check.as_data(problems))
    else:
        for problem in problems:
            show(page, problem)
        sum_up(page, check, counts)
    return int(bool(counts["error"] or (options.strict and counts["warning"])))


class Check:
    """One run, over all that was named."""

    def __init__(self, targets: Sequence[Target], options: argparse.Namespace) -> None:
        self.targets = targets
        self.options = options
        self.specs: dict[str, Specs] = {}
        self.count = sum(len(each.places) for each in targets)
        self.found: list[PluginMetadata] = []
        """Those whose manifests can be read."""
        self.has_specs = True
        """Whether there was something to compare all hooks with."""
        self.is_whole = any(each.is_whole for each in targets)

    def problems(self) -> list[Problem]:
        """All of them, by file and line; warnings among the errors."""
        found: list[Problem] = []
        places = [place for each in self.targets for place in each.places]
        read = [(place, *metadata_at(place)) for place in places]
        self.found = [metadata for _, metadata, _ in read if metadata is not None]
        known: defaultdict[str, set[str]] = defaultdict(set)
        for each in (*self.found, *neighbours(places)):
            known[each.name].add(each.version)
        for place, metadata, problems in read:
            found += problems
            if metadata is None:
                continue
            found += needed(metadata, known, is_all=self.is_whole)
            found += self.in_code(place, metadata)
            self.in_project(place, metadata)
        for target in self.targets:
            for project in target.projects:
                project.check_offers(self.group_of(project))
                found += project.problems
            found += target.problems
        return sorted(dict.fromkeys(found), key=position)

    def in_code(self, place: Place, metadata: PluginMetadata) -> Iterator[Problem]:
        specs = self.specs_for(place)
        sources = Sources(metadata, place.location, place.package)
        yield from sources.problems
        implemented = Implemented(sources)
        if implemented.every and not specs:
            self.has_specs = False
        yield from compared(implemented, specs)
        yield from named(implemented)
        yield from imported(sources, place.roots)

    def in_project(self, place: Place, metadata: PluginMetadata) -> None:
        project = place.project
        if project is None or not project.is_distribution:
            return
        project.check_plugin(metadata.name, place.package, self.group_of(project))
        if metadata.file is None:
            return
        check_wheel(project, metadata.file, place.package)
        version = project.version_of()
        if version is not None and metadata.version not in ("0.0.0", version):
            message = f"plugin {metadata.name!r} is {metadata.version}, its distribution {version}"
            hint = "the second counts where it is installed: leave it out of the manifest"
            problem = Problem(
                message, hint, metadata.file, metadata.line_of("version"), severity="warning"
            )
            project.problems.append(problem)

    def specs_for(self, place: Place) -> list[Specs]:
        """Those that the command line names, or else the project."""
        texts = self.options.specs or settings_of(place).get("specs", ())
        several = [texts] if isinstance(texts, str) else texts
        for text in several:
            if text not in self.specs:
                self.specs[text] = Specs(str(text))
        return [self.specs[text] for text in several]

    def group_of(self, project: Project) -> str:
        return str(self.options.group or project.settings.get("group", ""))

    def as_data(self, problems: Sequence[Problem]) -> dict[str, Any]:
        """The same for JSON."""
        plugins = [
            {"name": each.name, "version": each.version, "file": str(each.file)}
            for each in self.found
        ]
        told = [{**asdict(each), "file": each.file and str(each.file)} for each in problems]
        return {"plugins": plugins, "problems": told}


def metadata_at(place: Place) -> tuple[PluginMetadata | None, list[Problem]]:
    """What a plugin says of itself, if that can be read, and what is wrong with it."""
    if place.metadata is not None:
        return place.metadata, []
    checked = examine(place.location)
    problems = checked.report.problems
    return None if checked.report.has_errors else checked.metadata, problems


def settings_of(place: Place) -> Any:
    """What the nearest project around a plugin says of how it is checked."""
    if place.project is not None:
        return place.project.settings
    folder = place.location.absolute()
    for each in (folder, *folder.parents):
        if (each / PYPROJECT).is_file():
            return Project(each).settings
    return {}


def neighbours(places: Sequence[Place]) -> Iterator[PluginMetadata]:
    """The plugins beside those that are checked: they may be what these require."""
    for folder in {place.location.parent for place in places if place.project is None}:
        for path in folder.iterdir():
            checked = examine(path) if path.is_dir() or path.suffix == ".py" else None
            if checked is not None and checked.is_there and not checked.report.has_errors:
                yield checked.metadata


def position(problem: Problem) -> tuple[str, int, int]:
    return str(problem.file or ""), problem.line or 0, problem.column or 0


def show(page: Page, problem: Problem) -> None:
    is_error = problem.severity == "error"
    where = f"{problem.where}: " if problem.where else ""
    style, label = ("bad", "") if is_error else ("doubtful", "warning: ")
    page.line((f"{where}{label}", style), problem.message)
    for line in problem.hint.splitlines():
        page.line("  ", (line.strip(), "good"))


def sum_up(page: Page, check: Check, counts: Counter[str]) -> None:
    """How many, and what was not looked at."""
    told = [many(counts[kind], kind) for kind in ("error", "warning") if counts[kind]]
    style = "bad" if counts["error"] else "doubtful" if told else "good"
    is_one = check.count == len(check.found) == 1
    what = str_of(check.found[0]) if is_one else many(check.count, "plugin")
    where = f" in {what}" if check.count else ""
    page.line((f"{', '.join(told) or 'nothing wrong'}{where}", style))
    if check.found and not check.has_specs:
        page.line(
            ("hooks were not compared: --specs MODULE:CLASS names the application's", "faint")
        )


def many(number: int, what: str) -> str:
    return f"{number} {what}{'s' * (number != 1)}"


def str_of(metadata: PluginMetadata) -> str:
    return f"plugin {metadata.name!r} {metadata.version}"

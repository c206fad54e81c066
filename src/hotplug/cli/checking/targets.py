"""What a path means to who checks it: a plugin, a project, a folder of plugins, an application."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from hotplug.cli.checking.projects import PYPROJECT, Project
from hotplug.cli.world import applications
from hotplug.errors import HotplugError
from hotplug.host.project import Project as Application
from hotplug.manifest import ManifestError, PluginMetadata, Problem
from hotplug.manifest.reading import FILES, examine

__all__ = ["NothingThere", "Place", "Target", "target_of"]


class NothingThere(HotplugError, FileNotFoundError):
    """A path that was named is not there."""


@dataclass(frozen=True, slots=True)
class Place:
    """A plugin to look at."""

    location: Path
    project: Project | None = None
    package: str = ""
    """What code that is installed imports it as."""
    metadata: PluginMetadata | None = None
    """What it is, where it has no manifest: an entry point says so."""
    application: Project | None = None
    """The project of the application that it is a part of: its modules can be imported."""

    @property
    def roots(self) -> list[Path]:
        """The folders of modules that are there with the plugin."""
        project = self.project or self.application
        return [] if project is None else project.roots


@dataclass(slots=True)
class Target:
    """What was found at a path."""

    places: list[Place] = field(default_factory=list[Place])
    projects: list[Project] = field(default_factory=list[Project])
    problems: list[Problem] = field(default_factory=list[Problem])
    is_whole: bool = False
    """Whether these are all plugins that there are."""


HINT: Final = f"a plugin's folder has one of {', '.join(FILES)}"


def target_of(path: Path, group: str | None = None) -> Target:
    """Find the plugins at a path; raises `NothingThere`. The group is that of entry points."""
    if not path.exists():
        raise NothingThere(f"there is nothing to check at {path}")
    if path.name == PYPROJECT:
        path = path.parent
    if path.is_file():
        return Target([Place(path)])
    has_project = (path / PYPROJECT).is_file()
    if examine(path).is_there:
        return Target([Place(path)], [Project(path)] if has_project else [])
    if not has_project:
        places = [*plugins_in(path)]
        told = Problem("there is no plugin here", HINT, path)
        return Target(places, problems=[] if places else [told])
    project = Project(path)
    target = Target(projects=[project])
    target.places += [Place(each, project, name) for each, name in project.plugins().items()]
    target.places += without_manifest(project, group or project.settings.get("group"))
    for name in applications(project.data):
        add_application(target, project, name)
    if not (target.places or target.problems or project.problems):
        hint = f"a plugin's folder, as src/NAME, has one of {', '.join(FILES)}"
        problem = Problem("there is no plugin in this project", hint, path)
        target.problems.append(problem)
    return target


def without_manifest(project: Project, group: str | None) -> Iterator[Place]:
    """The modules that entry points call plugins, and that no manifest speaks of."""
    with_manifest = project.plugins()
    in_group = [each for each in project.offers if each.group == group]
    for offer in in_group or project.offers:
        package = offer.module.partition(".")[0]
        place = project.module(package)
        if place is None or any(each.is_relative_to(place) for each in with_manifest):
            continue
        inside = offer.module[len(package) + 1 :] if place.is_dir() else place.stem
        version = project.version_of() or "0.0.0"
        values = {"name": offer.name, "version": version, "entrypoint": inside or "__init__"}
        try:
            metadata = PluginMetadata(values, path=place if place.is_dir() else place.parent)
        except ManifestError as error:
            project.complain(offer.place, error.problems[0].message, error.problems[0].hint)
        else:
            yield Place(place, project, package, metadata)


def add_application(target: Target, project: Project, name: str) -> None:
    """The plugins of an application that has its own in folders."""
    file = project.folder / PYPROJECT
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        try:
            application = Application.of(file, name)
        except ManifestError as error:
            target.problems += error.problems
            return
    for each in warned:
        message, _, hint = str(each.message).partition("; ")
        problem = Problem(message, hint, Path(each.filename), each.lineno, severity="warning")
        target.problems.append(problem)
    target.is_whole = not (application.group or application.index)
    for text in application.paths:
        folder = application.path(text)
        if folder.is_dir():
            found = [
                Place(each.location, application=project) for each in plugins_in(shortened(folder))
            ]
            add_once(target, found)
        else:
            message = f"there is no folder {text!r}"
            target.problems.append(application.problem(message, "", "paths"))


def add_once(target: Target, found: list[Place]) -> None:
    """Add the plugins of an application; one that is offered to others too is known already."""
    offered = {
        place.location.resolve()
        for place in target.places
        if place.project is None or place.project.offers_of(place.package)
    }
    new = {place.location.resolve(): place for place in found}
    for place in [*target.places]:
        at = place.location.resolve()
        if at in new and at not in offered:
            target.places.remove(place)
    target.places += [place for at, place in new.items() if at not in offered]


def shortened(folder: Path) -> Path:
    here = Path.cwd()
    return folder.relative_to(here) if folder.is_relative_to(here) else folder


def plugins_in(folder: Path) -> Iterator[Place]:
    for path in sorted(folder.iterdir()):
        if path.name.startswith(".") or path.name == "__pycache__":
            continue
        if (path.is_dir() or path.suffix == ".py") and examine(path).is_there:
            yield Place(path)

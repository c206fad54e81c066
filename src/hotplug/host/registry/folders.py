"""Search paths: each folder and each file in them may be a plugin."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from hotplug.host.loaders import ManifestLoader, MetadataLoader
from hotplug.host.registry.records import Broken, Found, Origin
from hotplug.manifest import ManifestError, Problem
from hotplug.manifest.problems import Unreadable
from hotplug.manifest.reading import LARGEST, examine, find, reason

__all__ = ["SearchPath", "look"]


class SearchPath:
    """A folder of plugins."""

    def __init__(self, folder: Path, rank: int, loader: MetadataLoader, where: str = "") -> None:
        self.folder = folder
        self.rank = rank
        self.loader = loader
        self.where = where
        """The line of the project that names it."""

    def __str__(self) -> str:
        return str(self.folder)

    def stamps(self) -> list[Path]:
        """What changes when a plugin comes or goes."""
        return [self.folder]

    def offers(self) -> Iterator[Found | Broken]:
        """All plugins in it, by the names of their folders and files."""
        try:
            with os.scandir(self.folder) as entries:
                there = sorted(entry.path for entry in entries if may_be_plugin(entry))
        except OSError as error:
            yield self._broken(f"plugins cannot be looked for in {self.folder}: {reason(error)}")
            return
        if is_plugin(self.folder):
            message = f"{self.folder} is itself a plugin, where a folder of plugins is expected"
            yield self._broken(message, f"name the folder that it is in: {self.folder.parent}")
            return
        for path in there:
            found = look(Path(path), self.loader, self.rank)
            if found is not None:
                yield found

    def _broken(self, message: str, hint: str = "") -> Broken:
        file, _, line = self.where.rpartition(":")
        place = (Path(file), int(line)) if file else (None, None)
        problem = Problem(message, hint, *place)
        return Broken("", Origin("path", self.folder), (problem,), self.rank)


def may_be_plugin(entry: os.DirEntry[str]) -> bool:
    name = entry.name
    if name.startswith(".") or name == "__pycache__":
        return False
    return name.endswith(".py") or entry.is_dir()


def is_plugin(folder: Path) -> bool:
    try:
        find(str(folder))
    except Unreadable:
        return False
    return True


def look(location: Path, loader: MetadataLoader, rank: int = 0) -> Found | Broken | None:
    """The plugin at a place, or what is wrong with it; None if nothing there is meant as one."""
    origin = Origin("path", location)
    if type(loader) is not ManifestLoader:
        return looked_at_by(loader, origin, rank)
    checked = examine(location, max(LARGEST, loader.largest))  # less is told when it is loaded
    problems = tuple(checked.report.problems)
    if not checked.is_there:
        return None
    if checked.report.has_errors:
        return Broken(str(checked.values.get("name") or location.stem), origin, problems, rank)
    return Found(checked.metadata, origin, rank, problems)


def looked_at_by(loader: MetadataLoader, origin: Origin, rank: int) -> Found | Broken:
    """The same by a loader of the application, which alone knows what is a plugin to it."""
    try:
        return Found(loader.load(origin.location), origin, rank)
    except ManifestError as error:
        return Broken(origin.location.stem, origin, error.problems, rank)
    except Exception as error:
        problem = Problem(f"{type(error).__name__}: {error}", file=origin.location)
        return Broken(origin.location.stem, origin, (problem,), rank)

"""Installed distributions: the plugins that they offer as entry points, none of them imported.

An entry point names a module. What stands in its package as a manifest says what the plugin is;
its version is that of the distribution. Without a manifest, the module itself is the plugin.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from importlib.metadata import Distribution
from importlib.util import find_spec
from pathlib import Path
from typing import Final, NamedTuple

from hotplug.hooks.discovery import Offer, found
from hotplug.host.registry.records import Broken, Found, Origin, canonical
from hotplug.manifest import ManifestError, PluginMetadata, Problem
from hotplug.manifest.fields import VERSION
from hotplug.manifest.reading import Checked, examine

__all__ = ["Installed"]

INIT: Final = "__init__"


class Installed:
    """What the installed distributions offer in a group of entry points."""

    def __init__(self, group: str, rank: int) -> None:
        self.group = group
        self.rank = rank

    def __str__(self) -> str:
        return f"the entry points of group {self.group!r}"

    def stamps(self) -> list[Path]:
        """What changes when a distribution is installed or goes."""
        return [Path(each or ".") for each in sys.path]

    def offers(self) -> Iterator[Found | Broken]:
        """All plugins that they offer, by the names of distributions and then of entry points."""
        offers, broken = found(self.group)
        for failure in broken:
            name = failure.distribution.partition(" ")[0]
            message = f"distribution {failure.distribution} cannot be read"
            told = f"{type(failure.error).__name__}: {failure.error}"
            problem = Problem(f"{message}: {told}", "install it anew")
            origin = Origin("distribution", Path(), canonical(name))
            yield Broken("", origin, (problem,), self.rank)
        for offer in offers:
            yield offered(offer, self.rank)


class Place(NamedTuple):
    """Where an installed plugin is."""

    location: Path
    """Its folder, or its file."""
    package: str
    """What its folder or file is called in imports."""
    inside: str
    """The module within it that the entry point names; empty for the folder itself."""
    manifest: Checked | None = None


def offered(offer: Offer, rank: int) -> Found | Broken:
    """The plugin that an entry point names, or what is wrong with it."""
    name, _, release = offer.origin.partition(" ")
    where = f"entry point {offer.name!r} of {offer.origin}"
    origin = Origin("distribution", Path(), canonical(name), release, where)
    try:
        match = offer.point.pattern.match(offer.point.value)
        if match is None:
            raise refused(where, f"{offer.point.value!r} is no reference of the form module:object")
        place = place_of(match["module"], offer.distribution, where)
        origin = Origin(
            "distribution",
            place.location,
            origin.distribution,
            release,
            where,
            place.package,
            match["attr"] or "",
        )
        return found_at(place, offer.name, origin, rank)
    except ManifestError as error:
        return Broken(offer.name, origin, error.problems, rank)
    except Exception as error:  # whatever its files hold, it must not keep the others
        problem = Problem(f"{where} cannot be read: {type(error).__name__}: {error}")
        return Broken(offer.name, origin, (problem,), rank)


def found_at(place: Place, name: str, origin: Origin, rank: int) -> Found:
    """What the plugin at a place is; raises `ManifestError`."""
    release = origin.release
    if place.manifest is None:
        is_file = not place.location.is_dir()
        entrypoint = place.location.stem if is_file else place.inside or INIT
        values = {"name": name, "version": release, "entrypoint": entrypoint}
        folder = place.location.parent if is_file else place.location
        try:
            return Found(PluginMetadata(values, path=folder), origin, rank)
        except ManifestError as error:
            problem = error.problems[0]
            raise refused(origin.where, problem.message, problem.hint) from None
    report = place.manifest.report
    if report.has_errors:
        raise ManifestError(report.problems)
    values = place.manifest.values
    if values["name"] != name:
        hint = "give both one name"
        report.complain(("name",), f"{origin.where} calls this plugin {name!r}", hint)
    if not VERSION.is_right(release):
        report.complain((), f"{release!r}, the version of its distribution, is no version")
    if report.has_errors:
        raise ManifestError(report.problems)
    if values["version"] not in ("0.0.0", release):
        message = f"its distribution says that the version is {release}, and that counts"
        report.complain(("version",), message, "leave it out of the manifest", "warning")
    values["version"] = release
    return Found(place.manifest.metadata, origin, rank, tuple(report.problems))


def place_of(module: str, distribution: Distribution, where: str) -> Place:
    """Find a module of a distribution on the disk; raises `ManifestError`."""
    parts = module.split(".")
    for root in roots(distribution, parts, where):
        folder = root.joinpath(*parts)
        file = folder.with_suffix(".py")
        if folder.is_dir():
            return place_in(root, parts, folder)
        if file.is_file():
            return place_in(root, parts, file)
    raise refused(
        where,
        f"there is no module {module!r} in this distribution",
        "install it anew, or mend the entry point",
    )


def place_in(root: Path, parts: list[str], location: Path) -> Place:
    """The plugin that a folder or file belongs to: it ends where its manifest is."""
    is_inside = not location.is_dir() and location.parent != root
    package = location.parent if is_inside else location
    depth = len(parts) - is_inside
    manifest = examine(package)
    if manifest.is_there:
        return Place(package, ".".join(parts[:depth]), ".".join(parts[depth:]), manifest)
    for depth in range(1, len(parts) + 1):
        folder = root.joinpath(*parts[:depth])
        if (folder / f"{INIT}.py").is_file():  # the packages above it are shared with others
            return Place(folder, ".".join(parts[:depth]), ".".join(parts[depth:]))
    return Place(location, ".".join(parts), "")


def roots(distribution: Distribution, parts: list[str], where: str) -> Iterator[Path]:
    """The folders in which the modules of a distribution are, as far as it says."""
    base = distribution.locate_file("")
    if not isinstance(base, os.PathLike):
        hint = "install it unpacked: plugins are read from folders"
        raise refused(where, f"its distribution is inside of an archive: {base}", hint)
    files = distribution.files
    names = ("/".join(parts), f"{'/'.join(parts)}.py")
    if files is None or any(
        str(file) == names[1] or str(file).startswith(f"{names[0]}/") for file in files
    ):
        yield Path(base)
        return
    for file in files:
        if file.suffix == ".pth":  # an editable install says where its sources are
            lines = Path(str(distribution.locate_file(file))).read_text("utf-8").splitlines()
            yield from (Path(line) for line in lines if line and not line.startswith("import"))
    # Others have a finder of their own. Asked for a first name, it runs nothing of the package.
    spec = find_spec(parts[0])
    if spec is not None and spec.submodule_search_locations:
        yield from (Path(each).parent for each in spec.submodule_search_locations)
    elif spec is not None and spec.origin is not None:
        yield Path(spec.origin).parent


def refused(where: str, message: str, hint: str = "") -> ManifestError:
    return ManifestError([Problem(f"{where}: {message}", hint)])

"""A static index: a file that says where the versions of plugins are.

[shop]
"1.4.0" = "shop-1.4.0"
"1.5.0" = { path = "shop-1.5.0", sha256 = "..." }
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Final

from hotplug.host.generations import Snapshot
from hotplug.host.loaders import MetadataLoader, place_named
from hotplug.host.project import opened
from hotplug.host.project_values import FILE
from hotplug.host.registry.folders import look
from hotplug.host.registry.records import Broken, Found, Origin
from hotplug.manifest import ManifestError
from hotplug.manifest.checking import Report
from hotplug.manifest.documents import Place, is_table
from hotplug.manifest.fields import NAME, VERSION, Text, called
from hotplug.manifest.problems import shown

__all__ = ["Index", "hash_of"]

SHA256: Final = Text("a SHA-256 in hexadecimal digits", "[0-9a-f]{64}", 64)
KEYS: Final = ("path", "sha256", "distribution")


class Index:
    """What an index file says."""

    def __init__(self, file: Path, rank: int, loader: MetadataLoader) -> None:
        self.file = file
        self.rank = rank
        self.loader = loader

    def __str__(self) -> str:
        return str(self.file)

    def stamps(self) -> list[Path]:
        """What changes when a plugin is added."""
        return [self.file]

    def offers(self) -> Iterator[Found | Broken]:
        """All versions of all plugins in it, as they stand there."""
        try:
            document = opened(self.file)
        except ManifestError as error:
            yield Broken("", Origin("index", self.file), error.problems, self.rank)
            return
        report = Report(document)
        if not is_table(document.data):
            message = f"an index is a table of plugins, not {shown(document.data)}"
            yield self._broken(report, "", (), message)
            return
        for name, versions in document.data.items():
            if not is_table(versions):
                message = f"{shown(name)} takes a table of versions, not {shown(versions)}"
                yield self._broken(report, str(name), (str(name),), message)
                continue
            for version in versions:
                yield self._offer(report, str(name), str(version), versions[version])

    def _offer(self, report: Report, name: str, version: str, value: object) -> Found | Broken:
        """What one line of the index offers."""
        place: Place = (name, version)
        before = len(report.problems)
        NAME.check(name, (name,), report.complain)
        VERSION.check(version, place, report.complain)
        told = entry(report, place, value)
        mark = report.document.mark(place)
        where = f"{self.file}:{mark.line}" if mark else str(self.file)
        path, digest, distribution = (str(told.get(key, "")) for key in KEYS)
        named = Path(os.path.abspath(self.file.parent / path))  # noqa: PTH100
        location = place_named(named, self.loader)
        origin = Origin("index", location, distribution, where=where, sha256=digest)
        if len(report.problems) == before:
            found = look(location, self.loader, self.rank)
            if isinstance(found, Broken):
                return Broken(name, origin, found.problems, self.rank, version)
            if found is None:
                report.complain(place, f"there is no plugin in {location}")
            elif (found.name, found.version) != (name, version):
                said = f"{location} is {found.name} {found.version}"
                report.complain(place, f"{said}, and not {name} {version}")
            else:
                return Found(found.metadata, origin, self.rank, found.problems)
        return Broken(name, origin, tuple(report.problems[before:]), self.rank, version)

    def _broken(self, report: Report, name: str, place: Place, message: str) -> Broken:
        report.complain(place, message)
        return Broken(name, Origin("index", self.file), (report.problems[-1],), self.rank)


def entry(report: Report, place: Place, value: object) -> Mapping[str, object]:
    """A path, or a table with one."""
    if isinstance(value, str):
        FILE.check(value, place, report.complain)
        return {"path": value}
    if not is_table(value):
        message = f"{called(place)} takes a path or a table, not {shown(value)}"
        report.complain(place, message)
        return {}
    told: dict[str, object] = {}
    kinds: Mapping[str, Text] = {"path": FILE, "sha256": SHA256, "distribution": NAME}
    for key, kind in kinds.items():
        if key in value:
            told[key] = kind.check(value[key], (*place, key), report.complain)
    if "path" not in value:
        report.complain(place, f"{called(place)} has no path", "say where it is: path = '...'")
    for other in value:
        if other not in KEYS:
            hint = f"the keys are {', '.join(KEYS)}"
            report.complain(
                (*place, str(other)), f"the unknown key {shown(other)} is refused", hint
            )
    return told


def hash_of(location: str | Path | Snapshot) -> str:
    """The SHA-256 of a plugin, as an index may say it: of all its files and their names.

    It is that of the lines ``DIGEST  NAME``, in the order of the names, as ``sha256sum`` prints
    them; folders are told by ``/``.
    """
    snapshot = location if isinstance(location, Snapshot) else Snapshot.take(Path(location))
    whole = sha256()
    for path in sorted(snapshot.files):
        name = os.path.relpath(path, snapshot.root).replace(os.sep, "/")
        if name == ".":
            name = os.path.basename(path)  # noqa: PTH119
        whole.update(f"{sha256(snapshot.read(path)).hexdigest()}  {name}\n".encode())
    return whole.hexdigest()

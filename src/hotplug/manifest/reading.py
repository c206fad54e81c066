"""From a location to what its manifest says: the file is found, read within limits, and checked."""

from __future__ import annotations

import os
import stat
from codecs import BOM_UTF8
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, NamedTuple

from hotplug.manifest import entrypoints, heads, jsons, tomls, yamls
from hotplug.manifest.checking import Report, check
from hotplug.manifest.documents import Document, Marks, Place, is_table
from hotplug.manifest.metadata import FIELDS, PluginMetadata
from hotplug.manifest.problems import Absent, ManifestError, Problem, Unreadable, warn

__all__ = ["LARGEST", "Checked", "examine", "find", "load", "read", "reason", "validate"]

LARGEST: Final = 2**18
"""A manifest of more bytes is not read, nor is the head of a file looked for behind them."""

# Opening a pipe would wait for who writes into it.
READING: Final = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)


class Format(NamedTuple):
    """A way to write manifests."""

    parse: Callable[[str], object]
    find: Callable[[str], Marks]
    root: Place = ()


FORMATS: Final = {
    ".json": Format(jsons.parse, jsons.find),
    ".toml": Format(tomls.parse, tomls.find),
    ".yaml": Format(yamls.parse, yamls.find),
    ".yml": Format(yamls.parse, yamls.find),
    ".py": Format(heads.parse, heads.find, heads.ROOT),
}
FILES: Final = ("plugin.json", "plugin.toml", "plugin.yaml", "plugin.yml")


class Checked(NamedTuple):
    """A manifest that was looked at whole; the values count only if there are no errors."""

    values: dict[str, Any]
    own: dict[str, Any]
    report: Report
    folder: Path
    is_there: bool = True
    """False where nothing is meant to be a manifest, as in any folder of files."""

    @property
    def metadata(self) -> PluginMetadata:
        """What it says, where there are no errors."""
        return PluginMetadata.of(self.values, self.own, self.report.document, self.folder)


def read(location: str | os.PathLike[str], largest: int = LARGEST) -> PluginMetadata:
    """Read the manifest of a plugin, by its folder or its single file; none of its code is run.

    Raises `ManifestError` with all that is wrong; what only has no effect is a `ManifestWarning`,
    which stands in the manifest's own line.
    """
    checked = examine(location, largest)
    report = checked.report
    if report.has_errors:
        raise ManifestError(report.problems)
    warn(report.problems)
    return checked.metadata


def validate(location: str | os.PathLike[str]) -> list[Problem]:
    """All that is wrong with the manifest at a location, warnings too, in the order of its lines.

    A manifest that is not there or can't be read is one problem more, not an exception.
    """
    return examine(location).report.problems


def examine(location: str | os.PathLike[str], largest: int = LARGEST) -> Checked:
    """Read and check, and gather what is wrong."""
    place = location if isinstance(location, Path) else Path(location)
    file = str(place)
    try:
        file = find(file)
        document = load(file, largest)
    except Unreadable as error:
        report = Report(Document(None, Path(file)))
        problem = Problem(error.message, error.hint, Path(file), error.line, error.column)
        report.problems.append(problem)
        return Checked({}, {}, report, Path(file), not isinstance(error, Absent))
    report = Report(document)
    values, own = check(FIELDS, report)
    folder = os.path.abspath(os.path.dirname(file))
    if file.endswith(".py"):
        check_single_file(Path(file), values, report)
    elif entrypoint := values["entrypoint"]:
        check_entrypoint(folder, entrypoint, report)
    report.problems.sort(key=lambda problem: (problem.line or 0, problem.column or 0))
    return Checked(values, own, report, place if str(place) == folder else Path(folder))


def find(location: str) -> str:
    """The manifest of a folder, or the file itself if it is one; raises `Unreadable`."""
    try:
        names = os.listdir(location)  # one look, which is less than one for each name
    except NotADirectoryError:
        if suffix_of(location) == ".py":
            return location
        location, name = os.path.split(location)
        if name not in FILES:
            its = " or ".join(FILES)
            hint = f"name a plugin's folder, its {its}, or a plugin in a single .py file"
            raise Unreadable("this is no manifest", hint=hint) from None
        names = os.listdir(location or os.curdir)
    except (OSError, ValueError) as error:
        raise Unreadable(f"there is no plugin here: {reason(error)}") from None
    there = [name for name in FILES if name in names]
    if not there:
        hint = f"a plugin's folder has one of {', '.join(FILES)}"
        raise Absent("this folder has no manifest", hint=hint)
    if len(there) > 1:
        raise Unreadable(f"{' and '.join(there)} are both here", hint="keep one of them")
    return os.path.join(location, there[0])


def place_of(location: Path) -> Path:
    """Where a plugin is that is named by its folder, by the manifest in there, or by its file.

    >>> place_of(Path("plugins/shop"))
    PosixPath('plugins/shop')
    """
    return location.parent if location.name in FILES and location.is_file() else location


def suffix_of(file: str) -> str:
    return os.path.splitext(file)[1]


def load(file: str, largest: int = LARGEST) -> Document:
    """Read the file as data; raises `Unreadable`."""
    try:
        raw = content_of(file, largest)
    except OSError as error:
        raise Unreadable(f"this can't be read: {reason(error)}") from None
    if len(raw) > largest:
        if suffix_of(file) != ".py":
            raise Unreadable(f"a manifest has at most {largest} bytes, and this has more")
        raw = raw[: raw.rfind(b"\n") + 1]
    try:
        text = raw.removeprefix(BOM_UTF8).decode()
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise Unreadable("this is not UTF-8", line, hint="save it as UTF-8") from None
    form = FORMATS[suffix_of(file)]
    contents = {} if form.root else {file: raw}
    return Document(form.parse(text), file, text, form.find, form.root, contents)


def content_of(file: str, largest: int) -> bytes:
    """What is in a plain file, as far as it is read; this takes half the time that `open` does."""
    descriptor = os.open(file, READING)
    try:
        state = os.fstat(descriptor)
        if not stat.S_ISREG(state.st_mode):
            raise Unreadable("this is no plain file")
        return os.read(descriptor, min(state.st_size, largest) + 1)
    finally:
        os.close(descriptor)


def reason(error: OSError | ValueError) -> str:
    said = (error.strerror if isinstance(error, OSError) else None) or str(error)
    return f"{said[:1].lower()}{said[1:]}"


def check_entrypoint(folder: str, entrypoint: str, report: Report) -> None:
    try:
        entrypoints.locate(folder, entrypoint)
    except entrypoints.Misplaced as error:
        report.complain(("entrypoint",), error.message, error.hint)


def check_single_file(file: Path, values: dict[str, Any], report: Report) -> None:
    """A single file is its own entrypoint."""
    data = report.document.data
    if is_table(data) and "entrypoint" in data and values["entrypoint"] != file.stem:
        message = "'entrypoint' has no place here: a plugin in a single file begins in that file"
        report.complain(("entrypoint",), message, "leave it out, or make the plugin a folder")
    values["entrypoint"] = file.stem

"""What becomes of a plugin's data when the plugin is uninstalled: kept, exported or purged.

An export is a tar archive with the place of the plugin's data in it, as `kept` says.
"""

from __future__ import annotations

import json
import os
import shutil
import tarfile
import tempfile
from pathlib import Path
from typing import Final, Literal

from hotplug.errors.hosting import DataError
from hotplug.host.data.kept import FILES, OWNER, STORE, Kept, said_by
from hotplug.manifest.fields import NAME

__all__ = ["DATA", "WhatToDo", "export", "free_place", "purge", "restore"]

WhatToDo = Literal["keep", "export", "purge"]
DATA: Final[tuple[WhatToDo, ...]] = ("keep", "export", "purge")


def free_place(name: str, to: str | Path) -> Path:
    """Where an archive can be written; in a folder it is named for the plugin."""
    file = Path(to).absolute()
    if file.is_dir():
        file /= f"{name}-data.tar.gz"
    if file.exists():
        raise DataError(f"the data of plugin {name!r} is not exported over {file}: it is there")
    if not file.parent.is_dir():
        raise DataError(f"the data of plugin {name!r} has no place to go: no folder {file.parent}")
    return file


def export(kept: Kept, name: str, file: Path) -> None:
    """Write all that a plugin keeps into an archive."""
    place = kept.make_place(name)
    new = file.with_name(f"{file.name}.new")
    try:
        with kept.store_file(name).held():  # nobody writes to the store meanwhile
            with tarfile.open(new, "w:gz") as archive:
                for part in (OWNER, STORE, FILES):
                    if (place / part).exists():
                        archive.add(place / part, part, filter=only_files)
            with new.open("rb") as written:
                os.fsync(written.fileno())
        new.replace(file)
    except (OSError, tarfile.TarError) as error:
        new.unlink(missing_ok=True)
        raise DataError(f"the data of plugin {name!r} can't be exported: {error}") from error


def only_files(member: tarfile.TarInfo) -> tarfile.TarInfo | None:
    """Files, folders and links; a socket says nothing once its plugin is gone."""
    is_kept = member.isreg() or member.isdir() or member.issym() or member.islnk()
    return member if is_kept else None


def purge(kept: Kept, name: str) -> None:
    """Delete all that a plugin keeps, its cache too."""
    for place in (kept.place(name), kept.cache_place(name)):
        if place.is_symlink():
            raise DataError(
                f"the data of plugin {name!r} is not purged: {place} is a link\n"
                "  delete it by hand, with what it leads to"
            )
    place = kept.place(name)
    if place.exists():
        with kept.store_file(name).held():
            leaving = Path(tempfile.mkdtemp(prefix=".purged-", dir=kept.data))
            place.rename(leaving / place.name)  # from here on it is gone as a whole
        kept.forget(name)
        for left in kept.data.glob(".purged-*"):  # an earlier one may have been interrupted
            shutil.rmtree(left, ignore_errors=left != leaving)
    shutil.rmtree(kept.cache_place(name), ignore_errors=True)


def restore(kept: Kept, file: Path) -> str:
    """Take the data of a plugin from an archive; returns its name."""
    kept.data.mkdir(parents=True, exist_ok=True)
    coming = Path(tempfile.mkdtemp(prefix=".restored-", dir=kept.data))
    try:
        unpack(file, coming)
        name = said_by(coming)[0]
        if not NAME.is_right(name):
            raise DataError(f"{file} is no export of a plugin's data: it names no plugin")
        place = kept.place(name)
        if place.exists():
            raise DataError(
                f"plugin {name!r} has data already, and {file} is not restored over it\n"
                f"  purge it first, or move it away: {place}"
            )
        try:
            coming.rename(place)
        except OSError as error:  # another process has just put some there
            raise DataError(f"the data of plugin {name!r} can't be restored: {error}") from error
    finally:
        if coming.exists():
            shutil.rmtree(coming)
    return name


def unpack(file: Path, folder: Path) -> None:
    if not hasattr(tarfile, "data_filter"):
        raise DataError("restoring data needs a Python that has tarfile.data_filter: 3.11.4 or up")
    try:
        with tarfile.open(file, "r:*") as archive:
            for member in archive:
                if member.name.partition("/")[0] not in (OWNER, STORE, FILES):
                    raise DataError(f"{file} is no export of a plugin's data: {member.name!r}")
            archive.extractall(folder, filter="data")
    except (OSError, EOFError, tarfile.TarError, json.JSONDecodeError) as error:
        if isinstance(error, DataError):
            raise
        raise DataError(f"{file} can't be restored: {error}") from error

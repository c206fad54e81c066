"""What a host keeps for its plugins: a place for each, with its files, its store and its cache.

data/shop/owner.json    whose it is
files/        plugin.data_folder
store.json    plugin.store
cache/shop/             plugin.cache_folder
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, Final

from hotplug.errors.hosting import DataError
from hotplug.host.data.places import cache_of, data_of, folder_name
from hotplug.host.data.store import Store, StoreFile

if TYPE_CHECKING:
    from hotplug.host.host import PluginHost
    from hotplug.host.life import Life

__all__ = ["FILES", "OWNER", "STORE", "InstalledData", "Kept"]

OWNER: Final = "owner.json"
FILES: Final = "files"
STORE: Final = "store.json"


@dataclass(frozen=True, slots=True)
class InstalledData:
    """The data of one plugin, loaded or not."""

    name: str
    version: str
    """That of the plugin that used it last."""
    folder: Path
    size: int
    """How many bytes its files and its store take."""
    is_loaded: bool
    """Whether a plugin of this name is loaded now."""


class Kept:
    """The data of the plugins of one host."""

    def __init__(self, host: PluginHost[Any]) -> None:
        project = host.project
        self._host = host
        data, cache = host.where_data_is() if host.where_data_is else (None, None)
        self.data = project.folder / project.data if project.data else data or data_of(host.name)
        self.cache = (
            project.folder / project.cache if project.cache else cache or cache_of(host.name)
        )
        self.admit: Callable[[str, int], None] = host.admit_stored
        """Asked before each write to a store, with the name of its plugin and the bytes that it
        would have then; what it raises refuses the write.
        """
        self._lock = Lock()
        self._stores: dict[str, StoreFile] = {}
        self._made: set[str] = set()

    def place(self, name: str) -> Path:
        """The folder of all that a plugin keeps; it may not be there."""
        return self.data / folder_name(name)

    def cache_place(self, name: str) -> Path:
        return self.cache / folder_name(name)

    def make_place(self, name: str) -> Path:
        """The same, made where it is not there."""
        place = self.place(name)
        owner = place / OWNER
        if name in self._made and owner.exists():
            return place
        make_private(place, name)
        plugin = self._host.plugins.get(name)
        version = said_by(place)[1] if plugin is None else plugin.version
        if said_by(place) != (name, version):
            new = owner.with_suffix(f".{os.getpid()}")
            new.write_text(json.dumps({"name": name, "version": version}), "utf-8")
            new.replace(owner)
        self._made.add(name)
        return place

    def files(self, name: str) -> Path:
        """The folder that is the plugin's own to write to."""
        return make_private(self.make_place(name) / FILES, name)

    def cached(self, name: str) -> Path:
        """The folder for what it can make again."""
        return make_private(self.cache_place(name), name)

    def store_file(self, name: str) -> StoreFile:
        with self._lock:
            file = self._stores.get(name)
            if file is None:
                file = self._stores[name] = StoreFile(
                    self.place(name) / STORE,
                    f"plugin {name!r}",
                    lambda size: self.admit(name, size),
                    lambda: self.make_place(name),
                )
            return file

    def store(self, name: str, asking: Life | None) -> Store:
        """The store of a plugin, for one of its lives or for the application."""
        return Store(self.store_file(name), admit_always if asking is None else asking.check)

    def stored_bytes(self, name: str) -> int:
        """How many bytes a plugin keeps: in its files and its store, without its cache."""
        return sum(sizes(self.place(name)))

    def forget(self, name: str) -> None:
        """Let go of what is open for a plugin."""
        with self._lock:
            file = self._stores.pop(name, None)
            self._made.discard(name)
        if file is not None:
            file.close()

    def close(self) -> None:
        """The same for all of them."""
        for name in [*self._stores]:
            self.forget(name)

    def installed(self) -> list[InstalledData]:
        """Whose data is there, by name."""
        found: list[InstalledData] = []
        for place in self.data.iterdir() if self.data.is_dir() else ():
            name, version = said_by(place)
            if name and place == self.place(name):
                loaded = name in self._host.plugins
                found.append(InstalledData(name, version, place, sum(sizes(place)), loaded))
        return sorted(found, key=lambda each: each.name)


def said_by(place: Path) -> tuple[str, str]:
    """The name and version in the file that says whose a place is; empty where there is none."""
    try:
        data = json.loads((place / OWNER).read_bytes())
        return str(data["name"]), str(data["version"])
    except (OSError, ValueError, KeyError, TypeError):
        return "", ""


def make_private(folder: Path, name: str) -> Path:
    """Make a folder, for this user only, with those above it."""
    try:
        if not folder.is_dir():
            folder.parent.mkdir(parents=True, exist_ok=True)
            folder.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise DataError(
            f"plugin {name!r} can't have its folder: {error}\n"
            f"  {folder}\n"
            "  the project says where such folders are, with its keys data and cache"
        ) from error
    return folder


def sizes(place: Path) -> Iterator[int]:
    for folder, _, files in os.walk(place):
        for file in files:
            if file != OWNER or folder != str(place):
                yield (Path(folder) / file).lstat().st_size


def admit_always(wish: str) -> None:
    """The application's own code never ends."""

"""Data files of a generation for ``importlib.resources``: those of its snapshot."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from importlib.resources.abc import Traversable, TraversableResources
from typing import IO, Any

from hotplug.host.generations.snapshot import Snapshot

__all__ = ["Reader"]


class Reader(TraversableResources):
    """What a loader gives for a package's folder."""

    def __init__(self, snapshot: Snapshot, folder: str) -> None:
        self.folder = Kept(snapshot, folder)

    def files(self) -> Kept:
        return self.folder


class Kept(Traversable):
    """A file or folder of a snapshot; it need not be on the disk any more."""

    def __init__(self, snapshot: Snapshot, path: str) -> None:
        self.snapshot = snapshot
        self.path = path

    @property
    def name(self) -> str:
        return os.path.basename(self.path)  # noqa: PTH119

    def iterdir(self) -> Iterator[Kept]:
        inside = self.path + os.sep
        names = {
            path[len(inside) :].partition(os.sep)[0]
            for path in self.snapshot.files
            if path.startswith(inside)
        }
        return iter([self.joinpath(name) for name in sorted(names)])

    def is_dir(self) -> bool:
        return any(path.startswith(self.path + os.sep) for path in self.snapshot.files)

    def is_file(self) -> bool:
        return self.path in self.snapshot.files

    def joinpath(self, *descendants: str | os.PathLike[str]) -> Kept:
        return Kept(self.snapshot, os.path.normpath(os.path.join(self.path, *descendants)))  # noqa: PTH118

    def __truediv__(self, child: str | os.PathLike[str]) -> Kept:
        return self.joinpath(child)

    def open(self, mode: str = "r", *args: Any, **kwargs: Any) -> IO[Any]:
        if self.path not in self.snapshot.files:
            raise FileNotFoundError(2, "No such file in the plugin as it was loaded", self.path)
        content = io.BytesIO(self.snapshot.read(self.path))
        if mode == "rb":
            return content
        if mode != "r":
            raise ValueError(f"mode {mode!r}: resources are for reading, 'r' or 'rb'")
        return io.TextIOWrapper(content, *args, **kwargs)

    def read_bytes(self) -> bytes:
        with self.open("rb") as file:
            content: bytes = file.read()
            return content

    def read_text(self, encoding: str | None = None, errors: str | None = None) -> str:
        with self.open("r", encoding=encoding, errors=errors) as file:
            text: str = file.read()
            return text

    def __repr__(self) -> str:
        return f"<{self.path!r} as it was loaded>"

"""The files of a plugin that matter for its code, and whether they are those that it runs."""

from __future__ import annotations

import os
from collections.abc import Iterable
from fnmatch import fnmatchcase
from importlib.machinery import EXTENSION_SUFFIXES
from typing import Final, TypeAlias

from hotplug.host.generations.snapshot import Snapshot, content_of
from hotplug.manifest.reading import FILES

__all__ = ["Files", "Marks"]

Marks: TypeAlias = "dict[str, tuple[int, int, int]]"
"""By path what changes with each save: time, size and inode."""

MACHINE_CODE: Final = tuple(EXTENSION_SUFFIXES)


class Files:
    """Which files count: code, the manifest, and those that one asks for.

    What editors put beside a file while it is saved has other names, and does not count.

    >>> files = Files(["*.html"])
    >>> [name for name in ("plugin.py", ".plugin.py.swp", "4913", "a.html") if files.count(name)]
    ['plugin.py', 'a.html']
    """

    def __init__(self, also: Iterable[str] = ()) -> None:
        if isinstance(also, str):
            raise TypeError(f"also= is a list of patterns, not {also!r}: [{also!r}]")
        self.also = tuple(also)

    def count(self, name: str) -> bool:
        """Whether a file of this name counts."""
        if name.startswith("."):
            return False
        stem, _, suffix = name.partition(".")
        if stem and (suffix == "py" or f".{suffix}" in MACHINE_CODE):
            return True
        return name in FILES or any(fnmatchcase(name, pattern) for pattern in self.also)

    def marks(self, root: str) -> Marks:
        """What stands at a place now: a folder, or a single file; nothing if it is not there."""
        found: Marks = {}
        try:
            self._look_into(root, (os.path.realpath(root),), found)
        except NotADirectoryError:
            found[root] = mark_of(os.stat(root))  # noqa: PTH116 (a path again would take longer)
        except FileNotFoundError:
            pass
        return found

    # The same way through the folders as a snapshot goes.
    def _look_into(self, folder: str, links: tuple[str, ...], found: Marks) -> None:
        with os.scandir(folder) as entries:
            for entry in entries:
                try:
                    if entry.is_dir():
                        self._go_down(entry, links, found)
                    elif self.count(entry.name):
                        found[entry.path] = mark_of(entry.stat())
                except FileNotFoundError:
                    continue  # it was there for a moment

    def _go_down(self, entry: os.DirEntry[str], links: tuple[str, ...], found: Marks) -> None:
        if entry.name == "__pycache__" or entry.name.startswith("."):
            return
        if entry.is_symlink():
            target = os.path.realpath(entry.path)
            if target in links:
                return
            links = (*links, target)
        self._look_into(entry.path, links, found)

    def differ(self, snapshot: Snapshot, now: Marks, before: Marks | None) -> bool:
        """Whether a plugin's files are not those that it runs.

        Of what is not kept in memory, machine code and very large files, the marks are compared.
        """
        own: dict[str, bytes | None] = {
            path: content
            for path, content in snapshot.files.items()
            if path == snapshot.root or self.count(os.path.basename(path))  # noqa: PTH119
        }
        own.update({each.path: None for each in snapshot.modules.values() if each.is_machine_code})
        if own.keys() != now.keys():
            return True
        if before is not None and any(
            content is None and now[path] != before.get(path) for path, content in own.items()
        ):
            return True
        return any(
            content is not None and content_of(path) != content for path, content in own.items()
        )


def mark_of(status: os.stat_result) -> tuple[int, int, int]:
    return status.st_mtime_ns, status.st_size, status.st_ino

"""The files of a plugin as they were at one moment: nothing is run, and nothing is read again."""

from __future__ import annotations

import io
import os
import re
from collections.abc import Iterator, Mapping
from importlib.machinery import EXTENSION_SUFFIXES
from importlib.util import decode_source
from pathlib import Path
from types import MappingProxyType
from typing import Final, NamedTuple

__all__ = ["LARGEST_KEPT", "ModuleFile", "Snapshot", "content_of", "lines_of", "text_of"]

LARGEST_KEPT: Final = 16 * 1024 * 1024
"""A data file above this many bytes is not kept in memory: it is read when it is asked for."""

READING: Final = os.O_RDONLY | getattr(os, "O_BINARY", 0)
BLOCK: Final = 2**16
NOTHING: Final[Mapping[str, bytes]] = MappingProxyType({})

# As PEP 263 says: in one of the first two lines, and then Python's own decoder is asked.
NAMES_ITS_ENCODING: Final = re.compile(rb"\A(?:\xef\xbb\xbf|(?:[^\n]*\n)?[ \t\f]*#.*?coding[:=])")


class ModuleFile(NamedTuple):
    """Where a module's code is: a source file, an extension, or a folder without code."""

    path: str
    is_package: bool = False
    is_source: bool = True

    @property
    def is_folder(self) -> bool:
        """A package without an ``__init__.py``: it has no code to run."""
        return self.is_package and not self.is_source

    @property
    def is_machine_code(self) -> bool:
        return not (self.is_source or self.is_package)

    @property
    def folder(self) -> str:
        return self.path if self.is_folder else os.path.dirname(self.path)  # noqa: PTH120


class Snapshot:
    """All files of a plugin, and which modules they make.

    ``modules`` goes by the name inside the plugin, ``""`` for the plugin itself.
    """

    __slots__ = ("_read", "files", "modules", "root")

    def __init__(self, root: str, read: Mapping[str, bytes]) -> None:
        self.root: Final = root
        self._read: Final = read
        self.files: Final[dict[str, bytes | None]] = {}
        """Contents by path; None for what is too large to keep."""
        self.modules: Final[dict[str, ModuleFile]] = {}

    @classmethod
    def take(cls, root: Path, read: Mapping[str, bytes] = NOTHING) -> Snapshot:
        """Read a plugin's folder, or its only file; what was ``read`` already is taken as it was.

        >>> Snapshot.take(Path("plugins/shop")).modules[""]  # doctest: +SKIP
        ModuleFile(path='plugins/shop/__init__.py', is_package=True, is_source=True)
        """
        # not resolved: tracebacks and breakpoints know a file by the path that was given
        snapshot = cls(os.path.abspath(root), read)  # noqa: PTH100
        try:
            snapshot._read_folder(snapshot.root, "", ())
        except NotADirectoryError:
            snapshot.files[snapshot.root] = content_of(snapshot.root)
            snapshot.modules[""] = ModuleFile(snapshot.root)
        return snapshot

    @property
    def may_put_modules(self) -> bool:
        """Whether the code may put a module into ``sys.modules``: few do, and looking is slow."""
        return any(b"modules" in source for _, source in self.source_files())

    def read(self, path: str) -> bytes:
        content = self.files[path]
        return content_of(path) if content is None else content

    def source_files(self) -> Iterator[tuple[str, bytes]]:
        for file in self.modules.values():
            if file.is_source:
                yield file.path, self.read(file.path)

    def _read_folder(self, folder: str, name: str, links: tuple[str, ...]) -> None:
        prefix = f"{name}." if name else ""
        found: dict[str, ModuleFile] = {}
        folders: list[tuple[str, str, tuple[str, ...]]] = []
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.is_dir():
                    if entry.name != "__pycache__" and not entry.name.startswith("."):
                        followed = links
                        if entry.is_symlink():
                            target = os.path.realpath(entry.path)
                            if target in (*links, os.path.realpath(self.root)):
                                continue  # it has been read, or is being read
                            followed = (*links, target)
                        folders.append((entry.path, prefix + entry.name, followed))
                elif entry.is_file():
                    self._read_file(entry, prefix, found)
        init = f"{folder}{os.sep}__init__.py"
        is_regular = init in self.files
        self.modules[name] = ModuleFile(init if is_regular else folder, True, is_regular)
        self.modules.update(found)
        for path, inner, followed in folders:
            module = found.get(inner)
            self._read_folder(path, inner, followed)
            if module is not None and self.modules[inner].is_folder:
                self.modules[inner] = module  # as in Python, a module goes before a bare folder

    def _read_file(
        self, entry: os.DirEntry[str], prefix: str, found: dict[str, ModuleFile]
    ) -> None:
        stem, _, suffix = entry.name.partition(".")
        if f".{suffix}" in EXTENSION_SUFFIXES:
            found[prefix + stem] = ModuleFile(entry.path, is_source=False)
            return
        is_source = suffix == "py"
        content = self._read.get(entry.path)
        if content is None and (is_source or entry.stat().st_size <= LARGEST_KEPT):
            content = content_of(entry.path)
        self.files[entry.path] = content
        if is_source and stem != "__init__":
            found.setdefault(prefix + stem, ModuleFile(entry.path))


def content_of(path: str) -> bytes:
    # a thousand plugins are read at a start: `open` asks the system eleven things for a file,
    # this five, in half the time
    file = os.open(path, READING)
    try:
        parts: list[bytes] = []
        while part := os.read(file, BLOCK):
            parts.append(part)
        return b"".join(parts)
    finally:
        os.close(file)


def lines_of(text: str) -> list[str]:
    """Split a source text as Python counts its lines; ``splitlines`` knows more line ends."""
    return io.StringIO(text).readlines()


def text_of(source: bytes) -> str:
    """Decode a source file as Python would."""
    if NAMES_ITS_ENCODING.match(source):
        return decode_source(source)
    if b"\r" in source:
        return io.TextIOWrapper(io.BytesIO(source), "utf-8", "replace", None).read()
    return source.decode("utf-8", "replace")  # the same, in a third of the time

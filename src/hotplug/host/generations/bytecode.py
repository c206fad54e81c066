"""Code for a source text: what was compiled before is taken if it was compiled from this text.

Python's own cached bytecode goes by time and size, and a plugin that is saved twice within a
second would get the old one. So the cached files are of the kind that goes by a hash of the source.
"""

from __future__ import annotations

import marshal
import os
import sys
from collections.abc import Iterable
from importlib.machinery import SourceFileLoader
from importlib.util import MAGIC_NUMBER, cache_from_source, source_hash
from pathlib import Path
from types import CodeType
from typing import Final

from hotplug.host.generations.snapshot import content_of
from hotplug.host.generations.sources import renamed

__all__ = ["Codes", "cache_of"]

CHECKED_HASH: Final = (0b11).to_bytes(4, "little")
HEAD: Final = 16


class Codes(dict[str, tuple[bytes, CodeType]]):
    """The code of each file, with the source it was made from: a reload compiles what has changed.

    >>> codes = Codes()
    >>> codes.of("shop.py", b"x = 1") is codes.of("shop.py", b"x = 1")
    True
    """

    def of(self, path: str, source: bytes, cache: str | None = None, shown: str = "") -> CodeType:
        """The code; ``cache`` is where its bytecode is kept, if that is known already.

        In tracebacks and the like the file is ``shown`` by another name.
        """
        known = self.get(path)
        if known is not None and known[0] == source and known[1].co_filename == (shown or path):
            return known[1]
        code = from_cache(path, source, cache_of(path) if cache is None else cache)
        if shown and shown != path:
            code = renamed(code, shown)
        self[path] = (source, code)
        return code

    def drop(self, paths: Iterable[str]) -> None:
        """Forget the files of a plugin that is gone."""
        for path in paths:
            self.pop(path, None)


def cache_by_importlib(path: str) -> str | None:
    try:
        return cache_from_source(path)
    except NotImplementedError:  # an interpreter without a name for its bytecode
        return None


ENDING: Final = (cache_by_importlib("x.py") or "").rpartition("x")[2]


def cache_of(path: str) -> str | None:
    """Where Python keeps the bytecode of a file, in a fifth of the time that importlib takes."""
    if sys.pycache_prefix is not None or not ENDING:
        return cache_by_importlib(path)
    folder, slash, name = path.rpartition(os.sep)
    return f"{folder}{slash}__pycache__{os.sep}{name.removesuffix('.py')}{ENDING}"


def from_cache(path: str, source: bytes, cache: str | None) -> CodeType:
    if cache is None:
        return compiled(path, source)
    head = MAGIC_NUMBER + CHECKED_HASH + source_hash(source)
    try:
        data = content_of(cache)
    except OSError:
        data = b""
    if data[:HEAD] == head:
        try:
            code = marshal.loads(memoryview(data)[HEAD:])
        except (EOFError, ValueError, TypeError):
            code = None
        # a folder that was moved has its old path in the code
        if type(code) is CodeType and code.co_filename == path:
            return code
    code = compiled(path, source)
    if not sys.dont_write_bytecode and Path(path).exists():
        # as importlib does it: at once or not at all, and no error if it cannot be written
        SourceFileLoader("", path).set_data(cache, head + marshal.dumps(code))
    return code


def compiled(path: str, source: bytes) -> CodeType:
    return compile(source, path, "exec", dont_inherit=True)

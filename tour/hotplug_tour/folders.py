"""Writes the plugins of a step to disk, as an author would have."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Protocol

__all__ = ["Write", "plugin_folders"]


class Write(Protocol):
    """Writes one plugin, with what its manifest says, and returns its folder."""

    def __call__(self, name: str, code: str, **manifest: object) -> Path: ...


@contextmanager
def plugin_folders() -> Generator[Write]:
    """A way to write plugins, whose folders are gone afterwards."""
    with TemporaryDirectory() as directory:

        def write(name: str, code: str, **manifest: object) -> Path:
            folder = Path(directory) / name
            folder.mkdir(exist_ok=True)
            written = json.dumps({"name": name, **manifest})
            (folder / "plugin.json").write_text(written, "utf-8")
            (folder / "plugin.py").write_text(textwrap.dedent(code), "utf-8")
            (folder / "__init__.py").write_text("from .plugin import *\n", "utf-8")
            return folder

        yield write

"""Writes a plugin to disk, as its author would."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from textwrap import dedent
from typing import Any

__all__ = ["write_plugin"]


def write_plugin(
    folder: Path,
    name: str,
    source: str = "",
    *,
    files: Mapping[str, str] | None = None,
    **manifest: Any,
) -> Path:
    """Write a plugin into a folder of its own in this one; returns where it is.

    ``source`` is what its ``plugin.py`` holds, ``files`` are further ones by path, and the rest
    goes into its manifest. Text may be indented as a whole. What is there is replaced.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     shop = write_plugin(Path(folder), "shop", "VAT = 7", version="2.0")
    ...     sorted(path.name for path in shop.iterdir())
    ['plugin.json', 'plugin.py']
    """
    place = folder / name
    described = {"name": name, **manifest}
    texts = {"plugin.json": json.dumps(described, indent=2), "plugin.py": source, **(files or {})}
    for path, text in texts.items():
        file = place / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(dedent(text), "utf-8")
    return place

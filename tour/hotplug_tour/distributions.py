"""Distributions made up for one step, found by `importlib.metadata` as installed ones are."""

from __future__ import annotations

import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

__all__ = ["installed"]


@contextmanager
def installed(name: str, entry_point: str) -> Generator[None]:
    """A distribution that offers one entry point in the group ``tour.smoothies``."""
    with TemporaryDirectory() as directory:
        metadata = Path(directory, f"{name.replace('-', '_')}-1.0.dist-info")
        metadata.mkdir()
        (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        (metadata / "entry_points.txt").write_text(f"[tour.smoothies]\n{entry_point}\n")
        sys.path.insert(0, directory)
        try:
            yield
        finally:
            sys.path.remove(directory)

"""Puts this package in place of pluggy, in this process and in those it starts."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from importlib.machinery import PathFinder
from pathlib import Path
from typing import Final

__all__ = ["SHADOW", "install", "install_in_children", "shadow_pluggy"]

OURS: Final = "hotplug.compat.pluggy"
SHADOW: Final = Path(__file__).with_name("shadow")
"""Holds a ``pluggy`` for processes that are started with it on their path."""
PRIVATE: Final = {
    "_caller": "_hooks",
    "_callers": "_callers",
    "_compat": "_compat",
    "_config": "_marks",
    "_decorators": "_marks",
    "_execution": "_callers",
    "_hooks": "_hooks",
    "_impl": "_marks",
    "_manager": "_manager",
    "_result": "_result",
    "_tracing": "_tracing",
    "_warnings": "_warnings",
}
"""pluggy's modules, of 1.6 and 1.7, and which of ours has their names."""


def install() -> None:
    """Make ``import pluggy`` give this package from now on.

    Modules that have imported pluggy already keep what they have: call it first.
    """
    sys.modules["pluggy"] = import_module(OURS)
    for name, ours in PRIVATE.items():
        sys.modules[f"pluggy.{name}"] = import_module(f"{OURS}.{ours}")


def shadow_pluggy() -> None:
    """Put the shadow on the path, for processes that are handed this one's.

    Right before pluggy and no earlier: every import looks into what comes before its own place.
    """
    places = (at for at, path in enumerate(sys.path) if PathFinder.find_spec("pluggy", [path]))
    sys.path.insert(next(places, len(sys.path)), str(SHADOW))


def install_in_children() -> None:
    """Do the same in the Python processes that this one starts."""
    paths = [str(SHADOW), *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))]
    os.environ["PYTHONPATH"] = os.pathsep.join(dict.fromkeys(paths))

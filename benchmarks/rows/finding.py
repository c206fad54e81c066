"""Finding many plugins in a folder, none of which is run."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from time import perf_counter
from typing import Final

from benchmarks.peers import HOTPLUG, Framework
from benchmarks.rows.importing import new_place
from benchmarks.table import BY_HAND, Row, Ways
from benchmarks.timing import Sample
from hotplug import PluginHost

__all__ = ["rows"]

MANY: Final = 1000


def rows() -> list[Row]:
    many = f"{MANY:,} plugins"
    return [
        Row("host-discover", f"discover {many} in a search path", discover, rounds=15),
        Row("host-find", f"find one of {many} by its name, again", find, rounds=15),
    ]


def place_of_many() -> Path:
    place = new_place()
    for at in range(MANY):
        folder = place / f"plugin{at}"
        folder.mkdir()
        manifest = {"name": folder.name, "version": "1.0", "requires": ["base"]}
        (folder / "plugin.json").write_text(json.dumps(manifest), "utf-8")
        (folder / "plugin.py").write_text("", "utf-8")
    return place


def discover(_: Sequence[Framework]) -> Ways:
    place = place_of_many()
    host = PluginHost(project={"paths": [str(place)]})

    def by_hand() -> list[object]:
        """What a program writes that trusts its manifests: nothing of them is checked."""
        found: list[object] = []
        for folder in sorted(place.iterdir()):
            with open(folder / "plugin.json", encoding="utf-8") as file:  # noqa: PTH123
                found.append(json.load(file))
        return found

    return {HOTPLUG.name: once(host.discover), BY_HAND: once(by_hand)}


def find(_: Sequence[Framework]) -> Ways:
    place = place_of_many()
    host = PluginHost(project={"paths": [str(place)]})
    os.utime(place, (0, 0))  # a folder that has just changed is read each time
    host.discover()

    def by_hand() -> object:
        with open(place / "plugin500" / "plugin.json", encoding="utf-8") as file:  # noqa: PTH123
            return json.load(file)

    return {HOTPLUG.name: once(lambda: host.find("plugin500")), BY_HAND: once(by_hand)}


def once(action: Callable[[], object]) -> Sample:
    def sample() -> float:
        started = perf_counter()
        action()
        return perf_counter() - started

    return sample

"""A program that loads many small plugins, in a process of its own and with its bytecode warm.

``python -m benchmarks.loading WAY PLACE COUNT`` prints the seconds of each phase. A process of its
own, because the second load in a process finds code compiled and folders listed already.
"""

from __future__ import annotations

import gc
import importlib
import importlib.util
import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from time import perf_counter
from types import ModuleType
from typing import Any, Final, TypeVar

from benchmarks.crowd import keeping_bytecode

__all__ = ["WAYS", "measured", "run_by_hand", "write"]

MODULE: Final = """
import json

class Thing:
    def __init__(self, name):
        self.name = name

    def shown(self):
        return json.dumps(self.name)

def function(x, y=1):
    return x + y

VALUE = {"a": 1, "b": [1, 2, 3]}
"""
SINGLE: Final = "single"
FLAT: Final = "flat"

Seconds = dict[str, float]
T = TypeVar("T")


def write(place: Path, count: int) -> None:
    """Each plugin three times: as a folder, as a single file, and as a module that is no plugin."""
    for name in (f"p{at}" for at in range(count)):
        folder = place / name
        folder.mkdir(parents=True)
        (folder / "plugin.json").write_text(json.dumps({"name": name, "version": "1.0"}), "utf-8")
        (folder / "plugin.py").write_text(MODULE, "utf-8")
        head = f'# /// script\n# [tool.hotplug]\n# name = "{name}"\n# version = "1.0"\n# ///\n'
        for kind, text in ((SINGLE, head + MODULE), (FLAT, MODULE)):
            (place / kind).mkdir(exist_ok=True)
            (place / kind / f"{name}.py").write_text(text, "utf-8")


def by_host(place: Path, names: Sequence[str]) -> Seconds:
    return in_a_host([place / name for name in names])


def single_files_by_host(place: Path, names: Sequence[str]) -> Seconds:
    return in_a_host([place / SINGLE / f"{name}.py" for name in names])


def in_a_host(locations: Sequence[Path]) -> Seconds:
    from hotplug import PluginHost  # the other ways do without

    host: PluginHost[Any] = PluginHost()
    seconds = timed(lambda location: host.load_plugin(location).enable(), locations)
    gc.collect()
    started = perf_counter()
    host.close()
    return {**seconds, "closed": perf_counter() - started}


def by_import(place: Path, names: Sequence[str]) -> Seconds:
    return imported(place, [f"{name}.plugin" for name in names])


def single_files_by_import(place: Path, names: Sequence[str]) -> Seconds:
    return imported(place / SINGLE, names)


def flat_by_import(place: Path, names: Sequence[str]) -> Seconds:
    return imported(place / FLAT, names)


def imported(place: Path, names: Sequence[str]) -> Seconds:
    sys.path.insert(0, str(place))
    return timed(importlib.import_module, names)


def by_hand(place: Path, names: Sequence[str]) -> Seconds:
    """What a program writes that has heard of manifests: read it, and run the file it names."""

    def load(folder: Path) -> None:
        manifest = json.loads((folder / "plugin.json").read_text("utf-8"))
        run_by_hand(manifest["name"], folder / f"{manifest.get('entrypoint', 'plugin')}.py")

    return timed(load, [place / name for name in names])


def run_by_hand(name: str, file: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, file)
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def by_pkl(place: Path, names: Sequence[str]) -> Seconds:
    """It reads no manifests; a module is a resource of the plugin that it was loaded for."""
    pkl, tracking, modules = map(importlib.import_module, ("pkl", "pkl.tracking", "pkl.modules"))
    plugins, registry = pkl.PluginTracker(), pkl.ResourceRegistry()
    loader = modules.ModuleResource.with_tracker(tracking.ResourceTracker(plugins, registry))

    def load(name: str) -> None:
        with plugins.executing(pkl.Plugin()):
            loader(f"plugins.{name}", place / name / "plugin.py")

    seconds = timed(load, names)
    gc.collect()
    started = perf_counter()
    registry.release_all()
    return {**seconds, "closed": perf_counter() - started}


def timed(load: Callable[[T], object], places: Sequence[T]) -> Seconds:
    gc.collect()
    started = perf_counter()
    for place in places:
        load(place)
    return {"loaded": perf_counter() - started}


WAYS: Final = {
    way.__name__: way
    for way in (
        by_host,
        single_files_by_host,
        by_import,
        single_files_by_import,
        flat_by_import,
        by_hand,
        by_pkl,
    )
}


def measured(way: str, place: Path, count: int) -> Seconds:
    """The seconds of each phase."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.loading", way, str(place), str(count)],
        cwd=Path(__file__).parent.parent,
        env=keeping_bytecode(),
        capture_output=True,
        text=True,
        check=True,
    )
    seconds: Seconds = json.loads(done.stdout)
    return seconds


def main() -> None:
    way, place, count = sys.argv[1:]
    print(json.dumps(WAYS[way](Path(place), [f"p{at}" for at in range(int(count))])))


if __name__ == "__main__":
    main()

"""Reloads a plugin over and over while threads call it: no call may be answered by two versions.

``make storm`` runs it for a minute on each Python; the tests run a short one.
"""

from __future__ import annotations

import argparse
import gc
import platform
import sys
import tempfile
import threading
import typing
import weakref
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from time import monotonic
from typing import Any, Final

from hotplug.host.generations import Generation, Namespace

__all__ = ["Storm", "main"]

SWITCH_INTERVAL: Final = 0.0005
"""A tenth of Python's own: threads meet in more places."""

MODULES: Final = {
    "__init__": "VERSION = {0}",
    "models": """
from __future__ import annotations
import enum
from dataclasses import dataclass
VERSION = {0}
class Kind(enum.Enum):
    SMALL = "small"
@dataclass
class Item:
    version: int
    kind: Kind = Kind.SMALL
    part: Item | None = None
""",
    "late": "from .models import VERSION",
    "rules": "from . import models\nVERSION = {0}\ndef check(): return models.VERSION",
    "plugin": """
import importlib, pickle, sys, typing
from . import models, rules
from .models import Item, Kind
VERSION = {0}

def call(version):
    return {{version, VERSION, models.VERSION, rules.VERSION, rules.check(), Item(VERSION).version}}

def by_name(version):
    item = Item(VERSION, part=Item(VERSION))
    again = pickle.loads(pickle.dumps(item))
    assert type(again) is Item and type(again.part) is Item and again.kind is Kind.SMALL
    assert typing.get_type_hints(Item)["kind"] is Kind
    from .late import VERSION as late
    import shop.late
    return {{
        version, again.version, late, shop.late.VERSION,
        importlib.import_module("shop.models").VERSION,
        sys.modules["hotplug.plugins.shop.models"].VERSION,
        sys.modules[Item.__module__].Item(VERSION).version,
    }}
""",
}


class Storm:
    """A host with one plugin, the threads that call it, and what they have met."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.namespace = Namespace()
        self.calls: Counter[str] = Counter()
        self.mixed = 0
        self.errors: list[BaseException] = []
        self.reloads = 0
        self.generations: list[weakref.ref[Generation]] = []
        self.is_over = False
        self.serving: tuple[Any, int] = self.reload(None)

    def reload(self, old: Generation | None) -> tuple[Any, int]:
        """Load the next version, try it staged, let it serve, and close the old one."""
        version = self.reloads
        for name, text in MODULES.items():
            (self.folder / f"{name}.py").write_text(text.format(version))
        generation = self.namespace.open("shop", self.folder)
        module: Any = generation.run("plugin")
        self.meet("staged", module.by_name, version)
        generation.commit()
        self.serving = module, version
        if old is not None:
            old.close()
        self.generations.append(weakref.ref(generation))
        self.reloads += 1
        return self.serving

    def meet(self, kind: str, function: Callable[[int], set[int]], version: int) -> None:
        """Call the plugin, and look at whose answers these are."""
        try:
            if function(version) != {version}:
                self.mixed += 1
        except Exception as error:
            self.errors.append(error)
        self.calls[kind] += 1

    def run(self, is_enough: Callable[[], bool]) -> None:
        def keep(kind: str, name: str) -> None:
            while not self.is_over:
                module, version = self.serving
                function = getattr(module, name)
                for _ in range(20):
                    self.meet(kind, function, version)

        jobs = [("direct", "call"), ("more direct", "call"), ("by name", "by_name")]
        threads = [threading.Thread(target=keep, args=job) for job in jobs]
        for thread in threads:
            thread.start()
        try:
            while not is_enough():
                self.reload(self.namespace.committed("shop"))
        finally:
            self.is_over = True
            for thread in threads:
                thread.join()

    def alive(self) -> int:
        """Close the host, and count the generations that are still there."""
        self.namespace.close()
        del self.serving
        for clear in typing._cleanups:  # type: ignore[attr-defined]
            clear()
        gc.collect()
        return sum(each() is not None for each in self.generations)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.storm", description=__doc__)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--reloads", type=int, help="so many, however long it takes")
    options = parser.parse_args()
    sys.setswitchinterval(SWITCH_INTERVAL)
    before = set(sys.modules)
    with tempfile.TemporaryDirectory(prefix="hotplug-storm-") as place:
        folder = Path(place) / "shop"
        folder.mkdir()
        storm = Storm(folder)
        started = monotonic()
        if options.reloads:
            storm.run(lambda: storm.reloads > options.reloads)
        else:
            storm.run(lambda: monotonic() - started > options.seconds)
        alive = storm.alive()
    left = {name for name in set(sys.modules) - before if "shop" in name}
    print(
        f"Python {platform.python_version()}: {storm.reloads} reloads in "
        f"{monotonic() - started:.0f} s, {storm.calls.total():,} calls, "
        f"{storm.calls['by name']:,} by name:\n"
        f"{storm.mixed} mixed, {len(storm.errors)} errors, {alive} alive, {len(left)} left"
    )
    for error in storm.errors[:3]:
        print(f"  {error!r}")
    sys.exit(bool(storm.mixed or storm.errors or alive or left))


if __name__ == "__main__":
    main()

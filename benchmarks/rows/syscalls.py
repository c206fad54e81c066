"""A syscall: a plugin's function that runs as the plugin, whoever calls it.

The peer is plugins-kernel, in its last release and in the one before it. It is not installed: each
release has a directory of its own.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from types import FunctionType
from typing import Any, Final

from benchmarks.peers import HOTPLUG, Framework
from benchmarks.table import BY_HAND, Row, Ways, faster
from benchmarks.timing import sampler
from hotplug.host.owner import Owner, entry_builtins
from hotplug.host.syscalls import syscall

__all__ = ["rows"]

PEER: Final = "plugins-kernel"
RELEASES: Final = ("0.1.0", "0.2.1")
PEERS_AT: Final = Path(__file__).parent.parent.parent / ".venvs" / "peers"
CALL: Final = "price('tea', count=2)"


def rows() -> list[Row]:
    goals = {PEER: faster(3)}
    return [Row("syscall", "a syscall of a plain function", calling, goals)]


def price(item: str, count: int = 1) -> int:
    return count


def calling(_: Sequence[Framework]) -> Ways:
    ways = {
        HOTPLUG.name: sampler(CALL, {"price": ours()}),
        BY_HAND: sampler(CALL, {"price": price}),
    }
    for release in RELEASES:
        try:
            ways[f"{PEER} {release}"] = sampler(CALL, {"price": theirs(release)})
        except (OSError, subprocess.SubprocessError) as error:
            print(f"without {PEER} {release}: {error}")
    return ways


def ours() -> Any:
    """A syscall of a plugin, whose code has builtins that name it."""
    scope = {**globals(), "__builtins__": entry_builtins(Owner("shop"))}
    own = FunctionType(price.__code__, scope, "price", price.__defaults__)
    scope.update(own=own, syscall=syscall)
    return eval("syscall(own)", scope)


def theirs(release: str) -> Any:
    module = peer(release)
    if release == "0.1.0":
        return module.syscall(price)  # its module is a host already
    tracker = module.PluginTracker()
    with tracker.executing(module.Plugin()):
        return import_module("pkl.syscall").syscall(tracker, price)


def peer(release: str) -> Any:
    """The peer's package; the other release is forgotten by name, and works on."""
    at = PEERS_AT / f"{PEER}-{release}"
    if not (at / "pkl").is_dir():
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--retries=1"]
        command += ["--target", str(at), f"{PEER}=={release}"]
        subprocess.run(command, capture_output=True, timeout=60, check=True)
    for name in [name for name in sys.modules if name.partition(".")[0] == "pkl"]:
        del sys.modules[name]
    sys.path.insert(0, str(at))
    try:
        return import_module("pkl")
    finally:
        sys.path.remove(str(at))

"""The start of a program with many hooks and many plugins, in a process of its own.

``python -m benchmarks.crowd`` takes one JSON argument, a `Crowd`, and prints the seconds of each
phase. A process of its own, because the second start in a process finds code compiled already.
"""

from __future__ import annotations

import gc
import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from random import Random
from time import perf_counter
from typing import Any, Final
from unittest.mock import patch

from benchmarks.peers import Framework, framework
from benchmarks.plugins import indented, namespace

__all__ = ["Crowd", "keeping_bytecode", "measured"]

ARGUMENTS: Final = ("item", "price", "currency", "loud")


@dataclass(frozen=True)
class Crowd:
    """How many hooks and plugins there are, how alike, and how often each hook is called."""

    framework: str
    hooks: int
    plugins: int
    calls: Sequence[int] = (5,)
    """The time is taken when each hook has been called so often."""
    alike: bool = True
    """All hooks and implementations of one signature; or each of its own, and not all there."""
    bounds: Mapping[str, int] = field(default_factory=dict[str, int])
    """Other values for hotplug's bounds, by name."""


def keeping_bytecode() -> dict[str, str]:
    """The environment of a program whose modules are compiled once, as everybody's are."""
    return {name: at for name, at in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def measured(crowd: Crowd) -> dict[str, float]:
    """The seconds until all is declared, registered, and called ``n`` times, from the start."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.crowd", json.dumps(asdict(crowd))],
        cwd=Path(__file__).parent.parent,
        env=keeping_bytecode(),
        capture_output=True,
        text=True,
        check=True,
    )
    seconds: dict[str, float] = json.loads(done.stdout)
    return seconds


def run(crowd: Crowd) -> dict[str, float]:
    chosen = framework(crowd.framework)
    specs, plugins, calls = scene(chosen, crowd)
    gc.collect()
    gc.disable()  # how much garbage a peer makes is not the question here
    seconds: dict[str, float] = {}
    started = perf_counter()
    manager = chosen.manager(specs)
    seconds["declared"] = perf_counter() - started
    for at, plugin in enumerate(plugins):
        manager.register(plugin, name=f"plugin{at}")
    seconds["registered"] = perf_counter() - started
    hook = manager.hook
    before = 0
    for times in crowd.calls:
        for _ in range(times - before):
            calls(hook)
        before = times
        seconds[str(times)] = perf_counter() - started
    return seconds


def scene(chosen: Framework, crowd: Crowd) -> tuple[Any, list[Any], Any]:
    """The specs, the plugins, and a function that calls every hook once."""
    random = Random(7)
    takes = [
        ARGUMENTS[:2] if crowd.alike else ARGUMENTS[: random.randint(0, len(ARGUMENTS))]
        for _ in range(crowd.hooks)
    ]
    specs = chosen.specs(*(f"hook{at}({', '.join(names)})" for at, names in enumerate(takes)))
    lines = [
        f"hook.hook{at}({', '.join(f'{name}={name!r}' for name in names)})"
        for at, names in enumerate(takes)
    ]
    calls = namespace("def calls(hook):\n" + indented("\n".join(lines)))["calls"]
    marks = {"implementation": chosen.implementation()}
    like_all = compile(plugin_source(takes), "<plugin>", "exec") if crowd.alike else None
    plugins: list[Any] = []
    share = [random.random() for _ in takes]
    for _ in range(crowd.plugins):
        code = like_all or plugin_source(takes, share, random)
        scope: dict[str, Any] = dict(marks)
        exec(code, scope)
        plugins.append(scope["Plugin"]())
    return specs, plugins, calls


def plugin_source(
    takes: Sequence[Sequence[str]], share: Sequence[float] = (), random: Random | None = None
) -> str:
    methods = ["pass"]
    for at, names in enumerate(takes):
        taken = list(names)
        if random is not None:
            if random.random() > share[at] and at:
                continue
            taken = [name for name in names if random.random() < 0.8]
        head = f"def hook{at}({', '.join(['self', *taken])})"
        methods.append(f"@implementation\n{head}: return {at}")
    return "class Plugin:\n" + indented("\n".join(methods))


def main() -> None:
    crowd = Crowd(**json.loads(sys.argv[1]))
    if crowd.bounds:
        import hotplug.hooks.caller
        import hotplug.hooks.shaping

        patch.multiple(hotplug.hooks.shaping, UNROLLED=crowd.bounds["UNROLLED"]).start()
        patch.multiple(
            hotplug.hooks.caller, WORTH_COMPILING=crowd.bounds["WORTH_COMPILING"]
        ).start()
    print(json.dumps(run(crowd)))


if __name__ == "__main__":
    main()

"""Reloads a plugin of a host while threads and tasks call its hooks: none mixed, none lost.

``make storm`` runs it for five million calls, after the one of generations; the tests run a short
one. One thread looks everything up by name: pickles, imports, ``sys.modules``, annotations.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import platform
import sys
import tempfile
import threading
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path
from time import monotonic
from typing import Any, Final

from benchmarks.storm import SWITCH_INTERVAL
from hotplug import AsyncHooks, HookspecMarker, PluginHost

__all__ = ["HostStorm", "main"]

hookspec: Final = HookspecMarker("storm")

MODULES: Final = {
    "__init__": "VERSION = {0}",
    "models": "VERSION = {0}\nclass Item:\n    version = VERSION\n    other: 'Item | None' = None",
    "late": "from .models import VERSION",
    "plugin": """
import asyncio, importlib, pickle, sys, typing
from hotplug import HookimplMarker, get_current_plugin
from . import models
hookimpl = HookimplMarker("storm")
VERSION = {0}
is_stopped = False

@get_current_plugin().on_disable.on
def stop():
    global is_stopped
    is_stopped = True

def answer():
    return {{VERSION, models.VERSION, "stopped" if is_stopped else models.Item.version}}

@hookimpl
def asked():
    return answer()

@hookimpl
def asked_by_name():
    from .late import VERSION as late
    import storming.late
    item = pickle.loads(pickle.dumps(models.Item()))
    assert typing.get_type_hints(models.Item)["other"] == models.Item | None
    return answer() | {{
        late, item.version, storming.late.VERSION,
        importlib.import_module("storming.models").VERSION,
        sys.modules["hotplug.plugins.storming.models"].VERSION,
    }}

@hookimpl
async def awaited():
    before = answer()
    await asyncio.sleep(0)
    from .late import VERSION as late
    return before | answer() | {{late}}
""",
}


class Specs:
    @hookspec
    def asked(self) -> set[object]:
        raise NotImplementedError

    @hookspec
    def asked_by_name(self) -> set[object]:
        raise NotImplementedError


class Later(AsyncHooks):
    @hookspec
    async def awaited(self) -> set[object]:
        raise NotImplementedError


class HostStorm:
    """A host with one plugin, those that call its hooks, and what they have met."""

    def __init__(self, place: Path) -> None:
        self.folder = place / "storming"
        self.folder.mkdir()
        (self.folder / "plugin.json").write_text('{"name": "storming"}')
        self.calls: Counter[str] = Counter()
        self.mixed = self.lost = self.reloads = 0
        self.errors: list[BaseException] = []
        self.is_over = False
        self.host: PluginHost[Any] = PluginHost("storm", specs=[Specs, Later])
        self.write(0)
        self.plugin = self.host.load_plugin(self.folder)
        self.plugin.enable()

    def write(self, version: int) -> None:
        for name, text in MODULES.items():
            (self.folder / f"{name}.py").write_text(text.format(version))

    def meet(self, kind: str, answers: list[set[object]]) -> None:
        """Look at what a call brought: one answer, of one generation that still runs."""
        self.calls[kind] += 1
        self.lost += len(answers) != 1
        self.mixed += any(len(answer) != 1 for answer in answers)

    def keep_asking(self, kind: str, hook: Callable[[], list[set[object]]]) -> None:
        while not self.is_over:
            self.meet(kind, hook())

    async def keep_awaiting(self) -> None:
        async def one() -> None:
            while not self.is_over:
                self.meet("awaited", await self.host.async_hooks.hook.awaited())

        await asyncio.gather(*[one() for _ in range(3)])

    def guarded(self, job: Callable[[], object]) -> None:
        try:
            job()
        except BaseException as error:
            self.errors.append(error)

    def run(self, is_enough: Callable[[], bool]) -> int:
        """Reload until it is enough; how many generations are left."""
        hooks = self.host.hooks.hook
        jobs: list[Callable[[], object]] = [
            partial(self.keep_asking, "asked", hooks.asked),
            partial(self.keep_asking, "asked as well", hooks.asked),
            partial(self.keep_asking, "by name", hooks.asked_by_name),
            lambda: asyncio.run(self.keep_awaiting()),
        ]
        threads = [threading.Thread(target=self.guarded, args=(job,)) for job in jobs]
        for thread in threads:
            thread.start()
        try:
            while not is_enough():
                self.reloads += 1
                self.write(self.reloads)
                self.plugin.reload()
        finally:
            self.is_over = True
            for thread in threads:
                thread.join()
        left = len(self.host.old_generations())
        self.host.close()
        return left


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.host_storm", description=__doc__)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--calls", type=int, help="so many, however long it takes")
    options = parser.parse_args()
    sys.setswitchinterval(SWITCH_INTERVAL)
    before = {*sys.modules}
    with tempfile.TemporaryDirectory(prefix="hotplug-storm-") as place:
        storm = HostStorm(Path(place))
        started = monotonic()
        if options.calls:
            left = storm.run(lambda: storm.calls.total() >= options.calls)
        else:
            left = storm.run(lambda: monotonic() - started > options.seconds)
    gc.collect()
    modules = [name for name in sys.modules if name not in before and "storming" in name]
    print(
        f"Python {platform.python_version()}: {storm.reloads} reloads of a host in "
        f"{monotonic() - started:.0f} s, {storm.calls.total():,} calls, "
        f"{storm.calls['by name']:,} by name, {storm.calls['awaited']:,} awaited:\n"
        f"{storm.mixed} mixed, {storm.lost} lost, {len(storm.errors)} errors, "
        f"{left + len(modules)} left"
    )
    for error in storm.errors[:3]:
        print(f"  {error!r}")
    sys.exit(bool(storm.mixed or storm.lost or storm.errors or left or modules))


if __name__ == "__main__":
    main()

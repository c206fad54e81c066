"""A house of 50 integrations on one event loop; one of them is updated a hundred times under load.

Tasks ask all integrations all the time. No call may be lost, and none may meet old and new code at
once. `--how restart` shows what becomes of both when an update stops the old code first.
"""

import argparse
import asyncio
import sys
from collections import Counter
from collections.abc import Awaitable, Callable
from pathlib import Path
from shutil import copytree
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter

from house import House, Reading, motion

from hotplug import LoopScheduler, Plugin, PluginHost

INTEGRATIONS = Path(__file__).with_name("integrations")
KINDS = {"heating": 1, "lamp": 24, "sensor": 25}
ASKING = 8
"""How many tasks ask."""


async def reload(plugin: Plugin) -> None:
    await plugin.reload_async()


async def restart(plugin: Plugin) -> None:
    plugin.disable()
    await asyncio.sleep(0)  # its tasks end
    plugin.enable()


WAYS: dict[str, Callable[[Plugin], Awaitable[None]]] = {"reload": reload, "restart": restart}


class Home:
    """The host with its integrations, and what those who ask them have met."""

    def __init__(self, place: Path) -> None:
        self.host = PluginHost("home", specs=House, scheduler=LoopScheduler())
        for kind, number in KINDS.items():
            for each in range(number):
                name = f"{kind}-{each}"
                folder = copytree(INTEGRATIONS / kind, place / name)
                (folder / "plugin.toml").write_text(f'name = "{name}"\n')
                self.host.load_plugin(folder)
        self.heating = self.host.get_plugin("heating-0")
        self.calls = self.lost = self.mixed = self.motions = self.left = 0
        self.times: list[float] = []

    async def keep_asking(self, number: int) -> None:
        for _ in range(number):
            await asyncio.sleep(0)  # they are not in step
        while True:
            self.calls += 1
            newest = len(self.times)
            try:
                self.look_at(await self.host.async_hooks.hook.reading(), newest)
            except Exception:
                self.lost += 1
            await asyncio.sleep(0)

    def look_at(self, readings: list[Reading], newest: int) -> None:
        """Each integration answers once, with one build, and none older than as it was asked."""
        answers = Counter(reading.name for reading in readings)
        self.lost += any(name not in answers for name in self.host.plugins)
        self.mixed += len(answers) < len(readings)
        for *_, builds in readings:
            self.mixed += len({*builds}) > 1 or min(builds, default=newest) < newest

    def count_motion(self, room: int) -> None:
        self.motions += 1

    async def run(self, updates: int, seconds: float, how: str) -> None:
        """Update the heating so often."""
        update = WAYS[how]
        motion.subscribe(self.count_motion)
        self.host.enable_all()
        holds = Counter(thing.kind for plugin in self.host for thing in plugin.resources)
        print(f"{len(self.host)} integrations run, with", end=" ")
        print(", ".join(f"{holds[kind]} {kind}s" for kind in ("task", "subscription", "timer")))
        asking = [asyncio.create_task(self.keep_asking(each)) for each in range(ASKING)]
        before = self.things()
        for build in range(1, updates + 1):
            await asyncio.sleep(seconds / updates)
            self.write(build)
            began = perf_counter()
            await update(self.heating)
            self.times.append(perf_counter() - began)
            self.show(build, updates)
        self.left = self.things() - before
        for task in asking:
            task.cancel()
        await asyncio.wait(asking)
        self.left += len(self.host.old_generations())

    def write(self, build: int) -> None:
        """What the author of the heating does: edit its files."""
        for file in self.heating.path.glob("*.py"):
            code = file.read_text("utf-8")
            file.write_text(code.replace(f"BUILD = {build - 1}\n", f"BUILD = {build}\n"), "utf-8")

    def things(self) -> int:
        """How many tasks, timers and listeners there are, whoever they belong to."""
        return len(asyncio.all_tasks()) + self.host.scheduler.waiting + len(motion.subscriptions)

    def show(self, build: int, updates: int) -> None:
        """Count on one line of a terminal; anywhere else write some lines."""
        line = f"update {build:3}  {self.calls:9,} calls  {self.lost} lost  {self.mixed} mixed"
        if sys.stdout.isatty():
            color, done = 31 if self.lost or self.mixed else 32, 24 * build // updates
            bar = f"\033[{color}m{'━' * done}\033[90m{'━' * (24 - done)}\033[m"
            print(f"\r{bar}  {line}", end="", flush=True)
        elif build % 10 == 0 or build == updates:
            print(line)


async def main() -> int:
    parser = argparse.ArgumentParser(prog="python examples/smart_home", description=__doc__)
    parser.add_argument("--updates", type=int, default=100)
    parser.add_argument("--seconds", type=float, default=10, help="time between all the updates")
    parser.add_argument("--how", choices=WAYS, default="reload")
    options = parser.parse_args()

    with TemporaryDirectory() as place:
        home = Home(Path(place))
        async with home.host:
            await home.run(options.updates, options.seconds, options.how)
            # What it has heard is counted on by each build from where the one before had got.
            heard = home.heating.module.state["motions"]
    print(f"""
updates      {len(home.times):9,}   {median(home.times) * 1e3:.1f} ms each (median)
calls        {home.calls:9,}   of all {sum(KINDS.values())} integrations
motions      {home.motions:9,}   {heard:,} heard by the heating
lost         {home.lost:9,}
mixed        {home.mixed:9,}
left behind  {home.left:9,}""")
    return bool(home.lost or home.mixed or home.left or heard != home.motions)


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))

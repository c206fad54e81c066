"""Many threads work on the same plugins: each step of each plugin is done by one at a time."""

from __future__ import annotations

import logging
import random
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, Final

import pytest

from hotplug.errors import DependencyError, PluginStateError, UnknownPluginError
from hotplug.host.host import PluginHost
from hotplug.host.lifecycle import PluginState
from hotplug.host.loaders import ManifestLoader
from hotplug.host.plugin import Plugin
from hotplug.manifest import PluginMetadata

WritePlugin = Callable[..., Path]
Notes = list[str]

REQUIRES: Final = {"a": [], "b": ["a"], "c": ["a"], "d": ["b", "c"], "e": ["d"], "f": []}

SAYS_WHEN = """
    import time
    from hotplug.host.contexts import get_current_plugin

    me = get_current_plugin()

    def note(what):
        notes.append(f"{what} {me.name}")
        time.sleep(0)  # let others run

    note("run")
    me.on_enable += lambda: note("start")
    me.on_disable += lambda: note("stop")
    me.on_unload += lambda: note("end")
"""


def test_whatever_threads_ask_for_each_life_runs_starts_stops_and_ends_in_turn(
    host: PluginHost[Any],
    write_plugin: WritePlugin,
    notes: Notes,
    caplog: pytest.LogCaptureFixture,
) -> None:
    places = {name: write_plugin(name, SAYS_WHEN, requires=REQUIRES[name]) for name in REQUIRES}
    errors: list[BaseException] = []

    def ask(seed: int) -> None:
        order = random.Random(seed)
        for _ in range(150):
            name = order.choice([*REQUIRES])
            what = order.choice(["load", "enable", "enable", "disable", "unload"])
            try:
                plugin = host.load_plugin(places[name]) if what == "load" else host.get_plugin(name)
                getattr(plugin, what)()
            except (DependencyError, UnknownPluginError):
                pass  # another thread has unloaded what it asks for, or what that requires
            except BaseException as error:
                if "was unloaded, and loaded anew" not in str(error):
                    errors.append(error)

    in_threads([partial(ask, seed) for seed in range(6)])

    assert errors == []
    assert [record.message for record in caplog.records if record.levelno >= logging.ERROR] == []
    for plugin in host:
        if plugin.state is PluginState.ENABLED:
            assert {host.get_plugin(name).state for name in plugin.requires} <= {plugin.state}
    host.close()
    for name in REQUIRES:
        steps = [note.split()[0] for note in notes if note.endswith(f" {name}")]
        assert lives_of(steps) == steps


def lives_of(steps: list[str]) -> list[str]:
    """The steps, if they are a sequence of whole lives."""
    lives: list[str] = []
    rest = iter(steps)
    for step in rest:
        if step != "run":
            break
        lives.append(step)
        for wanted in ("start", "stop", "end"):
            if wanted == "start" and steps[len(lives)] != "start":
                continue  # it was loaded only
            lives.append(wanted)
            if next(rest, None) != wanted:
                return lives
    return lives


def test_a_plugin_waits_for_one_that_it_requires_and_that_is_being_loaded(
    write_plugin: WritePlugin, notes: Notes
) -> None:
    base = write_plugin("base", "import time; notes.append('base'); time.sleep(0.05)")
    shop = write_plugin("shop", "notes.append('shop')", requires=["base"])
    loads = threading.Thread(target=lambda: host.load_plugin(base))

    class Reads(ManifestLoader):
        def load(self, location: Path) -> PluginMetadata:
            if location == shop and "shop" in notes:  # as it is enabled again
                notes.clear()
                loads.start()
                while not notes:
                    time.sleep(0.001)
            return super().load(location)

    with PluginHost[Any](metadata_loader=Reads()) as host:
        host.load_plugin(base)
        plugin = host.load_plugin(shop)
        plugin.enable()
        host.get_plugin("base").unload()

        plugin.enable()
        loads.join()

        assert notes == ["base", "shop"]
        assert plugin.state is host.get_plugin("base").state is PluginState.ENABLED


def test_loading_goes_on_where_others_have_loaded_it_anew_and_unloaded_it_again(
    write_plugin: WritePlugin,
) -> None:
    class Interrupted(PluginHost[Any]):
        is_calm = False

        def _known_or_new(self, *given: Any, **options: Any) -> Plugin:
            plugin = super()._known_or_new(*given, **options)
            if not self.is_calm:
                self.is_calm = True
                self.forget(plugin)
                super()._known_or_new(*given, **options)
            return plugin

        def readmit(self, plugin: Plugin) -> None:
            try:
                super().readmit(plugin)
            except PluginStateError:
                self.forget(self.get_plugin("shop"))
                raise

    with Interrupted() as host:
        plugin = host.load_plugin(write_plugin("shop"))

        assert plugin.state is PluginState.LOADED
        assert list(host) == [plugin]


def test_loading_never_fails_because_others_unload(
    host: PluginHost[Any], write_plugin: WritePlugin
) -> None:
    place = write_plugin("shop")

    def load_and_unload() -> None:
        for _ in range(100):
            host.load_plugin(place).unload()

    errors = in_threads([load_and_unload] * 4)

    assert errors == []
    assert list(host) == []


def test_a_handle_of_a_plugin_that_was_loaded_anew_says_so(
    host: PluginHost[Any], write_plugin: WritePlugin
) -> None:
    place = write_plugin("shop")
    old = host.load_plugin(place)
    old.unload()
    host.load_plugin(place)

    with pytest.raises(PluginStateError, match="plugin 'shop' was unloaded, and loaded anew"):
        old.enable()


def in_threads(functions: list[Callable[[], None]]) -> list[BaseException]:
    """Run all at once; returns what they raised."""
    start = threading.Barrier(len(functions))
    errors: list[BaseException] = []

    def run(function: Callable[[], None]) -> None:
        start.wait()
        try:
            function()
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=run, args=[function]) for function in functions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return errors

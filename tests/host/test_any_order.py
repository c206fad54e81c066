"""Whatever is done to plugins in whatever order, and whatever fails: the promises hold."""

from __future__ import annotations

import builtins
import json
import shutil
import sys
import tempfile
import textwrap
import threading
from collections import defaultdict
from pathlib import Path
from typing import Any, NamedTuple

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
)

from hotplug import HookspecMarker
from hotplug.errors import DependencyError
from hotplug.host.host import PluginHost
from hotplug.host.lifecycle import PluginState

NAMES = ["a", "b", "c", "d", "e"]
FAILURES = ["body", "on_enable", "on_disable", "on_unload", "first", "third"]
RUNNING = (PluginState.LOADED, PluginState.ENABLED)

hookspec = HookspecMarker("machine")


class Specs:
    @hookspec
    def who(self) -> Any: ...


class Wanted(Exception):
    """What a plugin raises because the test wants it to."""


class Made(NamedTuple):
    """One resource of one generation."""

    plugin: str
    generation: int
    name: str


class Ledger:
    """What plugins hold, by their own account."""

    def __init__(self) -> None:
        self.fails: set[tuple[str, str]] = set()
        self.live: dict[tuple[str, int], list[str]] = defaultdict(list)
        self.wrong: list[str] = []

    def fail(self, plugin: str, where: str) -> None:
        if (plugin, where) in self.fails:
            raise Wanted(f"{plugin}: {where}")

    def made(self, made: Made) -> None:
        self.live[made.plugin, made.generation].append(made.name)

    def released(self, made: Made) -> None:
        held = self.live[made.plugin, made.generation]
        if not held or held[-1] != made.name:
            self.wrong.append(f"{made} was released before {held}")
        held.remove(made.name)


PLUGIN = """
    from hotplug import HookimplMarker
    from hotplug.host.contexts import get_current_plugin
    from hotplug.host.resources import Resource

    hookimpl = HookimplMarker("machine")
    me = get_current_plugin()
    name, generation = me.name, me.generation

    class Thing(Resource):
        def __init__(self, which):
            super().__init__(me)
            self.made = Made(name, generation, which)
            ledger.made(self.made)
            me.host.resource_manager.register(self)

        def _cleanup(self):
            ledger.released(self.made)
            ledger.fail(name, self.made.name)

    Thing("first")
    Thing("second")
    me.on_enable += lambda: (Thing("third"), ledger.fail(name, "on_enable"))
    me.on_disable += lambda: ledger.fail(name, "on_disable")
    me.on_unload += lambda: ledger.fail(name, "on_unload")

    @hookimpl
    def who():
        return get_current_plugin().name

    ledger.fail(name, "body")
"""


class AnyOrder(RuleBasedStateMachine):
    """Does random things to a handful of plugins that require each other."""

    @initialize(
        edges=st.sets(st.tuples(st.integers(0, 4), st.integers(0, 4)).filter(lambda e: e[0] < e[1]))
    )
    def start(self, edges: set[tuple[int, int]]) -> None:
        self.threads = threading.active_count()
        self.modules = set(sys.modules)
        self.folder = Path(tempfile.mkdtemp())
        self.ledger = Ledger()
        builtins.__dict__.update(ledger=self.ledger, Made=Made)
        for at, name in enumerate(NAMES):
            requires = [NAMES[other] for other, of in edges if of == at]
            (self.folder / name).mkdir()
            manifest = json.dumps({"name": name, "requires": requires})
            (self.folder / name / "plugin.json").write_text(manifest, "utf-8")
            (self.folder / name / "plugin.py").write_text(textwrap.dedent(PLUGIN), "utf-8")
        self.host: PluginHost[Any] = PluginHost("machine", specs=Specs)

    def attempt(self, action: Any, *args: Any, **kwargs: Any) -> None:
        """Do something; only what plugins raise, and what dependencies forbid, may come out."""
        try:
            action(*args, **kwargs)
        except* (Wanted, DependencyError):
            pass

    @rule(name=st.sampled_from(NAMES), where=st.sampled_from(FAILURES))
    def break_or_mend(self, name: str, where: str) -> None:
        self.ledger.fails ^= {(name, where)}

    @rule()
    def mend_all(self) -> None:
        self.ledger.fails.clear()

    @rule(name=st.sampled_from(NAMES))
    def load(self, name: str) -> None:
        self.attempt(self.host.load_plugin, self.folder / name)

    @rule(name=st.sampled_from(NAMES))
    def enable(self, name: str) -> None:
        if name in self.host:
            self.attempt(self.host.get_plugin(name).enable)

    @rule(name=st.sampled_from(NAMES), dependants=st.sampled_from(["disable", "refuse"]))
    def disable(self, name: str, dependants: str) -> None:
        if name in self.host:
            plugin = self.host.get_plugin(name)
            self.attempt(plugin.disable, dependants=dependants)
            assert dependants == "refuse" or plugin.state not in RUNNING

    @rule(name=st.sampled_from(NAMES))
    def unload(self, name: str) -> None:
        if name in self.host:
            self.attempt(self.host.get_plugin(name).unload)
            assert name not in self.host

    @rule()
    def enable_all(self) -> None:
        self.attempt(self.host.enable_all)

    @rule()
    def disable_all(self) -> None:
        self.attempt(self.host.disable_all)
        assert not any(plugin.state in RUNNING for plugin in self.host)

    @invariant()
    def only_enabled_plugins_answer(self) -> None:
        enabled = {plugin.name for plugin in self.host if plugin.state is PluginState.ENABLED}

        assert sorted(self.host.hooks.hook.who()) == sorted(enabled)

    @invariant()
    def only_running_plugins_hold_anything(self) -> None:
        holding = {key for key, held in self.ledger.live.items() if held}
        running = {
            (plugin.name, plugin.generation) for plugin in self.host if plugin.state in RUNNING
        }

        assert holding == running
        assert all(plugin.resources == [] for plugin in self.host if plugin.state not in RUNNING)

    @invariant()
    def what_is_held_is_released_newest_first(self) -> None:
        assert self.ledger.wrong == []

    @invariant()
    def what_a_running_plugin_requires_is_running(self) -> None:
        for plugin in self.host:
            required = [self.host.plugins.get(name) for name in plugin.requires]
            states = {other.state if other else None for other in required}
            if plugin.state is PluginState.ENABLED:
                assert states <= {PluginState.ENABLED}
            elif plugin.state is PluginState.LOADED:
                assert states <= {*RUNNING}

    @invariant()
    def what_does_not_run_says_why(self) -> None:
        for plugin in self.host:
            assert (plugin.reason == "") == (plugin.state in RUNNING)
            assert (plugin.error is not None) == (plugin.state is PluginState.ERROR)

    def teardown(self) -> None:
        if not hasattr(self, "host"):
            return
        self.attempt(self.host.close)
        assert [held for held in self.ledger.live.values() if held] == []
        assert threading.active_count() == self.threads
        del self.host
        # Hypothesis keeps modules that it sees, so facades may stay; no generation is open.
        assert {name for name in set(sys.modules) - self.modules if "~" in name} == set()
        shutil.rmtree(self.folder)
        for name in ("ledger", "Made"):
            delattr(builtins, name)


AnyOrder.TestCase.settings = settings(
    max_examples=100,
    stateful_step_count=30,
    suppress_health_check=[HealthCheck.too_slow],
)
test_the_promises_hold_in_any_order = AnyOrder.TestCase

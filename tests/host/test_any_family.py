"""PKL-30: whatever is done to plugins that load each other, and whatever fails."""

from __future__ import annotations

import builtins
import json
import shutil
import tempfile
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from hotplug import (
    DependencyError,
    NotAllowed,
    Plugin,
    PluginHost,
    PluginState,
    ReloadError,
)

CHILDREN = {"a": ["b", "d"], "b": ["c"], "c": [], "d": [], "e": []}
NAMES = [*CHILDREN]
WAYS = ["enable", "leave", "detach", "detached", "forget"]
FAILURES = ["body", "on_enable", "on_disable", "on_unload"]
RUNNING = (PluginState.LOADED, PluginState.ENABLED)


class Wanted(Exception):
    """What a plugin raises because the test wants it to."""


class Family:
    """What the plugins are to do, and which lives of them there are, by their own account."""

    def __init__(self, folder: Path, when: str) -> None:
        self.folder = folder
        self.when = when
        self.children = CHILDREN
        self.ways = dict.fromkeys(NAMES, "enable")
        self.fails: set[tuple[str, str]] = set()
        self.lives: list[tuple[str, int]] = []

    def fail(self, plugin: str, where: str) -> None:
        if (plugin, where) in self.fails:
            raise Wanted(f"{plugin}: {where}")


PLUGIN = """
    from hotplug import get_current_plugin, load_plugin

    me = get_current_plugin()
    name, life = me.name, (me.name, me.generation)
    me.on_unload += lambda: (family.lives.remove(life), family.fail(name, "on_unload"))
    family.lives.append(life)

    def load_children(when):
        for child in family.children[name] if when == family.when else ():
            way = family.ways[child]
            if way != "forget":
                plugin = load_plugin(family.folder / child, detached=way == "detached")
            if way in ("enable", "detach", "detached"):
                plugin.enable(detach=way == "detach")

    me.on_enable += lambda: (load_children("on_enable"), family.fail(name, "on_enable"))
    me.on_disable += lambda: family.fail(name, "on_disable")
    load_children("body")
    family.fail(name, "body")
"""


class AnyFamily(RuleBasedStateMachine):
    """Does random things to plugins that load each other, and that may require each other."""

    @initialize(
        edges=st.sets(
            st.sampled_from([(a, b) for a in NAMES for b in NAMES if a != b]), max_size=2
        ),
        when=st.sampled_from(["body", "on_enable"]),
    )
    def start(self, edges: set[tuple[str, str]], when: str) -> None:
        self.folder = Path(tempfile.mkdtemp())
        self.family = Family(self.folder, when)
        builtins.__dict__["family"] = self.family
        for name in NAMES:
            requires = [other for of, other in edges if of == name]
            (self.folder / name).mkdir()
            manifest = json.dumps({"name": name, "requires": requires})
            (self.folder / name / "plugin.json").write_text(manifest, "utf-8")
            (self.folder / name / "plugin.py").write_text(textwrap.dedent(PLUGIN), "utf-8")
        self.host: PluginHost[Any] = PluginHost("family")

    def attempt(self, action: Callable[..., object], *args: Any, **kwargs: Any) -> None:
        """Do something; only what plugins raise, and what is refused, may come out."""
        try:
            action(*args, **kwargs)
        except* (Wanted, DependencyError, NotAllowed, ReloadError):
            pass

    def plugin(self, name: str) -> Plugin | None:
        return self.host.plugins.get(name)

    @rule(name=st.sampled_from(NAMES), where=st.sampled_from(FAILURES))
    def break_or_mend(self, name: str, where: str) -> None:
        self.family.fails ^= {(name, where)}

    @rule(name=st.sampled_from(NAMES), way=st.sampled_from(WAYS))
    def be_loaded_in_another_way(self, name: str, way: str) -> None:
        self.family.ways[name] = way

    @rule(name=st.sampled_from(NAMES))
    def load(self, name: str) -> None:
        self.attempt(self.host.load_plugin, self.folder / name)

    @rule(name=st.sampled_from(NAMES), detach=st.booleans())
    def enable(self, name: str, detach: bool) -> None:
        if plugin := self.plugin(name):
            self.attempt(plugin.enable, detach=detach)

    @rule(name=st.sampled_from(NAMES))
    def disable(self, name: str) -> None:
        if plugin := self.plugin(name):
            self.attempt(plugin.disable)
            assert not [each for each in family_of(plugin) if each.state in RUNNING]

    @rule(name=st.sampled_from(NAMES))
    def unload(self, name: str) -> None:
        if plugin := self.plugin(name):
            family = family_of(plugin)
            self.attempt(plugin.unload)
            assert not [each for each in family if self.plugin(each.name) is each]

    @rule(name=st.sampled_from(NAMES))
    def reload(self, name: str) -> None:
        plugin = self.plugin(name)
        if plugin is not None and plugin.state in RUNNING:
            self.attempt(plugin.reload)

    @invariant()
    def parents_and_children_know_each_other(self) -> None:
        for plugin in self.host:
            assert plugin.parent is None or plugin in plugin.parent.children
            assert all(self.plugin(child.name) is child for child in plugin.children)

    @invariant()
    def no_child_runs_without_its_parent(self) -> None:
        for plugin in self.host:
            parent = plugin.parent
            assert parent is None or plugin.state not in RUNNING or parent.state in RUNNING

    @invariant()
    def only_plugins_that_are_there_have_code(self) -> None:
        there = {(each.name, each.generation) for each in self.host if each.life is not None}

        assert {*self.family.lives} == there
        assert len(self.family.lives) == len(there)

    def teardown(self) -> None:
        if not hasattr(self, "host"):
            return
        self.attempt(self.host.close)
        assert self.family.lives == []
        assert list(self.host) == []
        shutil.rmtree(self.folder)
        del builtins.__dict__["family"]


def family_of(plugin: Plugin) -> list[Plugin]:
    return [plugin, *(each for child in plugin.children for each in family_of(child))]


AnyFamily.TestCase.settings = settings(
    max_examples=40,
    stateful_step_count=20,
    suppress_health_check=[HealthCheck.too_slow],
)
test_pkl30_families_keep_together_in_any_order = AnyFamily.TestCase

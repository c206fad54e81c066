"""Any sequence of edits, reloads and failures, with calls in between."""

from __future__ import annotations

import json
import pickle
import tempfile
import textwrap
from pathlib import Path
from shutil import rmtree
from typing import Any

import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from hotplug import HookspecMarker, PluginHost
from hotplug.errors import ReloadError

hookspec = HookspecMarker("till")


class Specs:
    @hookspec
    def price(self, item: str) -> Any: ...


MANNERS = ["beside", "hold", "stop-first"]
NAMES = st.sampled_from(["base", "left", "right", "alone"])
IMPORTS = {"base": [], "left": ["base"], "right": ["base"], "alone": []}
BREAKS = {
    "import": "1 / 0",
    "check": "@hookimpl\ndef prize(item): ...",
    "start": "me.on_enable.on(lambda: 1 / 0)",
    "health": "def check_health(): return False",
    "state": "def import_state(data, from_version): 1 / 0",
}


def source(name: str, number: int, breaks: str) -> str:
    imports = "\n".join(f"from hotplug.plugins.{each} import plugin as {each}"
                        for each in IMPORTS[name])  # fmt: skip
    values = "".join(f", {each}.NUMBER" for each in IMPORTS[name])
    text = f"""
from hotplug import HookimplMarker, get_current_plugin, set_interval
hookimpl = HookimplMarker("till")
me = get_current_plugin()
NUMBER = {number}
calls = 0

@hookimpl
def price(item):
    global calls
    calls += 1
    return "{name}", item, calls, NUMBER{values}

def export_state():
    return calls

def import_state(data, from_version):
    global calls
    calls = data

@me.on_enable.on
def start():
    set_interval(list, 3600)
"""
    return f"{imports}\n{text}\n{textwrap.dedent(breaks)}\n"


class Reloading(RuleBasedStateMachine):
    """What serves is what was last committed; a failure changes no byte of any answer.

    That goes for what is stopped first as well, which is started again.
    """

    def __init__(self) -> None:
        super().__init__()
        self.root = Path(tempfile.mkdtemp())
        self.host: PluginHost[Any] = PluginHost("till", specs=Specs)
        self.on_disk = dict.fromkeys(IMPORTS, 0)
        self.broken = dict.fromkeys(IMPORTS, "")
        self.manners = dict.fromkeys(IMPORTS, "beside")
        self.serving = dict.fromkeys(IMPORTS, 0)
        self.calls = 0
        for name in IMPORTS:
            self.write(name)
            self.host.load_plugin(self.root / name).enable()

    def teardown(self) -> None:
        self.host.close()
        rmtree(self.root)

    def write(self, name: str) -> None:
        folder = self.root / name
        folder.mkdir(exist_ok=True)
        manifest = {"name": name, "requires": IMPORTS[name], "reload": self.manners[name]}
        (folder / "plugin.json").write_text(json.dumps(manifest), "utf-8")
        (folder / "__init__.py").write_text("", "utf-8")
        breaks = BREAKS.get(self.broken[name], "")
        text = source(name, self.on_disk[name], breaks)
        (folder / "plugin.py").write_text(text, "utf-8")

    def expected(self) -> bytes:
        answers = [
            (name, "tea", self.calls, self.serving[name], *map(self.serving.get, IMPORTS[name]))
            for name in IMPORTS
        ]
        return pickle.dumps(answers)

    @rule(name=NAMES, broken=st.sampled_from(["", "", *BREAKS]), manner=st.sampled_from(MANNERS))
    def edit(self, name: str, broken: str, manner: str) -> None:
        self.manners[name] = manner
        self.on_disk[name] += 1
        self.broken[name] = broken
        self.write(name)

    @rule(names=st.lists(NAMES, min_size=1, unique=True))
    def reload(self, names: list[str]) -> None:
        resources = {plugin: plugin.resources for plugin in self.host}
        if any(self.broken[name] for name in names):
            with pytest.raises(ReloadError) as caught:
                self.host.reload(names)
            assert caught.value.stage in BREAKS
            assert self.broken[caught.value.plugin_name]
            if not caught.value.report.restored:
                assert resources == {plugin: plugin.resources for plugin in self.host}
            for each in caught.value.report.restored:
                assert (each.generation, each.error) == (
                    self.host.plugins[each.plugin].generation,
                    "",
                )
        else:
            report = self.host.reload(names)
            self.serving.update({name: self.on_disk[name] for name in names})
            gone_along = {"left", "right"} if "base" in names else set[str]()
            assert {each.plugin for each in report.replaced} == {*names, *gone_along}

    @invariant()
    def every_answer_is_as_it_was_or_as_it_was_committed(self) -> None:
        self.calls += 1
        answers = self.host.hooks.hook.price(item="tea")
        assert pickle.dumps(answers) == self.expected()


Reloading.TestCase.settings = settings(
    max_examples=20,
    stateful_step_count=15,
    phases=[Phase.generate],  # shrinking reloads takes minutes
)
TestReloading = Reloading.TestCase

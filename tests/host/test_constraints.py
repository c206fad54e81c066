"""Versions that will do, what is wanted, what only comes after, and what cannot run together."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest

from hotplug.errors import DependencyError, PluginImportError
from hotplug.host.host import PluginHost
from hotplug.host.lifecycle import PluginState
from hotplug.host.obstacles import Obstacle
from hotplug.host.plugin import Plugin

WritePlugin = Callable[..., Path]
Notes = list[str]

SAYS_SO = """
    from hotplug.host.contexts import get_current_plugin
    me = get_current_plugin()
    me.on_enable += lambda: notes.append(f"+{me.name}")
    me.on_disable += lambda: notes.append(f"-{me.name}")
"""


@pytest.fixture
def load(host: PluginHost[Any], write_plugin: WritePlugin, notes: Notes) -> Callable[..., Plugin]:
    """Load a plugin that says so when it starts and stops."""

    def load(name: str, source: str = SAYS_SO, **manifest: Any) -> Plugin:
        return host.load_plugin(write_plugin(name, source, **manifest))

    return load


Load = Callable[..., Plugin]


def say_anew(plugin: Plugin, **manifest: Any) -> None:
    text = json.dumps({"name": plugin.name, **manifest})
    (plugin.location / "plugin.json").write_text(text, "utf-8")


# versions


def test_r2_a_plugin_runs_upon_a_version_that_will_do(load: Load, notes: Notes) -> None:
    load("lib", version="2.4")
    top = load("top", requires=["lib>=2,<3"])

    top.enable()

    assert notes == ["+lib", "+top"]
    assert top.requires == ("lib",)


@pytest.mark.parametrize("requires", [["lib >=2,<3"], {"lib": ">=2,<3"}, ["lib ^2"], ["lib 2.x"]])
def test_r2_a_version_that_will_not_do_keeps_it_from_running(
    load: Load, notes: Notes, requires: Any
) -> None:
    load("lib", version="3.0.0-rc.1")

    top = load("top", "notes.append('ran')", requires=requires)

    assert (top.state, notes) == (PluginState.UNLOADED, [])
    with pytest.raises(DependencyError, match=r"it requires 'lib' .*, and lib 3\.0\.0-rc\.1 is lo"):
        top.enable()


def test_r2_the_error_says_where_it_is_required_and_what_mends_it(load: Load) -> None:
    load("lib", version="1.0")
    top = load("top", requires=["lib>=2", "shop ^1"])

    with pytest.raises(DependencyError) as caught:
        top.enable()

    place = f"{top.location / 'plugin.json'}:1"
    assert str(caught.value).splitlines() == [
        "plugin 'top' cannot start: it requires 'lib' >=2, and lib 1.0 is loaded",
        f"  {place}: load plugin 'lib' >=2 in its place",
        "  and it requires 'shop' ^1, which is not loaded",
        f"  {place}: load plugin 'shop' ^1",
    ]
    assert [each.kind for each in caught.value.obstacles] == ["version", "missing"]
    assert caught.value.obstacles[0].proposals[0].action == ("update", "lib", ">=2")


def test_r2_it_starts_when_a_better_version_is_loaded(
    load: Load, notes: Notes, host: PluginHost[Any]
) -> None:
    old = load("lib", version="1.0")
    with pytest.raises(DependencyError):
        load("top", requires=["lib>=2"]).enable()
    old.unload()
    notes.clear()
    say_anew(old, version="2.0")

    host.load_plugin(old.location).enable()

    assert notes == ["+lib", "+top"]


def test_r2_it_starts_when_the_next_generation_is_a_better_version(
    load: Load, notes: Notes
) -> None:
    lib = load("lib", version="1.0")
    top = load("top", requires=["lib>=2"])
    lib.disable()
    say_anew(lib, version="2.0")

    lib.enable()

    assert (lib.version, top.state) == ("2.0", PluginState.LOADED)


def test_r2_it_does_not_start_again_when_the_next_generation_will_not_do(
    load: Load, notes: Notes
) -> None:
    lib = load("lib", version="2.0")
    top = load("top", requires=["lib>=2"])
    top.enable()
    lib.disable()
    say_anew(lib, version="1.0")

    lib.enable()

    assert (lib.state, top.state) == (PluginState.ENABLED, PluginState.DISABLED)


def test_a_version_that_will_not_do_is_not_started_for_its_sake(load: Load, notes: Notes) -> None:
    lib = load("lib", version="1.0")

    with pytest.raises(DependencyError):
        load("top", requires=["lib>=2"]).enable()

    assert (lib.state, notes) == (PluginState.LOADED, [])


def test_a_circle_of_versions_that_will_not_do_is_none(load: Load, host: PluginHost[Any]) -> None:
    load("a", requires=["b>=2"], version="1")
    b = load("b", requires=["a"], version="1")

    assert [each.about for each in host.plugins.obstacles(b)] == ["a"]


def test_r2_who_mends_the_manifest_enables_it_as_it_is_now(load: Load, notes: Notes) -> None:
    load("lib", version="1.4")
    top = load("top", requires=["lib>=2"])
    say_anew(top, requires=["lib>=1"])

    top.enable()

    assert notes == ["+lib", "+top"]


def test_one_that_is_stopped_while_it_is_woken_stays_so(
    load: Load, host: PluginHost[Any], notes: Notes
) -> None:
    top = load("top", requires=["base"])

    def stop_it(plugin: Plugin) -> list[Obstacle]:
        if plugin is top and "base" in host:
            top.disable()
        return []

    host.plugins.obstacle_sources.append(stop_it)

    load("base")

    assert top.state is PluginState.UNLOADED


def test_a_manifest_that_now_leads_into_a_circle_is_told_so(
    load: Load, host: PluginHost[Any], notes: Notes
) -> None:
    load("b", requires=["c"])
    load("c", requires=["b"])
    top = load("top", requires=["gone"])
    assert [each.kind for each in host.plugins.obstacles(top)] == ["missing"]
    say_anew(top, requires=["b"])

    with pytest.raises(DependencyError, match="plugin 'top' cannot start: plugins require each"):
        top.enable()

    assert [each.kind for each in host.plugins.obstacles(top)] == ["circle"]
    assert "b -> c -> b" in top.reason


# the application's version


@pytest.mark.parametrize(("asks", "runs"), [(">=2,<3", True), ("^3", False), ("*", True)])
def test_r2_a_plugin_says_which_versions_of_the_application_it_fits(
    write_plugin: WritePlugin, asks: str, runs: bool
) -> None:
    with PluginHost(api_version="2.1") as host:
        plugin = host.load_plugin(write_plugin("shop", host=asks))

        assert (plugin.state is PluginState.LOADED) == runs


def test_r2_one_that_does_not_fit_says_so_with_its_line(write_plugin: WritePlugin) -> None:
    with PluginHost(api_version="2.1") as host:
        plugin = host.load_plugin(write_plugin("shop", host="^3"))
        (obstacle,) = host.plugins.obstacles(plugin)

    assert str(obstacle) == "it fits version ^3 of the application, and this is 2.1"
    assert (obstacle.kind, obstacle.where) == ("host-version", f"{plugin.location}/plugin.json:1")


def test_where_the_application_has_no_version_all_plugins_fit(load: Load) -> None:
    assert load("shop", host="^3").state is PluginState.LOADED


def test_what_is_no_version_of_the_application_is_refused() -> None:
    with pytest.raises(ValueError, match=r"api_version is a version such as '2\.1', not 'two'"):
        PluginHost(api_version="two")


# what is wanted


def test_what_a_plugin_wants_is_started_before_it(load: Load, notes: Notes) -> None:
    load("mailer")
    top = load("top", wants=["mailer"])

    top.enable()

    assert notes == ["+mailer", "+top"]


@pytest.mark.parametrize("wants", [["mailer"], ["mailer>=2"], ["broken"], ["waiting"], ["idle"]])
def test_what_a_plugin_only_wants_does_not_keep_it_from_running(
    load: Load, notes: Notes, wants: list[str]
) -> None:
    if wants == ["mailer>=2"]:
        load("mailer", version="1.0")
    load("broken", SAYS_SO + "    me.on_enable += lambda: 1 / 0")
    load("waiting", requires=["gone"])
    load("idle").disable()
    top = load("top", wants=wants)

    top.enable()

    assert top.state is PluginState.ENABLED


def test_one_that_was_stopped_stays_so_though_it_is_wanted(load: Load, notes: Notes) -> None:
    mailer = load("mailer")
    mailer.disable()

    load("top", wants=["mailer"]).enable()

    assert mailer.state is PluginState.DISABLED


def test_a_plugin_imports_what_it_wants(load: Load) -> None:
    load("mailer", files={"__init__.py": "answer = 42"})

    top = load("top", "from hotplug.plugins import mailer", wants=["mailer"])

    assert top.module.mailer.answer == 42


def test_a_wanted_version_that_will_not_do_is_told_and_not_imported(
    load: Load, caplog: pytest.LogCaptureFixture
) -> None:
    load("mailer", version="1.0", files={"__init__.py": "answer = 42"})

    with (
        caplog.at_level(logging.WARNING, "hotplug.host"),
        pytest.raises(PluginImportError, match="plugin 'top' imports plugin 'mailer'"),
    ):
        load("top", "from hotplug.plugins import mailer", wants=["mailer>=2"])

    (record,) = [each for each in caplog.records if each.levelno == logging.WARNING]
    assert record.getMessage().startswith(
        "plugin 'top' wants 'mailer' >=2, and goes without: mailer 1.0 is loaded ("
    )


def test_a_plugin_goes_on_when_what_it_only_wants_is_stopped(load: Load) -> None:
    mailer = load("mailer")
    top = load("top", wants=["mailer"])
    top.enable()

    mailer.disable()

    assert top.state is PluginState.ENABLED


# what only comes after


def test_after_is_only_an_order(load: Load, host: PluginHost[Any], notes: Notes) -> None:
    load("top", after=["first", "gone"])
    load("first")

    host.enable_all()
    host.disable_all()

    assert notes == ["+first", "+top", "-top", "-first"]


def test_after_starts_nothing(load: Load, notes: Notes) -> None:
    load("first")

    load("top", after=["first"]).enable()

    assert notes == ["+top"]


def test_after_holds_among_those_that_one_plugin_requires(load: Load, notes: Notes) -> None:
    load("b", after=["c"])
    load("c")

    load("a", requires=["b", "c"]).enable()

    assert notes == ["+c", "+b", "+a"]


@pytest.mark.parametrize("key", ["after", "wants"])
def test_a_circle_of_wishes_is_told_and_keeps_none_from_running(
    load: Load, host: PluginHost[Any], notes: Notes, key: str, caplog: pytest.LogCaptureFixture
) -> None:
    load("a", **{key: ["b"]})
    load("b", **{key: ["a"]})

    with caplog.at_level(logging.WARNING, "hotplug.host"):
        host.enable_all()

    assert notes == ["+b", "+a"]
    assert [record.getMessage() for record in caplog.records] == [
        "plugins come after each other in a circle: a -> b -> a; 'b' does not wait for 'a'"
    ]


def test_a_wish_gives_way_to_a_requirement(load: Load, notes: Notes) -> None:
    load("a", wants=["b"])
    b = load("b", requires=["a"])

    b.enable()

    assert notes == ["+a", "+b"]


def test_a_circle_of_requirements_keeps_none_that_only_wants_one_of_it(
    load: Load, notes: Notes
) -> None:
    load("b", requires=["c"])
    load("c", requires=["b"])

    load("a", wants=["b"]).enable()

    assert notes == ["+a"]


# what cannot run together


@pytest.mark.parametrize(("of_old", "of_new"), [({}, {"conflicts": ["old <2"]}),
                                               ({"conflicts": ["new"]}, {})])  # fmt: skip
def test_lab06_two_in_conflict_do_not_run_together(
    load: Load, notes: Notes, of_old: dict[str, Any], of_new: dict[str, Any]
) -> None:
    load("old", version="1.4", **of_old).enable()
    new = load("new", **of_new)

    with pytest.raises(DependencyError, match=r"'old' 1\.4, which is enabled") as caught:
        new.enable()

    assert (new.state, notes) == (PluginState.LOADED, ["+old"])
    (obstacle,) = caught.value.obstacles
    assert obstacle.proposals[0].action == ("disable", "old")


@pytest.mark.parametrize(("of_old", "of_new"), [({}, {"conflicts": ["old <2"]}),
                                               ({"conflicts": ["new <2"]}, {})])  # fmt: skip
def test_they_are_in_conflict_for_the_versions_that_are_named(
    load: Load, notes: Notes, of_old: dict[str, Any], of_new: dict[str, Any]
) -> None:
    load("old", version="2.0", **of_old).enable()

    load("new", version="2.0", **of_new).enable()

    assert notes == ["+old", "+new"]


def test_a_conflict_is_not_waited_out(load: Load, notes: Notes) -> None:
    base, old = load("base"), load("old")
    new = load("new", conflicts=["old"], requires=["base"])
    old.enable()
    with pytest.raises(DependencyError):
        new.enable()

    old.disable()
    base.disable()
    base.enable()

    assert (old.state, new.state) == (PluginState.DISABLED, PluginState.LOADED)


def test_it_runs_when_the_other_does_not_any_more(load: Load, notes: Notes) -> None:
    old = load("old", conflicts=["new"])
    new = load("new")
    old.enable()
    old.disable()

    new.enable()

    assert new.state is PluginState.ENABLED


def test_a_conflict_keeps_dependants_too_with_the_reason(load: Load) -> None:
    load("old").enable()
    load("new", conflicts=["old"])
    top = load("top", requires=["new"])

    with pytest.raises(DependencyError, match="requires 'new', which is loaded: it conflicts with"):
        top.enable()


def test_of_two_in_conflict_that_start_at_the_same_time_one_runs(load: Load) -> None:
    both = [load("a", "import time; time.sleep(0.05)", conflicts=["b"]),
            load("b", "import time; time.sleep(0.05)")]  # fmt: skip
    for plugin in both:
        plugin.disable()
    gate = Barrier(2)

    def enable(plugin: Plugin) -> str:
        gate.wait()
        try:
            plugin.enable()
        except DependencyError as error:
            return str(error)
        return ""

    with ThreadPoolExecutor(2) as pool:
        said = [*pool.map(enable, both)]

    assert sorted(plugin.state.value for plugin in both) == ["disabled", "enabled"]
    assert [bool(each) for each in said].count(True) == 1

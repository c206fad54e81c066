"""`host.why(name)`: why a plugin runs, or all that keeps it from that, with what mends it."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hotplug.errors import HotplugError
from hotplug.host.diagnosis import Diagnosis
from hotplug.host.host import PluginHost
from hotplug.host.lifecycle import PluginState
from hotplug.host.obstacles import Obstacle, Proposal
from hotplug.testing import FakeClock

WritePlugin = Callable[..., Path]
Load = Callable[..., Any]


@pytest.fixture
def load(host: PluginHost[Any], write_plugin: WritePlugin) -> Load:
    def load(name: str, source: str = "", **manifest: Any) -> Any:
        with contextlib.suppress(HotplugError, OSError, SyntaxError, ValueError):
            host.load_plugin(write_plugin(name, source, **manifest))
        return host.get_plugin(name)

    return load


@pytest.fixture
def text(tmp_path: Path) -> Callable[[Diagnosis], list[str]]:
    def text(why: Diagnosis) -> list[str]:
        return str(why).replace(f"{tmp_path}{os.sep}", "").splitlines()

    return text


Text = Callable[[Diagnosis], list[str]]


def kinds(why: Diagnosis) -> list[tuple[str, str, str]]:
    return [(c.obstacle.plugin, c.obstacle.kind, c.obstacle.about) for c in why.causes]


def test_everything_is_told_in_one_pass(host: PluginHost[Any], load: Load, text: Text) -> None:
    load("till", "def connect():\n    raise OSError('no network')\n\nconnect()\n")
    load("shop", requires=["till"], version="2.3.1")
    load("reports", requires=["shop", "billing >=2"], version="0.9")

    assert text(host.why("reports")) == [
        "plugin 'reports' 0.9 does not run (unloaded), for several reasons",
        "  1. plugin 'till': it could not be loaded: OSError: no network",
        "       till/plugin.py:2   raise OSError('no network')",
        "       required by way of reports -> shop -> till",
        "       -> mend till/plugin.py:2",
        "       or try again: enable plugin 'till'",
        "  2. it requires 'billing' >=2, which is not loaded",
        "       reports/plugin.json:1",
        "       -> load plugin 'billing' >=2",
        "  then enable plugin 'reports'",
    ]


def test_it_is_data(host: PluginHost[Any], load: Load, tmp_path: Path) -> None:
    load("shop", requires=["till"], version="2.3.1")

    why = host.why("shop")

    assert (why.plugin, why.version, why.state) == ("shop", "2.3.1", PluginState.UNLOADED)
    (cause,) = why.causes
    assert cause.path == ("shop",)
    assert cause.obstacle == Obstacle(
        "missing",
        "shop",
        "till",
        "it requires 'till', which is not loaded",
        f"{tmp_path / 'shop' / 'plugin.json'}:1",
        (Proposal.load("till"),),
    )
    assert [each.action for each in why.proposals] == [("load", "till", ""), ("enable", "shop")]


def test_it_tells_of_a_version_that_will_not_do(host: PluginHost[Any], load: Load) -> None:
    load("shop", version="2.3.1")
    load("reports", requires=["shop >=3,<4"])

    (cause,) = host.why("reports").causes

    assert cause.obstacle.sentence == "it requires 'shop' >=3,<4, and shop 2.3.1 is loaded"
    assert cause.obstacle.proposals == (Proposal.update("shop", ">=3,<4"),)


def test_what_is_proposed_suits_all_who_require_it(host: PluginHost[Any], load: Load) -> None:
    load("lib", version="1.0")
    load("shop", requires=["lib >=2"])
    load("reports", requires=["lib <4", "shop"])

    (cause,) = host.why("reports").causes

    assert cause.obstacle.proposals == (Proposal.update("lib", "<4,>=2"),)


def test_where_no_version_suits_all_one_of_them_gives_way(
    host: PluginHost[Any], load: Load, tmp_path: Path
) -> None:
    load("lib", version="1.0")
    load("shop", requires=["lib <2"])
    load("reports", requires=["lib >=2", "shop"])

    (cause,) = host.why("reports").causes

    assert cause.obstacle.sentence == (
        "it requires 'lib' >=2, and lib 1.0 is loaded; others require 'lib' <2"
    )
    where = f"{tmp_path / 'reports' / 'plugin.json'}:1"
    assert cause.obstacle.proposals == (Proposal.take_out("reports", "requires", "lib", where),)


def test_it_tells_of_a_conflict_with_a_plugin_that_runs(host: PluginHost[Any], load: Load) -> None:
    load("legacy").enable()
    load("shop", conflicts=["legacy"])

    why = host.why("shop")

    assert kinds(why) == [("shop", "conflict", "legacy")]
    assert why.proposals == (Proposal.disable("legacy"), Proposal.enable("shop"))


def test_it_tells_of_a_conflict_between_two_that_it_needs_before_either_runs(
    host: PluginHost[Any], load: Load
) -> None:
    load("one")
    load("other", conflicts=["one"])
    load("shop", requires=["one", "other"])

    (cause,) = host.why("shop").causes

    assert cause.obstacle.sentence == "it conflicts with 'one', and 'shop' needs both"
    assert [each.action[:4] for each in cause.obstacle.proposals] == [
        ("edit", "other", "conflicts", "one")
    ]


def test_it_shows_each_circle_as_a_path(host: PluginHost[Any], load: Load, text: Text) -> None:
    for name, required in (("a", ["b"]), ("b", ["c", "a"]), ("c", ["a"]), ("top", ["a"])):
        load(name, requires=required)

    shown = text(host.why("top"))

    assert [line[5:] for line in shown if "circle" in line] == [
        "plugins require each other in a circle: a -> b -> a",
        "plugins require each other in a circle: a -> b -> c -> a",
    ]
    assert "       required by way of top -> a" in shown
    assert [each.action[:4] for each in host.why("top").proposals] == [
        ("edit", "b", "requires", "a"),
        ("edit", "c", "requires", "a"),
        ("enable", "top"),
    ]


def test_it_tells_what_others_say_too(host: PluginHost[Any], load: Load) -> None:
    blocked = Obstacle("blocked", "shop", "project", "the project blocks it: it is not paid")
    host.plugins.obstacle_sources.append(lambda p: [blocked] if p.name == "shop" else [])
    load("shop", requires=["till"])

    assert (
        kinds(host.why("shop"))
        == [("shop", "missing", "till"), ("shop", "blocked", "project")][::-1]
    )


def test_one_that_is_not_ready_says_when_it_is_tried_again(write_plugin: WritePlugin) -> None:
    source = "from hotplug import NotReady\nraise NotReady('database', retry=5)"
    clock = FakeClock()
    with PluginHost(scheduler=clock) as host:
        host.load_plugin(write_plugin("shop", source))
        clock.advance(2)

        (cause,) = host.why("shop").causes

    assert cause.obstacle.sentence == "not ready: database; it is tried again in 3 s"
    assert cause.obstacle.where.endswith("plugin.py:2")


def test_one_that_is_only_loaded_was_not_enabled(host: PluginHost[Any], load: Load) -> None:
    load("shop")

    (cause,) = host.why("shop").causes

    assert cause.obstacle.sentence == "it is loaded, and nobody has enabled it"
    assert host.why("shop").proposals == (Proposal.enable("shop"),)


def test_one_that_was_disabled_says_so(host: PluginHost[Any], load: Load, text: Text) -> None:
    db = load("db")
    load("api", requires=["db"]).enable()
    db.disable()

    assert text(host.why("api")) == [
        "plugin 'api' 0.0.0 does not run (disabled)",
        "  plugin 'db': it was disabled",
        "    required by way of api -> db",
        "    -> enable plugin 'db'",
        "  then enable plugin 'api'",
    ]


def test_a_child_waits_for_its_parent(
    host: PluginHost[Any], load: Load, write_plugin: WritePlugin
) -> None:
    helper = write_plugin("helper")
    source = f"""
        from hotplug import get_current_plugin
        get_current_plugin().host.load_plugin({str(helper)!r}).enable()
    """
    load("shop", source)

    (cause,) = host.why("helper").causes

    assert cause.obstacle.sentence == (
        "it goes live with plugin 'shop', which has loaded it and is not enabled"
    )
    assert cause.obstacle.proposals == (Proposal.enable("shop"),)


def test_an_unknown_name_may_be_a_slip(host: PluginHost[Any], load: Load, text: Text) -> None:
    load("reports")

    assert text(host.why("repors")) == [
        "plugin 'repors' is not there",
        "  no plugin of this name is loaded; did you mean 'reports'?",
    ]


def test_or_one_that_others_wait_for(host: PluginHost[Any], load: Load, text: Text) -> None:
    load("reports", requires=["billing >=2"])

    assert text(host.why("billing")) == [
        "plugin 'billing' is not there",
        "  no plugin of this name is loaded, and 'reports' requires it",
        "    reports/plugin.json:1",
        "    -> load plugin 'billing' >=2",
    ]


def test_a_syntax_error_is_found_where_it_is(host: PluginHost[Any], load: Load) -> None:
    load("shop", "x = 1\nif x\n")

    (cause,) = host.why("shop").causes

    assert cause.obstacle.where.endswith("shop/plugin.py:2")


def test_an_error_is_found_in_the_plugins_own_code_and_not_in_what_it_calls(
    host: PluginHost[Any], load: Load
) -> None:
    load("shop", "import json\n\njson.loads('{')\n")

    (cause,) = host.why("shop").causes

    assert cause.obstacle.where.endswith("shop/plugin.py:3")


def test_one_that_runs_says_for_whom(host: PluginHost[Any], load: Load, text: Text) -> None:
    load("till", version="1.2")
    load("shop", requires=["till"])
    load("reports", requires=["till"]).enable()
    host.get_plugin("shop").enable()

    assert text(host.why("till")) == [
        "plugin 'till' 1.2 runs",
        "  it was started for 'reports', which requires it",
        "  'shop', 'reports' require it",
    ]
    assert text(host.why("shop")) == [
        "plugin 'shop' 0.0.0 runs",
        "  it was enabled for its own sake",
    ]
    assert host.why("till").proposals == ()


def test_one_that_was_started_for_another_and_then_asked_for_runs_for_its_own_sake(
    host: PluginHost[Any], load: Load
) -> None:
    till = load("till")
    load("shop", requires=["till"]).enable()

    till.enable()

    assert host.why("till").started_for == ""


def test_a_lazy_plugin_starts_when_it_is_used(host: PluginHost[Any], load: Load) -> None:
    load("shop", lazy=True, commands=["sell"]).enable()

    why = host.why("shop")

    assert "it starts with the first use of command 'sell'" in str(why)
    assert [each.action for each in why.proposals] == [("use", "shop")]


def test_a_long_way_is_told_in_short(host: PluginHost[Any], load: Load, text: Text) -> None:
    for at in range(20):
        load(f"p{at}", requires=[f"p{at - 1}" if at else "ghost"])

    shown = text(host.why("p19"))

    assert shown[3] == (
        "    required by way of p19 -> p18 -> p17 -> ... 14 more ... -> p2 -> p1 -> p0"
    )

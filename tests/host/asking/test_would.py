"""`host.would(...)`: what would stop, start or be refused. Nothing is done."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hotplug.errors import UnknownPluginError
from hotplug.host.forecast import StateChange
from hotplug.host.host import PluginHost
from hotplug.host.lifecycle import PluginState

WritePlugin = Callable[..., Path]

ENABLED, DISABLED = PluginState.ENABLED, PluginState.DISABLED


@pytest.fixture
def market(host: PluginHost[Any], write_plugin: WritePlugin) -> PluginHost[Any]:
    host.load_plugin(write_plugin("till"))
    host.load_plugin(write_plugin("mailer")).enable()
    host.load_plugin(write_plugin("shop", requires=["till"], wants=["mailer"]))
    host.load_plugin(write_plugin("reports", requires=["shop"])).enable()
    return host


def test_it_tells_who_stops_in_order_and_why(market: PluginHost[Any]) -> None:
    would = market.would("disable", "till")

    assert would.stops == ("reports", "shop", "till")
    assert would.changes[0] == StateChange(
        "reports", ENABLED, DISABLED, "it requires 'till', which was disabled"
    )
    assert str(would).splitlines() == [
        "disable 'till' would change 3 plugins",
        "  1. 'reports' enabled -> disabled: it requires 'till', which was disabled",
        "  2. 'shop' enabled -> disabled: it requires 'till', which was disabled",
        "  3. 'till' enabled -> disabled",
    ]
    assert {plugin.state for plugin in market} == {ENABLED}


def test_it_tells_who_starts_and_for_whom(market: PluginHost[Any]) -> None:
    market.get_plugin("till").disable()

    would = market.would("enable", "reports")

    assert would.starts == ("till", "shop", "reports")
    assert str(would.changes[0]) == "'till' disabled -> enabled: 'reports' requires it"


def test_it_tells_what_would_be_refused(market: PluginHost[Any]) -> None:
    would = market.would("disable", "till", dependants="refuse")

    assert would.refused == "plugin 'till' cannot disable: 'reports', 'shop' require it"
    assert would.changes == ()
    assert str(would) == f"disable 'till' would fail: {would.refused}"


def test_it_tells_who_goes_on_without_what_it_wants(market: PluginHost[Any]) -> None:
    would = market.would("unload", "mailer")

    assert would.goes_without == (("shop", "mailer"),)
    assert str(would).splitlines() == [
        "unload 'mailer' would change 1 plugin",
        "  1. 'mailer' enabled -> not there",
        "  'shop' would go on without 'mailer', which it wants",
    ]


def test_it_tells_of_a_plugin_that_is_not_loaded_and_runs_none_of_it(
    market: PluginHost[Any], write_plugin: WritePlugin
) -> None:
    waiting = market.load_plugin(write_plugin("waiting", requires=["tea"]))
    tea = write_plugin("tea", "raise SystemExit('it ran')", requires=["shop"])

    would = market.would("load", tea)

    assert [str(change) for change in would.changes] == [
        "'tea' not there -> loaded",
        "'waiting' unloaded -> loaded",
    ]
    assert "tea" not in market
    assert waiting.state is PluginState.UNLOADED


def test_a_manifest_that_is_wrong_would_be_refused(market: PluginHost[Any], tmp_path: Path) -> None:
    assert "there is no plugin here" in market.would("load", tmp_path / "nothing").refused


def test_one_whose_name_is_taken_would_be_refused(
    market: PluginHost[Any], tmp_path: Path, write_plugin: WritePlugin
) -> None:
    other = tmp_path / "elsewhere"
    write_plugin("shop2", version="3").rename(other)
    (other / "plugin.json").write_text('{"name": "shop"}')

    assert "a plugin named 'shop' is loaded already" in market.would("load", other).refused


def test_it_tells_what_a_manifest_says_now(
    market: PluginHost[Any], write_plugin: WritePlugin
) -> None:
    market.get_plugin("shop").disable()
    write_plugin("shop", requires=["nothing"])

    would = market.would("enable", "shop")

    assert "it requires 'nothing', which is not loaded" in would.refused
    assert market.get_plugin("shop").requires == ("till",)


def test_a_plugin_may_ask_it_too(market: PluginHost[Any], write_plugin: WritePlugin) -> None:
    source = """
        from hotplug import get_current_plugin
        host = get_current_plugin().host
        told = host.would("disable", "till").stops
        tea = host.would("load", "TEA").starts
    """.replace("TEA", str(write_plugin("tea")))

    asking = market.load_plugin(write_plugin("asking", source))

    assert asking.module.told == ("reports", "shop", "till")
    assert (asking.children, "tea" in market) == ([], False)


def test_a_lazy_plugin_would_wait_for_its_first_use(
    host: PluginHost[Any], write_plugin: WritePlugin
) -> None:
    place = write_plugin("lazy", lazy=True, commands=["sell"])
    host.load_plugin(place)

    assert host.would("enable", "lazy").starts == ()


def test_where_nothing_would_change_it_says_so(market: PluginHost[Any]) -> None:
    assert str(market.would("enable", "shop")) == "enable 'shop' would change nothing"


def test_nobody_hears_of_it(
    market: PluginHost[Any], caplog: pytest.LogCaptureFixture, write_plugin: WritePlugin
) -> None:
    heard: list[object] = []
    market.add_disable_hook(heard.append)
    market.events.plugin_disabled.on(heard.append)

    with caplog.at_level(logging.DEBUG):
        market.would("disable", "till")
        market.would("unload", "shop")

    assert (heard, caplog.records) == ([], [])


def test_a_name_that_nobody_has_is_a_slip(market: PluginHost[Any]) -> None:
    with pytest.raises(UnknownPluginError, match="did you mean 'shop'"):
        market.would("disable", "shp")


def test_an_operation_that_there_is_not_is_one_too(market: PluginHost[Any]) -> None:
    with pytest.raises(ValueError, match="load, enable, disable, unload, reload, not 'stop'"):
        market.would("stop", "shop")  # type: ignore[arg-type]


def test_it_goes_by_what_the_host_has_found_out_about_circles_of_wishes(
    host: PluginHost[Any], write_plugin: WritePlugin
) -> None:
    host.load_plugin(write_plugin("till"))
    host.load_plugin(write_plugin("mailer"))
    host.load_plugin(write_plugin("shop", requires=["till"], wants=["reports"]))
    host.load_plugin(write_plugin("reports", requires=["till", "mailer", "shop"]))
    host.plugins.whole_order()  # a circle, in which the wish of one is dropped

    would = host.would("enable", "shop")
    host.get_plugin("shop").enable()

    running = [plugin.name for plugin in host if plugin.state is ENABLED]
    assert [*would.starts] == running == ["till", "shop"]

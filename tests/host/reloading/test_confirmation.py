"""The time in which a new generation has to prove itself, and is taken back if it does worse."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from hotplug import Plugin, PluginHost
from hotplug.errors import PluginErrors
from hotplug.testing import FakeClock

from .conftest import Later, Specs

Write = Callable[..., Path]
Enable = Callable[..., Plugin]
Host = PluginHost[Any]

WORKS = "@hookimpl\ndef price(item): return 1"
RAISES = "@hookimpl\ndef price(item): return 1 / 0"


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def host(clock: FakeClock) -> Iterator[Host]:
    with PluginHost("till", specs=[Specs, Later], scheduler=clock) as host:
        yield host


@pytest.fixture
def shop(enable: Enable, write: Write, request: pytest.FixtureRequest) -> Plugin:
    """Named for the test, since errors are counted by names."""
    name = f"shop-{abs(hash(request.node.name))}"
    plugin = enable(name, WORKS, version="1.0")
    write(name, RAISES, version="2.0")
    return plugin


def call(host: Host, times: int) -> None:
    for _ in range(times):
        with suppress(ZeroDivisionError, PluginErrors):
            host.hooks.hook.price(item="tea")


def test_one_that_raises_more_than_the_one_before_is_taken_back(
    host: Host, shop: Plugin, clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    report = shop.reload(confirm=10)
    assert report.confirmation == "pending"
    call(host, 3)

    clock.advance(1)

    assert host.hooks.hook.price(item="tea") == [1]
    assert (shop.version, shop.generation) == ("1.0", 3)
    said = f"plugin {shop.name!r} raised 3 errors in 1.0 s, and 0 in a second before"
    assert report.confirmation == f"taken back: {said}"
    assert f"is taken back: {said}" in caplog.text
    assert host.old_generations() == []


def test_one_that_does_well_is_confirmed_and_looked_after_no_more(
    host: Host, shop: Plugin, clock: FakeClock
) -> None:
    report = shop.reload(confirm=10)
    clock.advance(10)
    call(host, 30)
    clock.advance(10)

    assert report.confirmation == "confirmed"
    assert "confirmation: confirmed" in str(report)
    assert (shop.generation, clock.waiting) == (2, 0)


def test_a_single_error_says_nothing_yet(host: Host, shop: Plugin, clock: FakeClock) -> None:
    report = shop.reload(confirm=10)
    call(host, 2)
    clock.advance(10)

    assert report.confirmation == "confirmed"


def test_one_that_raises_no_more_than_the_one_before_stays(
    host: Host, shop: Plugin, write: Write, clock: FakeClock
) -> None:
    shop.reload(confirm=0)
    call(host, 50)
    report = shop.reload(confirm=10)
    call(host, 40)
    clock.advance(10)

    assert report.confirmation == "confirmed"


@pytest.mark.parametrize(
    "source",
    [
        "event_ = get_current_plugin().known_as('bell').module.rung\nevent_.on(lambda who: 1 / 0)",
        "set_interval(lambda: 1 / 0, 0.1)",
    ],
    ids=["event", "timer"],
)
def test_errors_of_handlers_and_timers_count_too(
    host: Host, enable: Enable, shop: Plugin, write: Write, clock: FakeClock, source: str
) -> None:
    bell = enable("bell", "@event\ndef rung(who): ...")
    write(shop.name, source)
    report = shop.reload(confirm=10)
    for _ in range(3):
        with suppress(PluginErrors):
            bell.module.rung("Ada")

    clock.advance(1)

    assert report.confirmation.startswith("taken back: ")


def test_one_that_is_not_well_twice_in_a_row_is_taken_back(
    shop: Plugin, write: Write, clock: FakeClock
) -> None:
    write(shop.name, "well = True\ndef check_health(): return well or 'no paper'")
    report = shop.reload(confirm=10)
    vars(shop.module)["well"] = False
    clock.advance(1)
    assert report.confirmation == "pending"
    vars(shop.module)["well"] = True
    clock.advance(1)
    vars(shop.module)["well"] = False

    clock.advance(2)

    assert "says that it is not well: no paper" in report.confirmation
    assert shop.generation == 3


def test_a_health_check_that_raises_says_that_it_is_not_well(
    shop: Plugin, write: Write, clock: FakeClock
) -> None:
    write(
        shop.name, "asked = []\ndef check_health():\n    asked.append(1)\n    assert len(asked) < 2"
    )
    report = shop.reload(confirm=10)

    clock.advance(2)

    assert "check_health()" in report.confirmation
    assert "raises AssertionError" in report.confirmation


def test_errors_just_after_the_commit_count_at_once(
    host: Host, shop: Plugin, write: Write, clock: FakeClock
) -> None:
    host.hooks.hook.configured.call_historic({"key": "a"})
    write(shop.name, "@hookimpl\ndef configured(key): return 1 / 0")
    report = shop.reload(confirm=10)

    clock.advance(1)

    assert "raised in 1 of 1 replayed calls" in report.confirmation
    assert shop.generation == 3


def test_all_of_one_reload_go_back_together(
    host: Host, enable: Enable, write: Write, shop: Plugin, clock: FakeClock
) -> None:
    other = enable("other", "@hookimpl\ndef name(): return 1")
    write("other", "@hookimpl\ndef name(): return 2")
    host.reload([shop.name, "other"], confirm=10)
    call(host, 3)

    clock.advance(1)

    assert host.hooks.hook.name() == [1]
    assert other.generation == 3


def test_without_it_nobody_looks(host: Host, shop: Plugin, clock: FakeClock) -> None:
    report = shop.reload()
    call(host, 10)
    clock.advance(100)

    assert (report.confirmation, shop.generation, clock.waiting) == ("", 2, 0)


def test_a_host_asks_for_it_in_all_its_reloads(host: Host, shop: Plugin, clock: FakeClock) -> None:
    host.confirm_reloads = 5
    assert shop.reload(confirm=0).confirmation == ""
    assert shop.reload().confirmation == "pending"
    clock.advance(5)


@pytest.mark.parametrize("ends", ["reload", "disable", "rollback"])
def test_it_ends_with_the_generation_that_it_is_for(
    host: Host, shop: Plugin, clock: FakeClock, ends: str
) -> None:
    report = shop.reload(confirm=10)
    getattr(shop, ends)()
    call(host, 5)
    generation = shop.generation
    clock.advance(10)

    assert report.confirmation == "not looked after to the end"
    assert shop.generation == generation


def test_a_rollback_that_fails_is_in_the_report_and_the_log(
    host: Host,
    shop: Plugin,
    write: Write,
    clock: FakeClock,
    caplog: pytest.LogCaptureFixture,
    notes: list[str],
) -> None:
    write(shop.name, "from builtins import notes\nassert not notes\n" + WORKS)
    shop.reload()
    write(shop.name, RAISES)
    report = shop.reload(confirm=10)
    notes.append("now it does not run any more")
    call(host, 3)

    clock.advance(1)

    assert report.confirmation.startswith("should be taken back, which failed: ")
    assert "cannot be taken back" in caplog.text


def test_in_a_loop_it_goes_back_in_a_task(host: Host, shop: Plugin, clock: FakeClock) -> None:
    async def main() -> Any:
        report = await shop.reload_async(confirm=10)
        call(host, 3)
        clock.advance(1)
        await asyncio.sleep(0.05)
        return report

    assert asyncio.run(main()).confirmation.startswith("taken back: ")
    assert shop.generation == 3


# how the host tells of reloads


def test_the_host_tells_of_reloads_of_those_that_failed_and_of_those_that_were_taken_back(
    host: Host, shop: Plugin, write: Write, clock: FakeClock
) -> None:
    told: list[Any] = []
    host.events.plugin_reloaded.on(lambda plugin, report: told.append((plugin, report.reason)))
    host.events.reload_failed.on(lambda plugin, error: told.append((plugin, error.stage)))

    shop.reload(confirm=10)
    call(host, 3)
    clock.advance(1)
    write(shop.name, "1 / 0")
    with suppress(RuntimeError):
        shop.reload()
    with suppress(RuntimeError):
        shop.reload(dry_run=True)

    (first, why), (second, because), (third, stage) = told
    assert {first, second, third} == {shop}
    assert (why, stage) == ("", "import")
    assert "3 errors" in because


# what would happen


def test_a_forecast_says_who_gets_a_fresh_generation_and_runs_nothing(
    host: Host, enable: Enable, write: Write
) -> None:
    enable("base", "VALUE = 1", files={"__init__.py": ""}, version="1.0")
    enable("uses", "from hotplug.plugins.base.plugin import VALUE", requires=["base"])
    write("base", "1 / 0", files={"__init__.py": ""}, version="2.0", reload="stop-first")

    forecast = host.would("reload", "base")

    assert str(forecast) == (
        "reload 'base' would change 2 plugins\n"
        "  1. 'base' enabled: it gets a fresh generation, version 1.0 -> 2.0, "
        "and the old one stops first\n"
        "  2. 'uses' enabled: it gets a fresh generation, because it imports base"
    )
    assert (forecast.stops, forecast.starts) == ((), ())
    assert host.plugins["base"].generation == 1


def test_a_forecast_says_what_would_be_refused(host: Host, enable: Enable, write: Write) -> None:
    base = enable("base")
    (write("base") / "plugin.json").write_text(json.dumps({"name": "base", "requires": 3}))
    assert "'requires' takes" in host.would("reload", "base").refused

    base.disable()
    assert "is disabled: there is nothing to reload" in host.would("reload", "base").refused

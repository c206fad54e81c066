"""A plugin that cannot stand beside itself: the old one stops, then the new one starts."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hotplug import Plugin, PluginHost, PluginState
from hotplug.errors import PluginTimeout, ReloadError

Write = Callable[..., Path]
Enable = Callable[..., Plugin]
Host = PluginHost[Any]

SOURCE = """
from builtins import notes
me = get_current_plugin()
notes.append("{0} runs")
me.on_enable.on(lambda: notes.append("{0} starts"))
me.on_disable.on(lambda: notes.append("{0} stops"))
me.on_unload.on(lambda: notes.append("{0} goes"))
me.own(object(), lambda: notes.append("{0} gives back"))
count = 0

@hookimpl
def price(item):
    global count
    count += 1
    return "{0}", count

def export_state():
    return count

def import_state(data, from_version):
    global count
    count = data
"""
FIRST = {"reload": "stop-first"}


def in_thread(function: Callable[..., Any], *args: Any, **kwargs: Any) -> tuple[Any, list[Any]]:
    results: list[Any] = []

    def run() -> None:
        try:
            results.append(function(*args, **kwargs))
        except BaseException as error:
            results.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    return thread, results


def test_the_old_one_has_given_back_all_before_the_new_one_runs(
    host: Host, enable: Enable, write: Write, notes: list[str]
) -> None:
    shop = enable("shop", SOURCE.format("old"), **FIRST)
    host.hooks.hook.price(item="tea")
    write("shop", SOURCE.format("new"), **FIRST)
    notes.clear()

    report = shop.reload()

    assert notes == ["old stops", "old gives back", "old goes", "new runs", "new starts"]
    assert host.hooks.hook.price(item="tea") == [("new", 2)]
    assert (shop.generation, shop.state) == (2, PluginState.ENABLED)
    assert report.replaced[0].state_handed_over
    assert [each.stage for each in report.stages][:5] == [
        "snapshot", "check", "hold", "stop", "import",
    ]  # fmt: skip


@pytest.mark.parametrize("manifests", [("stop-first", "beside"), ("beside", "stop-first")])
def test_it_is_enough_if_one_of_the_two_manifests_asks_for_it(
    enable: Enable, write: Write, notes: list[str], manifests: tuple[str, str]
) -> None:
    shop = enable("shop", SOURCE.format("old"), reload=manifests[0])
    write("shop", SOURCE.format("new"), reload=manifests[1])
    notes.clear()

    shop.reload()

    assert notes[0] == "old stops"


def test_it_keeps_its_place_and_its_subscribers(
    host: Host, enable: Enable, write: Write, notes: list[Any]
) -> None:
    enable("first", "@hookimpl\ndef name(): return 'first'")
    source = "@event\ndef sold(item): ...\n@hookimpl\ndef name(): return 'shop'"
    shop = enable("shop", source, **FIRST)
    enable("last", "@hookimpl\ndef name(): return 'last'")
    shop.module.sold.on(notes.append)

    shop.reload()

    assert host.hooks.hook.name() == ["first", "shop", "last"]
    shop.module.sold("tea")
    assert notes == ["tea"]


FAILURES = {
    "import": "1 / 0",
    "check": "@hookimpl\ndef prize(item): ...",
    "start": "me.on_enable.on(lambda: 1 / 0)",
    "health": "def check_health(): return 'ill'",
    "state": "def import_state(data, from_version): 1 / 0",
}


@pytest.mark.parametrize("stage", FAILURES)
def test_if_the_new_one_fails_the_old_one_is_started_again_with_its_state(
    host: Host, enable: Enable, write: Write, notes: list[str], stage: str
) -> None:
    shop = enable("shop", SOURCE.format("old"), version="1.0", **FIRST)
    host.hooks.hook.price(item="tea")
    write("shop", SOURCE.format("new") + FAILURES[stage], version="2.0", **FIRST)

    with pytest.raises(ReloadError) as caught:
        shop.reload()

    error = caught.value
    assert (error.stage, error.plugin_name) == (stage, "shop")
    assert "is started again as it was: generation 2 serves" in str(error)
    assert "nothing has changed" not in f"{error}{error.report}"
    assert [(each.plugin, each.generation) for each in error.report.restored] == [("shop", 2)]
    assert (shop.version, shop.state, shop.generation) == ("1.0", PluginState.ENABLED, 2)
    assert host.hooks.hook.price(item="tea") == [("old", 2)]
    assert len([each for each in notes if each == "old starts"]) == 2
    assert host.old_generations() == []


def test_what_is_wrong_before_the_stop_stops_nothing(
    host: Host, enable: Enable, write: Write, notes: list[str]
) -> None:
    shop = enable("shop", SOURCE.format("old"), **FIRST)
    notes.clear()
    for broken in ("def price(:", None):
        write("shop", broken or "", **({"requires": ["nobody"]} if broken is None else {}), **FIRST)
        with pytest.raises(ReloadError, match="generation 1 serves on; nothing has changed"):
            shop.reload()

    write("shop", SOURCE.format("new"), **FIRST)
    vars(shop.module)["count"] = object()
    with pytest.raises(ReloadError) as caught:
        shop.reload()

    assert caught.value.stage == "stop"
    assert notes == []


def test_if_the_old_one_cannot_start_again_either_it_has_failed_like_any_other(
    host: Host, enable: Enable, write: Write, notes: list[str]
) -> None:
    once = "from builtins import notes\nassert notes == []\nnotes.append(1)\n"
    shop = enable("shop", once + "@hookimpl\ndef price(item): return 1", **FIRST)
    enable("till", "@hookimpl\ndef name(): return 'till'", requires=["shop"])
    write("shop", "1 / 0", **FIRST)

    with pytest.raises(ReloadError) as caught:
        shop.reload()

    assert caught.value.stage == "import"
    assert "could not be started again: it does not run" in str(caught.value)
    assert "AssertionError" in caught.value.report.restored[0].error
    assert shop.state is PluginState.ERROR
    assert host.plugins["till"].state is PluginState.DISABLED
    assert host.hooks.hook.price(item="tea") == []
    write("shop", "@hookimpl\ndef price(item): return 3")
    shop.enable()
    assert host.hooks.hook.price(item="tea") == [3]


SLOW = """
from builtins import notes

@hookimpl
def price(item): return {0}

@get_current_plugin().on_enable.on
def start():
    for inside, go_on in notes:
        inside.set()
        go_on.wait(5)
"""


def test_calls_wait_for_the_new_generation(
    host: Host, enable: Enable, write: Write, notes: list[Any]
) -> None:
    enable("other", "@hookimpl\ndef price(item): return 0")
    shop = enable("shop", SLOW.format(1), **FIRST)
    write("shop", SLOW.format(2), **FIRST)
    inside, go_on = threading.Event(), threading.Event()
    notes.append((inside, go_on))
    reload, _ = in_thread(shop.reload)
    inside.wait(5)
    call, answers = in_thread(host.hooks.hook.price, item="tea")
    call.join(0.02)
    assert call.is_alive()
    go_on.set()
    reload.join(5)
    call.join(5)

    assert answers == [[0, 2]]


def test_a_call_that_waits_too_long_for_it_fails_and_says_so(
    host: Host, enable: Enable, write: Write, notes: list[Any]
) -> None:
    shop = enable("shop", SLOW.format(1), **FIRST)
    inside, go_on = threading.Event(), threading.Event()
    notes.append((inside, go_on))
    reload, reports = in_thread(shop.reload, hold_timeout=0.02)
    inside.wait(5)

    with pytest.raises(PluginTimeout, match=r"a call of 'price' has waited 0\.02 s"):
        host.hooks.hook.price(item="tea")

    go_on.set()
    reload.join(5)
    assert reports[0].committed
    assert host.hooks.hook.price(item="tea") == [1]


def test_a_call_that_does_not_end_keeps_it_from_being_stopped(
    host: Host, enable: Enable, write: Write, notes: list[str]
) -> None:
    shop = enable("shop", "@hookimpl\ndef price(item): return item()", **FIRST)
    inside, go_on = threading.Event(), threading.Event()

    def wait() -> None:
        inside.set()
        go_on.wait(5)

    call, _ = in_thread(host.hooks.hook.price, item=wait)
    inside.wait(5)

    with pytest.raises(ReloadError, match="nothing has changed") as caught:
        shop.reload(hold_timeout=0.02)

    go_on.set()
    call.join(5)
    assert caught.value.stage == "hold"
    assert shop.generation == 1


def test_what_is_exclusive_is_not_handed_over_but_made_anew(enable: Enable) -> None:
    source = """
    import socket
    from hotplug import Resource

    class Port(Resource):
        exclusive = "port"

        def _activate(self):
            self.listening = socket.create_server(("127.0.0.1", self.number))

        def _cleanup(self):
            self.listening.close()

    me = get_current_plugin()
    Port.number = getattr(me, "number", 0)
    port = Port(me)
    me.owner.scope.add(port)
    """
    shop = enable("shop", source, **FIRST)
    before = shop.module.port.listening.getsockname()
    shop.number = before[1]  # type: ignore[attr-defined]
    socket.create_connection(before).close()

    shop.reload()

    assert shop.module.port.listening.getsockname() == before
    socket.create_connection(before).close()


def test_those_who_import_it_run_after_it_and_go_back_with_it(
    host: Host, enable: Enable, write: Write
) -> None:
    shop = enable("shop", "VALUE = 1", files={"__init__.py": ""}, **FIRST)
    uses = "from hotplug.plugins.shop.plugin import VALUE\n@hookimpl\ndef price(item): return VALUE"
    enable("till", uses, requires=["shop"])
    write("shop", "VALUE = 2", files={"__init__.py": ""}, **FIRST)
    shop.reload()
    assert host.hooks.hook.price(item="tea") == [2]

    write("shop", "VALUE = 3\nget_current_plugin().on_enable.on(lambda: 1 / 0)",
          files={"__init__.py": ""}, **FIRST)  # fmt: skip
    with pytest.raises(ReloadError):
        shop.reload()

    assert host.hooks.hook.price(item="tea") == [2]
    assert host.old_generations() == []


def test_a_dry_run_runs_and_stops_nothing(enable: Enable, write: Write, notes: list[str]) -> None:
    shop = enable("shop", SOURCE.format("old"), **FIRST)
    write("shop", SOURCE.format("new"), **FIRST)
    notes.clear()

    report = shop.reload(dry_run=True)

    assert notes == []
    assert "'shop' would be stopped first; no module was run" in str(report)


def test_a_plugin_cannot_stop_itself_first_in_a_call_of_its_own(host: Host, enable: Enable) -> None:
    enable("shop", "@hookimpl\ndef price(item): return get_current_plugin().reload()", **FIRST)

    with pytest.raises(ReloadError, match="a call of its own"):
        host.hooks.hook.price(item="tea")


def test_in_a_loop_tasks_wait_for_the_new_generation(
    host: Host, enable: Enable, write: Write
) -> None:
    source = "@hookimpl\nasync def fetched(url): await url(); return {}"

    async def main() -> list[Any]:
        shop = enable("shop", source.format(1), **FIRST)
        write("shop", source.format(2), **FIRST)
        go_on = asyncio.Event()
        first = asyncio.create_task(host.async_hooks.hook.fetched(url=go_on.wait))
        await asyncio.sleep(0)
        reload = asyncio.create_task(shop.reload_async())
        await asyncio.sleep(0.005)
        second = asyncio.create_task(host.async_hooks.hook.fetched(url=go_on.wait))
        await asyncio.sleep(0.005)
        go_on.set()
        await reload
        return [await first, await second]

    assert asyncio.run(main()) == [[1], [2]]


def test_going_back_stops_first_as_well(
    host: Host, enable: Enable, write: Write, notes: list[str]
) -> None:
    shop = enable("shop", SOURCE.format("old"), **FIRST)
    write("shop", SOURCE.format("new"), **FIRST)
    shop.reload()
    notes.clear()

    shop.rollback()

    assert notes == ["new stops", "new gives back", "new goes", "old runs", "old starts"]
    assert host.hooks.hook.price(item="tea") == [("old", 1)]


def test_one_that_is_only_loaded_is_stopped_first_too_and_stays_loaded(
    host: Host, write: Write, notes: list[str]
) -> None:
    shop = host.load_plugin(write("shop", SOURCE.format("old"), **FIRST))
    write("shop", SOURCE.format("new"), **FIRST)

    shop.reload()

    assert notes == ["old runs", "old stops", "old gives back", "old goes", "new runs"]
    assert shop.state is PluginState.LOADED
    write("shop", "1 / 0", **FIRST)
    with pytest.raises(ReloadError, match="is started again as it was"):
        shop.reload()
    assert shop.state is PluginState.LOADED
    shop.enable()
    assert host.hooks.hook.price(item="tea") == [("new", 1)]


def test_what_goes_wrong_as_it_stops_is_in_the_report_and_keeps_nothing_from_going_on(
    enable: Enable, write: Write, caplog: pytest.LogCaptureFixture
) -> None:
    source = "me = get_current_plugin()\nme.on_disable.on(lambda: 1 / 0)"
    shop = enable("shop", source, **FIRST)
    write("shop", **FIRST)

    report = shop.reload()

    assert any("ZeroDivisionError" in note for note in report.notes)
    assert "ZeroDivisionError" in caplog.text


def test_an_interrupt_as_the_new_one_starts_leaves_the_old_one_running(
    host: Host, enable: Enable, write: Write
) -> None:
    shop = enable("shop", "@hookimpl\ndef price(item): return 1", **FIRST)
    write("shop", "raise KeyboardInterrupt", **FIRST)

    with pytest.raises(KeyboardInterrupt):
        shop.reload()

    assert shop.is_running
    assert host.hooks.hook.price(item="tea") == [1]


def test_two_of_one_reload_are_stopped_and_started_again_together(
    host: Host, enable: Enable, write: Write
) -> None:
    for name in ("shop", "bar"):
        enable(name, f"@hookimpl\ndef price(item): return {name!r}", **FIRST)
    write("shop", "@hookimpl\ndef price(item): return 'new'", **FIRST)
    write("bar", "1 / 0", **FIRST)

    with pytest.raises(ReloadError) as caught:
        host.reload(["shop", "bar"])

    assert host.hooks.hook.price(item="tea") == ["shop", "bar"]
    assert [each.plugin for each in caught.value.report.restored] == ["shop", "bar"]


def test_what_the_new_one_calls_as_it_starts_does_not_reach_the_one_that_has_stopped(
    host: Host, enable: Enable, notes: list[Any]
) -> None:
    enable("other", "@hookimpl\ndef price(item): return 'other'")
    source = """
    from builtins import notes

    @hookimpl
    def price(item): return 'shop'

    @get_current_plugin().on_enable.on
    def start():
        notes.append(get_current_plugin().host.hooks.hook.price(item="tea"))
    """
    shop = enable("shop", source, **FIRST)

    shop.reload()

    assert notes == [["other", "shop"], ["other"]]

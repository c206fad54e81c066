"""`host.watch()`: what is saved is reloaded a moment later, until the watch is stopped."""

from __future__ import annotations

import asyncio
import gc
import logging
import sys
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any
from weakref import ref

import pytest

from hotplug import Plugin, PluginHost
from hotplug.errors import NotAllowed, PluginStateError
from hotplug.host.following.files import Files
from hotplug.host.following.waiting import Notices, Polling, waiting

Save = Callable[..., Path]
Enable = Callable[..., Plugin]
Host = PluginHost[Any]

QUICK: dict[str, Any] = {"debounce": 0.02, "poll": 0.01}
PATIENCE = 10.0


def price(number: int) -> str:
    return f"@hookimpl\ndef price(item): return {number}\n"


def becomes_true(condition: Callable[[], object]) -> bool:
    until = time.monotonic() + PATIENCE
    while not condition() and time.monotonic() < until:
        time.sleep(0.005)
    return bool(condition())


def is_at(plugin: Plugin, generation: int) -> bool:
    return plugin.generation == generation


def watches() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name.startswith("watch of")]


@pytest.mark.parametrize("poll", [0.01, None], ids=["polled", "told"])
def test_what_is_saved_is_reloaded(
    host: Host, enable: Enable, save: Save, poll: float | None
) -> None:
    shop = enable("shop", price(1))
    with host.watch(debounce=0.02, poll=poll):
        for number in (2, 3):
            save("shop/plugin.py", price(number))
            assert becomes_true(partial(is_at, shop, number))

    assert host.hooks.hook.price(item="tea") == [3]


def test_after_the_watch_is_stopped_nothing_is_reloaded(
    host: Host, enable: Enable, save: Save
) -> None:
    shop = enable("shop", price(1))
    watch = host.watch(**QUICK)
    assert watch.is_running
    watch.stop()
    save("shop/plugin.py", price(2))

    assert not watch.is_running
    assert watches() == []
    assert shop.generation == 1


def test_closing_the_host_stops_its_watch(host: Host, enable: Enable) -> None:
    enable("shop", price(1))
    watch = host.watch(**QUICK)
    host.close()

    assert not watch.is_running
    assert watches() == []


def test_a_host_that_is_let_go_takes_its_watch_along() -> None:
    host: Host = PluginHost()
    weak = ref(host)
    watch = host.watch(**QUICK)
    del host

    assert becomes_true(lambda: gc.collect() >= 0 and weak() is None)
    watch.stop()


def test_a_host_is_watched_once_at_a_time(host: Host) -> None:
    with host.watch(**QUICK), pytest.raises(PluginStateError, match="watched already"):
        host.watch()
    with host.watch(**QUICK) as again:
        assert again.is_running


def test_a_closed_host_cannot_be_watched(host: Host) -> None:
    host.close()

    with pytest.raises(PluginStateError, match="is closed"):
        host.watch()


def test_plugins_cannot_watch_their_host(host: Host, enable: Enable) -> None:
    with pytest.raises(NotAllowed):
        enable("spy", "get_current_plugin().host.watch()")


@pytest.mark.parametrize("wrong", [{"poll": 0}, {"debounce": -1}])
def test_times_are_checked(host: Host, wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="a number of seconds above 0"):
        host.watch(**wrong)  # type: ignore[arg-type]
    assert watches() == []


def test_options_of_a_reload_are_taken_and_checked(
    host: Host, enable: Enable, save: Save, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    shop = enable("shop", price(1))
    with pytest.raises(TypeError):
        host.watch(confirms=1)  # type: ignore[call-arg] # pyright: ignore[reportCallIssue]
    with host.watch(**QUICK, dry_run=True):
        save("shop/plugin.py", price(2))
        assert becomes_true(lambda: "a dry run, nothing has changed" in caplog.text)

    assert shop.generation == 1


def test_patterns_are_a_list(host: Host) -> None:
    with pytest.raises(TypeError, match="a list of patterns"):
        host.watch(also="*.html")


def test_what_a_reload_raises_ends_no_watch(
    host: Host, enable: Enable, save: Save, caplog: pytest.LogCaptureFixture
) -> None:
    shop = enable("shop", price(1))
    with host.watch(**QUICK):
        save("shop/plugin.py", "raise KeyboardInterrupt")
        assert becomes_true(lambda: caplog.records)
        save("shop/plugin.py", price(2))
        assert becomes_true(lambda: shop.generation == 2)


def test_in_a_running_loop_the_reload_is_carried_out_there(
    host: Host, enable: Enable, save: Save
) -> None:
    source = """
        import asyncio
        number = {}

        @get_current_plugin().on_enable.on
        def start():
            global loop
            loop = asyncio.get_running_loop()
        """

    async def main() -> None:
        shop = enable("shop", source.format(1))
        async with host.watch(**QUICK):
            save("shop/plugin.py", source.format(2))
            await asyncio.to_thread(becomes_true, lambda: shop.generation == 2)
            assert shop.module.loop is asyncio.get_running_loop()
            assert shop.module.number == 2

    asyncio.run(main())

    assert watches() == []


def test_in_a_running_loop_a_mended_plugin_is_enabled_there(
    host: Host, save: Save, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)

    async def main() -> None:
        folder = save("shop/plugin.py", "1 / 0").parent
        save("shop/plugin.json", '{"name": "shop"}')
        with pytest.raises(ZeroDivisionError):
            host.load_plugin(folder)
        with host.watch(**QUICK) as watch:
            assert await asyncio.to_thread(becomes_true, lambda: watch.has_looked)
            save("shop/plugin.py", "import asyncio\nasyncio.get_running_loop()\n" + price(2))
            shop = host.plugins["shop"]
            assert await asyncio.to_thread(becomes_true, lambda: shop.is_running)

    asyncio.run(main())


def test_a_loop_that_has_ended_ends_its_watch(host: Host, enable: Enable, save: Save) -> None:
    shop = enable("shop", price(1))

    async def main() -> None:
        host.watch(**QUICK)

    asyncio.run(main())
    save("shop/plugin.py", price(2))

    assert becomes_true(lambda: watches() == [])
    assert shop.generation == 1


def test_stopping_from_within_a_reload_waits_for_nobody(
    host: Host, enable: Enable, save: Save
) -> None:
    shop = enable("shop", price(1))
    host.add_enable_hook(lambda plugin: None)
    watch = host.watch(**QUICK)
    sys.modules["a_stop"] = module = type(sys)("a_stop")
    module.stop = watch.stop  # type: ignore[attr-defined]
    try:
        save("shop/plugin.py", "import a_stop\na_stop.stop()\n" + price(2))
        assert becomes_true(lambda: shop.generation == 2)
        assert becomes_true(lambda: watches() == [])
    finally:
        del sys.modules["a_stop"]


# when one looks again


def test_watchfiles_tells_where_it_is_installed_and_no_time_is_given() -> None:
    pytest.importorskip("watchfiles")

    assert type(waiting(None, Files(), threading.Event())) is Notices
    assert type(waiting(0.5, Files(), threading.Event())) is Polling


def test_a_folder_that_another_one_was_put_in_the_place_of_is_watched_anew(tmp_path: Path) -> None:
    pytest.importorskip("watchfiles")
    folder = tmp_path / "shop"
    folder.mkdir()
    stopping = threading.Event()
    stopping.set()
    notices = Notices(Files(), stopping)
    notices([str(folder)], 0)
    first = notices.changes
    notices([str(folder)], 0)
    same = notices.changes
    folder.rename(tmp_path / "old")
    folder.mkdir()
    notices([str(folder)], 0)

    assert same is first
    assert notices.changes is not first


def test_without_watchfiles_one_polls(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "watchfiles", None)

    assert type(waiting(None, Files(), threading.Event())) is Polling


def test_looking_takes_a_small_part_of_the_time_however_much_there_is() -> None:
    waits: list[float | None] = []

    class Stopping(threading.Event):
        def wait(self, timeout: float | None = None) -> bool:
            waits.append(timeout)
            return True

    polling = Polling(0.25, Stopping())
    polling([], 0.001)
    polling([], 0.5)

    assert waits == [0.25, 10.0]

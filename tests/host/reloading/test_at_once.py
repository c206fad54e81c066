"""Reloads beside each other, beside loads and stops, and under threads that call."""

from __future__ import annotations

import asyncio
import threading
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from shutil import rmtree
from typing import Any

import pytest

from hotplug import Plugin, PluginHost, PluginState
from hotplug.errors import PluginStateError, ReloadError

Write = Callable[..., Path]
Enable = Callable[..., Plugin]
Host = PluginHost[Any]

WHOLE = """
from . import part

@hookimpl
def price(item):
    from . import other
    return {0}, part.NUMBER, other.NUMBER

@hookimpl
def name():
    return {0}

@hookimpl
async def fetched(url):
    import asyncio
    await asyncio.sleep(0)
    return {0}, part.NUMBER
"""


def whole(number: int) -> dict[str, Any]:
    text = f"NUMBER = {number}"
    return {"source": WHOLE.format(number), "files": {"part.py": text, "other.py": text}}


def test_under_calling_threads_and_tasks_every_answer_is_of_one_generation_and_none_is_lost(
    host: Host, enable: Enable, write: Write
) -> None:
    shop = enable("shop", **whole(1))
    over = threading.Event()
    wrong: list[Any] = []
    calls: Counter[str] = Counter()

    def call() -> None:
        latest = 0
        while not over.is_set():
            (answer,) = host.hooks.hook.price(item="tea")
            (number,) = host.hooks.hook.name()
            calls["sync"] += 1
            if len(set(answer)) != 1 or number < answer[0] or answer[0] < latest:
                wrong.append((answer, number, latest))
            latest = number

    async def call_async() -> None:
        while not over.is_set():
            (answer,) = await host.async_hooks.hook.fetched(url="/")
            calls["async"] += 1
            if len(set(answer)) != 1:
                wrong.append(answer)

    def guarded(function: Callable[[], Any]) -> None:
        try:
            function()
        except BaseException as error:
            wrong.append(error)

    threads = [threading.Thread(target=guarded, args=(call,)) for _ in range(3)]
    threads.append(threading.Thread(target=guarded, args=(lambda: asyncio.run(call_async()),)))
    for thread in threads:
        thread.start()
    for number in range(2, 14):
        write("shop", **whole(number))
        shop.reload()
    over.set()
    for thread in threads:
        thread.join(10)

    assert wrong == []
    assert min(calls["sync"], calls["async"]) > 0
    assert host.old_generations() == []


def test_two_reloads_at_once_go_one_after_the_other(
    host: Host, enable: Enable, write: Write
) -> None:
    shop = enable("shop", **whole(1))
    start = threading.Barrier(4)
    reports: list[Any] = []

    def reload() -> None:
        start.wait(5)
        reports.append(shop.reload())

    threads = [threading.Thread(target=reload) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)

    pairs = sorted((r.replaced[0].old_generation, r.replaced[0].new_generation) for r in reports)
    assert pairs == [(1, 2), (2, 3), (3, 4), (4, 5)]
    assert host.hooks.hook.name() == [1]


def test_a_plugin_that_is_loaded_meanwhile_waits_and_imports_the_new_generation(
    host: Host, enable: Enable, write: Write
) -> None:
    shop = enable("shop", "VALUE = 1", files={"__init__.py": ""})
    inside, go_on = threading.Event(), threading.Event()
    write("shop", "me = get_current_plugin()\nme.inside.set()\nme.go_on.wait(5)\nVALUE = 2",
          files={"__init__.py": ""})  # fmt: skip
    shop.inside, shop.go_on = inside, go_on  # type: ignore[attr-defined]
    source = "from hotplug.plugins.shop.plugin import VALUE\n@hookimpl\ndef name(): return VALUE"
    till = write("till", source, requires=["shop"])

    reload = threading.Thread(target=shop.reload)
    reload.start()
    inside.wait(5)
    load = threading.Thread(target=lambda: host.load_plugin(till).enable())
    load.start()
    load.join(0.02)
    assert load.is_alive()
    go_on.set()
    reload.join(5)
    load.join(5)

    assert host.hooks.hook.name() == [2]


def test_a_reload_that_is_asked_for_during_a_load_waits_for_its_end(
    host: Host, write: Write
) -> None:
    inside, go_on = threading.Event(), threading.Event()
    Plugin.inside, Plugin.go_on = inside, go_on  # type: ignore[attr-defined]
    source = "me = get_current_plugin()\nme.inside.set()\nme.go_on.wait(5)\n"
    folder = write("shop", source)
    load = threading.Thread(target=host.load_plugin, args=(folder,))
    load.start()
    inside.wait(5)
    shop = host.plugins["shop"]
    write("shop", "value = 2")
    reload = threading.Thread(target=shop.reload)
    reload.start()
    reload.join(0.02)
    assert reload.is_alive()

    go_on.set()
    load.join(5)
    reload.join(5)

    assert (shop.state, shop.generation) == (PluginState.LOADED, 2)
    assert shop.module.value == 2


@pytest.mark.parametrize("manner", ["beside", "hold", "stop-first"])
def test_a_plugin_and_what_it_imports_are_reloaded_together(
    host: Host, enable: Enable, write: Write, manner: str
) -> None:
    uses = "from hotplug.plugins.base.plugin import VALUE\n@hookimpl\ndef name(): return VALUE, {}"
    init = {"__init__.py": ""}
    enable("base", "VALUE = 1", files=init, reload=manner)
    enable("uses", uses.format(1), requires=["base"])
    write("base", "VALUE = 2", files=init, reload=manner)
    write("uses", uses.format(2), requires=["base"])

    report = host.reload(["uses", "base"])

    assert host.hooks.hook.name() == [(2, 2)]
    assert [(each.plugin, each.why) for each in report.replaced] == [("base", ""), ("uses", "")]


def test_a_plugin_whose_files_are_gone_serves_on(host: Host, enable: Enable) -> None:
    shop = enable("shop", "@hookimpl\ndef name(): return 1")
    rmtree(shop.location)

    with pytest.raises(ReloadError) as caught:
        shop.reload()

    assert caught.value.stage == "snapshot"
    assert str(shop.location) in str(caught.value)
    assert host.hooks.hook.name() == [1]


def test_a_save_in_the_middle_of_a_reload_counts_for_the_next_one(
    host: Host, enable: Enable, write: Write
) -> None:
    shop = enable("shop", **whole(1))
    write("shop", **whole(2))
    part = shop.location / "part.py"
    source = (shop.location / "plugin.py").read_text("utf-8")
    save = f"import pathlib\npathlib.Path({str(part)!r}).write_text('NUMBER = 3')\n"
    (shop.location / "plugin.py").write_text(save + source, "utf-8")

    shop.reload()
    first = host.hooks.hook.price(item="tea")
    shop.reload()

    assert first == [(2, 2, 2)]
    assert host.hooks.hook.price(item="tea") == [(2, 3, 2)]


def test_disabling_waits_for_a_reload_and_stops_the_new_generation(
    host: Host, enable: Enable, write: Write
) -> None:
    shop = enable("shop", **whole(1))
    inside, go_on = threading.Event(), threading.Event()
    shop.inside, shop.go_on = inside, go_on  # type: ignore[attr-defined]
    write("shop", "me = get_current_plugin()\nme.inside.set()\nme.go_on.wait(5)")
    reload = threading.Thread(target=shop.reload)
    reload.start()
    inside.wait(5)
    stop = threading.Thread(target=shop.disable)
    stop.start()
    go_on.set()
    reload.join(5)
    stop.join(5)

    assert shop.state is PluginState.DISABLED
    assert shop.generation == 2
    assert host.hooks.hook.name() == []


def test_a_generation_cannot_reload_its_plugin_before_it_serves(
    host: Host, enable: Enable, write: Write
) -> None:
    shop = enable("shop", "@hookimpl\ndef name(): return 1")
    write("shop", "get_current_plugin().reload()")

    with pytest.raises(ReloadError) as caught:
        shop.reload()

    assert isinstance(caught.value.__cause__, PluginStateError)
    assert host.hooks.hook.name() == [1]


def test_closing_a_host_while_an_old_generation_drains_leaves_nothing(
    host: Host, enable: Enable, write: Write
) -> None:
    shop = enable("shop", "@hookimpl\ndef price(item): return item()")
    inside, go_on = threading.Event(), threading.Event()

    def wait() -> None:
        inside.set()
        go_on.wait(5)

    call = threading.Thread(target=host.hooks.hook.price, kwargs={"item": wait})
    call.start()
    inside.wait(5)
    reload = threading.Thread(target=shop.reload)
    reload.start()
    while shop.generation == 1:
        threading.Event().wait(0.001)

    host.close()
    go_on.set()
    call.join(5)
    reload.join(5)

    assert not reload.is_alive()

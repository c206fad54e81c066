"""A reload that fails, wherever it does: what served before serves on, and nothing has changed."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path
from typing import Any

import pytest

from hotplug import Plugin, PluginHost, PluginState
from hotplug.errors import NotAllowed, ReloadError, RestartRequired
from hotplug.host.reloading.commit import Commit
from hotplug.host.timers import Timer

Write = Callable[..., Path]
Enable = Callable[..., Plugin]
Host = PluginHost[Any]

SERVES = """
me = get_current_plugin()
count = 41

@hookimpl
def price(item):
    return f"one for {item}"

@hookimpl
def name():
    return count

def export_state():
    return {"count": count}

def import_state(data, from_version):
    global count
    count = data["count"]

@me.on_enable.on
def start():
    set_interval(list, 3600)
    me.own(object(), lambda: None)
"""

FAILURES = {
    "import": [
        ("def price(:", "SyntaxError"),
        ("import is_not_there", "ModuleNotFoundError"),
        ("1 / 0", "ZeroDivisionError"),
        ("raise SystemExit(3)", "PluginExit"),
    ],
    "check": [
        ("@hookimpl\ndef price(item, curency): ...", "PluginValidationError"),
        ("@hookimpl\ndef prize(item): ...", "PluginValidationError"),
        ("def import_state(data): ...", "PluginValidationError"),
    ],
    "start": [("me.on_enable.on(lambda: 1 / 0)", "ZeroDivisionError")],
    "health": [
        ("def check_health(): return 'the database is away'", "PluginStateError"),
        ("def check_health(): return False", "PluginStateError"),
        ("def check_health(): return 1 / 0", "ZeroDivisionError"),
    ],
    "state": [
        ("def import_state(data, from_version): 1 / 0", "ZeroDivisionError"),
    ],
}
CASES = [(stage, code, error) for stage, cases in FAILURES.items() for code, error in cases]


@pytest.mark.parametrize(("stage", "code", "error"), CASES)
def test_whatever_fails_the_old_generation_serves_on_unchanged(
    host: Host, enable: Enable, write: Write, stage: str, code: str, error: str
) -> None:
    shop = enable("shop", SERVES, version="1.0")
    life, resources = shop.life, shop.resources
    folder = write("shop", f"{SERVES}\n{code}\n", version="2.0")

    with pytest.raises(ReloadError) as caught:
        shop.reload()

    assert (caught.value.stage, caught.value.plugin_name) == (stage, "shop")
    assert type(caught.value.__cause__).__name__ == error
    assert caught.value.file.startswith(str(folder))
    assert "generation 1 serves on; nothing has changed" in str(caught.value)
    assert (shop.life, shop.resources, shop.generation) == (life, resources, 1)
    assert (shop.version, shop.state, shop.staged) == ("1.0", PluginState.ENABLED, None)
    assert host.hooks.hook.price(item="tea") == ["one for tea"]
    assert host.hooks.hook.name() == [41]


def test_the_line_that_failed_is_named(enable: Enable, write: Write) -> None:
    shop = enable("shop")
    folder = write("shop", "\n\n1 / 0")

    with pytest.raises(ReloadError) as caught:
        shop.reload()

    assert caught.value.file == str(folder / "plugin.py")
    assert caught.value.line == 6
    assert f"{folder / 'plugin.py'}:6" in str(caught.value)


def test_a_manifest_that_is_wrong_is_named_with_its_line(enable: Enable, write: Write) -> None:
    shop = enable("shop")
    folder = write("shop", requires=3)

    with pytest.raises(ReloadError) as caught:
        shop.reload()

    assert caught.value.stage == "snapshot"
    assert (caught.value.file, caught.value.line) == (str(folder / "plugin.json"), 1)


def test_all_that_an_attempt_has_got_is_given_back(
    host: Host, enable: Enable, write: Write, notes: list[str]
) -> None:
    shop = enable("shop")
    write(
        "shop",
        """
        from builtins import notes
        me = get_current_plugin()
        me.on_disable.on(lambda: notes.append("stopped"))
        me.on_unload.on(lambda: notes.append("gone"))

        @me.on_enable.on
        def start():
            set_timeout(lambda: notes.append("rang"), 0)
            me.own(object(), lambda: notes.append("released"))
            1 / 0
        """,
    )

    with pytest.raises(ReloadError):
        shop.reload()

    assert notes == ["stopped", "released", "gone"]
    assert shop.resources == []


def test_what_an_attempt_holds_is_not_seen_from_outside_before_the_commit(
    host: Host, enable: Enable, write: Write
) -> None:
    shop = enable("shop", "@hookimpl\ndef price(item): return 1")
    write(
        "shop",
        """
        @hookimpl
        def price(item):
            return 2

        def check_health():
            me = get_current_plugin()
            print(me.host.hooks.hook.price(item="tea"), me.version)
            raise RuntimeError(me.host.hooks.hook.price(item="tea"))
        """,
        version="2.0",
    )

    with pytest.raises(ReloadError) as caught:
        shop.reload()

    assert caught.value.__cause__.args == ([1],)  # type: ignore[union-attr]


def test_a_child_that_only_the_attempt_has_loaded_goes_with_it(
    host: Host, enable: Enable, write: Write
) -> None:
    child = write("child", "@hookimpl\ndef price(item): return 7")
    shop = enable("shop")
    write("shop", f"get_current_plugin().host.load_plugin({str(child)!r}).enable()\n1 / 0")

    with pytest.raises(ReloadError):
        shop.reload()

    assert "child" not in host.plugins
    assert host.hooks.hook.price(item="tea") == []


def test_a_child_that_both_have_loaded_runs_on_when_the_attempt_fails(
    host: Host, enable: Enable, write: Write
) -> None:
    child = write("child", "@hookimpl\ndef price(item): return 7")
    loads = f"get_current_plugin().host.load_plugin({str(child)!r}).enable()\n"
    shop = enable("shop", loads)
    write("shop", loads + "1 / 0")

    with pytest.raises(ReloadError):
        shop.reload()

    assert host.hooks.hook.price(item="tea") == [7]


def test_c13_one_that_may_not_reload_another_is_told_so(
    host: Host, enable: Enable, write: Write
) -> None:
    enable("shop", "")
    till = enable("till", "def reload(): get_current_plugin().host.get_plugin('shop').reload()")

    with pytest.raises(NotAllowed, match="plugin 'till' cannot reload plugin 'shop'"):
        till.owner.call(till.module.reload)


def test_a_generation_cannot_disable_its_plugin_before_it_serves(
    host: Host, enable: Enable, write: Write
) -> None:
    shop = enable("shop", "@hookimpl\ndef price(item): return 1")
    write("shop", "get_current_plugin().disable()")

    with pytest.raises(ReloadError, match="cannot disable itself while it is being reloaded"):
        shop.reload()

    assert host.hooks.hook.price(item="tea") == [1]


def test_an_interrupt_goes_through_as_it_is_and_changes_nothing(
    host: Host, enable: Enable, write: Write
) -> None:
    shop = enable("shop", "@hookimpl\ndef price(item): return 1")
    write("shop", "raise KeyboardInterrupt")

    with pytest.raises(KeyboardInterrupt):
        shop.reload()

    assert host.hooks.hook.price(item="tea") == [1]
    assert shop.staged is None


def test_one_of_several_that_fails_keeps_all_as_they_were(
    host: Host, enable: Enable, write: Write
) -> None:
    for name in ("shop", "bar"):
        enable(name, "@hookimpl\ndef price(item): return 1")
    write("shop", "@hookimpl\ndef price(item): return 2")
    write("bar", "1 / 0")

    with pytest.raises(ReloadError) as caught:
        host.reload(["shop", "bar"])

    assert caught.value.plugin_name == "bar"
    assert host.hooks.hook.price(item="tea") == [1, 1]


def test_a_report_of_a_failure_says_how_far_it_came(enable: Enable, write: Write) -> None:
    shop = enable("shop")
    write("shop", "1 / 0")

    with pytest.raises(ReloadError) as caught:
        shop.reload()

    report = caught.value.report
    assert (report.committed, report.failed_stage) == (False, "import")
    assert "failed at import, nothing has changed" in str(report)


def test_a_failed_reload_is_told_and_the_next_one_works(
    host: Host, enable: Enable, write: Write
) -> None:
    shop = enable("shop", "@hookimpl\ndef price(item): return 1")
    write("shop", "1 / 0")
    with pytest.raises(ReloadError):
        shop.reload()
    write("shop", "@hookimpl\ndef price(item): return 3")

    shop.reload()

    assert host.hooks.hook.price(item="tea") == [3]


# what is never tried


def test_machine_code_asks_for_a_restart_before_anything_is_touched(
    enable: Enable, write: Write, notes: list[str]
) -> None:
    shop = enable("shop")
    folder = write("shop", "from builtins import notes\nnotes.append('runs')")
    (folder / f"_fast{EXTENSION_SUFFIXES[0]}").write_bytes(b"")

    with pytest.raises(RestartRequired, match=r"a module in machine code: .*_fast"):
        shop.reload()

    assert notes == []
    assert shop.generation == 1


def test_what_a_loader_of_ones_own_has_loaded_asks_for_a_restart(write: Write) -> None:
    class Loader:
        def load(self, plugin: Plugin) -> Any:
            from types import ModuleType

            return ModuleType(plugin.name)

    with PluginHost(plugin_loader=Loader()) as host:
        shop = host.load_plugin(write("shop"))
        with pytest.raises(RestartRequired, match="loaded by Loader"):
            shop.reload()


def test_timers_of_an_attempt_never_ring_and_those_of_the_old_one_go_on(
    host: Host, enable: Enable, write: Write
) -> None:
    rang = threading.Event()
    shop = enable("shop", "calls = []\nset_interval(lambda: calls.append(1), 0.005)")
    write("shop", "set_timeout(lambda: get_current_plugin().rang.set(), 0)\n1 / 0")
    shop.rang = rang  # type: ignore[attr-defined]

    with pytest.raises(ReloadError):
        shop.reload()

    (timer,) = [each for each in shop.resources if isinstance(each, Timer)]
    before = timer.calls
    while timer.calls == before:
        threading.Event().wait(0.005)
    assert not rang.is_set()


def test_errors_at_giving_up_are_logged_and_hide_nothing(
    enable: Enable, write: Write, caplog: pytest.LogCaptureFixture
) -> None:
    shop = enable("shop")
    write("shop", "get_current_plugin().on_disable.on(lambda: [][1])\n1 / 0")

    with caplog.at_level(logging.ERROR), pytest.raises(ReloadError) as caught:
        shop.reload()

    assert isinstance(caught.value.__cause__, ZeroDivisionError)
    assert "list index out of range" in caplog.text


# what fails in the commit itself, and files that are half there


@pytest.mark.parametrize("manner", ["beside", "hold", "stop-first"])
def test_a_commit_that_is_refused_changes_no_answer(
    host: Host, enable: Enable, write: Write, monkeypatch: pytest.MonkeyPatch, manner: str
) -> None:
    shop = enable("shop", SERVES, reload=manner)
    write("shop", SERVES + "\ncount = 0", reload=manner)
    answers = iter([ZeroDivisionError])
    carry_out = Commit.carry_out

    def refused(commit: Commit) -> None:
        for error in answers:
            raise error
        carry_out(commit)

    monkeypatch.setattr(Commit, "carry_out", refused)

    with pytest.raises(ReloadError) as caught:
        shop.reload()

    assert caught.value.stage == "commit"
    assert host.hooks.hook.price(item="tea") == ["one for tea"]
    assert host.hooks.hook.name() == [41]
    assert len(shop.resources) == 4


@pytest.mark.parametrize("manner", ["beside", "hold", "stop-first"])
@pytest.mark.parametrize("gone", ["plugin.py", "plugin.json", "part.py"])
def test_a_plugin_whose_files_are_half_there_serves_on(
    host: Host, enable: Enable, gone: str, manner: str
) -> None:
    source = "from . import part\n@hookimpl\ndef name(): return part.NUMBER"
    shop = enable("shop", source, files={"part.py": "NUMBER = 1"}, reload=manner)
    (shop.location / gone).unlink()

    with pytest.raises(ReloadError) as caught:
        shop.reload()

    assert host.hooks.hook.name() == [1]
    assert shop.is_running
    assert str(shop.location) in str(caught.value)


@pytest.mark.parametrize("manner", ["hold", "stop-first"])
def test_machine_code_is_refused_before_anybody_waits(
    host: Host, enable: Enable, write: Write, manner: str
) -> None:
    shop = enable("shop", SERVES, reload=manner)
    folder = write("shop", SERVES, reload=manner)
    (folder / f"_fast{EXTENSION_SUFFIXES[0]}").write_bytes(b"")

    with pytest.raises(RestartRequired) as caught:
        shop.reload()

    assert [each.stage for each in caught.value.report.stages] == ["snapshot"]
    assert shop.generation == 1


def test_a_plugin_without_its_manifest_says_that_it_is_missing_there(enable: Enable) -> None:
    shop = enable("shop", reload="stop-first")
    (shop.location / "plugin.json").unlink()

    with pytest.raises(ReloadError, match="nothing has changed") as caught:
        shop.reload()

    assert caught.value.stage == "snapshot"

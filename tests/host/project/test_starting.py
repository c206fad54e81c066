"""`PluginHost.start`: what the project wants is started, and what cannot be is told."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hotplug import (
    DependencyError,
    ManifestError,
    NotAllowed,
    PluginHost,
    PluginState,
    StartError,
    UnknownPluginError,
)

Put = Callable[..., Path]


@pytest.fixture
def till(tmp_path: Path) -> Callable[..., PluginHost[Any]]:
    """A host with a project of these keys, and the folder `plugins` to look in."""

    def host(**project: Any) -> PluginHost[Any]:
        return PluginHost("till", project={"paths": [str(tmp_path / "plugins")], **project})

    return host


Till = Callable[..., PluginHost[Any]]


def names(outcomes: Any) -> list[str]:
    return [outcome.name for outcome in outcomes]


def test_all_that_is_found_is_started_each_after_what_it_requires(
    put: Put, till: Till, notes: list[str]
) -> None:
    put("plugins/a", "notes.append('a')", requires=["b"])
    put("plugins/b", "notes.append('b')", requires=["c"])
    put("plugins/c", "notes.append('c')")

    with till() as host:
        report = host.start()

        assert notes == ["c", "b", "a"]
        assert {plugin.state for plugin in host} == {PluginState.ENABLED}
    assert names(report.started) == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("project", "started"),
    [
        ({"autoload": False}, []),
        ({"autoload": ["shop"]}, ["shop"]),
        ({"autoload": ["shop", "needs"]}, ["base", "needs", "shop"]),
        ({"autoload": False, "require": ["needs"]}, ["base", "needs"]),
        ({"only": ["shop"]}, ["shop"]),
        ({"only": ["shop", "needs"]}, ["shop"]),
        ({"block": ["shop"]}, ["base", "needs"]),
    ],
)
def test_what_is_started_is_what_the_project_says_and_what_that_requires(
    put: Put, till: Till, project: dict[str, Any], started: list[str]
) -> None:
    put("plugins/shop")
    put("plugins/base")
    put("plugins/needs", requires=["base"])

    with till(**project) as host:
        assert sorted(names(host.start().started)) == started


@pytest.mark.parametrize("key", ["requires", "wants"])
def test_what_a_plugin_imports_is_loaded_before_it(
    put: Put, till: Till, notes: list[Any], key: str
) -> None:
    (put("plugins/z") / "__init__.py").write_text("price = 3")
    put("plugins/a", "from hotplug.plugins import z\nnotes.append(str(z.price))", **{key: ["z"]})

    with till() as host:
        assert names(host.start().started) == ["a", "z"]
    assert notes == ["3"]


def test_one_that_goes_after_another_is_loaded_after_it(
    put: Put, till: Till, notes: list[str]
) -> None:
    put("plugins/a", "notes.append('a')", after=["z"])
    put("plugins/z", "notes.append('z')")

    with till() as host:
        host.start()

    assert notes == ["z", "a"]


def test_a_lazy_plugin_is_started_without_being_run(put: Put, till: Till) -> None:
    put("plugins/a", "1 / 0", lazy=True)

    with till(strict=True) as host:
        (outcome,) = host.start().started

    assert outcome.reason == "it is lazy: it starts with the first use of its module"


def test_loading_one_plugin_alone_brings_no_others(put: Put, till: Till) -> None:
    put("plugins/base")
    put("plugins/top", requires=["base"])

    with till() as host:
        top = host.load_plugin("top")

        assert top.reason == "it requires 'base', which is not loaded"
        assert [*host.plugins] == ["top"]


def test_a_requirement_is_found_in_the_version_that_it_says(put: Put, till: Till) -> None:
    put("plugins/base-1", name="base", version="1.5")
    put("plugins/base-2", name="base", version="2.0")
    put("plugins/top", requires=["base<2"])

    with till(autoload=["top"]) as host:
        host.start()

        assert host.get_plugin("base").version == "1.5"


def test_the_project_says_which_version_where_both_cannot_be(put: Put, till: Till) -> None:
    put("plugins/base-1", name="base", version="1.5")
    put("plugins/base-2", name="base", version="2.0")
    put("plugins/top", requires=["base<2"])

    with till(autoload=["top"], require=["base>=2"]) as host:
        report = host.start()

        assert host.get_plugin("base").version == "2.0"
    assert [outcome.name for outcome in report.started] == ["base"]
    assert "top" in [outcome.name for outcome in report.skipped]


def test_the_report_tells_what_became_of_each(put: Put, till: Till) -> None:
    put("plugins/shop", version="1.4.0")
    put("plugins/waits", requires=["ghost"])
    put("plugins/fails", "raise OSError('no printer')", version="1.0")
    put("plugins/mailer", version="2.0")
    bad = put("plugins/bad") / "plugin.json"
    bad.write_text('{"name": "bad", "version": 5}')

    with till(block={"mailer": "too many mails"}) as host:
        report = host.start()

    assert str(report) == (
        "started\n"
        "  shop 1.4.0\n"
        "skipped\n"
        f"  bad: {bad}:1:17: 'version' takes a version, not a number\n"
        "    put it in quotes\n"
        "  waits 0.0.0: it requires 'ghost', which is not loaded\n"
        "failed\n"
        "  fails 1.0: it could not be loaded: OSError: no printer\n"
        "blocked\n"
        "  mailer 2.0: the project blocks it: too many mails"
    )
    data = json.loads(json.dumps(report.as_data()))
    assert [*data] == ["started", "skipped", "failed", "blocked", "discovery"]
    assert data["failed"][0]["reason"] == "it could not be loaded: OSError: no printer"
    assert type(report.failed[0].error) is OSError


def test_one_that_fails_is_left_out_and_the_others_start(put: Put, till: Till) -> None:
    put("plugins/fails", "1 / 0")
    put("plugins/shop")

    with till() as host:
        assert names(host.start().started) == ["shop"]


@pytest.mark.parametrize(
    "project",
    [
        {"on_failure": "fail"},
        {"on_failure": {"fails": "fail"}},
        {"require": ["fails"]},
        {"strict": True},
    ],
)
def test_one_that_fails_fails_the_start_where_the_project_says_so(
    put: Put, till: Till, project: dict[str, Any]
) -> None:
    put("plugins/fails", "1 / 0")
    put("plugins/shop")

    with till(**project) as host:
        with pytest.raises(StartError) as caught:
            host.start()

        assert [type(each) for each in caught.value.exceptions] == [ZeroDivisionError]
        assert str(caught.value).startswith("host 'till' could not start as its project wants")
        assert names(caught.value.report.started) == ["shop"]


@pytest.mark.parametrize(
    "project",
    [
        {"on_failure": {"other": "fail"}},
        {"on_failure": {"*": "fail", "fails": "skip"}},
        {"require": ["fails"], "on_failure": {"fails": "skip"}},
    ],
)
def test_one_that_fails_is_left_out_where_the_project_says_so(
    put: Put, till: Till, project: dict[str, Any]
) -> None:
    put("plugins/fails", "1 / 0")
    put("plugins/other")

    with till(**project) as host:
        assert names(host.start().failed) == ["fails"]


def test_what_the_project_requires_and_is_not_there_fails_the_start(put: Put, till: Till) -> None:
    put("plugins/shop", version="1.0")

    with till(require=["shop>=2", "ghost"]) as host, pytest.raises(StartError) as caught:
        host.start()

    assert [type(each) for each in caught.value.exceptions] == [UnknownPluginError] * 2
    assert "there are:\n  1.0 from" in str(caught.value.exceptions[0])


def test_what_the_project_requires_and_blocks_fails_the_start(put: Put, till: Till) -> None:
    put("plugins/shop")

    with till(require=["shop"], block=["shop"]) as host, pytest.raises(StartError) as caught:
        host.start()

    assert [str(each) for each in caught.value.exceptions] == [
        "plugin 'shop' cannot start: the project blocks it"
    ]


SKIPPED: dict[str, Callable[[Put], object]] = {
    "waits": lambda put: put("plugins/waits", requires=["ghost"]),
    "broken": lambda put: (put("plugins/broken") / "plugin.json").write_text("{"),
    "ambiguous": lambda put: (put("plugins/a", name="x"), put("plugins/b", name="x")),
    "fails": lambda put: put("plugins/fails", "1 / 0"),
}


@pytest.mark.parametrize("problem", SKIPPED)
def test_strictness_makes_all_that_is_skipped_fail_the_start(
    put: Put, till: Till, problem: str
) -> None:
    put("plugins/shop")
    SKIPPED[problem](put)

    with till() as host:
        assert names(host.start().started) == ["shop"]
    with till(strict=True) as host, pytest.raises(StartError) as caught:
        host.start()
    assert len(caught.value.exceptions) == 1


def test_strictness_lets_be_what_the_project_itself_blocks(put: Put, till: Till) -> None:
    put("plugins/shop")

    with till(strict=True, block=["shop"]) as host:
        assert names(host.start().blocked) == ["shop"]


@pytest.mark.parametrize(
    ("argument", "environment", "project", "strict"),
    [
        (None, "", False, False),
        (None, "", True, True),
        (None, "1", False, True),
        (None, "0", True, False),
        (None, "false", True, False),
        (True, "0", False, True),
        (False, "1", True, False),
    ],
)
def test_the_program_says_first_then_the_environment_then_the_project(
    monkeypatch: pytest.MonkeyPatch,
    argument: bool | None,
    environment: str,
    project: bool,
    strict: bool,
) -> None:
    monkeypatch.setenv("HOTPLUG_STRICT", environment)

    with PluginHost(project={"strict": project}, strict=argument) as host:
        assert host.is_strict is strict


@pytest.mark.parametrize(
    ("text", "key", "line"),
    [
        ("[settings.shpo]\nprice = 3", "settings", 2),
        ('[on_failure]\nshpo = "fail"', "on_failure", 3),
        ("[limits.shpo]\ntimers = 3", "limits", 2),
    ],
)
def test_what_is_said_of_a_plugin_that_is_not_there_is_an_error_before_anything_runs(
    put: Put, tmp_path: Path, text: str, key: str, line: int
) -> None:
    put("plugins/shop", "1 / 0")
    file = tmp_path / "till.toml"
    file.write_text(f'paths = ["plugins"]\n{text}')

    with PluginHost(project=file) as host:
        with pytest.raises(ManifestError) as caught:
            host.start()

        assert len(host) == 0
    said = f"{key!r} names 'shpo', and there is no such plugin\n  did you mean 'shop'?"
    assert str(caught.value).startswith(f"{file}:{line}:")
    assert str(caught.value).endswith(said)


def test_settings_of_a_plugin_that_is_blocked_or_broken_are_no_error(put: Put, till: Till) -> None:
    put("plugins/shop")
    (put("plugins/bad") / "plugin.json").write_text("{")
    settings: dict[str, Any] = {"shop": {}, "bad": {}}

    with till(block=["shop"], settings=settings) as host:
        assert names(host.start().blocked) == ["shop"]


def test_starting_again_starts_what_could_not_before(put: Put, till: Till) -> None:
    place = put("plugins/fails", "1 / 0")
    put("plugins/shop")

    with till() as host:
        host.start()
        (place / "plugin.py").write_text("")
        put("plugins/more")
        report = host.start()

    assert names(report.started) == ["fails", "more", "shop"]


def test_a_plugin_that_was_loaded_by_its_path_is_the_one_that_is_started(
    put: Put, till: Till
) -> None:
    place = put("elsewhere/shop", version="9.0")
    put("plugins/shop", version="1.0")

    with till(require=["shop>=9"]) as host:
        shop = host.load_plugin(place)
        host.start()

        assert shop.state is PluginState.ENABLED


def test_only_the_application_can_start_all(put: Put, till: Till) -> None:
    put("plugins/shop", "from hotplug import get_current_plugin as me\nme().host.start()")

    with till() as host:
        (outcome,) = host.start().failed

    assert isinstance(outcome.error, NotAllowed)


def test_a_circle_is_told_as_the_reason(put: Put, till: Till) -> None:
    put("plugins/a", requires=["b"])
    put("plugins/b", requires=["a"])
    put("plugins/shop")

    with till() as host:
        report = host.start()

    assert names(report.started) == ["shop"]
    assert ["in a circle" in each.reason for each in report.skipped] == [True, True], report


def test_a_search_path_that_is_not_there_is_skipped_and_told(tmp_path: Path, till: Till) -> None:
    with till() as host:
        (outcome,) = host.start().skipped

    assert (outcome.name, type(outcome.error)) == (str(tmp_path / "plugins"), ManifestError)


def test_one_that_fails_as_it_is_enabled_is_told_so(
    put: Put, till: Till, caplog: pytest.LogCaptureFixture
) -> None:
    put(
        "plugins/shop",
        "from hotplug import get_current_plugin as me\nme().on_enable += lambda: 1 / 0",
    )
    put("plugins/top", requires=["shop"])

    with till() as host, caplog.at_level(logging.CRITICAL):
        report = host.start()

    assert names(report.failed) == ["shop"]
    assert [outcome.reason for outcome in report.skipped] == [
        "it requires 'shop', which failed: ZeroDivisionError: division by zero"
    ]


def test_what_is_raised_of_one_that_waits_is_its_reason(put: Put, till: Till) -> None:
    put("plugins/top", requires=["ghost"])

    with till(strict=True) as host, pytest.raises(StartError) as caught:
        host.start()

    (error,) = caught.value.exceptions
    assert isinstance(error, DependencyError)
    assert str(error) == "plugin 'top' cannot start: it requires 'ghost', which is not loaded"


def test_what_did_not_start_is_logged_with_the_line_that_failed(
    put: Put, till: Till, caplog: pytest.LogCaptureFixture
) -> None:
    put("plugins/a", "1 / 0")
    put("plugins/b", requires=["gone"])

    with till() as host:
        host.start()

    failed, left_out = caplog.records
    assert failed.levelno == logging.ERROR
    assert "plugin 'a' did not start: it could not be loaded: ZeroDivisionError" in failed.message
    assert 'plugins/a/plugin.py", line 1' in caplog.text
    assert left_out.levelno == logging.WARNING
    assert left_out.message == ("plugin 'b' was left out: it requires 'gone', which is not loaded")


def test_what_fails_the_start_is_raised_and_not_logged(
    put: Put, till: Till, caplog: pytest.LogCaptureFixture
) -> None:
    put("plugins/a", "1 / 0")

    with till(require=["a"]) as host, pytest.raises(StartError):
        host.start()

    assert caplog.records == []

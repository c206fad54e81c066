"""What a project may say of limits, how it is told what is wrong, and what the host reports."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hotplug import LimitExceeded, LimitReport, ManifestError, PluginHost, Resource
from hotplug.host.limits.table import LIMITS, table

WritePlugin = Callable[..., Path]

DOCS = Path(__file__).resolve().parents[3] / "docs" / "host" / "limits.md"


def test_r3_each_limit_is_enforced_or_observed_and_the_docs_say_which() -> None:
    assert {limit.how for limit in LIMITS.values()} == {"enforced", "observed"}
    assert table() in DOCS.read_text("utf-8")


def kinds_of(made: type[Resource]) -> set[str]:
    # A plugin of another test may not be collected yet.
    hosts = re.match(r"hotplug\.(?!plugins\.)", made.__module__)
    own = {made.kind} if hosts else set()
    return own.union(*map(kinds_of, made.__subclasses__()))


def test_r3_every_kind_that_a_host_gives_to_plugins_is_in_the_table() -> None:
    known = {limit.kind for limit in LIMITS.values()}

    # the plugin's own module is no wish of it, and the last one is for those who derive from it
    assert kinds_of(Resource) - known == {"imports", "resource"}


WRONG = {
    "timers = true": "'limits.timers' takes a number, not true or false",
    "timers = -1": "'limits.timers' takes a whole number, not -1",
    "timers = 1.5": "'limits.timers' takes a whole number, not 1.5",
    "timers = nan": "'limits.timers' takes a number, not nan",
    "timers = '5'": "'limits.timers' takes a number, not '5'",
    "call_seconds = 0": "'limits.call_seconds' takes seconds, more than 0, not 0",
    "on_breach = 'explode'": "'limits.on_breach' takes 'error' or 'disable', not 'explode'",
    "tiemrs = 5": "there is no limit 'tiemrs'\n  did you mean 'timers'?",
    "timer = 5": "there is no limit 'timer'\n  did you mean 'timers'?",
    "memory_bytes = 5": "nobody can tell whose memory it is in one process",
    "shop.timers = 'x'": "'limits.shop.timers' takes a number, not 'x'",
    "shop.manifest_bytes = 5": "'limits.shop.manifest_bytes' cannot be set for one plugin",
    "shop.deep.timers = 5": "'limits.shop.deep' takes a number, not a table",
}


@pytest.mark.parametrize("line", WRONG)
def test_r3_what_is_wrong_with_a_limit_is_told_with_its_line(line: str, tmp_path: Path) -> None:
    file = tmp_path / "plugins.toml"
    file.write_text(f"[limits]\n{line}\n", "utf-8")

    with pytest.raises(ManifestError) as caught:
        PluginHost(project=file)

    assert str(caught.value).startswith(f"{file}:2:")
    assert WRONG[line] in str(caught.value)


def test_r3_all_that_is_wrong_is_told_at_once(tmp_path: Path) -> None:
    file = tmp_path / "plugins.toml"
    file.write_text("[limits]\ntimers = -1\n[limits.shop]\ntimers = -1\n", "utf-8")

    with pytest.raises(ManifestError) as caught:
        PluginHost(project=file)

    assert [problem.line for problem in caught.value.problems] == [2, 4]


def test_r3_a_pyproject_can_set_limits(tmp_path: Path, write_plugin: WritePlugin) -> None:
    file = tmp_path / "pyproject.toml"
    file.write_text("[tool.till.plugins.limits.shop]\ntimers = 5\n", "utf-8")

    with PluginHost("till", project=file) as host:
        host.load_plugin(write_plugin("shop"))

        assert host.limits().of("shop", "timers").where == f"{file}:2"


def test_r3_a_limit_given_in_python_says_so(write_plugin: WritePlugin) -> None:
    with PluginHost(project={"limits": {"timers": 5}}) as host:
        host.load_plugin(write_plugin("shop"))

        assert host.limits().of("shop", "timers").where == "PluginHost(project=...)"


def test_r3_a_larger_manifest_than_allowed_is_not_read(
    tmp_path: Path, write_plugin: WritePlugin
) -> None:
    with PluginHost(project={"limits": {"manifest_bytes": 200}}) as host:
        large = write_plugin("large", description="x" * 200)
        with pytest.raises(LimitExceeded, match=r"has a manifest of 2.. bytes") as caught:
            host.load_plugin(large)

        assert caught.value.limit == "manifest_bytes"
        assert len(host) == 0
        host.load_plugin(write_plugin("small"))
        single = tmp_path / "single.py"
        head = "# /// script\n# [tool.hotplug]\n# name = 'single'\n# ///\n"
        single.write_text(head + "x = 1\n" * 500, "utf-8")
        host.load_plugin(single)


def test_r3_a_plugin_with_a_larger_manifest_is_not_loaded_by_name_either(
    tmp_path: Path, write_plugin: WritePlugin
) -> None:
    write_plugin("large", description="x" * 200)
    (tmp_path / "no plugin").mkdir()
    project = {"limits": {"manifest_bytes": 200}, "paths": [str(tmp_path)]}
    with PluginHost(project=project) as host:
        assert "no plugin" not in str(host.discover())
        with pytest.raises(LimitExceeded, match=r"has a manifest of 2\d\d bytes"):
            host.load_plugin("large")
        assert len(host) == 0


def test_r3_a_plugin_with_a_larger_manifest_than_usual_is_found_by_name_where_that_is_allowed(
    tmp_path: Path, write_plugin: WritePlugin
) -> None:
    write_plugin("large", **{"x-note": "x" * 300_000})
    project = {"limits": {"manifest_bytes": 400_000}, "paths": [str(tmp_path)]}
    with PluginHost(project=project) as host:
        assert host.load_plugin("large").name == "large"


def test_r3_a_project_can_allow_larger_manifests(write_plugin: WritePlugin) -> None:
    large = write_plugin("large", **{"x-note": "x" * 300_000})

    with PluginHost() as host, pytest.raises(ManifestError, match="at most 262144 bytes"):
        host.load_plugin(large)
    with PluginHost(project={"limits": {"manifest_bytes": 400_000}}) as host:
        assert host.load_plugin(large).name == "large"


# the report

TIMERS = """
    from hotplug import set_timeout

    set_timeout(print, 60)
    set_timeout(print, 60)
"""


def test_r3_a_host_reports_its_limits_where_they_are_set_and_how_things_stand(
    tmp_path: Path, write_plugin: WritePlugin
) -> None:
    file = tmp_path / "plugins.toml"
    file.write_text("[limits]\ntimers = 5\n[limits.shop]\nfiles = 1\n", "utf-8")

    with PluginHost(project=file) as host:
        shop = host.load_plugin(write_plugin("shop", TIMERS))
        host.load_plugin(write_plugin("other"))
        report = host.limits()
        source = shop.module.__file__

    timers = report.of("shop", "timers")
    assert (timers.allowed, timers.used, timers.how) == (5, 2, "enforced")
    assert timers.where == f"{file}:2"
    assert [tuple(held) for held in timers.holders] == [
        ("timer", 1, f"{source}:4"),
        ("timer", 1, f"{source}:5"),
    ]
    assert [(use.plugin, use.limit, use.used) for use in report] == [
        ("shop", "timers", 2),
        ("shop", "files", 0),
        ("other", "timers", 0),
    ]
    lines = str(report).splitlines()
    assert lines[0].split() == ["plugin", "limit", "allowed", "now", "set", "in", "most", "from"]
    assert lines[1].split()[:5] == ["shop", "timers", "5", "2", "enforced"]


def test_r3_the_report_tells_of_each_limit(tmp_path: Path, write_plugin: WritePlugin) -> None:
    limits: dict[str, Any] = {
        name: 60 if limit.unit == "seconds" else 1000 for name, limit in LIMITS.items()
    }
    with PluginHost(project={"limits": limits, "data": str(tmp_path / "data")}) as host:
        host.load_plugin(write_plugin("shop", TIMERS)).enable()
        report = host.limits()

    assert [use.limit for use in report] == [*LIMITS]
    unknown = {use.limit for use in report if use.used is None}
    assert unknown == {"emit_depth", "await_seconds"}
    assert report.of("shop", "manifest_bytes").used == len('{"name": "shop"}')


def test_r3_a_table_for_a_plugin_that_is_not_there_is_in_the_report(
    write_plugin: WritePlugin,
) -> None:
    limits = {"timers": 5, "shpo": {"files": 1}}
    with PluginHost(project={"limits": limits}) as host:
        host.load_plugin(write_plugin("shop"))

        assert [(use.plugin, use.limit, use.used) for use in host.limits()] == [
            ("shop", "timers", 0),
            ("shpo", "files", None),
        ]


def test_r3_a_host_without_limits_reports_none(write_plugin: WritePlugin) -> None:
    with PluginHost() as host:
        host.load_plugin(write_plugin("shop", TIMERS))

        assert host.limits() == LimitReport()


def test_r3_a_plugin_stores_no_more_bytes_than_it_may(
    tmp_path: Path, write_plugin: WritePlugin
) -> None:
    project = {"limits": {"stored_bytes": 100}, "data": str(tmp_path / "data")}
    with PluginHost(project=project) as host:
        store = host.load_plugin(write_plugin("shop")).store
        store["sold"] = "x" * 50

        with pytest.raises(LimitExceeded, match=r"plugin 'shop' cannot store \d+ bytes"):
            store["more"] = "x" * 50
        with pytest.raises(LimitExceeded), store.transaction() as draft:
            draft.update({"a little": 1, "more": "x" * 50})

        assert dict(store) == {"sold": "x" * 50}
        assert host.limits().of("shop", "stored_bytes").used == store.size


def test_r3_a_store_that_is_too_large_already_can_be_made_smaller(
    tmp_path: Path, write_plugin: WritePlugin
) -> None:
    data = {"data": str(tmp_path / "data")}
    with PluginHost(project=data) as host:
        host.load_plugin(write_plugin("shop")).store.update(a="x" * 200, b="x" * 200)

    with PluginHost(project={"limits": {"stored_bytes": 100}, **data}) as host:
        store = host.load_plugin(write_plugin("shop")).store
        with pytest.raises(LimitExceeded):
            store["c"] = 1
        del store["b"]

        assert dict(store) == {"a": "x" * 200}


def test_r3_without_limits_nothing_that_enforces_them_is_loaded(tmp_path: Path) -> None:
    import subprocess
    import sys

    script = "import sys, hotplug; hotplug.PluginHost(); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True)

    loaded = done.stdout.decode().split()
    assert [name for name in loaded if name.startswith("hotplug.host.limits.")] == [
        "hotplug.host.limits.field"
    ]

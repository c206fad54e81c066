"""What starting the plugins took: time, memory, and what was imported for them."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent
from types import ModuleType
from typing import Any

import pytest

from hotplug import PluginHost
from hotplug.host.ledger import Memory, undisturbed

Write = Callable[..., Path]


def test_the_ledger_has_a_line_for_each_plugin_the_dearest_first(
    host: PluginHost[Any], write_plugin: Write
) -> None:
    host.load_plugin(write_plugin("quick"))
    host.load_plugin(write_plugin("slow", "sum(range(3_000_000))"))

    assert [entry.plugin for entry in host.ledger()] == ["slow", "quick"]


def test_each_part_of_a_start_is_told(host: PluginHost[Any], write_plugin: Write) -> None:
    host.load_plugin(write_plugin("shop", version="1.2")).enable()

    entry = host.ledger()["shop"]

    assert min(entry.read, entry.run, entry.start) > 0
    assert entry.total == entry.read + entry.run + entry.start
    assert (entry.version, entry.generation) == ("1.2", 1)


def test_what_a_plugin_was_the_first_to_import_is_named(
    host: PluginHost[Any], write_plugin: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(sys.modules, "colorsys", raising=False)
    source = "import colorsys\nfrom . import prices"
    host.load_plugin(write_plugin("shop", source, files={"prices.py": ""}))
    host.load_plugin(write_plugin("late", "import colorsys"))

    assert host.ledger()["shop"].imported == ["colorsys"]
    assert not host.ledger()["late"].imported


def test_modules_that_go_meanwhile_hide_none(
    host: PluginHost[Any], write_plugin: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(sys.modules, "colorsys", raising=False)
    for name in "abcdefghi":
        monkeypatch.setitem(sys.modules, name, ModuleType(name))
    source = "import sys, colorsys\nfor name in 'abcdefgh': del sys.modules[name]"
    host.load_plugin(write_plugin("shop", source))

    assert host.ledger()["shop"].imported == ["colorsys"]


def test_modules_that_a_collection_takes_away_while_they_are_looked_at_disturb_nobody(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "soon_gone", ModuleType("soon_gone"))
    seen: list[str] = []

    def look() -> list[str]:
        for name in reversed(sys.modules):
            seen.append(name)
            sys.modules.pop("soon_gone", None)
        return seen

    assert undisturbed(look)[:2].count("soon_gone") == 1


@pytest.mark.skipif(sys.platform != "linux", reason="the system does not tell")
def test_memory_that_a_plugin_takes_is_told(host: PluginHost[Any], write_plugin: Write) -> None:
    host.load_plugin(write_plugin("big", "held = bytearray(b'x') * 200_000_000"))

    taken = host.ledger()["big"].memory

    assert taken is not None
    assert taken > 100_000_000


@pytest.mark.skipif(sys.platform != "linux", reason="the system does not tell")
def test_a_forked_child_tells_of_its_own_memory(write_plugin: Write, tmp_path: Path) -> None:
    write_plugin("small")
    write_plugin("big", "held = bytearray(b'x') * 200_000_000")
    source = """
        import os
        from hotplug import PluginHost

        host = PluginHost()
        host.load_plugin("./small")
        if not os.fork():
            host.load_plugin("./big")
            print(host.ledger()["big"].memory)
        else:
            os.wait()
    """

    ran = run_in(tmp_path, source)

    assert int(ran.stdout) > 100_000_000, ran.stderr


def test_where_the_system_does_not_tell_memory_is_unknown(tmp_path: Path) -> None:
    assert Memory(str(tmp_path / "statm")).size() is None


def test_a_plugin_that_failed_says_so(host: PluginHost[Any], write_plugin: Write) -> None:
    with pytest.raises(ZeroDivisionError):
        host.load_plugin(write_plugin("shop", "1 / 0"))

    assert host.ledger()["shop"].failed
    assert str(host.ledger()).endswith("(failed)")


def test_a_fresh_generation_begins_a_fresh_line(host: PluginHost[Any], write_plugin: Write) -> None:
    plugin = host.load_plugin(write_plugin("shop"))
    plugin.enable()
    plugin.disable()
    plugin.enable()

    assert len(host.ledger()) == 1
    assert host.ledger()["shop"].generation == 2


def test_a_child_has_its_own_line_and_counts_for_its_parent_too(
    host: PluginHost[Any], write_plugin: Write
) -> None:
    child = write_plugin("child", "sum(range(1_000_000))")
    host.load_plugin(write_plugin("parent", f"import hotplug; hotplug.load_plugin({str(child)!r})"))

    ledger = host.ledger()

    assert ledger["child"].loaded_by == "parent"
    assert ledger["parent"].run > ledger["child"].run


def test_a_plugin_that_was_unloaded_is_no_longer_listed(
    host: PluginHost[Any], write_plugin: Write
) -> None:
    host.load_plugin(write_plugin("shop")).unload()

    assert len(host.ledger()) == 0
    assert str(host.ledger()) == "no plugin has been loaded"


def test_the_ledger_prints_as_a_table_and_exports_as_data(
    host: PluginHost[Any], write_plugin: Write
) -> None:
    host.load_plugin(write_plugin("shop", version="1.0"))

    head, line = str(host.ledger()).splitlines()
    data: list[dict[str, Any]] = json.loads(json.dumps(host.ledger().as_data()))

    assert head.split() == ["plugin", "read", "run", "start", "total", "memory", "imported"]
    assert line.startswith("shop 1.0  ")
    assert data[0]["plugin"] == "shop"


def test_a_module_of_the_program_called_resource_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "resource.py").write_text("raise SystemExit('it was imported')")

    ran = run_in(tmp_path, "import hotplug; print(hotplug.PluginHost().ledger())")

    assert ran.stdout.strip() == "no plugin has been loaded", ran.stderr


def run_in(folder: Path, source: str) -> subprocess.CompletedProcess[str]:
    (folder / "main.py").write_text(dedent(source))
    return subprocess.run(
        [sys.executable, "main.py"], cwd=folder, capture_output=True, text=True, check=False
    )

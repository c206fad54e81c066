"""Where the data of plugins is, and that no name leads out of it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotplug import DataError, Plugin, PluginHost
from hotplug.host.data import places
from hotplug.host.data.places import folder_name
from hotplug.testing import checked_host

NAMES = [
    "Shop",
    "shop",
    "..",
    ".",
    "",
    "a/b",
    "../a",
    "c:\\a",
    "con",
    "nul.txt",
    "a" * 300,
    "é",
    "a\0",
]


def test_each_plugin_has_folders_of_its_own(shop: Plugin, tmp_path: Path) -> None:
    assert shop.data_folder == tmp_path / "data" / "shop" / "files"
    assert shop.cache_folder == tmp_path / "cache" / "shop"
    assert shop.data_folder.is_dir()
    assert shop.cache_folder.is_dir()


def test_they_are_made_at_the_first_use(shop: Plugin, tmp_path: Path) -> None:
    assert not (tmp_path / "data").exists()
    assert not (tmp_path / "cache").exists()


def test_one_that_was_deleted_is_made_again(shop: Plugin) -> None:
    shop.data_folder.rmdir()

    assert shop.data_folder.is_dir()


def test_what_is_in_them_stays_when_the_plugin_goes(shop: Plugin) -> None:
    file = shop.data_folder / "sold.txt"
    file.write_text("bread")

    shop.unload()

    assert file.read_text() == "bread"


def test_relative_folders_start_where_the_project_is(
    tmp_path: Path, write_plugin: Callable[..., Path]
) -> None:
    project = tmp_path / "plugins.toml"
    project.write_text("data = 'var/data'\ncache = 'var/cache'")

    with PluginHost(project=project) as host:
        plugin = host.load_plugin(write_plugin("shop"))

        assert plugin.data_folder == tmp_path / "var" / "data" / "shop" / "files"
        assert plugin.cache_folder == tmp_path / "var" / "cache" / "shop"


def test_without_a_word_of_the_project_the_system_says_where(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, write_plugin: Callable[..., Path]
) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "xdg"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg-cache"))

    with PluginHost("till") as host:
        plugin = host.load_plugin(write_plugin("shop"))

        assert plugin.data_folder == tmp_path / "xdg" / "till" / "plugins" / "shop" / "files"
        assert plugin.cache_folder == tmp_path / "xdg-cache" / "till" / "plugins" / "shop"


@pytest.mark.parametrize(
    ("platform", "environment", "data", "cache"),
    [
        ("linux", {}, "~/.local/share/till/plugins", "~/.cache/till/plugins"),
        ("linux", {"XDG_DATA_HOME": "a"}, "~/.local/share/till/plugins", "~/.cache/till/plugins"),
        (
            "darwin",
            {},
            "~/Library/Application Support/till/plugins",
            "~/Library/Caches/till/plugins",
        ),
        ("win32", {"LOCALAPPDATA": "/l"}, "/l/till/plugins", "/l/till/cache/plugins"),
        ("win32", {}, "~/AppData/Local/till/plugins", "~/AppData/Local/till/cache/plugins"),
    ],
)
def test_each_system_has_a_place_for_it(
    monkeypatch: pytest.MonkeyPatch,
    platform: str,
    environment: dict[str, str],
    data: str,
    cache: str,
) -> None:
    monkeypatch.setattr(sys, "platform", platform)

    assert places.data_of("till", environment) == Path(data).expanduser()
    assert places.cache_of("till", environment) == Path(cache).expanduser()


@pytest.mark.parametrize("name", NAMES)
def test_whatever_an_application_is_called_its_folder_is_inside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.setattr(sys, "platform", "linux")

    assert places.data_of(name).parent.parent == tmp_path


@given(st.lists(st.text() | st.sampled_from(NAMES), unique=True))
def test_each_name_is_another_folder_on_every_system(names: list[str]) -> None:
    folders = [folder_name(name) for name in names]

    assert len({folder.lower() for folder in folders}) == len(names)
    assert all(
        len(folder) <= 100 and folder.isascii() and folder.islower()
        for folder in folders
        if any(map(str.isalpha, folder))
    )
    assert not {*folders} & {"", ".", "..", "con", "nul"}
    assert not any("/" in folder or "\\" in folder or folder.endswith(".") for folder in folders)


def test_plugins_whose_names_differ_in_case_keep_apart(
    keeping: PluginHost[Any], write_plugin: Callable[..., Path]
) -> None:
    one = keeping.load_plugin(write_plugin("shop"))
    other = keeping.load_plugin(write_plugin("Shop"))
    one.store["n"] = 1

    assert "n" not in other.store
    assert one.data_folder.parent.name.lower() != other.data_folder.parent.name.lower()


@pytest.mark.parametrize("folder", ["data_folder", "cache_folder"])
def test_a_folder_that_cannot_be_made_is_told(shop: Plugin, tmp_path: Path, folder: str) -> None:
    (tmp_path / "data").write_text("a file")
    (tmp_path / "cache").write_text("a file")

    with pytest.raises(DataError, match=r"plugin 'shop' can't have its folder: .*\n.*\n.*project"):
        getattr(shop, folder)


def test_a_user_without_a_home_is_told(shop: Plugin, monkeypatch: pytest.MonkeyPatch) -> None:
    def homeless() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(Path, "home", homeless)
    with PluginHost() as host, pytest.raises(DataError, match=r"no home\n.*keys data and cache"):
        host.load_plugin(shop.location).store  # noqa: B018


def test_a_project_that_says_no_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="'data' takes the path of a folder"):
        PluginHost(project={"data": 5})


def test_a_host_under_test_keeps_nothing_where_the_user_does(
    write_plugin: Callable[..., Path],
) -> None:
    with checked_host("till") as host:
        plugin = host.load_plugin(write_plugin("shop"))
        plugin.store["n"] = 1
        folder = plugin.data_folder
        assert folder.is_dir()
        assert Path.home() not in folder.parents

    assert not folder.exists()


def test_unused_data_costs_a_host_nothing() -> None:
    script = """
import subprocess
import sys
from hotplug import PluginHost
with PluginHost() as host: pass
print([name for name in sys.modules if ".data" in name or name == "tarfile"])
"""
    command = [sys.executable, "-I", "-c", script]
    done = subprocess.run(command, capture_output=True, text=True, check=True)

    assert done.stdout == "[]\n"

"""PKL-R1: plugins that are found by their names in folders, and what is told of the others."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hotplug import ManifestError, ManifestWarning, PluginHost, PluginState, UnknownPluginError
from hotplug.manifest import PluginMetadata, Problem

Put = Callable[..., Path]
SINGLE = (
    '# /// script\n# [tool.hotplug]\n# name = "kiosk"\n# version = "0.3"\n# ///\nopen_till = 1\n'
)


def host_of(tmp_path: Path, *paths: str, **project: Any) -> PluginHost[Any]:
    return PluginHost(
        "till", project={"paths": [str(tmp_path / path) for path in paths], **project}
    )


def test_r1_a_plugin_is_loaded_by_its_name(tmp_path: Path, put: Put) -> None:
    place = put("plugins/shop", "price = 3", version="1.4.0")

    with host_of(tmp_path, "plugins") as host:
        shop = host.load_plugin("shop")

        assert (shop.module.price, shop.location, shop.state) == (3, place, PluginState.LOADED)
        assert (shop.origin.kind, str(shop.origin)) == ("path", str(place))


def test_r1_a_single_file_is_found_by_the_name_in_its_head(tmp_path: Path, put: Put) -> None:
    put("plugins/shop")
    (tmp_path / "plugins" / "stand.py").write_text(SINGLE)

    with host_of(tmp_path, "plugins") as host:
        assert host.load_plugin("kiosk").module.open_till == 1


@pytest.mark.parametrize(
    ("asked", "loaded"), [("shop>=1,<2", "1.9.0"), ("shop ^1.2", "1.9.0"), ("shop", "2.0.0")]
)
def test_r1_the_highest_version_that_will_do_is_loaded(
    tmp_path: Path, put: Put, asked: str, loaded: str
) -> None:
    for version in ("1.10.0rc1", "2.0.0", "1.2.0", "1.9.0"):
        put(f"plugins/shop-{version}", name="shop", version=version)

    with host_of(tmp_path, "plugins") as host:
        assert host.load_plugin(asked).version == loaded


def test_r1_one_that_is_not_final_is_found_where_there_is_no_other(
    tmp_path: Path, put: Put
) -> None:
    put("plugins/old", name="shop", version="1.0.0")
    put("plugins/new", name="shop", version="2.0.0rc1")

    with host_of(tmp_path, "plugins") as host:
        assert host.find("shop").version == "1.0.0"
        assert host.find("shop>1").version == "2.0.0rc1"


def test_r1_the_path_that_is_named_first_wins_whatever_the_versions(
    tmp_path: Path, put: Put
) -> None:
    mine = put("mine/shop", version="1.0.0")
    theirs = put("theirs/shop", version="2.0.0")

    with host_of(tmp_path, "mine", "theirs") as host:
        report = host.discover()

        assert [found.location for found in report.found] == [mine]
        assert [(each.found.location, each.by.origin.location) for each in report.shadowed] == [
            (theirs, mine)
        ]
        assert host.load_plugin("shop>=2").location == theirs


def test_r1_two_of_one_version_are_ambiguous_and_both_are_named(tmp_path: Path, put: Put) -> None:
    one = put("plugins/one", name="shop", version="1.0")
    other = put("plugins/other", name="shop", version="1.0.0")

    with host_of(tmp_path, "plugins") as host:
        with pytest.raises(UnknownPluginError) as caught:
            host.load_plugin("shop")

        assert str(caught.value) == (
            "the name 'shop' could mean any of\n"
            f"  1.0 from {one}\n"
            f"  1.0.0 from {other}\n"
            "  take one of them away"
        )
        (ambiguity,) = host.discover().ambiguous
        assert [each.location for each in ambiguity.rivals] == [one, other]


def test_r1_what_is_not_there_is_told_with_a_close_name_and_where_was_looked(
    tmp_path: Path, put: Put
) -> None:
    put("plugins/mailer")

    with host_of(tmp_path, "plugins") as host, pytest.raises(LookupError) as caught:
        host.load_plugin("maler")

    assert type(caught.value) is UnknownPluginError
    assert str(caught.value) == (
        "no plugin 'maler' can be found; did you mean 'mailer'?\n"
        f"  looked in: {tmp_path / 'plugins'}"
    )
    assert "maler" not in host


def test_r1_where_no_version_will_do_those_that_are_there_are_told(
    tmp_path: Path, put: Put
) -> None:
    place = put("plugins/shop", version="1.4.0")

    with host_of(tmp_path, "plugins") as host, pytest.raises(UnknownPluginError) as caught:
        host.load_plugin("shop>=2")

    assert str(caught.value) == (
        f"no plugin 'shop>=2' can be found; there are:\n  1.4.0 from {place}"
    )


def test_r1_a_broken_manifest_keeps_its_name_and_does_not_let_another_take_it(
    tmp_path: Path, put: Put
) -> None:
    broken = put("mine/shop")
    (broken / "plugin.json").write_text('{"name": "shop",\n"version": 5}')
    put("theirs/shop")

    with host_of(tmp_path, "mine", "theirs") as host:
        with pytest.raises(ManifestError, match=r"plugin\.json:2:1: 'version' takes a version"):
            host.load_plugin("shop")

        report = host.discover()
        assert [each.name for each in report.broken] == ["shop"]
        assert report.found == ()
        assert [str(each.by.origin) for each in report.shadowed] == [str(broken)]


def test_a_broken_manifest_behind_another_plugin_is_only_told(tmp_path: Path, put: Put) -> None:
    mine = put("mine/shop")
    (put("theirs/shop") / "plugin.json").write_text("{")

    with host_of(tmp_path, "mine", "theirs") as host:
        assert host.load_plugin("shop").location == mine
        assert len(host.discover().broken) == 1


def test_folders_and_files_that_are_no_plugins_are_passed_over(tmp_path: Path, put: Put) -> None:
    put("plugins/shop")
    plugins = tmp_path / "plugins"
    (plugins / "pictures").mkdir()
    (plugins / "__pycache__").mkdir()
    put("plugins/.hidden", name="hidden")
    (plugins / "script.py").write_text("raise SystemExit")
    (plugins / "other.py").write_text("# /// script\n# dependencies = []\n# ///\n")
    (plugins / "notes.txt").write_text("")

    with host_of(tmp_path, "plugins") as host:
        report = host.discover()

    assert [found.name for found in report.found] == ["shop"]
    assert report.broken == ()


def test_what_discovery_finds_is_told_as_text_and_as_data(tmp_path: Path, put: Put) -> None:
    shop = put("plugins/shop", version="1.4.0")
    mailer = put("plugins/mailer", version="2.0")
    bad = put("plugins/bad")
    (bad / "plugin.json").write_text('{"name": 5}')

    with host_of(tmp_path, "plugins", block={"mailer": "too many mails"}) as host:
        report = host.discover()

    assert str(report) == (
        "found\n"
        f"  shop 1.4.0 from {shop}\n"
        "broken\n"
        f"  {bad / 'plugin.json'}:1:2: 'name' takes the name of a plugin, not a number\n"
        "    put it in quotes\n"
        "blocked\n"
        f"  mailer 2.0 from {mailer}\n"
        "    the project blocks it: too many mails"
    )
    data = json.loads(json.dumps(report.as_data()))
    origin = {"kind": "path", "location": str(shop)}
    assert data["found"] == [{"name": "shop", "version": "1.4.0", "origin": origin}]
    assert [*data] == ["found", "shadowed", "ambiguous", "broken", "blocked"]


def test_discovery_runs_nothing(tmp_path: Path, put: Put) -> None:
    put("plugins/shop", f"open({str(tmp_path / 'ran')!r}, 'w')")

    with host_of(tmp_path, "plugins") as host:
        host.discover()
        host.find("shop")

    assert not (tmp_path / "ran").exists()


def test_a_host_that_is_told_no_place_finds_nothing() -> None:
    with PluginHost() as host:
        assert str(host.discover()) == "no plugins"


def test_a_path_that_is_not_there_is_told_with_the_line_of_the_project(tmp_path: Path) -> None:
    file = tmp_path / "till.toml"
    file.write_text('paths = [\n"plugins"\n]\n')

    with PluginHost(project=file) as host:
        (broken,) = host.discover().broken

    missing = tmp_path / "plugins"
    assert str(broken) == (
        f"{file}:2: plugins cannot be looked for in {missing}: no such file or directory"
    )


def test_a_path_that_is_itself_a_plugin_is_told_so(tmp_path: Path, put: Put) -> None:
    shop = put("plugins/shop")

    with host_of(tmp_path, "plugins/shop") as host:
        (broken,) = host.discover().broken

    assert str(broken) == (
        f"{shop} is itself a plugin, where a folder of plugins is expected\n"
        f"  name the folder that it is in: {shop.parent}"
    )


def test_paths_start_from_the_folder_of_the_project(
    tmp_path: Path, put: Put, monkeypatch: pytest.MonkeyPatch
) -> None:
    put("app/plugins/shop")
    (tmp_path / "app" / "till.toml").write_text('paths = ["plugins"]')
    monkeypatch.chdir(tmp_path)

    with PluginHost(project="app/till.toml") as host:
        assert host.load_plugin("shop").location == tmp_path / "app" / "plugins" / "shop"


def test_a_plugin_that_comes_later_is_found(tmp_path: Path, put: Put) -> None:
    put("plugins/shop")

    with host_of(tmp_path, "plugins") as host:
        host.load_plugin("shop")
        put("plugins/mailer")

        assert host.load_plugin("mailer").name == "mailer"


def settle(folder: Path) -> None:
    """Let a folder be one that nobody has changed for a while."""
    os.utime(folder, (0, 0))


def test_what_was_found_is_remembered_until_the_folder_changes(tmp_path: Path, put: Put) -> None:
    put("plugins/shop", version="1.0")
    settle(tmp_path / "plugins")

    with host_of(tmp_path, "plugins") as host:
        assert host.find("shop").version == "1.0"
        first = host.registry.catalogue()
        assert host.registry.catalogue() is first

        put("plugins/more", name="shop", version="2.0")
        assert host.find("shop").version == "2.0"


def test_a_folder_that_has_just_changed_is_not_trusted_to_tell_of_the_next_change(
    tmp_path: Path, put: Put
) -> None:
    put("plugins/shop", version="1.0")
    time = (tmp_path / "plugins").stat().st_mtime_ns

    with host_of(tmp_path, "plugins") as host:
        assert host.find("shop").version == "1.0"
        put("plugins/more", name="shop", version="2.0")
        os.utime(tmp_path / "plugins", ns=(time, time))  # as if within one tick of the clock

        assert host.find("shop").version == "2.0"


@pytest.mark.parametrize("change", ["edited", "broken", "gone"])
def test_a_manifest_that_is_edited_in_its_place_is_read_anew(
    tmp_path: Path, put: Put, change: str
) -> None:
    manifest = put("plugins/shop", version="1.0") / "plugin.json"
    settle(tmp_path / "plugins")

    with host_of(tmp_path, "plugins") as host:
        host.find("shop")
        if change == "edited":
            put("plugins/shop", version="2.0")
            assert host.find("shop").version == "2.0"
        elif change == "broken":
            manifest.write_text("{")
            with pytest.raises(ManifestError):
                host.find("shop")
        else:
            manifest.unlink()
            with pytest.raises(UnknownPluginError):
                host.find("shop")


def test_what_a_manifest_says_for_nothing_is_warned_of_when_the_plugin_is_loaded(
    tmp_path: Path, put: Put
) -> None:
    put("plugins/shop", colour="red")

    with host_of(tmp_path, "plugins") as host:
        (found,) = host.discover().found
        assert [problem.key for problem in found.problems] == ["colour"]
        with pytest.warns(ManifestWarning, match="'colour' has no effect"):
            host.load_plugin("shop")


class ByFolder:
    """Takes every folder for a plugin, and says so without a manifest."""

    def load(self, location: Path) -> PluginMetadata:
        if location.name == "bad":
            raise ManifestError([Problem("this one is bad")])
        return PluginMetadata({"name": location.name, "entrypoint": "main"}, path=location)


def test_pkl33_a_metadata_loader_of_the_application_says_what_is_a_plugin(tmp_path: Path) -> None:
    for name in ("shop", "bad"):
        (tmp_path / "plugins" / name).mkdir(parents=True)
    (tmp_path / "plugins" / "shop" / "main.py").write_text("price = 3")
    project = {"paths": [str(tmp_path / "plugins")]}

    with PluginHost(project=project, metadata_loader=ByFolder()) as host:
        assert host.load_plugin("shop").module.price == 3
        assert [str(broken) for broken in host.discover().broken] == ["this one is bad"]


def test_a_plugin_enables_and_reloads_by_its_name_as_by_its_place(tmp_path: Path, put: Put) -> None:
    place = put("plugins/shop", "price = 3")

    with host_of(tmp_path, "plugins") as host:
        shop = host.load_plugin("shop")
        shop.enable()
        shop.disable()
        (place / "plugin.py").write_text("price = 44")
        shop.enable()

        assert (shop.module.price, shop.generation) == (44, 2)
        assert host.load_plugin(place) is shop

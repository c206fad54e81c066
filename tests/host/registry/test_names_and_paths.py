"""What `load_plugin` takes for a name, and what for a path."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hotplug import ManifestError, PluginHost, RegistrationError, UnknownPluginError, load_plugin
from hotplug.host.default import set_default_host

Put = Callable[..., Path]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that the program is in."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def finder(here: Path) -> PluginHost[Any]:
    return PluginHost(project={"paths": [str(here / "plugins")]})


def test_pkl04_without_places_to_look_in_a_text_is_a_path(here: Path, put: Put) -> None:
    place = put("shop")

    for text in ("shop", "./shop", "shop/", str(place)):
        with PluginHost() as host:
            assert host.load_plugin(text).location == place


def test_pkl04_a_plugin_is_loaded_by_its_manifest_as_by_its_folder(here: Path, put: Put) -> None:
    place = put("shop", "ran = True")

    with PluginHost() as host:
        shop = host.load_plugin("shop/plugin.json")

        assert shop.location == place
        assert shop.module.ran
        assert host.load_plugin("shop") is shop


@pytest.mark.parametrize("wrong", [1, b"shop"])
def test_pkl04_a_place_is_a_text_or_a_path(wrong: Any) -> None:
    with PluginHost() as host, pytest.raises(TypeError, match=f"not {wrong!r}"):
        host.load_plugin(wrong)


def test_pkl04_without_places_to_look_in_what_is_not_there_is_a_missing_path(here: Path) -> None:
    with PluginHost() as host, pytest.raises(ManifestError, match="there is no plugin here"):
        host.load_plugin("ghost")


def test_r1_a_name_means_the_plugin_that_is_found_and_not_a_folder_that_is_there(
    here: Path, put: Put
) -> None:
    put("shop", version="1.0.0")
    found = put("plugins/shop", version="2.0.0")

    with finder(here) as host:
        assert host.load_plugin("shop").location == found


@pytest.mark.parametrize("text", ["./shop", "{here}/shop", "./shop/"])
def test_r1_a_text_with_a_slash_is_a_path(here: Path, put: Put, text: str) -> None:
    place = put("shop")
    put("plugins/shop")

    with finder(here) as host:
        assert host.load_plugin(text.format(here=here)).location == place


def test_r1_so_is_what_is_given_as_one(here: Path, put: Put) -> None:
    place = put("shop")
    put("plugins/shop")

    ways: list[dict[str, Any]] = [{"path": "shop"}, {"path": place}, {"location": Path("shop")}]
    for given in ways:
        with finder(here) as host:
            assert host.load_plugin(**given).location == place


def test_r1_a_file_is_a_path(here: Path, put: Put) -> None:
    put("plugins/stand")
    (here / "stand.py").write_text('# /// script\n# [tool.hotplug]\n# name = "stand"\n# ///\n')

    with finder(here) as host:
        assert host.load_plugin("stand.py").location == here / "stand.py"
        with pytest.raises(ManifestError, match=r"gone\.py: there is no plugin here"):
            host.load_plugin("gone.py")


def test_pkl04_a_folder_that_is_there_is_loaded_where_nothing_is_found_by_the_name(
    here: Path, put: Put
) -> None:
    place = put("shop")
    (here / "plugins").mkdir()

    with finder(here) as host:
        assert host.load_plugin("shop").location == place


def test_r1_a_text_with_versions_is_never_a_path(here: Path, put: Put) -> None:
    put("shop", version="2.0.0")

    with PluginHost() as host, pytest.raises(UnknownPluginError) as caught:
        host.load_plugin("shop>=2")

    assert str(caught.value) == (
        "no plugin 'shop>=2' can be found\n"
        "  name folders to look in: PluginHost(project={'paths': ['plugins']}), "
        "or write './shop' for a folder"
    )


def test_r1_the_name_of_a_loaded_plugin_means_that_one(here: Path, put: Put) -> None:
    place = put("elsewhere/shop", version="1.0.0")
    put("plugins/shop", version="2.0.0")

    with finder(here) as host:
        shop = host.load_plugin(place)

        assert host.load_plugin("shop") is shop
        assert host.load_plugin("shop<2") is shop
        with pytest.raises(RegistrationError) as caught:
            host.load_plugin("shop>=2")

    assert str(caught.value) == (
        "plugin 'shop' 1.0.0 is loaded already, and 'shop>=2' is asked for\n"
        f"  from: {place}\n"
        "  unload it first, or ask for its name alone"
    )


def test_r1_a_plugin_loads_its_child_by_name(here: Path, put: Put) -> None:
    source = "from hotplug import load_plugin\nchild = load_plugin('helper')"
    put("plugins/shop", source)
    put("plugins/helper")

    with finder(here) as host:
        shop = host.load_plugin("shop")

        assert [child.name for child in shop.children] == ["helper"]


def test_r1_the_default_host_finds_by_name_too(here: Path, put: Put) -> None:
    put("plugins/shop")

    with finder(here) as host:
        set_default_host(host)
        try:
            assert load_plugin("shop").host is host
        finally:
            set_default_host(None)


def test_the_origin_of_a_plugin_that_was_loaded_by_its_path_is_its_place(
    here: Path, put: Put
) -> None:
    place = put("shop")

    with PluginHost() as host:
        assert (host.load_plugin(place).origin.kind, str(host.get_plugin("shop").origin)) == (
            "path",
            str(place),
        )

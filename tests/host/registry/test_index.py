"""PKL-R1: plugins that a static index names, with the versions that it has and where they are."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hotplug import ManifestError, PluginHost, PluginState, UnknownPluginError
from hotplug.host.registry.index import hash_of
from hotplug.manifest import PluginMetadata

Put = Callable[..., Path]


@pytest.fixture
def write_index(tmp_path: Path) -> Callable[[str], PluginHost[Any]]:
    """Write an index; returns a host that finds what it names."""

    def write(text: str, name: str = "index.toml", **options: Any) -> PluginHost[Any]:
        (tmp_path / name).write_text(text)
        return PluginHost(project={"index": str(tmp_path / name)}, **options)

    return write


Write = Callable[..., PluginHost[Any]]


def test_r1_the_index_says_where_each_version_is(
    tmp_path: Path, put: Put, write_index: Write
) -> None:
    for version in ("1.4.0", "2.1.0"):
        put(f"store/shop-{version}", name="shop", version=version)
    text = '[shop]\n"1.4.0" = "store/shop-1.4.0"\n"2.1.0" = { path = "store/shop-2.1.0" }\n'

    with write_index(text) as host:
        assert host.find("shop").version == "2.1.0"
        shop = host.load_plugin("shop<2")

    assert shop.location == tmp_path / "store" / "shop-1.4.0"
    assert str(shop.origin) == f"{shop.location} ({tmp_path / 'index.toml'}:2)"


def test_r1_an_index_may_name_the_manifest(tmp_path: Path, put: Put, write_index: Write) -> None:
    place = put("store/shop", "ran = True", version="1.4.0")

    with write_index('[shop]\n"1.4.0" = "store/shop/plugin.json"\n') as host:
        shop = host.load_plugin("shop")

        assert shop.location == place
        assert shop.module.ran


def test_an_index_in_json_says_the_same(tmp_path: Path, put: Put, write_index: Write) -> None:
    put("shop", version="1.4.0")

    with write_index(json.dumps({"shop": {"1.4.0": "shop"}}), "index.json") as host:
        assert host.load_plugin("shop").origin.where == f"{tmp_path / 'index.json'}:1"


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ('[shop]\n"1.4.0" = "nowhere"', 0, "there is no plugin here: no such file or directory"),
        ('[shop]\n"1.4.0" = "empty"', 2, "there is no plugin in {here}/empty"),
        ('[shop]\n"2.0.0" = "shop"', 2, "{here}/shop is shop 1.4.0, and not shop 2.0.0"),
        ('[till]\n"1.4.0" = "shop"', 2, "{here}/shop is shop 1.4.0, and not till 1.4.0"),
        ('[shop]\n"latest" = "shop"', 2, "'shop.latest' takes a version, not 'latest'"),
        ('[shop]\n"1.4.0" = 5', 2, "'shop.1.4.0' takes a path or a table, not a number"),
        ('[shop]\n"1.4.0" = {}', 2, "'shop.1.4.0' has no path"),
        ('[shop]\n"1.4.0" = { path = "shop", md5 = "" }', 2, "the unknown key 'md5' is refused"),
        ('[shop]\n"1.4.0" = { path = "shop", sha256 = "x" }', 2, "takes a SHA-256 in hexadecimal"),
        ('["../x"]\n"1.4.0" = "shop"', 1, "takes the name of a plugin, not '../x'"),
        ("shop = 5", 1, "'shop' takes a table of versions, not a number"),
        ("[shop", 1, "this is not TOML"),
    ],
)
def test_r1_what_is_wrong_in_an_index_is_told_with_its_line(
    tmp_path: Path, put: Put, write_index: Write, text: str, line: int, said: str
) -> None:
    put("shop", version="1.4.0")
    (tmp_path / "empty").mkdir()

    with write_index(text) as host:
        report = host.discover()

    (broken,) = report.broken
    assert said.format(here=tmp_path) in str(broken)
    assert not line or str(broken).startswith(f"{tmp_path / 'index.toml'}:{line}:")
    assert report.found == ()


def test_an_index_that_is_not_there_is_told(tmp_path: Path) -> None:
    with PluginHost(project={"index": str(tmp_path / "index.toml")}) as host:
        (broken,) = host.discover().broken

    assert "index.toml: this can't be read: no such file or directory" in str(broken)


def test_a_broken_version_does_not_keep_the_others(put: Put, write_index: Write) -> None:
    put("shop", version="1.4.0")

    with write_index('[shop]\n"1.4.0" = "shop"\n"2.0.0" = "nowhere"') as host:
        assert host.find("shop<2").version == "1.4.0"
        with pytest.raises(ManifestError, match="nowhere"):
            host.find("shop")


def hash_in(place: Path) -> str:
    return f'[shop]\n"1.4.0" = {{ path = "shop", sha256 = "{hash_of(place)}" }}'


def test_r1_files_with_the_hash_of_the_index_are_run(put: Put, write_index: Write) -> None:
    place = put("shop", version="1.4.0")

    with write_index(hash_in(place)) as host:
        assert host.load_plugin("shop").state is PluginState.LOADED


def test_r1_files_that_are_others_are_not_run(tmp_path: Path, put: Put, write_index: Write) -> None:
    place = put("shop", version="1.4.0")
    text = hash_in(place)
    (place / "plugin.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')")

    with write_index(text) as host:
        with pytest.raises(ManifestError) as caught:
            host.load_plugin("shop")

        assert str(caught.value).startswith(
            f"the files of plugin 'shop' are not those that {tmp_path / 'index.toml'}:2 means\n"
            "  it says sha256 "
        )
        assert host.get_plugin("shop").state is PluginState.ERROR
    assert not (tmp_path / "ran").exists()


def test_r1_files_that_change_later_are_not_run_either(
    tmp_path: Path, put: Put, write_index: Write
) -> None:
    place = put("shop", version="1.4.0")

    with write_index(hash_in(place)) as host:
        shop = host.load_plugin("shop")
        shop.enable()
        shop.disable()
        (place / "more.py").write_text("")

        with pytest.raises(ManifestError, match="are not those"):
            shop.enable()


class Loader:
    def load(self, plugin: Any) -> Any:
        raise AssertionError("it was run")


def test_a_hash_is_refused_where_nothing_would_check_it(put: Put, write_index: Write) -> None:
    text = hash_in(put("shop", version="1.4.0"))

    with (
        write_index(text, plugin_loader=Loader()) as host,
        pytest.raises(ManifestError, match=r"index\.toml:2 gives a hash, and a plugin_loader="),
    ):
        host.load_plugin("shop")


def test_the_hash_of_a_plugin_is_of_names_and_contents(put: Put) -> None:
    place = put("shop")
    hashes = {hash_of(place)}

    (place / "plugin.py").write_text("x = 1")
    hashes.add(hash_of(place))
    (place / "plugin.py").rename(place / "other.py")
    hashes.add(hash_of(place))
    (place / "__pycache__").mkdir()
    (place / "__pycache__" / "other.pyc").write_text("")
    hashes.add(hash_of(place))

    assert len(hashes) == 3


def test_r1_a_search_path_comes_before_the_index(tmp_path: Path, put: Put) -> None:
    put("plugins/shop", version="1.0.0")
    put("store/shop", version="2.0.0")
    (tmp_path / "index.toml").write_text('[shop]\n"2.0.0" = "store/shop"')
    project = {"paths": [str(tmp_path / "plugins")], "index": str(tmp_path / "index.toml")}

    with PluginHost(project=project) as host:
        assert host.find("shop").version == "1.0.0"
        assert host.find("shop>=2").version == "2.0.0"
        with pytest.raises(UnknownPluginError):
            host.find("shop>=3")


def test_the_distribution_that_an_index_names_can_be_asked_for(
    put: Put, write_index: Write
) -> None:
    put("shop", version="1.4.0")
    text = '[shop]\n"1.4.0" = { path = "shop", distribution = "acme-till" }'

    with write_index(text) as host:
        assert host.find("acme_till:shop").origin.distribution == "acme-till"
        with pytest.raises(UnknownPluginError, match="'other:shop'"):
            host.find("other:shop")


class Anything:
    def load(self, location: Path) -> PluginMetadata:
        return PluginMetadata({"name": "shop", "version": "1.4.0"}, path=location)


def test_pkl33_an_index_asks_the_metadata_loader_of_the_application(
    tmp_path: Path, write_index: Write
) -> None:
    (tmp_path / "shop").mkdir()

    with write_index('[shop]\n"1.4.0" = "shop"', metadata_loader=Anything()) as host:
        assert host.find("shop").metadata.path == tmp_path / "shop"

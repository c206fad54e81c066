"""Uninstalling a plugin: its data is kept, exported or purged, on purpose."""

from __future__ import annotations

import io
import os
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hotplug import (
    DataError,
    DependencyError,
    NotAllowed,
    Plugin,
    PluginHost,
    PluginState,
    UnknownPluginError,
)


@pytest.fixture
def used(shop: Plugin) -> Plugin:
    shop.store["sold"] = 3
    (shop.data_folder / "inside").mkdir()
    (shop.data_folder / "inside" / "sold.txt").write_text("bread")
    (shop.cache_folder / "page").write_text("x" * 100)
    return shop


def test_by_default_all_is_kept(keeping: PluginHost[Any], used: Plugin) -> None:
    keeping.uninstall("shop")

    assert "shop" not in keeping
    assert used.state is PluginState.UNLOADED
    again = keeping.load_plugin(used.location)
    assert again.store["sold"] == 3
    assert (again.data_folder / "inside" / "sold.txt").read_text() == "bread"


def test_purging_deletes_all_of_it(keeping: PluginHost[Any], used: Plugin, tmp_path: Path) -> None:
    keeping.uninstall("shop", data="purge")

    assert [*(tmp_path / "data").iterdir()] == []
    assert [*(tmp_path / "cache").iterdir()] == []
    assert dict(keeping.load_plugin(used.location).store) == {}


def test_what_an_interrupted_purge_has_left_goes_with_the_next(
    keeping: PluginHost[Any], used: Plugin, tmp_path: Path
) -> None:
    (tmp_path / "data" / ".purged-1" / "old").mkdir(parents=True)

    keeping.uninstall("shop", data="purge")

    assert [*(tmp_path / "data").iterdir()] == []


def test_the_code_stays_where_it_is(keeping: PluginHost[Any], used: Plugin) -> None:
    keeping.uninstall("shop", data="purge")

    assert (used.location / "plugin.py").exists()


def test_what_is_exported_can_be_brought_back(
    keeping: PluginHost[Any], used: Plugin, tmp_path: Path
) -> None:
    archive = keeping.uninstall("shop", data="export", to=tmp_path)

    assert archive == tmp_path / "shop-data.tar.gz"
    assert archive is not None
    assert [*(tmp_path / "data").iterdir()] == []
    assert keeping.restore(archive) == "shop"
    again = keeping.load_plugin(used.location)
    assert again.store["sold"] == 3
    assert (again.data_folder / "inside" / "sold.txt").read_text() == "bread"


def test_it_can_be_brought_to_another_host(
    keeping: PluginHost[Any], used: Plugin, tmp_path: Path
) -> None:
    archive = keeping.uninstall("shop", data="export", to=str(tmp_path / "shop.tgz"))

    with PluginHost(project={"data": str(tmp_path / "elsewhere")}) as host:
        assert archive is not None
        host.restore(archive)
        assert host.load_plugin(used.location).store["sold"] == 3


def test_whose_data_is_there_is_listed_loaded_or_not(
    keeping: PluginHost[Any], used: Plugin, write_plugin: Callable[..., Path], tmp_path: Path
) -> None:
    other = keeping.load_plugin(write_plugin("Old", version="0.1"))
    (other.data_folder / "a").write_bytes(b"12345")
    other.unload()

    old, shop = keeping.installed_data()

    assert (old.name, old.version, old.is_loaded, old.size) == ("Old", "0.1", False, 5)
    assert (shop.name, shop.version, shop.is_loaded) == ("shop", "1.4.0", True)
    assert shop.size == used.store.size + 5
    assert shop.folder == tmp_path / "data" / "shop"


def test_the_version_is_that_of_who_used_it_last(
    keeping: PluginHost[Any], used: Plugin, write_plugin: Callable[..., Path]
) -> None:
    used.unload()
    keeping.load_plugin(write_plugin("shop", version="2.0")).store["n"] = 1

    assert keeping.installed_data()[0].version == "2.0"


def test_nothing_is_listed_where_nothing_is(keeping: PluginHost[Any]) -> None:
    assert keeping.installed_data() == []


def test_folders_of_others_are_not_listed(keeping: PluginHost[Any], tmp_path: Path) -> None:
    for name in ("mine", ".purged-x", "wrong"):
        (tmp_path / "data" / name).mkdir(parents=True)
    (tmp_path / "data" / "wrong" / "owner.json").write_text('{"name": "x", "version": "1"}')
    (tmp_path / "data" / "mine" / "owner.json").write_text("{")

    assert keeping.installed_data() == []


def test_the_data_of_one_that_is_not_loaded_can_be_purged_too(
    keeping: PluginHost[Any], used: Plugin
) -> None:
    used.unload()

    keeping.uninstall("shop", data="purge")

    assert keeping.installed_data() == []


def test_one_without_data_is_only_unloaded(
    keeping: PluginHost[Any], shop: Plugin, tmp_path: Path
) -> None:
    archive = keeping.uninstall("shop", data="export", to=tmp_path)

    assert archive is None
    assert "shop" not in keeping
    assert [*tmp_path.glob("*.gz")] == []


def test_one_that_nobody_knows_is_an_error(keeping: PluginHost[Any]) -> None:
    with pytest.raises(UnknownPluginError, match="no plugin 'none' is loaded, and none of it"):
        keeping.uninstall("none", data="purge")


def test_one_that_others_require_can_be_refused(
    keeping: PluginHost[Any], used: Plugin, write_plugin: Callable[..., Path]
) -> None:
    keeping.load_plugin(write_plugin("guest", requires=["shop"])).enable()

    with pytest.raises(DependencyError, match="'guest' requires it"):
        keeping.uninstall("shop", data="purge", dependants="refuse")

    assert used.store["sold"] == 3


def test_only_the_application_uninstalls(
    keeping: PluginHost[Any], write_plugin: Callable[..., Path], used: Plugin
) -> None:
    source = """
        from hotplug import get_current_plugin
        def go(): get_current_plugin().host.uninstall("shop", data="purge")
    """
    nosy = keeping.load_plugin(write_plugin("nosy", source))

    with pytest.raises(NotAllowed, match="'nosy' cannot uninstall plugins"):
        nosy.owner.call(nosy.module.go)
    assert used.store["sold"] == 3


# what goes wrong, before anything is unloaded


@pytest.mark.parametrize(
    ("options", "error", "said"),
    [
        ({"data": "delete"}, ValueError, "data is one of keep, export, purge, not 'delete'"),
        ({"data": "export"}, TypeError, "go together"),
        ({"data": "purge", "to": "a"}, TypeError, "go together"),
        ({"data": "export", "to": "no/folder/a.tgz"}, DataError, "has no place to go"),
        ({"data": "export", "to": __file__}, DataError, "it is there"),
    ],
)
def test_what_cannot_work_is_refused_before_anything_is_done(
    keeping: PluginHost[Any],
    used: Plugin,
    options: dict[str, Any],
    error: type[Exception],
    said: str,
) -> None:
    with pytest.raises(error, match=said):
        keeping.uninstall("shop", **options)

    assert used.state is PluginState.ENABLED


def test_an_export_that_fails_deletes_nothing(
    keeping: PluginHost[Any], used: Plugin, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*args: object, **options: object) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr(tarfile.TarFile, "add", full)
    with pytest.raises(DataError, match="can't be exported: the disk is full"):
        keeping.uninstall("shop", data="export", to=tmp_path)

    assert used.store["sold"] == 3
    assert [*tmp_path.glob("*.gz*")] == []


@pytest.mark.skipif(os.name == "nt", reason="links need rights there")
def test_what_is_a_link_is_not_purged(
    keeping: PluginHost[Any], used: Plugin, tmp_path: Path
) -> None:
    used.unload()
    elsewhere = tmp_path / "elsewhere"
    (tmp_path / "data" / "shop").rename(elsewhere)
    (tmp_path / "data" / "shop").symlink_to(elsewhere)

    with pytest.raises(DataError, match="is a link"):
        keeping.uninstall("shop", data="purge")

    assert (elsewhere / "files" / "inside" / "sold.txt").exists()


def test_data_that_is_there_is_not_written_over(
    keeping: PluginHost[Any], used: Plugin, tmp_path: Path
) -> None:
    archive = keeping.uninstall("shop", data="export", to=tmp_path)
    assert archive is not None
    used.store["sold"] = 4

    with pytest.raises(DataError, match="has data already"):
        keeping.restore(archive)

    assert used.store["sold"] == 4


def tar_with(file: Path, *members: tarfile.TarInfo | tuple[str, bytes]) -> Path:
    with tarfile.open(file, "w:gz") as archive:
        for member in members:
            if isinstance(member, tarfile.TarInfo):
                archive.addfile(member)
            else:
                info = tarfile.TarInfo(member[0])
                info.size = len(member[1])
                archive.addfile(info, io.BytesIO(member[1]))
    return file


def link(name: str, to: str) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = tarfile.SYMTYPE, to
    return info


OWNER = ("owner.json", b'{"name": "shop", "version": "1"}')


@pytest.mark.parametrize(
    "members",
    [
        [("../evil", b"x"), OWNER],
        [OWNER, ("files/../../evil", b"x")],
        [OWNER, ("/evil", b"x")],
        [OWNER, ("evil", b"x")],
        [OWNER, link("files", "/")],
        [OWNER, link("files", "../../.."), ("files/evil", b"x")],
        [],
        [("owner.json", b"{")],
        [("owner.json", b'{"name": "../evil", "version": "1"}')],
        [("owner.json", b'{"name": "", "version": "1"}')],
    ],
    ids=range(10),
)
def test_an_archive_that_is_none_of_ours_is_refused_whole(
    keeping: PluginHost[Any], tmp_path: Path, members: list[Any]
) -> None:
    archive = tar_with(tmp_path / "a.tar.gz", *members)

    with pytest.raises(DataError):
        keeping.restore(archive)

    assert [*(tmp_path / "data").iterdir()] == []
    assert [*tmp_path.rglob("evil")] == []


@pytest.mark.parametrize("raw", [b"", b"no archive", None])
def test_a_file_that_is_no_archive_is_told(
    keeping: PluginHost[Any], tmp_path: Path, raw: bytes | None
) -> None:
    file = tmp_path / "a.tar.gz"
    if raw is not None:
        file.write_bytes(raw)

    with pytest.raises(DataError, match=r"a\.tar\.gz"):
        keeping.restore(file)


def test_one_that_ends_early_is_told(
    keeping: PluginHost[Any], used: Plugin, tmp_path: Path
) -> None:
    archive = keeping.uninstall("shop", data="export", to=tmp_path)
    assert archive is not None
    archive.write_bytes(archive.read_bytes()[:-60])

    with pytest.raises(DataError, match="can't be restored"):
        keeping.restore(archive)
    assert [*(tmp_path / "data").iterdir()] == []

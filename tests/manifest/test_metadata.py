"""PluginMetadata: what a manifest says, as a value."""

import copy
import dataclasses
import pickle
from collections.abc import Callable
from pathlib import Path

import pytest

import hotplug
from hotplug.manifest import ManifestError, PluginMetadata, Problem, read

MakePlugin = Callable[..., Path]


def test_pkl33_metadata_is_made_of_a_mapping() -> None:
    metadata = PluginMetadata({"name": "shop", "version": "1.4.0"})

    assert (metadata.name, metadata.version, metadata.entrypoint) == ("shop", "1.4.0", "plugin")
    assert (metadata.file, metadata.path, metadata.line_of("name")) == (None, None, None)


def test_pkl33_metadata_of_a_mapping_is_checked_like_a_manifest() -> None:
    with pytest.raises(ManifestError) as caught:
        PluginMetadata({"name": "...", "version": "..."})

    assert str(caught.value) == (
        "a plugin's metadata has 2 problems\n"
        "  'name' takes the name of a plugin, not '...'\n"
        "    letters from a to z, digits, '-', '_' and '.', a letter first, no sign last\n"
        "  'version' takes a version, not '...'\n"
        "    write it as PEP 440 or SemVer say: 1.4.0, 2.0rc1, 1.0.0-beta.2"
    )


def test_metadata_can_not_be_changed() -> None:
    metadata = PluginMetadata({"name": "shop"})

    with pytest.raises(dataclasses.FrozenInstanceError):
        metadata.name = "bank"  # type: ignore[misc]


def test_metadata_is_equal_and_hashed_by_what_it_says(make_plugin: MakePlugin) -> None:
    here = read(make_plugin('{"name": "shop", "x-a": 1}', folder="here"))
    there = read(make_plugin('name = "shop"\nx-a = 1', "plugin.toml", folder="there"))

    assert here == there
    assert hash(here) == hash(there)
    assert here != PluginMetadata({"name": "shop", "x-a": 2})
    assert here != PluginMetadata({"name": "shop", "version": "1", "x-a": 1})


def test_metadata_knows_where_it_comes_from(
    make_plugin: MakePlugin, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = make_plugin({"name": "shop"})
    monkeypatch.chdir(folder.parent)

    metadata = read("shop")

    assert metadata.path == folder
    assert metadata.file == Path("shop/plugin.json")


def test_the_line_of_what_is_not_said_is_that_of_what_it_would_be_in(
    make_plugin: MakePlugin,
) -> None:
    metadata = read(make_plugin('\n{"name": "shop",\n"requires": ["a"]}'))

    assert metadata.line_of("version") == 1
    assert metadata.line_of("requires", 0) == metadata.line_of("requires", 7) == 3


def test_metadata_shows_what_it_says() -> None:
    shown = repr(PluginMetadata({"name": "shop", "requires": ["a"]}))

    assert shown.startswith("PluginMetadata(name='shop', version='0.0.0', entrypoint='plugin',")
    assert "requires=('a',)" in shown
    assert "_document" not in shown


def test_metadata_can_be_copied_and_pickled(make_plugin: MakePlugin) -> None:
    metadata = read(make_plugin('{"name": "shop",\n"x-a": [1]}'))

    for twin in (copy.deepcopy(metadata), pickle.loads(pickle.dumps(metadata))):
        assert twin == metadata
        assert (twin.path, twin.line_of("x-a")) == (metadata.path, 2)


def test_an_error_can_be_pickled_with_its_problems() -> None:
    error = ManifestError([Problem("a", "b", Path("c"), 1, 2)])

    twin = pickle.loads(pickle.dumps(error))

    assert (twin.problems, str(twin)) == (error.problems, "c:1:2: a\n  b")


def test_what_is_public_is_found_in_the_package_too() -> None:
    assert hotplug.PluginMetadata is PluginMetadata
    assert issubclass(hotplug.ManifestError, hotplug.HotplugError | ValueError)
    assert issubclass(hotplug.ManifestWarning, UserWarning)

"""A manifest that is missing or can't be read is an error with file and line, and never ignored."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from hotplug.manifest import ManifestError, Problem, read, validate

MakePlugin = Callable[..., Path]
ProblemOf = Callable[..., Problem]


def test_dk64_a_folder_without_a_manifest_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "plugin.py").touch()

    with pytest.raises(ManifestError) as caught:
        read(tmp_path)

    assert str(caught.value) == (
        f"{tmp_path}: this folder has no manifest\n"
        "  a plugin's folder has one of plugin.json, plugin.toml, plugin.yaml, plugin.yml"
    )


@pytest.mark.parametrize("location", ["nowhere", "a\0b", "x" * 5000, "nowhere/plugin.json"])
def test_a_location_where_nothing_is_is_an_error(tmp_path: Path, location: str) -> None:
    (problem,) = validate(tmp_path / location)

    assert problem.message.startswith("there is no plugin here: ")


BROKEN = {
    "an unfinished table": ("plugin.json", '{\n  "name": "shop"', (2, 17)),
    "no JSON": ("plugin.json", '{\n  "name": shop\n}', (2, 11)),
    "nothing": ("plugin.json", "", (1, 1)),
    "two values": ("plugin.json", '{"name": "shop"}\n{}', (2, 1)),
    "NaN": ("plugin.json", '{"name": "NaN",\n "x-a": [NaN]}', (2, 10)),
    "-Infinity": ("plugin.json", '{"name": "shop",\n "x-a": -Infinity}', (2, 9)),
    "a key twice in JSON": ("plugin.json", '{"name": "shop",\n "name": "shop"}', (2, 2)),
    "an inner key twice": ("plugin.json", '{"x-a": [{"b": 1}, {"c": {},\n"c": 1}]}', (2, 1)),
    "no TOML": ("plugin.toml", 'name = "shop"\nversion = 1.0.0\n', (2, 14)),
    "an unfinished text": ("plugin.toml", 'name = "shop', (1, 13)),
    "a key twice in TOML": ("plugin.toml", 'name = "shop"\nname = "shop"\n', (2, 14)),
    "no YAML": ("plugin.yaml", "name: shop\nrequires: [a, b\n", None),
    "a key twice in YAML": ("plugin.yaml", "name: shop\nversion: '1'\n'name': shop\n", (3, 1)),
    "a control character": ("plugin.yaml", "name: shop\nversion: \x01\n", (2, 10)),
    "an alias": ("plugin.yaml", "x-a: &a [b]\nx-b: *a\n", (2, 6)),
    "a tag": ("plugin.yaml", "name: !!python/name:os.system\n", (1, 7)),
    "two documents": ("plugin.yaml", "name: shop\n---\nname: bank\n", (2, 1)),
    "a number as a key": ("plugin.yaml", "name: shop\n1: 2\n", (2, 1)),
    "a list as a key": ("plugin.yaml", "name: shop\n? [a]\n: 2\n", (2, 3)),
    "a day that is none": ("plugin.yaml", "name: shop\nx-day: 2020-02-31\n", (2, 8)),
}


@pytest.mark.parametrize("what", BROKEN)
def test_dk63_a_broken_manifest_is_an_error_with_its_line(
    make_plugin: MakePlugin, what: str
) -> None:
    file, text, where = BROKEN[what]

    with pytest.raises(ManifestError) as caught:
        read(make_plugin(text, file))

    (problem,) = caught.value.problems
    assert problem.file is not None
    assert problem.file.name == file
    assert where is None or (problem.line, problem.column) == where
    assert problem.line is not None


@pytest.mark.parametrize("file", ["plugin.json", "plugin.toml", "plugin.yaml", "shop.py"])
def test_dk63_what_is_not_utf8_is_an_error_with_its_line(
    make_plugin: MakePlugin, file: str
) -> None:
    folder = make_plugin(b'{"name":\n "caf\xe9"}', file)

    (problem,) = validate(folder / file)

    assert problem.message == "this is not UTF-8"
    assert problem.line == 2


def test_dk63_utf16_is_not_guessed(make_plugin: MakePlugin) -> None:
    with pytest.raises(ManifestError, match="not UTF-8"):
        read(make_plugin('{"name": "shop"}'.encode("utf-16")))


def test_a_manifest_that_is_a_folder_is_an_error(make_plugin: MakePlugin) -> None:
    folder = make_plugin({"name": "shop"})
    (folder / "plugin.json").unlink()
    (folder / "plugin.json").mkdir()

    with pytest.raises(ManifestError, match=r"plugin\.json: this is no plain file"):
        read(folder)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes here")
def test_a_pipe_is_not_waited_for(make_plugin: MakePlugin) -> None:
    folder = make_plugin({"name": "shop"})
    (folder / "plugin.json").unlink()
    os.mkfifo(folder / "plugin.json")

    with pytest.raises(ManifestError, match="no plain file"):
        read(folder)


@pytest.mark.parametrize("data", [[], "shop", None, 5, True])
def test_dk65_what_is_no_table_is_an_error(problem_of: ProblemOf, data: object) -> None:
    problem = problem_of(json.dumps(data))

    assert problem.message.startswith("a manifest is a table of keys and values, not ")
    assert problem.line == 1


@pytest.mark.parametrize("file", ["plugin.toml", "plugin.yaml"])
def test_an_empty_manifest_is_an_error(problem_of: ProblemOf, file: str) -> None:
    problem = problem_of("", file)

    assert problem.severity == "error"

"""A manifest of any size and depth costs little: it is refused before it is read, or followed."""

import json
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest

from hotplug.manifest import ManifestError, PluginMetadata, Problem, read, validate
from hotplug.manifest.documents import DEEPEST
from hotplug.manifest.reading import LARGEST

MakePlugin = Callable[..., Path]
ProblemOf = Callable[..., Problem]


@pytest.mark.parametrize("file", ["plugin.json", "plugin.toml", "plugin.yaml"])
def test_dk66_a_manifest_of_200_megabytes_is_refused_unread(
    make_plugin: MakePlugin, file: str
) -> None:
    folder = make_plugin("", file)
    with (folder / file).open("wb") as sparse:
        sparse.truncate(200_000_000)
    tracemalloc.start()
    try:
        with pytest.raises(ManifestError, match="at most 262144 bytes, and this has more"):
            read(folder)
        assert tracemalloc.get_traced_memory()[1] < 2 * LARGEST
    finally:
        tracemalloc.stop()


def test_dk66_the_largest_manifest_is_read(make_plugin: MakePlugin) -> None:
    text = '{"name": "shop", "x-a": "%s"}'
    folder = make_plugin(text % ("a" * (LARGEST - len(text) + 2)))

    assert (folder / "plugin.json").stat().st_size == LARGEST
    assert read(folder).name == "shop"


def test_dk66_one_byte_more_is_refused(make_plugin: MakePlugin) -> None:
    text = '{"name": "shop", "x-a": "%s"}'
    folder = make_plugin(text % ("a" * (LARGEST - len(text) + 3)))

    with pytest.raises(ManifestError, match="at most 262144 bytes"):
        read(folder)


def test_a_single_file_may_be_of_any_size_if_its_head_is_not(tmp_path: Path) -> None:
    head = '# /// script\n# [tool.hotplug]\n# name = "shop"\n# ///\n'
    (tmp_path / "shop.py").write_text(head + "x = 1\n" * LARGEST)
    (tmp_path / "bank.py").write_text("x = 1\n" * LARGEST + head)

    assert read(tmp_path / "shop.py").name == "shop"
    assert "has no head" in validate(tmp_path / "bank.py")[0].message


def in_lists(levels: int) -> str:
    return "[" * levels + "]" * levels


def in_tables(levels: int) -> str:
    return '{"a":' * levels + "1" + "}" * levels


DEEP = {
    "lists in JSON": ("plugin.json", '{"name": "shop", "x-a": %s}', in_lists),
    "tables in JSON": ("plugin.json", '{"name": "shop", "x-a": %s}', in_tables),
    "lists in TOML": ("plugin.toml", 'name = "shop"\nx-a = %s', in_lists),
    "tables in TOML": ("plugin.toml", 'name = "shop"\nx-a%s = 1', lambda n: ".a" * n),
    "headers in TOML": ("plugin.toml", 'name = "shop"\n[x-a%s]', lambda n: ".a" * (n - 1)),
    "inline tables": (
        "plugin.toml",
        'name = "shop"\nx-a = %s',
        lambda n: "{a=" * n + "1" + "}" * n,
    ),
    "lists in YAML": ("plugin.yaml", "name: shop\nx-a: %s", in_lists),
    "tables in YAML": ("plugin.yaml", 'name: shop\n"x-a": %s', in_tables),
    "indented lists in YAML": ("plugin.yaml", "name: shop\nx-a:\n  %s", lambda n: "- " * n + "1"),
}
"""The way down to one level more, below the table that the manifest is."""


@pytest.mark.parametrize("what", DEEP)
def test_dk66_what_is_nested_as_deep_as_may_be_is_read(make_plugin: MakePlugin, what: str) -> None:
    file, text, nested = DEEP[what]

    assert read(make_plugin(text % nested(DEEPEST - 1), file)).name == "shop"


@pytest.mark.parametrize("levels", [DEEPEST, 2000, 30_000])
@pytest.mark.parametrize("what", DEEP)
def test_dk66_what_is_nested_deeper_is_an_error(
    problem_of: ProblemOf, what: str, levels: int
) -> None:
    file, text, nested = DEEP[what]

    problem = problem_of(text % nested(levels), file)

    assert f"nested more than {DEEPEST} levels deep" in problem.message
    assert problem.line in (1, 2, 3)


def test_dk66_depth_adds_up_over_headers_keys_and_brackets(problem_of: ProblemOf) -> None:
    text = f'name = "shop"\n[x-a{".a" * 20}]\nb{".b" * 20} = {in_lists(20)}'

    problem = problem_of(text, "plugin.toml")

    assert (problem.key, problem.line) == ("x-a", 2)


def test_brackets_and_dots_within_texts_are_no_depth(make_plugin: MakePlugin) -> None:
    words = "[{." * 50
    as_json = read(make_plugin({"name": "shop", "description": words + '"\\'}))
    as_toml = read(
        make_plugin(f"name = 'shop' # {words}\ndescription = '{words}'", "plugin.toml", folder="b")
    )

    assert as_json.description == words + '"\\'
    assert as_toml.description == words


@pytest.mark.parametrize("file", ["plugin.json", "plugin.toml"])
def test_many_lists_side_by_side_are_not_deep(make_plugin: MakePlugin, file: str) -> None:
    lists = ", ".join(["[1.5, {}]"] * 50)
    text = {
        "plugin.json": f'{{"name": "shop", "x-a": [{lists}]}}',
        "plugin.toml": f'name = "shop"\nx-a = [{lists}]',
    }

    assert len(read(make_plugin(text[file], file)).extra["x-a"]) == 50


def test_dk66_metadata_nested_without_end_is_an_error() -> None:
    endless: dict[str, object] = {}
    endless["x"] = endless

    with pytest.raises(ManifestError, match="nested more than"):
        PluginMetadata({"name": "shop", "x-a": endless})


def test_dk66_aliases_do_not_multiply(problem_of: ProblemOf) -> None:
    lines = ["name: shop", "x-a: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol]"]
    lines += [f"x-{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 30)]

    problem = problem_of("\n".join(lines), "plugin.yaml")

    assert problem.message == "an alias, *a0, has no place in a manifest"
    assert problem.line == 3


def test_a_thousand_problems_are_told_as_a_hundred(make_plugin: MakePlugin) -> None:
    folder = make_plugin({"name": "shop", "requires": list(range(1000))})

    assert len(validate(folder)) == 100


# With a quadratic step anywhere these take many minutes, and the suite's own limit stops them.
LONG = {
    "a text without an end": ("plugin.json", '"' + '\\"' * 125_000),
    "brackets before it": ("plugin.json", "[]" * 40 + '"' + '\\"' * 125_000),
    "a long name": ("plugin.json", '{"name": "' + "a" * 250_000 + '."}'),
    "a long version": ("plugin.json", '{"version": "1.0.' + "1" * 250_000 + '!"}'),
    "a long key": ("plugin.json", '{"' + "nam" * 75_000 + '": 1}'),
    "a long number": ("plugin.json", '{"name": ' + "1" * 250_000 + "}"),
    "a long number in TOML": ("plugin.toml", "name = " + "1" * 250_000),
    "a long number in base 16": ("plugin.toml", "name = 0x" + "f" * 250_000),
    "a long number in YAML": ("plugin.yaml", "name: " + "1" * 250_000),
    "a key many times": ("plugin.json", "{" + '"a":1,' * 37_500 + "}"),
    "many unknown keys": ("plugin.json", json.dumps(dict.fromkeys(map(str, range(17_500))))),
    "a text without an end in TOML": ("plugin.toml", "a.b\n" * 40 + '"' + '\\"' * 125_000 + "\\\n"),
    "a key of many parts": ("plugin.toml", "a." * 125_000 + "a = 1"),
    "a header of many parts": ("plugin.toml", "[" + "a." * 125_000 + "a]"),
    "many tables": ("plugin.toml", "[[a]]\n" * 37_500),
    "many items": ("plugin.toml", "x-a = [" + "1," * 125_000 + "]"),
    "many items in YAML": ("plugin.yaml", "x-a: [" + "1, " * 75_000 + "]"),
    "lists in YAML": ("plugin.yaml", "- " * 125_000),
    "keys of keys in YAML": ("plugin.yaml", "? " * 125_000),
    "many heads": ("shop.py", "# /// script\n\n" * 17_500),
    "many openings": ("shop.py", "# /// script\n" * 18_750),
}


@pytest.mark.parametrize("what", LONG)
def test_dk66_what_is_made_to_take_long_does_not(make_plugin: MakePlugin, what: str) -> None:
    file, text = LONG[what]
    assert LARGEST / 5 < len(text) <= LARGEST

    assert validate(make_plugin(text, file) / file)

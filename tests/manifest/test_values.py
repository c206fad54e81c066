"""What each key takes, and what is said of anything else."""

import json
import re
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.version import InvalidVersion
from packaging.version import Version as Pep440

from hotplug.manifest import ManifestError, ManifestWarning, PluginMetadata, Problem, read, validate
from hotplug.manifest.fields import VERSION

MakePlugin = Callable[..., Path]
ProblemOf = Callable[..., Problem]


def accepts(**values: Any) -> bool:
    try:
        PluginMetadata({"name": "shop", **values})
    except ManifestError:
        return False
    return True


@pytest.mark.parametrize(
    "name", ["shop", "my-shop", "my_shop", "acme.shop", "S3", "a", "json", "class", "a" * 100]
)
def test_dk65_a_name_that_can_be_made_an_identifier_is_taken(name: str) -> None:
    metadata = PluginMetadata({"name": name})

    assert metadata.name == name
    assert metadata.identifier.isidentifier()


@pytest.mark.parametrize(
    "name",
    [
        None, 5, 1.5, True, [], ["shop"], {}, "", " ", "shop ", "5", "2fa", "../x", "a/b", "a\\b",
        "a\nb", "shop\n", "a\0b", "__init__", "_shop", "shop-", "shop.", ".", "..", "-", "C:",
        "a:b", "a b", "café", "\u0448\u043e\u043f", "\uff53hop", "a\u202eb", "\ud800", "a" * 101,
    ],
    ids=ascii,
)  # fmt: skip
def test_dk65_a_name_that_can_not_is_refused(name: object) -> None:
    with pytest.raises(ManifestError) as caught:
        PluginMetadata({"name": name})

    (problem,) = caught.value.problems
    assert problem.key == "name"
    assert str(problem).encode("utf-8")


def test_dk65_a_message_shows_only_the_beginning_of_what_is_long() -> None:
    with pytest.raises(ManifestError) as caught:
        PluginMetadata({"name": "a" * 10**6, "version": "b" * 99})

    assert len(str(caught.value)) < 400


def test_c32_an_identifier_is_a_name_that_python_can_say() -> None:
    names = ["shop", "my-shop", "acme.my-shop", "class", "None", "My_Shop"]

    assert [PluginMetadata({"name": name}).identifier for name in names] == [
        "shop", "my_shop", "acme_my_shop", "class_", "None_", "My_Shop",
    ]  # fmt: skip


def test_a_name_is_required(problem_of: ProblemOf) -> None:
    problem = problem_of({"version": "1.0"})

    assert (problem.message, problem.line) == ("'name' is missing", 1)


def test_a_name_has_no_versions(problem_of: ProblemOf) -> None:
    problem = problem_of({"name": "shop>=2"})

    assert (problem.message, problem.hint) == (
        "'name' takes the name of a plugin, not 'shop>=2'",
        "write 'shop' alone: versions have no place here",
    )


def test_pkl01_all_but_the_name_has_a_default(make_plugin: MakePlugin) -> None:
    metadata = read(make_plugin({"name": "shop"}))

    assert (metadata.version, metadata.entrypoint) == ("0.0.0", "plugin")
    assert (metadata.requires, metadata.wants, metadata.extra) == ((), (), {})
    assert (metadata.description, metadata.authors, metadata.license, metadata.url) == (
        "", (), "", "",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("key", "value", "message", "hint"),
    [
        ("requires", 5, "'requires' takes a list of plugins, not a number", ""),
        ("requires", "lib", "not 'lib'", "write it as a list: ['lib']"),
        ("requires", None, "not nothing", ""),
        ("requires", [5], "'requires[0]' takes the name of a plugin, not a number", "quotes"),
        ("requires", ["a", "../b"], "'requires[1]' takes the name of a plugin", "a letter first"),
        ("requires", ["a", "a"], "'requires' has 'a' twice", ""),
        ("requires", ["a 2.0"], "not 'a 2.0'", "write '==2.0', for those that go with it '^2.0'"),
        ("requires", ["a =2"], "not 'a =2'", "write '==2'"),
        ("requires", ["a >=2 <3"], "not 'a >=2 <3'", "put a comma between"),
        ("requires", ["a ^1 || ^2"], "not 'a ^1 || ^2'", "there is no 'or'"),
        ("requires", ["a~=2"], "not 'a~=2'", "'~=1.4'"),
        ("requires", ["a", "a>=2"], "'requires' has 'a' twice", "write them as one"),
        ("requires", {"a": "2.0"}, "'requires.a' takes the versions that will do", "'==2.0'"),
        ("requires", {"a": 2}, "'requires.a' takes the versions that will do", "quotes"),
        ("requires", {"x y": "*"}, "takes the name of a plugin, not 'x y'", "a letter first"),
        ("requires", {"a": {"at": "2"}}, "'requires.a' has the unknown key 'at'", "'version'"),
        ("requires", {"shop": ">2"}, "plugin 'shop' can't depend on itself", ""),
        ("requires", ["shop ^1"], "plugin 'shop' can't depend on itself", ""),
        ("wants", ["shop"], "plugin 'shop' can't depend on itself", ""),
        ("wants", "lib", "'wants' takes a list", "['lib']"),
        ("after", ["shop"], "plugin 'shop' can't start after itself", ""),
        ("conflicts", ["shop"], "plugin 'shop' can't be in conflict with itself", ""),
        ("host", "2", "'host' takes the versions that will do, not '2'", "write '==2'"),
        ("version", 1.0, "'version' takes a version, not a number", "put it in quotes"),
        ("version", "", "not ''", "1.4.0"),
        ("version", None, "not nothing", ""),
        ("entrypoint", 5, "not a number", "quotes"),
        ("description", "a\x1b[2J", "control characters, not 'a\\x1b[2J'", ""),
        ("description", ["a"], "not a list", ""),
        ("authors", "Ada", "not 'Ada'", "['Ada']"),
        ("authors", ["Ada\n"], "'authors[0]' takes a line of text", ""),
        ("license", False, "not true or false", "quotes"),
        ("url", "example.org", "an address on the web", "https://example.org/shop"),
        ("url", "javascript:alert(1)", "an address on the web", ""),
        ("tool", "x", "'tool' takes a table, not 'x'", ""),
        ("$schema", 1, "'$schema' takes a text, not a number", ""),
    ],
)
def test_dk65_a_wrong_value_is_refused_with_its_line(
    problem_of: ProblemOf, key: str, value: object, message: str, hint: str
) -> None:
    problem = problem_of(f'{{"name": "shop",\n\n{json.dumps(key)}: {json.dumps(value)}}}')

    assert message in problem.message
    assert hint in problem.hint
    assert (problem.line, problem.severity) == (3, "error")


def test_what_is_required_is_not_only_wanted(problem_of: ProblemOf) -> None:
    problem = problem_of({"name": "shop", "requires": ["a"], "wants": ["b", "a"]})

    assert problem.message == "'a' is required, so not only wanted"
    assert problem.key == "wants[1]"


@pytest.mark.parametrize(("key", "what"), [("requires", "required"), ("wants", "wanted")])
def test_what_is_needed_is_in_conflict_for_some_versions_only(
    problem_of: ProblemOf, key: str, what: str
) -> None:
    problem = problem_of({"name": "shop", key: ["a"], "conflicts": ["a"]})

    assert problem.message == f"'a' is {what}, so not in conflict"
    assert PluginMetadata({"name": "shop", key: ["a"], "conflicts": ["a <2"]}).conflicts == ("a",)


def test_pkl01_optional_is_an_older_spelling_of_wants(make_plugin: MakePlugin) -> None:
    folder = make_plugin({"name": "shop", "optional": ["mailer"]})

    with pytest.warns(ManifestWarning, match="older spelling of 'wants'; write 'wants'"):
        metadata = read(folder)

    assert metadata.wants == ("mailer",)
    assert metadata == PluginMetadata({"name": "shop", "wants": ["mailer"]})


def test_the_older_spelling_and_the_newer_are_not_both_there(make_plugin: MakePlugin) -> None:
    problems = validate(make_plugin({"name": "shop", "optional": ["a"], "wants": ["b"]}))

    assert [(each.key, each.severity) for each in problems] == [
        ("optional", "warning"),
        ("optional", "error"),
    ]


def test_all_problems_are_told_at_once_in_the_order_of_lines(make_plugin: MakePlugin) -> None:
    folder = make_plugin('{"version": 1,\n"requires": [1],\n"colour": 2,\n"name": "../x"}')

    with pytest.raises(ManifestError) as caught:
        read(folder)

    assert [problem.line for problem in caught.value.problems] == [1, 2, 3, 4]
    assert list(caught.value.problems) == validate(folder)
    assert str(caught.value) == (
        f"{folder}/plugin.json has 4 problems\n"
        f"  {folder}/plugin.json:1:2: 'version' takes a version, not a number\n"
        "    put it in quotes\n"
        f"  {folder}/plugin.json:2:14: 'requires[0]' takes the name of a plugin, not a number\n"
        "    put it in quotes\n"
        f"  {folder}/plugin.json:3:1: warning: the unknown key 'colour' has no effect\n"
        "    a key of your own begins with 'x-' or stands in the table 'tool'\n"
        f"  {folder}/plugin.json:4:1: 'name' takes the name of a plugin, not '../x'\n"
        "    letters from a to z, digits, '-', '_' and '.', a letter first, no sign last"
    )


def test_what_only_the_folder_shows_is_told_in_the_order_of_lines_too(
    make_plugin: MakePlugin,
) -> None:
    folder = make_plugin('{"name": "shop",\n"entrypoint": "gone",\n"version": ""}')

    assert [problem.line for problem in validate(folder)] == [2, 3]


def test_pkl01_an_unknown_key_is_a_warning_in_its_own_line(make_plugin: MakePlugin) -> None:
    folder = make_plugin('{"name": "shop",\n"requries": []}')

    with pytest.warns(ManifestWarning, match="no effect; did you mean 'requires'") as caught:
        metadata = read(folder)

    assert metadata.requires == ()
    assert (caught[0].filename, caught[0].lineno) == (str(folder / "plugin.json"), 2)


@pytest.mark.parametrize(
    ("key", "meant"),
    [
        ("Name", "name"),
        ("require", "requires"),
        ("entry_point", "entrypoint"),
        ("author", "authors"),
    ],
)
def test_an_unknown_key_that_is_close_to_a_known_one_is_asked_about(
    problem_of: ProblemOf, key: str, meant: str
) -> None:
    assert problem_of({"name": "shop", key: 1}).hint == f"did you mean '{meant}'?"


def test_an_unknown_key_of_metadata_made_in_python_is_a_warning_there() -> None:
    with pytest.warns(ManifestWarning, match="'colour'") as caught:
        PluginMetadata({"name": "shop", "colour": 1})

    assert caught[0].filename == __file__


def test_what_is_the_authors_own_is_kept_without_a_warning(make_plugin: MakePlugin) -> None:
    own = {"x-colour": ["red", {"blue": None}], "tool": {"linter": {"strict": True}}}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        metadata = read(make_plugin({"name": "shop", "$schema": "./schema.json", **own}))

    assert metadata.extra == own


@pytest.mark.parametrize(
    "version",
    [
        "1", "1.0", "1.4.0", "v1.0", "1!2.0", "1.0a1", "1.0RC1", "1.0.post1", "1.0-1", "1.0.dev3",
        "2024.11.21", "1.0+local.7", "1.0.0-beta.2", "1.0.0-x.7.z.92", "1.0.0-alpha+001",
        "1.0.0--x", "0.0.0",
    ],
)  # fmt: skip
def test_a_version_is_one_of_pep440_or_semver(version: str) -> None:
    assert PluginMetadata({"name": "shop", "version": version}).version == version


@pytest.mark.parametrize(
    "version",
    [
        "",
        "one",
        "1.",
        ".1",
        "1..0",
        "1.0.x",
        ">=1",
        "1.0 ",
        "1.0\n",
        "\u0661.\u0662",
        "1.0.0-",
        "^1",
    ],
)
def test_a_version_of_neither_is_refused(version: str) -> None:
    assert not accepts(version=version)


PIECES = st.sampled_from(
    ["0", "1", "12", "012", ".", "-", "+", "_", "!", "v", "V", "a", "b", "c", "rc", "RC", "alpha",
     "Beta", "pre", "preview", "post", "rev", "r", "dev", "x", "z"]
)  # fmt: skip
SEMVER = re.compile(
    r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)"
    r"(-((0|[1-9]\d*|\d*[A-Za-z-][\dA-Za-z-]*)(\.(0|[1-9]\d*|\d*[A-Za-z-][\dA-Za-z-]*))*))?"
    r"(\+[\dA-Za-z-]+(\.[\dA-Za-z-]+)*)?"
)


@given(st.lists(PIECES, max_size=12).map("".join))
def test_a_version_is_taken_just_if_one_of_the_two_takes_it(version: str) -> None:
    try:
        is_pep440 = bool(Pep440(version))
    except InvalidVersion:
        is_pep440 = False

    assert bool(VERSION.is_right(version)) == (is_pep440 or bool(SEMVER.fullmatch(version)))

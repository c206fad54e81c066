"""JSON, TOML, YAML and the head of a single file say the same in four ways."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from hotplug.manifest import ManifestError, PluginMetadata, Problem, read, validate

MakePlugin = Callable[..., Path]
ProblemOf = Callable[..., Problem]

AS_JSON = """\
{
  "name": "my-shop",
  "version": "1.4.0",
  "entrypoint": "plugin",
  "requires": ["accounts", "mailer"],
  "x-colour": {"red": 1}
}
"""
AS_TOML = """\
name = "my-shop"
version = "1.4.0"
entrypoint = "plugin"
requires = ["accounts", "mailer"]
x-colour = { red = 1 }
"""
AS_YAML = """\
name: my-shop
version: "1.4.0"
entrypoint: plugin
requires:
  - accounts
  - mailer
x-colour:
  red: 1
"""
SINGLE_FILE = """\
#!/usr/bin/env python3
# A shop.

# /// script
# requires-python = ">=3.11"
# dependencies = ["httpx"]
#
# [tool.hotplug]
# name = "my-shop"
# version = "1.4.0"
# requires = [
#     "accounts",
#     "mailer",
# ]
# ///

raise SystemExit("a manifest runs no code")
"""

WRITTEN = {
    "plugin.json": AS_JSON,
    "plugin.toml": AS_TOML,
    "plugin.yaml": AS_YAML,
    "plugin.yml": AS_YAML,
}


@pytest.mark.parametrize("file", WRITTEN)
def test_pkl01_pkl02_a_manifest_says_the_same_in_each_format(
    make_plugin: MakePlugin, file: str
) -> None:
    metadata = read(make_plugin(WRITTEN[file], file))

    assert metadata == PluginMetadata(
        {
            "name": "my-shop",
            "version": "1.4.0",
            "requires": ["accounts", "mailer"],
            "x-colour": {"red": 1},
        }
    )


@pytest.mark.parametrize("file", WRITTEN)
def test_the_metadata_knows_the_lines_of_each_format(make_plugin: MakePlugin, file: str) -> None:
    metadata = read(make_plugin(WRITTEN[file], file))

    lines = WRITTEN[file].splitlines()
    assert metadata.line_of("version") == 1 + next(i for i, x in enumerate(lines) if "1.4" in x)
    assert metadata.line_of("requires", 1) == 1 + next(
        i for i, x in enumerate(lines) if "mailer" in x
    )


@pytest.mark.parametrize("file", WRITTEN)
def test_a_manifest_can_be_named_itself(make_plugin: MakePlugin, file: str) -> None:
    folder = make_plugin(WRITTEN[file], file)

    assert read(folder / file) == read(str(folder))


@pytest.mark.parametrize("file", WRITTEN)
def test_dk63_a_byte_order_mark_is_no_part_of_a_manifest(
    make_plugin: MakePlugin, file: str
) -> None:
    folder = make_plugin(b"\xef\xbb\xbf" + WRITTEN[file].encode(), file)

    assert read(folder).name == "my-shop"


@pytest.mark.parametrize("file", WRITTEN)
def test_lines_may_end_as_windows_ends_them(make_plugin: MakePlugin, file: str) -> None:
    folder = make_plugin(WRITTEN[file].replace("\n", "\r\n"), file)

    assert read(folder).line_of("version") == read(folder).line_of("name", 0) + 1  # type: ignore[operator]


def test_two_manifests_in_one_folder_are_an_error_that_names_both(
    make_plugin: MakePlugin, problem_of: ProblemOf
) -> None:
    make_plugin(AS_TOML, "plugin.toml")

    problem = problem_of(AS_JSON)

    assert problem.message == "plugin.json and plugin.toml are both here"


def test_two_manifests_are_an_error_too_where_one_is_named(make_plugin: MakePlugin) -> None:
    make_plugin(AS_TOML, "plugin.toml")
    folder = make_plugin(AS_JSON)

    with pytest.raises(ManifestError, match=r"plugin\.json and plugin\.toml are both here"):
        read(folder / "plugin.json")


def test_a_manifest_that_is_a_broken_link_does_not_give_way_to_another(
    make_plugin: MakePlugin,
) -> None:
    folder = make_plugin(AS_JSON)
    (folder / "plugin.toml").symlink_to(folder / "gone.toml")

    with pytest.raises(ManifestError, match="both here"):
        read(folder)


def test_a_manifest_that_is_a_broken_link_is_an_error(make_plugin: MakePlugin) -> None:
    folder = make_plugin(AS_JSON)
    (folder / "plugin.json").rename(folder / "gone.json")
    (folder / "plugin.json").symlink_to(folder / "nowhere.json")

    with pytest.raises(ManifestError, match=r"plugin\.json: this can't be read: no such file"):
        read(folder)


def test_pkl02_yaml_without_pyyaml_says_what_to_install(
    problem_of: ProblemOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "yaml", None)

    problem = problem_of(AS_YAML, "plugin.yaml")

    assert "PyYAML" in problem.message
    assert "pip install hotplug[yaml]" in problem.hint


def test_a_number_in_quotes_is_a_text_in_yaml(make_plugin: MakePlugin) -> None:
    metadata = read(make_plugin("name: shop\nversion: '1.0'\nlicense: \"no\"", "plugin.yaml"))

    assert (metadata.version, metadata.license) == ("1.0", "no")


def test_yaml_is_read_without_the_c_library_too(
    make_plugin: MakePlugin, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr("yaml.CSafeLoader")

    metadata = read(make_plugin(AS_YAML, "plugin.yaml"))

    assert (metadata.requires, metadata.line_of("requires", 1)) == (("accounts", "mailer"), 6)


def test_c46_a_single_file_has_its_manifest_in_its_head(tmp_path: Path) -> None:
    file = tmp_path / "shop.py"
    file.write_text(SINGLE_FILE)

    metadata = read(file)

    assert (metadata.name, metadata.requires) == ("my-shop", ("accounts", "mailer"))
    assert metadata.entrypoint_file() == file
    assert metadata.is_single_file


def test_c46_a_single_file_is_its_own_entrypoint_whatever_stands_beside(tmp_path: Path) -> None:
    (tmp_path / "shop.py").write_text(
        SINGLE_FILE.replace('"my-shop"', '"a"\n# entrypoint = "shop"')
    )
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "__init__.py").touch()

    assert read(tmp_path / "shop.py").entrypoint_file() == tmp_path / "shop.py"


def test_c46_the_lines_of_a_head_are_those_of_the_file(tmp_path: Path) -> None:
    (tmp_path / "shop.py").write_text(SINGLE_FILE.replace('"mailer"', '"no name"'))

    (problem,) = validate(tmp_path / "shop.py")

    assert SINGLE_FILE.splitlines()[(problem.line or 0) - 1] == '#     "mailer",'
    assert (problem.column, problem.key) == (7, "requires[1]")


HEADS = {
    "import os\n": (None, "no head"),
    "# /// script\n# x = 1\n": (1, "no closing line"),
    "# /// script\nx = 1\n# ///\n": (1, "no closing line"),
    "# /// script\n# ///\n": (1, "no table [tool.hotplug]"),
    '\n# /// script\n# name = "a"\n# ///\n': (2, "no table [tool.hotplug]"),
    "# /// script\n# [tool]\n# hotplug = 1\n# ///\n": (3, "not a number"),
    "# /// script\n# [tool.hotplug]\n# ///\n": (2, "'name' is missing"),
    "# /// script\n# [tool.hotplug]\n# name = \n# ///\n": (3, "not TOML"),
    f"# /// script\n# x = {'1' * 5000}\n# ///\n": (None, "more digits than Python reads"),
    '# /// script\n# [tool.hotplug]\n# name="a"\n# ///\n\n# /// script\n# x=1\n# ///\n': (
        6,
        "a second head begins here; the first is in line 1",
    ),
    '# /// script\n# [tool.hotplug]\n# name="a"\n# entrypoint="other"\n# ///\n': (
        4,
        "'entrypoint' has no place here",
    ),
}


@pytest.mark.parametrize("text", HEADS)
def test_c46_a_wrong_head_is_an_error_with_its_line(tmp_path: Path, text: str) -> None:
    (tmp_path / "shop.py").write_text(text)

    (problem,) = validate(tmp_path / "shop.py")

    line, message = HEADS[text]
    assert message in problem.message
    assert problem.line == line


def test_c46_a_head_ends_with_the_last_closing_line_of_its_comment(tmp_path: Path) -> None:
    head = (
        '# /// script\n# [tool.hotplug]\n# name = "a"\n# description = """\n# ///\n# """\n# ///\n'
    )
    (tmp_path / "shop.py").write_text(head)

    assert read(tmp_path / "shop.py").description == "///\n"


def test_what_is_no_manifest_is_not_read_as_one(make_plugin: MakePlugin) -> None:
    folder = make_plugin(AS_JSON)
    (folder / "settings.json").write_text(AS_JSON)

    with pytest.raises(ManifestError, match=r"settings\.json: this is no manifest"):
        read(folder / "settings.json")

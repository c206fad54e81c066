"""An entrypoint is a module in the plugin's folder, or the manifest is wrong."""

from collections.abc import Callable
from pathlib import Path

import pytest

from hotplug.manifest import ManifestError, PluginMetadata, Problem, read

MakePlugin = Callable[..., Path]
ProblemOf = Callable[..., Problem]


@pytest.mark.parametrize(
    ("entrypoint", "module"),
    [
        ("plugin", "plugin.py"),
        ("start", "start.py"),
        ("__init__", "__init__.py"),
        ("inside", "inside/__init__.py"),
        ("inside.start", "inside/start.py"),
        ("inside.__init__", "inside/__init__.py"),
        ("a.b.c", "a/b/c.py"),
        ("class", "class.py"),
    ],
)
def test_an_entrypoint_names_a_module_of_the_folder(
    make_plugin: MakePlugin, entrypoint: str, module: str
) -> None:
    folder = make_plugin({"name": "shop", "entrypoint": entrypoint}, "plugin.json", module)

    assert read(folder).entrypoint_file() == folder / module


def test_a_package_comes_before_a_module_of_its_name(make_plugin: MakePlugin) -> None:
    folder = make_plugin({"name": "shop"}, "plugin.json", "plugin.py", "plugin/__init__.py")

    assert read(folder).entrypoint_file() == folder / "plugin" / "__init__.py"


@pytest.mark.parametrize(
    "entrypoint",
    [
        "../outside", "..outside", "../../x", "/etc/passwd", "/plugin", "\\plugin", "C:\\x", "C:x",
        "C:/x", "\\\\host\\x", "a/../../outside", "inside/../plugin", "./plugin", "inside/start",
        "", ".", "..", ".plugin", "plugin.", "a..b", "plugin\0", "plugin\n", " plugin", "~/x",
        "$HOME/x", "%2e%2e/x", "a:b", "file:///x", "my-plugin", "a" * 201, "\uff0e\uff0e/x",
    ],
    ids=ascii,
)  # fmt: skip
def test_dk62_an_entrypoint_of_another_form_is_refused(
    make_plugin: MakePlugin, problem_of: ProblemOf, tmp_path: Path, entrypoint: str
) -> None:
    (tmp_path / "outside.py").touch()
    (tmp_path / "x.py").touch()

    problem = problem_of({"name": "shop", "entrypoint": entrypoint})

    assert problem.key == "entrypoint"
    assert "'entrypoint' takes" in problem.message


def test_dk62_metadata_made_in_python_has_no_entrypoint_outside_either() -> None:
    with pytest.raises(ManifestError, match=r"not '\.\./outside'"):
        PluginMetadata({"name": "shop", "entrypoint": "../outside"})


@pytest.mark.parametrize(
    ("entrypoint", "hint"),
    [
        ("./start", "write it as a module: 'start'"),
        ("inside/start.py", "write it as a module: 'inside.start'"),
        ("../start", "name a module in the plugin's folder, such as 'plugin' or 'inside.start'"),
    ],
)
def test_a_path_is_answered_with_the_module_that_may_be_meant(
    problem_of: ProblemOf, entrypoint: str, hint: str
) -> None:
    assert problem_of({"name": "shop", "entrypoint": entrypoint}).hint == hint


@pytest.mark.parametrize("link", ["plugin.py", "inside"])
def test_dk62_a_link_that_leads_out_of_the_folder_is_refused(
    make_plugin: MakePlugin, problem_of: ProblemOf, tmp_path: Path, link: str
) -> None:
    outside = make_plugin({}, "other.json", "plugin.py", folder="shop-outside")
    entrypoint = "plugin" if link == "plugin.py" else "inside.plugin"
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / link).symlink_to(outside / "plugin.py" if link[-1] == "y" else outside)

    problem = problem_of(
        f'{{"name": "shop",\n"entrypoint": "{entrypoint}"}}', "plugin.json", "other.py"
    )

    assert problem.message == (
        f"the entrypoint '{entrypoint}' leads out of the plugin's folder, to {outside}/plugin.py"
    )
    assert problem.line == 2


def test_a_link_within_the_folder_is_followed(make_plugin: MakePlugin) -> None:
    folder = make_plugin({"name": "shop"}, "plugin.json", "inside/start.py")
    (folder / "plugin.py").symlink_to(folder / "inside" / "start.py")

    assert read(folder).entrypoint_file() == folder / "plugin.py"


def test_the_folder_itself_may_be_a_link(make_plugin: MakePlugin, tmp_path: Path) -> None:
    make_plugin({"name": "shop"})
    (tmp_path / "linked").symlink_to(tmp_path / "shop")

    assert read(tmp_path / "linked").entrypoint_file() == tmp_path / "linked" / "plugin.py"


def test_dk62_a_link_made_after_reading_is_refused_as_well(
    make_plugin: MakePlugin, tmp_path: Path
) -> None:
    metadata = read(make_plugin({"name": "shop"}))
    (tmp_path / "outside.py").touch()
    (tmp_path / "shop" / "plugin.py").unlink()
    (tmp_path / "shop" / "plugin.py").symlink_to(tmp_path / "outside.py")

    with pytest.raises(ManifestError, match="leads out of the plugin's folder"):
        metadata.entrypoint_file()


def test_an_entrypoint_that_is_not_there_is_answered_with_what_is(problem_of: ProblemOf) -> None:
    problem = problem_of(
        {"name": "shop"}, "plugin.json", "main.py", "start/__init__.py", "data/no_package.py"
    )

    assert problem.message == (
        "the entrypoint 'plugin' is not there: plugin.py or plugin/__init__.py"
    )
    assert problem.hint == "'entrypoint' can name one that is there: main, start"


def test_a_file_given_for_a_module_is_answered_with_the_module(problem_of: ProblemOf) -> None:
    problem = problem_of({"name": "shop", "entrypoint": "plugin.py"})

    assert problem.hint == "write it as a module: 'plugin'"


def test_a_folder_with_many_modules_is_not_listed_whole(problem_of: ProblemOf) -> None:
    modules = [f"m{number:02}.py" for number in range(20)]

    assert problem_of({"name": "shop"}, "plugin.json", *modules).hint.endswith(" m08, m09, ...")


def test_a_folder_without_modules_is_said_to_have_none(make_plugin: MakePlugin) -> None:
    folder = make_plugin({"name": "shop"})
    (folder / "plugin.py").unlink()
    (folder / "plugin.py").mkdir()  # no module either

    with pytest.raises(ManifestError, match="there is no Python module in the folder"):
        read(folder)


def test_metadata_made_in_python_finds_its_entrypoint_where_the_host_says(
    make_plugin: MakePlugin,
) -> None:
    folder = make_plugin({})

    assert PluginMetadata({"name": "a"}).entrypoint_file(folder) == folder / "plugin.py"
    assert PluginMetadata({"name": "a"}, path=folder).entrypoint_file() == folder / "plugin.py"


def test_metadata_of_no_folder_has_no_entrypoint_file() -> None:
    with pytest.raises(ManifestError, match="the folder of plugin 'shop' is not known"):
        PluginMetadata({"name": "shop"}).entrypoint_file()

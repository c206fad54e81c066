"""``hotplug check`` of a project: its entry points, its version, and what gets into its wheel."""

import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent
from typing import Any, Final

import pytest

Run = Callable[..., Any]
Write = Callable[..., Path]

ROOT: Final = Path(__file__).resolve().parent.parent.parent
HATCH = '[build-system]\nrequires = ["hatchling"]\nbuild-backend = "hatchling.build"\n'
SETUPTOOLS = '[build-system]\nrequires = ["setuptools"]\nbuild-backend = "setuptools.build_meta"\n'
PROJECT = '[project]\nname = "acme-shop"\nversion = "1.4.0"\n'
OFFER = '[project.entry-points."till.plugins"]\nshop = "acme_shop"\n'


@pytest.fixture
def project(write: Write) -> Write:
    """Write a project with a plugin in it."""

    def project(pyproject: str = HATCH + PROJECT + OFFER, **files: str) -> Path:
        return write(
            {
                "pyproject.toml": dedent(pyproject),
                "src/acme_shop/plugin.toml": 'name = "shop"',
                "src/acme_shop/__init__.py": "",
                "src/acme_shop/plugin.py": "",
                **files,
            }
        )

    return project


def test_a_sound_project_has_nothing_wrong(run: Run, project: Write) -> None:
    project()

    done = run("check", "--group", "till.plugins", "--strict")

    assert (done.code, done.lines[0]) == (0, "nothing wrong in plugin 'shop' 0.0.0")


# pyproject.toml, the line, what is said, and what mends it
MISTAKES: Final = {
    "another group": (
        HATCH + PROJECT + '[project.entry-points."til.plugins"]\nshop = "acme_shop"\n',
        8,
        "offered in group 'til.plugins', and the application looks in 'till.plugins'",
        'write [project.entry-points."till.plugins"]',
    ),
    "a group with bare dots": (
        HATCH + PROJECT + '[project.entry-points.till.plugins]\nshop = "acme_shop"\n',
        7,
        "the group 'till' holds a table, 'plugins': these dots make tables",
        'write [project.entry-points."till.plugins"]',
    ),
    "another table": (
        HATCH + PROJECT + '[project.entry_points."till.plugins"]\nshop = "acme_shop"\n',
        7,
        "'entry_points' has no effect",
        'write [project.entry-points."GROUP"]',
    ),
    "no entry point": (
        HATCH + PROJECT,
        4,
        "no entry point leads to plugin 'shop': nobody finds it once it is installed",
        'add [project.entry-points."till.plugins"] with shop = "acme_shop"',
    ),
    "a misspelt module": (
        HATCH + PROJECT + OFFER.replace('"acme_shop"', '"acme_shpo"'),
        8,
        "entry point 'shop' names module 'acme_shpo', which is not in this project",
        "did you mean 'acme_shop'?",
    ),
    "another name": (
        HATCH + PROJECT + OFFER.replace("shop =", "store ="),
        8,
        "entry point 'store' leads to the plugin 'shop'",
        "give both one name",
    ),
    "no reference": (
        HATCH + PROJECT + OFFER.replace('"acme_shop"', '"acme_shop/plugin.py:"'),
        8,
        "'acme_shop/plugin.py:' is no reference to a module",
        'write it as "shop = module" or "module:object"',
    ),
    "an object that there is not": (
        HATCH + PROJECT + OFFER.replace('"acme_shop"', '"acme_shop:Shpo"'),
        8,
        "entry point 'shop' names 'Shpo', and src/acme_shop/__init__.py has none",
        "did you mean 'Shop'?",
    ),
    "no TOML": (HATCH + "name = [", 4, "this is not TOML", ""),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_told_with_its_line_and_a_fix(mistake: str, run: Run, project: Write) -> None:
    pyproject, line, message, hint = MISTAKES[mistake]
    project(pyproject, **{"src/acme_shop/__init__.py": "class Shop: ..."})

    done = run("check", "--group", "till.plugins")

    told = [each for each in done.lines if message in each]
    assert done.code == 1
    assert told[0].startswith(f"pyproject.toml:{line}:"), done.out
    assert not hint or f"  {hint}" in done.lines


def test_without_a_group_a_missing_entry_point_may_be_meant_so(run: Run, project: Write) -> None:
    project(HATCH + PROJECT)

    done = run("check")

    assert done.code == 0
    assert "warning: no entry point leads to plugin 'shop'" in done.out


def test_poetrys_own_entry_points_count(run: Run, project: Write) -> None:
    project(
        '[build-system]\nrequires = ["poetry-core"]\nbuild-backend = "poetry.core.masonry.api"\n'
        '[tool.poetry.plugins."till.plugins"]\nshop = "acme_shop"\n'
    )

    assert run("check", "--group", "till.plugins", "--strict").code == 0


def test_a_version_that_differs_is_told_where_the_manifest_says_it(
    run: Run, project: Write
) -> None:
    project(**{"src/acme_shop/plugin.toml": 'name = "shop"\nversion = "1.3.0"'})

    done = run("check")

    assert done.lines[:2] == [
        "src/acme_shop/plugin.toml:2: warning: plugin 'shop' is 1.3.0, its distribution 1.4.0",
        "  the second counts where it is installed: leave it out of the manifest",
    ]


def test_a_project_without_a_plugin_is_told(run: Run, write: Write) -> None:
    write({"pyproject.toml": PROJECT, "src/acme_shop/__init__.py": ""})

    done = run("check")

    assert done.code == 1
    assert "there is no plugin in this project" in done.out


def test_the_rest_of_a_project_can_be_imported(run: Run, project: Write) -> None:
    project(
        **{
            "src/acme_shop/plugin.py": "import acme_tools\nfrom acme_shop import prices",
            "src/acme_shop/prices.py": "",
            "src/acme_tools.py": "",
        }
    )

    assert run("check", "--strict").code == 0


def test_the_project_of_a_plugin_in_its_own_folder_is_looked_at(run: Run, write: Write) -> None:
    write(
        {
            "pyproject.toml": HATCH + PROJECT + '[project.entry_points."till.plugins"]\n',
            "plugin.toml": 'name = "shop"',
            "plugin.py": "",
        }
    )

    done = run("check")

    assert done.lines[0] == "pyproject.toml:7:10: 'entry_points' has no effect"


@pytest.mark.parametrize(
    ("offer", "file"),
    [
        ("acme_shop:shop", "acme_shop.py"),
        ("acme_shop", "src/acme_shop/__init__.py"),
        ("acme_shop.till", "src/acme_shop/till.py"),
    ],
)
def test_a_module_without_a_manifest_is_a_plugin_by_its_entry_point(
    offer: str, file: str, run: Run, write: Write
) -> None:
    points = f'[project.entry-points."till.plugins"]\nshop = "{offer}"\n'
    points += '[project.entry-points.pytest11]\nacme = "acme_shop"\n'
    code = "from hotplug import HookimplMarker\nshop = 1\nfrom .nowhere import x"
    files = {"src/acme_shop/__init__.py": ""} if file.startswith("src") else {}
    write({"pyproject.toml": HATCH + PROJECT + points, **files, file: code})

    done = run("check", "--group", "till.plugins")

    assert done.lines[:2] == [
        f"{file}:3:1: the plugin has no module 'nowhere'",
        "1 error in plugin 'shop' 1.4.0",
    ]


def test_the_plugin_in_a_distribution_of_its_own_is_sound(run: Run) -> None:
    done = run("check", str(ROOT / "plugins" / "smoothie-extra"), "--group", "smoothie", "--strict")

    assert (done.code, done.lines[0]) == (0, "nothing wrong in plugin 'extra' 0.1.0")


WHEELS: Final = {
    "the default": ("", "src/acme_shop"),
    "the default, without src": ("", "acme_shop"),
    "the default, for a package of another name": ("", "src/shop"),
    "packages": ('packages = ["src/shop"]', "src/shop"),
    "packages, but others": ('packages = ["src/acme_shop"]', "src/shop"),
    "what is included": ('include = ["*.toml", "*.py"]', "src/shop"),
    "what is included, by folder": ('include = ["/src/shop"]', "src/shop"),
    "what is included, but code alone": ('include = ["*.py"]', "src/shop"),
    "what is excluded": ('packages = ["src/shop"]\nexclude = ["*.toml"]', "src/shop"),
    "what is excluded elsewhere": ('packages = ["src/shop"]\nexclude = ["docs"]', "src/shop"),
    "a folder above it": ('packages = ["src/acme"]', "src/acme/shop"),
    "only some": ('only-include = ["src/acme_shop"]', "src/shop"),
}


@pytest.mark.parametrize("case", WHEELS)
def test_what_is_said_of_a_wheel_is_so(case: str, run: Run, write: Write, folder: Path) -> None:
    settings, place = WHEELS[case]
    table = f"[tool.hatch.build.targets.wheel]\n{settings}\n" if settings else ""
    module = place.removeprefix("src/").replace("/", ".")
    offer = OFFER.replace('"acme_shop"', f'"{module}"')
    write(
        {
            "pyproject.toml": HATCH + PROJECT + offer + table,
            "src/acme_shop/__init__.py": "",
            f"{place}/plugin.toml": 'name = "shop"',
            f"{place}/__init__.py": "",
            f"{place}/plugin.py": "",
        }
    )

    done = run("check")
    script = "from hatchling.build import build_wheel; build_wheel('.')"
    built = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )

    wheels = [*folder.glob("*.whl")]
    names = zipfile.ZipFile(wheels[0]).namelist() if wheels else []
    is_there = any(each.endswith("plugin.toml") for each in names)
    assert (done.code == 0) == is_there, done.out + built.stderr


@pytest.mark.parametrize(
    ("more", "files", "is_there"),
    [
        ("", {}, False),
        ('[tool.setuptools.package-data]\nacme_shop = ["*.toml"]', {}, True),
        ('[tool.setuptools.package-data]\n"*" = ["plugin.toml"]', {}, True),
        ('[tool.setuptools.package-data]\nacme_shop = ["*.json"]', {}, False),
        ("", {"MANIFEST.in": "recursive-include src *.toml"}, True),
        ("", {"MANIFEST.in": "include README.md"}, False),
    ],
)
def test_setuptools_has_to_be_told_of_the_manifest(
    more: str, files: dict[str, str], is_there: bool, run: Run, project: Write
) -> None:
    project(SETUPTOOLS + PROJECT + OFFER + more, **files)

    done = run("check")

    assert ("setuptools leaves src/acme_shop/plugin.toml out of the wheel" in done.out) != is_there
    assert (done.code == 0) == is_there


def test_an_applications_own_plugins_are_checked_where_it_looks(run: Run, write: Write) -> None:
    write(
        {
            "pyproject.toml": '[tool.till.plugins]\npaths = ["addons", "more"]\nautoloda = true',
            "addons/shop/plugin.toml": 'name = "shop"\nversion = 1',
            "addons/shop/plugin.py": "",
        }
    )

    done = run("check")

    assert done.code == 1
    assert "addons/shop/plugin.toml:2:1: 'version' takes a version, not a number" in done.lines
    assert "pyproject.toml:2:" in done.out
    assert "there is no folder 'more'" in done.out
    assert "pyproject.toml:3: warning: the unknown key 'autoloda' has no effect" in done.lines


def test_the_plugins_of_an_application_are_counted_once(run: Run, write: Write) -> None:
    write(
        {
            "pyproject.toml": '[tool.till.plugins]\npaths = ["addons"]',
            "addons/shop/plugin.toml": 'name = "shop"',
            "addons/shop/plugin.py": "",
        }
    )

    assert run("check").lines == ["nothing wrong in plugin 'shop' 0.0.0"]


def test_the_plugins_of_an_application_may_import_it(run: Run, write: Write) -> None:
    write(
        {
            "pyproject.toml": '[tool.market.plugins]\npaths = ["addons"]',
            "market.py": "",
            "addons/shop/plugin.toml": 'name = "shop"',
            "addons/shop/plugin.py": "import market",
        }
    )

    assert run("check").lines == ["nothing wrong in plugin 'shop' 0.0.0"]


def test_the_plugins_of_an_application_need_no_entry_point(run: Run, write: Write) -> None:
    write(
        {
            "pyproject.toml": """
                [project]
                name = "market"
                version = "1.0"

                [tool.market.plugins]
                paths = ["addons"]
            """,
            "addons/shop/plugin.toml": 'name = "shop"',
            "addons/shop/plugin.py": "",
        }
    )

    assert run("check").lines == ["nothing wrong in plugin 'shop' 0.0.0"]

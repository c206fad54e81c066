"""Plugins of installed distributions: real ones, which pip put into a directory on the path."""

import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator, Mapping
from importlib.metadata import Distribution
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

Fixture = Callable[..., Any]

TEA_HOUSE = """
    class Waiter:
        def serve(self, guest):
            return f"tea for {guest}"
        serve.cafe_impl = {}

        def __bool__(self):
            raise AssertionError("nobody needs to know")

    waiter = Waiter()
"""

BAKERY = """
    def serve(guest):
        return f"cake for {guest}"
    serve.cafe_impl = {}
"""

# name of the distribution: its code, and its entry points by group
DISTRIBUTIONS: Mapping[str, tuple[str, Mapping[str, Mapping[str, str]]]] = {
    "tea-house": (
        TEA_HOUSE,
        {
            "cafe.waiters": {"waiter": "tea_house:waiter"},
            "cafe.broken": {"absent": "tea_house:absent"},
        },
    ),
    "Corner.Bakery": (
        BAKERY,
        {"cafe.waiters": {"baker": "corner_bakery", "second": "corner_bakery:serve"}},
    ),
}


def wheel(directory: Path, name: str) -> Path:
    """A wheel with one module, written by hand."""
    code, groups = DISTRIBUTIONS[name]
    module = name.replace("-", "_").replace(".", "_").lower()
    info = f"{module}-2.0.dist-info"
    files = {
        f"{module}.py": dedent(code),
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: 2.0\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{info}/entry_points.txt": "".join(
            f"[{group}]\n" + "".join(f"{key} = {value}\n" for key, value in points.items())
            for group, points in groups.items()
        ),
    }
    files[f"{info}/RECORD"] = "".join(f"{path},,\n" for path in [*files, f"{info}/RECORD"])
    path = directory / f"{module}-2.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for member, text in files.items():
            archive.writestr(member, text)
    return path


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory into which the distributions were installed."""
    wheels = tmp_path_factory.mktemp("wheels")
    target = tmp_path_factory.mktemp("installed")
    pip: list[str | Path] = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    options: list[str | Path] = ["--no-index", "--no-deps", "--target", target]
    files = [wheel(wheels, name) for name in DISTRIBUTIONS]
    subprocess.run([*pip, "install", *options, *files], check=True)
    return target


@pytest.fixture(autouse=True)
def installed(installation: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.syspath_prepend(installation)
    before = set(sys.modules)
    yield
    for name in set(sys.modules) - before:
        del sys.modules[name]


@pytest.fixture
def load(pm: Any) -> Fixture:
    return lambda name=None: pm.load_setuptools_entrypoints("cafe.waiters", name)


def project(distribution: Distribution) -> str:
    return distribution.metadata["Name"]


def test_the_plugins_of_a_group_are_registered_under_their_names(pm: Any, load: Fixture) -> None:
    assert load() == 3
    assert {name for name, _ in pm.list_name_plugin()} == {"waiter", "baker", "second"}
    assert sorted(pm.hook.serve(guest="Ada")) == ["cake for Ada", "tea for Ada"]


def test_objects_are_registered_as_they_are(pm: Any, load: Fixture) -> None:
    load()

    modules = sys.modules
    assert pm.get_plugin("waiter") is modules["tea_house"].waiter
    assert pm.get_plugin("baker") is modules["corner_bakery"]
    assert pm.get_plugin("second") is modules["corner_bakery"].serve


def test_one_plugin_of_a_group_may_be_asked_for(pm: Any, load: Fixture) -> None:
    assert load("baker") == 1
    assert [name for name, _ in pm.list_name_plugin()] == ["baker"]
    assert "tea_house" not in sys.modules


@pytest.mark.parametrize("group", ["nobody's", "cafe"])
def test_a_group_that_nobody_is_in_gives_nothing(pm: Any, group: str) -> None:
    assert pm.load_setuptools_entrypoints(group) == 0


def test_what_is_loaded_already_is_not_loaded_again(pm: Any, load: Fixture) -> None:
    load("baker")

    assert load() == 2
    assert load() == 0
    assert len(pm.list_plugin_distinfo()) == 3


def test_a_name_that_is_taken_is_passed_over(pm: Any, load: Fixture) -> None:
    pm.register(object(), "waiter")

    assert load() == 2
    assert "tea_house" not in sys.modules


def test_a_name_that_is_blocked_is_passed_over(pm: Any, load: Fixture) -> None:
    pm.set_blocked("waiter")

    assert load() == 2
    assert "tea_house" not in sys.modules


def test_a_plugin_that_cannot_be_loaded_is_an_error(pm: Any) -> None:
    with pytest.raises(AttributeError, match="absent"):
        pm.load_setuptools_entrypoints("cafe.broken")

    assert pm.list_plugin_distinfo() == []


def test_each_plugin_is_listed_with_its_distribution(pm: Any, load: Fixture) -> None:
    load()

    names = {
        pm.get_name(plugin): project(distribution)
        for plugin, distribution in pm.list_plugin_distributions()
    }

    assert names == {"waiter": "tea-house", "baker": "Corner.Bakery", "second": "Corner.Bakery"}
    assert all(isinstance(each, Distribution) for _, each in pm.list_plugin_distributions())
    assert pm._plugin_distinfo == pm.list_plugin_distributions()


def test_plugins_that_came_in_another_way_are_not_listed(pm: Any, load: Fixture) -> None:
    pm.register(object(), "other")
    load("waiter")

    assert [pm.get_name(plugin) for plugin, _ in pm.list_plugin_distinfo()] == ["waiter"]


def test_a_list_of_distributions_is_a_copy(pm: Any, load: Fixture) -> None:
    load()

    pm.list_plugin_distributions().clear()

    assert len(pm.list_plugin_distributions()) == 3


@pytest.fixture
def facade(pm: Any, load: Fixture) -> Any:
    """The distribution of a plugin, as programs of old expect it."""
    load("waiter")
    ((_, distribution),) = pm.list_plugin_distinfo()
    return distribution


def test_a_distribution_tells_its_name_in_the_way_of_old(facade: Any) -> None:
    assert facade.project_name == "tea-house"


def test_a_distribution_tells_what_the_real_one_tells(pm: Any, facade: Any) -> None:
    ((_, distribution),) = pm.list_plugin_distributions()

    assert facade._dist is distribution
    assert facade.version == "2.0"
    assert facade.metadata["Name"] == "tea-house"
    with pytest.raises(AttributeError, match="no_such_thing"):
        facade.no_such_thing  # noqa: B018 - looking at it is what is tested


def test_a_distribution_lists_its_attributes(facade: Any) -> None:
    assert dir(facade) == sorted(dir(facade))
    assert {*dir(facade)} == {*dir(facade._dist), "_dist", "project_name"}


def test_a_distribution_equals_itself_alone(pm: Any, facade: Any) -> None:
    ((_, other),) = pm.list_plugin_distinfo()

    assert {facade: 1}[facade] == 1
    assert other != facade

"""What a user gets: the wheel and the sdist, installed where nothing else is."""

import email
import subprocess
import tarfile
import zipfile
from collections.abc import Callable
from email.message import Message
from importlib.metadata import version
from pathlib import Path

import pytest


@pytest.fixture(scope="module")
def names_in_wheel(built_wheel: Path) -> list[str]:
    return zipfile.ZipFile(built_wheel).namelist()


@pytest.fixture(scope="module")
def names_in_sdist(built_sdist: Path) -> list[str]:
    with tarfile.open(built_sdist) as archive:
        return [name.partition("/")[2] for name in archive.getnames()]


@pytest.fixture(scope="module")
def installed(built_wheel: Path, make_environment: Callable[..., Path]) -> Path:
    return make_environment(built_wheel)


def output_of(*command: str | Path) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


@pytest.fixture(scope="module")
def metadata(built_wheel: Path, names_in_wheel: list[str]) -> Message:
    (name,) = (name for name in names_in_wheel if name.endswith(".dist-info/METADATA"))
    return email.message_from_bytes(zipfile.ZipFile(built_wheel).read(name))


def test_the_wheel_requires_nothing_unless_an_extra_is_asked_for(metadata: Message) -> None:
    requirements = metadata.get_all("Requires-Dist", [])

    assert [line for line in requirements if "extra ==" not in line] == []


def test_dk13_what_is_installed_is_called_as_what_is_imported_and_has_the_extra_for_yaml(
    metadata: Message,
) -> None:
    assert metadata["Name"] == "hotplug"
    assert "yaml" in metadata.get_all("Provides-Extra", [])


def test_the_wheel_says_that_it_is_typed(names_in_wheel: list[str]) -> None:
    assert "hotplug/py.typed" in names_in_wheel


def test_the_sdist_says_that_it_is_typed(names_in_sdist: list[str]) -> None:
    assert "src/hotplug/py.typed" in names_in_sdist


def test_the_tour_is_in_the_wheel(names_in_wheel: list[str]) -> None:
    assert "hotplug_tour/cli.py" in names_in_wheel


def test_the_wheel_holds_the_library_and_the_tour_and_nothing_else(
    names_in_wheel: list[str],
) -> None:
    tops = {name.partition("/")[0] for name in names_in_wheel}

    assert {top for top in tops if not top.endswith(".dist-info")} == {"hotplug", "hotplug_tour"}


def test_the_license_is_in_the_wheel(names_in_wheel: list[str]) -> None:
    assert any(name.endswith("/licenses/LICENSE") for name in names_in_wheel)


def test_hotplug_imports_where_only_its_wheel_is_installed(installed: Path) -> None:
    script = "import hotplug; print(hotplug.__version__)"

    assert output_of(installed / "python", "-I", "-c", script).strip() == version("hotplug")


def test_the_tour_runs_where_only_the_wheel_is_installed(installed: Path) -> None:
    assert output_of(installed / "hotplug-tour", "list").strip()


def test_pytest_finds_the_fixtures_in_the_wheel(built_wheel: Path) -> None:
    archive = zipfile.ZipFile(built_wheel)
    (name,) = (name for name in archive.namelist() if name.endswith("/entry_points.txt"))

    assert "[pytest11]\nhotplug = hotplug.testing.pytest_plugin\n" in archive.read(name).decode()

"""What a project may say about its plugins, and how it is told what is wrong."""

from pathlib import Path

import pytest

from hotplug import PluginHost
from hotplug.manifest import ManifestError

PYPROJECT = """\
[project]
name = "till"

[tool.till.plugins.settings.shop]
currency = "EUR"
"""


def test_a_project_can_be_a_mapping() -> None:
    with PluginHost(project={"settings": {"shop": {"currency": "EUR"}}}) as host:
        assert host.project.settings["shop"] == {"currency": "EUR"}


def test_a_pyproject_says_it_in_the_table_of_the_application(tmp_path: Path) -> None:
    file = tmp_path / "pyproject.toml"
    file.write_text(PYPROJECT)

    with PluginHost("till", project=file) as host:
        assert host.project.settings["shop"] == {"currency": "EUR"}
        assert host.project.where("settings", "shop", "currency") == f"{file}:5"


def test_a_pyproject_without_the_table_says_nothing(tmp_path: Path) -> None:
    file = tmp_path / "pyproject.toml"
    file.write_text("[project]\nname = 'till'\n")

    with PluginHost("till", project=file) as host:
        assert host.project.settings == {}


def test_any_other_file_has_the_keys_at_its_top(tmp_path: Path) -> None:
    file = tmp_path / "plugins.toml"
    file.write_text("[settings.shop]\ncurrency = 'EUR'\n")

    with PluginHost(project=str(file)) as host:
        assert host.project.settings["shop"] == {"currency": "EUR"}
        assert host.project.folder == tmp_path


def test_what_is_wrong_in_a_project_is_told_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "plugins.toml"
    file.write_text("[settings]\nshop = 5\n")

    with pytest.raises(ManifestError) as caught:
        PluginHost(project=file)

    said = "'settings.shop' takes a table, not a number"
    assert str(caught.value) == f"{file}:2:1: {said}"


def test_a_project_in_another_form_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ManifestError, match="TOML, JSON or YAML"):
        PluginHost(project=tmp_path / "plugins.cfg")

"""What a newcomer finds in the repository, and the commands that the first page names."""

import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


def test_pk22_the_folders_are_those_that_were_promised() -> None:
    folders = ["src/hotplug", "tour", "examples", "plugins/smoothie-extra", "docs", "tests"]

    assert [folder for folder in folders if not (ROOT / folder).is_dir()] == []


def test_pk22_the_plugin_is_a_project_of_its_own() -> None:
    text = (ROOT / "plugins" / "smoothie-extra" / "pyproject.toml").read_text("utf-8")
    project = tomllib.loads(text)["project"]

    assert project["name"] == "smoothie-extra"
    assert project["entry-points"]


@pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")
def test_pk25_make_knows_what_the_first_page_names(tmp_path: Path) -> None:
    (tmp_path / ".ready").touch()
    targets = ["install", "test", "lint", "docs-serve", "docs-build", "run"]
    targets += ["coverage", "fmt", "clean", "help"]

    done = subprocess.run(
        ["make", "--dry-run", f"VENV={tmp_path}", *targets, "DEMO=wrapper"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert f"{tmp_path}/bin/hotplug-tour run wrapper" in done.stdout
    assert f"{tmp_path}/bin/python -m pytest" in done.stdout

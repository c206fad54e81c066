"""What the page on typing says of type checkers is what they say of the page."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

PAGE = Path(__file__).resolve().parent.parent / "docs" / "hooks" / "typing.md"
FENCE = re.compile(r"(?ms)^```python\n(.*?)^```$")
LINE_OF_ERROR = re.compile(r"page\.py:(\d+)(?::\d+)?:? .*?error")


@pytest.fixture
def page(tmp_path: Path) -> Path:
    file = tmp_path / "page.py"
    file.write_text("\n".join(FENCE.findall(PAGE.read_text("utf-8"))), "utf-8")
    return file


def expected(page: Path) -> set[int]:
    """The lines that the page calls wrong."""
    lines = page.read_text("utf-8").splitlines()
    return {number for number, line in enumerate(lines, 1) if "# error: " in line}


def found(page: Path, *command: str) -> set[int]:
    """The lines that a type checker calls wrong."""
    done = subprocess.run(
        [sys.executable, "-m", *command, page],
        capture_output=True,
        text=True,
        check=False,
        cwd=page.parent,
    )
    return {int(number) for number in LINE_OF_ERROR.findall(done.stdout)}


def test_mypy_finds_the_errors_of_the_page_and_no_others(page: Path) -> None:
    cache = str(page.parent / "cache")

    assert found(page, "mypy", "--strict", "--cache-dir", cache) == expected(page) != set()


def test_pyright_finds_the_errors_of_the_page_and_no_others(page: Path) -> None:
    assert found(page, "pyright", "--pythonpath", sys.executable) == expected(page) != set()

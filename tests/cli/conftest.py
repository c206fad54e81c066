"""A folder to work in, and the command as one calls it there."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from textwrap import dedent
from typing import NamedTuple

import pytest

from hotplug.cli import main

Write = Callable[..., Path]


class Done(NamedTuple):
    """What a command has left."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[str]:
        return self.out.splitlines()


Run = Callable[..., Done]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where all happens; what is imported there is forgotten afterwards."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    before = {*sys.modules}
    yield tmp_path
    for name in {*sys.modules} - before:
        if name.partition(".")[0] in ("api", "till"):
            del sys.modules[name]


@pytest.fixture
def write(folder: Path) -> Write:
    """Write files by their paths: ``write({"shop/plugin.toml": 'name = "shop"'})``."""

    def write(files: dict[str, str]) -> Path:
        for path, text in files.items():
            file = folder / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(dedent(text).lstrip(), "utf-8")
        return folder

    return write


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Call the command."""

    def run(*arguments: str) -> Done:
        try:
            code = main(arguments)
        except SystemExit as left:
            code = int(str(left.code))
        said = capsys.readouterr()
        return Done(code, said.out, said.err)

    return run

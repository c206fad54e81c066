"""The command ``hotplug``: what it says of itself, and how it tells what is wrong."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hotplug.cli import COMMANDS
from hotplug.cli.page import Page

Run = Callable[..., Any]


def test_without_a_command_it_tells_which_there_are(run: Run) -> None:
    done = run()

    assert (done.code, done.out) == (2, "")
    assert all(f"  {name} " in done.err for name in COMMANDS)


def test_help_is_no_failure(run: Run) -> None:
    done = run("--help")

    assert (done.code, done.err) == (0, "")
    assert all(f"  {name} " in done.out for name in COMMANDS)


def test_an_unknown_command_is_answered_with_those_there_are(run: Run) -> None:
    done = run("chek")

    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("hotplug: there is no command 'chek'; did you mean 'check'?\n  new ")


@pytest.mark.parametrize("name", [name for name in COMMANDS if name != "pluggy-run"])
def test_each_command_tells_how_it_is_called(name: str, run: Run) -> None:
    done = run(name, "--help")

    assert done.code == 0
    assert done.out.startswith(f"usage: hotplug {name} ")


def test_the_version_is_that_of_the_distribution(run: Run) -> None:
    from importlib.metadata import version

    assert run("--version").out == f"hotplug {version('hotplug')}\n"


def test_the_module_is_the_command_too(folder: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "hotplug", "check", "nowhere"],
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "hotplug: there is nothing to check at nowhere\n"


def test_a_reader_that_closes_early_is_no_error() -> None:
    command = f'"{sys.executable}" -m hotplug --help | true'
    done = subprocess.run(command, shell=True, capture_output=True, text=True, check=False)

    assert done.stderr == ""


def test_asking_for_help_loads_neither_a_host_nor_rich() -> None:
    script = "import sys; from hotplug.cli import main; main(['--help']); print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )

    loaded = done.stdout.split()
    assert {"hotplug.host", "rich", "argparse"}.isdisjoint(loaded)


def test_pluggy_run_hands_on_all_that_it_is_given(folder: Path) -> None:
    Path("which.py").write_text("import sys, pluggy; print(pluggy.__name__, *sys.argv[1:])")

    done = subprocess.run(
        [sys.executable, "-m", "hotplug", "pluggy-run", "which.py", "--help", "-x"],
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout == "hotplug.compat.pluggy --help -x\n"


def test_pluggy_run_is_called_by_its_own_name_in_its_help(run: Run) -> None:
    assert run("pluggy-run", "--help").out.startswith("usage: hotplug pluggy-run PROGRAM ")


@pytest.mark.skipif(sys.platform == "win32", reason="pseudo-terminals are a thing of Unix")
class TestOnATerminal:
    def written(self, command: str = "", **variables: str) -> str:
        import pty

        environment = {key: os.environ[key] for key in os.environ if key != "NO_COLOR"}
        master, slave = pty.openpty()
        script = (
            f"{command}\nfrom hotplug.cli.page import Page\nPage().line('shop ', ('runs', 'good'))"
        )
        with subprocess.Popen(
            [sys.executable, "-c", script],
            stdout=slave,
            env={**environment, "TERM": "xterm", **variables},
        ) as running:
            os.close(slave)
            chunks: list[bytes] = []
            try:
                while chunk := os.read(master, 4096):
                    chunks.append(chunk)
            except OSError:  # how Linux says that the other end is closed
                pass
            os.close(master)
        assert running.returncode == 0
        return b"".join(chunks).decode()

    def test_there_are_colours(self) -> None:
        assert self.written() == "shop \x1b[32mruns\x1b[0m\r\n"

    def test_there_are_none_without_rich(self) -> None:
        assert self.written("import sys; sys.modules['rich'] = None") == "shop runs\r\n"

    def test_there_are_none_if_no_color_is_set(self) -> None:
        assert self.written(NO_COLOR="1") == "shop runs\r\n"

    def test_there_are_none_on_a_dumb_one(self) -> None:
        assert self.written(TERM="dumb") == "shop runs\r\n"


def test_elsewhere_there_are_none(capsys: pytest.CaptureFixture[str]) -> None:
    Page().line("shop ", ("runs", "good"))

    assert capsys.readouterr().out == "shop runs\n"


def test_paths_below_the_current_folder_begin_there(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Page().text(f"shop from {folder / 'plugins' / 'shop'}")

    assert capsys.readouterr().out == f"shop from {Path('plugins', 'shop')}\n"

"""The tour: every step runs, shows the code that runs, and the command says what it can do."""

import ast
import inspect
import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from hotplug_tour.cli import main
from hotplug_tour.steps import STEPS

# What a step is there to show, as a part of one line that it prints; in the order of the tour.
SHOWN = {
    "direct": "['hey Ada!', 'Good day, Ada.']",
    "firstresult": "Alan Turing",
    "ordering": "['first', 'plain', 'last', 'after last']",
    "target-and-optional": "waiting for a hook: [('polyglot', 'farewell')]",
    "wrapper": "(farewell is missing)",
    "around": "<page /news>",
    "pipeline": "'Hello Wonderful World!'",
    "historic": "counter has seen Ada",
    "async": "['sun from the wire', 'sun from the archive']",
    "concurrent": "['sun, in depth', 'sun, in short']",
    "error-policy": "['no stock', 'credit is fine']",
    "call-extra": "['the email looks wrong', 'the name is too short']",
    "views": "[12, 4] [12]",
    "validation": "  did you mean 'currency'?",
    "lifecycle": "plugin 'mail' is blocked; unblock('mail') lets it in",
    "subclasses": "['a,b', 'a\\tb']",
    "entry-points": "loaded: berries",
    "typed": "['HEY Ada!']",
    "monitoring": "  inner -> 41",
    "compiled": "            r0 = i0(item, amount)  # Shop",
    "host": "['timer every 3600 s', \"implementation of hook 'price'\"]",
    "resources": "plugin 'shop' could not give everything back (1 sub-exception)",
    "children": "{'shop': 'disabled', 'sign': 'disabled', 'radio': 'enabled'}",
    "requires": "it requires 'kitchen', which was disabled",
    "versions": "version - it requires 'oven' ^2, and oven 1.4.0 is loaded",
    "not-ready": "True PluginState.LOADED 3",
    "by-name": "no plugin 'bakry' can be found; did you mean 'bakery'?",
    "project": "  mailer 0.0.0: the project blocks it: it sends too many mails",
    "events": "roll back: no cake is left",
    "current-plugin": "guest shop",
    "timers": "it rings: False",
    "lazy": "enabled",
    "reload": "bread: 4, and 3 sold",
    "watch": "bread: 4",
    "settings": "    did you mean 'EUR'?",
    "store": "{'opened': 4}",
    "why": "  load plugin 'oven' >=2 in its place",
    "ledger": "imported",
    "profile": "hog kept the event loop from running: once",
    "fence": "plugin 'shop' (generation 1) has ended: it cannot set a timer",
    "limits": "plugin 'shop' can hold no new timer",
    "from-pluggy": "['welcome', 'soup for Ada', 'tea for Ada']",
}


MECHANISMS = list(SHOWN)


def printed_by(screen: str) -> list[str]:
    """The lines that a step printed, as the screen marks them."""
    return [line[4:] for line in screen.splitlines() if line.startswith("  ┃ ")]


def code_on(screen: str) -> str:
    """The code that the screen shows: what is indented and not marked as printed."""
    lines = [line for line in screen.splitlines() if not line.startswith("  ┃ ")]
    return "\n".join(line[2:] for line in lines if line.startswith("  ") or not line)


def test_there_is_one_step_for_each_mechanism() -> None:
    assert list(STEPS) == MECHANISMS


@pytest.mark.parametrize("name", MECHANISMS)
def test_a_step_runs_and_shows_its_mechanism(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["run", name])

    screen = capsys.readouterr()
    assert (code, screen.err) == (0, "")
    assert any(SHOWN[name] in line for line in printed_by(screen.out))


def dedented(code: ast.Module) -> ast.Module:
    """The code with the texts in it as far to the left as they go: the screen moves them."""
    for node in ast.walk(code):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            node.value = textwrap.dedent(node.value)
    return code


@pytest.mark.parametrize("name", MECHANISMS)
def test_the_code_on_the_screen_is_the_code_that_ran(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["run", name])

    shown = ast.parse(code_on(capsys.readouterr().out))
    (function,) = ast.parse(inspect.getsource(STEPS[name].function)).body
    assert isinstance(function, ast.FunctionDef)
    after_the_docstring = ast.Module(function.body[1:], [])
    assert ast.dump(dedented(shown)) == ast.dump(dedented(after_the_docstring))


@pytest.mark.parametrize("name", [name for name in MECHANISMS if name != "compiled"])
def test_a_step_fits_on_one_screen(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    main(["run", name])

    assert len(capsys.readouterr().out.splitlines()) <= 40


def test_what_a_line_prints_stands_right_below_it(capsys: pytest.CaptureFixture[str]) -> None:
    main(["run", "lifecycle"])

    lines = capsys.readouterr().out.splitlines()
    at = lines.index('  print(pm.register(mail, name="mail"), pm.register(Channel("sms")))')
    assert lines[at + 1] == "  ┃ mail Channel"


def test_run_all_runs_every_step_in_order(capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["run", "all"])

    titles = [line.split()[1] for line in capsys.readouterr().out.splitlines() if line[:2] == "──"]
    assert (code, titles) == (0, MECHANISMS)


def test_several_steps_run_in_the_order_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    main(["run", "wrapper", "direct"])

    titles = [line.split()[1] for line in capsys.readouterr().out.splitlines() if line[:2] == "──"]
    assert titles == ["wrapper", "direct"]


def test_list_names_every_step_and_says_what_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["list"])

    lines = [line.split(maxsplit=1) for line in capsys.readouterr().out.splitlines()[: len(STEPS)]]
    assert code == 0
    assert [name for name, _ in lines] == MECHANISMS
    assert all(sentence for _, sentence in lines)


def test_list_fits_in_80_columns(capsys: pytest.CaptureFixture[str]) -> None:
    main(["list"])

    assert max(map(len, capsys.readouterr().out.splitlines())) <= 80


def test_an_unknown_step_is_an_error_with_all_names_and_a_close_one(
    capsys: pytest.CaptureFixture[str],
) -> None:
    code = main(["run", "wraper"])

    error = capsys.readouterr().err
    assert code != 0
    assert "did you mean 'wrapper'?" in error
    assert set(MECHANISMS) <= set(error.split())


def test_no_step_runs_if_one_of_the_names_is_unknown(capsys: pytest.CaptureFixture[str]) -> None:
    main(["run", "direct", "wraper"])

    assert capsys.readouterr().out == ""


def test_without_a_command_the_usage_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main([])

    assert left.value.code != 0
    assert "usage: hotplug-tour" in capsys.readouterr().err


def test_a_pipe_gets_no_colours() -> None:
    assert "\x1b" not in tour("run", "direct").stdout


def test_where_the_encoding_is_ascii_only_ascii_is_written() -> None:
    done = tour("run", "all", PYTHONIOENCODING="ascii", PYTHONUTF8="0")

    assert (done.returncode, done.stdout.isascii()) == (0, True)


def test_a_reader_that_closes_early_is_no_error() -> None:
    command = f'"{sys.executable}" -m hotplug_tour run all | head -n 1'
    done = subprocess.run(command, shell=True, capture_output=True, text=True, check=False)

    assert done.stdout.startswith("── direct")
    assert done.stderr == ""


def tour(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "hotplug_tour", *arguments],
        capture_output=True,
        encoding="utf-8",
        env={**os.environ, "PYTHONIOENCODING": "utf-8", **variables},
        check=False,
    )


@pytest.mark.skipif(sys.platform == "win32", reason="pseudo-terminals are a thing of Unix")
class TestOnATerminal:
    def written(self, tmp_path: Path, *arguments: str, **variables: str) -> str:
        import pty

        environment = {key: os.environ[key] for key in os.environ if key != "NO_COLOR"}
        master, slave = pty.openpty()
        with subprocess.Popen(
            [sys.executable, "-m", "hotplug_tour", *(arguments or ("list",))],
            stdout=slave,
            env={**environment, "TERM": "xterm", **variables},
            cwd=tmp_path,
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

    def test_there_are_colours(self, tmp_path: Path) -> None:
        assert "\x1b[" in self.written(tmp_path)

    def test_there_are_none_if_no_color_is_set(self, tmp_path: Path) -> None:
        assert "\x1b" not in self.written(tmp_path, NO_COLOR="1")

    def test_what_is_printed_stays_beside_its_bar(self, tmp_path: Path) -> None:
        options = {"NO_COLOR": "1", "COLUMNS": "60", "PYTHONIOENCODING": "utf-8"}

        lines = self.written(tmp_path, "run", "from-pluggy", **options).splitlines()

        at = lines.index("  ┃ plugin 'Greeter' marks 'serve' with pluggy's")
        assert lines[at + 1].startswith("  ┃   hookwrapper=True;")
        assert all(len(line) <= 60 for line in lines if line.startswith("  ┃"))

    def test_there_are_none_on_a_dumb_one(self, tmp_path: Path) -> None:
        assert "\x1b" not in self.written(tmp_path, TERM="dumb")

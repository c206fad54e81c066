"""`python -m hotplug.manifest` tells authors what is wrong."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from hotplug.manifest import schema
from hotplug.manifest.__main__ import main

MakePlugin = Callable[..., Path]


def run(*arguments: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    command = (sys.executable, "-m", "hotplug.manifest", *arguments)
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=cwd)


def test_a_sound_manifest_is_answered_with_silence(make_plugin: MakePlugin) -> None:
    folder = make_plugin({"name": "shop"})

    done = run("shop", "shop/plugin.json", cwd=folder.parent)

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_problems_are_told_with_file_line_and_column(make_plugin: MakePlugin) -> None:
    folder = make_plugin('{"name": "shop",\n "version": "one"}')
    make_plugin('name = "bank"\ncolor = 1', "plugin.toml", folder="bank")

    done = run("shop", "bank", "nowhere", cwd=folder.parent)

    assert done.returncode == 1
    assert done.stdout == (
        "shop/plugin.json:2:2: 'version' takes a version, not 'one'\n"
        "  write it as PEP 440 or SemVer say: 1.4.0, 2.0rc1, 1.0.0-beta.2\n"
        "bank/plugin.toml:2:1: warning: the unknown key 'color' has no effect\n"
        "  a key of your own begins with 'x-' or stands in the table 'tool'\n"
        "nowhere: there is no plugin here: no such file or directory\n"
    )


def test_warnings_alone_are_no_failure(
    make_plugin: MakePlugin, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = make_plugin({"name": "shop", "color": 1})

    assert main([str(folder)]) == 0
    assert "warning: the unknown key 'color'" in capsys.readouterr().out


def test_problems_can_be_had_as_data(
    make_plugin: MakePlugin, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = make_plugin('{"name": "shop",\n "requires": ["a b"]}')

    assert main(["--json", str(folder)]) == 1
    assert json.loads(capsys.readouterr().out) == [
        {
            "message": "'requires[0]' takes the name of a plugin, not 'a b'",
            "hint": "letters from a to z, digits, '-', '_' and '.', a letter first, no sign last",
            "file": str(folder / "plugin.json"),
            "line": 2,
            "column": 15,
            "key": "requires[0]",
            "severity": "error",
        }
    ]


def test_the_schema_can_be_had(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--schema"]) == 0
    assert json.loads(capsys.readouterr().out) == schema()


def test_without_a_plugin_it_says_what_to_give(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main([])

    assert caught.value.code == 2
    assert "name at least one plugin, or --schema" in capsys.readouterr().err


@pytest.mark.skipif(sys.platform != "linux", reason="paths are any bytes only there")
def test_a_path_that_is_no_text_is_told_all_the_same(tmp_path: Path) -> None:
    done = run(b"\xff".decode(errors="surrogateescape"), cwd=tmp_path)

    assert done.returncode == 1
    assert done.stdout.startswith("\\udcff: there is no plugin here")
    assert done.stderr == ""

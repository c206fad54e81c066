"""Putting ours in the place of pluggy: in one process, in those it starts, and nowhere unasked."""

import importlib
import inspect
import json
import os
import py_compile
import re
import shutil
import subprocess
import sys
import zipapp
import zipfile
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent
from typing import Any

import pluggy
import pytest

Done = subprocess.CompletedProcess[str]
Run = Callable[..., Done]

OURS = "hotplug.compat.pluggy"
WHOSE = "import pluggy; print(pluggy.PluginManager.__module__.rpartition('.')[0])"


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Run a Python with arguments, in an empty directory."""

    def run(*arguments: str, python: str | Path = sys.executable, path: str = "") -> Done:
        return subprocess.run(
            [python, *arguments],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": path},
            capture_output=True,
            text=True,
            check=False,
        )

    return run


@pytest.fixture
def swapped(run: Run) -> Run:
    """Run a program in the place of whose pluggy ours is."""
    return lambda *arguments, **options: run("-m", OURS, *arguments, **options)


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str, str], Path]:
    def write(name: str, code: str) -> Path:
        path = tmp_path / name
        path.write_text(dedent(code))
        return path

    return write


# in one process


def test_the_name_of_the_package_is_all_that_an_author_changes(run: Run) -> None:
    done = run("-c", f"import {OURS} as pluggy; print(pluggy.PluginManager('cafe').hook)")

    assert (done.returncode, done.stderr) == (0, "")


def test_after_installing_every_import_of_pluggy_gives_ours(run: Run) -> None:
    done = run(
        "-c",
        f"""if True:
        import {OURS}
        {OURS}.install()
        import pluggy
        from pluggy import PluginManager
        print(pluggy is {OURS}, PluginManager is {OURS}.PluginManager)
        """,
    )

    assert done.stdout.split() == ["True", "True"], done.stderr


KNOWN = {
    "_callers": ["_multicall"],
    "_execution": ["_multicall"],
    "_hooks": ["_HookCaller", "_HookRelay", "_SubsetHookCaller"],
    "_manager": ["DistFacade", "_formatdef"],
    "_result": ["_Result"],
    "_warnings": ["PluggyTeardownRaisedWarning", "PluggyWarning"],
}
"""Names that programs import all the same."""

INTERNAL = {"run_old_style_hookwrapper"}
"""Part of how pluggy runs old-style wrappers: ours does it in another way."""

MODULES = ["_manager", "_hooks", "_result", "_callers", "_tracing", "_warnings"]
MODULES_OF_1_7 = ["_caller", "_compat", "_config", "_decorators", "_execution", "_impl"]


def names_in(module: str) -> list[str]:
    """The classes and functions that belong to one of pluggy's modules, in 1.7 or in 1.6."""
    path = f"pluggy.{module}"
    found = importlib.import_module(path)
    names = [
        name
        for name, value in vars(found).items()
        if (inspect.isclass(value) or inspect.isfunction(value))
        and (value.__module__ == path or name in getattr(found, "__all__", []))
        and not name.startswith("_")
        and name not in INTERNAL
    ]
    return names + KNOWN.get(module, [])


@pytest.fixture(scope="module")
def missing() -> dict[str, list[str]]:
    """The names that ours lacks, by module of pluggy."""
    wanted = {module: names_in(module) for module in MODULES + MODULES_OF_1_7}
    code = f"""if True:
        import importlib, json
        from {OURS} import install
        install()
        missing = {{
            module: [
                name
                for name in names
                if not hasattr(importlib.import_module(f"pluggy.{{module}}"), name)
            ]
            for module, names in {wanted!r}.items()
        }}
        print(json.dumps(missing))
    """
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found: dict[str, list[str]] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize("module", MODULES + MODULES_OF_1_7)
def test_private_modules_have_the_names_that_programs_import(
    missing: dict[str, list[str]], module: str
) -> None:
    assert missing[module] == []


def test_private_modules_give_the_same_objects(run: Run) -> None:
    done = run(
        "-c",
        f"""if True:
        from {OURS} import install
        install()
        import pluggy, pluggy._hooks, pluggy._manager
        from pluggy._impl import HookImpl
        print(pluggy._hooks.HookImpl is HookImpl is pluggy.HookImpl)
        print(pluggy._manager.PluginManager is pluggy.PluginManager)
        """,
    )

    assert done.stdout.split() == ["True", "True"], done.stderr


def test_who_had_pluggy_before_keeps_it(run: Run) -> None:
    done = run(
        "-c",
        f"""if True:
        import pluggy as before
        from {OURS} import install
        install()
        import pluggy
        print(before.PluginManager.__module__, pluggy is before)
        """,
    )

    assert done.stdout.split() == ["pluggy._manager", "False"], done.stderr


# nowhere unasked


@pytest.mark.parametrize("imported", ["hotplug", OURS, f"{OURS}.__main__"])
def test_importing_ours_leaves_pluggy_alone(run: Run, imported: str) -> None:
    done = run("-c", f"import {imported}\n{WHOSE}")

    assert done.stdout.split() == ["pluggy"], done.stderr


def test_importing_hotplug_does_not_import_the_layer(run: Run) -> None:
    done = run("-c", f"import sys, hotplug; print('{OURS}' in sys.modules)")

    assert done.stdout.split() == ["False"], done.stderr


def test_the_distribution_has_nothing_named_pluggy_on_the_path(built_wheel: Path) -> None:
    with zipfile.ZipFile(built_wheel) as archive:
        names = archive.namelist()

    assert [name for name in names if name.startswith("pluggy")] == []
    assert "hotplug/compat/pluggy/shadow/pluggy.py" in names


# running programs


def test_an_installed_command_runs_on_ours(swapped: Run, write: Any) -> None:
    write(
        "test_it.py",
        f"""
        import pluggy

        def test_it(request):
            assert pluggy.PluginManager.__module__.startswith("{OURS}")
            assert isinstance(request.config.pluginmanager, pluggy.PluginManager)
        """,
    )

    done = swapped("pytest", "-q", "-p", "no:cacheprovider")

    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 passed" in done.stdout


def test_a_module_runs_on_ours(swapped: Run, write: Any) -> None:
    write("program.py", f"import sys\nprint(__name__, sys.argv[1:])\n{WHOSE}")

    done = swapped("-m", "program", "--one", "two")

    assert done.stdout.split("\n")[:2] == ["__main__ ['--one', 'two']", OURS], done.stderr


def test_a_file_runs_on_ours(swapped: Run, write: Any, tmp_path: Path) -> None:
    (tmp_path / "inner").mkdir()
    write("inner/beside.py", "here = True")
    write("inner/program.py", f"import sys, beside\nprint(__name__, sys.argv)\n{WHOSE}")

    done = swapped("inner/program.py", "--one", "two")

    expected = ["__main__ ['inner/program.py', '--one', 'two']", OURS]
    assert done.stdout.split("\n")[:2] == expected, done.stderr


def test_a_file_of_bytecode_runs_on_ours(swapped: Run, write: Any, tmp_path: Path) -> None:
    py_compile.compile(str(write("program.py", WHOSE)), cfile=str(tmp_path / "program.pyc"))

    assert swapped("program.pyc").stdout.split() == [OURS]


def test_an_archive_runs_on_ours(swapped: Run, write: Any, tmp_path: Path) -> None:
    (tmp_path / "inner").mkdir()
    write("inner/__main__.py", WHOSE)
    zipapp.create_archive(tmp_path / "inner", tmp_path / "program.pyz")

    assert swapped("program.pyz").stdout.split() == [OURS]


def test_the_main_module_is_that_of_the_file(swapped: Run, write: Any) -> None:
    write("program.py", "import __main__\nname = 7\nprint(__main__.name, __main__.__file__)")

    assert swapped("program.py").stdout.split() == ["7", "program.py"]


def test_collections_of_garbage_pass_over_what_was_there_before_the_program(
    run: Run, swapped: Run, write: Any
) -> None:
    write("program.py", "import gc, sys\nprint(any(each is sys for each in gc.get_objects()))")

    assert run("program.py").stdout.split() == ["True"]
    assert swapped("program.py").stdout.split() == ["False"]


def test_pytest_shows_no_frame_of_a_hook_call(swapped: Run, write: Any) -> None:
    write(
        "test_it.py",
        """
        import pluggy

        hookimpl = pluggy.HookimplMarker("cafe")

        class Waiter:
            broken = False

            @hookimpl
            def serve(self):
                assert not self.broken, "no tea"

        def test_it():
            pm = pluggy.PluginManager("cafe")
            pm.register(Waiter())
            for _ in range(500):
                pm.hook.serve()
            Waiter.broken = True
            pm.hook.serve()
        """,
    )

    done = swapped("pytest", "-q", "-p", "no:cacheprovider")

    assert "AssertionError: no tea" in done.stdout
    places = [line for line in done.stdout.splitlines() if re.match(r"\S+:\d+: ", line)]
    assert [place.partition(":")[0] for place in places] == ["test_it.py", "test_it.py"]


def test_a_command_is_given_its_arguments_and_its_name(swapped: Run) -> None:
    done = swapped("pytest", "--version")

    assert done.returncode == 0
    assert (done.stdout + done.stderr).startswith("pytest ")


@pytest.mark.parametrize("how", [["program.py"], ["-m", "program"]], ids=["file", "module"])
def test_the_exit_code_is_that_of_the_program(swapped: Run, write: Any, how: list[str]) -> None:
    write("program.py", "import sys; sys.exit(7)")

    assert swapped(*how).returncode == 7


def test_the_exit_code_is_that_of_the_command(swapped: Run, write: Any) -> None:
    write("test_it.py", "def test_it(): assert False")

    assert swapped("pytest", "-q", "-p", "no:cacheprovider").returncode == 1


@pytest.mark.parametrize("how", [["program.py"], ["-m", "program"]], ids=["file", "module"])
def test_an_error_of_the_program_is_shown_as_it_is(
    swapped: Run, write: Any, how: list[str]
) -> None:
    write("program.py", "import no_such_module")

    done = swapped(*how)

    assert done.returncode == 1
    assert "No module named 'no_such_module'" in done.stderr
    assert "program.py" in done.stderr


def test_a_command_that_is_not_there_is_told_with_those_that_are(swapped: Run) -> None:
    done = swapped("pytset")

    assert (done.returncode, done.stdout) == (2, "")
    assert "'pytset'" in done.stderr
    assert "pytest" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("module", ["no_such_module", "no_such_package.module"])
def test_a_module_that_is_not_there_is_told(swapped: Run, module: str) -> None:
    done = swapped("-m", module)

    assert (done.returncode, done.stdout) == (2, "")
    assert f"'{module}'" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_file_that_is_not_there_is_told(swapped: Run) -> None:
    done = swapped("no/such/file.py")

    assert (done.returncode, done.stdout) == (2, "")
    assert "'no/such/file.py'" in done.stderr
    assert "Traceback" not in done.stderr


def test_without_the_name_of_a_module_there_is_nothing_to_run(swapped: Run) -> None:
    done = swapped("-m")

    assert (done.returncode, done.stdout) == (2, "")
    assert "module" in done.stderr


def test_without_a_program_there_is_nothing_to_run(swapped: Run) -> None:
    done = swapped()

    assert done.returncode == 2
    assert f"python -m {OURS} PROGRAM" in done.stdout + done.stderr


def test_help_tells_how_to_run_a_program(swapped: Run) -> None:
    done = swapped("--help")

    assert (done.returncode, done.stderr) == (0, "")
    assert f"python -m {OURS} PROGRAM" in done.stdout


# in the processes that a program starts


STARTS_CHILDREN = f"""
    import subprocess, sys

    WHOSE = {WHOSE!r}
    CHILD = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {{WHOSE!r}}])"

    if __name__ == "__main__":
        subprocess.run([sys.executable, "-c", WHOSE])
        subprocess.run([sys.executable, "-c", CHILD])
"""


def test_children_and_their_children_run_on_ours(swapped: Run, write: Any) -> None:
    write("program.py", STARTS_CHILDREN)

    assert swapped("program.py").stdout.split() == [OURS, OURS]


@pytest.mark.parametrize("method", ["spawn", "forkserver"])
def test_children_of_multiprocessing_run_on_ours(swapped: Run, write: Any, method: str) -> None:
    write("child.py", f"def whose():\n    {WHOSE}")
    write(
        "program.py",
        f"""
        from child import whose
        from multiprocessing import get_context

        if __name__ == "__main__":
            process = get_context({method!r}).Process(target=whose)
            process.start()
            process.join()
        """,
    )

    assert swapped("program.py").stdout.split() == [OURS]


def test_children_have_the_private_modules_too(swapped: Run, write: Any) -> None:
    write(
        "program.py",
        """
        import subprocess, sys

        CHILD = "from pluggy._hooks import HookImpl; import pluggy; print(HookImpl.__module__)"
        subprocess.run([sys.executable, "-c", CHILD])
        """,
    )

    assert swapped("program.py").stdout.startswith(OURS)


def test_a_child_that_is_handed_our_path_alone_runs_on_ours(swapped: Run, write: Any) -> None:
    write(
        "program.py",
        f"""
        import subprocess, sys

        CHILD = f"import sys; sys.path[:] = {{sys.path!r}}; {WHOSE}"
        subprocess.run([sys.executable, "-I", "-c", CHILD])
        """,
    )

    assert swapped("program.py").stdout.split() == [OURS]


def test_the_path_that_children_have_anyhow_is_kept(
    swapped: Run, write: Any, tmp_path: Path
) -> None:
    (tmp_path / "more").mkdir()
    write("more/found.py", "print('found')")
    write("program.py", STARTS_CHILDREN.replace(WHOSE, "import found"))

    assert swapped("program.py", path="more").stdout.split() == ["found", "found"]


def test_a_child_that_cannot_have_ours_has_pluggy(swapped: Run, write: Any, tmp_path: Path) -> None:
    """Here it is one without site-packages, whose path has pluggy and not hotplug."""
    (tmp_path / "path").mkdir()
    shutil.copytree(Path(pluggy.__file__).parent, tmp_path / "path" / "pluggy")
    write(
        "program.py",
        f"""
        import subprocess, sys
        subprocess.run([sys.executable, "-S", "-c", {WHOSE!r}])
        """,
    )

    done = swapped("program.py", path="path")

    assert (done.stdout.split(), done.stderr) == (["pluggy"], "")


# where pluggy is not installed


@pytest.fixture(scope="module")
def without_pluggy(built_wheel: Path, make_environment: Callable[..., Path]) -> Path:
    """The Python of an environment that has hotplug alone."""
    return make_environment(built_wheel) / "python"


def test_a_program_runs_on_ours_where_pluggy_is_not_installed(
    run: Run, write: Any, without_pluggy: Path
) -> None:
    write("program.py", f"{WHOSE}\nprint(pluggy.__version__)\n{dedent(STARTS_CHILDREN)}")

    done = run("-m", OURS, "program.py", python=without_pluggy)

    assert done.stdout.split() == [OURS, pluggy.__version__, OURS, OURS], done.stderr

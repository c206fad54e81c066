"""Runs a program on hotplug instead of pluggy: ``python -m hotplug.compat.pluggy pytest ARGS``."""

from __future__ import annotations

import runpy
import sys
from pathlib import Path
from typing import NoReturn

from hotplug.compat.pluggy.replacing import install, install_in_children

USAGE = """\
usage: python -m hotplug.compat.pluggy PROGRAM [ARGUMENT ...]
       python -m hotplug.compat.pluggy -m MODULE [ARGUMENT ...]

Runs a Python program with hotplug in place of pluggy, in its own process and in the Python
processes that it starts. PROGRAM is a command that an installed distribution offers, such as
pytest, or the path of a Python file. Nothing is changed on disk.
"""


def main(arguments: list[str]) -> None:
    if not arguments or arguments[0] in ("-h", "--help"):
        print(USAGE, end="")
        sys.exit(0 if arguments else 2)
    install()
    install_in_children()
    program, *rest = arguments
    if program == "-m":
        if not rest:
            refuse("-m needs the name of a module")
        run_module(rest)
    elif Path(program).is_file():
        sys.argv[:] = arguments
        sys.path[0] = str(Path(program).resolve().parent)
        runpy.run_path(program, run_name="__main__")
    else:
        sys.argv[:] = arguments
        run_command(program)


def run_module(arguments: list[str]) -> None:
    module = arguments[0]
    sys.argv[:] = arguments
    try:
        runpy.run_module(module, run_name="__main__", alter_sys=True)
    except ImportError as error:
        if error.name != module and not str(error).startswith("No module named"):
            raise
        refuse(f"there is no module {module!r} to run: {error}")


def run_command(name: str) -> None:
    """Call what an installed distribution offers under this name."""
    from importlib.metadata import entry_points

    found = entry_points(group="console_scripts", name=name)
    if not found:
        known = sorted({entry.name for entry in entry_points(group="console_scripts")})
        refuse(f"no command or file {name!r}; the commands here: {', '.join(known)}")
    del sys.path[0]  # as for any installed command: the current directory is not on the path
    command = next(iter(found)).load()
    sys.exit(command())


def refuse(message: str) -> NoReturn:
    print(f"hotplug.compat.pluggy: {message}", file=sys.stderr)
    sys.exit(2)


if __name__ == "__main__":
    main(sys.argv[1:])

"""Runs a program on hotplug instead of pluggy: ``python -m hotplug.compat.pluggy pytest ARGS``."""

from __future__ import annotations

import gc
import os
import runpy
import sys
from importlib.machinery import PathFinder
from importlib.util import find_spec
from os.path import dirname, isfile, join, realpath
from types import ModuleType
from typing import Final, NoReturn

from hotplug.compat.pluggy import install

SHADOW: Final = join(dirname(__file__), "shadow")
"""Holds a ``pluggy`` for processes that are started with it on their path."""

USAGE = """\
usage: {command} PROGRAM [ARGUMENT ...]
       {command} -m MODULE [ARGUMENT ...]

Runs a Python program with hotplug in place of pluggy, in its own process and in the Python
processes that it starts. PROGRAM is a command that an installed distribution offers, such as
pytest, or the path of a Python file. Nothing is changed on disk.
"""


def main(arguments: list[str], command: str = "python -m hotplug.compat.pluggy") -> None:
    if not arguments or arguments[0] in ("-h", "--help"):
        print(USAGE.format(command=command), end="")
        sys.exit(0 if arguments else 2)
    install()
    install_in_children()
    gc.freeze()  # what is here by now stays: no collection has to look at it
    if arguments[0] == "-m":
        run_module(arguments[1:])
    elif isfile(arguments[0]):
        run_file(arguments)
    else:
        run_command(arguments)


def run_module(arguments: list[str]) -> None:
    if not arguments:
        refuse("-m needs the name of a module")
    module = arguments[0]
    try:
        found = find_spec(module)
    except ImportError:  # not even the package around it
        found = None
    if found is None:
        refuse(f"there is no module {module!r} to run")
    sys.argv[:] = arguments
    shadow_pluggy()
    runpy.run_module(module, run_name="__main__", alter_sys=True)


def run_file(arguments: list[str]) -> None:
    file = arguments[0]
    sys.argv[:] = arguments
    sys.path[0] = dirname(realpath(file))
    shadow_pluggy()
    with open(file, "rb") as opened:
        source = opened.read()
    if b"\0" in source:  # bytecode, or an archive
        runpy.run_path(file, run_name="__main__")
        return
    # What runpy does as well, but without the modules that it loads for that.
    main = sys.modules["__main__"] = ModuleType("__main__")
    main.__file__ = file
    exec(compile(source, file, "exec", dont_inherit=True), main.__dict__)


def run_command(arguments: list[str]) -> None:
    """Run what an installed distribution offers under this name."""
    name = arguments[0]
    script = join(dirname(sys.executable), name)
    if is_python(script):
        run_file([script, *arguments[1:]])
        return
    from importlib.metadata import entry_points  # it takes longer than to look for the script

    found = entry_points(group="console_scripts", name=name)
    if not found:
        known = sorted({entry.name for entry in entry_points(group="console_scripts")})
        refuse(f"no command or file {name!r}; the commands here: {', '.join(known)}")
    sys.argv[:] = arguments
    del sys.path[0]  # as for any installed command: not the current directory
    shadow_pluggy()
    sys.exit(next(iter(found)).load()())


def is_python(path: str) -> bool:
    """Whether a file is a script for Python; on Windows they are programs."""
    if not isfile(path):
        return False
    with open(path, "rb") as file:
        return file.read(2) == b"#!" and b"python" in file.readline()


def shadow_pluggy() -> None:
    """Put the shadow on the path, for processes that are handed this one's.

    Right before pluggy and no earlier: every import looks into what comes before its own place.
    """
    places = (at for at, path in enumerate(sys.path) if PathFinder.find_spec("pluggy", [path]))
    sys.path.insert(next(places, len(sys.path)), SHADOW)


def install_in_children() -> None:
    """Put hotplug in pluggy's place in the Python processes that this one starts, too."""
    paths = [SHADOW, *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))]
    os.environ["PYTHONPATH"] = os.pathsep.join(dict.fromkeys(paths))


def refuse(message: str) -> NoReturn:
    print(f"hotplug.compat.pluggy: {message}", file=sys.stderr)
    sys.exit(2)


if __name__ == "__main__":
    main(sys.argv[1:])

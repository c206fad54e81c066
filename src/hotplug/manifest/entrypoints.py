"""Where a plugin's code begins: the file of its entrypoint, which is in its folder or nowhere.

Paths are texts here and in `reading`: with `pathlib`, reading a manifest takes twice as long.
"""

from __future__ import annotations

import os
import stat
from itertools import islice

__all__ = ["Misplaced", "locate"]

MOST_NAMED = 10
MOST_LOOKED_AT = 1000


class Misplaced(Exception):
    """There is no such file, or it leads out of the folder."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


def locate(folder: str, entrypoint: str) -> str:
    """The file of a module in the folder; raises `Misplaced`."""
    for file in files_of(folder, entrypoint):
        # `access` raises no error for what is not there, and so costs a third of `isfile`
        if os.access(file, os.F_OK) and is_file(folder, file, entrypoint):
            return file
    within = entrypoint.replace(".", "/")
    message = f"the entrypoint '{entrypoint}' is not there: {within}.py or {within}/__init__.py"
    if os.path.isfile(os.path.join(folder, entrypoint)):
        raise Misplaced(message, f"write it as a module: '{entrypoint.removesuffix('.py')}'")
    raise Misplaced(message, what_is_there(folder))


def is_file(folder: str, file: str, entrypoint: str) -> bool:
    """Whether this is a file; raises `Misplaced` if it is one elsewhere."""
    try:
        is_plain = stat.S_ISREG(os.lstat(file).st_mode)  # as most are, and one look tells
    except OSError:
        return False
    if is_plain and not has_link(folder, os.path.dirname(file)):
        return True
    if not os.path.isfile(file):
        return False
    refuse_what_leads_out(folder, file, entrypoint)
    return True


def refuse_what_leads_out(folder: str, file: str, entrypoint: str) -> None:
    real = os.path.realpath(file)
    if not real.startswith(os.path.join(os.path.realpath(folder), "")):
        raise Misplaced(
            f"the entrypoint '{entrypoint}' leads out of the plugin's folder, to {real}",
            "put the code into the folder itself: links that leave it are not followed",
        )


def has_link(folder: str, inner: str) -> bool:
    """Whether the way from the folder to one inside goes through a link."""
    if os.name == "nt":  # where there are junctions, which are links and say they are none
        return True
    while len(inner) > len(folder):
        if os.path.islink(inner):
            return True
        inner = inner.rpartition(os.sep)[0]
    return False


def what_is_there(folder: str) -> str:
    """Name the modules of a folder."""
    with os.scandir(folder) as entries:
        names = [entry.name for entry in islice(entries, MOST_LOOKED_AT)]
    modules = (name.removesuffix(".py") for name in names)
    found = sorted({name for name in modules if name.isidentifier() and is_module(folder, name)})
    if not found:
        return "there is no Python module in the folder"
    more = ", ..." if len(found) > MOST_NAMED else ""
    return f"'entrypoint' can name one that is there: {', '.join(found[:MOST_NAMED])}{more}"


def is_module(folder: str, name: str) -> bool:
    return any(map(os.path.isfile, files_of(folder, name)))


def files_of(folder: str, entrypoint: str) -> tuple[str, str]:
    """Where a module can be: a package comes before a module of its name, as in any import."""
    base = os.path.join(folder, entrypoint.replace(".", os.sep))
    return f"{base}{os.sep}__init__.py", f"{base}.py"

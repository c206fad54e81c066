"""Where a plugin's code begins: the file of its entrypoint, which is in its folder or nowhere.

Paths are texts here and in `reading`: with `pathlib`, reading a manifest takes twice as long.
"""

from __future__ import annotations

import os
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
        if os.access(file, os.F_OK) and os.path.isfile(file):
            refuse_what_leads_out(folder, file, entrypoint)
            return file
    within = entrypoint.replace(".", "/")
    message = f"the entrypoint '{entrypoint}' is not there: {within}.py or {within}/__init__.py"
    if os.path.isfile(os.path.join(folder, entrypoint)):
        raise Misplaced(message, f"write it as a module: '{entrypoint.removesuffix('.py')}'")
    raise Misplaced(message, what_is_there(folder))


def refuse_what_leads_out(folder: str, file: str, entrypoint: str) -> None:
    if not has_link(folder, file):
        return
    real = os.path.realpath(file)
    if not real.startswith(os.path.join(os.path.realpath(folder), "")):
        raise Misplaced(
            f"the entrypoint '{entrypoint}' leads out of the plugin's folder, to {real}",
            "put the code into the folder itself: links that leave it are not followed",
        )


def has_link(folder: str, file: str) -> bool:
    """Whether the way from the folder to the file goes through a link; asked, for it costs less."""
    if os.name == "nt":  # where there are junctions, which are links and say they are none
        return True
    while len(file) > len(folder):
        if os.path.islink(file):
            return True
        file = file.rpartition(os.sep)[0]
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

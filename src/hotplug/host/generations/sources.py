"""The text of plugin files as it was loaded: a traceback shows what runs, not what is being edited.

Python keeps one text for each file name, and looks a line up by the name that is in the code. So a
text that differs from another one which is still there gets another name for the same file:
``shop//plugin.py``. Whatever opens a file or compares paths takes it for ``shop/plugin.py``.
"""

from __future__ import annotations

import linecache
import os
from collections.abc import Collection, Iterable
from functools import partial
from itertools import count
from types import CodeType
from typing import TYPE_CHECKING

from hotplug.host.generations.snapshot import Snapshot, lines_of, text_of

if TYPE_CHECKING:
    from hotplug.host.generations.generation import Generation

__all__ = ["names_for", "pin", "renamed", "text_in", "unpin"]


def names_for(
    snapshot: Snapshot, others: Collection[Generation]
) -> tuple[dict[str, str], set[str]]:
    """How to call the source files in code, where that is not their path; and which texts are new.

    ``others`` are the generations of the same plugin whose code is still there.
    """
    names: dict[str, str] = {}
    known: set[str] = set()
    for path, source in snapshot.source_files():
        taken = {each.name_of(path): each for each in others if path in each.snapshot.files}
        same = [name for name, each in taken.items() if each.snapshot.read(path) == source]
        if same:
            known.add(path)
        free = (each for each in map(partial(path_with, path), count()) if each not in taken)
        name = same[0] if same else next(free)
        if name != path:
            names[path] = name
    return names, known


def path_with(path: str, more: int) -> str:
    """The same path, with more separators before its last part."""
    folder, name = os.path.split(path)
    return f"{folder}{os.sep * (more + 1)}{name}"


def renamed(code: CodeType, name: str) -> CodeType:
    """The same code, from a file of another name."""
    constants = tuple(
        renamed(each, name) if isinstance(each, CodeType) else each for each in code.co_consts
    )
    return code.replace(co_filename=name, co_consts=constants)


def text_in(snapshot: Snapshot, path: str) -> str | None:
    """The text of a source file, by its path or another name for it."""
    content = snapshot.files.get(os.path.normpath(path)) if path.endswith(".py") else None
    return None if content is None else text_of(content)


def pin(files: Iterable[tuple[str, bytes]]) -> None:
    """Show these texts, by name, whatever is on the disk."""
    for name, source in files:
        linecache.cache[name] = (len(source), None, lines_of(text_of(source)), name)


def unpin(names: Iterable[str]) -> None:
    """Let Python read from the disk again."""
    for name in names:
        linecache.cache.pop(name, None)

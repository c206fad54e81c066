"""Tracebacks that lead from who asked straight to the plugin's line, past our own frames.

What is imported has the frames of the import system left out by `generations`.
"""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from types import TracebackType
from typing import Final, cast

from hotplug.errors import HotplugError

__all__ = ["leave_out_ours", "own_line", "to_show"]

OURS: Final = ("hotplug.host.", "hotplug.hooks.")
TELLING: Final = (HotplugError, SyntaxError)
"""Errors that say themselves what is wrong, and where."""


def leave_out_ours(error: BaseException) -> None:
    """Leave out our frames before the last one that is not ours.

    What comes after that tells where we have a fault, unless the error's own words tell more.
    """
    entries: list[TracebackType] = []
    entry = error.__traceback__
    while entry is not None:
        entries.append(entry)
        entry = entry.tb_next
    last = len(entries)
    if not isinstance(error, TELLING):
        last = next((at for at in reversed(range(last)) if not is_ours(entries[at])), 0)
    kept = [entry for entry in entries[:last] if not is_ours(entry)] + entries[last:]
    for entry, following in pairwise([*kept, None]):
        if entry is not None:
            entry.tb_next = following
    error.__traceback__ = kept[0] if kept else None


def to_show(error: BaseException) -> BaseException | None:
    """The error, if its traceback tells more than its own words do."""
    leave_out_ours(error)
    is_alone = isinstance(error, HotplugError) and not isinstance(error, BaseExceptionGroup)
    tells_all = is_alone and error.__traceback__ is None and error.__cause__ is None
    return None if tells_all else error


def is_ours(entry: TracebackType) -> bool:
    return str(entry.tb_frame.f_globals.get("__name__")).startswith(OURS)


def own_line(error: BaseException, place: Path) -> str:
    """Where in the code of a folder, or a file, an error comes from: ``file:line`` or nothing."""
    return next((f"{file}:{line}" for file, line in places_in(error, place)), "")


def places_in(error: BaseException, place: Path) -> Iterator[tuple[str, int]]:
    """The innermost places first."""
    if isinstance(error, SyntaxError) and error.filename and error.lineno:
        yield error.filename, error.lineno
    if isinstance(error, BaseExceptionGroup):
        group = cast("BaseExceptionGroup[BaseException]", error)
        for each in group.exceptions:
            yield from places_in(each, place)
    for frame, line in reversed([*traceback.walk_tb(error.__traceback__)]):
        file = frame.f_code.co_filename
        if Path(file).is_relative_to(place):
            yield file, line
    for before in (error.__cause__, error.__context__):
        if before is not None:
            yield from places_in(before, place)

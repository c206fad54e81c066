"""Tracebacks that lead from who asked straight to the plugin's line, past our own frames.

What is imported has the frames of the import system left out by `generations`.
"""

from __future__ import annotations

from itertools import pairwise
from types import TracebackType
from typing import Final

from hotplug.errors import HotplugError

__all__ = ["leave_out_ours"]

OURS: Final = "hotplug.host."
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


def is_ours(entry: TracebackType) -> bool:
    return str(entry.tb_frame.f_globals.get("__name__")).startswith(OURS)

"""The text of plugin files as it was loaded: a traceback shows what runs, not what is being edited.

Python keeps one text per path, that of the serving generation. `format_error` knows all.
"""

from __future__ import annotations

import linecache
import traceback
from collections.abc import Iterator, Sequence
from types import TracebackType
from typing import Any, cast

from hotplug.host.generations.snapshot import Snapshot, lines_of, text_of
from hotplug.host.generations.stack import generation_of

__all__ = ["format_error", "pin", "text_in", "unpin"]


def text_in(snapshot: Snapshot, path: str) -> str | None:
    content = snapshot.files.get(path) if path.endswith(".py") else None
    return None if content is None else text_of(content)


def pin(snapshot: Snapshot) -> None:
    """Show these texts in tracebacks, whatever is on the disk."""
    for path, source in snapshot.source_files():
        lines = lines_of(text_of(source))
        linecache.cache[path] = (len(source), None, lines, path)


def unpin(snapshot: Snapshot, others: Sequence[Snapshot]) -> None:
    """Let Python read from the disk again what none of the others has."""
    for path in snapshot.files:
        if not any(path in other.files for other in others):
            linecache.cache.pop(path, None)


def format_error(error: BaseException) -> str:
    """Write a traceback in which each line is that of the generation that ran it.

    >>> try:
    ...     1 / 0
    ... except ZeroDivisionError as error:
    ...     print(format_error(error).splitlines()[-1])
    ZeroDivisionError: division by zero
    """
    report = traceback.TracebackException.from_exception(error)
    for part, of in parts(report, error):
        entries = list(entries_of(of.__traceback__))
        for at, (summary, entry) in enumerate(zip(part.stack, entries, strict=True)):
            frame = entry.tb_frame
            generation = generation_of(frame)
            text = None if generation is None else generation.source_of(frame.f_code.co_filename)
            if text is not None and summary.lineno is not None:
                line = "".join(lines_of(text)[summary.lineno - 1 : summary.lineno]).strip()
                part.stack[at] = traceback.FrameSummary(
                    summary.filename, summary.lineno, summary.name, lookup_line=False, line=line
                )
    return "".join(report.format())


def parts(
    report: traceback.TracebackException, error: BaseException
) -> Iterator[tuple[traceback.TracebackException, BaseException]]:
    """Go through an error with its causes, its context and those in it."""
    waiting: list[tuple[Any, Any]] = [(report, error)]
    while waiting:
        part, of = waiting.pop()
        if part is None or of is None:
            continue
        yield part, of
        waiting += [(part.__cause__, of.__cause__), (part.__context__, of.__context__)]
        if isinstance(of, BaseExceptionGroup):
            group = cast("BaseExceptionGroup[BaseException]", of)
            waiting += zip(part.exceptions or (), group.exceptions, strict=False)


def entries_of(tb: TracebackType | None) -> Iterator[TracebackType]:
    while tb is not None:
        yield tb
        tb = tb.tb_next

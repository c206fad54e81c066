"""What a reload that does not come to its end says: what failed, where, and what serves now."""

from __future__ import annotations

from contextlib import suppress
from os.path import normpath
from traceback import walk_tb
from typing import TYPE_CHECKING, Any

from hotplug.errors.hosting import ReloadError, RestartRequired
from hotplug.host.owner import is_ours
from hotplug.host.reloading.draining import outwards

if TYPE_CHECKING:
    from hotplug.host.generations import Snapshot
    from hotplug.host.plugin import Plugin
    from hotplug.host.reloading.report import ReloadReport

__all__ = ["clear_our_frames", "extension_in", "failure", "restart_required"]


def extension_in(files: Snapshot) -> str | None:
    """The first module that is machine code."""
    return next(
        (each.path for each in files.modules.values() if not (each.is_source or each.is_package)),
        None,
    )


def restart_required(plugin: Plugin, reason: str) -> RestartRequired:
    error = RestartRequired(
        f"plugin {plugin.name!r} cannot be reloaded: {reason}\n"
        "  restart the program to run its new code; nothing was touched"
    )
    error.plugin_name, error.stage = plugin.name, "snapshot"
    return error


def failure(
    plugin: Plugin, stage: str, cause: Exception, report: ReloadReport, outcome: str
) -> ReloadError:
    """Say what failed, where, and what goes on."""
    file, line = place_of(plugin, cause)
    where = f" ({file}:{line})" if line else f" ({file})" if file else ""
    error = ReloadError(
        f"plugin {plugin.name!r} could not be reloaded: it failed at {stage}{where}\n"
        f"  {type(cause).__name__}: {cause}\n  {outcome}"
    )
    error.plugin_name, error.stage, error.report = plugin.name, stage, report
    error.file, error.line = file, line
    return error


def clear_our_frames(error: BaseException) -> None:
    """Let an error that is kept for long not hold, by our own frames, what has ended by then."""
    for innermost, _ in walk_tb(error.__traceback__):
        for frame in outwards(innermost):
            if is_ours(frame.f_globals):
                with suppress(RuntimeError):  # it runs
                    frame.clear()


def place_of(plugin: Plugin, error: BaseException) -> tuple[str, int]:
    """The last line of the plugin's own files that an error came by, or else its manifest."""
    root = str(plugin.location)
    if isinstance(error, SyntaxError) and normpath(str(error.filename)).startswith(root):
        return normpath(str(error.filename)), error.lineno or 0
    places = [
        (normpath(frame.f_code.co_filename), line) for frame, line in walk_tb(error.__traceback__)
    ]
    for file, line in reversed(places):
        if file.startswith(root):
            return file, line or 0
    problems: Any = getattr(error, "problems", ())
    for problem in problems:
        if getattr(problem, "file", None):
            return str(problem.file), problem.line or 0
    return root, 0

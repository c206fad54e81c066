"""What was stopped to make room, and is started again as it was because the new one failed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hotplug.host.lifecycle import Step
from hotplug.host.reloading.report import Restored
from hotplug.host.steps import as_error
from hotplug.host.watching import log_error

if TYPE_CHECKING:
    from hotplug.host.plugin import Plugin
    from hotplug.host.reloading.candidate import Candidate, Kept
    from hotplug.host.reloading.stages import Reload

__all__ = ["restore"]


def restore(reload: Reload, stopped: list[Candidate]) -> None:
    """Start again what was stopped, from the files and the state that were kept.

    What cannot be started fails as any plugin does; the report tells of both.
    """
    files = {each.plugin: each.kept for each in stopped}
    kept: dict[Plugin, Kept] = {plugin: had for plugin, had in files.items() if had is not None}
    again = type(reload)(reload.operations, [*kept], reload.terms, restores=kept)
    try:
        again.restore()
    except BaseException as error:
        for plugin in reversed([*kept]):
            cause = as_error(plugin, error)
            failed = reload.operations.failed(plugin, Step.RUN, cause)
            reload.report.restored.append(
                Restored(plugin.name, 0, f"{type(cause).__name__}: {cause}")
            )
            log_error(f"plugin {plugin.name!r} was stopped first, and cannot start again", failed)
        if not isinstance(error, Exception):
            raise
        return
    for each in again.candidates:
        if each.is_stopped:
            reload.report.restored.append(Restored(each.plugin.name, each.life.number, ""))
    again.finish()
    reload.tasks += again.tasks

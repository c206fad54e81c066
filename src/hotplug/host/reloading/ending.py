"""What follows the commit of a reload: the old generations come to their end."""

from __future__ import annotations

from collections.abc import Generator
from time import monotonic
from typing import TYPE_CHECKING, Any

from hotplug.host.reloading.draining import PAUSES, UnderWay
from hotplug.host.reloading.hold import callers_of
from hotplug.host.running import OwnedTask, is_task
from hotplug.host.steps import as_error
from hotplug.host.watching import LOGGER, log_error

if TYPE_CHECKING:
    from hotplug.errors.hosting import ReloadError
    from hotplug.host.host import PluginHost
    from hotplug.host.plugin import Plugin
    from hotplug.host.reloading.candidate import Candidate
    from hotplug.host.reloading.report import ReloadReport
    from hotplug.host.reloading.terms import Terms

__all__ = ["Ending"]


class Ending:
    """The part of a reload that keeps nobody from working on the plugins.

    `pauses` waits for calls in the old generations, and `finish` ends these.
    """

    def __init__(self, host: PluginHost[Any], report: ReloadReport, terms: Terms) -> None:
        self.host = host
        self.report = report
        self.terms = terms
        self.candidates: list[Candidate] = []
        self.is_async = False
        """Whether a task of a loop waits between the stages, and the loop goes on meanwhile."""
        self.under_way: UnderWay | None = None
        self.tasks: list[OwnedTask] = []
        """What was cancelled, and may take a moment to end."""

    def pauses(self) -> Generator[float]:
        """For how long to wait, again and again, until nothing runs in the old generations."""
        report = self.report
        with report.stage("drain"):
            olds = [each.old for each in self.candidates]
            self.under_way = under_way = UnderWay(olds, callers_of(olds))
            report.drained = under_way.first
            until, pauses = monotonic() + self.terms.drain_timeout, iter(PAUSES)
            found = under_way.look() if under_way.first else []
            while found and monotonic() < until:
                if not self.is_async and all(each.waits_for_us for each in found):
                    report.notes.append(
                        "calls in the event loop of this thread were not waited for, which a plain "
                        "reload keeps from running: await reload_async()"
                    )
                    break
                yield min(next(pauses, PAUSES[-1]), max(0.0, until - monotonic()))
                found = under_way.look()
            under_way.let_go()
            report.undrained = [each.place for each in found]
        if found:
            LOGGER.warning(
                "reload of %s: %d calls still ran in the old generation after %g s, first at %s",
                *(", ".join(report.wanted), len(found), report.time_of("drain"), found[0].place),
            )

    def finish(self) -> ReloadReport:
        """End the old generations, and see whether they are gone."""
        report = self.report
        ended = [each.old for each in self.candidates]
        with report.stage("teardown"):
            while self.candidates:
                self._tear_down(self.candidates.pop())
        with report.stage("collection"):
            self.host.replaced.note(ended)
            self.under_way = None
            del ended
            report.leftovers = self.host.replaced.look_if_many()
        return report

    def tell(self) -> None:
        """Tell those who want to know that it is done."""
        for each in self.report.replaced:
            plugin = self.host.plugins.get(each.plugin)
            if plugin is not None:
                self.host.tell_of_reload("plugin_reloaded", plugin=plugin, report=self.report)

    def tell_of_failure(self, error: ReloadError) -> None:
        """Tell them that it has failed."""
        plugin = self.host.plugins.get(error.plugin_name)
        if plugin is not None and not self.terms.dry_run:
            self.host.tell_of_reload("reload_failed", plugin=plugin, error=error)

    def _tear_down(self, each: Candidate) -> None:
        plugin, old = each.plugin, each.old
        self.tasks += filter(is_task, old.scope)
        each.keep_children(old)
        errors = [*old.stop(), *old.end()]
        old.module = None
        self.note_errors(plugin, errors)

    def note_errors(self, plugin: Plugin, errors: list[BaseException]) -> None:
        for error in (as_error(plugin, error) for error in errors):
            self.report.notes.append(f"at teardown: {type(error).__name__}: {error}")
            log_error(f"plugin {plugin.name!r}: its old generation did not end cleanly", error)

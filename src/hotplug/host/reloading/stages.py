"""Carries a reload out, stage by stage. What each stage does stands in `report.STAGES`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain
from os.path import normpath
from time import monotonic
from traceback import walk_tb
from typing import TYPE_CHECKING, Any

from hotplug.errors.hosting import PluginStateError, ReloadError, RestartRequired
from hotplug.hooks.caller import Caller
from hotplug.host.implementations import HookImplementation
from hotplug.host.life import Life
from hotplug.host.lifecycle import RUNNING, Operation
from hotplug.host.loaders import GenerationLoader
from hotplug.host.operations import ask_permission
from hotplug.host.owner import current_owner
from hotplug.host.reloading.candidate import Candidate
from hotplug.host.reloading.commit import Commit
from hotplug.host.reloading.draining import PAUSES, UnderWay
from hotplug.host.reloading.report import ReloadReport, Replaced
from hotplug.host.reloading.trial import Trial
from hotplug.host.running import OwnedTask, is_task
from hotplug.host.steps import as_error
from hotplug.host.subscriptions import EventSubscription
from hotplug.host.watching import LOGGER, log_error

if TYPE_CHECKING:
    from hotplug.host.generations import Snapshot
    from hotplug.host.operations import Operations
    from hotplug.host.plugin import Plugin

__all__ = ["Reload"]


class Reload:
    """One reload of one or several plugins.

    `bring_in` goes up to the commit, and works on the plugins alone; what follows does not keep
    others from them: `pauses` waits for calls in the old generations, and `finish` ends these.
    """

    def __init__(
        self,
        operations: Operations,
        plugins: Sequence[Plugin],
        *,
        drain_timeout: float,
        dry_run: bool = False,
        back: bool = False,
    ) -> None:
        self.operations = operations
        self.host = operations.host
        self.wanted = [*dict.fromkeys(plugins)]
        self.drain_timeout = drain_timeout
        self.dry_run = dry_run
        self.back = back
        """Whether to go back to what these plugins were before their last reload."""
        names = tuple(plugin.name for plugin in self.wanted)
        self.report = ReloadReport(names, dry_run=dry_run)
        self.candidates: list[Candidate] = []
        self.at_work: Candidate | None = None
        """Whose turn it is in a stage that takes one after the other."""
        self.under_way: UnderWay | None = None
        self.tasks: list[OwnedTask] = []
        """What was cancelled, and may take a moment to end."""

    # until the commit

    def bring_in(self) -> None:
        """Go through the stages up to the commit; `ReloadError` if nothing has changed."""
        for plugin in self.wanted:
            ask_permission(plugin, Operation.DISABLE)
        while not self._is_brought_in():
            pass  # one that imports these was loaded meanwhile: that has to be taken as well

    def _is_brought_in(self) -> bool:
        with self.operations.turns.take(self.involved) as taken:
            self._check_states()
            members = self.members()
            if not taken.keys() >= self.involved():
                return False
            self.candidates = [
                Candidate(self.operations, plugin, because) for plugin, because in members.items()
            ]
            if self.back:
                self._look_back()
            try:
                commit = self._prepare()
                if not self.dry_run:
                    self._go_through(commit)
            except BaseException as error:
                self._give_up(error)
            if self.dry_run:
                self._give_back()
            return True

    def involved(self) -> set[Plugin]:
        """The plugins that take part, and those that must not change meanwhile."""
        members = {*self.wanted, *self.members()}
        children = chain.from_iterable(plugin.children for plugin in members)
        needed = chain.from_iterable(self.host.plugins.required_by(plugin) for plugin in members)
        return {*members, *children, *needed}

    def members(self) -> dict[Plugin, str]:
        """The plugins that get a fresh generation, in the order of their start, and why."""
        found: dict[Plugin, str] = dict.fromkeys(self.wanted, "")
        ahead = [*self.wanted]
        while ahead:
            first = ahead.pop()
            for other in self.host.plugins.values():
                if other not in found and other.state in RUNNING and imports(other, first):
                    found[other] = f"because it imports {first.name}"
                    ahead.append(other)
        order = self.host.plugins.start_order(found) if len(found) > 1 else [*found]
        return {plugin: found[plugin] for plugin in order if plugin in found}

    def _check_states(self) -> None:
        owner = current_owner()
        for plugin in self.wanted:
            if plugin.step is not None:
                raise PluginStateError(
                    f"plugin {plugin.name!r} cannot be reloaded now; the host is about to "
                    f"{plugin.step.value}"
                )
            if plugin.staged is not None:
                raise PluginStateError(
                    f"plugin {plugin.name!r} is being reloaded: its new generation cannot ask "
                    "for that again"
                )
            if isinstance(owner, Life) and owner.plugin is plugin:
                owner.check("reload its plugin")
            if plugin.life is None or plugin.state not in RUNNING:
                raise PluginStateError(
                    f"plugin {plugin.name!r} is {plugin.state.value}: there is nothing to reload\n"
                    "  enable() gives it a fresh generation from the files as they are"
                )

    def _look_back(self) -> None:
        for each in self.candidates:
            if not each.because:
                each.back_to = each.plugin.replaced
                if each.back_to is None:
                    raise PluginStateError(
                        f"plugin {each.plugin.name!r} has not been reloaded: there is nothing to "
                        "go back to"
                    )

    def _prepare(self) -> Commit:
        """The stages that nothing but the new code's modules takes part in."""
        report, candidates = self.report, self.candidates
        with report.stage("snapshot"):
            self._refuse_other_loaders()
            for each in self._one_by_one(candidates):
                each.read()
            self._refuse_extensions()
        with report.stage("check"):
            trial = Trial(self.host.plugins, {each.plugin: each.metadata for each in candidates})
            trial.check()
        with report.stage("import"):
            for each in self._one_by_one(candidates):
                each.run(trial.usable_by(each.plugin))
        commit = Commit(self.host, candidates)
        with report.stage("check"):
            for each in self._one_by_one(candidates):
                each.check()
            commit.check()
        report.replaced = [replaced(each) for each in candidates]
        return commit

    def _go_through(self, commit: Commit) -> None:
        report, candidates, starting = self.report, self.candidates, commit.starting
        with report.stage("start"):
            for each in self._one_by_one(starting):
                each.start()
        with report.stage("health"):
            for each in self._one_by_one(starting):
                each.ask_health()
        with report.stage("state"):
            for each in self._one_by_one(starting):
                each.hand_over_state()
        with report.stage("commit"):
            commit.carry_out()
        report.committed = True
        for each in candidates:
            each.keep()
        report.replaced = [replaced(each) for each in candidates]
        report.notes += commit.notes
        for error in commit.follow_up():
            report.notes.append(f"after the commit: {type(error).__name__}: {error}")
            log_error("after a reload was committed", error)

    def _one_by_one(self, candidates: list[Candidate]) -> Iterator[Candidate]:
        for each in candidates:
            self.at_work = each
            yield each
        self.at_work = None

    def _refuse_other_loaders(self) -> None:
        """Tell before anything is touched what cannot be loaded a second time."""
        loader = self.host.loader
        for each in self.candidates:
            if not isinstance(loader, GenerationLoader) or each.old.generation is None:
                raise restart_required(
                    each.plugin,
                    f"it was loaded by {type(loader).__name__}, which has one module for all loads",
                )

    def _refuse_extensions(self) -> None:
        for each in self.candidates:
            old = each.old.generation
            for files in (each.files, None if old is None else old.snapshot):
                extension = None if files is None else extension_in(files)
                if extension is not None:
                    raise restart_required(
                        each.plugin, f"it has a module in machine code: {extension}"
                    )

    def _give_up(self, error: BaseException) -> None:
        """Give back all that the attempt has got, and raise why."""
        report, stage = self.report, self.report.failed_stage
        at_fault = self._at_fault(error)
        report.replaced.clear()
        self._give_back()
        cause = as_error(at_fault, error)
        if not isinstance(cause, Exception):
            raise error
        if isinstance(cause, ReloadError):
            cause.report = report
            raise cause
        raise failure(at_fault, stage, cause, report) from cause

    def _give_back(self) -> None:
        errors: list[BaseException] = []
        for each in reversed(self.candidates):
            if each.new is not None:
                self.tasks += filter(is_task, each.new.scope)
            errors += each.give_up()
        for error in errors:
            log_error(f"as a reload of {', '.join(self.report.wanted)} was given up", error)

    def _at_fault(self, error: BaseException) -> Plugin:
        """The plugin that did not get through a stage."""
        if self.at_work is not None:
            return self.at_work.plugin
        for frame, _ in reversed([*walk_tb(error.__traceback__)]):
            for each in self.candidates:
                generation = None if each.new is None else each.new.generation
                if generation is not None and frame.f_builtins is generation.builtins:
                    return each.plugin
        # Where the tables of all are looked at together, the error itself says whose it is.
        name = getattr(error, "plugin_name", "").partition(":")[0]
        named = (each.plugin for each in self.candidates if each.plugin.name == name)
        return next(named, self.wanted[0])

    # after the commit

    def pauses(self) -> Iterator[float]:
        """For how long to wait, again and again, until nothing runs in the old generations."""
        with self.report.stage("drain"):
            olds = [each.old for each in self.candidates]
            self.under_way = under_way = UnderWay(olds, self._callers())
            self.report.drained = under_way.first
            until = monotonic() + self.drain_timeout
            lengths = chain(PAUSES, *([PAUSES[-1:]] * int(self.drain_timeout / PAUSES[-1] + 1)))
            places = under_way.look() if under_way.first else []
            for length in lengths:
                if not places or monotonic() >= until:
                    break
                yield min(length, max(0.0, until - monotonic()))
                places = under_way.look()
            under_way.let_go()
            self.report.undrained = places
        if places:
            LOGGER.warning(
                "reload of %s: %d calls still ran in the old generation after %g s, first at %s",
                *(", ".join(self.report.wanted), len(places), self.drain_timeout, places[0]),
            )

    def _callers(self) -> set[Caller]:
        """The hooks and events whose calls may be on the way to the old generations."""
        found: set[Caller] = set()
        for each in self.candidates:
            for item in each.old.scope:
                if isinstance(item, HookImplementation):
                    found.update(item.callers)
                elif isinstance(item, EventSubscription):
                    found.update(handlers for handlers, _ in item.parts)
        views = [view for caller in found for view in caller.hook.views or ()]
        return {*found, *views}

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

    def _tear_down(self, each: Candidate) -> None:
        plugin, old = each.plugin, each.old
        self.tasks += filter(is_task, old.scope)
        each.keep_children(old)
        errors = [as_error(plugin, error) for error in (*old.stop(), *old.end())]
        old.module = None
        for error in errors:
            self.report.notes.append(f"at teardown: {type(error).__name__}: {error}")
            log_error(f"plugin {plugin.name!r}: its old generation did not end cleanly", error)


def imports(plugin: Plugin, other: Plugin) -> bool:
    """Whether a plugin's code has imported something of another one."""
    generation = None if plugin.life is None else plugin.life.generation
    return generation is not None and other.metadata.identifier in generation.imported


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


def failure(plugin: Plugin, stage: str, cause: Exception, report: ReloadReport) -> ReloadError:
    """Say what failed, where, and what goes on."""
    file, line = place_of(plugin, cause)
    where = f" ({file}:{line})" if line else f" ({file})" if file else ""
    serving = "" if plugin.life is None else f"\n  generation {plugin.life.number} serves on"
    error = ReloadError(
        f"plugin {plugin.name!r} could not be reloaded: it failed at {stage}{where}\n"
        f"  {type(cause).__name__}: {cause}{serving}; nothing has changed"
    )
    error.plugin_name, error.stage, error.report = plugin.name, stage, report
    error.file, error.line = file, line
    return error


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


def replaced(each: Candidate) -> Replaced:
    old, new = each.old, each.life
    numbers, versions = (old.number, new.number), (old.metadata.version, new.metadata.version)
    return Replaced(each.plugin.name, each.because, *numbers, *versions, each.took_state)

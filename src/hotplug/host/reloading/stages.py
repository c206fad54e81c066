"""Carries a reload out, stage by stage. What each stage does stands in `report.STAGES`."""

from __future__ import annotations

import sys
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from time import monotonic
from traceback import walk_tb
from typing import TYPE_CHECKING, NoReturn

from hotplug.errors import HotplugError
from hotplug.errors.hosting import PluginStateError, ReloadError
from hotplug.host.life import Life
from hotplug.host.lifecycle import RUNNING, Operation
from hotplug.host.loaders import GenerationLoader
from hotplug.host.operations import ask_permission
from hotplug.host.owner import MARK, current_owner
from hotplug.host.reloading.candidate import HOLD, STOP_FIRST, Candidate
from hotplug.host.reloading.commit import Commit
from hotplug.host.reloading.confirmation import Confirmation, Served
from hotplug.host.reloading.draining import PAUSES, outwards, place_of
from hotplug.host.reloading.failing import (
    clear_our_frames,
    extension_in,
    failure,
    restart_required,
)
from hotplug.host.reloading.quieting import Quieting
from hotplug.host.reloading.report import ReloadReport, Replaced
from hotplug.host.reloading.restoring import restore
from hotplug.host.reloading.trial import Trial
from hotplug.host.running import is_task
from hotplug.host.steps import as_error
from hotplug.host.watching import log_error

if TYPE_CHECKING:
    from hotplug.host.operations import Operations
    from hotplug.host.plugin import Plugin
    from hotplug.host.reloading.candidate import Kept
    from hotplug.host.reloading.terms import Terms
    from hotplug.host.turns import Turn

__all__ = ["Reload"]


class Reload(Quieting):
    """One reload of one or several plugins.

    `bring_in` goes up to the commit, and works on the plugins alone.
    """

    def __init__(
        self,
        operations: Operations,
        plugins: Sequence[Plugin],
        terms: Terms,
        *,
        back: bool = False,
        reason: str = "",
        restores: Mapping[Plugin, Kept] | None = None,
    ) -> None:
        self.wanted = [*dict.fromkeys(plugins)]
        names = tuple(plugin.name for plugin in self.wanted)
        super().__init__(operations.host, ReloadReport(names, dry_run=terms.dry_run), terms)
        self.report.reason = reason
        self.operations = operations
        self.back = back
        """Whether to go back to what these plugins were before their last reload."""
        self.restores = restores
        """What these plugins were before they were stopped for a reload that has failed."""
        self.at_work: Candidate | None = None
        """Whose turn it is in a stage that takes one after the other."""

    # until the commit

    def bring_in(self) -> Generator[float]:
        """Go through the stages up to the commit; `ReloadError` if nothing has changed.

        Yields for how long to wait, again and again, for what others do.
        """
        for plugin in self.wanted:
            ask_permission(plugin, Operation.DISABLE, "roll back" if self.back else "reload")
        self.idle_until = monotonic() + self.terms.idle_timeout
        is_done = False
        while not is_done:  # one that imports these was loaded meanwhile: that has to be taken, too
            try:
                yield from self.until_idle()
            except HotplugError as error:
                self._raise(error)
            while self.is_async and self.operations.turns.are_awaited_here(self.involved()):
                yield PAUSES[-1]
            turn = self.operations.turns.take(self.involved)
            with turn as taken:
                self._check_states()
                members = self.members()
                if taken.keys() >= self.involved() and not self.leases():
                    yield from self._suspended(turn, self._attempt(members))
                    is_done = True

    def _suspended(self, turn: Turn[Plugin], attempt: Generator[float]) -> Iterator[float]:
        """Let others know, while a task waits, that they cannot wait for it in its own thread."""
        for seconds in attempt:
            if self.is_async:
                turn.suspend()
            try:
                yield seconds
            except BaseException as error:
                attempt.throw(error)
                raise
            finally:
                turn.suspend(is_over=True)

    def _attempt(self, members: Mapping[Plugin, str]) -> Generator[float]:
        self._consider(members)
        try:
            yield from self._go_through()
        except BaseException as error:
            self._give_up(error)
        finally:
            self.release()
        if self.terms.dry_run:
            self._give_back()

    def foreseen(self) -> list[Candidate]:
        """Who would be replaced, as far as that can be told without running code."""
        self._check_states()
        self._consider(self.members())
        try:
            self._read()
        except Exception as error:
            self._raise(error)
        return self.candidates

    def restore(self) -> None:
        """Have again what was stopped: the stages that follow, with nobody to wait for."""
        self._consider(self.members())
        for each in self.candidates:
            each.is_stopped = each.plugin in (self.restores or ())
        try:
            self._commit(self._run(self._read()))
        except BaseException:
            self._give_back()
            raise

    def _consider(self, members: Mapping[Plugin, str]) -> None:
        self.candidates = [
            Candidate(self.operations, plugin, because) for plugin, because in members.items()
        ]
        if self.back or self.restores:
            self._look_back()

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
                restored = (self.restores or {}).get(each.plugin)
                each.back_to = restored or each.plugin.replaced
                if each.back_to is None:
                    raise PluginStateError(
                        f"plugin {each.plugin.name!r} has not been reloaded: there is nothing to "
                        "go back to"
                    )

    def _go_through(self) -> Iterator[float]:
        trial = self._read()
        stopping = [each for each in self.candidates if each.manner == STOP_FIRST]
        if stopping and self.terms.dry_run:
            names = ", ".join(repr(each.plugin.name) for each in stopping)
            self.report.notes.append(f"{names} would be stopped first; no module was run")
            return
        if stopping:
            yield from self.until_idle()
            refuse_own_calls(stopping)
            yield from self.until_quiet()
            self._stop_first(stopping)
        commit = self._run(trial)
        if self.terms.dry_run:
            return
        yield from self._commit_when_quiet(commit)

    def _read(self) -> Trial:
        """The stages in which no code of the plugins runs."""
        report, candidates = self.report, self.candidates
        with report.stage("snapshot"):
            self._refuse_other_loaders()
            for each in self._one_by_one(candidates):
                each.read()
            self._refuse_extensions()
        with report.stage("check"):
            trial = Trial(self.host.plugins, {each.plugin: each.metadata for each in candidates})
            trial.check()
            for each in self._one_by_one(candidates):
                if each.manner == STOP_FIRST and not each.is_stopped:
                    each.compile()
        return trial

    def _stop_first(self, stopping: list[Candidate]) -> None:
        report = self.report
        with report.stage("stop"):
            for each in self._one_by_one(stopping):
                each.export_state()
            if self.hold is not None:
                self.hold.decide()
                self.hold.stopped()
            for each in reversed(stopping):
                self.tasks += filter(is_task, each.old.scope)
                self.note_errors(each.plugin, each.stop_first())

    def _run(self, trial: Trial) -> Commit:
        """The stages that nothing but the new code's modules takes part in."""
        report, candidates = self.report, self.candidates
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

    def _commit_when_quiet(self, commit: Commit) -> Iterator[float]:
        self._start(commit.starting)
        if self.hold is None:
            yield from self.until_idle()
        if self.hold is None and any(each.manner == HOLD for each in commit.starting):
            yield from self.until_quiet()
        self._exchange(commit)

    def _commit(self, commit: Commit) -> None:
        self._start(commit.starting)
        self._exchange(commit)

    def _start(self, starting: list[Candidate]) -> None:
        with self.report.stage("start"):
            for each in self._one_by_one(starting):
                each.start()
        with self.report.stage("health"):
            for each in self._one_by_one(starting):
                each.ask_health()

    def _exchange(self, commit: Commit) -> None:
        report, candidates = self.report, self.candidates
        with report.stage("state"):
            for each in self._one_by_one(commit.starting):
                each.hand_over_state()
        with report.stage("commit"):
            if self.hold is not None and not self.hold.are_stopped:
                self.hold.decide()
            commit.carry_out()
        report.committed = True
        self.release()
        served = [Served.after(each) for each in commit.starting]
        for each in candidates if self.restores is None else ():
            each.keep()
        report.replaced = [replaced(each) for each in candidates]
        report.notes += commit.notes
        failures = commit.follow_up()
        for error in failures:
            report.notes.append(f"after the commit: {type(error).__name__}: {error}")
            log_error("after a reload was committed", error)
        seconds = self.host.confirm_reloads if self.terms.confirm is None else self.terms.confirm
        if seconds and served and self.restores is None:
            Confirmation(self.host, report, served, seconds, failures)

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
        self.report.replaced.clear()
        self._give_back()
        stopped = [each for each in self.candidates if each.is_stopped]
        if stopped:
            restore(self, stopped)
            clear_our_frames(error)
            for each in stopped:
                each.old = each.plugin.life or each.old
        self.release()
        self._raise(error)

    def _raise(self, error: BaseException) -> NoReturn:
        report, at_fault = self.report, self._at_fault(error)
        cause = as_error(at_fault, error)
        if not isinstance(cause, Exception):
            raise error
        if isinstance(cause, ReloadError):
            cause.report = report
            raise cause
        outcome = "\n  ".join(map(str, report.restored))
        if not outcome:
            serving = (
                "" if at_fault.life is None else f"generation {at_fault.life.number} serves on"
            )
            outcome = f"{serving}; nothing has changed".removeprefix("; ")
        raise failure(at_fault, report.failed_stage, cause, report, outcome) from cause

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


def refuse_own_calls(stopping: Iterable[Candidate]) -> None:
    """Refuse to stop what has called: it would have to end before it goes on."""
    for frame in outwards(sys._getframe(1)):  # pyright: ignore[reportPrivateUsage]
        for each in stopping:
            if frame.f_builtins.get(MARK) is each.old:
                raise PluginStateError(
                    f"plugin {each.plugin.name!r} is stopped before its new generation starts, and "
                    "a call of its own asks for that\n"
                    f"  {place_of(frame)}\n"
                    "  let the application reload it"
                )


def imports(plugin: Plugin, other: Plugin) -> bool:
    """Whether a plugin's code has imported something of another one."""
    generation = None if plugin.life is None else plugin.life.generation
    return generation is not None and other.metadata.identifier in generation.imported


def replaced(each: Candidate) -> Replaced:
    old, new = each.old, each.life
    numbers, versions = (old.number, new.number), (old.metadata.version, new.metadata.version)
    return Replaced(each.plugin.name, each.because, *numbers, *versions, each.took_state)

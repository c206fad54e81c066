"""The start of a program's plugins: what its project wants is found, loaded and enabled, in order.

Which plugins may run is `policy`'s business, and which one a name means the registry's.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from hotplug.errors import RegistrationError
from hotplug.errors.hosting import DependencyError, StartError, UnknownPluginError
from hotplug.host.findable import Located
from hotplug.host.lifecycle import PluginState
from hotplug.host.operations import ask_application
from hotplug.host.registry.discovery import Discovery, indented
from hotplug.host.registry.records import Origin
from hotplug.host.registry.wanted import Wanted
from hotplug.host.tracebacks import leave_out_ours, to_show
from hotplug.host.watching import LOGGER
from hotplug.manifest import ManifestError, Problem

if TYPE_CHECKING:
    from hotplug.host.host import PluginHost
    from hotplug.host.project import Project

__all__ = ["Attempt", "StartReport", "log_left_out", "start"]


class Attempt(NamedTuple):
    """What became of one plugin."""

    name: str
    version: str = ""
    origin: Origin | None = None
    reason: str = ""
    """Why it does not run."""
    error: Exception | None = None
    """What it failed with."""

    def __str__(self) -> str:
        said = f"{self.name} {self.version}".rstrip()
        return f"{said}: {self.reason}" if self.reason else said

    def as_error(self) -> Exception:
        """What is raised of it."""
        message = f"plugin {self.name!r} cannot start: {self.reason}"
        return self.error or DependencyError(message)

    def as_data(self) -> dict[str, Any]:
        origin = {} if self.origin is None else {"origin": self.origin.as_data()}
        told = {"name": self.name, "version": self.version, "reason": self.reason}
        return {**{key: value for key, value in told.items() if value}, **origin}


@dataclass(frozen=True, slots=True)
class StartReport:
    """What `PluginHost.start` tells."""

    started: tuple[Attempt, ...]
    skipped: tuple[Attempt, ...]
    """Those that could not be loaded or enabled, though nothing in them failed."""
    failed: tuple[Attempt, ...]
    """Those whose own code failed."""
    blocked: tuple[Attempt, ...]
    """Those that the project does not let run."""
    discovery: Discovery

    def as_data(self) -> dict[str, Any]:
        """The same, for JSON."""
        parts = {title: [each.as_data() for each in several] for title, several in self._parts()}
        return {**parts, "discovery": self.discovery.as_data()}

    def __str__(self) -> str:
        """One paragraph for each of its parts that is not empty."""
        parts = [indented(title, several) for title, several in self._parts() if several]
        return "\n".join(parts) or "no plugins"

    def _parts(self) -> Iterator[tuple[str, tuple[Attempt, ...]]]:
        for title in ("started", "skipped", "failed", "blocked"):
            yield title, getattr(self, title)


def log_left_out(report: StartReport) -> None:
    """Write down what did not start: nobody has to look at the report."""
    for outcome in report.failed:
        error = outcome.as_error()
        LOGGER.error(
            "plugin %r did not start: %s", outcome.name, outcome.reason, exc_info=to_show(error)
        )
    for outcome in report.skipped:
        LOGGER.warning("plugin %r was left out: %s", outcome.name, outcome.reason)


def start(host: PluginHost[Any]) -> StartReport:
    """Do what `PluginHost.start` says."""
    ask_application(host, "start its plugins")
    with host.registry.held():
        discovery = host.discover()
        refuse_strangers(host.project, {*discovery.names, *host.plugins})
        plan = Plan(host)
        plan.make(discovery)
        order = plan.order()
        for name in order:
            plan.load(name)
        for name in order:
            plan.enable(name)
    report = plan.report(discovery)
    errors = [*plan.fatal(report)]
    if errors:
        raise StartError(f"{host} could not start as its project wants", errors, report)
    return report


def refuse_strangers(project: Project, there: set[str]) -> None:
    """Refuse what is said of plugins that are not there: a wrong letter would go unseen."""
    from hotplug.errors.meaning import did_you_mean  # only for an error

    problems: list[Problem] = []
    for place in project.names_plugins():
        name = str(place[-1])
        if name not in there:
            hint = did_you_mean(name, there) or "take it out, or say where it is"
            message = f"{place[0]!r} names {name!r}, and there is no such plugin"
            problems.append(project.problem(message, hint, *place))
    if problems:
        raise ManifestError(problems)


class Plan:
    """What is to be started, and what becomes of it."""

    def __init__(self, host: PluginHost[Any]) -> None:
        self.host = host
        self.project = host.project
        self.wanted: dict[str, list[Wanted]] = {}
        """By name, all that is asked for."""
        self.own: dict[str, tuple[Wanted, ...]] = {}
        """What the project itself asks for."""
        self.chosen: dict[str, Located] = {}
        self.errors: dict[str, Exception] = {}
        """Why one cannot be found, or what it failed with."""

    def make(self, discovery: Discovery) -> None:
        """Find all that the project wants, and what these require in turn."""
        autoload = self.project.autoload
        if autoload is True:
            for name in sorted(discovery.names):
                self.want(Wanted(name))
        for text in (*(() if isinstance(autoload, bool) else autoload), *self.project.require):
            self.want(Wanted.of(text))
        self.own = {name: tuple(several) for name, several in self.wanted.items()}
        ahead = [*self.wanted]
        while ahead:
            name = ahead.pop(0)
            located = self.locate(name)
            if located is None:
                continue
            self.chosen[name] = located
            for dependency in located.metadata.dependencies:
                if dependency.key != "requires":
                    continue
                is_new = dependency.name not in self.wanted
                if is_new and not self.can_be_found(dependency.name):
                    continue  # what requires it tells that it is missing
                if self.want(Wanted(dependency.name, dependency.constraint)):
                    ahead.append(dependency.name)

    def want(self, wanted: Wanted) -> bool:
        """Ask for a plugin; True if that is news."""
        several = self.wanted.setdefault(wanted.name, [])
        if wanted in several:
            return False
        several.append(wanted)
        return True

    def can_be_found(self, name: str) -> bool:
        return name in self.host.plugins or self.host.registry.knows(name)

    def locate(self, name: str) -> Located | None:
        """The plugin that all who ask for it mean, or else the one that the project means."""
        own = self.own.get(name, (Wanted(name),))
        try:
            if name in self.host.plugins:
                return self.host.locate_loaded(*own)
            try:
                found = self.host.registry.find(*self.wanted[name])
            except UnknownPluginError:  # what requires another version tells so itself
                found = self.host.registry.find(*own)
            return self.host.located(found)
        except (UnknownPluginError, ManifestError, RegistrationError) as error:
            self.fail(name, error)
            return None

    def order(self) -> list[str]:
        """Each after what it requires; what goes round in a circle as it comes."""
        order: dict[str, None] = {}
        begun: set[str] = set()
        for first in self.chosen:
            path = [(first, iter(self.requires(first)))]
            while path:
                name, rest = path[-1]
                begun.add(name)
                ahead = next((each for each in rest if each not in begun), None)
                if ahead is None:
                    order[name] = None
                    path.pop()
                else:
                    path.append((ahead, iter(self.requires(ahead))))
        return [*order]

    def requires(self, name: str) -> list[str]:
        metadata = self.chosen[name].metadata
        before = (*metadata.requires, *metadata.wants, *metadata.after)
        return [each for each in before if each in self.chosen]

    def load(self, name: str) -> None:
        try:
            self.host.load_plugin(self.chosen[name], detached=True)
        except Exception as error:
            self.fail(name, error)

    def enable(self, name: str) -> None:
        plugin = self.host.plugins.get(name)
        if plugin is None or name in self.errors:
            return
        try:
            plugin.enable()
        except DependencyError:
            pass  # the plugin has the reason
        except Exception as error:
            self.fail(name, error)

    def fail(self, name: str, error: Exception) -> None:
        leave_out_ours(error)
        self.errors[name] = error

    def report(self, discovery: Discovery) -> StartReport:
        parts: dict[str, list[Attempt]] = {
            "started": [],
            "skipped": [],
            "failed": [],
            "blocked": [],
        }
        for name in self.wanted:
            part, outcome = self.outcome(name)
            parts[part].append(outcome)
        parts["skipped"] += without_a_name(discovery, parts["skipped"])
        return StartReport(
            **{part: tuple(several) for part, several in parts.items()}, discovery=discovery
        )

    def outcome(self, name: str) -> tuple[str, Attempt]:
        error = self.errors.get(name)
        plugin = self.host.plugins.get(name)
        if plugin is None or name not in self.chosen:
            return "skipped", Attempt(name, reason=str(error), error=error)
        told = Attempt(name, plugin.version, plugin.origin)
        if plugin.state is PluginState.ENABLED:
            return "started", told
        verdict = self.host.registry.policy.verdict(plugin)
        if verdict is not None:
            return "blocked", told._replace(reason=str(verdict))
        if self.host.laziness.waits(plugin):
            return "started", told._replace(reason=plugin.reason)
        if error is not None:
            return "failed", told._replace(reason=plugin.reason or str(error), error=error)
        reason = self.host.plugins.obstacle(plugin, to=PluginState.ENABLED) or plugin.reason
        return "skipped", told._replace(reason=reason)

    def fatal(self, report: StartReport) -> Iterator[Exception]:
        """What fails the start, for the project says so."""
        required = {Wanted.of(text).name for text in self.project.require}
        for outcome in (*report.failed, *report.skipped):
            is_required = outcome.name in required
            if self.host.is_strict or self.project.fails_without(outcome.name, is_required):
                yield outcome.as_error()
        for outcome in report.blocked:
            if outcome.name in required and self.project.fails_without(outcome.name, True):
                yield outcome.as_error()


def without_a_name(discovery: Discovery, outcomes: Iterable[Attempt]) -> Iterator[Attempt]:
    """What is broken, and has not been told of as the plugin that it would be."""
    told = {each for outcome in outcomes for each in getattr(outcome.error, "problems", ())}
    for broken in discovery.broken:
        if not told.issuperset(broken.problems):
            name = broken.name or str(broken.origin)
            error = ManifestError(broken.problems)
            yield Attempt(name, broken.version, broken.origin, str(error), error)

"""Why a plugin is not loaded: what the host can find of it, without running any of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, Final

from hotplug.errors.hosting import UnknownPluginError
from hotplug.host.obstacles import Obstacle, Proposal
from hotplug.host.registry.wanted import Wanted
from hotplug.manifest import ManifestError

if TYPE_CHECKING:
    from hotplug.host.dependencies import Plugins
    from hotplug.host.host import PluginHost
    from hotplug.host.plugin import Plugin
    from hotplug.host.registry.records import Found
    from hotplug.manifest import Problem
    from hotplug.manifest.constraints import Dependency

__all__ = ["Absence"]

CLOSE: Final = 3


class Absence:
    """What can be said of a plugin by a name that no loaded plugin has."""

    def __init__(self, host: PluginHost[Any], name: str) -> None:
        self.host = host
        self.name = name
        self.found: list[Found] = []
        self.problems: list[Problem] = []
        self.known: list[str] = [*host.plugins]
        if host.project.finds:
            catalogue = host.registry.catalogue()
            self.found = catalogue.found.get(name, [])
            self.problems = [
                problem
                for broken in catalogue.broken
                if broken.name == name
                for problem in broken.problems
            ]
            self.known += catalogue.found
        self.ambiguity = self.ambiguous()

    def ambiguous(self) -> str:
        """What is told of a name that more than one is found under, if none of them is meant."""
        if len(self.found) > 1:
            try:
                self.found = [self.host.registry.find(Wanted(self.name))]
            except UnknownPluginError as error:
                return str(error)
            except ManifestError:
                pass  # the manifest's problems are told
        return ""

    def obstacles(self) -> Iterator[Obstacle]:
        """What keeps it from being loaded: the project, or a manifest that is wrong."""
        for problem in self.problems:
            yield Obstacle("manifest", self.name, self.name, problem.message, problem.where)
        blocked = [[*self.host.registry.policy.obstacles(each)] for each in self.found]
        if all(blocked):
            for obstacles in blocked:
                yield from obstacles

    def told(self) -> Iterator[Obstacle]:
        """The same, and what a person can do who has asked for this name."""
        yield self.missing()
        yield from self.obstacles()

    def missing(self) -> Obstacle:
        said = asked_for(self.host.plugins, self.name)
        words = ["no plugin of this name is loaded"]
        words += [f"{said[0].name!r} requires it"] if said else []
        words += [self.ambiguity or f"there is {self.found[0]}"] if self.found else []
        close = [] if self.found else get_close_matches(self.name, self.known, CLOSE)
        sentence = ", and ".join(words)
        if close:
            sentence += f"; did you mean {' or '.join(map(repr, dict.fromkeys(close)))}?"
        load = Proposal.load(self.name, said[1].constraint if said else "")
        return Obstacle(
            "missing",
            self.name,
            self.name,
            sentence,
            said[0].metadata.where(*said[1].place) if said else "",
            (load,) if not self.ambiguity and (self.found or said or not close) else (),
        )


def asked_for(plugins: Plugins, name: str) -> tuple[Plugin, Dependency] | None:
    """The first plugin that requires one of this name, and where it says so."""
    requiring: Iterable[Plugin] = plugins.requirers_named(name)
    return next(((plugin, plugins.requirement(plugin, name)) for plugin in requiring), None)

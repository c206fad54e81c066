"""All plugins that a host can find by name: where it looks, what it remembers, which it means."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from threading import RLock
from time import time_ns
from typing import Final, NamedTuple, Protocol

from hotplug.errors.hosting import UnknownPluginError
from hotplug.host.loaders import MetadataLoader
from hotplug.host.project import Project
from hotplug.host.registry.choosing import Choice, choose
from hotplug.host.registry.discovery import Ambiguity, Blocked, Discovery, Shadowed
from hotplug.host.registry.folders import SearchPath, look
from hotplug.host.registry.index import Index
from hotplug.host.registry.installed import Installed
from hotplug.host.registry.policy import Policy
from hotplug.host.registry.records import Broken, Found, Origin
from hotplug.host.registry.wanted import Wanted
from hotplug.manifest import ManifestError, PluginMetadata, Problem

__all__ = ["Registry"]

SETTLED: Final = 2 * 10**9
"""So many nanoseconds after a folder has changed, a second change shows in its time."""

Stamp = list[tuple[str, int]]


class Source(Protocol):
    """A place to look for plugins."""

    def stamps(self) -> list[Path]:
        """The files and folders whose times tell that something has changed."""
        ...

    def offers(self) -> Iterator[Found | Broken]: ...


class Catalogue(NamedTuple):
    """What there is."""

    found: dict[str, list[Found]]
    broken: list[Broken]

    def broken_as(self, wanted: Sequence[Wanted]) -> list[Broken]:
        """What is broken, and would have the name and perhaps the version that is wanted."""
        return [each for each in self.broken if all(could_mean(one, each) for one in wanted)]


def could_mean(wanted: Wanted, broken: Broken) -> bool:
    if broken.version:
        return wanted.means(broken)
    is_of = wanted.distribution in ("", broken.origin.distribution)
    return is_of and wanted.name == broken.name


class Registry:
    """Where a host looks for plugins, in this order: search paths, distributions, the index."""

    def __init__(
        self, project: Project, policy: Policy, loader: Callable[[], MetadataLoader]
    ) -> None:
        self.project = project
        self.policy = policy
        self._loader = loader
        self._remembered: tuple[Stamp, Catalogue] | None = None
        self._held: Catalogue | None = None
        self._lock = RLock()  # a loader of the application may look for plugins itself

    @cached_property
    def sources(self) -> list[Source]:
        project, loader = self.project, self._loader()
        sources: list[Source] = []
        for number, text in enumerate(project.paths):
            where = project.where("paths", number)
            sources.append(SearchPath(project.path(text), len(sources), loader, where))
        if project.group:
            sources.append(Installed(project.group, len(sources)))
        if project.index:
            sources.append(Index(project.path(project.index), len(sources), loader))
        return sources

    def catalogue(self, *, anew: bool = False) -> Catalogue:
        """All that there is; what was found before is remembered until something has changed."""
        with self._lock:
            if self._held is not None:
                return self._held
            stamp = [each for source in self.sources for each in stamp_of(source)]
            if self._remembered is not None and not anew and self._remembered[0] == stamp:
                return self._remembered[1]
            catalogue = Catalogue({}, [])
            for source in self.sources:
                for offer in source.offers():
                    if isinstance(offer, Found):
                        catalogue.found.setdefault(offer.name, []).append(offer)
                    else:
                        catalogue.broken.append(offer)
            now = time_ns()
            is_settled = all(now - time > SETTLED for _, time in stamp)
            self._remembered = (stamp, catalogue) if is_settled else None
            return catalogue

    @contextmanager
    def held(self) -> Generator[None]:
        """Look once, and then go by that as long as the block lasts."""
        self._held = self.catalogue(anew=True)
        try:
            yield
        finally:
            self._held = None

    def discover(self) -> Discovery:
        """Look anew, and tell all that there is."""
        catalogue = self.catalogue(anew=True)
        found: list[Found] = []
        shadowed: list[Shadowed] = []
        ambiguous: list[Ambiguity] = []
        blocked: list[Blocked] = []
        for name, candidates in sorted(catalogue.found.items()):
            permitted: list[Found] = []
            for each in candidates:
                verdict = self.policy.verdict(each)
                if verdict is None:
                    permitted.append(each)
                else:
                    blocked.append(Blocked(each, verdict))
            choice = choose(permitted)
            if choice.rivals:
                ambiguous.append(Ambiguity(name, choice.rivals))
            if choice.chosen is None:
                continue
            broken = in_the_way(choice, catalogue.broken_as([Wanted(name)]))
            others = choice.others
            if broken is None:
                found.append(choice.chosen)
            else:
                others = (choice.chosen, *others)
            shadowed += [Shadowed(each, broken or choice.chosen) for each in others]
        return Discovery(
            tuple(found),
            tuple(shadowed),
            tuple(ambiguous),
            tuple(catalogue.broken),
            tuple(blocked),
        )

    def knows(self, name: str) -> bool:
        """Whether there is a plugin of this name, or something broken that would be."""
        catalogue = self.catalogue()
        return name in catalogue.found or any(name == each.name for each in catalogue.broken)

    def find(self, *wanted: Wanted) -> Found:
        """The one plugin that is meant by all of these, which have one name.

        One that the project blocks is found only where there is no other.
        """
        found = self._found(wanted, self.catalogue())
        if found is None or self._has_changed(found):
            catalogue = self.catalogue(anew=True)
            found = self._found(wanted, catalogue)
            if found is None:
                raise UnknownPluginError(self._not_found(wanted, catalogue))
        return found

    def _found(self, wanted: Sequence[Wanted], catalogue: Catalogue) -> Found | None:
        name = wanted[0].name
        several = catalogue.found.get(name, ())
        meant = [each for each in several if all(one.means(each) for one in wanted)]
        permitted = [each for each in meant if self.policy.verdict(each) is None]
        choice = choose(permitted or meant)
        if choice.rivals:
            raise UnknownPluginError(ambiguous_name(name, choice.rivals))
        if broken := in_the_way(choice, catalogue.broken_as(wanted)):
            raise ManifestError(broken.problems)
        return choice.chosen

    def _has_changed(self, found: Found) -> bool:
        """Whether a manifest has been edited in its place since: no folder tells of that."""
        if self._held is not None or found.origin.kind == "distribution":
            return False
        again = look(found.location, self._loader())
        return not isinstance(again, Found) or again.metadata != found.metadata

    def read(self, origin: Origin, name: str) -> PluginMetadata:
        """What an installed plugin says of itself now."""
        for source in self.sources:
            for offer in source.offers() if isinstance(source, Installed) else ():
                if offer.name == name and offer.origin.distribution == origin.distribution:
                    if isinstance(offer, Broken):
                        raise ManifestError(offer.problems)
                    if offer.location == origin.location:
                        return offer.metadata
        message = f"plugin {name!r} is not installed any more as {origin}"
        raise ManifestError([Problem(message, "unload it, and load it again")])

    def _not_found(self, wanted: Sequence[Wanted], catalogue: Catalogue) -> str:
        name = wanted[0].name
        several = ", ".join(repr(str(one)) for one in wanted)
        there = catalogue.found.get(name)
        if there:
            lines = [f"{each.version} from {each.origin}" for each in there]
            return "\n  ".join([f"no plugin {several} can be found; there are:", *lines])
        from hotplug.errors.meaning import did_you_mean  # only for an error

        close = did_you_mean(name, catalogue.found)
        hint = f"; {close}" if close else ""
        looked = ", ".join(map(str, self.sources))
        where = (
            f"looked in: {looked}"
            if looked
            else (
                "name folders to look in: PluginHost(project={'paths': ['plugins']}), "
                f"or write './{name}' for a folder"
            )
        )
        return f"no plugin {several} can be found{hint}\n  {where}"


def in_the_way(choice: Choice, broken: list[Broken]) -> Broken | None:
    """What is broken, and would have come before the chosen one for all that one can tell."""
    for each in broken:
        if choice.chosen is None or each.rank <= choice.chosen.rank:
            return each
    return None


def ambiguous_name(name: str, rivals: Sequence[Found]) -> str:
    lines = [f"{each.version} from {each.origin}" for each in rivals]
    distributions = {each.origin.distribution for each in rivals}
    hint = "take one of them away"
    if len(distributions) > 1:
        hint = f"say which: '{rivals[0].origin.distribution}:{name}', or take one of them away"
    return "\n  ".join([f"the name {name!r} could mean any of", *lines, hint])


def stamp_of(source: Source) -> Stamp:
    stamp: Stamp = []
    for path in source.stamps():
        try:
            stamp.append((str(path), path.stat().st_mtime_ns))
        except OSError:
            stamp.append((str(path), 0))
    return stamp

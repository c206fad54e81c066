"""Whom the project lets run: what it blocks, what alone it lets in, and what it is advised against.

It holds for every way in, and before any code of a plugin runs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from hotplug.host.obstacles import Obstacle, Proposal
from hotplug.host.project import Project, opened, place_in
from hotplug.host.project_values import WANTED
from hotplug.host.registry.wanted import Subject, Wanted
from hotplug.manifest import ManifestError
from hotplug.manifest.checking import Field, Keys, Report, check_keys
from hotplug.manifest.documents import is_list, is_table
from hotplug.manifest.fields import TEXT, URL
from hotplug.manifest.problems import warn

__all__ = ["Policy", "Verdict"]


class Verdict(NamedTuple):
    """Why a plugin may not run."""

    sentence: str
    where: str
    """``file:line`` of who says so."""
    mend: str
    """What would let it in."""

    def __str__(self) -> str:
        return f"{self.sentence} ({self.where})" if self.where else self.sentence


class Rule(NamedTuple):
    """One line that keeps plugins out."""

    wanted: Wanted
    verdict: Verdict


class Policy:
    """What a project says about who may run."""

    def __init__(self, project: Project) -> None:
        """Raises `ManifestError` if the advisories cannot be read."""
        self.rules = [*blocked(project), *advised(project)]
        self.only = [Wanted.of(text) for text in project.only]
        self.where = project.where("only") if self.only else ""

    def __bool__(self) -> bool:
        return bool(self.rules or self.only)

    def verdicts(self, subject: Subject) -> Iterator[Verdict]:
        """All that keeps a plugin out."""
        for rule in self.rules:
            if rule.wanted.means(subject):
                yield rule.verdict
        if self.only and not any(wanted.means(subject) for wanted in self.only):
            there = ", ".join(map(str, self.only))
            mend = f"add {subject.name!r} to 'only'"
            yield Verdict(f"the project lets only {there} run", self.where, mend)

    def verdict(self, subject: Subject) -> Verdict | None:
        """The first of them."""
        return next(self.verdicts(subject), None)

    def obstacles(self, subject: Subject) -> Iterator[Obstacle]:
        """The same, as what keeps a plugin from running."""
        name = subject.name
        for verdict in self.verdicts(subject):
            mend = Proposal(("edit-project", name, verdict.where), verdict.mend)
            yield Obstacle("blocked", name, "project", verdict.sentence, verdict.where, (mend,))


def blocked(project: Project) -> Iterator[Rule]:
    """What ``block`` says."""
    data = project.document.data
    by_number = is_table(data) and is_list(data.get("block"))
    for number, (text, reason) in enumerate(project.block.items()):
        where = project.where("block", number if by_number else text)
        because = f": {reason}" if reason else ""
        mend = f"take {text!r} out of 'block'"
        yield Rule(Wanted.of(text), Verdict(f"the project blocks it{because}", where, mend))


ADVISORY: Final = Keys(
    {
        "plugin": Field(WANTED, "What is better not loaded", "shop>=2.1,<2.1.4", None),
        "reason": Field(TEXT, "Why", "it crashes when the till is closed", None),
        "url": Field(URL, "Where to read more", "https://example.org/shop/17", ""),
    }
)


def advised(project: Project) -> Iterator[Rule]:
    """What the file of advisories says; raises `ManifestError`."""
    if not project.advisories:
        return
    document = opened(project.path(project.advisories))
    report = Report(document)
    data = document.data
    several = data.get("advisory") if is_table(data) else None
    if not is_list(several):
        hint = 'begin each with [[advisory]], and give it a plugin = "..." and a reason = "..."'
        report.complain((), "there is no list 'advisory'", hint)
        several = ()
    for number, item in enumerate(several):
        part = Report(document.part(item, "advisory", number))
        values = check_keys(ADVISORY, part, "an advisory")
        report.problems += part.problems
        if not report.has_errors:
            yield advisory(values, place_in(document, "advisory", number))
    if report.has_errors:
        raise ManifestError(report.problems)
    warn(report.problems)


def advisory(values: Mapping[str, str], where: str) -> Rule:
    plugin, reason = values["plugin"], values["reason"]
    more = f", see {values['url']}" if values["url"] else ""
    sentence = f"an advisory says not to load {plugin}: {reason}{more}"
    mend = f"load a version other than {plugin}"
    return Rule(Wanted.of(plugin), Verdict(sentence, where, mend))

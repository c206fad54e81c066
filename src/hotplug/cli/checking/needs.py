"""Whether what a plugin asks of others is there, in versions that will do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from hotplug.errors.meaning import closest
from hotplug.manifest import Dependency, PluginMetadata, Problem

__all__ = ["Known", "needed"]

Known = Mapping[str, set[str]]
"""The versions that are known of each plugin, by name."""


def needed(metadata: PluginMetadata, known: Known, *, is_all: bool) -> Iterator[Problem]:
    """What is not there. Where these are not all plugins, only what looks like a slip is told."""
    for each in metadata.dependencies:
        versions = known.get(each.name)
        if versions is None:
            close = closest(each.name, known.keys() - {metadata.name})
            if each.key == "requires" and (is_all or close):
                message = f"plugin {metadata.name!r} requires {each.name!r}, and none is found"
                hint = f"did you mean {close!r}?" if close else "write it, or install it"
                yield problem(metadata, each, message, hint, is_sure=is_all)
            continue
        if each.key in ("requires", "wants") and not any(will_do(one, each) for one in versions):
            told = ", ".join(sorted(versions))
            message = f"plugin {metadata.name!r} {each.key} {each}, and {each.name} {told} is here"
            yield problem(metadata, each, message, "ask for a version that there is, or update it")


def will_do(version: str, dependency: Dependency) -> bool:
    if not dependency.constraint:
        return True
    from hotplug.manifest.versions import is_right  # the extra is there: the manifest was read

    return is_right(version, dependency.constraint)


def problem(
    metadata: PluginMetadata, each: Dependency, message: str, hint: str, *, is_sure: bool = True
) -> Problem:
    line = metadata.line_of(*each.place)
    severity = "error" if is_sure else "warning"
    return Problem(message, hint, metadata.file, line, severity=severity)  # type: ignore[arg-type]

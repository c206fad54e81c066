"""Whether a plugin has what its manifest names: hooks, events and commands."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Final

from hotplug.cli.checking.hooks import Implemented
from hotplug.cli.checking.sources import as_names
from hotplug.errors.meaning import did_you_mean
from hotplug.manifest import PluginMetadata, Problem

__all__ = ["named"]

EVENTS: Final = "declares no event of this name in its entrypoint"
COMMANDS: Final = "has no function of this name in its entrypoint"
HOOKS: Final = "implements no hook of this name"


def named(implemented: Implemented) -> Iterator[Problem]:
    """What the host says of it when the plugin is loaded, said before."""
    metadata = implemented.sources.metadata
    entrypoint = implemented.sources.entrypoint
    if entrypoint is not None and not entrypoint.may_have_more:
        there = as_names(entrypoint.names)
        yield from missing(metadata, "events", there, EVENTS)
        yield from missing(metadata, "commands", there, COMMANDS)
    if metadata.hooks or metadata.lazy:
        found = implemented.names
        if implemented.is_all:
            yield from missing(metadata, "hooks", found, HOOKS)
        for name, item in found.items():
            if name not in metadata.hooks:
                message = f"implements hook {name!r}, which its manifest does not name"
                hint = f"add {name!r} to 'hooks' in {metadata.file}"
                yield item.source.problem(
                    item.function, f"plugin {metadata.name!r} {message}", hint
                )


def missing(
    metadata: PluginMetadata, key: str, found: Collection[str], but: str
) -> Iterator[Problem]:
    for number, name in enumerate(getattr(metadata, key)):
        if name not in found:
            message = f"plugin {metadata.name!r} names {name!r} in its {key}, but {but}"
            line = metadata.line_of(key, number)
            where = f"{key}[{number}]"
            yield Problem(message, did_you_mean(name, found), metadata.file, line, key=where)

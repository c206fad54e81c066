"""What a plugin offers by its manifest, compared with its code."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from hotplug.errors import PluginValidationError
from hotplug.host.implementations import HookImplementation

if TYPE_CHECKING:
    from hotplug.host.life import Life

__all__ = ["compare"]


def compare(life: Life) -> None:
    """Refuse a plugin whose manifest names what its code does not have, or leaves out what it has.

    Only the keys that are there count; to a lazy plugin all do, since nothing else starts it.
    """
    metadata = life.metadata
    if not (metadata.lazy or metadata.hooks or metadata.events or metadata.commands):
        return
    names = vars(life.module)
    if metadata.lazy or metadata.hooks:
        found = {
            item.hook_name: item.where
            for item in life.scope
            if isinstance(item, HookImplementation)
        }
        refuse_missing(life, "hooks", found, "implements no hook of this name")
        refuse_unnamed(life, "hooks", found, "implements hook")
    if metadata.events:
        from hotplug.host.events import Event  # only for who says that there are any

        events = {name for name, value in names.items() if isinstance(value, Event)}
        refuse_missing(life, "events", events, "declares no event of this name in its entrypoint")
    functions = {name for name, value in names.items() if callable(value)}
    refuse_missing(life, "commands", functions, "has no function of this name in its entrypoint")


def refuse_missing(life: Life, key: str, found: Collection[str], but: str) -> None:
    metadata = life.metadata
    for number, name in enumerate(getattr(metadata, key)):
        if name not in found:
            from hotplug.errors.meaning import did_you_mean  # only for an error

            close = did_you_mean(name, found)
            hint = f"\n  {close}" if close else ""
            place = f"{metadata.file}:{metadata.line_of(key, number)}"
            raise PluginValidationError(
                life.name, f"names {name!r} in its {key}, but {but}\n  {place}{hint}"
            )


def refuse_unnamed(life: Life, key: str, found: dict[str, str], does: str) -> None:
    metadata = life.metadata
    for name, where in found.items():
        if name not in getattr(metadata, key):
            written = ", ".join(f'"{each}"' for each in (*getattr(metadata, key), name))
            raise PluginValidationError(
                life.name,
                f"{does} {name!r}, which its manifest does not name\n  {where}\n"
                f"  write in {metadata.file}:  {key} = [{written}]",
            )

"""What is said when a plugin cannot be imported: who asked, where, and what to do about it."""

from __future__ import annotations

import os
from collections.abc import Iterable
from os.path import normpath
from types import FrameType
from typing import TYPE_CHECKING, NamedTuple

from hotplug.errors.hosting import PluginImportError
from hotplug.host.generations import process
from hotplug.host.generations.snapshot import lines_of

if TYPE_CHECKING:
    from hotplug.host.generations.generation import Generation

__all__ = ["Elsewhere", "no_such_plugin", "not_importable", "not_required", "nowhere", "place_of"]


class Elsewhere(NamedTuple):
    """A plugin that is loaded, and has no generation."""

    name: str
    loader: str
    """The class of what has loaded it."""

    def __str__(self) -> str:
        return f"{self.loader}, a plugin_loader= of the application, has loaded it"

    @property
    def way(self) -> str:
        """How to get at its module all the same."""
        return f"  its module is host.get_plugin({self.name!r}).module"


def nowhere(_: str) -> Elsewhere | None:
    """Where all plugins have generations."""


def no_such_plugin(namespace: str, package: str) -> str:
    """Tell host code what it may have meant."""
    spaces = process.namespaces.get(namespace)
    if not spaces:
        return f"no plugin {package!r} in {namespace!r}: no host of this name is open"
    serving = {each.package: each for each in spaces[0].serving()}
    if package in serving:
        return str(not_importable(serving[package]))
    for elsewhere in filter(None, (space.elsewhere(package) for space in spaces)):
        return f"no plugin {package!r} in {namespace!r}: {elsewhere}\n{elsewhere.way}"
    return (
        f"no plugin {package!r} in {namespace!r}: it is not loaded, or not enabled yet\n"
        f"  serving: {', '.join(sorted(serving)) or 'none'}{in_the_line(package, serving)}"
    )


def not_importable(plugin: Generation) -> PluginImportError:
    """For C-32's sake there is one place where a plugin says what it offers to others."""
    kind = "it is a single file" if plugin.is_single_file else "its folder has no __init__.py"
    return PluginImportError(
        f"plugin {plugin.package!r} can't be imported by others: {kind}\n"
        f"  what it offers belongs into {plugin.package}/__init__.py",
        name=plugin.canonical,
        path=plugin.root,
    )


def not_required(importer: Generation, package: str, frame: FrameType | None) -> PluginImportError:
    """A plugin imports another one that it was not wired to."""
    file, line = place_of(frame)
    text = lines_of(importer.source_of(file) or "")[line - 1 : line]
    shown = f"  {os.path.relpath(file, os.path.dirname(importer.root))}:{line}"  # noqa: PTH120
    shown += f"   {text[0].strip()}" if text else ""
    canonical = f"{importer.namespace.name}.{package}"
    who = f"plugin {importer.package!r} imports plugin {package!r}"
    elsewhere = importer.namespace.elsewhere(package)
    if elsewhere is not None:
        message = f"{who}, which has no modules to import: {elsewhere}\n{shown}\n{elsewhere.way}"
    elif package in importer.requires:
        why_not = "is not loaded, or not in a version that will do"
        message = f"{who}, which its manifest names and which {why_not}\n{shown}"
    else:
        others = [each.package for each in importer.namespace.serving()]
        line_to_add = ", ".join(f'"{each}"' for each in (*sorted(importer.requires), package))
        message = (
            f"{who}, which it does not require\n{shown}\n"
            f"  add to its manifest:  requires = [{line_to_add}]"
            f"{'' if package in others else in_the_line(package, others)}"
        )
    return PluginImportError(message, name=canonical, path=file)


def place_of(frame: FrameType | None) -> tuple[str, int]:
    return ("?", 0) if frame is None else (normpath(frame.f_code.co_filename), frame.f_lineno)


def in_the_line(package: str, known: Iterable[str]) -> str:
    """What may have been meant, behind what is said already."""
    from hotplug.errors.meaning import did_you_mean  # this is said rarely, and imported always

    close = did_you_mean(package, known)
    return f"        {close}" if close else ""

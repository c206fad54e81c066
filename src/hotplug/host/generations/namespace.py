"""One host's plugins by name: which generation of each serves, and which are open beside it."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable, Collection, Mapping
from importlib.util import find_spec
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any, Final

from hotplug.host.generations import process, threads
from hotplug.host.generations.bytecode import Codes
from hotplug.host.generations.facade import Plugins, put_there
from hotplug.host.generations.finding import FINDER
from hotplug.host.generations.generation import Generation
from hotplug.host.generations.refusing import Elsewhere, nowhere
from hotplug.host.generations.snapshot import NOTHING, Snapshot

__all__ = ["DEFAULT_NAME", "Namespace"]

DEFAULT_NAME: Final = "hotplug.plugins"

before: Final[dict[str, ModuleType | None]] = {}
"""What was in ``sys.modules`` under names that are now a namespace's or lead to one."""


class Namespace:
    """The plugins of one host, under ``hotplug.plugins`` or another name.

    Several may have the same name. Plugins see those of their own; without a plugin on the stack,
    the first answers, or the one that was made the default.

    >>> namespace = Namespace()
    >>> namespace.committed("shop") is None
    True
    >>> namespace.close()
    """

    def __init__(
        self,
        name: str = DEFAULT_NAME,
        execute: Callable[[CodeType, dict[str, Any]], object] = exec,
    ) -> None:
        if not all(part.isidentifier() for part in name.split(".")):
            raise ValueError(f"namespace {name!r}: a dotted name of identifiers is expected")
        self.name: Final = name
        self.execute: Final = execute
        """Runs the code of a module, as `exec` does."""
        self.wanted: Callable[[str], object] | None = None
        """Told that code of no plugin imports a plugin that does not serve."""
        self.elsewhere: Callable[[str], Elsewhere | None] = nowhere
        """Says of a plugin that does not serve here whether something else has loaded it."""
        self.codes: Final = Codes()
        self._committed: Final[dict[str, Generation]] = {}
        self._open: Final[dict[str, list[Generation]]] = {}
        self._putting: Final[set[str]] = set()
        self._is_closed = False
        missing = names_to_make(name)
        process.survive_forks()
        with process.changing:
            if not process.namespaces:
                threads.patch()
            process.namespaces.setdefault(name, []).append(self)
            FINDER.want()
            for each in missing:
                install(each)

    def __repr__(self) -> str:
        return f"<namespace {self.name!r} with {len(self._committed)} plugins>"

    def open(
        self,
        package: str,
        root: Path,
        *,
        wires: Mapping[str, Generation] | None = None,
        requires: Collection[str] = (),
        owner: object = None,
        files: Snapshot | None = None,
        read: Mapping[str, bytes] = NOTHING,
        bare: str = "",
    ) -> Generation:
        """Read a plugin's files, for a load that is to be; nothing of it is run.

        ``wires`` are the generations of the plugins that it may import. ``requires`` names those
        that it declares. ``files`` are those of an earlier load, to have that again; ``read`` holds
        the contents of some by path, which are not read again. ``bare`` is what the plugin calls
        itself in its own imports, where that is not its name.
        """
        if self._is_closed:
            raise RuntimeError(f"{self!r} is closed")
        if not package.isidentifier():
            raise ValueError(f"plugin {package!r}: its name in imports must be an identifier")
        snapshot = files or Snapshot.take(root, read)
        warn_of_a_plain_import(bare or package, snapshot)
        generation = Generation(
            self,
            package,
            snapshot,
            wires or {},
            frozenset({*requires, *(wires or {})}),
            owner,
            bare or package,
        )
        self._open.setdefault(package, []).append(generation)
        if snapshot.may_put_modules:
            self._putting.add(package)
        return generation

    def committed(self, package: str) -> Generation | None:
        """Return the generation of a plugin that serves."""
        return self._committed.get(package)

    def serving(self) -> list[Generation]:
        return list(self._committed.values())

    def make_default(self) -> None:
        """Answer where no plugin is on the stack, before all others of this name."""
        with process.changing:
            same_name = process.namespaces[self.name]
            same_name.remove(self)
            same_name.insert(0, self)

    def close(self) -> None:
        """Close all generations; with the last namespace, undo what was changed in the process."""
        with process.changing:
            if self._is_closed:
                return
            self._is_closed = True
        for generation in [each for loads in list(self._open.values()) for each in loads]:
            generation.close()
        with process.changing:
            same_name = process.namespaces[self.name]
            same_name.remove(self)
            if not same_name:
                del process.namespaces[self.name]
            FINDER.release()
            for name in names_not_needed():
                uninstall(name)
            if not process.namespaces:
                threads.unpatch()

    def put(self, *generations: Generation) -> None:
        """Let generations serve, all in one step; `Generation.commit` calls this."""
        self._committed.update({each.package: each for each in generations})

    def put_there(self, generation: Generation) -> dict[str, ModuleType]:
        """Find what a plugin's code has put into ``sys.modules`` itself, below its own name."""
        return put_there(generation.canonical) if generation.package in self._putting else {}

    def drop(self, generation: Generation) -> None:
        """Let go of a closed generation; `Generation.close` calls this."""
        package = generation.package
        others = [each for each in self._open[package] if each is not generation]
        self._open[package] = others
        if self._committed.get(package) is generation:
            del self._committed[package]
        if not others:
            del self._open[package]
            self.codes.drop(generation.snapshot.files)
            for name in self.put_there(generation):
                sys.modules.pop(name, None)
            self._putting.discard(package)


def names_to_make(name: str) -> list[str]:
    """Name the modules to make for a namespace: itself, and those above that are not there."""
    parents = [name[:at] for at, char in enumerate(name) if char == "."]
    missing: list[str] = []
    for each in [*parents, name]:
        known = sys.modules.get(each)
        if type(known) is Plugins:
            missing.append(each)
        elif known is not None and each != name:
            continue
        elif missing or (found := find_spec(each)) is None:
            missing.append(each)
        elif each == name:
            if found.origin is not None and name != DEFAULT_NAME:
                raise ValueError(
                    f"namespace {name!r} would hide the module {found.origin}; take another name"
                )
            missing.append(each)
    return missing


def install(name: str) -> None:
    if name in before:
        return
    before[name] = sys.modules.get(name)
    module = sys.modules[name] = Plugins(name)
    parent, _, child = name.rpartition(".")
    if parent:
        setattr(sys.modules[parent], child, module)


def names_not_needed() -> list[str]:
    return [
        name
        for name in reversed(before)
        if not any(f"{each}.".startswith(f"{name}.") for each in process.namespaces)
    ]


def uninstall(name: str) -> None:
    was = before.pop(name)
    parent, _, child = name.rpartition(".")
    holder = sys.modules.get(parent)
    ours = sys.modules.pop(name, None)
    if was is not None:
        sys.modules[name] = was
    if holder is not None and holder.__dict__.get(child) is ours:
        if was is None:
            delattr(holder, child)
        else:
            setattr(holder, child, was)


def warn_of_a_plain_import(bare: str, snapshot: Snapshot) -> None:
    """A plugin that the program imports as a plain module too exists twice."""
    plain = getattr(sys.modules.get(bare), "__file__", None)
    if plain is not None and plain == snapshot.modules[""].path:
        warnings.warn(
            f"plugin {bare!r} is imported as a plain module, too, and will exist twice: {plain}",
            RuntimeWarning,
            stacklevel=3,
        )

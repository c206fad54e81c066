"""Whether what a plugin imports is there: its own modules, other plugins, and all else."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator, Sequence
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from hotplug.cli.checking.sources import Source, Sources
from hotplug.errors.meaning import did_you_mean
from hotplug.manifest import Problem
from hotplug.manifest.metadata import identifier

__all__ = ["imported"]

PLUGINS: Final = "hotplug.plugins"
PUBLIC: Final[list[str]] = vars(sys.modules["hotplug"])["__all__"]
"""Read from the package itself, which nothing in it imports."""
EXPECTED: Final = {"ImportError", "ModuleNotFoundError", "Exception", "BaseException"}


def imported(sources: Sources, roots: Sequence[Path] = ()) -> Iterator[Problem]:
    """What cannot be imported; the modules in ``roots`` are installed with the plugin."""
    for source in sources:
        for node in unguarded(source.tree):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    yield from Import(sources, source, node, roots).module(alias.name)
            else:
                yield from Import(sources, source, node, roots).names(node)


def unguarded(node: ast.AST) -> Iterator[ast.Import | ast.ImportFrom]:
    """The imports that run, and may not fail."""
    if isinstance(node, (ast.Import, ast.ImportFrom)):
        yield node
    is_guard = (
        any(map(expects_failure, node.handlers))
        if isinstance(node, ast.Try)
        else isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
    )
    guarded: list[ast.stmt] = getattr(node, "body", []) if is_guard else []
    for child in ast.iter_child_nodes(node):
        if child not in guarded:
            yield from unguarded(child)


def expects_failure(handler: ast.ExceptHandler) -> bool:
    if handler.type is None:
        return True
    return any(
        isinstance(each, (ast.Name, ast.Attribute))
        and (getattr(each, "id", "") or getattr(each, "attr", "")) in EXPECTED
        for each in ast.walk(handler.type)
    )


class Import:
    """One statement."""

    def __init__(
        self, sources: Sources, source: Source, node: ast.stmt, roots: Sequence[Path]
    ) -> None:
        self.sources = sources
        self.source = source
        self.node = node
        self.roots = roots

    def names(self, node: ast.ImportFrom) -> Iterator[Problem]:
        """``from module import name``."""
        names = [alias.name for alias in node.names]
        if node.level:
            parts = self.source.origin_of(node)
            if parts is None:
                yield self.problem("this import leads out of the plugin's folder")
                return
            yield from self.own(parts, names)
        elif (own := self.sources.own(node.module or "")) is not None:
            yield from self.own(own, names)
        elif node.module == PLUGINS:
            for name in names:
                if name != self.sources.metadata.identifier:
                    yield from self.plugin(name)
        elif node.module == "hotplug":
            yield from self.public(names)
        else:
            yield from self.module(node.module or "")

    def own(self, parts: tuple[str, ...], names: Sequence[str]) -> Iterator[Problem]:
        """Names of a module of the plugin."""
        modules = self.sources.modules
        if any(parts[: len(each)] == each for each in self.sources.compiled):
            return
        module = modules.get(parts)
        every = [*modules, *self.sources.compiled]
        folder = [each[len(parts)] for each in every if each[: len(parts)] == parts != each]
        if module is None and not folder:
            where = parts[:-1]
            there = [each[-1] for each in modules if each[:-1] == where and each]
            name = ".".join(parts)
            yield self.problem(f"the plugin has no module {name!r}", did_you_mean(parts[-1], there))
            return
        if module is not None and module.may_have_more:
            return
        there = [*(() if module is None else module.names), *folder]
        for name in names:
            if name not in there and name != "*" and not name.startswith("__"):
                what = ".".join(parts) or "__init__"
                hint = did_you_mean(name, [each for each in there if not each.startswith("_")])
                yield self.problem(f"there is no {name!r} in the plugin's module {what!r}", hint)

    def public(self, names: Sequence[str]) -> Iterator[Problem]:
        """Names of hotplug itself."""
        for name in names:
            if name not in PUBLIC and name != "*" and not is_there(f"hotplug.{name}"):
                yield self.problem(f"hotplug has no {name!r}", did_you_mean(name, PUBLIC))

    def plugin(self, name: str) -> Iterator[Problem]:
        """Another plugin."""
        metadata = self.sources.metadata
        known = {identifier(each) for each in (*metadata.requires, *metadata.wants)}
        if name in known:
            return
        hint = did_you_mean(name, known) or f"add {name!r} to 'requires' in {metadata.file}"
        message = f"plugin {metadata.name!r} imports plugin {name!r}, which it does not require"
        yield self.problem(message, hint)

    def module(self, name: str) -> Iterator[Problem]:
        """``import name``."""
        top, _, rest = name.partition(".")
        own = self.sources.own(name)
        if own is not None:
            yield from self.own(own, ())
        elif name.startswith(f"{PLUGINS}."):
            yield from self.plugin(name.split(".")[2])
        elif self.is_beside(top):
            message = f"{top!r} is a module of the plugin, and cannot be imported like this"
            hint = f"write:  from .{name} import ..." if rest else f"write:  from . import {name}"
            yield self.problem(message, hint)
        elif not self.is_installed(top):
            hint = did_you_mean(top, sys.stdlib_module_names) or (
                "install it here, and name it in the dependencies of the project"
            )
            yield self.problem(f"no module {top!r} is installed here", hint, is_sure=False)

    def is_beside(self, top: str) -> bool:
        """Whether a module of the plugin is meant, which only a relative import finds."""
        is_here = any(each[:1] == (top,) for each in self.sources.modules)
        return is_here and not self.is_installed(top)

    def is_installed(self, top: str) -> bool:
        if top in sys.stdlib_module_names or top == "__main__" or is_there(top):
            return True
        return any((root / top).is_dir() or (root / f"{top}.py").is_file() for root in self.roots)

    def problem(self, message: str, hint: str = "", *, is_sure: bool = True) -> Problem:
        return self.source.problem(self.node, message, hint, "error" if is_sure else "warning")


@lru_cache(1024)
def is_there(module: str) -> bool:
    """Whether a module can be found; of one at the top nothing is run for it."""
    try:
        return find_spec(module) is not None
    except (ImportError, ValueError):
        return False

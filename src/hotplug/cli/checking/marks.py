"""What a plugin marks as implementations of hooks, found in its source."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from hotplug.cli.checking.sources import Function, Source, Sources, flat
from hotplug.host.happenings import PROJECT

__all__ = ["Implementation", "Marker", "Marks"]

MARKERS: Final = ("HookimplMarker", "Extension")
USUAL: Final = "hookimpl"
"""What everybody calls a marker."""
HARMLESS: Final = {"staticmethod", "classmethod", "override", "final", "syscall", "no_type_check"}
"""Decorators that leave what a function takes as it is."""
DEEPEST: Final = 8


class Marker(NamedTuple):
    """What a decorator turned out to be."""

    project: str | None
    """The application whose hooks it is for; None if that does not show."""
    package: str = ""
    """Where it is imported from, in that case."""


class Implementation(NamedTuple):
    """A marked function, as it stands in the source."""

    source: Source
    function: Function
    owner: ast.ClassDef | None
    marker: Marker
    options: tuple[ast.keyword, ...]
    """What the mark is given."""

    @property
    def decorators(self) -> set[str]:
        return {last_name(each) for each in self.function.decorator_list}

    @property
    def is_as_written(self) -> bool:
        """Whether no other decorator can have changed what it takes."""
        others = [*self.function.decorator_list]
        return len([each for each in others if last_name(each) not in HARMLESS]) == 1


class Marks:
    """Finds them, and knows where a marker comes from."""

    def __init__(self, sources: Sources) -> None:
        self.sources = sources

    def implementations(self) -> Iterator[Implementation]:
        """All marked functions of modules and of the classes in them."""
        for source in self.sources:
            yield from self.among(source, source.tree.body, None)

    def among(
        self, source: Source, body: list[ast.stmt], owner: ast.ClassDef | None
    ) -> Iterator[Implementation]:
        for statement in flat(body):
            if isinstance(statement, ast.ClassDef):
                yield from self.among(source, statement.body, statement)
            elif isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef)):
                for decorator in statement.decorator_list:
                    found = self.mark(source, decorator)
                    if found is not None:
                        yield Implementation(source, statement, owner, *found)
                        break

    def mark(
        self, source: Source, decorator: ast.expr
    ) -> tuple[Marker, tuple[ast.keyword, ...]] | None:
        marker = self.marker(source, decorator)
        if marker is not None:
            return marker, ()
        if isinstance(decorator, ast.Call):
            marker = self.marker(source, decorator.func)
            if marker is not None:
                return marker, tuple(decorator.keywords)
        return None

    def marker(self, source: Source, value: ast.AST, depth: int = 0) -> Marker | None:
        """What an expression is, if it is a marker."""
        if depth > DEEPEST:
            return None
        if isinstance(value, ast.Call) and last_name(value.func) in MARKERS:
            project = value.args[0] if value.args else None
            is_plain = isinstance(project, ast.Constant) and isinstance(project.value, str)
            return Marker(str(project.value)) if is_plain else Marker(None)  # type: ignore[union-attr]
        if isinstance(value, ast.Name):
            return self.named(source, value.id, depth)
        if isinstance(value, ast.Attribute) and isinstance(value.value, ast.Name):
            return self.attribute(source, value.value.id, value.attr, depth)
        return None

    def named(self, source: Source, name: str, depth: int) -> Marker | None:
        node = source.names.get(name)
        if isinstance(node, (ast.Assign, ast.AnnAssign)) and node.value is not None:
            return self.marker(source, node.value, depth + 1)
        if isinstance(node, ast.ImportFrom):
            real = next(each.name for each in node.names if name in (each.asname, each.name))
            return self.imported(source, node, real, depth)
        return None

    def imported(
        self, source: Source, node: ast.ImportFrom, name: str, depth: int
    ) -> Marker | None:
        """A name that comes from another module."""
        module = node.module or ""
        parts = source.origin_of(node) if node.level else self.sources.own(module)
        if parts is not None:
            other = self.sources.modules.get(parts)
            return None if other is None else self.named(other, name, depth + 1)
        return None if node.level else outside(module, name)

    def attribute(self, source: Source, base: str, name: str, depth: int) -> Marker | None:
        """A name of a module that is imported as a whole."""
        node = source.names.get(base)
        if isinstance(node, ast.Import):
            module = next(
                (each.name for each in node.names if base in (each.asname, each.name)), base
            )
            parts = self.sources.own(module)
        elif isinstance(node, ast.ImportFrom):
            real = next(each.name for each in node.names if base in (each.asname, each.name))
            module = f"{node.module}.{real}" if node.module else real
            within = source.origin_of(node) if node.level else self.sources.own(node.module or "")
            parts = None if within is None else (*within, real)
        else:
            return None
        if parts is not None:
            other = self.sources.modules.get(parts)
            return None if other is None else self.named(other, name, depth + 1)
        return outside(module, name)


def outside(module: str, name: str) -> Marker | None:
    """A marker of the application, where its module is loaded; else one that is called so."""
    if module.partition(".")[0] == "hotplug":
        return Marker(PROJECT) if name == "hostimpl" else None
    if module in sys.modules:
        value: Any = vars(sys.modules[module]).get(name)
        # pluggy calls it by another name, and its marks do as well.
        project = getattr(value, "project", None) or getattr(value, "project_name", None)
        return Marker(project) if isinstance(project, str) and callable(value) else None
    return Marker(None, module.partition(".")[0]) if name.endswith(USUAL) else None


def last_name(value: ast.AST) -> str:
    """``staticmethod`` of ``@staticmethod``, ``hookimpl`` of ``@api.hookimpl(tryfirst=True)``."""
    while isinstance(value, ast.Call):
        value = value.func
    return value.attr if isinstance(value, ast.Attribute) else getattr(value, "id", "")

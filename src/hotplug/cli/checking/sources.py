"""The modules of a plugin, parsed: what each of them defines and imports."""

from __future__ import annotations

import ast
import os
import warnings
from collections.abc import Iterator, Mapping
from functools import cached_property
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path
from typing import Final

from hotplug.manifest import PluginMetadata, Problem
from hotplug.manifest.problems import Severity, Unreadable
from hotplug.manifest.reading import find, reason

__all__ = ["Function", "Source", "Sources"]

INIT: Final = "__init__"
NOT_ITS_OWN: Final = {"__pycache__", "node_modules", "site-packages"}
MOST_FILES: Final = 2000
DYNAMIC: Final = {"exec", "globals", "setattr", "vars"}
"""Functions by which a module can get names that do not stand in it."""

Function = ast.FunctionDef | ast.AsyncFunctionDef


class Source:
    """One module of a plugin."""

    def __init__(self, file: Path, parts: tuple[str, ...], tree: ast.Module) -> None:
        self.file = file
        self.is_package = parts[-1:] == (INIT,)
        self.parts = parts[:-1] if self.is_package else parts
        """Its name within the plugin: ``("inside", "start")``, empty for the folder's own."""
        self.tree = tree

    @cached_property
    def names(self) -> dict[str, ast.AST]:
        """What it binds at its top level, by name: a definition, an assignment, or an alias."""
        return {name: node for statement in flat(self.tree.body) for name, node in bound(statement)}

    @cached_property
    def may_have_more(self) -> bool:
        """Whether names can come in that do not stand there."""
        if "__getattr__" in self.names or "*" in self.names:
            return True
        calls = (node for node in ast.walk(self.tree) if isinstance(node, ast.Call))
        return any(getattr(call.func, "id", "") in DYNAMIC for call in calls)

    def origin_of(self, node: ast.ImportFrom) -> tuple[str, ...] | None:
        """The module within the plugin that a relative import means; None if it leads out of it."""
        up = node.level - self.is_package
        if up > len(self.parts):
            return None
        base = self.parts[: len(self.parts) - up]
        return (*base, *(node.module.split(".") if node.module else ()))

    def problem(
        self, node: ast.AST, message: str, hint: str = "", severity: Severity = "error"
    ) -> Problem:
        """Something that is wrong in a line of it."""
        line, column = getattr(node, "lineno", 1), getattr(node, "col_offset", 0) + 1
        return Problem(message, hint, self.file, line, column, severity=severity)


class Sources:
    """All modules of a plugin."""

    def __init__(self, metadata: PluginMetadata, location: Path, package: str = "") -> None:
        self.metadata = metadata
        self.location = location
        self.packages = {f"hotplug.plugins.{metadata.identifier}", metadata.identifier}
        """What its own code calls it in imports."""
        if package:
            self.packages.add(package)
        self.modules: dict[tuple[str, ...], Source] = {}
        self.problems: list[Problem] = []
        """What cannot be read."""
        self.compiled: set[tuple[str, ...]] = set()
        """Its modules that are no Python, of which nothing more is known."""
        for file, parts in sorted(files_of(location), key=lambda each: each[1]):
            if file.suffix != ".py":
                self.compiled.add(parts)
                continue
            source = self.parsed(file, parts)
            if source is not None and (source.is_package or source.parts not in self.modules):
                self.modules[source.parts] = source

    def __iter__(self) -> Iterator[Source]:
        return iter(self.modules.values())

    def parsed(self, file: Path, parts: tuple[str, ...]) -> Source | None:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # those of the code are told when it runs
                return Source(file, parts, ast.parse(file.read_bytes(), str(file)))
        except SyntaxError as error:
            problem = Problem(
                f"this is not Python: {error.msg}", "", file, error.lineno, error.offset
            )
        except (ValueError, OSError) as error:
            problem = Problem(f"this can't be read: {reason(error)}", "", file)
        except RecursionError:
            problem = Problem("this is nested too deep to be read", "", file)
        self.problems.append(problem)
        return None

    @property
    def entrypoint(self) -> Source | None:
        """The module that is run when the plugin is loaded."""
        parts = tuple(self.metadata.entrypoint.split("."))
        return self.modules.get(() if parts == (INIT,) else parts)

    def own(self, module: str) -> tuple[str, ...] | None:
        """Which of its modules an absolute name means; None if it is not one of them."""
        for package in self.packages:
            if module == package or module.startswith(f"{package}."):
                return tuple(module[len(package) + 1 :].split(".")) if module != package else ()
        return None


def files_of(location: Path) -> Iterator[tuple[Path, tuple[str, ...]]]:
    """The Python files of a plugin, with their places in it; not those of plugins inside it."""
    if not location.is_dir():
        yield location, (location.stem,)
        return
    count = 0
    for folder, folders, names in os.walk(location):
        place = Path(folder)
        folders[:] = [each for each in folders if is_own(place / each)]
        for name in names:
            module = name.partition(".")[0]
            if name in (f"{module}.py", *(f"{module}{each}" for each in EXTENSION_SUFFIXES)):
                count += 1
                file = place / name
                if count <= MOST_FILES:
                    yield file, (*place.relative_to(location).parts, module)


def is_own(folder: Path) -> bool:
    if folder.name in NOT_ITS_OWN or not folder.name.isidentifier():
        return False
    if (folder / "pyvenv.cfg").exists():
        return False
    try:
        find(str(folder))
    except Unreadable:
        return True
    return False


def flat(statements: list[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements of a block and those in its branches, without those of functions."""
    for statement in statements:
        yield statement
        if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            continue
        for field in ("body", "orelse", "finalbody"):
            yield from flat(getattr(statement, field, []))
        for branch in (*getattr(statement, "handlers", ()), *getattr(statement, "cases", ())):
            yield from flat(branch.body)


def bound(statement: ast.stmt) -> Iterator[tuple[str, ast.AST]]:
    """The names that a statement gives a value, with what gives it."""
    if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        yield statement.name, statement
    elif isinstance(statement, ast.Import):
        for alias in statement.names:
            yield alias.asname or alias.name.partition(".")[0], statement
    elif isinstance(statement, ast.ImportFrom):
        for alias in statement.names:
            yield alias.asname or alias.name, statement
    else:
        for node in expressions_of(statement):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                yield node.id, statement


def expressions_of(statement: ast.stmt) -> Iterator[ast.AST]:
    """What stands in a statement itself, and not in the blocks below it."""
    below = (ast.stmt, ast.ExceptHandler, ast.match_case)
    for child in ast.iter_child_nodes(statement):
        if not isinstance(child, below):
            yield from ast.walk(child)


def as_names(names: Mapping[str, object]) -> list[str]:
    return [name for name in names if not name.startswith("_") and name != "*"]

"""What an import statement means in a plugin's code: its own modules, and those it is wired to.

Each generation's builtins have an ``__import__`` of their own. Where a name is no plugin's,
Python's is called, whichever that is at the time.
"""

from __future__ import annotations

import builtins
import importlib
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from itertools import pairwise
from pathlib import Path
from types import FrameType, ModuleType, TracebackType
from typing import TYPE_CHECKING, Any, Final

from hotplug.host.generations.facade import Facade
from hotplug.host.generations.shared import imported
from hotplug.host.generations.stack import caller

if TYPE_CHECKING:
    from hotplug.host.generations.generation import Generation

__all__ = ["importer_of", "without_machinery"]

Import = Callable[..., Any]

MACHINERY: Final = frozenset(
    {
        importlib.import_module.__code__.co_filename,
        "<frozen importlib._bootstrap>",
        "<frozen importlib._bootstrap_external>",
        *(str(path) for path in Path(__file__).parent.glob("*.py")),
    }
)


class Importer:
    """What `importer_of` makes the ``__import__`` of; one small object, for there are many.

    Private libraries of a plugin would be another kind of first name, answered from below the
    plugin's own package.
    """

    __slots__ = ("_importlib", "bare", "generation", "head", "inside", "is_shared", "namespace")

    def __init__(self, generation: Generation) -> None:
        self.generation = generation
        self.namespace = generation.namespace.name
        self.inside = self.namespace + "."
        self.head = self.namespace.partition(".")[0]
        self.bare, _, rest = generation.bare_name.partition(".")
        self.is_shared = bool(rest)
        self._importlib: OwnImportlib | None = None

    @property
    def own_importlib(self) -> OwnImportlib:
        if self._importlib is None:
            self._importlib = OwnImportlib(self.generation)
        return self._importlib

    def __import__(
        self,
        name: str,
        globals: Mapping[str, Any] | None = None,  # noqa: A002 - the names that Python gives them
        locals: Mapping[str, Any] | None = None,  # noqa: A002
        fromlist: Sequence[str] | None = (),
        level: int = 0,
    ) -> Any:
        first = ""
        head, namespace = self.head, self.namespace
        if level:
            package = None if globals is None else globals.get("__package__")
            if type(package) is not str or not f"{package}.".startswith(self.inside):
                return builtins.__import__(name, globals, locals, fromlist, level)
            absolute = absolute_name(name, package, level)
        else:
            first = name.partition(".")[0]
            if not first or first not in (head, self.bare, "importlib"):
                return builtins.__import__(name, globals, locals, fromlist, level)
            absolute = str(name)  # it may be of a class of its own
            if first == "importlib":
                builtins.__import__(absolute, globals, locals, fromlist, level)
                return self.own_importlib.imported(absolute, fromlist)
            if first == head and absolute != namespace and not absolute.startswith(self.inside):
                return builtins.__import__(absolute, globals, locals, fromlist, level)
            if self.is_shared and first == self.bare:
                return self.imported_beside_others(absolute, globals, locals, fromlist)
        try:
            if absolute == namespace:
                return plugins_named(self.generation, fromlist, caller(1))
            meant, canonical = self.generation.locate(absolute, caller(1))
            module = meant.import_module(canonical)
            if fromlist:
                import_names(meant, canonical, module, fromlist)
                return module
            if level:
                return meant.import_module(canonical[: len(canonical) - len(name)].rstrip("."))
            is_bare = first == self.bare
            return meant.import_module(meant.canonical) if is_bare else sys.modules[head]
        except BaseException as error:
            error.__traceback__ = without_machinery(error.__traceback__)
            raise

    def imported_beside_others(
        self,
        name: str,
        globals: Mapping[str, Any] | None,  # noqa: A002 - as above
        locals: Mapping[str, Any] | None,  # noqa: A002
        fromlist: Sequence[str] | None,
    ) -> Any:
        """The same for names in a package that the plugin is a part of."""
        try:
            module = imported(self.generation, name, fromlist)
        except BaseException as error:
            error.__traceback__ = without_machinery(error.__traceback__)
            raise
        if module is None:
            return builtins.__import__(name, globals, locals, fromlist, 0)
        if fromlist and isinstance(module.__dict__.get("__path__"), list):
            import_names(self.generation, module.__name__, module, fromlist)
        return module


def importer_of(generation: Generation) -> Import:
    """Make the ``__import__`` of a generation."""
    return Importer(generation).__import__


def absolute_name(name: str, package: str, level: int) -> str:
    base = package.rsplit(".", level - 1)
    if len(base) < level:
        raise ImportError("attempted relative import beyond top-level package")
    return f"{base[0]}.{name}" if name else base[0]


def plugins_named(
    generation: Generation, packages: Sequence[str] | None, frame: FrameType
) -> ModuleType:
    """What ``from hotplug.plugins import auth`` takes its names from: the very modules."""
    namespace = generation.namespace.name
    if not packages:
        return sys.modules[namespace.partition(".")[0]]
    module = ModuleType(namespace)
    for package in packages:
        if package != "*":
            meant, canonical = generation.locate(f"{namespace}.{package}", frame)
            setattr(module, package, meant.import_module(canonical))
    return module


def import_names(
    generation: Generation, canonical: str, module: ModuleType, names: Sequence[str]
) -> None:
    """Import those of a package's names that are modules in it and not imported yet."""
    if not hasattr(module, "__path__"):
        return
    for name in names:
        if name == "*":
            offered = getattr(module, "__all__", ())
            import_names(generation, canonical, module, [each for each in offered if each != "*"])
        elif not hasattr(module, name):
            full = f"{canonical}.{name}"
            if generation.has_module(full):
                generation.import_module(full)
            elif type(sys.modules.get(full)) is Facade:
                # Another generation has it, and an import statement would find that.
                raise ImportError(f"cannot import name {name!r} from {canonical!r}", name=canonical)


def without_machinery(tb: TracebackType | None) -> TracebackType | None:
    """Drop the frames between an import statement and the imported code, as Python does."""
    kept: list[TracebackType] = []
    while tb is not None:
        if tb.tb_frame.f_code.co_filename not in MACHINERY:
            kept.append(tb)
        tb = tb.tb_next
    for entry, following in pairwise([*kept, None]):
        if entry is not None:
            entry.tb_next = following
    return kept[0] if kept else None


class OwnImportlib(ModuleType):
    """``importlib`` as a plugin sees it: names of plugins are those of its generation.

    ``metadata`` is everybody's: it would be the plugin's with libraries of its own.
    """

    def __init__(self, generation: Generation) -> None:
        super().__init__("importlib", importlib.__doc__)
        self._generation = generation

    def imported(self, name: str, fromlist: Sequence[str] | None) -> Any:
        """What an import statement of this name gives."""
        if not fromlist or name == "importlib":
            return self
        return self.resources if name == "importlib.resources" else sys.modules[name]

    def import_module(self, name: str, package: str | None = None) -> Any:
        """Import a module; of this generation, if it is one of the plugin's."""
        level = len(name) - len(name.lstrip("."))
        if level:
            if not package:
                raise TypeError(f"the 'package' argument is required to import {name!r}")
            name = absolute_name(name[level:], package, level)
        try:
            module = self._named(name, caller(1))
        except BaseException as error:
            error.__traceback__ = without_machinery(error.__traceback__)
            raise
        return importlib.import_module(name) if module is None else module

    def reload(self, module: ModuleType) -> ModuleType:
        """Run a module again; one of the plugin's from the files as they were loaded."""
        if type(module) is Facade:
            module = self._named(module.__name__, caller(1)) or module
        with self._generation.visible():
            return importlib.reload(module)

    @property
    def resources(self) -> ModuleType:
        found = self.__dict__.get("_resources")
        if found is None:
            found = self.__dict__["_resources"] = own_resources(self._named)
        return found

    def __import__(self, *args: Any, **kwargs: Any) -> Any:
        return self._generation.builtins["__import__"](*args, **kwargs)

    def __getattr__(self, name: str) -> Any:
        return getattr(importlib, name)

    def __dir__(self) -> list[str]:
        return dir(importlib)

    def _named(self, name: str, frame: FrameType) -> Any:
        """Find a module by its name, if that is a plugin's."""
        if not self._generation.is_ours(name):
            return None
        meant, canonical = self._generation.locate(name, frame)
        return meant.import_module(canonical)


def own_resources(named: Callable[[str, FrameType], Any]) -> ModuleType:
    """``importlib.resources``, where names of packages are those of a generation."""
    import importlib.resources as real  # it takes longer to import than most plugins

    module = ModuleType(real.__name__, real.__doc__)
    vars(module).update(vars(real))

    def anchored(function: Callable[..., Any], infers: bool) -> Callable[..., Any]:
        @wraps(function)
        def call(*args: Any, **kwargs: Any) -> Any:
            frame = caller(1)
            key = next((key for key in ("anchor", "package") if key in kwargs), None)
            if args:
                args = (meant(args[0], frame), *args[1:])
            elif key is not None:
                kwargs[key] = meant(kwargs[key], frame)
            elif infers:
                args = (meant(None, frame),)
            return function(*args, **kwargs)

        def meant(anchor: Any, frame: FrameType) -> Any:
            name = frame.f_globals["__name__"] if anchor is None and infers else anchor
            return (named(name, frame) or name) if isinstance(name, str) else name

        return call

    for name in ("contents", "is_resource", "open_binary", "open_text", "path", "read_binary"):
        if hasattr(real, name):
            setattr(module, name, anchored(getattr(real, name), infers=False))
    for name, infers in (("read_text", False), ("files", sys.version_info >= (3, 12))):
        setattr(module, name, anchored(getattr(real, name), infers))
    return module

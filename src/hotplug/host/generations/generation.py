"""One load of a plugin: its files, its modules, and the builtins that make its code known."""

from __future__ import annotations

import builtins
import importlib
import sys
import typing
from collections.abc import Callable, Collection, Iterator, Mapping
from types import FrameType, MappingProxyType, ModuleType, TracebackType
from typing import TYPE_CHECKING, Any, Final
from weakref import ref

from hotplug.host.generations import facade, process, sources
from hotplug.host.generations.finding import FINDER, load_folder
from hotplug.host.generations.importing import importer_of, without_machinery
from hotplug.host.generations.refusing import not_importable, not_required
from hotplug.host.generations.snapshot import ModuleFile, Snapshot
from hotplug.host.generations.stack import TOKEN, Call, call_with

if TYPE_CHECKING:
    from hotplug.host.generations.namespace import Namespace

__all__ = ["Generation"]

AS_ITS_PATH: Final[tuple[dict[str, str], set[str]]] = {}, set()
"""What each file of most generations is called in their code."""


class Generation:
    """A plugin's modules as of one load; `Namespace.open` makes it.

    >>> generation = namespace.open("shop", Path("plugins/shop"))  # doctest: +SKIP
    >>> module = generation.run("plugin")  # doctest: +SKIP
    >>> generation.commit()  # doctest: +SKIP
    """

    def __init__(
        self,
        namespace: Namespace,
        package: str,
        snapshot: Snapshot,
        wires: Mapping[str, Generation],
        requires: frozenset[str],
        owner: object,
        bare: str,
    ) -> None:
        self.namespace: Final = namespace
        self.package: Final = package
        self.snapshot: Final = snapshot
        self.wires: Final = dict(wires)
        self.imported: Final[set[str]] = set()
        """The packages of the plugins that it has imported something of."""
        self.requires: Final = requires
        self.owner = owner
        """Whatever the host put here; let go when the generation is closed."""
        self._bare: Final = bare
        self.canonical: Final = f"{namespace.name}.{package}"
        with process.changing:
            self.number: Final = process.next_number(package)
            self.key: Final = f"{package}~{self.number}"
            process.generations[self.key] = living = Living(self, gone)
            others = process.remember(package, living) if self.number > 1 else []
            self._names, known = sources.names_for(snapshot, others) if others else AS_ITS_PATH
            living.package, living.snapshot, living.names = package, snapshot, self._names
        sources.pin(self._sources(known) if others else snapshot.source_files())
        self.is_closed = False
        self.shown: Final[set[str]] = set()
        living.key, living.shown = self.key, self.shown
        self.begun: Final[dict[str, Any]] = {}
        """Modules by canonical name, those that are still being imported too."""
        self.executed: Final[set[str]] = set()
        self._complete: Final[dict[str, Any]] = {}
        self._imports = 0
        self.builtins: Final[dict[str, Any]] = {**vars(builtins), TOKEN: self}
        self.builtins["__import__"] = importer_of(self)

    def __repr__(self) -> str:
        return f"<generation {self.number} of plugin {self.package!r}>"

    @property
    def call(self) -> Call:
        """``call(fn, *args, **kwargs)`` runs a function as if this generation had called it."""
        return call_with(self.builtins)

    @property
    def modules(self) -> Mapping[str, ModuleType]:
        """The modules that are imported, by canonical name."""
        return MappingProxyType(self._complete)

    @property
    def root(self) -> str:
        return self.snapshot.root

    @property
    def is_single_file(self) -> bool:
        return not self.snapshot.modules[""].is_package

    @property
    def is_importable(self) -> bool:
        """Whether others may import the plugin: it has an ``__init__.py``."""
        top = self.snapshot.modules[""]
        return top.is_package and not top.is_folder

    @property
    def bare_name(self) -> str:
        """The plugin's own name in its own imports, unless that is somebody else's."""
        first = self._bare.partition(".")[0]
        taken = first in sys.stdlib_module_names or first == "hotplug"
        is_taken = taken or first == self.namespace.name.partition(".")[0]
        return "" if is_taken else self._bare

    def run(self, entrypoint: str = "") -> ModuleType:
        """Import the plugin, then the module of it that is its entrypoint.

        Should that fail, the error is the plugin's own, and it is as if nothing had been loaded.
        """
        name = self.canonical
        put_there = self.namespace.put_there(self)
        try:
            if self.snapshot.modules[""].is_folder:
                load_folder(self)
            inside = f"{name}.{entrypoint}"
            if entrypoint in ("", "__init__") or self.is_single_file:
                module = self.import_module(name)
            elif entrypoint in self.snapshot.modules:
                module = self.import_module(inside)  # which imports the plugin itself first
            else:
                self.import_module(name)  # it may put the other one there
                module = self.import_module(inside)
        except BaseException as error:
            self.close()
            self.hide(set(self.shown))
            for made in self.namespace.put_there(self).keys() - put_there.keys():
                sys.modules.pop(made, None)
            sys.modules.update(put_there)
            error.__traceback__ = without_machinery(error.__traceback__)
            raise
        return module

    def import_module(self, name: str) -> ModuleType:
        """Import one of this plugin's modules, by canonical name."""
        module: ModuleType | None = self._complete.get(name)
        if module is not None:
            return module
        if not self.has_module(name):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        if name[len(self.canonical) + 1 :] not in self.snapshot.modules:
            return sys.modules[name]
        with self.visible():
            module = importlib.import_module(self.unique_name(name))
            while name != self.namespace.name:
                if name in self.executed:
                    self._complete[name] = sys.modules[self.unique_name(name)]
                name = name.rpartition(".")[0]
        return module

    def has_module(self, name: str) -> bool:
        """Whether there is a module in the files, or the plugin itself has put one there."""
        if name[len(self.canonical) + 1 :] in self.snapshot.modules:
            return True
        found = sys.modules.get(name)
        return found is not None and type(found) is not facade.Facade

    def known(self, name: str) -> Any:
        """Answer for a facade: the module, if it is imported or being imported."""
        return self.begun.get(name)

    def file_of(self, name: str) -> ModuleFile:
        """Find a module's file by the name within the plugin."""
        file = self.snapshot.modules.get(name)
        if file is None:
            canonical = self.canonical_name(name)
            raise ModuleNotFoundError(f"No module named {canonical!r}", name=canonical)
        return file

    def canonical_name(self, name: str) -> str:
        return f"{self.canonical}.{name}" if name else self.canonical

    def unique_name(self, canonical: str) -> str:
        return self.key + canonical[len(self.canonical) :]

    def is_ours(self, name: str) -> bool:
        """Whether a name, as this plugin would write it, is a plugin's."""
        bare = self.bare_name
        return (
            name.startswith(f"{self.namespace.name}.")
            or (bare and name == bare)
            or (bare != "" and name.startswith(f"{bare}."))
        )

    def locate(self, name: str, frame: FrameType | None) -> tuple[Generation, str]:
        """Find whose module a name of `is_ours` is, and its canonical name."""
        inside = f"{self.namespace.name}."
        if not name.startswith(inside):
            return self, self.canonical + name[len(self._bare) :]
        return self.require(name[len(inside) :].partition(".")[0], frame), name

    def meaning(self, package: str) -> Generation | None:
        """What this plugin means by a plugin's name, if it may mean it at all."""
        return self if package == self.package else self.wires.get(package)

    def require(self, package: str, frame: FrameType | None) -> Generation:
        """Find what an import of a plugin means; refuse it where that was not declared."""
        found = self.meaning(package)
        if found is None:
            raise not_required(self, package, frame)
        if found is not self:
            if not found.is_importable:
                raise not_importable(found)
            self.imported.add(package)
        return found

    def name_of(self, path: str) -> str:
        """What a source file is called in this generation's code."""
        return self._names.get(path, path)

    def _sources(self, known: Collection[str]) -> Iterator[tuple[str, bytes]]:
        """The source texts by name, without those of the paths that are known."""
        for path, source in self.snapshot.source_files():
            if path not in known:
                yield self.name_of(path), source

    def source_of(self, path: str) -> str | None:
        """Return the text of a source file as it was when it was loaded."""
        return sources.text_in(self.snapshot, path)

    def commit(self) -> None:
        """Become what host code sees, and whoever else is no plugin's code."""
        if self.is_closed:
            raise RuntimeError(f"{self!r} is closed")
        self.namespace.put(self)

    def close(self) -> None:
        """Leave the host. Code that still runs goes on with its own modules."""
        with process.changing:
            if self.is_closed:
                return
            self.is_closed = True
            self.owner = None
            if not self._imports:
                self._withdraw()
        self._forget_overloads()
        self.namespace.drop(self)

    def hide(self, names: set[str]) -> None:
        """Take modules back whose import has failed."""
        with process.changing:
            for name in names:
                self.begun.pop(name, None)
            facade.hide(self.shown, names)

    def visible(self) -> Visible:
        """Be there for the import system: closed generations are only while they import."""
        return Visible(self)

    def begin_import(self) -> None:
        with process.changing:
            self._imports += 1
            FINDER.want()
            if self._imports == 1 and self.is_closed:
                for name, module in list(self.begun.items()):
                    sys.modules[self.unique_name(name)] = module

    def end_import(self) -> None:
        with process.changing:
            self._imports -= 1
            FINDER.release()
            is_leaving = self.is_closed and not self._imports
            if is_leaving:
                self._withdraw()
        if is_leaving:
            self._forget_overloads()

    def _withdraw(self) -> None:
        for name in list(self.begun):
            sys.modules.pop(self.unique_name(name), None)

    def _forget_overloads(self) -> None:
        """Typing keeps overloads by module, name and line: on moved lines, all generations'."""
        registry = getattr(typing, "_overload_registry", {})
        for name in self.shown & registry.keys():
            for qualname, by_line in list(registry[name].items()):
                for line, function in list(by_line.items()):
                    code = getattr(function, "__func__", function)
                    if getattr(code, "__builtins__", {}).get(TOKEN) is self:
                        del by_line[line]
                if not by_line:
                    del registry[name][qualname]
            if not registry[name]:
                del registry[name]


class Visible:
    """The block in which a generation imports."""

    __slots__ = ("_generation",)

    def __init__(self, generation: Generation) -> None:
        self._generation = generation

    def __enter__(self) -> None:
        self._generation.begin_import()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._generation.end_import()


class Living(ref[Generation]):
    """A generation that is not collected yet, and what is left to do when it is."""

    # One object for each plugin there is: an entry of a WeakValueDictionary and a `finalize`
    # are seven, which every garbage collection looks at.
    __slots__ = ("key", "names", "package", "shown", "snapshot")
    key: str
    package: str
    shown: set[str]
    names: dict[str, str]
    snapshot: Snapshot

    def shows(self) -> set[str]:
        """The names of the texts that it has."""
        files = self.snapshot.modules.values()
        return {self.names.get(each.path, each.path) for each in files if each.is_source}

    def leave(self) -> None:
        process.generations.pop(self.key, None)
        others = process.forget(self.package, self)
        sources.unpin(self.shows().difference(*(each.shows() for each in others)))
        facade.hide(self.shown, set(self.shown))


def gone(living: Living, is_over: Callable[[], bool] = sys.is_finalizing) -> None:
    """Called wherever the generation happens to be collected."""
    if not is_over():
        process.soon(living.leave)

"""How the import system gets at plugin modules: one finder, and a loader for each module.

Importlib holds a generation's modules under names of its own (``shop~2.models``): its module locks,
its parents and its circular imports work as always. The module itself, and all who ask for it, say
``hotplug.plugins.shop.models``.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib.abc import InspectLoader, MetaPathFinder
from importlib.machinery import ExtensionFileLoader, ModuleSpec
from importlib.util import module_from_spec
from types import CodeType, ModuleType
from typing import TYPE_CHECKING, Any, Final
from weakref import ref

from hotplug.errors.hosting import PluginImportError
from hotplug.host.generations import process
from hotplug.host.generations.bytecode import cache_of
from hotplug.host.generations.facade import Facade, show
from hotplug.host.generations.refusing import no_such_plugin
from hotplug.host.generations.snapshot import ModuleFile, text_of
from hotplug.host.generations.stack import CURRENT, caller, pick, start

if TYPE_CHECKING:
    from hotplug.host.generations.generation import Generation
    from hotplug.host.generations.resources import Reader

__all__ = ["FINDER", "Loader", "load_folder"]


class Finder(MetaPathFinder):
    """The first in ``sys.meta_path`` for as long as somebody wants it."""

    def __init__(self) -> None:
        self.wanted = 0

    def want(self) -> None:
        """Stay findable until `release`. Hold ``process.changing``."""
        self.wanted += 1
        if not sys.meta_path or sys.meta_path[0] is not self:
            # another finder before it would take a plugin's files from the disk
            self.leave()
            sys.meta_path.insert(0, self)

    def release(self) -> None:
        self.wanted -= 1
        if not self.wanted:
            self.leave()

    def leave(self) -> None:
        if self in sys.meta_path:
            sys.meta_path.remove(self)

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None, /
    ) -> ModuleSpec | None:
        head, _, rest = fullname.partition(".")
        if "~" in head:
            generation = process.generation_named(head)
            return None if generation is None else spec_within(generation, fullname, rest)
        for namespace in list(process.namespaces):
            if fullname.startswith(namespace) and fullname[len(namespace) :][:1] == ".":
                return spec_by_name(fullname, namespace)
        return None


FINDER: Final = Finder()


def spec_within(generation: Generation, key: str, name: str) -> ModuleSpec:
    """Find a module of one generation, by its unique name."""
    file = generation.file_of(name)
    canonical = generation.canonical_name(name)
    if file.is_source or file.is_folder:
        loader = Loader(generation, canonical, file)
        spec = ModuleSpec(key, loader, is_package=file.is_package)
        spec.cached = loader.cached  # else importlib works it out a second time
    else:
        machine_code = ExtensionLoader(generation, canonical, key, file.path)
        spec = ModuleSpec(key, machine_code, is_package=file.is_package)
    if not file.is_folder:
        spec.origin = generation.name_of(file.path)
        spec.has_location = True
    if file.is_package:
        spec.submodule_search_locations = [file.folder]
    return spec


def load_folder(generation: Generation) -> None:
    """Import a plugin's folder that has no ``__init__.py``, before anything else of it.

    There is no code to run and nobody to wait for: half of what importlib does is enough.
    """
    key, name = generation.key, generation.canonical
    module = module_from_spec(spec_within(generation, key, ""))
    module.__dict__["__builtins__"] = generation.builtins
    sys.modules[key] = generation.begun[name] = module
    generation.executed.add(name)
    show(name, generation)


def spec_by_name(fullname: str, namespace: str) -> ModuleSpec:
    """Find a module by the name that all generations share, for code that is no plugin's."""
    package, _, rest = fullname[len(namespace) + 1 :].partition(".")
    generation = pick(namespace, package, caller(2)) or start(namespace, package)
    if generation is None:
        raise PluginImportError(no_such_plugin(namespace, package), name=fullname)
    file = generation.file_of(rest)
    return ModuleSpec(
        fullname, ByName(generation, fullname, file), origin=file.path, is_package=file.is_package
    )


class Loader(InspectLoader):
    """Loads one module of one generation from the generation's snapshot."""

    def __init__(self, generation: Generation, name: str, file: ModuleFile) -> None:
        self.generation = generation
        self.name = name
        self.path = file.path
        self.file = file
        self.cached = cache_of(file.path) if file.is_source else None

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        module = ModuleType(self.name)
        package = self.name if self.file.is_package else self.name.rpartition(".")[0]
        module.__package__ = package  # importlib leaves both alone where they are set
        return module

    def exec_module(self, module: ModuleType) -> None:
        generation, name = self.generation, self.name
        code = self.get_code(name)
        names = module.__dict__
        names["__builtins__"] = generation.builtins
        generation.begun[name] = module
        # there before the module's code runs: dataclasses and others look it up by name
        facade = show(name, generation)
        carried = CURRENT.set(ref(generation))
        try:
            if code is not None:
                generation.namespace.execute(code, names)
        except BaseException:
            sys.modules[name] = facade
            if name not in generation.executed:  # else it is a reload, and the module stays
                generation.hide({name})
            raise
        finally:
            CURRENT.reset(carried)
        generation.executed.add(name)
        replacement = sys.modules.get(name)
        if (
            replacement is not None
            and replacement is not facade
            and type(replacement) is not Facade
        ):
            # it is what the import gives, here alone: others have a module of their own
            sys.modules[generation.unique_name(name)] = generation.begun[name] = replacement
        if replacement is not facade:
            show(name, generation)

    def get_code(self, fullname: str) -> CodeType | None:
        if not self.file.is_source:
            return None
        source = self.get_data(self.path)
        shown = self.generation.name_of(self.path)
        return self.generation.namespace.codes.of(self.path, source, self.cached, shown)

    def get_source(self, fullname: str) -> str | None:
        return text_of(self.get_data(self.path)) if self.file.is_source else None

    def get_data(self, path: str) -> bytes:
        try:
            return self.generation.snapshot.read(os.path.normpath(path))
        except KeyError:
            raise FileNotFoundError(
                2, "No such file in the plugin as it was loaded", path
            ) from None

    def get_filename(self, fullname: str) -> str:
        return self.generation.name_of(self.path)

    def is_package(self, fullname: str) -> bool:
        return self.file.is_package

    def get_resource_reader(self, fullname: str) -> Reader:
        from hotplug.host.generations.resources import Reader  # few plugins have data files

        return Reader(self.generation.snapshot, self.file.folder)


class ExtensionLoader(ExtensionFileLoader):
    """Loads machine code under its unique name, so that each generation has its own state of it."""

    def __init__(self, generation: Generation, name: str, key: str, path: str) -> None:
        super().__init__(key, path)
        self.generation = generation
        self.canonical = name

    def exec_module(self, module: ModuleType) -> None:
        self.generation.begun[self.canonical] = module
        show(self.canonical, self.generation)
        try:
            super().exec_module(module)
        except BaseException:
            self.generation.hide({self.canonical})
            raise
        self.generation.executed.add(self.canonical)


class ByName(Loader):
    """Imports a module of the generation that is meant, and leaves its facade to be found."""

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return StandIn(self.name)

    def exec_module(self, module: ModuleType) -> None:
        self.generation.import_module(self.name)
        show(self.name, self.generation)


class StandIn(ModuleType):
    """What another thread may see for the moment in which importlib holds a module by its name."""

    def __getattr__(self, name: str) -> Any:
        if name[:2] == "__":
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        found = sys.modules.get(self.__name__)
        if found is None or found is self:
            raise AttributeError(f"module {self.__name__!r} is being imported")
        return getattr(found, name)

"""How a plugin's manifest is read and its code run; an application may bring its own ways."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from types import CodeType, ModuleType
from typing import TYPE_CHECKING, Any, Protocol, TypeVar
from weakref import ref

from hotplug.errors import PluginValidationError
from hotplug.host.generations import Elsewhere, Generation, Namespace, Snapshot
from hotplug.host.owner import ENTRY, MARK, in_frame
from hotplug.host.resources import Place, Resource
from hotplug.manifest import ManifestError, PluginMetadata, Problem, read
from hotplug.manifest.metadata import identifier
from hotplug.manifest.reading import LARGEST, place_of

if TYPE_CHECKING:
    from hotplug.host.host import PluginHost
    from hotplug.host.life import Life
    from hotplug.host.plugin import Plugin
    from hotplug.host.registry.records import Origin

__all__ = ["GenerationLoader", "ManifestLoader", "MetadataLoader", "PluginLoader", "execute"]
__all__ += ["loaded_elsewhere", "loads", "place_named"]


class MetadataLoader(Protocol):
    """Says what a plugin is, without running any of its code."""

    def load(self, location: Path) -> PluginMetadata:
        """The metadata of the plugin at a place."""
        ...


class PluginLoader(Protocol):
    """Runs a plugin's code."""

    def load(self, plugin: Plugin) -> ModuleType:
        """Run the plugin's entrypoint and return its module."""
        ...


Loader = TypeVar("Loader", MetadataLoader, PluginLoader)


def loads(argument: str, loader: Loader) -> Loader:
    """Take a loader of the application, if it is one."""
    if not callable(getattr(loader, "load", None)):
        raise TypeError(f"{argument} takes an object with a load() method, not {loader!r}")
    return loader


def loaded_elsewhere(host: ref[PluginHost[Any]], package: str) -> Elsewhere | None:
    """Tell the namespace, which must not keep the host, of a plugin that is loaded outside it."""
    found = host()
    if found is None:
        return None
    for plugin in found:
        life = plugin.life if plugin.metadata.identifier == package else None
        if life is not None and life.module is not None and life.generation is None:
            return Elsewhere(plugin.name, type(found.loader).__name__)
    return None


class ManifestLoader:
    """Reads ``plugin.json``, ``plugin.toml``, ``plugin.yaml`` or the head of a single file."""

    largest: int = LARGEST
    """How many bytes a manifest may have."""
    check: Callable[[Path], object] = staticmethod(bool)
    """Refuses a location, by raising an error, before anything there is read."""

    def load(self, location: Path) -> PluginMetadata:
        self.check(location)
        return read(location, self.largest)


def place_named(location: Path, loader: MetadataLoader) -> Path:
    """Where a plugin is: a manifest stands for its folder, and only a loader of ours knows them."""
    return place_of(location) if isinstance(loader, ManifestLoader) else location


@in_frame(ENTRY)
def execute(code: CodeType, names: dict[str, Any]) -> None:
    """Run a module's code as the plugin that it belongs to, whoever imports it."""
    exec(code, names)


class Imports(Resource):
    """The import namespace of one load of a plugin."""

    kind = "imports"

    def __init__(self, life: Life, generation: Generation) -> None:
        super().__init__(life)
        self.generation: Generation | None = generation
        self.root = generation.root

    @property
    def where(self) -> str:
        return self.root

    def _find_place(self) -> Place | None:
        return None  # every plugin has this one, and looking takes as long as a small module runs

    def _cleanup(self) -> None:
        generation, self.generation = self.generation, None
        if generation is not None:
            generation.close()


class GenerationLoader:
    """Runs a plugin's code in an import namespace of its own, made anew for each load."""

    def __init__(self, namespace: Namespace) -> None:
        self.namespace = namespace

    def load(self, plugin: Plugin) -> ModuleType:
        life = plugin.owner
        module = self.run(life)
        if life.generation is not None:
            life.generation.commit()
        return module

    def run(
        self, life: Life, files: Snapshot | None = None, usable: Iterable[Plugin] | None = None
    ) -> ModuleType:
        """Run a plugin's code for one life of it, from these files or those on the disk.

        ``usable`` are the plugins that it may import, if not those that its manifest named so far.
        """
        plugin, metadata = life.plugin, life.metadata
        names = (*metadata.requires, *metadata.wants)
        lives = [
            (other.metadata.identifier, other.staged or other.life)
            for other in (plugin.importable if usable is None else usable)
        ]
        generation = self.namespace.open(
            metadata.identifier,
            plugin.location,
            wires={
                name: other.generation
                for name, other in lives
                if other is not None and other.generation is not None
            },
            requires=[identifier(name) for name in names],
            owner=life,
            read=metadata.contents,
            bare="" if plugin.found is None else plugin.found.package,
            files=files,
        )
        life.generation = generation
        life.generation_scope.add(Imports(life, generation))
        generation.builtins[MARK] = life
        if plugin.found is not None:
            check_files(plugin, plugin.found, generation.snapshot)
        module = generation.run(metadata.entrypoint)
        if plugin.found is not None and plugin.found.attribute:
            implement(plugin, plugin.found, module)
        return module


def check_files(plugin: Plugin, origin: Origin, files: Snapshot) -> None:
    """Refuse files that are not those that an index means, before any of them is run."""
    if origin.sha256:
        # Few indexes say it.
        from hotplug.host.registry.index import hash_of

        digest = hash_of(files)
        if digest != origin.sha256:
            message = f"the files of plugin {plugin.name!r} are not those that {origin.where} means"
            hint = f"it says sha256 {origin.sha256}\n  and they have {digest}"
            raise ManifestError([Problem(message, hint)])


def implement(plugin: Plugin, origin: Origin, module: ModuleType) -> None:
    """Let the object that an entry point names implement hooks, too."""
    thing: Any = module
    for part in origin.attribute.split("."):
        if not hasattr(thing, part):
            raise PluginValidationError(
                plugin.name,
                f"has no {origin.attribute!r} in its module, which {origin.where} names",
            )
        thing = getattr(thing, part)
    plugin.host.hooks.register(thing() if isinstance(thing, type) else thing, origin.attribute)

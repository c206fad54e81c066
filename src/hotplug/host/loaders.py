"""How a plugin's manifest is read and its code run; an application may bring its own ways."""

from __future__ import annotations

from pathlib import Path
from types import CodeType, ModuleType
from typing import TYPE_CHECKING, Any, Protocol

from hotplug.host.generations import Generation, Namespace
from hotplug.host.owner import ENTRY, MARK, in_frame
from hotplug.host.resources import Place, Resource
from hotplug.manifest import PluginMetadata, read
from hotplug.manifest.metadata import identifier

if TYPE_CHECKING:
    from hotplug.host.life import Life
    from hotplug.host.plugin import Plugin

__all__ = ["GenerationLoader", "ManifestLoader", "MetadataLoader", "PluginLoader", "execute"]


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


class ManifestLoader:
    """Reads ``plugin.json``, ``plugin.toml``, ``plugin.yaml`` or the head of a single file."""

    def load(self, location: Path) -> PluginMetadata:
        return read(location)


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
        life, metadata = plugin.owner, plugin.metadata
        names = (*metadata.requires, *metadata.wants)
        wires = {
            other.metadata.identifier: other.life.generation
            for other in plugin.importable
            if other.life is not None and other.life.generation is not None
        }
        generation = self.namespace.open(
            metadata.identifier,
            plugin.location,
            wires=wires,
            requires=[identifier(name) for name in names],
            owner=life,
            read=metadata.contents,
        )
        life.generation = generation
        life.generation_scope.add(Imports(life, generation))
        generation.builtins[MARK] = life
        module = generation.run(plugin.metadata.entrypoint)
        generation.commit()
        return module

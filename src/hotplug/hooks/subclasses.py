"""Plugins that register themselves by being subclasses of a base.

The base keeps a list of classes, nothing more; a manager's ``register_all`` makes plugins of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, ClassVar
from weakref import WeakValueDictionary

from hotplug.errors import RegistrationError

__all__ = ["PluginBase"]


class PluginBase:
    """Derive once to open a registry, and derive plugins from that.

        >>> class Exporter(PluginBase): ...
        >>> class Csv(Exporter, plugin_id="csv", version="1.2.0"): ...
        >>> sorted(Exporter.plugins)
        ['csv']

    Classes are held weakly. A class between base and plugins says ``abstract=True``.
    """

    plugin_id: ClassVar[str]
    version: ClassVar[str]
    plugins: ClassVar[Mapping[str, type[PluginBase]]] = MappingProxyType({})
    """The plugin classes below a base, by their ids."""

    def __init_subclass__(
        cls,
        *,
        plugin_id: str | None = None,
        version: str = "0",
        abstract: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init_subclass__(**kwargs)
        # dataclass(slots=True) makes a class anew, without its keywords or its full name.
        again = plugin_id is None and "plugin_id" in cls.__dict__
        if again:
            plugin_id = cls.__dict__["plugin_id"]
            version = cls.__dict__.get("version", version)
        if PluginBase in cls.__bases__:
            cls.plugins = WeakPlugins()
            if plugin_id is None:
                return
        if abstract:
            return
        if type(plugin_id) is not str or not plugin_id:
            raise RegistrationError(
                f"plugin class {cls.__qualname__} has no id, or one that is no name; say "
                f'class {cls.__name__}(..., plugin_id="...", version="..."), or abstract=True'
            )
        cls.plugin_id = plugin_id
        cls.version = version
        registries = [
            base.__dict__["plugins"]
            for base in cls.__mro__
            if isinstance(base.__dict__.get("plugins"), WeakPlugins)
        ]
        for plugins in registries:
            other = plugins.get(plugin_id)
            if other is not None and not again and not same_place(cls, other):
                raise RegistrationError(
                    f"plugin id {plugin_id!r} of {full_name(cls)} is taken by {full_name(other)}; "
                    "choose another, or say abstract=True if this is a base"
                )
        for plugins in registries:
            plugins.classes[plugin_id] = cls


class WeakPlugins(Mapping[str, type[PluginBase]]):
    """The classes of one registry, in the order of their definition, while they live."""

    def __init__(self) -> None:
        self.classes: WeakValueDictionary[str, type[PluginBase]] = WeakValueDictionary()

    def __getitem__(self, key: str) -> type[PluginBase]:
        return self.classes[key]

    def __iter__(self) -> Any:
        return iter(list(self.classes))

    def __len__(self) -> int:
        return len(self.classes)

    def __repr__(self) -> str:
        return f"<plugins {', '.join(self.classes) or '(none)'}>"


def same_place(cls: type, other: type) -> bool:
    """Whether a class is the same one again, from a module that ran a second time."""
    return full_name(cls) == full_name(other)


def full_name(cls: type) -> str:
    return f"{cls.__module__}.{cls.__qualname__}"

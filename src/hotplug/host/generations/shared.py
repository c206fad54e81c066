"""Packages that a plugin shares with others: ``till_plugins`` in ``till_plugins.shop``.

What the plugin calls itself in its own imports has dots then. The part that is its own means its
own modules, and what is above that is everybody's.
"""

from __future__ import annotations

import builtins
import importlib
from collections.abc import Sequence
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hotplug.host.generations.generation import Generation

__all__ = ["imported"]


def imported(generation: Generation, name: str, names: Sequence[str] | None) -> ModuleType | None:
    """What an import of a name in a shared package gives; None where that is not the plugin's."""
    bare = generation.bare_name
    if f"{name}.".startswith(f"{bare}."):
        module = generation.import_module(generation.canonical + name[len(bare) :])
        return module if names else above(generation, bare.partition(".")[0])
    own = bare[len(name) + 1 :].partition(".")[0]
    if names and bare.startswith(f"{name}.") and own in names:
        builtins.__import__(name, None, None, [each for each in names if each != own])
        return above(generation, name)
    return None


class Above(ModuleType):
    """A package above a plugin, as the plugin sees it."""

    def __getattr__(self, name: str) -> Any:
        return getattr(importlib.import_module(self.__name__), name)


def above(generation: Generation, package: str) -> ModuleType:
    child, _, rest = generation.bare_name[len(package) + 1 :].partition(".")
    module = Above(package)
    own = above(generation, f"{package}.{child}") if rest else None
    setattr(module, child, own or generation.import_module(generation.canonical))
    return module

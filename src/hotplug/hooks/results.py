"""A result with the plugin that gave it."""

from __future__ import annotations

from typing import Generic, NamedTuple, TypeVar

__all__ = ["PluginResult"]

R_co = TypeVar("R_co", covariant=True)


class PluginResult(NamedTuple, Generic[R_co]):
    """One result of ``collect_with_plugins``, and whose it is."""

    plugin_name: str
    value: R_co

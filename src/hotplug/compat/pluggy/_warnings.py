"""The warnings."""

from __future__ import annotations

from typing import final

__all__ = ["PluggyTeardownRaisedWarning", "PluggyWarning"]


class PluggyWarning(UserWarning):
    """What all of them derive from."""

    __module__ = "hotplug.compat.pluggy"


@final
class PluggyTeardownRaisedWarning(PluggyWarning):
    """An old-style wrapper raised after its ``yield``, instead of forcing an exception.

    Write it in the new style, or call ``result.force_exception(error)``.
    """

    __module__ = "hotplug.compat.pluggy"

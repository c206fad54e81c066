"""``hotplug pluggy-run PROGRAM``: what ``python -m hotplug.compat.pluggy PROGRAM`` does."""

from __future__ import annotations

from collections.abc import Sequence

from hotplug.compat.pluggy import __main__ as running

__all__ = ["main"]


def main(arguments: Sequence[str]) -> int:
    """Run the program; what it exits with is raised."""
    running.main([*arguments], "hotplug pluggy-run")
    return 0

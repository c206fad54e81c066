"""A plugin as a distribution would bring it, for the step ``entry-points``."""

from __future__ import annotations

from hotplug import HookimplMarker

hookimpl = HookimplMarker("tour")


class Berries:
    """Adds berries."""

    @hookimpl
    def add_ingredients(self, base: list[str]) -> list[str]:
        return [f"berries for the {base[0]}"]

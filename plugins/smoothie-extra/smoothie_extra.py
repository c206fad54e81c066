"""A plugin in a distribution of its own, which a smoothie bar finds through its entry point."""

from hotplug import HookimplMarker

hookimpl = HookimplMarker("smoothie")


class Extra:
    """Adds a little more to every smoothie, and serves the large ones in a jar."""

    @hookimpl
    def add_ingredients(self, base: list[str]) -> list[str]:
        return [f"extra {base[0]}", "chia seeds"] if base else ["chia seeds"]

    @hookimpl
    def choose_cup(self, size: str) -> str | None:
        return "jar" if size == "large" else None


plugin = Extra()

"""Reloading: the code of a plugin is replaced while the program runs."""

from __future__ import annotations

from hotplug import HookspecMarker, PluginHost, ReloadError
from hotplug_tour.folders import plugin_folders

__all__ = ["reload"]


def reload() -> None:
    """An edited plugin is reloaded while it serves.

    Its state goes along. What is broken changes nothing.
    """

    class Specs:
        @HookspecMarker("till")
        def price(self, item: str) -> object: ...

    source = """
        from hotplug import HookimplMarker
        sold = []

        @HookimplMarker("till")
        def price(item):
            sold.append(item)
            return f"{item}: 3, and {len(sold)} sold"

        def export_state(): return sold
        def import_state(data, from_version): sold.extend(data)
        """
    with plugin_folders() as write, PluginHost("till", specs=Specs) as host:
        bakery = host.load_plugin(write("bakery", source))
        bakery.enable()
        print(host.hooks.hook.price(item="bread"))
        write("bakery", source.replace(": 3", ": 4"))
        print(bakery.reload().replaced[0])
        print(host.hooks.hook.price(item="bread"))
        write("bakery", source.replace("[]", "nothing"))
        try:
            bakery.reload()
        except ReloadError as error:
            print(error.stage, "-", error.__cause__)
        print(host.hooks.hook.price(item="bread"))

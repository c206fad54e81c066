"""Reloading: the code of a plugin is replaced while the program runs."""

from __future__ import annotations

from time import sleep

from hotplug import HookspecMarker, PluginHost, ReloadError
from hotplug_tour.folders import plugin_folders

__all__ = ["reload", "watch"]


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


def watch() -> None:
    """What is saved is live a moment later.

    Nobody asks for a reload: the host follows the files.
    """

    class Specs:
        @HookspecMarker("till")
        def price(self, item: str) -> object: ...

    source = """
        from hotplug import HookimplMarker

        @HookimplMarker("till")
        def price(item):
            return f"{item}: 3"
        """
    with plugin_folders() as write, PluginHost("till", specs=Specs) as host:
        bakery = host.load_plugin(write("bakery", source))
        bakery.enable()
        with host.watch(poll=0.02, debounce=0.02):
            print(host.hooks.hook.price(item="bread"))
            write("bakery", source.replace("3", "4"))  # as an editor would
            while bakery.generation == 1:
                sleep(0.01)
            print(host.hooks.hook.price(item="bread"))

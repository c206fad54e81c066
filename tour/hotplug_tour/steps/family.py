"""Plugins that load plugins."""

from __future__ import annotations

from hotplug import PluginHost
from hotplug_tour.folders import plugin_folders

__all__ = ["children"]


def children() -> None:
    """Plugins that a plugin loads are its children. They stop with it, but for those detached."""
    with plugin_folders() as write, PluginHost() as host:
        write("sign", "print('the sign is lit')")
        write("radio", "print('the radio plays')")
        shop = write(
            "shop",
            """
            from hotplug import get_current_plugin

            shop = get_current_plugin()
            near = shop.path.parent
            shop.host.load_plugin(near / "sign").enable()
            shop.host.load_plugin(near / "radio", detached=True).enable()
            """,
        )
        plugin = host.load_plugin(shop)
        plugin.enable()
        print([child.name for child in plugin.children])
        print({each.name: each.state.value for each in host})
        plugin.disable()
        print({each.name: each.state.value for each in host})

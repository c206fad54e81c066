"""What can be set in a plugin, and what it keeps for as long as it is installed."""

from __future__ import annotations

from hotplug import PluginHost, SettingsError
from hotplug_tour.folders import plugin_folders


def settings_() -> None:
    """A plugin declares its settings as a dataclass.

    They are checked before it starts, and each change before it is told of it.
    """
    project = {"settings": {"shop": {"currency": "EUR", "key": "hunter2"}}}
    with plugin_folders() as write, PluginHost("till", project=project) as host:
        shop = write(
            "shop",
            """
            from dataclasses import dataclass
            from typing import Literal
            from hotplug import Secret, get_current_plugin, settings

            @dataclass(frozen=True)
            class Shop:
                currency: Literal["EUR", "USD"]
                key: Secret
                port: int = 80

            print(settings(Shop))
            get_current_plugin().on_settings_changed.on(
                lambda old, new: print("port", old.port, "->", new.port)
            )
            """,
        )
        host.load_plugin(shop)
        said = host.configuration("shop")
        host.configure("shop", {**said, "port": 81})
        try:
            host.configure("shop", {**said, "currency": "EU"})
        except SettingsError as error:
            print(error)


def store() -> None:
    """What a plugin keeps outlives it.

    Folders, and a small store whose every write is whole; what becomes of them is said on purpose.
    """
    with plugin_folders() as write:
        shop = write(
            "shop",
            """
            from hotplug import get_current_plugin

            store = get_current_plugin().store
            with store.transaction() as draft:
                draft["opened"] = draft.get("opened", 0) + 1
            """,
            version="1.4.0",
        )
        project = {"data": str(shop.parent / "data")}
        for _ in range(3):
            with PluginHost("till", project=project) as host:
                host.load_plugin(shop)
        with PluginHost("till", project=project) as host:
            plugin = host.load_plugin(shop)
            print(dict(plugin.store))
            print([(kept.name, kept.version, kept.size) for kept in host.installed_data()])
            host.uninstall("shop", data="purge")
            print(host.installed_data())

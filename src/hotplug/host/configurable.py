"""What an application can set in the plugins of a host."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

from hotplug.host.operations import Operations, ask_application

if TYPE_CHECKING:
    from hotplug.host.host import PluginHost
    from hotplug.host.plugin import Plugin
    from hotplug.host.project import Project

__all__ = ["Configurable"]


class Configurable:
    """The part of a host that gives plugins their settings."""

    _operations: Operations

    project: Project

    def refuse_unread_settings(self, plugin: Plugin) -> None:
        """Let no plugin run that has settings in the project and has declared none."""
        life, said = plugin.life, self.project.settings.get(plugin.name)
        if said and life is not None and life.settings is None:
            from hotplug.host.settings.problems import unread  # the same as below

            raise unread(plugin.name, self.project)

    def configure(self, name: str, values: Mapping[str, Any]) -> None:
        """Give a plugin other settings: all of them, in place of those that the project says.

        They are checked first. If anything is wrong nothing changes, and `SettingsError` says
        what. Else the plugin is told, or restarted where it has no handler for that. No file
        is written.
        """
        # Loaded by those who use it: it brings all that settings are made of.
        from hotplug.host.settings.changing import Change

        host = cast("PluginHost[Any]", self)
        ask_application(host, "configure plugins")
        Change(self._operations, host.get_plugin(name), values).carry_out()

    def configuration(self, name: str) -> dict[str, Any]:
        """What is said about a plugin's settings now.

        Texts that are secret are `Secret` objects, as soon as the plugin has said which are.

        >>> host.configure("shop", {**host.configuration("shop"), "port": 81})  # doctest: +SKIP
        """
        from hotplug.host.settings.declaring import configuration  # the same

        return configuration(cast("PluginHost[Any]", self).get_plugin(name))

    def settings_schema(self, name: str) -> dict[str, Any] | None:
        """What can be set in a plugin, as JSON Schema says it; None if it declares nothing."""
        return cast("PluginHost[Any]", self).get_plugin(name).settings_schema

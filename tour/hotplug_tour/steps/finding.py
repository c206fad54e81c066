"""A host that is told where plugins are: it finds them by name, and starts what is wanted."""

from __future__ import annotations

from hotplug import PluginHost
from hotplug_tour.folders import plugin_folders

__all__ = ["by_name", "project"]


def by_name() -> None:
    """Plugins are found by their names, and not run for it.

    A host looks in folders, among what is installed, and in an index.
    """
    with plugin_folders() as write:
        folder = write("bakery", "print('bakery runs')").parent
        with PluginHost(project={"paths": [str(folder)]}) as host:
            print("found:", [found.name for found in host.discover().found])
            try:
                host.load_plugin("bakry")
            except LookupError as error:
                print(str(error).partition("\n")[0])
            plugin = host.load_plugin("bakery")
            print(plugin.origin.location == folder / "bakery")


def project() -> None:
    """A project says which plugins may run and which have to.

    What is blocked is never imported, whichever way it comes.
    """
    with plugin_folders() as write:
        write("shop", "print('shop runs')", requires=["accounts"])
        write("mailer", "print('this is never printed')")
        folder = write("accounts", "print('accounts run')").parent
        wanted = {
            "paths": [str(folder)],
            "require": ["shop"],
            "block": {"mailer": "it sends too many mails"},
        }
        with PluginHost(project=wanted) as host:
            print(host.start())

"""What a host is asked: why, what if, and who stands on whom."""

from __future__ import annotations

from hotplug import PluginHost
from hotplug_tour.folders import plugin_folders


def why() -> None:
    """A host says why a plugin does not run.

    It tells all of it at once, what mends it, and what would happen if.
    """
    with plugin_folders() as write, PluginHost() as host:
        host.load_plugin(write("oven", "", version="1.2"))
        host.load_plugin(write("cafe", "", requires=["oven"])).enable()
        host.load_plugin(write("menu", "", requires=["cafe", "oven >=2", "ink"]))
        why = host.why("menu")
        for cause in why.causes:
            print(cause.obstacle)
        print("to do:", *why.proposals, sep="\n  ")
        print(host.would("disable", "oven"))
        print(host.graph())

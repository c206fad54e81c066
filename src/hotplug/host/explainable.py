"""What a host can be asked of its plugins: who stands on whom, why one does not run, what if."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, cast

if TYPE_CHECKING:
    from hotplug.host.dependencies import Plugins
    from hotplug.host.diagnosis import Diagnosis
    from hotplug.host.forecast import Forecast
    from hotplug.host.graphs import Graph
    from hotplug.host.host import PluginHost

__all__ = ["Explainable"]


class Explainable:
    """The part of a host that answers questions. What answers them is loaded with the first one."""

    name: str
    plugins: Plugins

    def graph(self) -> Graph:
        """The plugins and what they say of each other, as data that can be printed and drawn.

        >>> print(host.graph())  # doctest: +SKIP
        shop 1.4.0  enabled
        └── till 2.1 (>=2)  enabled
        """
        from hotplug.host.graphs.building import graph_of

        return graph_of(self.name, self.plugins)

    def why(self, name: str) -> Diagnosis:
        """Why a plugin runs, or all that keeps it from that, with what mends it.

        >>> print(host.why("shop"))  # doctest: +SKIP
        plugin 'shop' 1.4.0 is unloaded: it does not run
          it requires 'till', which is not loaded
            shop/plugin.toml:3
          -> load plugin 'till'
          then enable plugin 'shop'
        """
        from hotplug.host.diagnosing import diagnosed

        return diagnosed(cast("PluginHost[Any]", self), name)

    def would(
        self,
        operation: Literal["load", "enable", "disable", "unload", "reload"],
        subject: str | Path,
        *,
        dependants: str = "disable",
    ) -> Forecast:
        """What would stop, start or be refused, in order. Nothing is done; no plugin's code runs.

        ``subject`` is the name of a plugin; to ``load`` it is what `load_plugin` takes. To
        ``reload``, the files are read; what its code would say is told by a dry run.

        >>> print(host.would("disable", "till"))  # doctest: +SKIP
        disable 'till' would change 2 plugins
          1. 'shop' enabled -> disabled: it requires 'till', which was disabled
          2. 'till' enabled -> disabled: it was disabled
        """
        from hotplug.host.rehearsal import rehearsed

        return rehearsed(cast("PluginHost[Any]", self), operation, subject, dependants)

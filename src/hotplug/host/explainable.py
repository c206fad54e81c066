"""What a host can be asked of its plugins: who stands on whom, why one does not run, what if."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hotplug.host.dependencies import Plugins
    from hotplug.host.graphs import Graph

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

        return graph_of(self.name, [*self.plugins.values()])

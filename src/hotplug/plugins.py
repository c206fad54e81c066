"""Where plugins are imported from: ``from hotplug.plugins import shop``.

While there is a host, another module stands in ``sys.modules`` for this one, and knows its plugins.
"""

from __future__ import annotations

import sys
from typing import Any

from hotplug.errors.hosting import PluginImportError

__all__: list[str] = []


def __getattr__(name: str) -> Any:
    if name[:2] == "__":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    standing_in = sys.modules.get(__name__)
    if standing_in is not None and vars(standing_in) is not globals():
        return getattr(standing_in, name)
    raise PluginImportError(
        f"no plugin {name!r} in {__name__!r}: there is no host", name=f"{__name__}.{name}"
    )

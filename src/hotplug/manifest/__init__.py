"""What a plugin says of itself, read without running any of it.

>>> from hotplug.manifest import PluginMetadata
>>> PluginMetadata({"name": "shop", "version": "1.4.0"}).entrypoint
'plugin'
"""

from hotplug.manifest.constraints import Dependency
from hotplug.manifest.metadata import PluginMetadata
from hotplug.manifest.problems import ManifestError, ManifestWarning, Problem
from hotplug.manifest.reading import read, validate
from hotplug.manifest.schema import schema

__all__ = [
    "Dependency",
    "ManifestError",
    "ManifestWarning",
    "PluginMetadata",
    "Problem",
    "read",
    "schema",
    "validate",
]

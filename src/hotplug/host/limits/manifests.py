"""Reads manifests as `ManifestLoader` does, up to the size that a project sets."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from hotplug.errors.hosting import LimitExceeded
from hotplug.host.limits.setting import Setting
from hotplug.host.loaders import ManifestLoader
from hotplug.manifest import PluginMetadata, read
from hotplug.manifest.problems import Unreadable
from hotplug.manifest.reading import find

__all__ = ["LimitedManifestLoader"]


class LimitedManifestLoader(ManifestLoader):
    """Refuses a manifest that is larger, before it is read."""

    def __init__(self, setting: Setting) -> None:
        self.setting = setting

    def load(self, location: Path) -> PluginMetadata:
        setting = self.setting
        size = size_of_manifest(location)
        if size > setting.value:
            raise LimitExceeded(
                location.name,
                setting.name,
                setting.value,
                f"has a manifest of {size} bytes: {location}",
                setting.where,
                key=setting.key,
            )
        return read(location, largest=int(setting.value))


def size_of_manifest(location: Path) -> int:
    """In bytes; 0 where it is the head of a module, or what is wrong is told when it is read."""
    with suppress(OSError, Unreadable):
        file = find(str(location))
        return 0 if file.endswith(".py") else os.stat(file).st_size  # noqa: PTH116 (as it is found)
    return 0

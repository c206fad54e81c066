"""The size of manifests, where a project limits it."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from hotplug.errors.hosting import LimitExceeded
from hotplug.host.limits.setting import Setting
from hotplug.manifest.problems import Unreadable
from hotplug.manifest.reading import find

__all__ = ["check_manifest", "size_of_manifest"]


def check_manifest(setting: Setting, location: Path) -> None:
    """Refuse a plugin whose manifest is too large, before it is read."""
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


def size_of_manifest(location: Path) -> int:
    """In bytes; 0 where it is the head of a module, or what is wrong is told when it is read."""
    with suppress(OSError, Unreadable):
        file = find(str(location))
        return 0 if file.endswith(".py") else os.stat(file).st_size  # noqa: PTH116 (as it is found)
    return 0

"""Where the data of an application's plugins is, if its project does not say so."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Final

from hotplug.errors.hosting import DataError

__all__ = ["cache_of", "data_of", "folder_name"]

PLAIN: Final = re.compile("[a-z0-9](?:[a-z0-9._-]{0,98}[a-z0-9])?")
RESERVED: Final = re.compile(r"(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\..*)?")
"""What Windows takes for a device."""
LONGEST: Final = 60


def folder_name(name: str) -> str:
    """A name as that of a folder: on every system one, for each name another.

    >>> folder_name("shop"), folder_name("Shop"), folder_name("../shop")
    ('shop', 'shop~d00aae6b', 'shop~eda3976c')
    """
    if PLAIN.fullmatch(name) and not RESERVED.fullmatch(name):
        return name
    plain = re.sub("[^a-z0-9]+", "-", name.lower()).strip("-")[:LONGEST]
    return f"{plain}~{sha256(name.encode('utf-8', 'surrogatepass')).hexdigest()[:8]}"


def data_of(application: str, environment: Mapping[str, str] | None = None) -> Path:
    """Where the system wants the data of an application, for this user."""
    ways = {"win32": windows, "darwin": mac}
    environment = os.environ if environment is None else environment
    base = ways.get(sys.platform, xdg)(environment, "data")
    return base / folder_name(application) / "plugins"


def cache_of(application: str, environment: Mapping[str, str] | None = None) -> Path:
    """Where it wants what can be made again."""
    ways = {"win32": windows, "darwin": mac}
    environment = os.environ if environment is None else environment
    base = ways.get(sys.platform, xdg)(environment, "cache")
    inside = "cache" if sys.platform == "win32" else ""
    return base / folder_name(application) / inside / "plugins"


def xdg(environment: Mapping[str, str], kind: str) -> Path:
    """As the XDG Base Directory Specification says; a relative path there does not count."""
    said = Path(environment.get(f"XDG_{kind.upper()}_HOME", ""))
    usual = {"data": Path(".local", "share"), "cache": Path(".cache")}
    return said if said.is_absolute() else home() / usual[kind]


def mac(environment: Mapping[str, str], kind: str) -> Path:
    usual = {"data": "Application Support", "cache": "Caches"}
    return home() / "Library" / usual[kind]


def windows(environment: Mapping[str, str], kind: str) -> Path:
    said = environment.get("LOCALAPPDATA")
    return Path(said) if said else home() / "AppData" / "Local"


def home() -> Path:
    try:
        return Path.home()
    except RuntimeError:
        raise DataError(
            "plugins can't keep anything: this user has no home\n"
            "  the project says where their folders are, with its keys data and cache"
        ) from None

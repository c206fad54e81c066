"""A message of a plugin beside one through an adapter of the standard library."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from functools import partial

from benchmarks.peers import HOTPLUG, Framework
from benchmarks.table import BY_HAND, Row, Ways
from benchmarks.timing import sampler
from hotplug.host.logs import get_logger, log
from hotplug.host.owner import Owner

__all__ = ["rows"]

BY_PROXY = "hotplug, through log"


def rows() -> list[Row]:
    return [
        Row("log", "a message to a handler that drops it", written),
        Row("log-unwanted", "a message below the level", unwanted),
    ]


def written(_: Sequence[Framework]) -> Ways:
    return loggers("info")


def unwanted(_: Sequence[Framework]) -> Ways:
    return loggers("debug")


def loggers(method: str) -> Ways:
    of_plugins = logging.getLogger("hotplug.plugin")
    if not of_plugins.handlers:
        of_plugins.addHandler(logging.NullHandler())
        of_plugins.setLevel(logging.INFO)
        of_plugins.propagate = False
    owner = Owner("shop")
    adapter = logging.LoggerAdapter(logging.getLogger("hotplug.plugin.by_hand"), {"plugin": "shop"})
    statement = f"logger.{method}('sold %d', 5)"
    return {
        HOTPLUG.name: sampler(
            statement, {"logger": owner.call(get_logger, "sales"), "owner": owner}
        ),
        BY_PROXY: partial(owner.call, owner.call(sampler, statement, {"logger": log})),
        BY_HAND: sampler(statement, {"logger": adapter}),
    }

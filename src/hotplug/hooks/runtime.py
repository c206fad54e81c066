"""The globals that every generated call sees."""

from __future__ import annotations

import builtins
from types import CoroutineType
from typing import Final

from hotplug.hooks import awaiting, policy, records, unwind

__all__ = ["RUNTIME"]

RUNTIME: Final[dict[str, object]] = {
    "__builtins__": builtins,
    "__name__": unwind.CALL,
    "_Coroutine": CoroutineType,
    "_Result": records.PluginResult,
    "_begin": awaiting.begin,
    "_blamed": policy.blamed,
    "_collected": policy.collected,
    "_end": awaiting.end,
    "_failed": unwind.failed,
    "_new_driver": unwind.new_driver,
    "_no_yield": unwind.no_yield,
    "_pool_pop": unwind.pool.pop,
    "_pool_push": unwind.pool.append,
    "_settle": unwind.settle,
    "_settle_async": awaiting.settle_async,
    "_together": awaiting.together,
    "_two_yields": unwind.two_yields,
}

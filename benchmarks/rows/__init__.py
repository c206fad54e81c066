"""The rows of the table, by what they measure, in the order in which they are printed."""

from __future__ import annotations

from benchmarks.rows import (
    asking,
    collecting,
    compat_calling,
    compat_changing,
    compat_pytest,
    events,
    finding,
    generations,
    host,
    importing,
    keeping,
    limits,
    logs,
    modes,
    profiling,
    registering,
    reloading,
    resolving,
    starting,
    syscalls,
    timers,
    waiting,
    watching,
    wrapping,
)
from benchmarks.table import Row

__all__ = ["ROWS"]

ROWS: list[Row] = [
    *collecting.rows(),
    *wrapping.rows(),
    *modes.rows(),
    *waiting.rows(),
    *registering.rows(),
    *starting.rows(),
    *importing.rows(),
    *watching.rows(),
    *profiling.rows(),
    *generations.rows(),
    *reloading.rows(),
    *host.rows(),
    *finding.rows(),
    *limits.rows(),
    *keeping.rows(),
    *resolving.rows(),
    *asking.rows(),
    *timers.rows(),
    *logs.rows(),
    *events.rows(),
    *syscalls.rows(),
    *compat_calling.rows(),
    *compat_changing.rows(),
    *compat_pytest.rows(),
]

"""What it costs to profile a host, and that it costs nothing when nobody does."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Final

from benchmarks.peers import HOTPLUG, Framework
from benchmarks.rows.host import CALL, HOOKS, Specs, host_with
from benchmarks.table import Row, Ways, at_most, more
from benchmarks.timing import Sample, sampler
from hotplug import PluginHost

__all__ = ["rows"]

NOT_PROFILED: Final = "hotplug, not profiled"
ON: Final = {NOT_PROFILED: more(0.6)}
ON_EVENT: Final = {NOT_PROFILED: more(1)}
OFF: Final = {NOT_PROFILED: at_most(1.05)}
EVENT = """
from hotplug import event
@event()
def sold(item): ...
@sold.on
def heard(item): ...
"""

kept: list[Any] = []


def rows() -> list[Row]:
    return [
        Row("profile-hook", "a hook call that is profiled, 1 plugin", partial(way, hook), ON),
        Row("profile-event", "an event that is profiled, 1 handler", partial(way, event), ON_EVENT),
        Row("profile-off", "a hook call after a profile", partial(way, hook, stop=True), OFF),
        Row("profile-off-event", "an event after a profile", partial(way, event, stop=True), OFF),
    ]


def hook(host: PluginHost[Any]) -> Sample:
    return sampler(CALL, {"hook": host.hooks.hook})


def event(host: PluginHost[Any]) -> Sample:
    return sampler("sold('tea')", {"sold": host.get_plugin("plugin0").module.sold})


def way(
    sample: Callable[[PluginHost[Any]], Sample],
    _: Sequence[Framework],
    *,
    stop: bool = False,
) -> Ways:
    """The same call with a profile and without; another host keeps the plain one plain."""
    host, plain = (host_with(1, HOOKS + EVENT, Specs) for _ in range(2))
    kept.extend((host, plain))
    call = sample(host)

    def profiled() -> float:
        with host.profile():
            call()  # what the change has made to be built anew is not counted
            if not stop:
                return call()
        call()  # the same
        return call()

    other = sample(plain)

    def not_profiled() -> float:
        return other()  # as deep as the one above: an event looks at the stack

    return {HOTPLUG.name: profiled, NOT_PROFILED: not_profiled}

"""What limits cost a plugin that has some, beside one that has none."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any, Final

from benchmarks.peers import HOTPLUG, Framework
from benchmarks.rows.host import CALL, HOOKS, Specs, host_with
from benchmarks.table import Row, Ways, at_most
from benchmarks.timing import Sample, sampler
from hotplug import PluginHost

__all__ = ["rows"]

FREE: Final = "no limits"
MANY: Final = 10**9
COUNTS: Final = {"resources": MANY, "timers": MANY, "subscriptions": MANY}
EMITS: Final = {"emits_per_second": MANY, "emit_depth": MANY}
DEADLINE: Final = {"call_seconds": 3600}
SOURCE: Final = """
from hotplug import Resource, event, get_current_plugin, set_timeout

class File(Resource):
    pass

@event
def sold(item): ...

@sold.on
def note(item): ...

this = get_current_plugin()
register = this.host.resource_manager.register

def hold():
    file = File(this)
    register(file)
    file.disable()
"""

kept: Final[list[PluginHost[Any]]] = []


def rows() -> list[Row]:
    hold, timer = "hold()", "set_timeout(print, 3600).cancel()"
    subscribe, emit = "sold.subscribe(print).disable()", "sold(1)"
    return [
        Row("limit-resource", "a resource that is counted", partial(counted, hold, COUNTS)),
        Row("limit-timer", "a timer that is counted", partial(counted, timer, COUNTS)),
        Row(
            "limit-subscription",
            "a subscription that is counted",
            partial(counted, subscribe, COUNTS),
        ),
        Row("limit-emit", "an event that is counted, in depth too", partial(counted, emit, EMITS)),
        Row(
            "limit-hook",
            "a hook call, 5 plugins that are counted, without a deadline",
            partial(hook, COUNTS),
            {FREE: at_most(1.02)},
        ),
        Row("limit-deadline", "a hook call, 5 plugins with a deadline", partial(hook, DEADLINE)),
    ]


def counted(statement: str, limits: dict[str, int], _: Sequence[Framework]) -> Ways:
    return {HOTPLUG.name: as_plugin(statement, limits), FREE: as_plugin(statement, {})}


def as_plugin(statement: str, limits: dict[str, int]) -> Sample:
    """The statement as the plugin runs it."""
    host = host_with(1, SOURCE, project={"limits": limits})
    kept.append(host)
    (plugin,) = host
    sample = plugin.owner.call(sampler, statement, vars(plugin.module))
    return partial(plugin.owner.call, sample)


def hook(limits: dict[str, int], _: Sequence[Framework]) -> Ways:
    ways: dict[str, Sample] = {}
    for name, some in ((HOTPLUG.name, limits), (FREE, {})):
        host = host_with(5, HOOKS, Specs, project={"limits": some})
        kept.append(host)
        ways[name] = sampler(CALL, {"hook": host.hooks.hook})
    return ways

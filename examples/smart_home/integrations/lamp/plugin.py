"""A lamp: it listens for motion, and a timer dims it."""

from house import Reading, homeimpl, motion

from hotplug import Plugin, get_current_plugin, set_interval

lamp: Plugin = get_current_plugin()
state = {"brightness": 0}


@homeimpl
async def reading() -> Reading:
    return Reading(lamp.name, state["brightness"])


@motion.on
def light(room: int) -> None:
    state["brightness"] = 100


def dim() -> None:
    state["brightness"] = max(0, state["brightness"] - 10)


set_interval(dim, 0.05)

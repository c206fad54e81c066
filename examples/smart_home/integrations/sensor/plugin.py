"""A sensor: its task looks at a room, and tells of motion."""

import asyncio
from random import uniform

from house import Reading, homeimpl, motion

from hotplug import Plugin, get_current_plugin

sensor: Plugin = get_current_plugin()
room = int(sensor.name.rpartition("-")[2])
state = {"seen": 0}


@homeimpl
async def reading() -> Reading:
    return Reading(sensor.name, state["seen"])


async def watch() -> None:
    while True:
        await asyncio.sleep(uniform(0.01, 0.5))
        state["seen"] += 1
        motion(room)


@sensor.on_enable.on
def start() -> None:
    asyncio.get_running_loop().create_task(watch())

"""A heating, with a task, a listener, a timer and a state: it is updated while it is asked."""

import asyncio

from house import Reading, homeimpl, motion

from hotplug import Plugin, get_current_plugin, set_interval

from . import curve

BUILD = 0
heating: Plugin = get_current_plugin()
state = {"motions": 0, "water": 20.0}


@homeimpl
async def reading() -> Reading:
    build = BUILD
    await asyncio.sleep(0)  # others run, and the update may come
    return Reading(heating.name, state["water"], (build, curve.BUILD, BUILD))


@motion.on
def note(room: int) -> None:
    state["motions"] += 1


def cool_down() -> None:
    state["water"] -= 0.01


set_interval(cool_down, 0.05)


async def burn() -> None:
    while True:
        await asyncio.sleep(0.01)
        state["water"] += 0.1 * (state["water"] < curve.target(state["motions"]))


@heating.on_enable.on
def start() -> None:
    asyncio.get_running_loop().create_task(burn())


def export_state() -> dict[str, float]:
    return state


def import_state(earlier: dict[str, float], from_version: str) -> None:
    state.update(earlier)

"""The life of a plugin as a picture: its states, and the steps that lead from one to the next.

Drawn is what takes one step, or none: all else in the table is made of such steps.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Final

from docs_from_code.shapes import Box, Point, arrow, block, name, picture
from hotplug.host.lifecycle import TRANSITIONS, PluginState, Step

__all__ = ["life", "ways"]

Way = tuple[PluginState, PluginState]

PLACES: Final = {
    PluginState.ERROR: Point(180, 30),
    PluginState.UNLOADED: Point(62, 142),
    PluginState.LOADED: Point(298, 142),
    PluginState.DISABLED: Point(62, 272),
    PluginState.ENABLED: Point(298, 272),
}
BOXES: Final = {state: Box(place, 104, 40) for state, place in PLACES.items()}
CAN_FAIL: Final = (Step.RUN, Step.START)
BEND: Final = 26.0


def ways() -> dict[Way, str]:
    """Which way leads from state to state: the word for its step, or else for the operation."""
    found: dict[Way, str] = {}
    for (state, operation), (steps, to) in TRANSITIONS.items():
        if len(steps) <= 1 and state is not to:
            found[state, to] = steps[0].name.lower() if steps else f"({operation.value})"
    return found


def failures() -> dict[Way, str]:
    """From where a step leads to ERROR if it fails."""
    can_fail = [step.name.lower() for step in CAN_FAIL]
    return {
        (state, PluginState.ERROR): f"{word} fails"
        for (state, _), word in ways().items()
        if word in can_fail and state is not PluginState.ERROR
    }


def life() -> str:
    """The picture."""
    both = {**ways(), **failures()}
    return picture(
        "The states of a plugin, and the steps between them",
        300,
        [
            *drawn(ways(), "way", both),
            *drawn(failures(), "failure", both),
            *chain.from_iterable(drawn_state(state) for state in PluginState),
        ],
    )


def drawn(some: Mapping[Way, str], kind: str, others: Mapping[Way, str]) -> Iterator[str]:
    for (start, end), word in some.items():
        bend = BEND if (end, start) in others else 0
        yield from arrow(BOXES[start], BOXES[end], word, bend=bend, kind=kind)


def drawn_state(state: PluginState) -> Iterator[str]:
    yield block(BOXES[state], state.value)
    x, y = PLACES[state]
    yield name(Point(x, y + 5), state.value, kind="middle")

"""The states of a plugin, and the one table of how it gets from one to the next."""

from __future__ import annotations

from enum import Enum
from typing import Final, NamedTuple

__all__ = ["RUNNING", "TRANSITIONS", "Operation", "PluginState", "Step", "Transition", "table"]


class PluginState(Enum):
    """Where a plugin is in its life."""

    # That of Enum is a Python function: the table is asked nine times for a plugin that starts.
    __hash__ = object.__hash__

    UNLOADED = "unloaded"
    """Known, but none of its code is there: something that it needs is missing, or not ready."""
    LOADED = "loaded"
    """Its module has run; what it made is staged, and not live yet."""
    ENABLED = "enabled"
    """Running."""
    DISABLED = "disabled"
    """Stopped; it has given everything back."""
    ERROR = "error"
    """It could not be loaded or enabled; it has given everything back."""


class Operation(Enum):
    """What can be done to a plugin."""

    __hash__ = object.__hash__

    LOAD = "load"
    ENABLE = "enable"
    DISABLE = "disable"
    UNLOAD = "unload"


class Step(Enum):
    """What an operation consists of."""

    __hash__ = object.__hash__

    RUN = "run its module in a fresh generation"
    START = "let what it made go live"
    STOP = "run its on_disable handlers and give back what it holds"
    END = "run its on_unload handlers and forget its generation"


class Transition(NamedTuple):
    """The steps of an operation, and the state after them; a step that fails leads to ERROR."""

    steps: tuple[Step, ...]
    to: PluginState


UNLOADED, LOADED, ENABLED, DISABLED, ERROR = PluginState
RUNNING: Final = (LOADED, ENABLED)
"""The states in which a plugin's code is there, and holds things."""
LOAD, ENABLE, DISABLE, UNLOAD = Operation
RUN, START, STOP, END = Step

TRANSITIONS: Final[dict[tuple[PluginState, Operation], Transition]] = {
    (UNLOADED, LOAD): Transition((RUN,), LOADED),
    (UNLOADED, ENABLE): Transition((RUN, START), ENABLED),
    (UNLOADED, DISABLE): Transition((), UNLOADED),
    (UNLOADED, UNLOAD): Transition((), UNLOADED),
    (LOADED, LOAD): Transition((), LOADED),
    (LOADED, ENABLE): Transition((START,), ENABLED),
    (LOADED, DISABLE): Transition((STOP,), DISABLED),
    (LOADED, UNLOAD): Transition((STOP, END), UNLOADED),
    (ENABLED, LOAD): Transition((), ENABLED),
    (ENABLED, ENABLE): Transition((), ENABLED),
    (ENABLED, DISABLE): Transition((STOP,), DISABLED),
    (ENABLED, UNLOAD): Transition((STOP, END), UNLOADED),
    (DISABLED, LOAD): Transition((END, RUN), LOADED),
    (DISABLED, ENABLE): Transition((END, RUN, START), ENABLED),
    (DISABLED, DISABLE): Transition((), DISABLED),
    (DISABLED, UNLOAD): Transition((END,), UNLOADED),
    (ERROR, LOAD): Transition((RUN,), LOADED),
    (ERROR, ENABLE): Transition((RUN, START), ENABLED),
    (ERROR, DISABLE): Transition((), DISABLED),
    (ERROR, UNLOAD): Transition((), UNLOADED),
}


def table() -> str:
    """The table as Markdown, as the docs show it."""
    head = ["state", *(f"`{operation.value}`" for operation in Operation)]
    rows = [
        [f"`{state.value}`", *(cell(TRANSITIONS[state, operation]) for operation in Operation)]
        for state in PluginState
    ]
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def cell(transition: Transition) -> str:
    steps = ", ".join(step.name.lower() for step in transition.steps) or "nothing"
    return f"{steps} → `{transition.to.value}`"

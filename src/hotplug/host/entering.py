"""Ways into code that has to run as its owner, where nothing on the stack would say so."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from types import CoroutineType
from typing import Any, Final, TypeAlias, cast

from hotplug.hooks.signature import call_method, plain_function
from hotplug.host.owner import CURRENT, MARK, SAID, Owner, in_frame, is_ours, run_as
from hotplug.host.watching import LOGGER

__all__ = ["SWITCHES", "Switch", "await_as", "await_told", "is_own_code", "run_told"]
__all__ += ["tell_of_switch"]

Switch: TypeAlias = Callable[[Owner | None, Owner | None], object]
"""Called with who has run until now, and who runs from here on."""

SWITCHES: Final[list[Switch]] = []
"""Whom to tell that another one begins to run. While it is empty, nothing is done for it."""


def is_own_code(owner: Owner | None, function: object) -> bool:
    """Whether a frame of this function tells that it runs as this owner.

    >>> import colorsys
    >>> is_own_code(None, colorsys.rgb_to_hsv), is_own_code(Owner("shop"), colorsys.rgb_to_hsv)
    (True, False)
    """
    plain = plain_function(function) or plain_function(call_method(function))
    if plain is None or is_ours(plain.__globals__):
        return False
    return cast(Any, plain).__builtins__.get(MARK) is owner


@in_frame(SAID)
async def await_as(
    owner: Owner | None, function: Callable[..., Any], /, *args: Any, **kwargs: Any
) -> Any:
    """Call a function as an owner, and await what it returns if that is a coroutine.

    Tasks that it starts belong to this owner too.
    """
    before = CURRENT.set(owner)
    try:
        result = function(*args, **kwargs)
        return await cast(Any, result) if type(result) is CoroutineType else result
    finally:
        with suppress(ValueError):  # closed from elsewhere, as an abandoned task is
            CURRENT.reset(before)


def run_told(
    before: Owner | None,
    owner: Owner | None,
    function: Callable[..., Any],
    /,
    *args: Any,
    **kwargs: Any,
) -> Any:
    """Call a function as an owner, and tell of the switch to it and of the one back."""
    tell_of_switch(before, owner)
    try:
        return run_as(owner, function, *args, **kwargs)
    finally:
        tell_of_switch(owner, before)


async def await_told(
    before: Owner | None,
    owner: Owner | None,
    function: Callable[..., Any],
    /,
    *args: Any,
    **kwargs: Any,
) -> Any:
    """The same for what may have to be awaited."""
    tell_of_switch(before, owner)
    try:
        return await await_as(owner, function, *args, **kwargs)
    finally:
        tell_of_switch(owner, before)


def tell_of_switch(before: Owner | None, after: Owner | None) -> None:
    """Tell all who want to know, as the application; one that fails is logged."""
    if before is after:
        return
    for switch in (*SWITCHES,):
        try:
            run_as(None, switch, before, after)
        except Exception as error:
            LOGGER.error(
                "a context-switch hook raised %s: %s", type(error).__name__, error, exc_info=error
            )

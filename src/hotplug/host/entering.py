"""Ways into code that has to run as its owner, where nothing on the stack would say so."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from types import CoroutineType
from typing import Any, cast

from hotplug.hooks.signature import call_method, plain_function
from hotplug.host.owner import CURRENT, MARK, SAID, Owner, in_frame

__all__ = ["await_as", "is_own_code"]


def is_own_code(owner: Owner | None, function: object) -> bool:
    """Whether a frame of this function tells that it runs as this owner.

    >>> is_own_code(None, lambda: 0), is_own_code(Owner("reports"), lambda: 0)
    (True, False)
    """
    plain = plain_function(function) or plain_function(call_method(function))
    return plain is not None and cast(Any, plain).__builtins__.get(MARK) is owner


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

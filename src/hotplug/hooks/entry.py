"""The code that a hook's function holds before there is compiled code for it.

Stepping in here costs more than compiled code does, and less than compiling for a few calls.
"""

from __future__ import annotations

from collections.abc import Callable
from types import CodeType
from typing import Any

__all__ = ["Direct", "awaiting", "interpreted", "named", "refused"]

# The next three are never called: their code is what a hook's function holds. These names are
# globals of that function, which `HookCaller` fills.
_plan: Any
_caller: Any


def interpreted(*args: Any, **kwargs: Any) -> Any:
    """The code of a hook that has changed, or is not worth compiling yet."""
    caller, plan = _caller, _plan  # noqa: F821
    try:
        if caller.turns and not args:
            given = kwargs
            if kwargs.keys() >= caller.hook.argument_names or (
                given := caller.hook.complete(kwargs)
            ):
                caller.turns -= 1
                return caller.at_once(given)
        if plan is None:
            plan = caller.refresh()
        return plan(args, kwargs)
    except BaseException as error:
        caller.trim(error)
        raise
    finally:
        if plan is not None and plan.calls >= plan.look_at:
            caller.look(plan)


async def awaiting(*args: Any, **kwargs: Any) -> Any:
    """The code of an async hook that has changed: a function keeps the kind of its code."""
    call = _caller.refresh()  # noqa: F821
    try:
        return await call(args, kwargs)
    except BaseException as error:
        if error.__traceback__ is not None:  # the compiled call's own frame follows
            error.with_traceback(error.__traceback__.tb_next)
        raise


def refused(*args: Any, **kwargs: Any) -> Any:
    """The code of a historic hook, which is called in another way."""
    _caller.refuse_plain_call()  # noqa: F821


class Direct:
    """Stands for a plan where the code is compiled already."""

    calls = 0
    look_at = 1

    def __init__(self, function: Callable[..., Any]) -> None:
        self.function = function

    def __call__(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        return self.function(*args, **kwargs)


def named(code: CodeType, name: str) -> CodeType:
    return code.replace(co_name=name, co_qualname=name)

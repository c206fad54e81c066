"""What tests of the host share: owners, and code that is theirs."""

from __future__ import annotations

from collections.abc import Callable
from types import FunctionType
from typing import Any, TypeVar, cast

import pytest

from hotplug.host.owner import Owner, entry_builtins

F = TypeVar("F", bound=Callable[..., Any])


@pytest.fixture
def shop() -> Owner:
    return Owner("shop")


@pytest.fixture
def billing() -> Owner:
    return Owner("billing")


@pytest.fixture
def code_of() -> Callable[[Owner], Callable[[F], F]]:
    """Turn a function, and all that it defines, into code of a plugin."""

    def of(owner: Owner) -> Callable[[F], F]:
        def own(function: F) -> F:
            plain = cast(FunctionType, function)
            scope = {**plain.__globals__, "__builtins__": entry_builtins(owner)}
            parts = (plain.__code__, scope, plain.__name__, plain.__defaults__, plain.__closure__)
            return cast(F, FunctionType(*parts))

        return own

    return of

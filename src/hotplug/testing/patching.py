"""Patches builtins for plugins too: each generation has a copy of its own."""

from __future__ import annotations

import builtins
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any, Final

from hotplug.host.generations import builtins_of_plugins

__all__ = ["patched_builtins"]

ABSENT: Final = object()


@contextmanager
def patched_builtins(**values: Any) -> Generator[None]:
    """Give builtins other values for a while, in plugins too: those that are there or will be.

    ``mock.patch("builtins.open")`` does not reach plugins, whose code has copies of the builtins.

    >>> with patched_builtins(input=lambda prompt: "tea"):
    ...     input("What would you like? ")
    'tea'
    """
    everywhere = [builtins.__dict__, *builtins_of_plugins()]
    before = [({name: names.get(name, ABSENT) for name in values}, names) for names in everywhere]
    for names in everywhere:
        names.update(values)
    try:
        yield
    finally:
        # A plugin that was loaded meanwhile has copied the new values.
        known = {id(names) for names in everywhere}
        ordinary = before[0][0]
        new = [names for names in builtins_of_plugins() if id(names) not in known]
        for values_before, names in [*before, *((ordinary, names) for names in new)]:
            for name, value in values_before.items():
                if value is ABSENT:
                    names.pop(name, None)
                else:
                    names[name] = value

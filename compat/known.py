"""The tests that are known to differ, and why."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

__all__ = ["KNOWN", "covers"]

NAMED: Final = "asks for pluggy's wording: the error names the hook, where pluggy's says '__call__'"

KNOWN: Final[Mapping[str, Mapping[str, str]]] = {
    "pluggy-1.6": {
        "testing/test_hookcaller.py::test_hookspec": (
            "pluggy 1.7 fails it as well: it warns of a specification without self"
        ),
        "testing/test_invocations.py::test_only_kwargs": NAMED,
    },
    "pluggy-1.7": {"testing/test_invocations.py::test_only_kwargs": NAMED},
}
"""By suite, then by a test's id; a test's name alone stands for all its parameters, too."""


def covers(listed: str, test: str) -> bool:
    """Whether what is listed is this test, or holds it: its function, its class or its module."""
    return test == listed or test.startswith((f"{listed}[", f"{listed}::"))

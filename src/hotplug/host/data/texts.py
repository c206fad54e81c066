"""Values as JSON says them, by key: every look at one makes it anew, so nobody shares it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, MutableMapping
from typing import Any, Final

from hotplug.manifest.documents import is_list, is_table

__all__ = ["Texts", "as_file", "read", "written"]

DEEPEST: Final = 100
"""How many lists and tables may stand within each other."""
ENCODER: Final = json.JSONEncoder(allow_nan=False, separators=(",", ":"))


class Texts(MutableMapping[str, Any]):
    """Values by key, kept as JSON; ``check`` is asked before each look and each change.

    >>> texts = Texts({}, lambda wish: None)
    >>> texts["tills"] = [1, 2]
    >>> texts["tills"].append(3)
    >>> texts["tills"]
    [1, 2]
    """

    def __init__(self, texts: dict[str, str], check: Callable[[str], None]) -> None:
        self.texts = texts
        self._check = check

    def __getitem__(self, key: str) -> Any:
        self._check("read its store")
        return json.loads(self.texts[key])

    def __setitem__(self, key: str, value: Any) -> None:
        self._check("write to its store")
        self.texts[key] = written(key, value)

    def __delitem__(self, key: str) -> None:
        self._check("write to its store")
        del self.texts[key]

    def __iter__(self) -> Iterator[str]:
        self._check("read its store")
        for key in [*self.texts]:
            self._check("read its store")
            yield key

    def __len__(self) -> int:
        self._check("read its store")
        return len(self.texts)

    def __contains__(self, key: object) -> bool:
        self._check("read its store")
        return key in self.texts

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {len(self.texts)} values>"


def written(key: object, value: object) -> str:
    """A value as JSON; what JSON would not give back as it was is refused."""
    if type(key) is not str:
        raise TypeError(f"a key of a store is a text, not {key!r}")
    refuse_others(key, value, DEEPEST)
    try:
        return ENCODER.encode(value)
    except ValueError as error:  # nan, and numbers with more digits than Python writes
        raise ValueError(f"a store can't keep what is given as {key!r}: {error}") from None


def refuse_others(key: str, value: object, depth: int) -> None:
    if value is None or isinstance(value, str | int | float):
        return
    inside: Iterable[object]
    if is_table(value) and isinstance(value, dict):
        for name in value:
            if not isinstance(name, str):
                raise TypeError(f"a store keeps JSON: in {key!r}, the key {name!r} is no text")
        inside = value.values()
    elif is_list(value):
        inside = value
    else:
        raise TypeError(
            f"a store keeps JSON (texts, numbers, lists, tables), and {key!r} is given a "
            f"{type(value).__name__}\n  keep files in the plugin's data_folder"
        )
    if depth == 0:
        raise ValueError(f"a store keeps JSON of {DEEPEST} levels, and {key!r} has more")
    for item in inside:
        refuse_others(key, item, depth - 1)


def as_file(texts: dict[str, str]) -> bytes:
    """A file that says all of them, a line for each."""
    lines = ",\n".join(f"{ENCODER.encode(key)}: {text}" for key, text in texts.items())
    return f"{{\n{lines}\n}}\n".encode("ascii") if lines else b"{}\n"


def read(raw: bytes) -> dict[str, str]:
    """What such a file says; raises ValueError where it is none."""
    data: object = json.loads(raw, parse_constant=refuse_constant)
    if not is_table(data):
        raise ValueError("it is no table")
    return {str(key): ENCODER.encode(value) for key, value in data.items()}


def refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no number")

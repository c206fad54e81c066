"""Secrets: texts that are shown to nobody who does not ask for them by name."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from hmac import compare_digest
from pathlib import Path
from typing import Any, Final, NoReturn

from hotplug.manifest.documents import is_table

__all__ = ["MASK", "Refused", "Secret", "redacted", "resolved"]

MASK: Final = "***"
LONGEST: Final = 2**16
"""A file that holds a secret has no more bytes than this."""
SHORTEST_REDACTED: Final = 4
"""A secret of fewer characters is found in too many words to be taken out of them."""


class Secret:
    """A text that is masked wherever it is printed, formatted or logged; it cannot be pickled.

    >>> key = Secret("hunter2")
    >>> print(key, repr(key), f"{key:>10}")
    *** Secret('***') ***
    >>> key.reveal()
    'hunter2'
    """

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        if not isinstance(text, str):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise TypeError(f"a secret is a text, not a {type(text).__name__}")
        self._text = text

    def reveal(self) -> str:
        """The text itself."""
        return self._text

    def __str__(self) -> str:
        return MASK

    def __repr__(self) -> str:
        return f"Secret({MASK!r})"

    def __format__(self, spec: str) -> str:
        return MASK

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        return compare_digest(self._text.encode(*EXACT), other._text.encode(*EXACT))

    def __hash__(self) -> int:
        return hash((Secret, self._text))

    def __bool__(self) -> bool:
        return bool(self._text)

    def __copy__(self) -> Secret:
        return self

    def __deepcopy__(self, memo: object) -> Secret:
        return self

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError(
            "a secret is not pickled: hand on what reveals it, or reveal() it on purpose"
        )

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any:
        """How pydantic reads one, where the settings are a model of it."""
        from pydantic_core import core_schema  # it is pydantic that asks, so it is there

        return core_schema.with_info_plain_validator_function(read_by_pydantic)

    @classmethod
    def __get_pydantic_json_schema__(cls, source: Any, handler: Any) -> dict[str, Any]:
        return schema()


EXACT: Final = ("utf-8", "surrogatepass")


class Refused(ValueError):
    """A secret that is not given in a way that can be read. The words never hold the text."""


def resolved(value: object, folder: Path) -> Secret:
    """A secret as the configuration says it; raises `Refused`.

    A text, ``{env = "SHOP_KEY"}``, or ``{file = "shop.key"}`` with a path from ``folder`` on.
    """
    if isinstance(value, Secret):
        return value
    if isinstance(value, str):
        return Secret(value)
    if is_table(value) and len(value) == 1:
        ((source, name),) = value.items()
        if isinstance(name, str) and name and source == "env":
            return from_environment(name)
        if isinstance(name, str) and name and source == "file":
            return from_file(folder / name)
    raise Refused('takes a secret: a text, {env = "NAME"} or {file = "path"}')


def from_environment(name: str) -> Secret:
    try:
        text = os.environ.get(name)
    except ValueError:  # a zero in the name
        text = None
    if text is None:
        raise Refused(f"takes a secret from the environment, which has no {name!r}")
    return Secret(text)


def from_file(file: Path) -> Secret:
    """What a file holds, without the end of its last line."""
    raw = b""
    try:
        # opening a pipe would wait for who writes to it
        if is_plain := stat.S_ISREG(file.stat().st_mode):
            with file.open("rb") as source:
                raw = source.read(LONGEST + 1)
    except OSError as error:
        raise Refused(f"takes a secret from {file}: {error.strerror}") from None
    except ValueError:  # a zero in the path
        raise Refused("takes a secret from a file whose path is none") from None
    if not is_plain:
        raise Refused(f"takes a secret from {file}, which is no plain file")
    if len(raw) > LONGEST:
        raise Refused(f"takes a secret from {file}, which has more than {LONGEST} bytes")
    try:
        return Secret(raw.decode().removesuffix("\n").removesuffix("\r"))
    except UnicodeDecodeError:  # its words would show what the file holds
        pass
    raise Refused(f"takes a secret from {file}, which is not UTF-8")


def redacted(message: str, secrets: Mapping[Any, Secret]) -> str:
    """A message of someone else, with all secrets taken out of it."""
    texts = {secret.reveal() for secret in secrets.values()}
    for text in sorted(texts, key=len, reverse=True):
        if len(text) >= SHORTEST_REDACTED:
            message = message.replace(text, MASK)
    return message


def schema() -> dict[str, Any]:
    """How JSON Schema says what `resolved` takes."""
    name = {"type": "string", "minLength": 1}
    sources: list[dict[str, Any]] = [
        {
            "type": "object",
            "properties": {source: name},
            "required": [source],
            "additionalProperties": False,
        }
        for source in ("env", "file")
    ]
    return {"anyOf": [{"type": "string"}, *sources], "writeOnly": True}


def read_by_pydantic(value: object, info: Any) -> Secret:
    context: dict[str, Any] = info.context or {}
    secret = resolved(value, context.get("folder", Path()))
    known: dict[tuple[str, ...], Secret] = context.get("secrets", {})
    known[f"secret {len(known)}",] = secret
    return secret

"""A tree of tracers: what one is told goes to the root's writer, and to a processor of its tags."""

# The names that pluggy's users reach for begin with underscores.
# pyright: reportPrivateUsage=false

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import Enum
from typing import Any, cast

__all__ = ["TagTracer", "TagTracerSub"]

Processor = Callable[[tuple[str, ...], tuple[Any, ...]], object]


class TagTracer:
    """The root: who writes, and how deep the calls are."""

    def __init__(self) -> None:
        self._tags2proc: dict[tuple[str, ...], Processor] = {}
        self._writer: Callable[[str], object] | None = None
        self.indent = 0

    def get(self, name: str) -> TagTracerSub:
        return TagTracerSub(self, (name,))

    def setwriter(self, writer: Callable[[str], object] | None) -> None:
        self._writer = writer

    def setprocessor(self, tags: str | tuple[str, ...], processor: Processor) -> None:
        if isinstance(tags, str):
            tags = tuple(tags.split(":"))
        else:
            assert isinstance(tags, tuple)
        self._tags2proc[tags] = processor

    def _processmessage(self, tags: tuple[str, ...], args: tuple[object, ...]) -> None:
        if self._writer is not None and args:
            self._writer(self._format_message(tags, args))
        processor = self._tags2proc.get(tags)
        if processor is not None:
            processor(tags, args)

    def _format_message(self, tags: Sequence[str], args: Sequence[object]) -> str:
        *words, last = args
        details: dict[str, object] = {}
        if isinstance(last, dict):
            details = cast("dict[str, object]", last)
        else:
            words.append(last)
        indent = "  " * self.indent
        lines = [f"{indent}{' '.join(text_of(word) for word in words)} [{':'.join(tags)}]"]
        for name, value in details.items():
            text = detail(value)
            inner = text.splitlines()
            if inner in ([], [text]):
                lines.append(f"{indent}    {name}: {text}")
            else:
                lines += [f"{indent}    {name}:", *(f"{indent}      {line}" for line in inner)]
        return "".join(f"{line}\n" for line in lines)


class TagTracerSub:
    """One branch; call it with words, and a dictionary of details at the end."""

    def __init__(self, root: TagTracer, tags: tuple[str, ...]) -> None:
        self.root = root
        self.tags = tags

    def __call__(self, *args: object) -> None:
        self.root._processmessage(self.tags, args)

    def get(self, name: str) -> TagTracerSub:
        return type(self)(self.root, (*self.tags, name))


def text_of(value: object, show: Callable[[object], str] = str) -> str:
    """The value as it shows itself, in characters that every file takes."""
    try:
        text = show(value)
    except Exception as error:
        try:
            raised = repr(error)
        except Exception:
            raised = f"unpresentable {type(error).__name__}"
        kind = type(value).__name__
        text = f"<[{raised} raised in {show.__name__}()] {kind} object at 0x{id(value):x}>"
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def detail(value: object) -> str:
    """The same, with quotes where the plain text would be unclear."""
    if isinstance(value, Enum) or hasattr(type(value), "__fspath__"):
        return text_of(value, repr)
    if isinstance(value, str) and len(value.splitlines()) <= 1:
        is_plain = value and value.isprintable() and " " not in value
        return text_of(value, str if is_plain else repr)
    return text_of(value)

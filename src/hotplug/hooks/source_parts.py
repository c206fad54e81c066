"""The innermost stage of a call's source: one implementation, and what becomes of its answer."""

from __future__ import annotations

from collections.abc import Sequence

from hotplug.hooks.lines import Line, Lines, block, plain
from hotplug.hooks.modes import EXTRA_LABEL, How, Step
from hotplug.hooks.shape import LABELS, Extras, Loop, Shape, Words

__all__ = ["Parts"]


class Parts:
    """Writes the calls of the implementations of one shape, each on a line of its own."""

    def __init__(self, shape: Shape, words: Words) -> None:
        self.shape = shape
        self.words = words
        self.await_ = "await " if shape.is_async else ""
        self.first_part = len(shape.wrappers)
        self.has_extras = any(isinstance(part, Extras) for part in shape.parts)
        self.has_loops = any(isinstance(part, Loop) for part in shape.parts)
        # Wrappers still have to run after the result is there, and policies to report.
        self.returns_at_once = not (shape.wrappers or shape.tolerant)

    def run(self, at: int, target: str, use: Sequence[Line] = ()) -> Lines:
        """The call of a part, its result in ``target``, and the lines that use it."""
        part = self.shape.parts[at]
        label = self.label(at)
        if isinstance(part, Step):
            call = self.call(f"i{at}", part)
            return [*self.attempted(target, call, part.how, label), *use]
        if isinstance(part, Extras):
            head, call = "for i, take in _extras:", self.call_picked()
        else:
            head = "for i in iterator:" if part.step else "for i, take in iterator:"
            call = self.call("i", part.step) if part.step else self.call_picked()
        return [
            *([] if isinstance(part, Extras) else plain(f"iterator = iter(functions{at})")),
            Line(head),
            *block(
                (
                    line._replace(many=isinstance(part, Loop) and line.label is not None)
                    for line in self.attempted(target, call, part.how, label)
                ),
                use,
            ),
        ]

    def label(self, at: int) -> int:
        if isinstance(self.shape.parts[at], Extras):
            return EXTRA_LABEL
        sizes = {Step: 1, Loop: 0, Extras: 0}
        before = self.shape.parts[:at]
        return self.first_part + sum(
            part.length if isinstance(part, Loop) else sizes[type(part)] for part in before
        )

    def attempted(self, target: str, call: str, how: str, label: int) -> Lines:
        """The call; under an error policy, an error goes there and its answer is the result."""
        lines = self.assigned(target, call, how, label)
        if not self.shape.tolerant:
            return lines
        where = ", iterator" if self.has_loops else ""
        return [
            Line("try:"),
            *block(lines),
            Line("except _errors as error:"),
            *block(plain(f"{target} = tolerate(failures, *_blamed(error, {LABELS!r}{where}))")),
        ]

    def assigned(self, target: str, call: str, how: str, label: int) -> Lines:
        if how is How.AWAIT:
            return [Line(f"{target} = await {call}", label)]
        line = Line(f"{target} = {call}", label)
        if how is How.PLAIN:
            return [line]
        return [
            line,
            Line(f"if type({target}) is _Coroutine:"),
            *block([Line(f"{target} = await {target}", label)]),
        ]

    def call(self, function: str, step: Step, arguments: Sequence[str] | None = None) -> str:
        names = self.words.arguments if arguments is None else arguments
        by_position = [names[at] for at in step.positions]
        by_name = [f"{names[at]}={names[at]}" for at in step.keywords]
        run = ".run" if step.is_slot else ""
        return f"{function}{run}({', '.join([*by_position, *by_name])})"

    def call_picked(self) -> str:
        """A call whose arguments are picked at run time, for functions that differ in them."""
        everything = ", ".join(self.words.arguments)
        # Most take all arguments in their order: for them nothing has to be picked.
        return f"i({everything}) if take is tuple else i(*take([{everything}]))"

"""Writes the Python source of one hook call: from a shape to the lines of one function.

The text is built by stages, inside out: each part's call, what the mode does with the results,
the generator wrappers around them, what happens when something raises, and the loading of the
plugins' functions at the top. An option that is not used leaves no trace in the text.
"""

from __future__ import annotations

from hotplug.hooks.lines import Line, Lines, block, plain
from hotplug.hooks.modes import OWNER, VALUES, How, Mode, Step
from hotplug.hooks.shape import LABELS, Extras, Loop, Shape, Words
from hotplug.hooks.source_modes import Modes

__all__ = ["write"]


def write(shape: Shape, words: Words) -> Lines:
    """The whole function."""
    return Writer(shape, words).function()


class Writer(Modes):
    """The outer stages for one shape. Each returns lines; none changes what another wrote."""

    # the frame: what stands around everything

    def function(self) -> Lines:
        head = Line(
            f"{'async ' if self.shape.is_async else ''}def {self.words.function}({self.given()}):"
        )
        names = self.value_names()
        if not names:
            body = self.guarded() if self.has_extras else self.body()
            return [head, *block(self.left_out(), body)]
        loading = [
            Line("try:"),
            *block(plain(f"{', '.join(names)}, = {VALUES}")),
            Line("except NameError:  # another set took over between the call and this line"),
            *block(plain("pass")),
            Line("else:"),
            *block(self.guarded()),
            Line(f"return {self.await_}_again({self.passed_on()})"),
        ]
        return [head, *block(self.left_out(), loading)]

    def left_out(self) -> Lines:
        """Where a lenient call turns to when it was given too little."""
        names = self.words.arguments
        if not (self.shape.rules.lenient and names):
            return []
        given = ", ".join([*self.leading(), *(f"{name}={name}" for name in names)])
        return [
            Line(f"if {' or '.join(f'{name} is _missing' for name in names)}:"),
            *block(plain(f"return {self.await_}{OWNER}.incomplete({given})")),
        ]

    def given(self) -> str:
        """The parameters in the function's head."""
        arguments, count = list(self.words.arguments), self.shape.positional
        keyword_only = ["*", *arguments[count:]] if self.shape.keyword_only else []
        # Positional-only: an argument of the hook may have the same name.
        leading = [*self.leading(), "/"] if self.leading() else []
        others = ["**_others"] if self.shape.rules.lenient else []
        return ", ".join([*leading, *arguments[:count], *keyword_only, *others])

    def leading(self) -> list[str]:
        if self.shape.mode is Mode.HISTORIC:
            return ["_callback"]
        return ["_extras"] if self.has_extras else []

    def passed_on(self) -> str:
        arguments, count = self.words.arguments, self.shape.positional
        by_name = [f"{name}={name}" for name in arguments[count:]]
        return ", ".join([*self.leading(), *arguments[:count], *by_name])

    def value_names(self) -> list[str]:
        """The locals that the bound values are unpacked into, in the order of binding."""
        shape = self.shape
        names = [f"w{at}" for at in range(len(shape.wrappers))]
        names += [f"boxed{at}" for at in self.boxed()]
        if self.drivers():
            names.append("pool")
        if shape.around is not None:
            names += ["around", "call_next"]
        elif shape.together:
            names += ["pieces"]
        else:
            kinds = {Step: "i", Loop: "functions"}
            names += [
                f"{kinds[type(part)]}{at}"
                for at, part in enumerate(shape.parts)
                if not isinstance(part, Extras)
            ]
        if shape.mode is Mode.NAMED and shape.around is None:
            names.append("names")
        if shape.tolerant:
            names.append("tolerate")
        return names

    # what happens when something raises

    def guarded(self) -> Lines:
        """The body, with every error told whose it is and shown to the wrappers."""
        before: list[str] = []
        if self.shape.tolerant:
            before.append("failures = []")
        if self.shape.wrappers:
            drivers = ["drivers"] if self.drivers() else []
            before.append(" = ".join([*self.generators(), *drivers, "None"]))
            if self.shape.mode is Mode.PIPELINE:
                before.append(f"given = {self.words.arguments[0]}")
        if self.clue() == "iterator":
            before.append("iterator = None")
        if not (self.shape.rules.blames or self.shape.wrappers):
            return [*plain(*before), *self.body()]
        return [
            *plain(*before),
            Line("try:"),
            *block(self.body()),
            Line("except BaseException as error:"),
            *block(self.failing()),
            *self.failed(),
        ]

    def failed(self) -> Lines:
        """What is left of an error, raised where no other is being handled: it gets no context."""
        if not self.shape.wrappers:
            return []
        return plain("try:", "    raise left", "finally:", "    del left")

    def generators(self) -> list[str]:
        return [f"g{at}" for at in range(len(self.shape.wrappers))]

    def clue(self) -> str | None:
        """The local that tells whose error it is where the line number alone does not."""
        if self.shape.around is not None:
            return "call_next"
        return "iterator" if self.has_loops else None

    def failing(self) -> Lines:
        clue = f", {self.clue()}" if self.clue() else ""
        if not self.shape.wrappers:
            return plain(f"_failed(error, {LABELS!r}{clue})", "raise")
        empties = {Mode.COLLECTING: "[]", Mode.NAMED: "[]", Mode.PIPELINE: "given"}
        empty = "_as_it_is" if self.shape.rules.none_counts else empties.get(self.shape.mode)
        generators = ", ".join(self.generators())
        settle = f"{self.await_}_settle{'_async' if self.shape.is_async else ''}"
        if not self.shape.rules.blames:
            clue = ""
        if self.boxed():
            items = "".join(f"{at}: boxed{at}, " for at in self.boxed())
            clue += f", boxed={{{items}}}, complain={OWNER}.complain"
        return [
            *plain(
                f"left, result = {settle}(",
                f"    error, {LABELS!r}, ({generators},), {empty}{clue})",
                *(["_give_back(drivers, pool)"] if self.drivers() else []),
                "if left is None:",
                "    return result",
                "if left is error:",
                "    raise",
            ),
        ]

    # wrappers that are generators: before, and after in reverse

    def body(self) -> Lines:
        return [
            *self.setup(),
            *(self.call_around() if self.shape.around is not None else self.implementations()),
            *self.teardown(),
        ]

    def setup(self) -> Lines:
        lines: Lines = self.take_drivers()
        for at, wrapper in enumerate(self.shape.wrappers):
            lines.append(Line(f"g{at} = {self.call(f'w{at}', wrapper)}", at))
            if wrapper.how is How.AWAIT:
                lines.append(Line(f"await _begin(g{at})", at))
            else:
                lines += [
                    Line(f"s{at}(g{at})", at),
                    Line(f"if not g{at}.gi_suspended:"),
                    *block([Line(f"raise _no_yield(g{at})", at)]),
                ]
        return lines

    def boxed(self) -> list[int]:
        """Which wrappers are sent the result in a box."""
        return [at for at, each in enumerate(self.shape.wrappers) if each.how is How.BOXED]

    def drivers(self) -> list[str]:
        """The locals with what drives each generator; async generators are awaited instead."""
        wrappers = enumerate(self.shape.wrappers)
        return [f"s{at}" for at, wrapper in wrappers if wrapper.how is not How.AWAIT]

    def take_drivers(self) -> Lines:
        """One tuple with drivers for all generators, taken and given back in one go."""
        names = self.drivers()
        if not names:
            return []
        return [
            Line("try:"),
            *block(plain("drivers = pool.pop()")),
            Line("except IndexError:"),
            *block(plain(f"drivers = _new_drivers({len(names)})")),
            Line(f"{', '.join(names)}, = drivers"),
        ]

    def teardown(self) -> Lines:
        if not self.shape.wrappers:
            return []
        lines: Lines = []
        for at in reversed(range(len(self.shape.wrappers))):
            if self.shape.wrappers[at].how is How.AWAIT:
                lines.append(Line(f"await _end(g{at}, result)", at))
            elif self.shape.wrappers[at].how is How.BOXED:
                lines += self.unboxing(at)
            else:
                returned = "result" if self.shape.rules.none_counts else "r"
                lines += [
                    Line(f"{returned} = s{at}(result)", at),
                    Line(f"if g{at}.gi_suspended:"),
                    *block([Line(f"raise _two_yields(g{at})", at)]),
                ]
                if returned == "r":
                    lines += [Line("if r is not None:"), *block(plain("result = r"))]
        give_back = plain("pool.append(drivers)") if self.drivers() else []
        return [*lines, *give_back, Line("return result")]

    def unboxing(self, at: int) -> Lines:
        """A wrapper's turn that is sent the result in a box, and may put another one in."""
        return [
            # As its constructor does, and its `get_result`, without calling either.
            *plain("box = _new(_Box)", "box._result = result"),
            *plain("box._exception = box._traceback = None"),
            Line("try:"),
            *block([Line(f"s{at}(box)", at)]),
            Line("except BaseException as raised:"),
            *block(plain(f"{OWNER}.complain(boxed{at}, raised)", "raise")),
            Line(f"if g{at}.gi_suspended:"),
            *block([Line(f"raise _two_yields(g{at})", at)]),
            Line("result = box._result if box._exception is None else box.get_result()"),
        ]

    def call_around(self) -> Lines:
        around = self.shape.around
        assert around is not None
        call = self.call("around", around, ("call_next", *self.words.arguments))
        if around.how is How.PLAIN:
            return [Line(f"{self.result_is()} {call}", self.first_part)]
        return [
            *self.assigned("result", call, around.how, self.first_part),
            *(plain("return result") if self.returns_at_once else []),
        ]

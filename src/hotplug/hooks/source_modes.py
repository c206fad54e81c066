"""The second stage of a call's source: what its mode makes of the results."""

from __future__ import annotations

from hotplug.hooks.lines import Line, Lines, block, plain
from hotplug.hooks.modes import How, Mode, Step
from hotplug.hooks.shape import LABELS, Extras, Loop
from hotplug.hooks.source_parts import Parts

__all__ = ["Modes"]


class Modes(Parts):
    """Writes all implementations of one shape, by mode."""

    def implementations(self) -> Lines:
        if self.shape.together:
            return self.gathered_together()
        lines = {
            Mode.COLLECTING: self.collecting,
            Mode.NAMED: self.named,
            Mode.FIRSTRESULT: self.first_result,
            Mode.PIPELINE: self.pipeline,
            Mode.HISTORIC: self.historic,
            Mode.TELLING: self.telling,
        }[self.shape.mode]()
        return [*lines, *self.reporting()]

    def reporting(self) -> Lines:
        """The end of a call under an error policy: with nothing to report, the result."""
        if not self.shape.tolerant:
            return []
        return [
            Line("if failures:"),
            *block(plain(f"raise _collected(failures, {LABELS!r}, result)")),
            *([] if self.shape.wrappers else plain("return result")),
        ]

    def result_is(self) -> str:
        return "return" if self.returns_at_once else "result ="

    def collecting(self) -> Lines:
        parts, result = self.shape.parts, self.result_is()
        if self.has_loops:
            return self.accumulated()
        lines = plain("more = []") if self.has_extras else []
        keep = [Line("if r is not None:"), *block(plain("more.append(r)"))]
        results: list[str] = []
        for at, part in enumerate(parts):
            if isinstance(part, Extras):
                lines += self.run(at, "r", keep)
                results.append("*more")
            else:
                lines += self.run(at, f"r{at}")
                results.append(f"r{at}")
        steps = [name for name in results if name != "*more"]
        if not steps:
            return [*lines, Line(f"{result} [{', '.join(results)}]")]
        if len(results) == 1:
            return [*lines, Line(f"{result} [] if r0 is None else [r0]")]
        return [
            *lines,
            Line(f"if {' and '.join(f'{name} is not None' for name in steps)}:"),
            *block(plain(f"{result} [{', '.join(results)}]")),
            Line("else:"),
            *block(plain(f"{result} [r for r in ({', '.join(results)},) if r is not None]")),
        ]

    def accumulated(self) -> Lines:
        only = self.shape.parts[0] if len(self.shape.parts) == 1 else None
        simple = isinstance(only, Loop) and only.step is not None and only.how is How.PLAIN
        if simple and not self.shape.tolerant:
            return self.one_comprehension()
        keep = [Line("if r is not None:"), *block(plain("result.append(r)"))]
        lines = [line for at in range(len(self.shape.parts)) for line in self.run(at, "r", keep)]
        return [
            Line("result = []"),
            *lines,
            *(plain("return result") if self.returns_at_once else []),
        ]

    def one_comprehension(self) -> Lines:
        """Faster than a loop with ``append``, as `benchmarks` shows; None is looked for after."""
        only = self.shape.parts[0]
        assert isinstance(only, Loop)
        assert only.step is not None
        everything = "[r for r in result if r is not None]"
        return [
            Line("iterator = iter(functions0)"),
            Line(
                f"result = [{self.call('i', only.step)} for i in iterator]",
                self.first_part,
                many=True,
            ),
            Line("for r in result:"),
            *block(
                plain("if r is None:"),
                block(
                    plain("return " + everything)
                    if self.returns_at_once
                    else plain("result = " + everything, "break")
                ),
            ),
            *(plain("return result") if self.returns_at_once else []),
        ]

    def named(self) -> Lines:
        steps = [
            line
            for at in range(len(self.shape.parts))
            for line in self.run(at, "r", plain("every.append(r)"))
        ]
        pairs = "[_Result(name, r) for name, r in zip(names, every) if r is not None]"
        return [Line("every = []"), *steps, Line(f"{self.result_is()} {pairs}")]

    def first_result(self) -> Lines:
        lines: Lines = plain("result = None") if not self.starts_with_step() else []
        for at, part in enumerate(self.shape.parts):
            if isinstance(part, Step):
                run = self.run(at, "result")
            else:
                found = [Line("if result is not None:"), *block(plain("break"))]
                run = self.run(at, "result", found)
            if self.returns_at_once:
                done = [Line("if result is not None:"), *block(plain("return result"))]
                lines += [*run, *done]
            elif at:
                lines += [Line("if result is None:"), *block(run)]
            else:
                lines += run
        return [*lines, *(plain("return None") if self.returns_at_once else [])]

    def starts_with_step(self) -> bool:
        return bool(self.shape.parts) and isinstance(self.shape.parts[0], Step)

    def pipeline(self) -> Lines:
        threaded = self.words.arguments[0]
        keep = [Line("if r is not None:"), *block(plain(f"{threaded} = r"))]
        lines = [line for at in range(len(self.shape.parts)) for line in self.run(at, "r", keep)]
        return [*lines, Line(f"{self.result_is()} {threaded}")]

    def historic(self) -> Lines:
        tell = [Line("if r is not None and _callback is not None:"), *block(plain("_callback(r)"))]
        lines = [line for at in range(len(self.shape.parts)) for line in self.run(at, "r", tell)]
        return [*lines, *plain("result = None" if self.shape.tolerant else "return None")]

    def telling(self) -> Lines:
        lines = [line for at in range(len(self.shape.parts)) for line in self.run(at, "r")]
        return [*lines, Line(f"{self.result_is()} None")]

    def gathered_together(self) -> Lines:
        given = "".join(f"{name}, " for name in self.words.arguments)
        failures = "tolerate, failures" if self.shape.tolerant else "None, []"
        pairs = "_Result(name, r) for name, r in zip(names, every)"
        each = pairs if self.shape.mode is Mode.NAMED else "r for r in every"
        return [
            Line(f"every = await _together(pieces, ({given}), {LABELS!r}, {failures})"),
            Line(f"{self.result_is()} [{each} if r is not None]"),
            *self.reporting(),
        ]

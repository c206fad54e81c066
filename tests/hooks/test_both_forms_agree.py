"""A call runs step by step at first and as compiled code later: nobody can tell which.

Random sets of implementations and wrappers are held to a plain reference, in both forms and under
both managers.
"""

import inspect
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import hotplug.hooks.caller
from hotplug import AsyncPluginManager, HookErrors, HookimplMarker, HookspecMarker, PluginManager

hookspec = HookspecMarker("p")
hookimpl = HookimplMarker("p")

Mode = Literal["collecting", "firstresult", "pipeline"]
Log = list[tuple[Any, ...]]

ARGUMENTS = ("a", "b", "c")
BOOMS: dict[str, type[BaseException]] = {
    "value error": ValueError,
    "stop": StopIteration,
    "interrupt": KeyboardInterrupt,
}


@dataclass(frozen=True)
class Part:
    """One implementation or wrapper of a random plugin."""

    kind: Literal["implementation", "generator", "around"]
    does: str
    takes: tuple[str, ...]
    tryfirst: bool = False
    trylast: bool = False
    is_async: bool = False


def takes(arguments: tuple[str, ...], must: tuple[str, ...] = ()) -> st.SearchStrategy[Any]:
    some = st.lists(st.sampled_from(arguments), unique=True, max_size=3)
    return some.map(lambda names: tuple(dict.fromkeys((*names, *must))))


def implementations(mode: Mode) -> st.SearchStrategy[Part]:
    must = ("a",) if mode == "pipeline" else ()
    does = st.sampled_from(["value", "value", "nothing", "falsy", *BOOMS])
    flags = st.sampled_from([(False, False), (False, False), (True, False), (False, True)])
    return st.builds(
        lambda does, takes, flags, is_async: Part(
            "implementation", does, takes, flags[0], flags[1], is_async
        ),
        does,
        takes(ARGUMENTS, must),
        flags,
        st.booleans(),
    )


WRAPPERS = st.one_of(
    st.builds(
        Part,
        st.just("generator"),
        st.sampled_from(
            [
                "pass",
                "replace",
                "swallow",
                "swallow with",
                "before",
                "after",
                "translate",
                "finally",
            ]
        ),
        takes(ARGUMENTS),
    ),
    st.builds(
        Part,
        st.just("around"),
        st.sampled_from(["pass", "replace", "never", "twice", "swallow", "before", "after"]),
        takes(ARGUMENTS),
    ),
)


@st.composite
def scenarios(draw: st.DrawFn) -> tuple[Mode, list[Part]]:
    mode: Mode = draw(st.sampled_from(["collecting", "firstresult", "pipeline"]))
    inner = draw(st.lists(implementations(mode), max_size=4))
    wrappers = draw(st.lists(WRAPPERS, max_size=4))
    return mode, draw(st.permutations([*inner, *wrappers]))


def function_of(part: Part, tag: str, log: Log) -> Callable[..., Any]:
    """The function that a part stands for, with a real signature of its own."""

    def implementation(*args: Any) -> Any:
        log.append((tag, *args))
        if part.does in BOOMS:
            raise BOOMS[part.does](tag)
        return {"value": f"{tag}{args}", "nothing": None, "falsy": 0}[part.does]

    def generator(*args: Any) -> Generator[Any, Any, Any]:
        log.append((tag, "before", *args))
        if part.does == "before":
            raise ValueError(tag)
        try:
            result: Any = yield
        except BaseException as error:
            log.append((tag, "saw", type(error), *map(str, error.args)))
            if part.does == "translate":
                raise LookupError(tag) from error
            if part.does == "swallow":
                return None
            if part.does == "swallow with":
                return tag
            raise
        finally:
            log.append((tag, "finally"))
        log.append((tag, "after", result))
        if part.does == "after":
            raise ValueError(tag)
        return [tag] if part.does == "replace" else None

    def around(call_next: Callable[..., Any], *args: Any) -> Any:
        log.append((tag, "before", *args))
        if part.does == "before":
            raise ValueError(tag)
        if part.does == "never":
            return tag
        try:
            result = call_next("x", b="y", c="z")
            if part.does == "twice":
                result = call_next(*ARGUMENTS)
        except BaseException as error:
            log.append((tag, "saw", type(error), *map(str, error.args)))
            if part.does != "swallow":
                raise
            result = tag
        log.append((tag, "after", result))
        if part.does == "after":
            raise ValueError(tag)
        return [tag] if part.does == "replace" else result

    body = {"implementation": implementation, "generator": generator, "around": around}[part.kind]
    names = ("call_next", *part.takes) if part.kind == "around" else part.takes
    given = ", ".join(names)
    yields = "return (yield from body({}))" if part.kind == "generator" else "return body({})"
    prefix = "async " if part.is_async else ""
    scope: dict[str, Any] = {"body": body}
    exec(f"{prefix}def hook(self{', ' if names else ''}{given}): {yields.format(given)}", scope)
    function: Callable[..., Any] = scope["hook"]
    return function


def plugin_of(part: Part, tag: str, log: Log) -> object:
    mark = hookimpl(
        tryfirst=part.tryfirst,
        trylast=part.trylast,
        wrapper=part.kind == "generator",
        around=part.kind == "around",
    )
    return type("Plugin", (), {"hook": mark(function_of(part, tag, log))})()


def spec_of(mode: Mode, policy: Any) -> type:
    def hook(self: object, a: Any, b: Any, c: Any) -> Any: ...

    options: dict[str, Any] = {mode: True} if mode != "collecting" else {}
    return type("Specs", (), {"hook": hookspec(policy=policy, **options)(hook)})


def outcome(call: Callable[[], Any]) -> tuple[Any, ...]:
    """What a call came to, as far as anyone can see; times and tracebacks aside."""
    try:
        return ("result", call())
    except BaseException as error:
        return ("raised", *described(error))


def described(error: BaseException) -> tuple[Any, ...]:
    inner = [described(each) for each in error.exceptions] if isinstance(error, HookErrors) else []
    cause = error.__cause__ and described(error.__cause__)
    notes = tuple(getattr(error, "__notes__", ()))
    text = () if isinstance(error, HookErrors) else tuple(map(str, error.args))
    return (type(error), text, notes, cause, inner)


def call_twice(pm: Any, log: Log) -> list[tuple[Any, ...]]:
    """The outcome and the log of the first call, and of a later one."""
    seen = []
    for _ in range(2):
        log.clear()
        result = outcome(lambda: pm.hook.hook(a="A", b="B", c="C"))
        seen.append((result, tuple(log)))
    return seen


@pytest.fixture(autouse=True)
def compile_after_one_call(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hotplug.hooks.caller, "WORTH_BINDING", 1)
    monkeypatch.setattr(hotplug.hooks.caller, "WORTH_COMPILING", 1)


@settings(max_examples=400)
@given(scenarios(), st.sampled_from(["raise", "collect", "skip"]))
def test_a_call_is_the_same_before_and_after_it_is_compiled(
    scenario: tuple[Mode, list[Part]], policy: Any
) -> None:
    mode, parts = scenario
    log: Log = []
    pm = PluginManager[Any]("p")
    pm.add_hookspecs(spec_of(mode, policy))
    for at, part in enumerate(parts):
        if not part.is_async:
            pm.register(plugin_of(part, f"p{at}", log), name=f"p{at}")

    step_by_step, compiled = call_twice(pm, log)

    assert pm.hook.hook.__code__.co_filename.startswith("hook p.hook")
    assert compiled == step_by_step


@settings(max_examples=400)
@given(scenarios())
def test_a_call_does_what_the_plain_reference_does(scenario: tuple[Mode, list[Part]]) -> None:
    mode, parts = scenario
    sync = [part for part in parts if not part.is_async]
    log: Log = []
    pm = PluginManager[Any]("p")
    pm.add_hookspecs(spec_of(mode, None))
    for at, part in enumerate(sync):
        pm.register(plugin_of(part, f"p{at}", log), name=f"p{at}")

    found = call_twice(pm, log)[1]
    log.clear()
    expected = outcome(lambda: reference(mode, sync, log)), tuple(log)

    assert without_notes(found) == without_notes(expected)


@settings(max_examples=200)
@given(scenarios())
def test_an_async_call_does_what_the_plain_reference_does(
    scenario: tuple[Mode, list[Part]],
) -> None:
    mode, parts = scenario
    # Around wrappers of an async hook are coroutine functions; those have tests of their own. A
    # StopIteration cannot leave a coroutine: Python makes a RuntimeError of it.
    parts = [part for part in parts if part.kind != "around" and part.does != "stop"]
    log: Log = []
    pm = AsyncPluginManager[Any]("p")
    pm.add_hookspecs(spec_of(mode, None))
    for at, part in enumerate(parts):
        pm.register(plugin_of(part, f"p{at}", log), name=f"p{at}")

    async def call() -> Any:
        return await pm.hook.hook(a="A", b="B", c="C")

    found = outcome(lambda: drive(call())), tuple(log)
    log.clear()
    expected = outcome(lambda: reference(mode, parts, log)), tuple(log)

    assert without_notes(found) == without_notes(expected)


def drive(coroutine: Any) -> Any:
    """Run a coroutine that never waits; a loop would treat KeyboardInterrupt in its own way."""
    try:
        coroutine.send(None)
    except StopIteration as stop:
        return stop.value
    raise AssertionError("it waited")


def without_notes(seen: tuple[Any, ...]) -> tuple[Any, ...]:
    result, log = seen
    return (result[:3] if result[0] == "raised" else result), log


def reference(mode: Mode, parts: Sequence[Part], log: Log) -> Any:
    """What a hook call means, written for reading and for nothing else."""
    tagged = [(part, f"p{at}") for at, part in enumerate(parts)]
    buckets = sorted(tagged, key=lambda pair: pair[0].trylast - pair[0].tryfirst)
    wrappers = [pair for pair in tagged if pair[0].kind != "implementation"]
    others = [pair for pair in buckets if pair[0].kind == "implementation"]

    def answer(part: Part, tag: str, given: dict[str, Any], *first: Any) -> Any:
        value = function_of(part, tag, log)(None, *first, *(given[name] for name in part.takes))
        return drive(value) if inspect.iscoroutine(value) else value

    def inner(given: dict[str, Any]) -> Any:
        results = []
        for part, tag in others:
            value = answer(part, tag, given)
            if value is None:
                continue
            results.append(value)
            if mode == "firstresult":
                break
            if mode == "pipeline":
                given = given | {"a": value}
        if mode == "pipeline":
            return given["a"]
        return results if mode == "collecting" else (results or [None])[0]

    def layer(at: int, given: dict[str, Any]) -> Any:
        if at == len(wrappers):
            return inner(given)
        part, tag = wrappers[at]
        if part.kind == "around":
            return answer(part, tag, given, lambda a, b, c: layer(at + 1, {"a": a, "b": b, "c": c}))
        generator = answer(part, tag, given)
        next(generator)
        result: Any = None
        try:
            result = layer(at + 1, given)
        except BaseException as error:
            try:
                generator.throw(error)
            except StopIteration as stop:
                empty = {"collecting": [], "firstresult": None, "pipeline": given["a"]}[mode]
                return empty if stop.value is None else stop.value
            except RuntimeError as converted:
                raise (error if converted.__cause__ is error else converted) from None
        try:
            generator.send(result)
        except StopIteration as stop:
            return result if stop.value is None else stop.value

    return layer(0, {"a": "A", "b": "B", "c": "C"})

"""What one sees of a hook call that fails, and of a hook that one looks at."""

import contextlib
import inspect
import io
import linecache
import pdb  # noqa: T100
import pydoc
import traceback
from collections.abc import Callable, Generator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import hotplug
from hotplug import HookErrors, HookimplMarker, HookspecMarker, PluginManager

pytestmark = pytest.mark.usefixtures("form")

hookspec = HookspecMarker("rail")
hookimpl = HookimplMarker("rail")

Function = Callable[..., object]
OURS = str(Path(hotplug.__file__).parent / "hooks")


class Specs:
    @hookspec
    def depart(self, train: str, platform: int = 1) -> Any:
        """Say that a train leaves."""

    @hookspec(firstresult=True)
    def track(self, train: str) -> Any: ...

    @hookspec(pipeline=True)
    def announce(self, text: str) -> Any: ...

    @hookspec(historic=True)
    def opened(self, train: str) -> Any: ...


Manager = PluginManager[Specs]


class Trouble:
    """Raises an error once it is switched on: a call that went well before fails then."""

    def __init__(self, error: BaseException) -> None:
        self.error = error
        self.on = False

        def strike(train: str) -> None:
            if self.on:
                raise self.error

        def strike_text(text: str) -> None:
            if self.on:
                raise self.error

        self.strike: Function = strike
        self.strike_text: Function = strike_text

    def caught(self, call: Callable[[], object]) -> BaseException:
        """The error of a call that is made twice well before."""
        call()
        call()
        self.on = True
        try:
            return raised_by(call)
        finally:
            self.on = False


def raised_by(call: Callable[[], object]) -> BaseException:
    try:
        call()
    except BaseException as error:
        return error
    raise AssertionError("the call did not raise")


@pytest.fixture
def trouble() -> Trouble:
    return Trouble(ValueError("signal failure"))


def plugin(**functions: Any) -> SimpleNamespace:
    return SimpleNamespace(**{hook: hookimpl(function) for hook, function in functions.items()})


def around(function: Any) -> SimpleNamespace:
    return SimpleNamespace(depart=hookimpl(around=True)(function))


def wrapper(function: Any) -> SimpleNamespace:
    return SimpleNamespace(depart=hookimpl(wrapper=True)(function))


def manager(**plugins: SimpleNamespace) -> Manager:
    pm = PluginManager("rail", Specs)
    for name, each in plugins.items():
        pm.register(each, name)
    return pm


def frames(error: BaseException) -> list[str]:
    """The functions in a traceback below the test's own; those of ours are in brackets."""
    shown: list[str] = []
    for frame in traceback.extract_tb(error.__traceback__):
        is_ours = frame.filename.startswith((OURS, "hook "))
        shown.append(f"[{frame.name}]" if is_ours else frame.name)
    return shown[shown.index("<lambda>") + 1 :]


# one frame for each hook call


def test_a_traceback_has_one_frame_for_a_hook_call(trouble: Trouble) -> None:
    pm = manager(a=plugin(depart=trouble.strike))

    error = trouble.caught(lambda: pm.hook.depart(train="IC 5"))

    assert frames(error) == ["[depart]", "strike"]


def test_the_very_first_call_has_one_frame_too(
    trouble: Trouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()  # how calls begin by themselves
    pm = manager(a=plugin(depart=trouble.strike))
    trouble.on = True

    error = raised_by(lambda: pm.hook.depart(train="IC 5"))

    assert frames(error) == ["[depart]", "strike"]


@pytest.mark.parametrize("count", [1, 60])
def test_every_mode_has_one_frame(trouble: Trouble, count: int) -> None:
    pm = manager()
    for _ in range(count):
        pm.register(
            plugin(
                depart=trouble.strike,
                track=trouble.strike,
                announce=trouble.strike_text,
                opened=trouble.strike,
            )
        )
    opened = pm.caller("opened")

    for name, call in {
        "track": lambda: pm.hook.track(train="IC 5"),
        "announce": lambda: pm.hook.announce(text="IC 5"),
        "opened": lambda: opened.call_historic({"train": "IC 5"}),
        "depart": lambda: pm.hook.depart(train="IC 5"),
    }.items():
        last = "strike_text" if name == "announce" else "strike"
        trouble.error = ValueError(name)
        assert frames(trouble.caught(call)) == [f"[{name}]", last]


def test_one_of_many_that_differ_has_one_frame(trouble: Trouble) -> None:
    pm = manager()
    for at in range(60):
        pm.register(plugin(depart=trouble.strike if at == 40 else lambda platform: platform))

    error = trouble.caught(lambda: pm.hook.depart(train="IC 5"))

    assert frames(error) == ["[depart]", "strike"]


def test_a_keyword_only_implementation_of_many_has_one_frame(trouble: Trouble) -> None:
    def strikes(*, train: str) -> None:
        trouble.strike(train)

    pm = manager()
    for at in range(60):
        pm.register(plugin(depart=strikes if at == 40 else lambda platform: platform))

    error = trouble.caught(lambda: pm.hook.depart(train="IC 5"))

    assert frames(error) == ["[depart]", "strikes", "strike"]


def test_other_ways_to_call_have_one_frame(trouble: Trouble) -> None:
    pm = manager(a=plugin(depart=trouble.strike), b=plugin(depart=lambda: "b"))
    depart = pm.caller("depart")
    kwargs = {"train": "IC 5"}
    first = hookimpl(tryfirst=True)(lambda: "first")
    without_b, raising = depart.without("b"), depart.with_policy("raise")
    ways: dict[str, Callable[[], object]] = {
        "collect_with_plugins": lambda: depart.collect_with_plugins(train="IC 5"),
        "call_extra": lambda: depart.call_extra([lambda: "extra"], kwargs),
        "call_extra, marked": lambda: depart.call_extra([first], kwargs),
        "without": lambda: without_b(train="IC 5"),
        "with_policy": lambda: raising(train="IC 5"),
    }

    for way, call in ways.items():
        trouble.error = ValueError(way)
        assert frames(trouble.caught(call)) == ["[depart]", "strike"], way


def test_an_extra_that_fails_has_one_frame(trouble: Trouble) -> None:
    depart = manager(a=plugin(depart=lambda: "a")).caller("depart")

    plain = trouble.caught(lambda: depart.call_extra([trouble.strike], {"train": "IC 5"}))
    assert frames(plain) == ["[depart]", "strike"]

    hookimpl(tryfirst=True)(trouble.strike)
    trouble.error = ValueError("marked")
    marked = trouble.caught(lambda: depart.call_extra([trouble.strike], {"train": "IC 5"}))
    assert frames(marked) == ["[depart]", "strike"]


def test_wrong_arguments_show_no_more_than_one_frame() -> None:
    depart: Any = manager(a=plugin(depart=lambda: "a")).caller("depart")

    ways: list[Callable[[], object]] = [
        lambda: depart(trian="IC 5"),
        lambda: depart.call_extra([], {"trian": "IC 5"}),
        lambda: depart.collect_with_plugins(trian="IC 5"),
    ]
    for call in ways:
        with pytest.raises(TypeError) as caught:
            call()
        assert frames(caught.value) in ([], ["[depart]"])


def test_nested_hook_calls_have_a_frame_each(trouble: Trouble) -> None:
    pm = manager(inner=plugin(track=trouble.strike))

    def depart(train: str) -> object:
        return pm.hook.track(train=train)

    pm.register(plugin(depart=depart), "outer")

    error = trouble.caught(lambda: pm.hook.depart(train="IC 5"))

    assert frames(error) == ["[depart]", "depart", "[track]", "strike"]
    assert error.__notes__ == [
        "hook 'track': raised by plugin 'inner'",
        "hook 'depart': raised by plugin 'outer'",
    ]


def test_a_recursion_has_a_frame_for_each_level(trouble: Trouble) -> None:
    pm = manager()

    def depart(train: str, platform: int) -> object:
        if platform:
            return pm.hook.depart(train, platform - 1)
        return trouble.strike(train)

    pm.register(plugin(depart=depart))

    error = trouble.caught(lambda: pm.hook.depart(train="IC 5", platform=2))

    assert frames(error) == ["[depart]", "depart"] * 3 + ["strike"]


def test_nested_hook_calls_through_wrappers_have_a_note_each(trouble: Trouble) -> None:
    def passes(call_next: Function, train: str) -> object:
        return call_next(train)

    def wrap() -> Generator[None, None, None]:
        yield

    pm = manager(inner=plugin(track=trouble.strike), outer_wrapper=around(passes))
    pm.register(SimpleNamespace(track=hookimpl(around=True)(passes)), "inner_wrapper")
    pm.register(SimpleNamespace(track=hookimpl(wrapper=True)(wrap)), "inner_generator")

    def depart(train: str) -> object:
        return pm.hook.track(train=train)

    pm.register(plugin(depart=depart), "outer")

    error = trouble.caught(lambda: pm.hook.depart(train="IC 5"))

    assert frames(error) == ["[depart]", "passes", "depart", "[track]", "passes", "strike"]
    assert error.__notes__ == [
        "hook 'track': raised by plugin 'inner'",
        "hook 'depart': raised by plugin 'outer'",
    ]


def test_a_watched_and_timed_call_has_one_frame_too(trouble: Trouble) -> None:
    pm = manager(a=plugin(depart=trouble.strike))
    pm.add_hookcall_monitoring(lambda *told: None, lambda *told: None)
    pm.enable_timing()

    error = trouble.caught(lambda: pm.hook.depart(train="IC 5"))

    assert frames(error) == ["[depart]", "strike"]
    assert error.__notes__ == ["hook 'depart': raised by plugin 'a'"]


# wrappers


def test_wrappers_that_let_an_error_through_leave_no_frames(trouble: Trouble) -> None:
    def wrap() -> Generator[None, None, None]:
        yield

    def rewrap() -> Generator[None, None, None]:
        with contextlib.suppress(KeyError):
            yield

    pm = manager(w1=wrapper(wrap), w2=wrapper(rewrap), a=plugin(depart=trouble.strike))

    error = trouble.caught(lambda: pm.hook.depart(train="IC 5"))

    assert frames(error) == ["[depart]", "strike"]


@pytest.mark.parametrize("moment", ["setup", "teardown"])
def test_an_error_of_a_wrapper_has_one_frame(trouble: Trouble, moment: str) -> None:
    def wrap(train: str) -> Generator[None, None, None]:
        if moment == "setup":
            trouble.strike(train)
        yield
        trouble.strike(train)

    def outer() -> Generator[None, None, None]:
        yield

    pm = manager(outer=wrapper(outer), wrap=wrapper(wrap), a=plugin(depart=lambda: "a"))

    error = trouble.caught(lambda: pm.hook.depart(train="IC 5"))

    assert frames(error) == ["[depart]", "wrap", "strike"]


def test_an_error_that_a_wrapper_raises_over_another_has_one_frame(trouble: Trouble) -> None:
    def wrap() -> Generator[None, None, None]:
        try:
            yield
        except ValueError as error:
            raise LookupError from error

    def outer() -> Generator[None, None, None]:
        yield

    pm = manager(outer=wrapper(outer), wrap=wrapper(wrap), a=plugin(depart=trouble.strike))

    error = trouble.caught(lambda: pm.hook.depart(train="IC 5"))

    assert frames(error) == ["[depart]", "wrap"]
    assert error.__cause__ is trouble.error
    shown = traceback.extract_tb(trouble.error.__traceback__)
    assert shown[-1].name == "strike"


def test_around_wrappers_that_take_everything_add_only_their_own_frames(trouble: Trouble) -> None:
    def outer(call_next: Function, train: str, platform: int) -> object:
        return call_next(train, platform)

    def inner(call_next: Function, train: str, platform: int) -> object:
        return call_next(train, platform)

    pm = manager(outer=around(outer), inner=around(inner), a=plugin(depart=trouble.strike))

    error = trouble.caught(lambda: pm.hook.depart(train="IC 5"))

    assert frames(error) == ["[depart]", "outer", "inner", "strike"]


def test_around_wrappers_that_take_some_arguments_add_only_their_own_frames(
    trouble: Trouble,
) -> None:
    def outer(call_next: Function, train: str) -> object:
        return call_next(train)

    def inner(train: str, call_next: Function) -> object:
        return call_next(train=train)

    pm = manager(outer=around(outer), inner=around(inner), a=plugin(depart=trouble.strike))

    error = trouble.caught(lambda: pm.hook.depart(train="IC 5"))

    assert frames(error) == ["[depart]", "outer", "inner", "strike"]


def test_under_a_policy_the_errors_keep_their_own_tracebacks(trouble: Trouble) -> None:
    pm = manager(a=plugin(depart=trouble.strike), b=plugin(depart=lambda: "b"))
    view = pm.caller("depart").with_policy("collect")

    group = trouble.caught(lambda: view(train="IC 5"))

    assert isinstance(group, HookErrors)
    assert frames(group) == ["[depart]"]
    (error,) = group.exceptions
    names = [frame.name for frame in traceback.extract_tb(error.__traceback__)]
    assert names[-1] == "strike"
    assert len(names) == 2


# what is printed


def printed(error: BaseException) -> str:
    return "".join(traceback.format_exception(error))


def test_a_printed_traceback_shows_the_line_of_the_plugin(trouble: Trouble, form: str) -> None:
    pm = manager(timetable=plugin(depart=trouble.strike))

    text = printed(trouble.caught(lambda: pm.hook.depart(train="IC 5")))

    assert "raise self.error" in text
    assert text.endswith("signal failure\nhook 'depart': raised by plugin 'timetable'\n")
    if form == "compiled":
        assert 'File "hook rail.depart (' in text
        assert "i0(train)  # timetable" in text


@pytest.mark.parametrize("form", ["compiled"], indirect=True)
def test_the_source_of_a_compiled_call_names_every_plugin() -> None:
    pm = manager(one=plugin(depart=lambda: 1), two=plugin(depart=lambda train: train))
    pm.hook.depart(train="IC 5")

    source = "".join(linecache.getlines(pm.caller("depart").__code__.co_filename))

    assert source.startswith("def depart(train, platform):")
    assert "i0()  # one" in source
    assert "i1(train)  # two" in source
    compile(source.replace("labels", "None"), "call", "exec")


def test_a_traceback_that_is_kept_shows_its_source_after_the_plugin_has_left(
    trouble: Trouble, form: str
) -> None:
    pm = manager(timetable=plugin(depart=trouble.strike))
    error = trouble.caught(lambda: pm.hook.depart(train="IC 5"))

    pm.unregister("timetable")
    pm.hook.depart(train="IC 5")
    linecache.checkcache()

    assert ("i0(train)  # timetable" in printed(error)) == (form == "compiled")


def test_nothing_of_ours_is_the_context_of_an_error(trouble: Trouble) -> None:
    def wrap() -> Generator[None, None, None]:
        yield

    pm = manager(w=wrapper(wrap), a=plugin(depart=trouble.strike))

    error = trouble.caught(lambda: pm.hook.depart(train="IC 5"))

    assert error.__context__ is None
    assert error.__cause__ is None


def test_an_error_handled_by_the_caller_stays_the_context(trouble: Trouble) -> None:
    pm = manager(a=plugin(depart=trouble.strike))

    def call() -> object:
        try:
            raise KeyError
        except KeyError:
            return pm.hook.depart(train="IC 5")

    error = trouble.caught(call)

    assert isinstance(error.__context__, KeyError)


# a debugger


def debugged(commands: str) -> tuple[pdb.Pdb, io.StringIO]:
    out = io.StringIO()
    return pdb.Pdb(stdin=io.StringIO(commands), stdout=out, nosigint=True, readrc=False), out


def test_a_debugger_goes_up_from_the_plugin_into_the_call(trouble: Trouble, form: str) -> None:
    pm = manager(timetable=plugin(depart=trouble.strike))
    error = trouble.caught(lambda: pm.hook.depart(train="IC 5"))

    debugger, out = debugged("where\nup\nlist\nquit\n")
    debugger.reset()
    debugger.interaction(None, error.__traceback__)

    where, _, listing = out.getvalue().partition("(Pdb) > ")
    assert "strike()" in where
    assert "depart" in listing
    assert ("# timetable" in listing) == (form == "compiled")


def test_a_debugger_steps_from_a_hook_into_a_plugin() -> None:
    seen: list[str] = []

    def reached(train: str) -> None:
        seen.append(train)

    pm = manager(timetable=plugin(depart=reached))
    for _ in range(3):
        pm.hook.depart(train="IC 5")

    debugger, out = debugged("step\n" * 80 + "continue\n")
    result = debugger.runcall(pm.caller("depart"), train="IC 6")

    assert result == []
    assert seen[-1] == "IC 6"
    assert "reached(" in out.getvalue()


# looking at a hook


def test_a_hook_is_a_plain_function_with_the_name_and_the_words_of_its_declaration() -> None:
    depart = manager().caller("depart")

    assert inspect.isfunction(depart)
    assert depart.__name__ == "depart"
    assert depart.__doc__ == "Say that a train leaves."


def test_a_hook_shows_the_signature_of_its_declaration_without_self() -> None:
    pm = manager(a=plugin(depart=lambda: 1))
    for _ in range(3):
        signature = inspect.signature(pm.caller("depart"))
        assert str(signature) == "(train: str, platform: int = 1) -> Any"
        pm.hook.depart(train="IC 5")


def test_help_of_a_hook_shows_signature_and_words() -> None:
    text = pydoc.plain(pydoc.render_doc(manager().caller("depart")))

    assert "depart(train: str, platform: int = 1)" in text
    assert "Say that a train leaves." in text


def test_the_source_of_a_hook_is_its_declaration() -> None:
    source = inspect.getsource(manager().caller("depart"))

    assert "def depart(self, train: str, platform: int = 1)" in source

"""Random plugins and random calls: ours and pluggy come to the same, in the same order of events.

Calls of ours need nothing built at first, then run step by step, and as compiled code later; all
three forms are held to pluggy.
"""

import warnings
from collections.abc import Callable, Generator
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import pluggy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import hotplug.compat.pluggy
import hotplug.hooks.caller

ARGUMENTS = ("a", "b", "c")
UNSPECIFIED = "d"
BOOMS: dict[str, type[BaseException]] = {
    "value error": ValueError,
    "runtime error": RuntimeError,
    "stop": StopIteration,
    "interrupt": KeyboardInterrupt,
}


@pytest.fixture(autouse=True, params=["at once", "step by step", "compiled"])
def form(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Never make a plan of a call, or never compile it, or after one call already."""
    worth = 1 if request.param == "compiled" else 1 << 62
    first = worth if request.param == "at once" else 0
    monkeypatch.setattr(hotplug.hooks.caller.Caller, "first_calls", first)
    monkeypatch.setattr(hotplug.hooks.caller, "WORTH_BINDING", worth)
    monkeypatch.setattr(hotplug.hooks.caller, "WORTH_COMPILING", worth)


# what happens


@dataclass(frozen=True)
class Part:
    """A function of a random plugin: what it does, and which arguments it takes."""

    does: str
    takes: tuple[str, ...]
    own_defaults: int = 0
    """How many of the last arguments have a default."""
    options: tuple[str, ...] = ()

    @property
    def kind(self) -> str:
        kinds = [kind for kind in ("wrapper", "hookwrapper") if kind in self.options]
        return kinds[0] if kinds else "implementation"

    def signature(self) -> str:
        required = len(self.takes) - self.own_defaults
        return ", ".join(
            name if at < required else f"{name}='own {name}'" for at, name in enumerate(self.takes)
        )


@dataclass(frozen=True)
class Specify:
    """Specify the hook."""

    defaults: int
    firstresult: bool = False
    historic: bool = False


@dataclass(frozen=True)
class Register:
    """Register a plugin."""

    part: Part


@dataclass(frozen=True)
class Unregister:
    """Unregister one of those who are there."""

    which: int


@dataclass(frozen=True)
class Call:
    """Call the hook: all of it or a subset, with more functions or without."""

    given: tuple[str, ...]
    without: frozenset[int] = frozenset()
    extra: tuple[Part, ...] = ()
    warnings_are_errors: bool = False


@dataclass(frozen=True)
class Watch:
    """Add a monitor, or take the newest away."""


@dataclass(frozen=True)
class Remember:
    """Call the historic hook, with somebody who wants the results or without."""

    given: tuple[str, ...]
    told: bool


Step = Specify | Register | Unregister | Call | Watch | Remember


def some(names: tuple[str, ...]) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(st.sampled_from(names), unique=True).map(tuple)


PLACES = st.sampled_from([(), (), ("tryfirst",), ("trylast",)])
GIVEN = st.one_of(st.just(ARGUMENTS), some((*ARGUMENTS, UNSPECIFIED, "unknown")))


def parts(
    does: list[str], *options: str, arguments: tuple[str, ...] = ARGUMENTS
) -> st.SearchStrategy[Part]:
    return st.tuples(some(arguments), st.integers(0, 1), PLACES, st.sampled_from(does)).map(
        lambda drawn: Part(drawn[3], drawn[0], min(drawn[1], len(drawn[0])), (*options, *drawn[2]))
    )


IMPLEMENTATIONS = parts(["value", "value", "nothing", "falsy", "empty", "join", "leave", *BOOMS])
NEW_WRAPPERS = parts(
    ["pass", "nothing", "replace", "swallow", "before", "after", "translate", "stop", "never"],
    "wrapper",
)
OLD_WRAPPERS = parts(
    ["pass", "force", "fail", "get", "before", "after", "mend", "stop", "never", "twice"],
    "hookwrapper",
)
MISFITS = parts(["value"], arguments=(*ARGUMENTS, UNSPECIFIED))

PARTS = st.one_of(IMPLEMENTATIONS, IMPLEMENTATIONS, NEW_WRAPPERS, OLD_WRAPPERS, MISFITS)
CALLS = st.builds(
    Call,
    GIVEN,
    st.one_of(st.just(frozenset[int]()), st.frozensets(st.integers(0, 4))),
    st.one_of(st.just(()), st.lists(IMPLEMENTATIONS, max_size=2).map(tuple)),
    st.booleans(),
)
STEPS: st.SearchStrategy[list[Step]] = st.lists(
    st.one_of(
        st.builds(Register, PARTS),
        st.builds(Register, PARTS),
        st.builds(Unregister, st.integers(0, 4)),
        CALLS,
        CALLS,
        st.builds(Watch),
        st.builds(Specify, st.integers(0, 3), st.booleans()),
    ),
    max_size=12,
)
HISTORIC_STEPS: st.SearchStrategy[list[Step]] = st.lists(
    st.one_of(
        st.builds(Register, st.one_of(IMPLEMENTATIONS, IMPLEMENTATIONS, NEW_WRAPPERS, MISFITS)),
        st.builds(Unregister, st.integers(0, 4)),
        st.builds(Remember, GIVEN, st.booleans()),
        st.builds(Watch),
    ),
    max_size=10,
)


# who does it


class World:
    """A manager of one library, its plugins, and all that was seen to happen."""

    def __init__(self, library: ModuleType) -> None:
        self.library = library
        self.pm: Any = library.PluginManager("p")
        self.log: list[Any] = []
        self.undo: list[Callable[[], None]] = []
        self.made = 0

    def play(self, steps: list[Step]) -> list[Any]:
        """What each step came to, and what was seen meanwhile.

        A call is made twice: the second time on code that was compiled after the first.
        """
        twice = [step for step in steps for _ in range(2 if isinstance(step, Call) else 1)]
        return [self.seen_in(step) for step in twice]

    def seen_in(self, step: Step) -> Any:
        self.log = []
        do = getattr(self, type(step).__name__.lower())
        with warnings.catch_warnings(record=True) as warned:
            is_strict = isinstance(step, Call) and step.warnings_are_errors
            warnings.simplefilter("error" if is_strict else "always")
            came_to = outcome(lambda: do(step))
        return came_to, self.log, [warning.category.__name__ for warning in warned]

    def specify(self, step: Specify) -> None:
        mark = self.library.HookspecMarker("p")(
            firstresult=step.firstresult, historic=step.historic
        )
        specs = ModuleType("specs")
        vars(specs)["hook"] = mark(self.function(Part("value", ARGUMENTS, step.defaults)))
        self.pm.add_hookspecs(specs)

    def register(self, step: Register) -> None:
        self.made += 1
        options: dict[str, Any] = dict.fromkeys(step.part.options, True)
        function = self.library.HookimplMarker("p")(**options)(self.function(step.part))
        plugin = type("Plugin", (), {"hook": staticmethod(function)})()
        self.pm.register(plugin, f"p{self.made}")

    def unregister(self, step: Unregister) -> None:
        plugin = self.plugin(step.which)
        if plugin is not None:
            self.pm.unregister(plugin)

    def plugin(self, which: int) -> Any:
        plugins = [plugin for _, plugin in self.pm.list_name_plugin()]
        return plugins[which] if which < len(plugins) else None

    def call(self, step: Call) -> Any:
        hook = self.pm.hook.hook
        if step.without:
            plugins = [self.plugin(which) for which in step.without]
            hook = self.pm.subset_hook_caller("hook", [each for each in plugins if each])
        if step.extra:
            return hook.call_extra([self.function(part) for part in step.extra], given_by(step))
        return hook(**given_by(step))

    def remember(self, step: Remember) -> Any:
        told = (lambda result: self.log.append(("told", result))) if step.told else None
        return self.pm.hook.hook.call_historic(told, given_by(step))

    def watch(self, step: Watch) -> None:
        if self.undo:
            self.undo.pop()()
            return

        def before(name: str, items: Any, kwargs: Any) -> None:
            self.log.append(("watch", name, [item.plugin_name for item in items], dict(kwargs)))

        def after(result: Any, name: str, items: Any, kwargs: Any) -> None:
            self.log.append(("watched", name, outcome(result.get_result)))

        self.undo.append(self.pm.add_hookcall_monitoring(before, after))

    def function(self, part: Part) -> Callable[..., Any]:
        """A function with the signature of the part, which does what the part does."""
        tag = f"{part.kind} {self.made}"
        run = {"wrapper": self.new, "hookwrapper": self.old}.get(part.kind, self.implementation)
        how = "" if part.kind == "implementation" else "yield from "
        scope: dict[str, Any] = {"run": run, "tag": tag, "does": part.does}
        code = f"def hook({part.signature()}): return ({how}run(tag, does, {{**locals()}}))"
        exec(code, scope)
        function: Callable[..., Any] = scope["hook"]
        return function

    def implementation(self, tag: str, does: str, given: dict[str, str]) -> Any:
        self.log.append((tag, given))
        if does in BOOMS:
            raise BOOMS[does](tag)
        if does == "join":
            self.register(Register(Part("value", ("a",), 1)))
        if does == "leave":
            self.unregister(Unregister(0))
        return {"nothing": None, "falsy": 0, "empty": ()}.get(does, tag)

    def new(self, tag: str, does: str, given: dict[str, str]) -> Generator[None, Any, Any]:
        self.log.append((tag, given))
        if does == "before":
            raise ValueError(tag)
        if does == "never":
            return None
        try:
            result = yield
        except BaseException as error:
            self.log.append((tag, described(error)))
            if does == "translate":
                raise LookupError(tag) from error
            if does == "swallow":
                return tag
            raise
        finally:
            self.log.append((tag, "finally"))
        self.log.append((tag, result))
        if does == "after":
            raise ValueError(tag)
        if does == "stop":
            raise StopIteration(tag)
        return {"replace": [tag], "nothing": None}.get(does, result)

    def old(self, tag: str, does: str, given: dict[str, str]) -> Generator[None, Any, Any]:
        self.log.append((tag, given))
        if does == "before":
            raise ValueError(tag)
        if does == "never":
            return
        result = yield
        error = result.exception
        self.log.append((tag, described(error) if error else result.get_result()))
        if does == "force" or (does == "mend" and error):
            result.force_result([tag])
        elif does == "fail":
            result.force_exception(LookupError(tag))
        elif does == "get":
            result.get_result()
        elif does == "after":
            raise ValueError(tag)
        elif does == "stop":
            raise StopIteration(tag)
        elif does == "twice":
            yield


def given_by(step: Call | Remember) -> dict[str, str]:
    return {name: f"call {name}" for name in step.given}


def outcome(function: Callable[[], Any]) -> tuple[Any, ...]:
    try:
        return ("result", function())
    except BaseException as error:
        return ("raised", *described(error))


def described(error: BaseException) -> tuple[Any, ...]:
    """The exception as far as programs look at it: what a library says it may say in own words."""
    kind = type(error).__name__
    if kind == "PluginValidationError" or isinstance(error, Warning):
        return (kind,)
    if "wrap_controller" in str(error):
        return ("RuntimeError", str(error).partition("yield")[0])
    return (kind, error.args)


@settings(max_examples=400)
@given(STEPS)
def test_a_hook_does_what_pluggys_does(steps: list[Step]) -> None:
    assert World(hotplug.compat.pluggy).play(steps) == World(pluggy).play(steps)


@settings(max_examples=200)
@given(st.integers(0, 3), HISTORIC_STEPS)
def test_a_historic_hook_does_what_pluggys_does(defaults: int, steps: list[Step]) -> None:
    steps = [Specify(defaults, historic=True), *steps]

    assert World(hotplug.compat.pluggy).play(steps) == World(pluggy).play(steps)

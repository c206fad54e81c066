"""How calls run: hotplug's kernel under pluggy's rules."""

# The names that pluggy's users reach for begin with underscores.
# pyright: reportPrivateUsage=false

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from functools import partial
from threading import Lock
from types import CodeType
from typing import Any, Final, NoReturn, cast

from hotplug.compat.pluggy._callers import HookExec, Methods
from hotplug.compat.pluggy._items import as_item, given_as, kernel_item
from hotplug.compat.pluggy._marks import NO_OPTIONS, HookImpl, HookSpec, varnames
from hotplug.compat.pluggy._warnings import warn_of_missing, warn_of_teardown
from hotplug.hooks import records
from hotplug.hooks.caller import Caller
from hotplug.hooks.entry import Direct, interpreted
from hotplug.hooks.environment import MISSING, Environment, Rules
from hotplug.hooks.hook import Hook, Undeclared
from hotplug.hooks.lenient import by_place, can_run_by_name, run_by_name
from hotplug.hooks.modes import Mode
from hotplug.hooks.plan import Plan, run_simply

__all__ = ["KernelCaller", "Surroundings", "new_surroundings", "run_these"]

PLUGGY: Final = Rules(newest_first=True, lenient=True, none_counts=True, blames=False)

UNDECLARED: Final = Undeclared()
STUB: Final = interpreted.__code__.replace(co_filename="<hotplug>")

MAKING: Final = Lock()
"""Held while what a manager's hooks share is made."""
NOTHING_KNOWN: Final[tuple[int, list[HookImpl]]] = (-1, [])


class Surroundings(Environment):
    """What the hooks of a manager share: also who executes their calls, where that is replaced."""

    def __init__(self, project: str, hookexec: HookExec | None = None) -> None:
        super().__init__(project, rules=PLUGGY)
        self.hooks: list[Hook] = []
        self.registered: dict[int, list[HookImpl]] = {}
        self.has_strays = False
        """Whether a hook was given implementations that were not registered."""
        self.hookexec = hookexec
        """The manager's own ``_hookexec``: with this one, nothing is replaced."""
        self.execute: HookExec | None = None

    def new_caller(
        self, name: str, spec: HookSpec | None = None, execute: HookExec | None = None
    ) -> KernelCaller:
        """What runs the calls of a new hook."""
        hook = new_hook(name)
        if spec is not None:
            hook.spec = spec
            names = spec.argnames + spec.kwargnames if spec.kwargnames else spec.argnames
            hook.take_leniently(names, spec.kwargdefaults)
            if spec.opts.get("firstresult"):
                hook.mode = Mode.FIRSTRESULT
        hook.caller = caller = KernelCaller(hook, self, execute=execute)
        if not (caller.is_historic or execute or self.execute):
            caller.first_turns = caller.turns = caller.first_calls
        self.hooks.append(hook)
        return caller

    def execute_with(self, execute: HookExec | None) -> None:
        """Hand every call to this function, or to the kernel again."""
        with self.lock:
            self.execute = execute
            self.version += 1
            for hook in self.hooks:
                hook.follow_rules()

    def note(self, plugin: object, items: list[HookImpl]) -> None:
        """Know that a plugin is registered with these; they hold on to it, and to its id."""
        self.registered.setdefault(id(plugin), []).extend(items)

    def withdraw(self, plugin: object) -> None:
        """Take out what a plugin was registered with, unless its hook has let go of it already."""
        with self.lock:
            for item in self.registered.pop(id(plugin), ()):
                hook: Any = item._home
                if hook is None:  # its turn never came
                    continue
                contribution = item.contribution
                items = (
                    hook.place(contribution) if contribution.is_special else hook.implementations
                )
                if item in items:
                    hook.version += 1
                    del items[item]
                    caller = hook.caller
                    caller.known = NOTHING_KNOWN
                    caller.turns = caller.first_turns
                    if hook.in_use:
                        hook.touch()


class KernelCaller(Caller):
    """The function behind a `HookCaller`; ``inner`` is the one that runs whatever stands around."""

    __slots__ = ("execute", "inner", "known", "turns_inside")

    environment: Surroundings

    def __init__(
        self,
        hook: Hook,
        environment: Surroundings,
        *,
        inner: bool = False,
        execute: HookExec | None = None,
        **options: Any,
    ) -> None:
        self.inner = inner
        self.execute = execute
        self.known = NOTHING_KNOWN
        self.turns_inside = self.first_calls
        """How many calls from inside another execution may still do without a plan."""
        super().__init__(hook, environment, **options)
        # pytest leaves frames with such a global out of what it shows.
        self.names["__tracebackhide__"] = True

    def view(self, **options: Any) -> KernelCaller:
        view = super().view(**{"execute": self.execute, "inner": self.inner} | options)
        view.first_turns = self.first_calls if view.can_go_at_once else 0
        return view

    @property
    def title(self) -> str:
        return f"<{super().title}>"  # the brackets tell pytest that there is no such file

    def first_code(self) -> CodeType:
        return STUB

    def dress(self) -> None:
        self.function.__qualname__ = self.hook.name

    @property
    def is_historic(self) -> bool:
        spec = cast("HookSpec | None", self.hook.spec)
        return spec is not None and bool(spec.opts.get("historic"))

    @property
    def can_go_at_once(self) -> bool:
        # All that a hook can be here: pluggy knows of no other modes, and of no policies.
        is_plain = not (self.own_mode or self.absent or self.extras)
        return is_plain and (self.inner or not (self.is_historic or self.executing()))

    def without_excluded(self, items: list[records.HookImpl]) -> list[records.HookImpl]:
        return [item for item in items if given_as(item).plugin not in self.excluded]

    def invalidate(self) -> None:
        self.known = NOTHING_KNOWN
        self.turns_inside = self.first_calls
        super().invalidate()

    def listed(self) -> list[HookImpl]:
        """The implementations, kept until they change: programs ask often."""
        version, items = self.known
        if version != self.hook.version:
            version, items = self.known = self.hook.version, self.implementations()
        return items.copy()

    def implementations(self, extra: tuple[records.HookImpl, ...] = ()) -> list[HookImpl]:
        """In pluggy's order: the last one runs first, and the wrappers stand at the end."""
        with self.environment.lock:
            wrappers, others = self.hook.ordered(extra)
        if self.excluded:
            wrappers, others = self.without_excluded(wrappers), self.without_excluded(others)
        return [given_as(item) for item in reversed(wrappers + others)]

    def declare(self, spec: HookSpec) -> None:
        """Give the hook what its spec says; its implementations may be there already."""
        hook = self.hook
        with self.environment.lock:
            hook.spec = spec
            hook.widen((*spec.argnames, *spec.kwargnames))
            hook.keyword_defaults = {**hook.keyword_defaults, **spec.kwargdefaults}
            if spec.opts.get("firstresult"):
                hook.mode = Mode.FIRSTRESULT
            hook.follow_rules()

    def add(self, given: HookImpl) -> None:
        with self.environment.lock:
            self.take(given)

    def take(self, given: HookImpl) -> None:
        """The same where the lock is held already."""
        hook = self.hook
        if given.argnames != hook.arguments:
            hook.widen(given.argnames)
        if given.kwargnames:
            hook.widen(given.kwargnames)
        given._home = hook
        hook.add(as_item(given))
        if hook.in_use:
            hook.touch()

    def knows(self, plugin: object) -> bool:
        """Whether a plugin implements the hook."""
        for item in self.everyone():  # noqa: SIM110 (faster)
            if item.plugin is plugin:
                return True
        return False

    def remove(self, plugin: object) -> bool:
        """Take out all that a plugin implements, and what equals it; whether there is such."""
        with self.environment.lock:
            theirs = [item for item in self.everyone() if item.plugin == plugin]
            for item in theirs:
                self.hook.remove(item)
            if theirs:
                self.hook.touch()
        return bool(theirs)

    def among(self, plugins: AbstractSet[object]) -> set[object]:
        """Those of some plugins that implement the hook."""
        return {item.plugin for item in self.listed() if item.plugin in plugins}

    def everyone(self) -> list[records.HookImpl]:
        hook = self.hook
        return [*hook.all_implementations(), *hook.wrappers]

    def run_without(self, plugins: AbstractSet[object], kwargs: Mapping[str, object]) -> Any:
        """A call without some plugins, for which nothing is built."""
        hook = self.hook
        if not hook.wrappers:
            others = [item for item in hook.newest_first() if item.plugin not in plugins]
            return run_simply(hook, hook.mode, others, kwargs)
        wrappers, others = hook.ordered()
        wrappers = [item for item in wrappers if item.plugin not in plugins]
        others = [item for item in others if item.plugin not in plugins]
        return run_by_name(self.hook, wrappers, others, kwargs, self.complain)

    def placed(self, items: list[records.HookImpl]) -> list[records.HookImpl]:
        return [kernel_item(self.hook, given_as(item)) for item in items]

    def plan(self, extra: tuple[records.HookImpl, ...] = ()) -> Plan:
        if not self.inner:
            if self.is_historic:
                return cast(Plan, Direct(refuse_historic))
            execute = self.executing()
            if execute is not None:
                return cast(Plan, Executed(self, execute))
        return super().plan(extra)

    def executing(self) -> HookExec | None:
        return self.execute or self.environment.execute

    def kernel(self) -> KernelCaller:
        """The same call without anything around it."""
        return self if self.inner else self.relative("inner", inner=True)

    def run(self, kwargs: Mapping[str, object]) -> Any:
        """A call of a hook, historic or not."""
        execute = self.executing()
        if execute is None:
            return self.run_inside(kwargs)
        return Executed(self, execute).run(kwargs)

    def run_inside(self, kwargs: Mapping[str, object]) -> Any:
        """The same with nothing around it."""
        if self.turns_inside and kwargs.keys() >= self.hook.argument_names:
            self.turns_inside -= 1
            return self.at_once(kwargs)
        return self.kernel().function(**kwargs)

    def run_with(
        self, functions: Sequence[Callable[..., object]], kwargs: Mapping[str, object]
    ) -> Any:
        """A call in which these take part too; their marks do not count."""
        execute, hook = self.executing(), self.hook
        if execute is None:
            extra = self.relative("extra", extras=True, inner=True)
            pieces = [(each, self.taking(each)) for each in reversed(functions)]
            if kwargs.keys() >= hook.argument_names:
                return extra.function(pieces, **kwargs)
        given = [HookImpl(None, "<temp>", function, NO_OPTIONS) for function in functions]
        items = tuple([kernel_item(hook, each) for each in given])
        if execute is None:
            return self.run_once(items, kwargs)
        return Executed(self, execute, items).run(kwargs)

    def taking(self, function: Callable[..., object]) -> Callable[[Any], tuple[object, ...]]:
        """How a function picks what it takes; the hook comes to know all of it."""
        return by_place(self.hook, *varnames(function)).fit.take

    def run_once(self, extra: tuple[records.HookImpl, ...], kwargs: Mapping[str, object]) -> Any:
        """The same where the call leaves arguments out, or someone stands in between."""
        given = {name: kwargs.get(name, MISSING) for name in self.hook.arguments}
        absent = frozenset([name for name, value in given.items() if value is MISSING])
        kernel = self.kernel()
        return (kernel.relative(absent, absent=absent) if absent else kernel).plan(extra)((), given)

    def run_only(self, given: HookImpl, kwargs: Mapping[str, object]) -> Any:
        """A call of one implementation, which is not among the others yet."""
        return (self.executing() or run_these)(self.hook.name, [given], kwargs, False)

    def complete(self, kwargs: Mapping[str, object]) -> Mapping[str, object]:
        """The arguments of a call with the spec's defaults; warns of those that are missing."""
        spec: HookSpec | None = self.hook.spec  # type: ignore[assignment]
        if spec is not None:
            if spec.kwargdefaults:
                kwargs = {**spec.kwargdefaults, **kwargs}
            if not kwargs.keys() >= self.hook.argument_names:
                self.left_out(self.hook.argument_names.difference(kwargs))
        return kwargs

    def complain(self, item: records.HookImpl, error: BaseException) -> None:
        warn_of_teardown(self.hook.name, item, error)

    def left_out(self, absent: frozenset[str]) -> None:
        """Warn where the caller stands, if the hook is declared with what is left out."""
        spec = cast("HookSpec | None", self.hook.spec)
        if spec is not None and not self.inner:
            warn_of_missing(spec.name, spec.argnames, absent)


class Executed:
    """Stands for a plan where calls are not executed by the kernel."""

    calls = 0

    def __init__(
        self,
        caller: KernelCaller,
        execute: HookExec,
        extra: tuple[records.HookImpl, ...] = (),
    ) -> None:
        self.caller = caller
        self.execute = execute
        self.implementations = caller.implementations(extra)
        self.kernel = partial(caller.run_once, extra) if extra else caller.run_inside

    def __call__(self, args: tuple[Any, ...], kwargs: Mapping[str, object]) -> Any:
        caller = self.caller
        if args:
            caller.hook.bind(args, kwargs)  # refuses them
        return self.run(caller.complete(kwargs))

    def run(self, kwargs: Mapping[str, object]) -> Any:
        hook, methods = self.caller.hook, Methods(self.implementations)
        methods.made_of, methods.run = self.implementations, self.kernel
        methods.firstresult = hook.mode is Mode.FIRSTRESULT
        return self.execute(hook.name, methods, kwargs, methods.firstresult)


def refuse_historic(*_: Any, **__: Any) -> NoReturn:
    raise AssertionError("a historic hook is not called directly: use call_historic instead")


def run_these(
    name: str, implementations: Sequence[HookImpl], kwargs: Mapping[str, object], firstresult: bool
) -> Any:
    """A call of a hook that is nowhere else."""
    mode = Mode.FIRSTRESULT if firstresult else Mode.COLLECTING
    items = [as_item(given) for given in reversed(implementations)]
    if can_run_by_name(items, kwargs):
        wrappers = [item for item in items if item.contribution.is_wrapper]
        others = [item for item in items if not item.contribution.is_wrapper]
        complain = partial(warn_of_teardown, name)
        return run_by_name(BY_MODE[mode], wrappers, others, kwargs, complain)
    hook = new_hook(name, mode)
    hook.caller = caller = KernelCaller(hook, Surroundings(""), inner=True)
    for given in implementations:
        hook.add(kernel_item(hook, given, is_ordered=True))
    return caller.function(**kwargs)


def new_surroundings() -> Surroundings:
    """Those of a hook that is made by hand."""
    return Surroundings("")


def new_hook(name: str, mode: str = Mode.COLLECTING) -> Hook:
    return Hook(name, UNDECLARED, mode, None, None, False, PLUGGY)


BY_MODE: Final = {mode: new_hook("", mode) for mode in (Mode.COLLECTING, Mode.FIRSTRESULT)}
"""For calls by name of functions that belong to no hook."""

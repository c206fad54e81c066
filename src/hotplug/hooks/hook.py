"""One hook of one manager: how it is declared and who implements it. Calling is `caller`'s."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from keyword import iskeyword
from operator import itemgetter
from types import CodeType, FunctionType
from typing import TYPE_CHECKING, Any, Final, NamedTuple, cast
from weakref import WeakSet, ref

from hotplug.errors import HookSpecError
from hotplug.hooks.markers import HookimplOpts, HookspecOpts
from hotplug.hooks.order import in_order
from hotplug.hooks.policy import checked
from hotplug.hooks.records import Contribution, HookImpl
from hotplug.hooks.rules import MISSING, RULES, Rules
from hotplug.hooks.scan import Found
from hotplug.hooks.shape import Mode, Words
from hotplug.hooks.signature import Accepts, Misfit, accepts, location, unwrapped

if TYPE_CHECKING:
    from hotplug.hooks.caller import Caller

__all__ = ["HistoricCall", "Hook", "Incomplete", "declared"]

FAMILY: Final = frozenset({"self", "cls"})
WIDENS: Final[dict[object, tuple[object, ...]]] = {float: (int,), complex: (int, float)}
"""What an annotation takes that is no subclass of it."""


class HistoricCall(NamedTuple):
    """A call that plugins registered later will see too."""

    serial: int
    kwargs: Mapping[str, object]
    result_callback: Callable[[Any], object] | None


class Incomplete(Exception):
    """A call of a lenient hook leaves arguments out: in ``given`` they are `MISSING`."""

    def __init__(self, given: dict[str, Any]) -> None:
        super().__init__(given)
        self.given = given


KnownExtra = tuple[
    ref[Any], HookimplOpts, CodeType, Callable[[tuple[object, ...]], tuple[object, ...]]
]
"""A plain function given to ``call_extra`` before: its mark and its code as they were then, and how
it picks its arguments."""


class Hook:
    """A declared hook: its arguments, its mode, and its implementations as they were registered."""

    __slots__ = (
        "__weakref__",
        "argument_names",
        "arguments",
        "binder",
        "caller",
        "defaults",
        "extras",
        "flagged",
        "forms",
        "history",
        "implementations",
        "in_use",
        "is_async",
        "keyword_defaults",
        "mode",
        "name",
        "opts",
        "pick",
        "positional",
        "related",
        "replayed",
        "rules",
        "spec",
        "version",
        "views",
        "wrappers",
    )

    caller: Caller

    def __init__(
        self,
        name: str,
        opts: HookspecOpts,
        mode: str,
        takes: Accepts,
        spec: object,
        is_async: bool,
        rules: Rules = RULES,
    ) -> None:
        self.name = name
        self.rules = rules
        self.opts = opts
        self.mode = mode
        self.spec = spec
        self.is_async = is_async
        self.arguments = takes.names
        self.argument_names = frozenset(takes.names)
        self.positional = len(takes.positional)
        self.defaults = tuple(
            takes.defaults[argument] for argument in takes.positional if argument in takes.defaults
        )
        self.keyword_defaults = {
            argument: takes.defaults[argument]
            for argument in takes.keyword_only
            if argument in takes.defaults
        }
        self.binder: Any = None
        self.pick: Callable[[Mapping[str, Any]], tuple[Any, ...]] | None = None
        self.implementations: dict[HookImpl, None] = {}
        self.wrappers: dict[HookImpl, None] = {}
        self.related = 0
        """How many name others."""
        self.flagged = 0
        """How many implementations do not just take the next place."""
        self.version: int = 0
        self.views: WeakSet[Caller] | None = None
        self.forms: dict[object, Contribution] = {}
        """What functions of one form do; see `validate`."""
        self.extras: dict[int, KnownExtra] = {}
        self.in_use = False
        """Whether a call of it, or a view, may hold on to the implementations."""
        self.history: list[HistoricCall] = []
        self.replayed: dict[int, tuple[ref[Any], int]] = {}

    def add(self, item: HookImpl) -> None:
        self.version += 1
        contribution = item.contribution
        if contribution.is_special:
            self.take_turns()
            self.related += contribution.is_related
            self.flagged += not contribution.is_wrapper
            (self.wrappers if contribution.is_wrapper else self.implementations)[item] = None
        else:
            self.implementations[item] = None

    def remove(self, item: HookImpl) -> None:
        self.version += 1
        contribution = item.contribution
        if contribution.is_special:
            self.related -= contribution.is_related
            self.flagged -= not contribution.is_wrapper
        del (self.wrappers if contribution.is_wrapper else self.implementations)[item]

    def touch(self) -> None:
        """Make every way to call this hook look at the implementations anew."""
        self.in_use = self.views is not None
        self.caller.invalidate()
        if self.views is not None:
            for view in list(self.views):
                view.invalidate()

    def take_turns(self) -> None:
        """Let every call from now on put the implementations in order first."""
        self.caller.turns = 0
        for view in self.views or ():
            view.turns = 0

    def add_view(self, view: Caller) -> None:
        if self.views is None:
            self.views = WeakSet()
        self.views.add(view)
        self.in_use = True

    def ordered(self, extra: tuple[HookImpl, ...] = ()) -> tuple[list[HookImpl], list[HookImpl]]:
        """The wrappers, outermost first, and the implementations, in the order of a call."""
        newest_first = self.rules.newest_first
        wrappers, others = [*self.wrappers], [*self.implementations]
        for item in extra:
            (wrappers if item.is_wrapper else others).append(item)
        if wrappers:
            wrappers = in_order(wrappers, newest_first=newest_first)
        if self.flagged or extra:
            others = in_order(others, newest_first=newest_first)
        elif newest_first:
            others.reverse()
        return wrappers, others

    def widen(self, names: Iterable[str]) -> None:
        """Take more arguments: a lenient hook takes what its implementations ask for."""
        new = [name for name in names if name not in self.argument_names]
        if new:
            self.version += 1
            self.arguments += tuple(new)
            self.argument_names |= {*new}
            self.pick = None
            self.keyword_defaults.update(dict.fromkeys(new, MISSING))

    def bind(self, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> tuple[Any, ...]:
        """The arguments of a call as one tuple, or the TypeError that Python would raise."""
        if not args and len(kwargs) == len(self.arguments):
            try:
                return (self.pick or self.picker())(kwargs)
            except KeyError:
                pass
        if self.rules.lenient:
            return self.bind_leniently(args, kwargs)
        if self.binder is None:
            from hotplug.hooks.compile import binder  # only for calls that are not by name alone

            words = Words(self.name, self.name, self.arguments, ())
            self.binder = binder(words, self.positional, self.all_defaults())
        return cast("tuple[Any, ...]", self.binder(*args, **kwargs))

    def picker(self) -> Callable[[Mapping[str, Any]], tuple[Any, ...]]:
        """Picks the hook's arguments from those of a call."""
        if len(self.arguments) > 1:
            self.pick = cast("Callable[[Any], tuple[Any, ...]]", itemgetter(*self.arguments))
        elif self.arguments:
            (only,) = self.arguments
            self.pick = lambda kwargs: (kwargs[only],)
        else:
            self.pick = lambda kwargs: ()
        return self.pick

    def bind_leniently(self, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> tuple[Any, ...]:
        """The same where a call is by name; raises `Incomplete` where it leaves something out."""
        if args:
            were = "was" if len(args) == 1 else "were"
            raise TypeError(
                f"{self.name}() takes 0 positional arguments but {len(args)} {were} given"
            )
        given = {**self.keyword_defaults, **kwargs}
        values = tuple([given[name] for name in self.arguments])
        if any(value is MISSING for value in values):
            raise Incomplete(dict(zip(self.arguments, values, strict=True)))
        return values

    def all_defaults(self) -> dict[str, object]:
        count = len(self.defaults)
        names = self.arguments[self.positional - count : self.positional]
        return dict(zip(names, self.defaults, strict=True)) | self.keyword_defaults

    def describe(self) -> str:
        """The hook as it is called: ``greeting(name, loud=False)``."""
        shown = list(self.arguments)
        for at, (name, value) in enumerate(
            (name, self.all_defaults().get(name, self)) for name in self.arguments
        ):
            if value is not self:
                shown[at] = f"{name}={value!r}"
        if len(self.arguments) > self.positional:
            shown.insert(self.positional, "*")
        return f"{self.name}({', '.join(shown)})"

    def __repr__(self) -> str:
        return f"<Hook {self.describe()} {self.mode}>"


def declared(found: Found, *, is_async: bool) -> Hook:
    """The hook that a marked function declares, or `HookSpecError` saying why it can't be one."""
    opts: HookspecOpts = found.record
    where = location(found.raw)

    def refuse(reason: str) -> HookSpecError:
        return HookSpecError(f"hook {found.name!r} {reason}\n  {where}")

    try:
        takes = accepts(found.raw)
    except Misfit as misfit:
        raise refuse(f"is declared {misfit}") from None
    if found.is_method or (takes.positional and takes.positional[0] in FAMILY):
        takes = takes.without_first()
    mode = mode_of(opts, refuse)
    for name, value in takes.defaults.items():
        if type(value).__hash__ is None:
            raise refuse(
                f"has the mutable default {name}={value!r}, which all calls would share; use None"
            )
    if takes.any_positional or takes.any_keyword:
        stars = f"*{takes.any_positional}" if takes.any_positional else f"**{takes.any_keyword}"
        raise refuse(f"takes {stars}; name every argument, so that plugins can be checked")
    if takes.positional_only:
        raise refuse(
            f"makes {takes.positional[0]!r} positional-only; arguments of hooks are known by name"
        )
    check_names(found.name, takes, refuse)
    if "call_next" in takes.names:
        raise refuse("has an argument 'call_next', which is what around wrappers call; rename it")
    if mode is Mode.PIPELINE:
        check_pipeline(takes, found.raw, refuse)
    check_async(opts, mode, is_async, refuse)
    return Hook(found.name, opts, mode, takes, found.raw, is_async)


def check_names(name: str, takes: Accepts, refuse: Callable[[str], HookSpecError]) -> None:
    """Names become part of code: nothing but an identifier may."""
    if name.startswith("__"):
        raise refuse("has a name with two leading underscores, which Python uses itself; rename it")
    for each in (name, *takes.names):
        if not each.isidentifier() or iskeyword(each):
            raise refuse(f"uses the name {each!r}, which is no Python identifier; rename it")


def mode_of(opts: HookspecOpts, refuse: Callable[[str], HookSpecError]) -> str:
    flags = {
        "firstresult": (opts.firstresult, Mode.FIRSTRESULT),
        "pipeline": (opts.pipeline, Mode.PIPELINE),
        "historic": (opts.historic, Mode.HISTORIC),
    }
    chosen = [name for name, (on, _) in flags.items() if on]
    if len(chosen) > 1:
        raise refuse(f"cannot be {' and '.join(chosen)} at once; choose one")
    if opts.history is not None and (not opts.historic or opts.history < 1):
        raise refuse(f"has history={opts.history!r}; it takes historic=True and a positive number")
    if opts.policy is not None:
        try:
            checked(opts.policy)
        except HookSpecError as error:
            raise refuse(f"has an {error}") from None
    return flags[chosen[0]][1] if chosen else Mode.COLLECTING


def check_pipeline(takes: Accepts, spec: object, refuse: Callable[[str], HookSpecError]) -> None:
    if not takes.positional:
        raise refuse("is a pipeline and must take the value that it threads as its first argument")
    if takes.positional[0] in takes.defaults:
        raise refuse(
            f"is a pipeline; the value that it threads, {takes.positional[0]!r}, takes no default"
        )
    inner = unwrapped(spec) if isinstance(spec, FunctionType) else spec
    annotations: dict[str, object] = getattr(inner, "__annotations__", {})
    threaded = annotations.get(takes.positional[0])
    returned = annotations.get("return")
    if threaded is not None and returned is not None and not same_type(threaded, returned):
        raise refuse(
            f"is a pipeline that takes {name_of(threaded)} and returns {name_of(returned)}; "
            "what it returns is what the next one takes: annotate both the same"
        )


def name_of(annotation: object) -> str:
    return annotation.__name__ if isinstance(annotation, type) else repr(annotation)


def same_type(threaded: object, returned: object) -> bool:
    """Whether two annotations say the same; where they can't be read, the doubt is theirs."""
    concrete = isinstance(threaded, type) and isinstance(returned, type)
    if threaded == returned or not concrete or Any in (threaded, returned):
        return True
    if returned in WIDENS.get(threaded, ()):
        return True
    try:
        return issubclass(returned, threaded)  # type: ignore[arg-type]
    except TypeError:  # a protocol, or another type that cannot be asked
        return True


def check_async(
    opts: HookspecOpts, mode: str, is_async: bool, refuse: Callable[[str], HookSpecError]
) -> None:
    wanted = [name for name in ("concurrent", "limit", "timeout") if getattr(opts, name)]
    if wanted and not is_async:
        raise refuse(f"has {wanted[0]}, which only an AsyncPluginManager can do")
    if opts.concurrent and mode is not Mode.COLLECTING:
        raise refuse(f"is concurrent and {mode}; only collecting hooks can be concurrent")
    if opts.limit is not None and (not opts.concurrent or opts.limit < 1):
        raise refuse(f"has limit={opts.limit!r}; it takes concurrent=True and a positive number")
    if opts.timeout is not None and not opts.timeout > 0:
        raise refuse(f"has timeout={opts.timeout!r}; it takes a positive number of seconds")

"""One hook of one manager: how it is declared and who implements it. Calling is `caller`'s."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import lru_cache
from operator import itemgetter
from types import CodeType
from typing import TYPE_CHECKING, Any, Final, cast
from weakref import WeakSet, ref

from hotplug.hooks.environment import MISSING, RULES, Rules
from hotplug.hooks.modes import Mode

if TYPE_CHECKING:
    from hotplug.hooks.caller import Caller
    from hotplug.hooks.gate import Gate
    from hotplug.hooks.history import HistoricCall
    from hotplug.hooks.markers import HookimplOpts, HookspecOpts
    from hotplug.hooks.records import Contribution, HookImpl
    from hotplug.hooks.signature import Accepts

    KnownExtra = tuple[
        ref[Any], HookimplOpts, CodeType, Callable[[tuple[object, ...]], tuple[object, ...]]
    ]
    """A plain function given to ``call_extra`` before: its mark and its code as they were then,
    and how it picks its arguments."""

__all__ = ["Hook", "Incomplete", "Undeclared", "in_buckets"]

KEPT_SETS: Final = 1024


@lru_cache(KEPT_SETS)
def set_of(names: tuple[str, ...]) -> frozenset[str]:
    """The names as a set, which hooks with the same arguments share."""
    return frozenset(names)


@lru_cache(KEPT_SETS)
def all_missing(names: tuple[str, ...]) -> Mapping[str, object]:
    """What stands for arguments that a call leaves out; never changed, as hooks share it."""
    return dict.fromkeys(names, MISSING)


NO_DEFAULTS: Final[Mapping[str, object]] = {}
NOBODY: Final[dict[HookImpl, None]] = {}
"""Who comes early or late in most hooks; never filled."""
NO_CALLS: Final[list[HistoricCall]] = []
"""What every other hook remembers."""


class Incomplete(Exception):
    """A call of a lenient hook leaves arguments out: in ``given`` they are `MISSING`."""

    def __init__(self, given: dict[str, Any]) -> None:
        super().__init__(given)
        self.given = given


class Undeclared:
    """The options of a hook that no marker of ours declares."""

    concurrent: Final = False
    history: Final = None
    limit: Final = None
    policy: Final = None
    timeout: Final = None


class Hook:
    """A declared hook: its arguments, its mode, and its implementations as they were registered."""

    __slots__ = (
        "__weakref__",
        "argument_names",
        "arguments",
        "binder",
        "caller",
        "defaults",
        "early",
        "extras",
        "forms",
        "gates",
        "history",
        "implementations",
        "in_use",
        "is_async",
        "keyword_defaults",
        "late",
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
        opts: HookspecOpts | Undeclared,
        mode: str,
        takes: Accepts | None,
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
        self.arguments: tuple[str, ...] = ()
        self.argument_names: frozenset[str] = frozenset()
        self.positional = 0
        self.defaults: tuple[object, ...] = ()
        self.keyword_defaults: Mapping[str, object] = NO_DEFAULTS
        if takes is not None:  # a lenient hook comes to know what it takes
            self.take(takes)
        self.binder: Any = None
        self.pick: Callable[[Mapping[str, Any]], tuple[Any, ...]] | None = None
        self.implementations: dict[HookImpl, None] = {}
        """Those that just take the next place; each dictionary is as they were registered."""
        self.early: dict[HookImpl, None] = NOBODY
        self.late: dict[HookImpl, None] = NOBODY
        self.wrappers: dict[HookImpl, None] = {}
        self.related = 0
        """How many name others."""
        self.version: int = 0
        self.views: WeakSet[Caller] | None = None
        self.forms: dict[object, Contribution] = {}
        """What functions of one form do; see `validate`."""
        self.extras: dict[int, KnownExtra] = {}
        self.gates: tuple[Gate, ...] = ()
        """What keeps calls waiting."""
        self.in_use = False
        """Whether a call of it, or a view, may hold on to the implementations."""
        self.history: list[HistoricCall] = NO_CALLS if mode != Mode.HISTORIC else []
        self.replayed: dict[int, tuple[ref[Any], int]] = {}

    def take(self, takes: Accepts) -> None:
        """Take these arguments."""
        self.arguments = takes.names
        self.argument_names = set_of(takes.names)
        self.positional = len(takes.positional)
        defaults = takes.defaults
        self.defaults = tuple(defaults[name] for name in takes.positional if name in defaults)
        self.keyword_defaults = {
            name: defaults[name] for name in takes.keyword_only if name in defaults
        }

    def add(self, item: HookImpl) -> None:
        self.version += 1
        contribution = item.contribution
        if contribution.is_special:
            self.related += contribution.is_related
            self.place(contribution)[item] = None
        else:
            self.implementations[item] = None

    def remove(self, item: HookImpl) -> None:
        self.version += 1
        contribution = item.contribution
        if contribution.is_special:
            self.related -= contribution.is_related
            del self.place(contribution)[item]
        else:
            del self.implementations[item]

    def place(self, contribution: Contribution) -> dict[HookImpl, None]:
        """Where those are kept that do not just take the next place."""
        if contribution.is_wrapper:
            return self.wrappers
        bucket = contribution.bucket
        if bucket < 0:
            self.early = self.early or {}
            return self.early
        if bucket:
            self.late = self.late or {}
            return self.late
        return self.implementations

    def all_implementations(self) -> list[HookImpl]:
        """All but the wrappers, by their buckets."""
        if self.early or self.late:
            return [*self.early, *self.implementations, *self.late]
        return [*self.implementations]

    def rearrange(self, rank: Callable[[HookImpl], int]) -> None:
        """Keep all as if they had been registered in this order."""

        def ranked(items: dict[HookImpl, None]) -> dict[HookImpl, None]:
            return dict.fromkeys(sorted(items, key=rank)) if len(items) > 1 else items

        self.version += 1
        self.early, self.late = ranked(self.early), ranked(self.late)
        self.implementations, self.wrappers = ranked(self.implementations), ranked(self.wrappers)

    def touch(self) -> None:
        """Make every way to call this hook look at the implementations anew."""
        self.in_use = self.views is not None
        self.caller.invalidate()
        if self.views is not None:
            for view in list(self.views):
                view.invalidate()

    def follow_rules(self) -> None:
        """The same for what is declared, and for how calls are executed."""
        self.in_use = self.views is not None
        for caller in (self.caller, *(self.views or ())):
            caller.follow_rules()

    def add_view(self, view: Caller) -> None:
        if self.views is None:
            self.views = WeakSet()
        self.views.add(view)
        self.in_use = True

    def ordered(self, extra: tuple[HookImpl, ...] = ()) -> tuple[list[HookImpl], list[HookImpl]]:
        """The wrappers, outermost first, and the implementations, in the order of a call."""
        newest_first = self.rules.newest_first
        wrappers = [*self.wrappers]
        if not (self.related or extra):
            others = self.newest_first() if newest_first else self.all_implementations()
            if len(wrappers) > 1:
                wrappers = in_buckets(wrappers, newest_first=newest_first)
            return wrappers, others
        others = self.all_implementations()
        for item in extra:
            (wrappers if item.contribution.is_wrapper else others).append(item)
        from hotplug.hooks.order import in_order  # few programs name plugins in their marks

        wrappers = in_order(wrappers, newest_first=newest_first)
        others = in_order(others, newest_first=newest_first)
        return wrappers, others

    def newest_first(self) -> list[HookImpl]:
        """All but the wrappers in the order of a call, where the newest comes first.

        Those that come last keep their order: the newest is the very last.
        """
        if self.early or self.late:
            return [*[*self.early][::-1], *[*self.implementations][::-1], *self.late]
        return [*self.implementations][::-1]

    def take_leniently(self, names: tuple[str, ...], defaults: Mapping[str, object]) -> None:
        """Take these arguments, of which a call may leave out any; nothing is built yet."""
        self.arguments = names
        self.argument_names = set_of(names)
        self.keyword_defaults = all_missing(names)
        if defaults:
            self.keyword_defaults = {**self.keyword_defaults, **defaults}

    def widen(self, names: Collection[str]) -> None:
        """Take more arguments: a lenient hook takes what its implementations ask for.

        The lock is held.
        """
        if not self.argument_names.issuperset(names):
            new = [name for name in names if name not in self.argument_names]
            self.version += 1
            self.arguments += tuple(new)
            self.argument_names = set_of(self.arguments)
            self.pick = None
            self.keyword_defaults = {**self.keyword_defaults, **dict.fromkeys(new, MISSING)}
            if self.in_use:  # what is built counts on the arguments as they were
                self.touch()

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
            from hotplug.hooks.shape import Words

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

    def complete(self, kwargs: dict[str, Any]) -> dict[str, Any] | None:
        """All arguments of a call of a lenient hook; None where it leaves something out."""
        if kwargs.keys() >= self.argument_names:
            return kwargs
        given = {**self.keyword_defaults, **kwargs}
        return None if any(value is MISSING for value in given.values()) else given

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
        return {**dict(zip(names, self.defaults, strict=True)), **self.keyword_defaults}

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


def in_buckets(items: Sequence[HookImpl], *, newest_first: bool = False) -> list[HookImpl]:
    """The items, given as they were registered, in the order in which they are called.

    Three buckets, first come first served; the plugins that they name are `order`'s business.
    """
    first: list[HookImpl] = []
    plain: list[HookImpl] = []
    last: list[HookImpl] = []
    for item in items:
        bucket = item.contribution.bucket
        (plain if not bucket else first if bucket < 0 else last).append(item)
    if newest_first:  # those that come last keep their order: the newest is the very last
        first.reverse()
        plain.reverse()
    return first + plain + last

"""What is known of one implementation of one hook."""

from __future__ import annotations

from collections.abc import Callable
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Final, cast

from hotplug.hooks.modes import How

if TYPE_CHECKING:
    from hotplug.hooks.markers import HookimplOpts
    from hotplug.hooks.modes import Step

__all__ = ["Contribution", "Fit", "HookImpl", "Kind", "taker"]


class Kind:
    """The part that a function plays in a call."""

    IMPLEMENTATION: Final = "implementation"
    WRAPPER: Final = "wrapper"
    ASYNC_WRAPPER: Final = "async wrapper"
    AROUND: Final = "around wrapper"


class Fit:
    """How one function is called with the arguments of one hook."""

    __slots__ = ("keywords", "optional", "positions", "take")

    def __init__(
        self,
        positions: tuple[int, ...],
        keywords: tuple[int, ...],
        take: Callable[[Any], tuple[object, ...]],
        optional: int = 0,
    ) -> None:
        self.positions = positions
        """Which arguments of the hook it takes by position, in its own order."""
        self.keywords = keywords
        """Which it takes by name."""
        self.take = take
        """Picks the positional arguments from all the hook's, or from those of a call by name."""
        self.optional = optional
        """How many of the positions, at their end, it has defaults for; only lenient hooks care."""


def taker(positions: tuple[int, ...], total: int) -> Callable[[Any], tuple[object, ...]]:
    """A function that picks these positions from a tuple of all arguments."""
    if len(positions) == total and positions == tuple(range(total)):
        return tuple
    if not positions:
        return take_nothing
    if len(positions) == 1:
        only = positions[0]
        return lambda given: (given[only],)
    return cast(Callable[[Any], tuple[object, ...]], itemgetter(*positions))


def take_nothing(_given: tuple[object, ...]) -> tuple[object, ...]:
    return ()


class Contribution:
    """What one function does for one hook; the same for every plugin that shares the function."""

    __slots__ = (
        "bucket",
        "fit",
        "is_boxed",
        "is_related",
        "is_special",
        "is_wrapper",
        "kind",
        "opts",
        "step",
    )

    def __init__(
        self, opts: HookimplOpts | None, kind: str, fit: Fit, step: Step, bucket: int
    ) -> None:
        self.opts = opts
        """None where the marks are those of another library."""
        self.kind = kind
        self.fit = fit
        self.step = step
        self.bucket = bucket
        self.is_wrapper = kind is not Kind.IMPLEMENTATION
        self.is_boxed = step.how is How.BOXED
        self.is_related = opts is not None and bool(opts.before or opts.after)
        """Whether it names plugins that it comes before or after."""
        self.is_special = bool(bucket or self.is_wrapper or self.is_related)
        """Whether its place in a call is any other than the next one."""


class HookImpl:
    """One plugin's implementation of one hook."""

    __slots__ = ("contribution", "function", "hook_name", "plugin", "plugin_name")

    def __init__(
        self,
        hook_name: str,
        plugin_name: str,
        plugin: object,
        function: Callable[..., Any],
        contribution: Contribution,
    ) -> None:
        self.hook_name = hook_name
        self.plugin_name = plugin_name
        self.plugin = plugin
        self.function = function
        self.contribution = contribution

    @property
    def opts(self) -> HookimplOpts:
        """The options it was marked with."""
        opts = self.contribution.opts
        assert opts is not None, "a manager with marks of its own has its own records as well"
        return opts

    @property
    def location(self) -> str:
        """Where it is defined, as ``file:line``."""
        from hotplug.hooks.signature import location  # only for people who look

        return location(self.function)

    @property
    def is_wrapper(self) -> bool:
        """Whether it stands around the others instead of being one of them."""
        return self.contribution.is_wrapper

    @property
    def is_boxed(self) -> bool:
        """Whether it is a wrapper that is sent the outcome in a box."""
        return self.contribution.is_boxed

    @property
    def bucket(self) -> int:
        return self.contribution.bucket

    @property
    def before(self) -> tuple[str, ...]:
        return self.contribution.opts.before if self.contribution.opts else ()

    @property
    def after(self) -> tuple[str, ...]:
        return self.contribution.opts.after if self.contribution.opts else ()

    def __repr__(self) -> str:
        return f"<HookImpl {self.hook_name!r} of plugin {self.plugin_name!r}>"

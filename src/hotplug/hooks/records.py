"""What is known of one implementation of one hook."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from hotplug.hooks.modes import How

if TYPE_CHECKING:
    from hotplug.hooks.markers import HookimplOpts
    from hotplug.hooks.modes import Step
    from hotplug.hooks.signature import Fit

__all__ = ["Contribution", "HookImpl", "Kind"]


class Kind:
    """The part that a function plays in a call."""

    IMPLEMENTATION: Final = "implementation"
    WRAPPER: Final = "wrapper"
    ASYNC_WRAPPER: Final = "async wrapper"
    AROUND: Final = "around wrapper"


class Contribution(NamedTuple):
    """What one function does for one hook; the same for every plugin that shares the function."""

    opts: HookimplOpts
    kind: str
    fit: Fit
    step: Step
    bucket: int
    is_wrapper: bool
    is_related: bool
    """Whether it names plugins that it comes before or after."""
    is_special: bool
    """Whether its place in a call is any other than the next one."""


class HookImpl(NamedTuple):
    """One plugin's implementation of one hook; compared by identity."""

    hook_name: str
    plugin_name: str
    plugin: object
    function: Callable[..., Any]
    contribution: Contribution

    @property
    def opts(self) -> HookimplOpts:
        """The options it was marked with."""
        return self.contribution.opts

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
        return self.contribution.step.how is How.BOXED

    @property
    def bucket(self) -> int:
        return self.contribution.bucket

    @property
    def before(self) -> tuple[str, ...]:
        return self.contribution.opts.before

    @property
    def after(self) -> tuple[str, ...]:
        return self.contribution.opts.after

    def __repr__(self) -> str:
        return f"<HookImpl {self.hook_name!r} of plugin {self.plugin_name!r}>"


# Two implementations are the same only if they are one. Set here, and not written as methods, so
# that dictionaries hash them at C speed: registering does little else.
HookImpl.__eq__ = object.__eq__  # type: ignore[method-assign]
HookImpl.__hash__ = object.__hash__  # type: ignore[method-assign]

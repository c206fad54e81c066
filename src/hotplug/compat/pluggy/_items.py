"""Implementations as the kernel takes them: by name at first, and by place once there is a plan."""

from __future__ import annotations

from hotplug.compat.pluggy._marks import HookImpl, HookimplOpts
from hotplug.hooks import records
from hotplug.hooks.hook import Hook
from hotplug.hooks.lenient import by_name, by_place
from hotplug.hooks.modes import How
from hotplug.hooks.records import Kind

__all__ = ["as_item", "given_as", "kernel_item"]


def as_item(given: HookImpl) -> records.HookImpl:
    """The implementation as a hook keeps it: it has all that calls by name look at."""
    if given.contribution is None:
        names, opts = given.argnames, given.opts
        if given.kwargnames:
            names += given.kwargnames
        if opts["wrapper"] or opts["hookwrapper"] or opts["tryfirst"] or opts["trylast"]:
            given.contribution = by_name(names, *part(opts))
        else:
            given.contribution = by_name(names)
    return given  # type: ignore[return-value]


def part(opts: HookimplOpts) -> tuple[int, str, str]:
    """Its place among the others, and the part that it plays."""
    bucket = 1 if opts["trylast"] else -1 if opts["tryfirst"] else 0
    is_wrapper = opts["wrapper"] or opts["hookwrapper"]
    how = How.BOXED if opts["hookwrapper"] else How.PLAIN
    return bucket, Kind.WRAPPER if is_wrapper else Kind.IMPLEMENTATION, how


def given_as(item: records.HookImpl) -> HookImpl:
    """The implementation as its manager knows it: of one by place, that is its plugin."""
    return item.plugin if type(item) is records.HookImpl else item  # type: ignore[return-value]


def kernel_item(hook: Hook, given: HookImpl, *, is_ordered: bool = False) -> records.HookImpl:
    """The same by place, as plans need it; its turn is given already, or still to find."""
    known = as_item(given).contribution
    contribution = by_place(
        hook,
        given.argnames,
        given.kwargnames,
        known.kind,
        0 if is_ordered else known.bucket,
        known.step.how,
    )
    return records.HookImpl(hook.name, given.plugin_name, given, given.function, contribution)

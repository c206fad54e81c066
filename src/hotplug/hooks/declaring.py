"""Makes hooks of marked functions, or says why one can't be a hook."""

from __future__ import annotations

from collections.abc import Callable
from keyword import iskeyword
from types import FunctionType
from typing import Any, Final

from hotplug.errors import HookSpecError
from hotplug.hooks.hook import Hook
from hotplug.hooks.markers import HookspecOpts
from hotplug.hooks.modes import Mode
from hotplug.hooks.policy import checked
from hotplug.hooks.scan import Found
from hotplug.hooks.signature import Accepts, Misfit, accepts, location, unwrapped

__all__ = ["declared"]

FAMILY: Final = frozenset({"self", "cls"})
WIDENS: Final[dict[object, tuple[object, ...]]] = {float: (int,), complex: (int, float)}
"""What an annotation takes that is no subclass of it."""


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

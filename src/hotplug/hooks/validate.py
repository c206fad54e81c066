"""Whether a marked function can do what it is marked for; the answer is a `Contribution`."""

from __future__ import annotations

from collections.abc import Callable
from types import FunctionType

from hotplug.errors import PluginValidationError
from hotplug.hooks.hook import Hook
from hotplug.hooks.looking import ASYNC_GENERATOR, COROUTINE, GENERATOR
from hotplug.hooks.markers import HookimplOpts
from hotplug.hooks.modes import How, Mode, step
from hotplug.hooks.records import Contribution, Kind
from hotplug.hooks.scan import Found
from hotplug.hooks.signature import Misfit, fit, is_kind, location, own_signature

__all__ = ["contribution_to"]


def contribution_to(hook: Hook, found: Found, plugin_name: str) -> Contribution:
    """How this function takes part in calls of the hook, or `PluginValidationError`.

    Functions of one form get one answer, kept with the hook: most plugins write the same signature.
    """
    form = form_of(found)
    if form is None:
        return examined(hook, found, plugin_name)
    known = hook.forms.get(form)
    if known is None:
        known = hook.forms[form] = examined(hook, found, plugin_name)
    return known


def form_of(found: Found) -> tuple[object, ...] | None:
    """All that the answer depends on, for a plain function that carries nothing but its mark."""
    raw = found.raw
    if type(raw) is not FunctionType or raw.__defaults__ or raw.__kwdefaults__:
        return None
    if len(raw.__dict__) > 1 or "__wrapped__" in raw.__dict__ or "__signature__" in raw.__dict__:
        return None
    code = raw.__code__
    names = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
    counts = code.co_argcount, code.co_posonlyargcount, code.co_flags
    return (names, counts, found.is_method, found.record)


def examined(hook: Hook, found: Found, plugin_name: str) -> Contribution:
    opts: HookimplOpts = found.record

    def refuse(reason: str) -> PluginValidationError:
        return PluginValidationError(
            plugin_name, f"implements hook {hook.name!r} {reason}\n  {location(found.raw)}"
        )

    check_options(opts, refuse)
    kind = kind_of(hook, found, refuse)
    check_async(hook, found, kind, refuse)
    around = kind is Kind.AROUND
    arguments = ("call_next", *hook.arguments) if around else hook.arguments
    try:
        fitting = fit(found.function, arguments)
    except Misfit as misfit:
        raise refuse(str(misfit)) from None
    if around and 0 not in (*fitting.positions, *fitting.keywords):
        raise refuse(
            "with around=True, but does not take 'call_next', which runs the rest of the call"
        )
    refuse_forgotten_self(found, arguments, refuse)
    threaded = hook.mode is Mode.PIPELINE and kind is Kind.IMPLEMENTATION
    if threaded and 0 not in (*fitting.positions, *fitting.keywords):
        raise refuse(
            f"without taking {hook.arguments[0]!r}, the value that this pipeline threads; "
            "what it returns would replace the value unseen"
        )
    bucket = -1 if opts.tryfirst else 1 if opts.trylast else 0
    how = how_of(hook, found, kind)
    one_step = step(fitting.positions, fitting.keywords, how)
    return Contribution(opts, kind, fitting, one_step, bucket)


def refuse_forgotten_self(
    found: Found, arguments: tuple[str, ...], refuse: Callable[[str], PluginValidationError]
) -> None:
    """A method's first parameter takes the plugin itself, whatever it is called."""
    if not found.is_method or type(found.raw) is not FunctionType:
        return
    takes = own_signature(found.raw)
    first = takes.positional[:1]
    if first and first[0] in arguments:
        raise refuse(
            f"with {first[0]!r} where a method takes the plugin itself; "
            "write self first, or make it a @staticmethod"
        )
    if not first and takes.any_positional is None:
        raise refuse("as a method without self; write self first, or make it a @staticmethod")


def check_options(opts: HookimplOpts, refuse: Callable[[str], PluginValidationError]) -> None:
    if opts.tryfirst and opts.trylast:
        raise refuse("with both tryfirst and trylast; it can only be one of them")
    if opts.wrapper and opts.around:
        raise refuse("with both wrapper and around; a wrapper is a generator, around a function")


def kind_of(hook: Hook, found: Found, refuse: Callable[[str], PluginValidationError]) -> str:
    opts: HookimplOpts = found.record
    generator = is_kind(found.function, GENERATOR)
    async_generator = is_kind(found.function, ASYNC_GENERATOR)
    if (opts.wrapper or opts.around) and hook.mode is Mode.HISTORIC:
        raise refuse(
            "as a wrapper; historic hooks take none, for their calls are replayed one by one"
        )
    if opts.around:
        if generator or async_generator:
            raise refuse(
                "with around=True, but it is a generator; call call_next(...) instead of yielding"
            )
        return Kind.AROUND
    if opts.wrapper:
        if async_generator:
            return Kind.ASYNC_WRAPPER
        if not generator:
            raise refuse(
                "with wrapper=True, but it is no generator function; it must yield exactly once"
            )
        return Kind.WRAPPER
    if generator or async_generator:
        raise refuse(
            "as a generator, but without wrapper=True; mark it so, or return the values in a list"
        )
    return Kind.IMPLEMENTATION


def check_async(
    hook: Hook, found: Found, kind: str, refuse: Callable[[str], PluginValidationError]
) -> None:
    opts: HookimplOpts = found.record
    coroutine = is_kind(found.function, COROUTINE)
    if not hook.is_async and (coroutine or kind is Kind.ASYNC_WRAPPER):
        what = "coroutine function" if coroutine else "async generator"
        raise refuse(f"with a {what}, which this manager would never await; use AsyncPluginManager")
    if opts.thread and not hook.is_async:
        raise refuse("with thread=True, which only an AsyncPluginManager can do")
    if opts.thread and (coroutine or kind is not Kind.IMPLEMENTATION):
        raise refuse("with thread=True, which is for sync implementations")


def how_of(hook: Hook, found: Found, kind: str) -> str:
    """Whether a call awaits what the function returns; for an async wrapper, its steps."""
    if not hook.is_async or kind is Kind.WRAPPER:
        return How.PLAIN
    opts: HookimplOpts = found.record
    awaited = kind is Kind.ASYNC_WRAPPER or is_kind(found.function, COROUTINE)
    timed = hook.opts.timeout is not None and kind is Kind.IMPLEMENTATION
    return How.AWAIT if awaited or opts.thread or timed else How.EITHER

"""The code that a new plugin begins with, and what its first test promises of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from textwrap import dedent, indent
from typing import Final, NamedTuple

from hotplug.cli.specs import Specs
from hotplug.hooks.hook import Hook
from hotplug.hooks.modes import Mode

__all__ = ["Sketch", "example", "sketch_of"]

WIDEST: Final = 100
BUILTINS: Final = {
    *("bool", "bytes", "complex", "dict", "float", "frozenset", "int", "list", "None", "object"),
    *("set", "str", "tuple", "type"),
}
"""What stands in annotations and need not be imported."""
ASK: Final = """\
async def ask() -> list[str]:
    answers: list[str] = await plugin_host.async_hooks.hook.greeting(name="Ada")
    return answers

assert asyncio.run(ask()) == """


class Sketch(NamedTuple):
    """The parts of a project that depend on the hooks that it implements."""

    hooks: tuple[str, ...]
    functions: str
    needs: str
    """The imports of the plugin, above that of hotplug."""
    imports: str
    """Those of the test."""
    declared: str
    """The hooks, where the test declares them itself."""
    reference: str
    """What the test calls them."""
    does: str
    promise: str


def example(name: str, host: str, *, is_async: bool) -> Sketch:
    """One hook, which stands for those of an application that is not known."""
    prefix = "async " if is_async else ""
    base = "(AsyncHooks)" if is_async else ""
    functions = f'''
        @hookimpl
        {prefix}def greeting(name: str) -> str:
            """Stands here for the hooks of {host}, which are to take its place."""
            return f"hello {{name}}, from {name}"
    '''
    declared = f'''

        hookspec = HookspecMarker("{host}")


        class Specs{base}:
            """Stands here for the hooks of {host}, to be imported from there."""

            @hookspec
            {prefix}def greeting(self, name: str) -> str:
                raise NotImplementedError
    '''
    expected = f'["hello Ada, from {name}"]'
    asked = ASK if is_async else 'assert plugin_host.hooks.hook.greeting(name="Ada") == '
    names = ["AsyncHooks"] * is_async + ["HookspecMarker", "PluginHost"]
    return Sketch(
        hooks=("greeting",),
        functions=dedent(functions).strip(),
        needs="",
        imports=imports_of_test(f"from hotplug import {', '.join(names)}", is_async=is_async),
        declared=dedent(declared).rstrip() + "\n",
        reference="Specs",
        does="it_greets",
        promise=indent(f"plugin_host.load_plugin(PLUGIN).enable()\n\n{asked}{expected}", "    "),
    )


def sketch_of(specs: Specs, *, is_lazy: bool) -> Sketch:
    """All hooks of an application, each of them implemented in a way that changes nothing."""
    functions = "\n\n\n".join(function_of(hook) for hook in specs.hooks.values())
    reference = specs.attribute.partition(".")[0]
    if reference:
        import_specs, reference = f"from {specs.module} import {reference}", specs.attribute
    else:
        import_specs, reference = f"import {specs.module}", specs.module
    used = "assert plugin.module is not None  # it is lazy, and this is its first use\n"
    hooks = "".join(f'    "implementation of hook {name!r}",\n' for name in specs.hooks)
    promise = (
        f"plugin = plugin_host.load_plugin(PLUGIN)\nplugin.enable()\n\n{used * is_lazy}"
        'assert {each.describe() for each in plugin.resources if each.kind == "hook"} == {\n'
        f"{hooks}}}"
    )
    return Sketch(
        hooks=(*specs.hooks,),
        functions=functions,
        needs="from typing import Any\n\n" if re.search(r"\bAny\b", functions) else "",
        imports=imports_of_test("from hotplug import PluginHost", import_specs),
        declared="",
        reference=reference,
        does="it_implements_the_hooks",
        promise=indent(promise, "    "),
    )


def imports_of_test(*more: str, is_async: bool = False) -> str:
    standard = ["import asyncio"] * is_async
    standard += ["from importlib.metadata import entry_points", "from pathlib import Path"]
    others = sorted(["import pytest", *more], key=lambda line: (line[:4] == "from", line))
    return "\n".join([*standard, "", *others])


def function_of(hook: Hook) -> str:
    """An implementation that has no answer, or hands on what it is given."""
    types = getattr(hook.spec, "__annotations__", {})
    takes = [f"{name}: {spelled(types.get(name, 'Any'))}" for name in hook.arguments]
    first = hook.arguments[0] if hook.mode is Mode.PIPELINE else ""
    returns = spelled(types.get(first, "Any")) if first else "None"
    head = f"{'async ' * hook.is_async}def {hook.name}("
    line = f"{head}{', '.join(takes)}) -> {returns}:"
    if len(line) > WIDEST:
        line = f"{head}\n{''.join(f'    {each},{chr(10)}' for each in takes)}) -> {returns}:"
    return "\n".join(["@hookimpl", line, *(f"    {each}" for each in body_of(hook, first))])


def body_of(hook: Hook, first: str) -> Iterator[str]:
    said = (getattr(hook.spec, "__doc__", None) or "").strip().partition("\n")[0]
    is_plain = said and len(said) < WIDEST - len('    """"""') and not {*'"\\'} & {*said}
    yield f'"""{said}"""' if is_plain else '"""Replace this: it changes nothing."""'
    if first:
        yield f"return {first}"


def spelled(annotation: object) -> str:
    """A type as one writes it; `Any` for one that would have to be imported."""
    if isinstance(annotation, str):
        text = annotation
    elif annotation is None or type(annotation) is type:
        text = getattr(annotation, "__name__", "None")
    else:
        text = repr(annotation)
    is_known = {*re.findall(r"[A-Za-z_][\w.]*", text)} <= BUILTINS
    return text if is_known and text else "Any"

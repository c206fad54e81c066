"""The hooks of an application, as ``--specs MODULE:CLASS`` names them. They alone are imported."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Any, Final

from hotplug.errors import HookSpecError
from hotplug.errors.meaning import did_you_mean
from hotplug.hooks.hook import Hook
from hotplug.hooks.markers import HookspecOpts
from hotplug.hooks.scan import foreign_projects
from hotplug.host.implementations import Hooks

__all__ = ["Specs", "hooks_of"]

SUFFIX: Final = "_spec"


class Specs:
    """What a text like ``till.api:Till`` names; raises `HookSpecError` where that declares nothing.

    The module is looked for in the current folder, too.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.module, _, self.attribute = text.partition(":")
        self.thing = named(text, self.module, self.attribute)
        projects = foreign_projects(self.thing, SUFFIX, HookspecOpts)
        if not projects:
            raise HookSpecError(f"--specs {text} declares no hooks: nothing in it is marked as one")
        if len(projects) > 1:
            told = ", ".join(map(repr, projects))
            raise HookSpecError(f"--specs {text} declares hooks for several applications: {told}")
        self.project = projects[0]
        self.hooks = hooks_of(self.project, self.thing)
        self.is_async = any(hook.is_async for hook in self.hooks.values())


def hooks_of(project: str, specs: object) -> dict[str, Hook]:
    """The hooks that specs declare, sync and async ones."""
    found: dict[str, Hook] = {}
    for manager in Hooks[Any](project, specs).managers:
        names: list[str] = [*vars(manager.hook)]
        found |= {name: manager.hook_of(name) for name in names}
    return found


def named(text: str, module: str, attribute: str) -> object:
    """Import what a text names, whatever goes wrong on the way."""
    if not all(part.isidentifier() for part in module.split(".")):
        raise HookSpecError(
            f"--specs {text} is not of the form MODULE:CLASS, such as till.api:Till"
        )
    if "" not in sys.path:
        sys.path.insert(0, "")
    try:
        thing: object = import_module(module)
    except Exception as error:  # it is code of the application
        told = f"{type(error).__name__}: {error}"
        raise HookSpecError(f"--specs {text} cannot be imported: {told}") from error
    for part in attribute.split(".") if attribute else ():
        if not hasattr(thing, part):
            told = f"--specs {text}: there is no {part!r} in {module}"
            raise HookSpecError("; ".join(filter(None, (told, did_you_mean(part, dir(thing))))))
        thing = getattr(thing, part)
    return thing

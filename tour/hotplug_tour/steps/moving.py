"""Coming from pluggy: its interface, and its marks."""

from __future__ import annotations

from collections.abc import Generator

import hotplug
import hotplug.compat.pluggy as pluggy


def from_pluggy() -> None:
    """A program that uses pluggy runs on hotplug as it is.

    This one says: import hotplug.compat.pluggy as pluggy. hotplug's own manager reads the same
    marks; it is stricter, and calls the oldest plugin first.
    """
    hookspec, hookimpl = pluggy.HookspecMarker("tour"), pluggy.HookimplMarker("tour")

    class Specs:
        @hookspec
        def serve(self, guest: str) -> object: ...

    class Waiter:
        @hookimpl
        def serve(self, guest: str) -> str:
            return f"tea for {guest}"

    class Cook:
        @hotplug.HookimplMarker("tour")
        def serve(self, guest: str) -> str:
            return f"soup for {guest}"

    class Greeter:
        @hookimpl(hookwrapper=True)
        def serve(self) -> Generator[None, pluggy.Result[list[str]], None]:
            outcome = yield
            outcome.force_result(["welcome", *outcome.get_result()])

    for pm in pluggy.PluginManager("tour"), hotplug.PluginManager("tour"):
        pm.add_hookspecs(Specs)
        try:
            for plugin in Waiter(), Cook(), Greeter():
                pm.register(plugin)
        except hotplug.PluginValidationError as error:
            print(error)
        print(pm.hook.serve(guest="Ada"))

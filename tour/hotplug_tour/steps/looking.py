"""Looking at hooks: their types, their calls, their code and what it costs."""

# Declarations have no bodies, which mypy would remark on.
# mypy: disable-error-code="empty-body"

from __future__ import annotations

import inspect
from typing import assert_type

from hotplug import HookimplMarker, HookspecMarker, PluginManager
from hotplug_tour.timing import by_hand, in_pluggy, ratios

hookspec = HookspecMarker("tour")
hookimpl = HookimplMarker("tour")


def typed() -> None:
    """Type checkers know what a hook takes, and what it gives.

    pm.hook has the type of the specs; no plugin of the checker is needed.
    """

    class Specs:
        @hookspec
        def greeting(self, name: str, loud: bool = False) -> str: ...

        @hookspec(firstresult=True)
        def find_user(self, login: str) -> str | None: ...

    class Casual:
        @hookimpl
        def greeting(self, name: str, loud: bool) -> str:
            return f"HEY {name}!" if loud else f"hey {name}"

    pm = PluginManager("tour", Specs)
    pm.register(Casual())
    # mypy and pyright prove these two; a wrong name or type in a call is an error
    print(assert_type(pm.hook.greeting(name="Ada"), list[str]))
    print(assert_type(pm.hook.find_user(login="ada"), str | None))
    # a caller looked up by its declaration is typed the same
    print(assert_type(pm.caller(Specs.greeting)(name="Ada", loud=True), list[str]))
    print(inspect.signature(pm.hook.greeting))


def monitoring() -> None:
    """Trace the calls, or time every plugin.

    Switched off it costs nothing: the code for it is not there.
    """

    class Specs:
        @hookspec
        def outer(self, depth: int) -> int: ...

        @hookspec(firstresult=True)
        def inner(self) -> int | None: ...

    class Plugin:
        @hookimpl
        def outer(self, depth: int) -> int:
            return depth + (pm.hook.inner() or 0)

        @hookimpl
        def inner(self) -> int:
            return 41

    pm = PluginManager("tour", Specs)
    pm.register(Plugin(), name="plugin")
    stop = pm.enable_tracing(print)
    pm.hook.outer(depth=1)
    stop()
    with pm.enable_timing() as timings:
        pm.hook.outer(depth=1)
    print({(row.plugin_name, row.hook): row.calls for row in timings.rows})


def compiled() -> None:
    """The code that runs a call, and what it costs.

    It is made for just these plugins, when it has been called often enough. by_hand is the loop
    that one would write instead; the ratios are of this run.
    """

    class Specs:
        @hookspec
        def price(self, item: str, amount: int) -> int: ...

    class Shop:
        @hookimpl
        def price(self, item: str, amount: int) -> int:
            return amount * 3

    class Post:
        @hookimpl
        def price(self, item: str, amount: int) -> int:
            return 4

    pm = PluginManager("tour", Specs)
    shop, post = Shop(), Post()
    pm.register(shop)
    pm.register(post)
    print(pm.hook.price.explain())

    for name, ratio in ratios(by_hand(shop, post), hotplug=pm.hook.price, pluggy=in_pluggy()):
        print(f"{name:<7} takes {ratio:.2f} times as long as the loop by hand")

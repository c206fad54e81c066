"""Which implementation runs when, and which hook a function implements."""

# Declarations have no bodies, which mypy would remark on.
# mypy: disable-error-code="empty-body"

from __future__ import annotations

from hotplug import HookimplMarker, HookspecMarker, PluginManager

hookspec = HookspecMarker("tour")
hookimpl = HookimplMarker("tour")


def ordering() -> None:
    """First registered, first called, unless told otherwise.

    tryfirst and trylast move it to the front or the back; before= and after= name another plugin,
    and count for more.
    """

    class Specs:
        @hookspec
        def step(self) -> str: ...

    class Plain:
        @hookimpl
        def step(self) -> str:
            return "plain"

    class Last:
        @hookimpl(trylast=True)
        def step(self) -> str:
            return "last"

    class First:
        @hookimpl(tryfirst=True)
        def step(self) -> str:
            return "first"

    class Late:
        @hookimpl(after="last")  # no error if nobody is called "last"
        def step(self) -> str:
            return "after last"

    pm = PluginManager("tour", Specs)
    pm.register(Late(), name="late")
    pm.register(Last(), name="last")
    pm.register(Plain(), name="plain")
    pm.register(First(), name="first")
    print(pm.hook.step())


def target_and_optional() -> None:
    """A function may implement a hook of another name, or none.

    target= says which hook it is for; optional=True is for a hook that the application
    may not have.
    """

    class Specs:
        @hookspec
        def greeting(self, name: str) -> str: ...

    class Polyglot:
        @hookimpl(target="greeting")
        def in_french(self, name: str) -> str:
            return f"Salut {name} !"

        @hookimpl(target=Specs.greeting)  # the declaration itself will do
        def in_german(self, name: str) -> str:
            return f"Hallo {name}!"

        @hookimpl(optional=True)
        def farewell(self, name: str) -> str:
            return f"Bye, {name}."

    pm = PluginManager("tour", Specs)
    pm.register(Polyglot(), name="polyglot")
    print(pm.hook.greeting(name="Ada"))
    print("waiting for a hook:", pm.check_pending())

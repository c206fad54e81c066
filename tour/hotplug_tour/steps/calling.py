"""The four kinds of hooks: collecting, first result, pipeline and historic."""

# Declarations have no bodies, which mypy would remark on.
# mypy: disable-error-code="empty-body"

from __future__ import annotations

from hotplug import HookimplMarker, HookspecMarker, PluginManager

hookspec = HookspecMarker("tour")
hookimpl = HookimplMarker("tour")


def direct() -> None:
    """Every plugin is asked, and the answers come in a list.

    None is no answer and is left out.
    """

    class Specs:
        @hookspec
        def greeting(self, name: str) -> str: ...

    class Casual:
        @hookimpl
        def greeting(self, name: str) -> str:
            return f"hey {name}!"

    class Shy:
        @hookimpl
        def greeting(self) -> None:  # takes the arguments it needs
            return None

    class Formal:
        @hookimpl
        def greeting(self, name: str) -> str:
            return f"Good day, {name}."

    pm = PluginManager("tour", Specs)
    for plugin in (Casual(), Shy(), Formal()):
        pm.register(plugin)
    print(pm.hook.greeting(name="Ada"))


def firstresult() -> None:
    """The first answer wins, and no one after it is asked.

    None is no answer; without any, the result is None.
    """

    class Specs:
        @hookspec(firstresult=True)
        def find_user(self, login: str) -> str | None: ...

    class Cache:
        @hookimpl
        def find_user(self, login: str) -> str | None:
            print("cache is asked for", login)
            return {"ada": "Ada Lovelace"}.get(login)

    class Database:
        @hookimpl
        def find_user(self, login: str) -> str | None:
            print("database is asked for", login)
            return {"alan": "Alan Turing"}.get(login)

    pm = PluginManager("tour", Specs)
    pm.register(Cache())
    pm.register(Database())
    print(pm.hook.find_user(login="ada"))
    print(pm.hook.find_user(login="alan"))
    print(pm.hook.find_user(login="eve"))


def pipeline() -> None:
    """Each plugin gets what the one before it returned.

    None passes the value on unchanged.
    """

    class Specs:
        @hookspec(pipeline=True)
        def clean(self, text: str) -> str: ...

    class Strip:
        @hookimpl
        def clean(self, text: str) -> str:
            return text.strip()

    class Collapse:
        @hookimpl
        def clean(self, text: str) -> str:
            return " ".join(text.split())

    class Title:
        @hookimpl
        def clean(self, text: str) -> str:
            return text.title()

    pm = PluginManager("tour", Specs)
    for plugin in (Strip(), Collapse(), Title()):
        pm.register(plugin)
    print(repr(pm.hook.clean(text="  hello   wonderful world! ")))


def historic() -> None:
    """Plugins that come later see the call too.

    It is replayed to each of them as it is registered.
    """

    class Specs:
        @hookspec(historic=True)
        def user_joined(self, name: str) -> str | None: ...

    class Greeter:
        @hookimpl
        def user_joined(self, name: str) -> str:
            return f"greeter welcomes {name}"

    class Counter:
        @hookimpl
        def user_joined(self, name: str) -> str:
            return f"counter has seen {name}"

    pm = PluginManager("tour", Specs)
    pm.register(Greeter())
    pm.hook.user_joined.call_historic(kwargs={"name": "Ada"}, result_callback=print)
    pm.hook.user_joined.call_historic(kwargs={"name": "Alan"}, result_callback=print)
    pm.register(Counter())

"""The two kinds of wrappers."""

# Declarations have no bodies, which mypy would remark on.
# mypy: disable-error-code="empty-body"

from __future__ import annotations

from collections.abc import Callable, Generator

from hotplug import HookimplMarker, HookspecMarker, PluginManager

hookspec = HookspecMarker("tour")
hookimpl = HookimplMarker("tour")


def wrapper() -> None:
    """A generator that yields once stands around the others.

    It sees their result or their error at its yield; what it returns becomes the result.
    """

    class Specs:
        @hookspec(firstresult=True)
        def load(self, key: str) -> str | None: ...

    class Disk:
        @hookimpl
        def load(self, key: str) -> str:
            return {"greeting": "hello"}[key]

    class Fallback:
        @hookimpl(wrapper=True)
        def load(self, key: str) -> Generator[None, str, str]:
            try:
                result = yield
            except KeyError:
                return f"({key} is missing)"
            return result.upper()

    pm = PluginManager("tour", Specs)
    pm.register(Disk())
    pm.register(Fallback())
    print(pm.hook.load(key="greeting"))
    print(pm.hook.load(key="farewell"))


def around() -> None:
    """A function is given the rest of the call as call_next.

    It may call it once, again, or never. It costs less than a generator.
    """

    class Specs:
        @hookspec(firstresult=True)
        def fetch(self, url: str) -> str | None: ...

    class Network:
        attempts = 0

        @hookimpl
        def fetch(self, url: str) -> str:
            self.attempts += 1
            if self.attempts < 3:
                raise ConnectionError("no route")
            return f"<page {url}>"

    class Retry:
        @hookimpl(around=True)
        def fetch(self, call_next: Callable[..., str | None], url: str) -> str | None:
            for attempt in range(1, 4):
                try:
                    return call_next(url=url)
                except ConnectionError as error:
                    print(f"attempt {attempt}: {error}")
            return None

    pm = PluginManager("tour", Specs)
    pm.register(Network())
    pm.register(Retry())
    print(pm.hook.fetch(url="/news"))

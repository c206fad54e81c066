"""Hooks of async programs."""

# Declarations have no bodies, which mypy would remark on.
# mypy: disable-error-code="empty-body"

from __future__ import annotations

import asyncio

from hotplug import AsyncHooks, AsyncPluginManager, HookimplMarker, HookspecMarker

hookspec = HookspecMarker("tour")
hookimpl = HookimplMarker("tour")


def async_() -> None:
    """Coroutine functions are awaited; plain functions mix in.

    One plugin after the other, unless the hook says otherwise.
    """

    class Specs(AsyncHooks):
        @hookspec
        def headlines(self, topic: str) -> str: ...

    class Wire:
        @hookimpl
        async def headlines(self, topic: str) -> str:
            await asyncio.sleep(0.01)
            return f"{topic} from the wire"

    class Archive:
        @hookimpl
        def headlines(self, topic: str) -> str:
            return f"{topic} from the archive"

    async def main() -> None:
        pm = AsyncPluginManager("tour", Specs)
        pm.register(Wire())
        pm.register(Archive())
        print(await pm.hook.headlines(topic="sun"))

    asyncio.run(main())


def concurrent() -> None:
    """All plugins run at once; results keep their order.

    timeout= bounds each of them, limit= how many run at once.
    """

    class Specs(AsyncHooks):
        @hookspec(concurrent=True, limit=10, timeout=5)
        async def fetch(self, topic: str) -> str: ...

    class Slow:
        @hookimpl
        async def fetch(self, topic: str) -> str:
            print("slow begins")
            await asyncio.sleep(0.02)
            return f"{topic}, in depth"

    class Quick:
        @hookimpl
        async def fetch(self, topic: str) -> str:
            print("quick begins, before slow has ended")
            return f"{topic}, in short"

    async def main() -> None:
        pm = AsyncPluginManager("tour", Specs)
        pm.register(Slow())
        pm.register(Quick())
        print(await pm.hook.fetch(topic="sun"))

    asyncio.run(main())

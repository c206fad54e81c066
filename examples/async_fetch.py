"""Several sources are asked for the same thing, one of them by a plain function.

Shown: an async hook whose implementations are awaited, one whose implementations are awaited at
the same time, and an error that says whose it is.
"""

import asyncio

from hotplug import AsyncHooks, AsyncPluginManager, HookimplMarker, HookspecMarker

hookspec = HookspecMarker("fetch")
hookimpl = HookimplMarker("fetch")


class Specs(AsyncHooks):
    @hookspec
    async def fetch(self, key: str) -> str:
        """Say what you know of it."""
        raise NotImplementedError

    @hookspec(concurrent=True)
    async def arrive(self, together: asyncio.Barrier) -> str:
        """Wait until all are there."""
        raise NotImplementedError


class Cache:
    @hookimpl
    def fetch(self, key: str) -> str | None:
        return {"tea": "cache: 2.50"}.get(key)


class Database:
    @hookimpl
    async def fetch(self, key: str) -> str:
        await asyncio.sleep(0.001)
        return f"database: {key}"

    @hookimpl
    async def arrive(self, together: asyncio.Barrier) -> str:
        await together.wait()
        return "database"


class Network:
    @hookimpl
    async def fetch(self, key: str) -> str:
        await asyncio.sleep(0.001)
        if key == "beans":
            raise ConnectionError("no route to the roastery")
        return f"network: {key}"

    @hookimpl
    async def arrive(self, together: asyncio.Barrier) -> str:
        await together.wait()
        return "network"


async def main() -> None:
    pm = AsyncPluginManager("fetch", Specs)
    pm.register(Cache(), name="cache")
    pm.register(Database(), name="database")
    pm.register(Network(), name="network")

    print(await pm.hook.fetch(key="tea"))
    print(await pm.hook.fetch(key="milk"))
    # Each of the two waits for the other: one after the other they would wait for ever.
    print(await pm.hook.arrive(together=asyncio.Barrier(2)))

    try:
        await pm.hook.fetch(key="beans")
    except ConnectionError as error:
        print(f"{error}; {error.__notes__[0]}")


if __name__ == "__main__":
    asyncio.run(main())

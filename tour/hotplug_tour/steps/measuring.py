"""What a host measures of its plugins: their start, and what they do after it."""

from __future__ import annotations

import asyncio

from hotplug import AsyncHooks, HookspecMarker, PluginHost
from hotplug_tour.folders import plugin_folders


def ledger() -> None:
    """The ledger tells what starting each plugin took.

    Milliseconds, memory, and the modules that came in with it.
    """
    with plugin_folders() as write, PluginHost() as host:
        host.load_plugin(write("till", "import decimal, sqlite3")).enable()
        host.load_plugin(write("bell", "")).enable()
        print(host.ledger())


def profile() -> None:
    """A profile tells what each plugin does.

    It names who blocks the event loop, too. Where nobody asks for one it costs nothing.
    """

    class Specs(AsyncHooks):
        @HookspecMarker("till")
        async def fetch(self, item: str) -> object: ...

    with plugin_folders() as write, PluginHost("till", specs=Specs) as host:
        for name, wait in {"quick": "await asyncio.sleep", "hog": "time.sleep"}.items():
            source = f"""
                import asyncio, time
                from hotplug import HookimplMarker

                @HookimplMarker("till")
                async def fetch(item):
                    {wait}(0.3)
                """
            host.load_plugin(write(name, source)).enable()
        with host.profile(slow=0.1) as profile:
            asyncio.run(host.async_hooks.hook.fetch(item="tea"))
        print(profile)

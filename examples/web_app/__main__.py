"""A FastAPI application whose routes come and go with plugins, while its server runs.

Shown: routers from a hook, a server that runs all the time, the API's own description following
the plugins, hot reload between two requests, and what holds old code.
"""

import asyncio
import socket
from pathlib import Path
from shutil import copytree
from tempfile import TemporaryDirectory
from typing import Any

import httpx
import uvicorn
from fastapi import APIRouter, FastAPI

from hotplug import HookspecMarker, PluginHost

PLUGINS = Path(__file__).with_name("plugins")
hookspec = HookspecMarker("cafe")


class Cafe:
    @hookspec
    def router(self) -> APIRouter:
        """Return the routes that you offer."""
        raise NotImplementedError


class PluginRoutes:
    """The ASGI application of the routers that plugins offer now."""

    def __init__(self, host: PluginHost[Cafe]) -> None:
        self.host = host
        self.made_of: list[APIRouter] = []
        self.app = FastAPI()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        routers = self.host.hooks.hook.router()
        if routers != self.made_of:
            self.made_of, self.app = routers, FastAPI(title="Cafe")
            for router in routers:
                self.app.include_router(router)
        await self.app(scope, receive, send)


async def main() -> None:
    with TemporaryDirectory() as place, socket.create_server(("127.0.0.1", 0)) as port:
        folder = copytree(PLUGINS, Path(place) / "plugins")
        async with PluginHost("cafe", specs=Cafe) as host:
            server = uvicorn.Server(uvicorn.Config(PluginRoutes(host), log_level="warning"))
            serving = asyncio.create_task(server.serve(sockets=[port]))
            address = f"http://127.0.0.1:{port.getsockname()[1]}"
            async with httpx.AsyncClient(base_url=address) as client:
                await visit(client, host, folder)
            server.should_exit = True
            await serving


async def visit(client: httpx.AsyncClient, host: PluginHost[Cafe], folder: Path) -> None:
    async def show(path: str, **options: Any) -> None:
        answer = await client.request("POST" if options else "GET", path, **options)
        print(path, answer.status_code, answer.text if answer.is_success else "-")

    await show("/tea/green")

    tea = host.load_plugin(folder / "tea")
    tea.enable()
    orders = host.load_plugin(folder / "orders")
    orders.enable()
    await show("/tea/green")
    await show("/orders", json={"item": "green", "cups": 2})
    await show("/orders", json={"item": "green", "cups": "many"})
    api = (await client.get("/openapi.json")).json()
    print("described:", *api["paths"])

    code = tea.path / "plugin.py"
    code.write_text(code.read_text("utf-8").replace("2.5", "2.8"), "utf-8")
    await tea.reload_async()
    await show("/tea/green")
    await show("/orders", json={"item": "green", "cups": 2})

    tea.disable()
    await show("/tea/green")
    await show("/orders", json={"item": "green", "cups": 2})

    for old in host.old_generations():  # FastAPI keeps some of the functions that it has seen
        print(f"{old.plugin}, generation {old.generation}, is held by", old.chain.split(".")[0])


if __name__ == "__main__":
    asyncio.run(main())

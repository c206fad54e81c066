"""What there can be only one of: it is handed over in the commit, or the reload is refused."""

from __future__ import annotations

import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hotplug import Plugin, PluginHost
from hotplug.errors import ReloadError

Write = Callable[..., Path]
Enable = Callable[..., Plugin]
Host = PluginHost[Any]

SERVES = """
import socket
from hotplug import Resource

class Port(Resource):
    exclusive = "port"
    listening = None

    def _activate(self):
        self.listening = socket.create_server(("127.0.0.1", 0))

    def _cleanup(self):
        self.listening.close()

    def take_over(self, before):
        self.listening, before.listening = before.listening, None

me = get_current_plugin()
port = Port(me)
me.owner.scope.add(port)
"""


def address(shop: Plugin) -> Any:
    return shop.module.port.listening.getsockname()


def test_a_port_goes_on_listening_in_the_new_generation(enable: Enable) -> None:
    shop = enable("shop", SERVES)
    before = address(shop)

    shop.reload()

    assert address(shop) == before
    socket.create_connection(before).close()
    shop.disable()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(before)


def test_what_cannot_be_handed_over_is_refused_with_its_line(enable: Enable, write: Write) -> None:
    shop = enable("shop", SERVES)
    before = address(shop)
    write("shop", SERVES.replace("take_over", "grab"))

    with pytest.raises(ReloadError, match="let Port have take_over") as caught:
        shop.reload()

    assert caught.value.stage == "start"
    assert address(shop) == before


def test_it_goes_back_if_the_commit_fails(host: Host, enable: Enable, write: Write) -> None:
    shop = enable("shop", SERVES)
    before = address(shop)
    breaks = """
class Broken(Port):
    exclusive = "second"
    def _activate(self): ...
    def _cleanup(self): ...
    def take_over(self, before): 1 / 0
me.owner.scope.add(Broken(me))
"""
    shop.unload()
    shop = enable("shop", SERVES + breaks.replace("1 / 0", "..."))
    before = address(shop)
    write("shop", SERVES + breaks)

    with pytest.raises(ReloadError) as caught:
        shop.reload()

    assert caught.value.stage == "commit"
    assert address(shop) == before
    socket.create_connection(before).close()


def test_one_that_is_new_goes_live_at_once(enable: Enable, write: Write) -> None:
    shop = enable("shop")
    write("shop", SERVES)

    shop.reload()

    socket.create_connection(address(shop)).close()

"""Who runs now: asking for it, and saying it where an application may."""

# A lambda is code of the plugin that has it; what it calls may be anybody's.
# ruff: noqa: PLW0108

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from hotplug.errors import NotAllowed
from hotplug.host.contexts import (
    get_current_plugin,
    host_call,
    plugin_context,
    set_current_plugin,
)
from hotplug.host.owner import Owner, current_owner
from hotplug.host.syscalls import syscall

Code = Callable[[Owner], Callable[[Callable[..., Any]], Callable[..., Any]]]
HOST = SimpleNamespace(name="host")


class Plugin:
    """Stands for a plugin of a host."""

    def __init__(self, owner: Owner, host: object) -> None:
        self.owner, self.host = owner, host


class Life(Owner):
    """An owner that has a plugin."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.plugin = Plugin(self, HOST)


def test_outside_all_plugins_there_is_no_current_plugin() -> None:
    assert get_current_plugin() is None


def test_the_current_plugin_is_that_of_the_owner_or_the_owner_itself(shop: Owner) -> None:
    life = Life("billing")

    assert life.call(get_current_plugin) is life.plugin
    assert shop.call(get_current_plugin) is shop


def test_dk49_what_a_plugin_is_does_not_depend_on_a_default_host(code_of: Code) -> None:
    life = Life("shop")
    api = code_of(life)(lambda: syscall(lambda: get_current_plugin()))()
    other = Life("of another host")

    with plugin_context(HOST, other.plugin):
        assert api() is life.plugin


def test_a_context_is_nested_and_restored_also_after_an_error(shop: Owner, billing: Owner) -> None:
    seen: list[object] = []
    with contextlib.suppress(KeyError), plugin_context(HOST, shop):
        seen.append(get_current_plugin())
        with contextlib.suppress(KeyError), plugin_context(HOST, billing):
            seen.append(get_current_plugin())
            with plugin_context(HOST, None):
                seen.append(get_current_plugin())
                raise KeyError
        seen.append(get_current_plugin())
        raise KeyError

    assert [*seen, get_current_plugin()] == [shop, billing, None, shop, None]


def test_a_context_belongs_to_the_task_that_entered_it(shop: Owner, billing: Owner) -> None:
    async def within(owner: Owner) -> object:
        with plugin_context(HOST, owner):
            await asyncio.sleep(0)
            return get_current_plugin()

    async def main() -> list[object]:
        return [*await asyncio.gather(within(shop), within(billing)), get_current_plugin()]

    assert asyncio.run(main()) == [shop, billing, None]


def test_a_plugin_of_another_host_is_refused() -> None:
    with pytest.raises(ValueError, match="name the host it belongs to"):
        plugin_context(SimpleNamespace(name="other"), Life("shop").plugin)


@pytest.mark.parametrize("enter", [lambda it: plugin_context(HOST, it), set_current_plugin])
def test_pkl12_nobody_runs_as_what_is_no_plugin(enter: Callable[[Any], object]) -> None:
    with pytest.raises(TypeError, match="a Plugin is expected, or None, and not 'shop'"):
        enter("shop")


@pytest.mark.parametrize("target", ["billing", None])
def test_dk50_a_plugin_cannot_run_as_another_nor_as_the_application(
    shop: Owner, billing: Owner, code_of: Code, target: str | None
) -> None:
    @code_of(shop)
    def attack() -> None:
        with plugin_context(HOST, billing if target else None):
            reached.append(get_current_plugin())

    reached: list[object] = []
    ways: list[Callable[[], object]] = [
        attack,  # the application calls its function plainly
        lambda: shop.call(attack),
        syscall(attack),
        lambda: host_call(attack),
        lambda: shop.call(attack),
    ]
    for way in ways:
        with pytest.raises(NotAllowed, match="plugin 'shop' may not run as"):
            way()
    assert reached == []


def test_dk50_a_library_between_does_not_help(shop: Owner, billing: Owner, code_of: Code) -> None:
    @code_of(shop)
    def attack() -> None:
        with contextlib.ExitStack() as stack:
            stack.enter_context(plugin_context(HOST, billing))

    with pytest.raises(NotAllowed):
        attack()


def test_a_plugin_may_enter_its_own_context(shop: Owner, code_of: Code) -> None:
    @code_of(shop)
    def plugin() -> Callable[[], object]:
        @syscall
        def api() -> object:
            with plugin_context(HOST, shop):
                return get_current_plugin()

        return api

    assert plugin()() is shop


def test_host_call_runs_the_applications_own_code_beneath_a_plugin(
    shop: Owner, billing: Owner, code_of: Code
) -> None:
    def save() -> list[object]:
        return [current_owner(), host_call(inner), current_owner()]

    def inner() -> list[object]:
        with plugin_context(HOST, billing):
            return [current_owner()]

    @code_of(shop)
    def plugin() -> Any:
        return syscall(lambda: save())

    assert plugin()() == [shop, [billing], shop]


def test_dk50_a_plugin_cannot_use_host_call_itself(shop: Owner, code_of: Code) -> None:
    @code_of(shop)
    def attack() -> object:
        return host_call(get_current_plugin)

    with pytest.raises(NotAllowed, match="plugin 'shop' may not act as the application"):
        attack()


def test_a_context_that_could_not_take_effect_is_refused(
    shop: Owner, billing: Owner, code_of: Code
) -> None:
    @syscall
    def of_the_application() -> None:
        with plugin_context(HOST, billing):
            pass

    plugin = code_of(shop)(lambda: of_the_application())

    with pytest.raises(RuntimeError, match=r"plugin.owner.call\(function\), or host_call"):
        plugin()
    assert get_current_plugin() is None


def test_dk51_a_plugin_that_is_set_can_be_reset(shop: Owner) -> None:
    current = set_current_plugin(shop)
    assert get_current_plugin() is shop

    current.reset()
    current.reset()
    assert get_current_plugin() is None

    with set_current_plugin(shop):
        assert get_current_plugin() is shop
    assert get_current_plugin() is None


def test_a_plugin_can_be_set_only_where_none_is(shop: Owner, billing: Owner) -> None:
    with set_current_plugin(shop), pytest.raises(RuntimeError, match="plugin 'shop' runs already"):
        set_current_plugin(billing)


def test_a_plugin_cannot_set_another_where_none_runs(
    shop: Owner, billing: Owner, code_of: Code
) -> None:
    with pytest.raises(NotAllowed):
        code_of(shop)(lambda: set_current_plugin(billing))()
    assert get_current_plugin() is None

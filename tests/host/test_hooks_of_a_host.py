"""The hooks of a host: plugins implement them while they are enabled, and run as themselves."""

from __future__ import annotations

import asyncio
import functools
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from hotplug import AsyncHooks, HookspecMarker
from hotplug.errors import HookSpecError, NotAllowed, PluginGone, PluginValidationError
from hotplug.host.host import PluginHost
from hotplug.host.lifecycle import PluginState
from hotplug.host.owner import current_owner

WritePlugin = Callable[..., Path]
Notes = list[str]

hookspec = HookspecMarker("shop")


class Specs:
    @hookspec
    def price(self, item: str) -> Any: ...

    @hookspec
    def name(self) -> Any: ...


class Later(AsyncHooks):
    @hookspec
    async def fetched(self, url: str) -> Any: ...


@pytest.fixture
def host() -> Iterator[PluginHost[Any]]:
    with PluginHost("shop", specs=[Specs, Later]) as host:
        yield host


HEAD = """
    from hotplug import HookimplMarker, PluginBase
    from hotplug.host.contexts import get_current_plugin
    hookimpl = HookimplMarker("shop")

    def who():
        return get_current_plugin().name
"""

PRICES = (
    HEAD
    + """
    @hookimpl
    def price(item):
        return f"{item} from {who()}"

    @hookimpl
    def name():
        return who()
"""
)


@pytest.mark.parametrize("project", [None, "plugins.toml"])
def test_a_host_whose_name_no_mark_can_have_is_told_one_that_it_can(
    project: str | None, tmp_path: Path
) -> None:
    place = project and tmp_path / project  # it is not there, and that is not the first thing wrong

    with pytest.raises(HookSpecError) as caught:
        PluginHost("my-app", project=place)

    assert str(caught.value).startswith(
        "the host's name 'my-app' must be an identifier, like 'my_app'"
    )


def test_implementations_are_live_while_their_plugin_is_enabled(
    host: PluginHost[Any], write_plugin: WritePlugin
) -> None:
    plugin = host.load_plugin(write_plugin("bakery", PRICES))
    price = host.hooks.hook.price
    assert price(item="bread") == []

    plugin.enable()
    assert price(item="bread") == ["bread from bakery"]

    plugin.disable()
    assert price(item="bread") == []


def test_they_are_resources_of_their_plugin(
    host: PluginHost[Any], write_plugin: WritePlugin
) -> None:
    place = write_plugin("bakery", PRICES)

    plugin = host.load_plugin(place)

    assert [repr(resource) for resource in plugin.resources] == [
        f"<implementation of hook 'price' of plugin 'bakery' from {place}/plugin.py:9>",
        f"<implementation of hook 'name' of plugin 'bakery' from {place}/plugin.py:13>",
    ]


@pytest.mark.parametrize("calls", [1, 300], ids=["interpreted", "compiled"])
def test_an_implementation_runs_as_its_plugin_also_when_another_one_calls(
    host: PluginHost[Any], write_plugin: WritePlugin, calls: int
) -> None:
    source = (
        HEAD
        + """
    @hookimpl
    def name():
        host = get_current_plugin().host
        return who(), host.hooks.hook.price(item="bread"), who()
    """
    )
    host.load_plugin(write_plugin("bakery", PRICES.replace("def name", "def _name")))
    host.load_plugin(write_plugin("caller", source))
    host.get_plugin("bakery").unload()
    host.load_plugin(
        write_plugin("bakery", PRICES.partition("    @hookimpl\n    def name")[0])
    ).enable()
    host.get_plugin("caller").enable()

    answers = [host.hooks.hook.name() for _ in range(calls)]

    assert answers == calls * [[("caller", ["bread from bakery"], "caller")]]
    assert current_owner() is None


def test_implementations_of_the_application_run_as_nobody(
    host: PluginHost[Any], write_plugin: WritePlugin
) -> None:
    from hotplug import HookimplMarker

    class Own:
        @HookimplMarker("shop")
        def price(self, item: str) -> Any:
            return current_owner()

        @HookimplMarker("shop")
        def name(self) -> Any:
            return "application" if current_owner() is None else "plugin"

    host.hooks.register(Own(), name="own")

    assert host.hooks.hook.name() == ["application"]


def test_a_foreign_function_runs_as_the_plugin_that_gave_it(
    host: PluginHost[Any], write_plugin: WritePlugin
) -> None:
    source = (
        HEAD
        + """
    import functools

    def remembering(function):
        from hotplug_test_foreign import decorated
        return decorated(function)

    @hookimpl
    @remembering
    def name():
        return who()
    """
    )
    import sys
    from types import ModuleType

    foreign = ModuleType("hotplug_test_foreign")

    def decorated(function: Callable[[], object]) -> Callable[[], object]:
        @functools.wraps(function)
        def call() -> object:
            owner = current_owner()
            return owner and owner.name, function()

        return call

    vars(foreign)["decorated"] = decorated
    sys.modules["hotplug_test_foreign"] = foreign
    try:
        host.load_plugin(write_plugin("bakery", source)).enable()
        assert host.hooks.hook.name() == [("bakery", "bakery")]
    finally:
        del sys.modules["hotplug_test_foreign"]


def test_async_implementations_go_where_their_spec_is(
    host: PluginHost[Any], write_plugin: WritePlugin
) -> None:
    source = (
        PRICES
        + """
    @hookimpl
    async def fetched(url):
        import asyncio
        await asyncio.sleep(0)
        return url, who()
    """
    )
    plugin = host.load_plugin(write_plugin("bakery", source))
    plugin.enable()

    assert asyncio.run(host.async_hooks.hook.fetched(url="u")) == [("u", "bakery")]
    assert host.hooks.hook.price(item="bread") == ["bread from bakery"]

    plugin.disable()
    assert asyncio.run(host.async_hooks.hook.fetched(url="u")) == []


def test_a_call_never_sees_half_a_plugin(host: PluginHost[Any], write_plugin: WritePlugin) -> None:
    source = (
        HEAD
        + """
    @hookimpl(wrapper=True)
    def price(item):
        return (yield) + ["wrapped"]

    @hookimpl(specname="price")
    def plain(item):
        return "plain"
    """
    )
    plugin = host.load_plugin(write_plugin("bakery", source))
    price, seen, done = host.hooks.hook.price, set(), threading.Event()

    def watch() -> None:
        while not done.is_set():
            seen.add(tuple(price(item="x")))

    watchers = [threading.Thread(target=watch) for _ in range(2)]
    for watcher in watchers:
        watcher.start()
    for _ in range(30):
        plugin.enable()
        plugin.disable()
    done.set()
    for watcher in watchers:
        watcher.join()

    assert seen <= {(), ("plain", "wrapped")}


def test_a_plugin_that_does_not_fit_its_hooks_fails_and_says_so(
    host: PluginHost[Any], write_plugin: WritePlugin
) -> None:
    source = HEAD + "\n    @hookimpl\n    def price(itm):\n        pass\n"
    plugin = host.load_plugin(write_plugin("bakery", source))

    with pytest.raises(PluginValidationError, match=r"plugin 'bakery' .*'itm'"):
        plugin.enable()

    assert plugin.state is PluginState.ERROR


OF_ANOTHER = """
    from hotplug import HookimplMarker, get_current_plugin

    @HookimplMarker("shopp")
    def price(item):
        return 3
"""


def test_a_plugin_whose_marks_are_all_of_another_project_is_told_in_the_log(
    host: PluginHost[Any], write_plugin: WritePlugin, caplog: pytest.LogCaptureFixture
) -> None:
    folder = write_plugin("bakery", OF_ANOTHER)

    host.load_plugin(folder).enable()

    (record,) = caplog.records
    assert (record.name, record.levelname) == ("hotplug.host", "WARNING")
    assert record.message == (
        "plugin 'bakery' implements no hook of project 'shop'\n"
        f"  {folder / 'plugin.py'}\n"
        "  it has marks of project 'shopp'; make that marker for 'shop', "
        "or use the other project's manager"
    )


def test_one_that_is_reloaded_with_such_marks_is_told_with_the_file_as_it_is_on_the_disk(
    host: PluginHost[Any], write_plugin: WritePlugin, caplog: pytest.LogCaptureFixture
) -> None:
    folder = write_plugin("bakery")
    plugin = host.load_plugin(folder)
    write_plugin("bakery", OF_ANOTHER)

    plugin.reload()

    assert f"\n  {folder / 'plugin.py'}\n" in caplog.text


SERVES_BOTH = {
    "marks of both": "\n    @HookimplMarker('shop')\n    def name(): ...\n",
    "a mark for what happens": (
        "\n    from hotplug import hostimpl\n    @hostimpl\n    def plugin_enabled(plugin): ...\n"
    ),
    "an object": (
        "\n    class Extra:\n        @HookimplMarker('shop')\n        def name(self): ...\n"
        "    get_current_plugin().host.hooks.register(Extra())\n"
    ),
}


@pytest.mark.parametrize("source", SERVES_BOTH.values(), ids=SERVES_BOTH)
def test_one_that_serves_its_host_as_well_is_not(
    host: PluginHost[Any],
    write_plugin: WritePlugin,
    caplog: pytest.LogCaptureFixture,
    source: str,
) -> None:
    host.load_plugin(write_plugin("bakery", OF_ANOTHER + source)).enable()

    assert caplog.records == []


def test_a_host_without_hooks_has_nothing_to_say_of_marks(
    write_plugin: WritePlugin, caplog: pytest.LogCaptureFixture
) -> None:
    with PluginHost("shop") as host:
        host.load_plugin(write_plugin("bakery", OF_ANOTHER)).enable()

    assert caplog.records == []


def test_an_object_with_marks_of_another_project_is_refused_with_the_same_words(
    host: PluginHost[Any], write_plugin: WritePlugin
) -> None:
    source = """
        from hotplug import HookimplMarker, get_current_plugin

        class Extra:
            @HookimplMarker("shopp")
            def price(self, item): ...

        get_current_plugin().host.hooks.register(Extra())
    """

    with pytest.raises(PluginValidationError) as caught:
        host.load_plugin(write_plugin("bakery", source))

    place, hint = str(caught.value).splitlines()[1:]
    assert "Extra in " in place
    assert hint == (
        "  it has marks of project 'shopp'; make that marker for 'shop', "
        "or use the other project's manager"
    )


def test_a_plugin_registers_objects_of_its_own_which_leave_with_it(
    host: PluginHost[Any], write_plugin: WritePlugin
) -> None:
    source = (
        HEAD
        + """
    class Extra:
        @hookimpl
        def name(self):
            return "extra", who()

    get_current_plugin().host.hooks.register(Extra())
    """
    )
    plugin = host.load_plugin(write_plugin("bakery", source))
    plugin.enable()
    assert host.hooks.hook.name() == [("extra", "bakery")]

    plugin.disable()
    assert host.hooks.hook.name() == []


def test_a_plugin_takes_its_own_objects_out_again(
    host: PluginHost[Any], write_plugin: WritePlugin
) -> None:
    source = (
        HEAD
        + """
    class Extra:
        @hookimpl
        def name(self):
            return "extra"

    extra = Extra()
    hooks = get_current_plugin().host.hooks
    hooks.register(extra)
    taken_out = lambda: hooks.unregister(extra)
    """
    )
    plugin = host.load_plugin(write_plugin("bakery", source))
    plugin.enable()

    assert plugin.module.taken_out() is plugin.module.extra
    assert host.hooks.hook.name() == []
    assert plugin.resources == []


def test_a_plugin_declares_no_hooks(host: PluginHost[Any], write_plugin: WritePlugin) -> None:
    source = HEAD + "\n    get_current_plugin().host.hooks.add_hookspecs(object())"

    with pytest.raises(NotAllowed, match="plugin 'bakery' cannot declare hooks"):
        host.load_plugin(write_plugin("bakery", source))


@pytest.mark.parametrize(
    ("asks", "refused"),
    [
        ("hooks.set_blocked('other')", "cannot block others: only the application can"),
        ("hooks.unblock('other')", "cannot block others: only the application can"),
        ("hooks.load_entrypoints('shop')", "cannot load entry points: only the application can"),
    ],
)
def test_pk16_a_plugin_decides_nothing_about_the_plugins_of_others(
    host: PluginHost[Any], write_plugin: WritePlugin, asks: str, refused: str
) -> None:
    source = HEAD + f"\n    hooks = get_current_plugin().host.hooks\n    {asks}"

    with pytest.raises(NotAllowed, match=f"plugin 'bakery' {refused}"):
        host.load_plugin(write_plugin("bakery", source))


def test_lab05_what_a_plugin_registers_all_at_once_leaves_with_it(
    host: PluginHost[Any], write_plugin: WritePlugin
) -> None:
    source = (
        HEAD
        + """
    from hotplug import PluginBase

    class Base(PluginBase): ...

    class Bread(Base, plugin_id="bread"):
        @hookimpl
        def name(self):
            return "bread", who()

    get_current_plugin().host.hooks.register_all(Base)
    """
    )
    plugin = host.load_plugin(write_plugin("bakery", source))
    plugin.enable()
    assert host.hooks.hook.name() == [("bread", "bakery")]

    plugin.disable()
    assert host.hooks.hook.name() == []


@pytest.mark.parametrize(
    "watches",
    [
        "hooks.add_hookcall_monitoring(lambda *what: notes.append(what), lambda *what: None)",
        "hooks.enable_tracing(notes.append)",
        "hooks.enable_timing()",
    ],
)
def test_a_plugin_watches_hooks_as_long_as_it_runs(
    host: PluginHost[Any], write_plugin: WritePlugin, notes: list[Any], watches: str
) -> None:
    source = HEAD + f"\n    hooks = get_current_plugin().host.hooks\n    watch = {watches}"
    plugin = host.load_plugin(write_plugin("bakery", source))
    plugin.enable()
    assert [resource.kind for resource in plugin.resources] == ["monitoring"]

    plugin.disable()
    notes.clear()
    host.hooks.hook.name()

    assert notes == []
    assert plugin.resources == []


def test_pkl03_a_plugin_looks_through_its_host_as_the_application_does(
    host: PluginHost[Any], write_plugin: WritePlugin
) -> None:
    source = HEAD + "\n    host = get_current_plugin().host\n    names = [str(p) for p in host]"
    host.load_plugin(write_plugin("shop"))

    module = host.load_plugin(write_plugin("bakery", source)).module

    assert module.names == ["shop", "bakery"]
    assert ("shop" in module.host, len(module.host), bool(module.host)) == (True, 2, True)
    assert (module.host, str(module.host)) == (host, str(host))


@pytest.mark.parametrize(
    "late",
    [
        "hooks.hook.price(item='x')",
        "hooks.hook.price.call_extra([], {'item': 'x'})",
        "kept(item='x')",
        "hooks.caller('price')(item='x')",
        "hooks.register_all(Base)",
        "hooks.enable_timing()",
        "hooks.register(Extra())",
        "host.load_plugin('./other')",
    ],
)
def test_code_of_an_ended_life_can_do_nothing_through_the_host(
    host: PluginHost[Any], write_plugin: WritePlugin, late: str
) -> None:
    source = (
        HEAD
        + f"""
    class Extra:
        @hookimpl
        def name(self):
            return "extra"

    class Base(PluginBase): ...
    Base.Bread = type("Bread", (Base, Extra), {{}}, plugin_id="bread")

    host = get_current_plugin().host
    hooks = host.hooks
    kept = hooks.hook.price
    late = lambda: {late}
    """
    )
    plugin = host.load_plugin(write_plugin("bakery", source))
    plugin.enable()
    late_call = plugin.module.late
    plugin.disable()
    plugin.enable()

    with pytest.raises(PluginGone, match=r"plugin 'bakery' \(generation 1\) has ended"):
        late_call()

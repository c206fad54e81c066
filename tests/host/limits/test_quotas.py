"""What a plugin may hold, counted: what would be too much is not made, and all else stays."""

from __future__ import annotations

import asyncio
import pickle
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hotplug import HookspecMarker, HotplugError, LimitExceeded, PluginHost, PluginState
from hotplug.host.resources import Held

WritePlugin = Callable[..., Path]
Notes = list[str]

TIMERS = """
    from hotplug import set_timeout

    def timer():
        return set_timeout(print, 3600)
"""


def limited(limits: dict[str, Any], **options: Any) -> PluginHost[Any]:
    return PluginHost(project={"limits": limits}, **options)


def kinds(plugin: Any) -> list[str]:
    return [held.kind for held in plugin.resources]


def test_r3_what_a_limit_does_not_allow_is_an_error_and_is_not_made(
    write_plugin: WritePlugin,
) -> None:
    with limited({"timers": 2}) as host:
        shop = host.load_plugin(write_plugin("shop", TIMERS))
        shop.enable()
        timer = shop.module.timer
        first, _ = shop.owner.call(timer), shop.owner.call(timer)

        with pytest.raises(LimitExceeded, match="plugin 'shop' can hold no new timer"):
            shop.owner.call(timer)

        assert kinds(shop) == ["timer", "timer"]
        assert shop.state is PluginState.ENABLED
        assert host.scheduler.waiting == 2
        first.cancel()
        shop.owner.call(timer)


def test_r3_the_error_names_the_limit_where_it_is_set_and_the_largest_holders(
    tmp_path: Path, write_plugin: WritePlugin
) -> None:
    project = tmp_path / "plugins.toml"
    project.write_text("[limits]\nresources = 9\n\n[limits.shop]\nresources = 3\n", "utf-8")
    source = """
        from hotplug import set_timeout

        for _ in range(2):
            set_timeout(print, 3600)
        set_timeout(print, 60)

        def timer():
            set_timeout(print, 3600)
    """
    with PluginHost(project=project) as host:
        shop = host.load_plugin(write_plugin("shop", source))
        file = shop.module.__file__

        with pytest.raises(LimitExceeded) as caught:
            shop.owner.call(shop.module.timer)

    error = caught.value
    assert isinstance(error, HotplugError)
    assert isinstance(error, RuntimeError)
    assert (error.plugin_name, error.limit, error.value) == ("shop", "resources", 3)
    assert error.where == f"{project}:5"
    assert [tuple(held) for held in error.holders] == [
        ("timer", 2, f"{file}:5"),
        ("timer", 1, f"{file}:6"),
    ]
    assert str(error) == (
        "plugin 'shop' can hold no new timer\n"
        f"  limited by limits.shop.resources = 3   {project}:5\n"
        f"  it holds 2 x timer from {file}:5\n"
        f"  it holds 1 x timer from {file}:6"
    )
    assert str(pickle.loads(pickle.dumps(error))) == str(error)


def test_r3_a_load_that_breaches_is_rolled_back(write_plugin: WritePlugin) -> None:
    source = TIMERS + "\n    for _ in range(3):\n        timer()\n"
    with limited({"timers": 2}) as host:
        folder = write_plugin("shop", source)

        with pytest.raises(LimitExceeded):
            host.load_plugin(folder)

        shop = host.get_plugin("shop")
        assert shop.state is PluginState.ERROR
        assert shop.resources == []
        assert isinstance(shop.error, LimitExceeded)
        assert "can hold no new timer" in shop.reason


def test_r3_a_plugin_of_its_own_table_has_its_own_limit(write_plugin: WritePlugin) -> None:
    with limited({"timers": 1, "shop": {"timers": float("inf")}}) as host:
        shop, other = (host.load_plugin(write_plugin(name, TIMERS)) for name in ("shop", "other"))

        for _ in range(5):
            shop.owner.call(shop.module.timer)
        other.owner.call(other.module.timer)
        with pytest.raises(LimitExceeded, match="plugin 'other'"):
            other.owner.call(other.module.timer)
        assert [use.plugin for use in host.limits()] == ["other"]


def test_r3_a_new_life_of_a_plugin_has_the_whole_of_its_limits(write_plugin: WritePlugin) -> None:
    with limited({"timers": 1}) as host:
        shop = host.load_plugin(write_plugin("shop", TIMERS + "\n    timer()\n"))

        for _ in range(3):
            shop.enable()
            shop.disable()

        shop.enable()
        assert kinds(shop) == ["timer"]


# of every kind

EVERY_KIND = {
    "hooks": """
        from itertools import count
        from hotplug import HookimplMarker, get_current_plugin

        number = count()

        class Price:
            @HookimplMarker("till")
            def price(self):
                return 1

        def make():
            get_current_plugin().host.hooks.register(Price(), f"price{next(number)}")
    """,
    "events": """
        from hotplug import event

        def make():
            @event
            def sold(): ...
            return sold
    """,
    "subscriptions": """
        from hotplug import event

        @event
        def sold(): ...

        def make():
            sold.subscribe(lambda: None)
    """,
    "timers": TIMERS.replace("def timer", "def make"),
    "threads": """
        from threading import Thread
        from hotplug import get_current_plugin

        def make():
            stopping = get_current_plugin().stopping
            thread = Thread(target=lambda: (notes.append("ran"), stopping.wait()))
            thread.start()
    """,
    "children": """
        from itertools import count
        from pathlib import Path
        from hotplug import get_current_plugin

        number = count()

        def make():
            folder = Path(__file__).parent / f"child{next(number)}"
            folder.mkdir(exist_ok=True)
            (folder / "plugin.json").write_text('{"name": "%s"}' % folder.name)
            (folder / "plugin.py").write_text("")
            get_current_plugin().host.load_plugin(folder)
    """,
    "hosts": """
        from hotplug import PluginHost

        def make():
            PluginHost()
    """,
    "loggers": """
        from itertools import count
        from hotplug import get_logger

        number = count()

        def make():
            get_logger(f"part{next(number)}")
    """,
    "listeners": """
        from hotplug import get_current_plugin

        def make():
            get_current_plugin().host.add_enable_hook(print)
    """,
    "files": """
        from hotplug import get_current_plugin

        opened = []

        def make():
            opened.append(open(__file__))
            get_current_plugin().own(opened[-1])
    """,
    "folders": """
        from hotplug import get_current_plugin

        def make():
            get_current_plugin().temporary_folder()
    """,
    "connection": """
        from hotplug import Resource, get_current_plugin

        class Connection(Resource):
            kind = "connection"

        def make():
            this = get_current_plugin()
            this.host.resource_manager.register(Connection(this))
    """,
}


class Specs:
    @HookspecMarker("till")
    def price(self) -> object: ...


@pytest.mark.parametrize("name", EVERY_KIND)
def test_r3_resources_of_every_kind_are_limited(
    name: str, write_plugin: WritePlugin, notes: Notes
) -> None:
    with limited({name: 2, "on_breach": "error"}, name="till", specs=Specs) as host:
        shop = host.load_plugin(write_plugin("shop", EVERY_KIND[name]))
        shop.enable()
        shop.owner.call(shop.module.make)
        shop.owner.call(shop.module.make)
        before, plugins = shop.resources, [*host.plugins]

        with pytest.raises(LimitExceeded) as caught:
            shop.owner.call(shop.module.make)

        assert caught.value.limit == name
        assert shop.resources == before
        assert [*host.plugins] == plugins
        before[-1].disable()
        shop.owner.call(shop.module.make)
        assert len(shop.resources) == len(before)


def test_r3_all_that_a_plugin_holds_counts_as_resources(write_plugin: WritePlugin) -> None:
    source = """
        from hotplug import event, set_timeout

        @event
        def sold(): ...

        set_timeout(print, 60)

        def subscribe():
            sold.subscribe(print)
    """
    with limited({"resources": 2}) as host:
        shop = host.load_plugin(write_plugin("shop", source))

        with pytest.raises(LimitExceeded, match="can hold no new subscription"):
            shop.owner.call(shop.module.subscribe)

        assert kinds(shop) == ["event", "timer"]


def test_r3_a_thread_is_refused_before_it_runs(write_plugin: WritePlugin, notes: Notes) -> None:
    with limited({"threads": 1}) as host:
        shop = host.load_plugin(write_plugin("shop", EVERY_KIND["threads"]))
        shop.enable()
        shop.owner.call(shop.module.make)
        running = threading.active_count()

        with pytest.raises(LimitExceeded):
            shop.owner.call(shop.module.make)

        assert threading.active_count() == running
        assert notes == ["ran"]


TASKS = """
    import asyncio

    async def work():
        notes.append("ran")
        await asyncio.Event().wait()

    def task():
        return asyncio.create_task(work())
"""


@pytest.mark.parametrize("eager", [False, True])
def test_r3_a_task_is_refused_before_it_runs(
    eager: bool, write_plugin: WritePlugin, notes: Notes
) -> None:
    if eager and sys.version_info < (3, 12):
        pytest.skip("eager tasks came with 3.12")

    async def main() -> None:
        if eager:
            asyncio.get_running_loop().set_task_factory(getattr(asyncio, "eager_task_factory"))  # noqa: B009
        async with limited({"tasks": 1}) as host:
            shop = host.load_plugin(write_plugin("shop", TASKS))
            shop.enable()
            first = shop.owner.call(shop.module.task)
            tasks = len(asyncio.all_tasks())
            with pytest.raises(LimitExceeded):
                shop.owner.call(shop.module.task)

            await asyncio.sleep(0)
            assert len(asyncio.all_tasks()) == tasks
            assert notes == ["ran"]
            first.cancel()
            await asyncio.wait([first])
            shop.owner.call(shop.module.task)

    asyncio.run(main())


def test_r3_a_task_that_is_done_at_once_keeps_no_place(write_plugin: WritePlugin) -> None:
    if sys.version_info < (3, 12):
        pytest.skip("eager tasks came with 3.12")
    source = """
        import asyncio

        async def nothing(): ...

        def task():
            return asyncio.create_task(nothing())
    """

    async def main() -> None:
        asyncio.get_running_loop().set_task_factory(getattr(asyncio, "eager_task_factory"))  # noqa: B009
        async with limited({"tasks": 1}) as host:
            shop = host.load_plugin(write_plugin("shop", source))
            shop.enable()
            for _ in range(3):
                assert shop.owner.call(shop.module.task).done()

    asyncio.run(main())


def test_r3_a_task_that_cannot_be_made_keeps_no_place(
    write_plugin: WritePlugin,
) -> None:
    source = """
        import asyncio

        async def nothing(): ...

        def make(loop):
            coroutine = nothing()
            try:
                loop.create_task(coroutine)
            finally:
                coroutine.close()
    """

    def broken(*_: object, **__: object) -> Any:
        raise OSError("no tasks today")

    with limited({"tasks": 1}) as host:
        shop = host.load_plugin(write_plugin("shop", source))
        shop.enable()
        loop = asyncio.new_event_loop()
        loop.set_task_factory(broken)
        for _ in range(3):
            with pytest.raises(OSError, match="no tasks today"):
                shop.owner.call(shop.module.make, loop)
        loop.close()


# never half done


def test_r3_an_object_with_several_implementations_is_registered_whole_or_not_at_all(
    write_plugin: WritePlugin,
) -> None:
    class TwoSpecs(Specs):
        @HookspecMarker("till")
        def sell(self) -> object: ...

    source = """
        from hotplug import HookimplMarker, get_current_plugin

        class Shop:
            @HookimplMarker("till")
            def price(self):
                return 1

            @HookimplMarker("till")
            def sell(self):
                return 2

        def register():
            get_current_plugin().host.hooks.register(Shop())
    """
    with limited({"hooks": 1}, name="till", specs=TwoSpecs) as host:
        shop = host.load_plugin(write_plugin("shop", source))
        shop.enable()

        with pytest.raises(LimitExceeded):
            shop.owner.call(shop.module.register)

        assert shop.resources == []
        assert host.hooks.hook.price() == host.hooks.hook.sell() == []


def test_r3_what_a_plugin_may_not_own_is_given_back(write_plugin: WritePlugin) -> None:
    with limited({"files": 0}) as host:
        shop = host.load_plugin(write_plugin("shop", EVERY_KIND["files"]))

        with pytest.raises(LimitExceeded):
            shop.owner.call(shop.module.make)

        assert shop.module.opened[0].closed


def test_r3_a_resource_that_is_refused_is_given_back(
    write_plugin: WritePlugin, notes: Notes
) -> None:
    with limited({"connection": 0}) as host:
        shop = host.load_plugin(write_plugin("shop"))

        with pytest.raises(LimitExceeded):
            host.resource_manager.register(Held(shop, lambda: notes.append("closed"), "connection"))

        assert notes == ["closed"]


def test_r3_what_is_registered_twice_counts_once(write_plugin: WritePlugin) -> None:
    with limited({"thing": 1}) as host:
        shop = host.load_plugin(write_plugin("shop"))
        thing = Held(shop, int, "thing")

        host.resource_manager.register(thing)
        host.resource_manager.register(thing)

        assert kinds(shop) == ["thing"]


def test_r3_one_that_fails_to_go_live_keeps_no_place(write_plugin: WritePlugin) -> None:
    class Broken(Held):
        def _activate(self) -> None:
            raise OSError("it does not start")

    with limited({"things": 1}) as host:
        shop = host.load_plugin(write_plugin("shop"))
        shop.enable()
        for _ in range(3):
            with pytest.raises(OSError, match="it does not start"):
                host.resource_manager.register(Broken(shop, int, "thing"))
        host.resource_manager.register(Held(shop, int, "thing"))


def test_r3_a_resource_is_counted_by_the_kind_that_it_had(write_plugin: WritePlugin) -> None:
    with limited({"thing": 1}) as host:
        shop = host.load_plugin(write_plugin("shop"))
        thing = Held(shop, int, "thing")
        host.resource_manager.register(thing)

        thing.kind = "another"
        thing.disable()

        host.resource_manager.register(Held(shop, int, "thing"))


# what else happens


def test_r3_the_host_tells_of_a_breach(write_plugin: WritePlugin) -> None:
    told: list[tuple[str, str]] = []
    with limited({"timers": 0}) as host:
        host.events.limit_exceeded.on(lambda plugin, error: told.append((plugin.name, error.limit)))
        shop = host.load_plugin(write_plugin("shop", TIMERS))

        with pytest.raises(LimitExceeded):
            shop.owner.call(shop.module.timer)

    assert told == [("shop", "timers")]


def test_r3_a_plugin_that_does_too_much_when_it_is_told_of_that_is_not_told_again(
    write_plugin: WritePlugin, notes: Notes
) -> None:
    source = (
        TIMERS
        + """
    from hotplug import hostimpl

    @hostimpl
    def limit_exceeded(plugin, error):
        notes.append("told")
        timer()
    """
    )
    with limited({"timers": 0}) as host:
        shop = host.load_plugin(write_plugin("shop", source))
        shop.enable()

        with pytest.raises(LimitExceeded):
            shop.owner.call(shop.module.timer)

        assert notes == ["told"]


def test_r3_a_project_can_disable_a_plugin_that_breaches(write_plugin: WritePlugin) -> None:
    with limited({"timers": 1, "shop": {"on_breach": "disable"}}) as host:
        shop, other = (host.load_plugin(write_plugin(name, TIMERS)) for name in ("shop", "other"))
        host.enable_all()

        for plugin in (shop, other):
            plugin.owner.call(plugin.module.timer)
            with pytest.raises(LimitExceeded):
                plugin.owner.call(plugin.module.timer)

        assert shop.state is PluginState.DISABLED
        assert shop.reason == "it was disabled: it can hold no new timer"
        assert shop.resources == []
        assert other.state is PluginState.ENABLED


def test_r3_a_plugin_that_is_to_be_disabled_fails_while_it_is_loaded(
    write_plugin: WritePlugin, caplog: pytest.LogCaptureFixture
) -> None:
    with limited({"timers": 0, "on_breach": "disable"}) as host:
        with pytest.raises(LimitExceeded):
            host.load_plugin(write_plugin("shop", TIMERS + "\n    timer()\n"))

        assert host.get_plugin("shop").state is PluginState.ERROR
        assert caplog.text == ""  # nobody tried to disable what is not there yet


def test_r3_the_host_can_be_used_from_elsewhere_while_it_tells_of_a_child_too_many(
    write_plugin: WritePlugin,
) -> None:
    other = write_plugin("other")
    with limited({"children": 0}) as host:
        ended: list[bool] = []

        def look(plugin: object, error: LimitExceeded) -> None:
            thread = threading.Thread(target=host.load_plugin, args=[other], daemon=True)
            thread.start()
            thread.join(30)
            ended.append(not thread.is_alive())

        host.events.limit_exceeded.on(look)
        shop = host.load_plugin(write_plugin("shop", EVERY_KIND["children"]))

        with pytest.raises(LimitExceeded):
            shop.owner.call(shop.module.make)

        assert ended == [True]
        assert [*host.plugins] == ["shop", "other"]


# exact under concurrency


@pytest.mark.parametrize("name", ["timers", "threads", "resources"])
def test_r3_threads_together_get_no_more_than_the_limit(
    name: str, write_plugin: WritePlugin, notes: Notes
) -> None:
    source = EVERY_KIND["threads" if name == "threads" else "timers"]
    most, workers, each = 25, 8, 20
    with limited({name: most}) as host:
        shop = host.load_plugin(write_plugin("shop", source))
        shop.enable()
        life, make = shop.owner, shop.module.make
        refused: list[LimitExceeded] = []
        together = threading.Barrier(workers)

        def work() -> None:
            together.wait()
            for _ in range(each):
                try:
                    life.call(make)
                except LimitExceeded as error:
                    refused.append(error)

        threads = [threading.Thread(target=work) for _ in range(workers)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert len(shop.resources) == most
        assert len(refused) == workers * each - most


def test_r3_threads_that_take_and_give_back_never_hold_more_and_lose_no_place(
    write_plugin: WritePlugin,
) -> None:
    most, workers = 5, 8
    with limited({"things": most}) as host:
        shop = host.load_plugin(write_plugin("shop"))
        shop.enable()
        register = host.resource_manager.register
        seen: list[int] = []

        def work() -> None:
            for _ in range(200):
                held = Held(shop, int, "thing")
                try:
                    register(held)
                except LimitExceeded:
                    continue
                seen.append(len(shop.resources))
                held.disable()

        threads = [threading.Thread(target=work) for _ in range(workers)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert seen
        assert max(seen) <= most
        for _ in range(most):
            register(Held(shop, int, "thing"))
        with pytest.raises(LimitExceeded):
            register(Held(shop, int, "thing"))


KINDS = st.sampled_from(["thing", "timer", "child", "other"])


@settings(max_examples=50)
@given(
    limits=st.dictionaries(
        st.sampled_from(["resources", "things", "timers", "children"]), st.integers(0, 4)
    ),
    steps=st.lists(st.one_of(KINDS, st.integers(0, 20)), max_size=40),
)
def test_r3_a_count_is_right_after_any_taking_and_giving_back(
    tmp_path_factory: pytest.TempPathFactory, limits: dict[str, int], steps: list[str | int]
) -> None:
    """A string takes one of that kind, a number gives one back."""
    folder = tmp_path_factory.mktemp("plugins") / "shop"
    folder.mkdir()
    (folder / "plugin.json").write_text('{"name": "shop"}')
    (folder / "plugin.py").write_text("")
    names = {"thing": "things", "timer": "timers", "child": "children"}
    with limited(limits) as host:
        shop = host.load_plugin(folder)
        shop.enable()
        held: list[Held] = []
        for step in steps:
            if isinstance(step, int):
                if step < len(held):
                    held.pop(step).disable()
                continue
            same = [each for each in held if each.kind == step]
            most = limits.get(names.get(step, ""), 100)
            one = Held(shop, int, step)
            if len(same) < most and len(held) < limits.get("resources", 100):
                host.resource_manager.register(one)
                held.append(one)
            else:
                with pytest.raises(LimitExceeded):
                    host.resource_manager.register(one)
            assert shop.resources == held

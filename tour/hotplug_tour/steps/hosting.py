"""The host: plugins that are loaded, run and stopped, and all that they hold."""

from __future__ import annotations

from threading import Event

from hotplug import (
    DependencyError,
    HookspecMarker,
    LimitExceeded,
    PluginErrors,
    PluginGone,
    PluginHost,
)
from hotplug_tour.folders import plugin_folders


def host() -> None:
    """A host loads plugins from their folders.

    Loading runs a plugin's module. What that makes goes live when the plugin is enabled, and is
    given back when it is disabled.
    """

    class Specs:
        @HookspecMarker("till")
        def price(self, item: str) -> object: ...

    with plugin_folders() as write, PluginHost("till", specs=Specs) as host:
        bakery = write(
            "bakery",
            """
            from hotplug import HookimplMarker, set_interval

            @HookimplMarker("till")
            def price(item):
                return 3

            set_interval(print, 3600)
            """,
        )
        plugin = host.load_plugin(bakery)
        print(plugin.state, host.hooks.hook.price(item="bread"))
        plugin.enable()
        print(plugin.state, host.hooks.hook.price(item="bread"))
        print([resource.describe() for resource in plugin.resources])
        plugin.disable()
        print(plugin.state, host.hooks.hook.price(item="bread"), plugin.resources)


def resources() -> None:
    """What a plugin holds is given back in reverse.

    One failure does not keep the others from it.
    """
    with plugin_folders() as write, PluginHost() as host:
        folder = write(
            "shop",
            """
            from hotplug import Resource, get_current_plugin

            class Shelf(Resource):
                def __init__(self, plugin, name):
                    super().__init__(plugin)
                    self.name = name

                def _cleanup(self):
                    print("cleared:", self.name)
                    if self.name == "glass":
                        raise OSError("it broke")

            this = get_current_plugin()
            for name in "wood", "glass", "steel":
                this.host.resource_manager.register(Shelf(this, name))
            """,
        )
        plugin = host.load_plugin(folder)
        plugin.enable()
        try:
            plugin.disable()
        except PluginErrors as errors:
            print(errors, errors.exceptions)
        print(plugin.state)


def requires() -> None:
    """A plugin runs when what it requires does.

    Until then none of its code runs, and the host knows why.
    """
    with plugin_folders() as write, PluginHost() as host:
        menu = host.load_plugin(write("menu", "print('menu is printed')", requires=["kitchen"]))
        try:
            menu.enable()
        except DependencyError as error:
            print(error)
        kitchen = host.load_plugin(write("kitchen", "print('kitchen is lit')"))
        kitchen.enable()
        print(menu.state)
        kitchen.disable()
        print(menu.state, menu.reason)


def versions() -> None:
    """A manifest says which versions will do.

    Who asks is told all that holds a plugin back, and what mends it. It takes the package
    `packaging`: `pip install "hotplug[host]"`.
    """
    with plugin_folders() as write, PluginHost(api_version="2.1") as host:
        oven = host.load_plugin(write("oven", "", version="1.4.0"))
        needs = {"oven": "^2", "flour": ">=1,<3"}
        bakery = write("bakery", "print('bread!')", requires=needs, wants=["radio"], host=">=2")
        plugin = host.load_plugin(bakery)
        for obstacle in host.plugins.obstacles(plugin):
            print(obstacle.kind, "-", obstacle)
            print("  mend:", obstacle.proposals[0])
        print(oven.state, plugin.state)


def not_ready() -> None:
    """A plugin that is not ready says so.

    It is tried again after a while, which grows from one time to the next.
    """
    with plugin_folders() as write, PluginHost() as host:
        shop = write(
            "shop",
            """
            from hotplug import NotReady, get_current_plugin

            if get_current_plugin().generation < 3:
                raise NotReady("database", retry=0.01)
            """,
        )
        is_there = Event()
        host.events.plugin_loaded.on(lambda plugin: is_there.set())
        plugin = host.load_plugin(shop)
        print(plugin.reason)
        print(is_there.wait(10), plugin.state, plugin.generation)


def events() -> None:
    """Events tell others what happens.

    A generator has its say before and after the handlers, and sees what they raise.
    """
    with plugin_folders() as write, PluginHost() as host:
        shop = write(
            "shop",
            """
            from hotplug import event

            @event()
            def sold(item):
                try:
                    yield
                except ExceptionGroup as errors:
                    print("roll back:", errors.exceptions[0])
                else:
                    print("commit")
            """,
        )
        plugin = host.load_plugin(shop)
        plugin.enable()

        sold = plugin.module.sold

        def take_out(what: str) -> None:
            if what == "cake":
                raise LookupError("no cake is left")
            print("taken out:", what)

        sold += take_out
        sold("bread")
        sold("cake")


def current_plugin() -> None:
    """Code knows as which plugin it runs.

    A plain function runs as whoever calls it, a syscall as the plugin that defines it.
    """
    with plugin_folders() as write, PluginHost() as host:
        shop = write(
            "shop",
            """
            from hotplug import get_current_plugin, syscall

            def plain():
                return get_current_plugin().name

            @syscall
            def api():
                return get_current_plugin().name
            """,
        )
        guest = write(
            "guest",
            """
            from threading import Thread
            from hotplug import get_current_plugin
            from hotplug.plugins import shop

            print(shop.plain(), shop.api())
            thread = Thread(target=lambda: print("in a thread:", get_current_plugin()))
            thread.start()
            thread.join()
            """,
            requires=["shop"],
        )
        host.load_plugin(shop)
        host.load_plugin(guest)


def timers() -> None:
    """Timers stop with their plugin. One thread waits for all of them."""
    rung = Event()
    with plugin_folders() as write, PluginHost() as host:
        clock = write(
            "clock",
            """
            from hotplug import set_interval

            def listen(rung):
                set_interval(rung.set, 0.01)
            """,
        )
        plugin = host.load_plugin(clock)
        plugin.enable()
        plugin.owner.call(plugin.module.listen, rung)
        print("it rings:", rung.wait(10))
        plugin.disable()
        rung.clear()
        print("it rings:", rung.wait(0.05))


def lazy() -> None:
    """A lazy plugin starts with its first use.

    Its manifest says what it offers. None of its code runs before.
    """

    class Specs:
        @HookspecMarker("till")
        def price(self, item: str) -> object: ...

    with plugin_folders() as write, PluginHost("till", specs=Specs) as host:
        bakery = write(
            "bakery",
            """
            from hotplug import HookimplMarker
            print("the bakery opens")

            @HookimplMarker("till")
            def price(item):
                return 3
            """,
            lazy=True,
            hooks=["price"],
        )
        plugin = host.load_plugin(bakery)
        plugin.enable()
        print(plugin.state.value, "-", plugin.reason)
        print(host.hooks.hook.price(item="bread"))
        print(plugin.state.value)


def fence() -> None:
    """Code that outlives its plugin can do nothing more.

    Timers, events, hooks and resources are refused to it.
    """
    with plugin_folders() as write, PluginHost() as host:
        shop = write(
            "shop",
            """
            from hotplug import set_timeout

            def late():
                set_timeout(print, 1)
            """,
        )
        plugin = host.load_plugin(shop)
        owner, late = plugin.owner, plugin.module.late
        plugin.enable()
        plugin.disable()
        plugin.enable()
        try:
            owner.call(late)
        except PluginGone as error:
            print(error)


def limits() -> None:
    """A project limits what its plugins may hold.

    What would be too much is not made, and the error says who holds most of it.
    """
    with plugin_folders() as write, PluginHost(project={"limits": {"timers": 2}}) as host:
        shop = write(
            "shop",
            """
            from hotplug import set_timeout

            def remind():
                set_timeout(print, 3600)
            """,
        )
        plugin = host.load_plugin(shop)
        plugin.enable()
        try:
            for _ in range(3):
                plugin.owner.call(plugin.module.remind)
        except LimitExceeded as error:
            print(error)
        for use in host.limits():
            print(use.plugin, use.limit, use.used, "of", use.allowed, use.how)

"""How plugins come and go, and how they are found."""

# Declarations have no bodies, which mypy would remark on.
# mypy: disable-error-code="empty-body"

from __future__ import annotations

from hotplug import HookimplMarker, HookspecMarker, PluginBase, PluginManager, PluginValidationError
from hotplug_tour.distributions import installed

hookspec = HookspecMarker("tour")
hookimpl = HookimplMarker("tour")


def validation() -> None:
    """A plugin that does not fit is refused as it is registered.

    A call with wrong arguments gets Python's own TypeError.
    """

    class Specs:
        @hookspec
        def price(self, item: str, currency: str = "EUR") -> float: ...

    class Shop:
        @hookimpl
        def price(self, item: str, curency: str) -> float:
            return 3.0

    pm = PluginManager("tour", Specs)
    try:
        pm.register(Shop(), name="shop")
    except PluginValidationError as error:
        print(error)
    print(pm.plugin_names())
    try:
        pm.hook.price(itm="book")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    except TypeError as error:
        print(error)


def lifecycle() -> None:
    """Plugins come and go at any time.

    register, unregister, block, unblock, and look up.
    """

    class Specs:
        @hookspec
        def post(self, text: str) -> str: ...

    class Channel:
        def __init__(self, prefix: str) -> None:
            self.prefix = prefix

        @hookimpl
        def post(self, text: str) -> str:
            return f"{self.prefix}: {text}"

    pm = PluginManager("tour", Specs)
    mail = Channel("mail")
    print(pm.register(mail, name="mail"), pm.register(Channel("sms")))
    print(pm.hook.post(text="hi"), pm.get_name(mail))
    pm.unregister("mail")
    print(pm.hook.post(text="hi"), pm.is_registered(mail))
    pm.set_blocked("mail")
    try:
        pm.register(mail, name="mail")
    except ValueError as error:
        print(error)
    pm.unblock("mail")
    pm.register(mail, name="mail")
    print(pm.plugin_names())


def subclasses() -> None:
    """Deriving from a base is enough to be listed.

    register_all makes an instance of each class, and registers it.
    """

    class Specs:
        @hookspec
        def export(self, row: list[str]) -> str: ...

    class Exporter(PluginBase):
        """Opens a list of its own."""

    class Csv(Exporter, plugin_id="csv", version="1.2.0"):
        @hookimpl
        def export(self, row: list[str]) -> str:
            return ",".join(row)

    class Tsv(Exporter, plugin_id="tsv", version="0.3.0"):
        @hookimpl
        def export(self, row: list[str]) -> str:
            return "\t".join(row)

    print(list(Exporter.plugins), [Csv.version, Tsv.version])
    pm = PluginManager("tour", Specs)
    print(pm.register_all(Exporter))
    print(pm.hook.export(row=["a", "b"]))


def entry_points() -> None:
    """What installed distributions offer, in one call.

    A broken one is told by name, and never stops the others.
    """

    class Specs:
        @hookspec
        def add_ingredients(self, base: list[str]) -> list[str]: ...

    pm = PluginManager("tour", Specs)
    with (  # two distributions, and what their pyproject.toml says
        installed("berry-mix", "berries = hotplug_tour.smoothies:Berries"),
        installed("sour-mix", "lemons = sour_mix:Lemons"),  # there is no such module
    ):
        report = pm.load_entrypoints_report("tour.smoothies")
    print(report)
    print(pm.hook.add_ingredients(base=["milk"]))

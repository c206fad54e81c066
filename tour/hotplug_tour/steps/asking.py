"""Calling a hook in other ways: other errors, more plugins, fewer plugins."""

# Declarations have no bodies, which mypy would remark on.
# mypy: disable-error-code="empty-body"

from __future__ import annotations

from hotplug import HookErrors, HookimplMarker, HookspecMarker, PluginManager

hookspec = HookspecMarker("tour")
hookimpl = HookimplMarker("tour")


def error_policy() -> None:
    """An error stays what it is, and says whose it is.

    A note names hook and plugin. Other policies let the remaining plugins run.
    """

    class Specs:
        @hookspec
        def check(self, order: int) -> str: ...

    class Stock:
        @hookimpl
        def check(self, order: int) -> str:
            raise LookupError(f"order {order} is unknown")

    class Credit:
        @hookimpl
        def check(self, order: int) -> str:
            return "credit is fine"

    pm = PluginManager("tour", Specs)
    pm.register(Stock(), name="stock")
    pm.register(Credit(), name="credit")
    try:
        pm.hook.check(order=7)
    except LookupError as error:
        print(f"{error!r}, {error.__notes__}")
    try:
        pm.hook.check.with_policy("collect")(order=7)
    except HookErrors as group:
        print(f"{group.exceptions}, and the results: {group.results}")
    print(pm.hook.check.with_policy("skip")(order=7))
    print(pm.hook.check.with_policy(lambda failure: f"no {failure.plugin_name}")(order=7))


def call_extra() -> None:
    """Functions that take part in one call only.

    They run after the plugins of the same priority.
    """

    class Specs:
        @hookspec
        def problems(self, form: dict[str, str]) -> str: ...

    class Email:
        @hookimpl
        def problems(self, form: dict[str, str]) -> str | None:
            return None if "@" in form["email"] else "the email looks wrong"

    def short_name(form: dict[str, str]) -> str | None:
        return "the name is too short" if len(form["name"]) < 3 else None

    pm = PluginManager("tour", Specs)
    pm.register(Email())
    form = {"name": "Al", "email": "al"}
    print(pm.hook.problems.call_extra([short_name], {"form": form}))
    print(pm.hook.problems(form=form))


def views() -> None:
    """A hook without some plugins, or with names in its results.

    A view follows later registrations.
    """

    class Specs:
        @hookspec
        def price(self, item: str) -> int: ...

    class Shop:
        @hookimpl
        def price(self, item: str) -> int:
            return 3 * len(item)

    class Sale:
        @hookimpl
        def price(self, item: str) -> int:
            return len(item)

    pm = PluginManager("tour", Specs)
    full_price = pm.hook.price.without("sale")
    pm.register(Shop(), name="shop")
    pm.register(Sale(), name="sale")
    print(pm.hook.price(item="book"), full_price(item="book"))
    for result in pm.hook.price.collect_with_plugins(item="book"):
        print(f"{result.plugin_name} asks {result.value}")

"""A report whose sections come from plugins, one after the other, in a frame of their own.

Shown: a collecting hook, tryfirst and trylast, and a wrapper that changes the result.
"""

from collections.abc import Generator

from hotplug import HookimplMarker, HookspecMarker, PluginManager

hookspec = HookspecMarker("reports")
hookimpl = HookimplMarker("reports")

Sales = dict[str, int]


class Specs:
    @hookspec
    def section(self, sales: Sales) -> str:
        """Return one section of the report."""
        raise NotImplementedError


class Title:
    @hookimpl(tryfirst=True)
    def section(self) -> str:
        return "# Daily Sales Report"


class Total:
    @hookimpl(trylast=True)
    def section(self, sales: Sales) -> str:
        return f"**Total: {sum(sales.values())}**"


class Rows:
    @hookimpl
    def section(self, sales: Sales) -> str:
        return "\n".join(f"- {item}: {count}" for item, count in sales.items())


class Banner:
    @hookimpl(wrapper=True)
    def section(self) -> Generator[None, list[str], list[str]]:
        sections = yield
        line = "=" * max(map(len, sections))
        return [line, *sections, line]


def main() -> None:
    pm = PluginManager("reports", Specs)
    for plugin in (Total(), Rows(), Banner(), Title()):
        pm.register(plugin)
    print("\n".join(pm.hook.section(sales={"apples": 12, "pears": 7, "plums": 3})))


if __name__ == "__main__":
    main()

"""An application configures its plugins, those that come later too, and asks how they are.

Shown: a historic hook and its replay, a collecting hook, and the look-up of a plugin's hooks.
"""

from hotplug import HookimplMarker, HookspecMarker, PluginManager

hookspec = HookspecMarker("app")
hookimpl = HookimplMarker("app")

Settings = dict[str, int]


class Specs:
    @hookspec(historic=True)
    def configure(self, settings: Settings) -> None:
        """Take the settings; called once, and replayed to plugins that come later."""

    @hookspec
    def health_check(self) -> str:
        """Say how the plugin is."""
        raise NotImplementedError


class Database:
    @hookimpl
    def health_check(self) -> str:
        return "database: ok"


class Cache:
    ttl = 0

    @hookimpl
    def configure(self, settings: Settings) -> None:
        self.ttl = settings["cache_ttl"]

    @hookimpl
    def health_check(self) -> str:
        return f"cache: ttl={self.ttl}"


def main() -> None:
    pm = PluginManager("app", Specs)
    pm.register(Database(), name="database")
    pm.hook.configure.call_historic(kwargs={"settings": {"cache_ttl": 60}})
    pm.register(Cache(), name="cache")  # the settings reach it all the same

    hooks = pm.get_hookcallers("cache") or []
    print(f"cache contributes to: {[hook.__name__ for hook in hooks]}")
    for report in pm.hook.health_check():
        print(report)


if __name__ == "__main__":
    main()

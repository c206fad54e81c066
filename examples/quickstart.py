"""A hook, a plugin that implements it, and a call.

Shown: declaring, implementing and calling a hook, in the fewest lines.
"""

from hotplug import HookimplMarker, HookspecMarker, PluginManager

hookspec = HookspecMarker("greeter")
hookimpl = HookimplMarker("greeter")


class Specs:
    @staticmethod
    @hookspec
    def greeting(name: str) -> str:
        """Return a greeting for the given name."""
        raise NotImplementedError


class Casual:
    @hookimpl
    def greeting(self, name: str) -> str:
        return f"hey {name}!"


def main() -> None:
    pm = PluginManager("greeter")
    pm.add_hookspecs(Specs)
    pm.register(Casual(), name="casual")
    print(pm.hook.greeting(name="Ada"))


if __name__ == "__main__":
    main()

"""A text goes through plugins, each of which gets what the one before has made of it.

Shown: a pipeline hook, what it makes of None, and a plugin that is put between two others by name.
"""

from hotplug import HookimplMarker, HookspecMarker, PluginManager

hookspec = HookspecMarker("text")
hookimpl = HookimplMarker("text")


class Specs:
    @hookspec(pipeline=True)
    def transform(self, text: str) -> str:
        """Return the text as it should be."""
        raise NotImplementedError


class Strip:
    @hookimpl
    def transform(self, text: str) -> str:
        return text.strip()


class Collapse:
    @hookimpl
    def transform(self, text: str) -> str:
        return " ".join(text.split())


class Title:
    @hookimpl
    def transform(self, text: str) -> str:
        return text.title()


class Emphasis:
    """It leaves most texts as they are: None stands for what came in."""

    @hookimpl(before="title")
    def transform(self, text: str) -> str | None:
        return text.replace("wonderful", "*wonderful*") if text.endswith("!") else None


def main() -> None:
    pm = PluginManager("text", Specs)
    pm.register(Strip(), name="strip")
    pm.register(Collapse(), name="collapse")
    pm.register(Title(), name="title")
    print(repr(pm.hook.transform(text="  hello   wonderful world!")))

    pm.register(Emphasis(), name="emphasis")
    print(repr(pm.hook.transform(text="  hello   wonderful world!")))
    print(repr(pm.hook.transform(text="  hello   wonderful world?")))


if __name__ == "__main__":
    main()

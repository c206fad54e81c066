"""A plugin is edited while the program runs, and the next calls get the new answers.

Shown: a host that watches the files of its plugins, a save that is broken and changes nothing, one
that mends it, and what the plugin has counted going along.
"""

import logging
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic, sleep

from hotplug import HookspecMarker, PluginHost

hookspec = HookspecMarker("till")


class Specs:
    """What a plugin of the till can do."""

    @hookspec(firstresult=True)
    def bill(self, item: str) -> str | None:
        """Say what an item costs."""


SHOP = """\
from hotplug import HookimplMarker

hookimpl = HookimplMarker("till")
sold = []


@hookimpl
def bill(item):
    sold.append(item)
    return f"{item}: 3 euros (number {len(sold)})"


def export_state():
    return sold


def import_state(data, from_version):
    sold.extend(data)
"""


def main() -> None:
    """Edit a plugin three times while it serves."""
    logs = Logs()
    logging.getLogger("hotplug.host").addHandler(logs)
    with TemporaryDirectory() as place:
        folder = Path(place) / "shop"
        folder.mkdir()
        (folder / "plugin.toml").write_text('name = "shop"\n', "utf-8")
        file = folder / "plugin.py"
        file.write_text(SHOP, "utf-8")

        with PluginHost("till", specs=Specs) as host:
            shop = host.load_plugin(folder)
            shop.enable()
            print(host.hooks.hook.bill(item="tea"))

            with host.watch(poll=0.02, debounce=0.02):
                file.write_text(SHOP.replace("3 euros", "4 euros"), "utf-8")
                wait_until(lambda: shop.generation == 2)
                print(host.hooks.hook.bill(item="tea"))

                file.write_text(SHOP.replace("sold = []", "sold = nothing"), "utf-8")
                wait_until(lambda: bool(logs.errors))
                print("told:", logs.errors[0].replace(place, "..."))
                print(host.hooks.hook.bill(item="tea"))

                file.write_text(SHOP.replace("3 euros", "5 euros"), "utf-8")
                wait_until(lambda: shop.generation == 3)
                print(host.hooks.hook.bill(item="tea"))


class Logs(logging.Handler):
    """Keeps what goes wrong; the first line of it."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.errors: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep one."""
        self.errors.append(record.getMessage().splitlines()[0])


def wait_until(is_so: Callable[[], bool]) -> None:
    """Wait for what happens in another thread."""
    until = monotonic() + 30
    while not is_so():
        assert monotonic() < until, "it has not happened"
        sleep(0.01)


if __name__ == "__main__":
    main()

"""Small worlds of plugins that need no disk: what manifests say, and whose code fails."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from types import ModuleType
from typing import Any, Final

from hypothesis import strategies as st

from hotplug.errors import DependencyError
from hotplug.host.host import PluginHost
from hotplug.host.obstacles import Proposal
from hotplug.host.plugin import Plugin
from hotplug.manifest import PluginMetadata
from hotplug.manifest.constraints import parted
from hotplug.manifest.versions import is_right

VERSIONS: Final = ("1.0", "1.5", "2.0", "2.5", "3.0")
API: Final = "2.0"


class Broken(Exception):
    """What a plugin raises because the world says so."""


class World:
    """Reads manifests and runs plugins for a host, out of its own head."""

    def __init__(self, manifests: dict[str, dict[str, Any]], failing: Iterable[str] = ()) -> None:
        self.manifests = {name: {"name": name, **said} for name, said in manifests.items()}
        self.failing = {*failing}
        self.ran: list[str] = []
        self.host: PluginHost[Any] = PluginHost(
            "world",
            metadata_loader=Reader(self),
            plugin_loader=Runner(self),
            api_version=API,
        )

    def load(self, name: str) -> None:
        self.attempt(self.host.load_plugin, Path(name))

    def attempt(self, action: Any, *args: Any, **kwargs: Any) -> None:
        """Do something; what plugins raise and dependencies forbid may come out."""
        try:
            action(*args, **kwargs)
        except* (Broken, DependencyError):
            pass

    def states(self) -> dict[str, str]:
        return {plugin.name: plugin.state.value for plugin in self.host}

    # what proposals say

    def carry_out(self, proposal: Proposal) -> None:
        verb, name, *rest = proposal.action
        getattr(self, f"do_{verb}")(name, *rest)

    def do_load(self, name: str, constraint: str) -> None:
        self.manifests.setdefault(name, {"name": name})["version"] = one_of(constraint)
        self.load(name)

    def do_update(self, name: str, constraint: str) -> None:
        self.manifests[name] = {"name": name, "version": one_of(constraint)}
        self.failing.discard(name)
        self.attempt(self.host.get_plugin(name).unload)
        self.load(name)

    def do_enable(self, name: str) -> None:
        self.attempt(self.host.get_plugin(name).enable)

    def do_disable(self, name: str) -> None:
        self.attempt(self.host.get_plugin(name).disable)

    def do_mend(self, name: str, where: str) -> None:
        self.failing.discard(name)

    def do_edit(self, name: str, key: str, other: str, where: str) -> None:
        said = self.manifests[name].get(key, [])  # the version of an update may ask for nothing
        self.manifests[name][key] = [each for each in said if parted(each)[0] != other]
        self.attempt(self.host.get_plugin(name).unload)
        self.load(name)


class Reader:
    def __init__(self, world: World) -> None:
        self.world = world

    def load(self, location: Path) -> PluginMetadata:
        return PluginMetadata(self.world.manifests[location.name])


class Runner:
    def __init__(self, world: World) -> None:
        self.world = world

    def load(self, plugin: Plugin) -> ModuleType:
        self.world.ran.append(plugin.name)
        if plugin.name in self.world.failing:
            raise Broken(plugin.name)
        for child in plugin.metadata.extra.get("x-children", ()):
            self.world.load(child)
        return ModuleType(plugin.name)


def one_of(constraint: str) -> str:
    """A version that will do."""
    candidates = (*VERSIONS, *(f"{major}.{minor}.{patch}" for major in range(9)
                               for minor in range(9) for patch in range(9)))  # fmt: skip
    return next(each for each in candidates if not constraint or is_right(each, constraint))


constraints = st.sampled_from(["", "", "", ">=2", "<2", ">=1,<3", "^1.0", "~2.0", "!=1.5"])


@st.composite
def manifests(
    draw: st.DrawFn, most: int = 7, *, conflicts: bool = True
) -> dict[str, dict[str, Any]]:
    """What some plugins say of each other, and of such as are not there."""
    count = draw(st.integers(1, most))
    names = [f"p{at}" for at in range(count)]
    absent = ["x", "y"]
    found: dict[str, dict[str, Any]] = {}
    for name in names:
        others = [each for each in [*names, *absent] if each != name]
        rest = draw(st.lists(st.sampled_from(others), unique=True, max_size=4))
        kinds = ["requires", "requires", "wants", "after"] + ["conflicts"] * conflicts
        said: dict[str, list[str]] = {}
        for other in rest:
            key = draw(st.sampled_from(kinds))
            constraint = draw(constraints) if key in ("requires", "wants") else ""
            said.setdefault(key, []).append(f"{other} {constraint}".strip())
        found[name] = {"version": draw(st.sampled_from(VERSIONS)), **said}
        if draw(st.integers(0, 9)) == 0:
            found[name]["host"] = draw(st.sampled_from([">=2", "<2"]))
    return found

"""The frameworks that are compared: hotplug, and those of its peers that can be had.

Each is used through the few things that all of them have. One plugin object carries the marks of
all of them, so that every framework calls the very same functions.
"""

from __future__ import annotations

import importlib
import importlib.util
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Final

from benchmarks.plugins import indented, namespace

__all__ = ["COMPAT", "HOTPLUG", "LAYER", "Framework", "every_framework", "framework", "marks"]
__all__ += ["names_for"]

COMPAT: Final = "compat"
"""What stands in for pluggy; it is compared with nothing else."""
LAYER: Final = "hotplug.compat.pluggy"

OLDER_PLUGGY: Final = "1.6.0"
OLDER_PLUGGY_AT: Final = (
    Path(__file__).parent.parent / ".venvs" / "peers" / f"pluggy-{OLDER_PLUGGY}"
)

Decorator = Callable[[Any], Any]


@dataclass(frozen=True)
class Framework:
    """One of them, under the names that the benchmarks use."""

    name: str
    module: Any = field(repr=False)
    project: str

    @property
    def kind(self) -> str:
        """``hotplug``, ``compat``, ``pluggy`` or ``pluginkit``."""
        return self.name.partition(" ")[0]

    @property
    def imported_as(self) -> str:
        return LAYER if self.kind == COMPAT else self.kind

    @property
    def is_pluggy(self) -> bool:
        """Whether it behaves as pluggy does, be it pluggy or what stands in for it."""
        return self.kind in {"pluggy", COMPAT}

    def spec(self, **options: bool) -> Decorator:
        marker = "ExtensionPoint" if self.kind == "pluginkit" else "HookspecMarker"
        marked: Decorator = getattr(self.module, marker)(self.project)(**options)
        return marked

    def implementation(self, **options: bool) -> Decorator:
        marker = "Extension" if self.kind == "pluginkit" else "HookimplMarker"
        marked: Decorator = getattr(self.module, marker)(self.project)(**options)
        return marked

    def specs(self, *heads: str, **options: bool) -> Any:
        """A class that declares a hook for each head of a function: ``price(item, currency)``."""
        body = "\n".join(f"@staticmethod\n@spec\ndef {head}: ..." for head in heads)
        return namespace(f"class Specs:\n{indented(body)}\n", {"spec": self.spec(**options)})[
            "Specs"
        ]

    def manager(
        self, specs: Any = None, plugins: Sequence[object] = (), *, awaits: bool = False
    ) -> Any:
        """A manager that knows these specs and plugins."""
        name = "AsyncPluginManager" if awaits else "PluginManager"
        manager = getattr(self.module, name)(self.project)
        if specs is not None:
            add = "add_extension_points" if self.kind == "pluginkit" else "add_hookspecs"
            getattr(manager, add)(specs)
        # pluggy calls the one that came last first: turned around, all call in the same order.
        turned = reversed(plugins) if self.is_pluggy else plugins
        for at, plugin in enumerate(turned):
            manager.register(plugin, name=f"plugin{at}")
        return manager

    def forget(self, hook: Any) -> None:
        """Drop the calls that a historic hook remembers; the peers have no way for that."""
        if self.kind == "hotplug":
            hook.clear_history()
        else:
            getattr(hook, "_call_history" if self.is_pluggy else "_history").clear()


def hotplug() -> Framework:
    return Framework("hotplug", importlib.import_module("hotplug"), "ours")


HOTPLUG: Final = hotplug()


def every_framework(say: Callable[[str], object] = print) -> list[Framework]:
    """All that can be had, hotplug first; ``say`` is told of each that is left out, and why."""
    found = [HOTPLUG]
    for name in ("pluggy", "pluginkit"):
        try:
            found.append(framework(name))
        except (ImportError, PackageNotFoundError) as error:
            say(f"without {name}: {error}")
    try:
        older = framework(f"pluggy {OLDER_PLUGGY}")
    except (OSError, subprocess.SubprocessError) as error:
        say(f"without pluggy {OLDER_PLUGGY}: {error}")
    else:
        if older.name not in [peer.name for peer in found]:
            found.append(older)
    return found


def framework(name: str) -> Framework:
    """One by its name; ``pluggy 1.6.0`` is not installed, but has a directory of its own."""
    if name == HOTPLUG.name:
        return HOTPLUG
    if name == COMPAT:
        return Framework(COMPAT, importlib.import_module(LAYER), COMPAT)
    kind, _, wanted = name.partition(" ")
    if wanted and wanted == OLDER_PLUGGY:
        return Framework(name, older_pluggy(), project_of(name))
    name = f"{kind} {version(kind)}"
    return Framework(name, importlib.import_module(kind), project_of(name))


def project_of(name: str) -> str:
    """No two frameworks share a project, for two of them stamp functions in the same way."""
    return name.replace(" ", "_").replace(".", "_")


def older_pluggy() -> Any:
    """The other pluggy, as a module beside the installed one; fetched the first time."""
    init = OLDER_PLUGGY_AT / "pluggy" / "__init__.py"
    if not init.exists():
        fetch_older_pluggy()
    name = project_of(f"pluggy {OLDER_PLUGGY}")
    spec = importlib.util.spec_from_file_location(
        name, init, submodule_search_locations=[str(init.parent)]
    )
    if spec is None or spec.loader is None:
        raise OSError(f"{init} cannot be loaded")
    sys.modules[name] = module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def fetch_older_pluggy() -> None:
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--retries=1"]
    command += ["--target", str(OLDER_PLUGGY_AT), f"pluggy=={OLDER_PLUGGY}"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    if done.returncode:
        *_, reason = done.stderr.strip().splitlines() or ["pip says no more"]
        where = OLDER_PLUGGY_AT.relative_to(OLDER_PLUGGY_AT.parent.parent.parent)
        raise OSError(f"it could not be installed into {where}: {reason}")


def marks(frameworks: Sequence[Framework], **options: bool) -> Decorator:
    """Marks a function as an implementation for all of them at once."""

    def mark(function: Any) -> Any:
        for each in frameworks:
            function = each.implementation(**options)(function)
        return function

    return mark


def names_for(frameworks: Sequence[Framework]) -> Mapping[str, Decorator]:
    """What the source of a plugin may use to mark its functions."""
    return {"implementation": marks(frameworks), "wrapper": marks(frameworks, wrapper=True)}

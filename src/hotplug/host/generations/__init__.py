"""A generation per load: what plugin modules are called, and whose code is running.

`Namespace` is one host's plugins, `Generation` one load of a plugin. Nothing here knows what a
plugin is for; nothing else in the host knows how imports work.
"""

from __future__ import annotations

from hotplug.host.generations.generation import Generation
from hotplug.host.generations.namespace import DEFAULT_NAME, Namespace
from hotplug.host.generations.process import builtins_of_plugins
from hotplug.host.generations.refusing import Elsewhere
from hotplug.host.generations.snapshot import Snapshot
from hotplug.host.generations.stack import generation_of, host_call, running_generation
from hotplug.host.generations.threads import carriers

__all__ = [
    "DEFAULT_NAME",
    "Elsewhere",
    "Generation",
    "Namespace",
    "Snapshot",
    "builtins_of_plugins",
    "carriers",
    "generation_of",
    "host_call",
    "running_generation",
]

"""Reads the options that hotplug's own markers leave."""

from __future__ import annotations

from collections.abc import Sequence

from hotplug.compat.pluggy._marks import HookimplOpts, HookspecOpts
from hotplug.hooks import markers

__all__ = ["impl_options", "spec_options"]


def spec_options(record: markers.HookspecOpts, name: str) -> HookspecOpts:
    """The options of hotplug's marker as pluggy writes them."""
    refuse_more(record, ("firstresult", "historic"), f"hook {name!r}")
    return {
        "firstresult": record.firstresult,
        "historic": record.historic,
        "warn_on_impl": None,
        "warn_on_impl_args": None,
    }


def impl_options(record: markers.HookimplOpts, plugin: object, name: str) -> HookimplOpts:
    """The same for an implementation."""
    known = ("tryfirst", "trylast", "wrapper", "optional", "target")
    refuse_more(record, known, f"{plugin!r}.{name}")
    return {
        "wrapper": record.wrapper,
        "hookwrapper": False,
        "optionalhook": record.optional,
        "tryfirst": record.tryfirst,
        "trylast": record.trylast,
        "specname": record.target,
    }


def refuse_more(record: object, known: Sequence[str], where: str) -> None:
    plain = type(record)()
    for field in type(record).__annotations__:
        if field not in known and getattr(record, field) != getattr(plain, field):
            raise ValueError(
                f"{where} is marked with {field}={getattr(record, field)!r}, which only "
                "hotplug.PluginManager knows"
            )

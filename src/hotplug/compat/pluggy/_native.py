"""Reads the options that hotplug's own markers leave."""

from __future__ import annotations

from collections.abc import Sequence

from hotplug.compat.pluggy._marks import HookimplOpts, HookspecOpts
from hotplug.hooks import markers

__all__ = ["as_pluggy"]


def as_pluggy(record: object, thing: object, name: str) -> HookimplOpts | HookspecOpts:
    """The options as pluggy's marker would have left them."""
    if isinstance(record, markers.HookimplOpts):
        return impl_options(record, f"{thing!r}.{name}")
    assert isinstance(record, markers.HookspecOpts)
    return spec_options(record, f"{thing!r}.{name}")


def spec_options(record: markers.HookspecOpts, where: str) -> HookspecOpts:
    refuse_more(record, ("firstresult", "historic"), where)
    return {
        "firstresult": record.firstresult,
        "historic": record.historic,
        "warn_on_impl": None,
        "warn_on_impl_args": None,
    }


def impl_options(record: markers.HookimplOpts, where: str) -> HookimplOpts:
    refuse_more(record, ("tryfirst", "trylast", "wrapper", "optional", "target"), where)
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

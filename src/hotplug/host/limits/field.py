"""The key of a project under which its limits stand."""

from __future__ import annotations

from typing import Any

from hotplug.manifest.documents import Place, is_table
from hotplug.manifest.fields import Complain, called
from hotplug.manifest.problems import shown

__all__ = ["TableOfLimits"]


class TableOfLimits:
    """Limits by their names, and those of single plugins in tables."""

    words = "a table of limits"

    @property
    def schema(self) -> dict[str, Any]:
        number = {"type": ["number", "string"]}
        tables = {"type": "object", "additionalProperties": number}
        return {"type": "object", "additionalProperties": {"anyOf": [number, tables]}}

    def check(self, value: object, place: Place, complain: Complain) -> object:
        if not is_table(value):
            complain(place, f"{called(place)} takes {self.words}, not {shown(value)}")
            return {}
        from hotplug.host.limits.setting import check  # few projects set limits

        check(value, place, complain)
        return value

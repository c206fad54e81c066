"""The table of keys as a JSON Schema, for editors."""

from __future__ import annotations

from typing import Any

from hotplug.manifest.checking import OWN, OWN_PREFIX, SCHEMA
from hotplug.manifest.documents import is_list
from hotplug.manifest.metadata import FIELDS

__all__ = ["schema"]


def schema() -> dict[str, Any]:
    """A JSON Schema, draft 2020-12, of what a manifest may say.

    It refuses what `read` refuses or warns of, as far as it shows in the manifest alone.
    """
    properties: dict[str, Any] = {SCHEMA: {"type": "string"}}
    for name, field in FIELDS.items():
        properties[name] = {"description": f"{field.meaning}.", **field.kind.schema}
        if not field.is_required:
            default = field.default
            properties[name]["default"] = list(default) if is_list(default) else default
        properties[name]["examples"] = [field.example]
    properties[OWN] = {"description": "Left to the author's tools.", "type": "object"}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "The manifest of a hotplug plugin",
        "type": "object",
        "properties": properties,
        "patternProperties": {f"^{OWN_PREFIX}": {}},
        "required": [name for name, field in FIELDS.items() if field.is_required],
        "additionalProperties": False,
    }

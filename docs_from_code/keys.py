"""The keys of a manifest and of a project, as the reference lists them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from hotplug.host import project
from hotplug.manifest import metadata
from hotplug.manifest.checking import Field

__all__ = ["keys_of_a_manifest", "keys_of_a_project"]

DOCS: Final = Path(__file__).resolve().parent.parent / "docs"

MORE_ON_MANIFESTS: Final = {
    "name": "host/manifest.md",
    "entrypoint": "host/manifest.md",
    "requires": "host/dependencies.md",
    "wants": "host/dependencies.md",
    "after": "host/dependencies.md",
    "conflicts": "host/dependencies.md",
    "host": "host/dependencies.md",
    "lazy": "host/lazy.md",
    "hooks": "host/lazy.md",
    "events": "host/lazy.md",
    "commands": "host/lazy.md",
}
MORE_ON_PROJECTS: Final = {
    "paths": "host/finding.md",
    "group": "host/finding.md",
    "index": "host/finding.md",
    "autoload": "host/project.md",
    "only": "host/project.md",
    "block": "host/project.md",
    "require": "host/project.md",
    "on_failure": "host/project.md",
    "strict": "host/project.md",
    "advisories": "host/project.md",
    "settings": "host/settings.md",
    "data": "host/data.md",
    "cache": "host/data.md",
    "limits": "host/limits.md",
}
"""Which page explains a key."""


def keys_of_a_manifest() -> str:
    """What stands in ``docs/lookup/manifest.md``."""
    return as_markdown(metadata.FIELDS, MORE_ON_MANIFESTS)


def keys_of_a_project() -> str:
    """What stands in ``docs/lookup/project.md``."""
    return as_markdown(project.FIELDS, MORE_ON_PROJECTS)


def as_markdown(fields: Mapping[str, Field], more: Mapping[str, str]) -> str:
    lines = ["| key | takes | left out |", "|---|---|---|"]
    for name, field in fields.items():
        lines.append(f"| [`{name}`](#{name}) | {field.kind.words} | {left_out(field)} |")
    for name, field in fields.items():
        lines += ["", f"## `{name}`", "", *described(name, field)]
        if name in more:
            page = more[name]
            lines += ["", f"More: [{title_of(page)}](../{page})."]
    return "\n".join(lines)


def described(name: str, field: Field) -> Iterator[str]:
    yield f"{field.meaning}."
    yield ""
    yield f"- Takes {field.kind.words}{at_most(field.kind.schema)}."
    yield f"- Left out: {left_out(field)}."
    yield ""
    yield "```toml"
    yield from as_toml(name, field.example)
    yield "```"


def left_out(field: Field) -> str:
    default = list(field.default) if isinstance(field.default, tuple) else field.default
    return "an error" if field.is_required else f"`{json.dumps(default)}`"


def at_most(schema: Mapping[str, Any]) -> str:
    """How long a text may be."""
    items = schema.get("items")
    longest = (items or schema).get("maxLength")
    each = " each" if items else ""
    return f", of up to {longest:,} characters{each}" if longest else ""


def as_toml(name: str, value: object) -> Iterator[str]:
    """A key with its example, as one writes it."""
    if not isinstance(value, Mapping):
        yield f"{name} = {json.dumps(value)}"
        return
    tables = {key: inner for key, inner in value.items() if isinstance(inner, Mapping)}
    if len(tables) < len(value):
        yield f"[{name}]"
    for key, inner in value.items():
        if key in tables:
            yield from as_toml(f"{name}.{key}", inner)
        else:
            yield f"{key if key.isidentifier() else json.dumps(key)} = {json.dumps(inner)}"


def title_of(page: str) -> str:
    """The heading of a page of the docs."""
    return (DOCS / page).read_text("utf-8").partition("\n")[0].removeprefix("# ")

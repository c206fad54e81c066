"""The index of the reference: every public name, where it is explained, and what it is."""

from __future__ import annotations

import inspect
import re
from importlib import import_module
from pathlib import Path
from typing import Final

__all__ = ["all_names"]

PAGES: Final = Path(__file__).resolve().parent.parent / "docs" / "lookup" / "api"
ORDER: Final = ("hooks", "host", "plugins", "manifest", "testing", "errors", "pluggy")
OBJECTS: Final = {
    "__version__": "The version, as a text",
    "hostimpl": "Marks what implements the hooks of every host",
}
"""What is no class or function, and so can't say what it is."""
ENTRY: Final = re.compile(r"^(?:# (?P<title>.*)|::: (?P<path>[\w.]+))$", re.MULTILINE)


def all_names() -> str:
    """What stands in ``docs/reference.md``."""
    lines: list[str] = []
    for page in ORDER:
        for entry in ENTRY.finditer((PAGES / f"{page}.md").read_text("utf-8")):
            title, path = entry["title"], entry["path"]
            if title:
                lines += ["", f"## {title}", "", "| name | what it is |", "|---|---|"]
            else:
                name = path.rpartition(".")[2]
                lines.append(f"| [`{name}`](lookup/api/{page}.md#{path}) | {purpose(path)} |")
    return "\n".join(lines[1:])


def purpose(path: str) -> str:
    """The first sentence of a docstring, on one line."""
    module, _, name = path.rpartition(".")
    docstring = inspect.cleandoc(getattr(import_module(module), name).__doc__ or "")
    first = " ".join(docstring.partition("\n\n")[0].split())
    sentence = re.match(r".*?\.(?= |$)", first)
    said = OBJECTS.get(name) or (sentence[0] if sentence else first)
    return said.rstrip(".:").replace("|", "\\|").replace("``", "`")

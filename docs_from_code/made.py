"""All that is made: pictures and schemas, which are files of their own, and parts of pages."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Final

from docs_from_code.floors import floors
from docs_from_code.keys import keys_of_a_manifest, keys_of_a_project
from docs_from_code.life import life
from docs_from_code.names import all_names
from docs_from_code.stages import stages
from hotplug.host import project
from hotplug.manifest import schema

__all__ = ["DOCS", "made"]

DOCS: Final = Path(__file__).resolve().parent.parent / "docs"

FILES: Final[Mapping[str, Callable[[], str]]] = {
    "manifest.schema.json": lambda: json.dumps(schema(), indent=2) + "\n",
    "project.schema.json": lambda: json.dumps(project.schema(), indent=2) + "\n",
    "pictures/floors.svg": floors,
    "pictures/life.svg": life,
    "pictures/stages.svg": stages,
}
PARTS: Final[Mapping[str, Callable[[], str]]] = {
    "lookup/manifest.md": keys_of_a_manifest,
    "lookup/project.md": keys_of_a_project,
    "reference.md": all_names,
}
BEGIN: Final = "<!-- made by docs_from_code -->\n"
END: Final = "<!-- made until here -->\n"


def made() -> Iterator[tuple[str, str]]:
    """Each file of the docs that is made, or has a part that is, with its whole text."""
    for file, text in FILES.items():
        yield file, text()
    for page, write in PARTS.items():
        before, begin, rest = (DOCS / page).read_text("utf-8").partition(BEGIN)
        _, end, after = rest.partition(END)
        if not (begin and end):
            raise ValueError(f"docs/{page} does not say where its made part begins and ends")
        yield page, f"{before}{begin}\n{write()}\n\n{end}{after}"

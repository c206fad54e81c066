"""Docstrings as the reference shows them: examples as code, and names that lead to what they name.

mkdocstrings loads this for griffe, which reads the sources: none of hotplug is imported here.
"""

from __future__ import annotations

import builtins
import inspect
import re
from ast import literal_eval
from pathlib import Path
from textwrap import dedent
from typing import Any, Final

import griffe

__all__ = ["ExamplesAndNames", "as_markdown", "names_on_pages"]

ROOTS: Final = ("HotplugError", "Exception")
"""What errors derive from without saying."""
PAGES: Final = Path(__file__).resolve().parent.parent / "docs" / "lookup" / "api"
EXAMPLE: Final = re.compile(r"^(?P<indent> *)>>> .*\n?(?:(?P=indent)\S.*\n?)*", re.MULTILINE)
FLAG: Final = re.compile(r"  # doctest: \+\w+", re.MULTILINE)
NAME: Final = re.compile(r"(?<!`)`([A-Za-z_]\w*)`(?!`)")


class ExamplesAndNames(griffe.Extension):
    """Changes every docstring once it is read."""

    def __init__(self) -> None:
        super().__init__()
        self.names = names_on_pages()

    def on_class_members(self, *, cls: griffe.Class, **_: Any) -> None:
        for member in cls.members.values():
            if isinstance(member, griffe.Attribute) and member.labels == {"instance-attribute"}:
                member.annotation = member.annotation or type_of(member.value, cls)
                member.value = None  # how it comes about is nobody's business

    def on_object(self, *, obj: griffe.Object, **_: Any) -> None:
        if obj.docstring is None:
            return
        docstring = inspect.cleandoc(obj.docstring.value)
        if isinstance(obj, griffe.Class):
            bases = [name for base in obj.bases if self.is_known(name := str(base))]
            known = ", ".join(f"`{name}`" for name in bases)
            docstring += f"\n\nDerives from {known}." if known else ""
        obj.docstring.value = as_markdown(docstring, self.names)

    def is_known(self, name: str) -> bool:
        """Whether a base is one that readers know."""
        return name not in ROOTS and (name in self.names or hasattr(builtins, name))


def type_of(value: Any, cls: griffe.Class) -> Any:
    """What type an attribute has that is a parameter of the constructor, or a literal."""
    constructor = cls.members.get("__init__")
    if isinstance(constructor, griffe.Function) and str(value) in constructor.parameters:
        return constructor.parameters[str(value)].annotation
    try:
        return type(literal_eval(str(value))).__name__
    except (SyntaxError, ValueError):
        return None


def names_on_pages() -> dict[str, str]:
    """The names that have their place in the reference, and the whole path of each."""
    found: dict[str, str] = {}
    for page in sorted(PAGES.glob("*.md")):
        for path in re.findall(r"^::: ([\w.]+)$", page.read_text("utf-8"), re.MULTILINE):
            if "compat" not in path:  # its names are the same, and what they name is not
                found[path.rpartition(".")[2]] = path
    return found


def as_markdown(docstring: str, names: dict[str, str]) -> str:
    """A docstring with its examples in fences, and its names as links.

    >>> as_markdown("See `Plugin`.", {"Plugin": "hotplug.Plugin"})
    'See [`Plugin`][hotplug.Plugin].'
    """
    parts: list[str] = []
    end = 0
    for example in EXAMPLE.finditer(docstring):
        parts.append(linked(docstring[end : example.start()], names))
        shown = FLAG.sub("", dedent(example[0]).rstrip())
        parts.append(f"```pycon\n{shown}\n```\n")
        end = example.end()
    return "".join([*parts, linked(docstring[end:], names)])


def linked(text: str, names: dict[str, str]) -> str:
    def link(found: re.Match[str]) -> str:
        path = names.get(found[1])
        return f"[{found[0]}][{path}]" if path else found[0]

    return NAME.sub(link, text)

"""What the docs show of the code's tables is what the code has."""

import re
from itertools import pairwise
from pathlib import Path
from textwrap import dedent

import griffe
import pytest
from docs_from_code.docstrings import ExamplesAndNames, as_markdown
from docs_from_code.life import ways
from docs_from_code.made import DOCS, made

from hotplug import PluginHost
from hotplug.host.lifecycle import TRANSITIONS, Step

MADE = dict(made())


@pytest.mark.parametrize("file", MADE)
def test_what_is_made_of_the_code_stands_in_the_docs_as_it_is_made(file: str) -> None:
    there = (DOCS / file).read_text("utf-8")

    assert there == MADE[file], f"docs/{file} is not up to date: python -m docs_from_code"


@pytest.mark.parametrize("picture", [file for file in MADE if file.endswith(".svg")])
def test_every_picture_is_on_a_page(picture: str) -> None:
    shown = f'--8<-- "docs/{picture}"\n'

    assert [page for page in DOCS.rglob("*.md") if shown in page.read_text("utf-8")]


def test_the_picture_of_a_life_has_all_that_the_table_is_made_of() -> None:
    drawn = ways()
    after = {Step[word.upper()]: to for (_, to), word in drawn.items() if "(" not in word}
    for (state, _), (steps, to) in TRANSITIONS.items():
        passed = [state, *(after[step] for step in steps)] if steps else [state, to]

        assert passed[-1] is to
        for way in pairwise(passed):
            assert way in drawn or way[0] is way[1], way


def test_every_module_that_the_page_on_the_house_names_is_there() -> None:
    page = (DOCS / "understand" / "architecture.md").read_text("utf-8")
    root = DOCS.parent
    files = [path for folder in ("src", "tests") for path in (root / folder).rglob("*.py")]
    named = re.findall(r"`([\w/]+\.py)`", page)

    assert len(named) > 10
    assert [name for name in named if not any(path.match(name) for path in files)] == []


@pytest.mark.parametrize(
    ("docstring", "shown"),
    [
        (">>> 1 + 1\n2\n\nSo.", "```pycon\n>>> 1 + 1\n2\n```\n\nSo."),
        ("    >>> go()  # doctest: +SKIP", "```pycon\n>>> go()\n```\n"),
        ("See `Plugin`, not ``Plugin``.", "See [`Plugin`][hotplug.Plugin], not ``Plugin``."),
        (">>> f('`Plugin`')", "```pycon\n>>> f('`Plugin`')\n```\n"),
    ],
)
def test_the_reference_shows_examples_as_code_and_names_as_links(
    docstring: str, shown: str
) -> None:
    assert as_markdown(docstring, {"Plugin": "hotplug.Plugin"}) == shown


def test_every_member_of_a_host_that_the_docs_use_is_in_the_reference() -> None:
    pages = [page for page in DOCS.rglob("*.md") if DOCS / "lookup" not in page.parents]
    used = {
        name for page in pages for name in re.findall(r"\bhost\.([a-z]\w+)\b", page.read_text())
    }
    reference = (DOCS / "lookup" / "api" / "host.md").read_text("utf-8")
    listed = set(re.findall(r"^        - (\w+)$", reference, re.MULTILINE))
    of_a_host = {name for name in dir(PluginHost) if not name.startswith("_")}

    assert sorted(used & of_a_host - listed) == []
    assert listed <= of_a_host | {"plugins", "resource_manager"}


def test_the_reference_shows_of_an_attribute_its_type_and_not_how_it_comes_about(
    tmp_path: Path,
) -> None:
    code = '''
    class Till(ValueError):
        """A till."""

        def __init__(self, name: str) -> None:
            self.name = name
            self.sold = 0
            self.drawer: Drawer = make_drawer()
    '''
    extensions = griffe.load_extensions(ExamplesAndNames)
    (tmp_path / "shop.py").write_text(dedent(code), "utf-8")
    module = griffe.load("shop", search_paths=[tmp_path], extensions=extensions)

    shown = {name: str(module[f"Till.{name}"].annotation) for name in ("name", "sold", "drawer")}
    assert shown == {"name": "str", "sold": "int", "drawer": "Drawer"}
    assert module["Till.drawer"].value is None
    assert module["Till"].docstring.value == "A till.\n\nDerives from `ValueError`."

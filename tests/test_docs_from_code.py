"""What the docs show of the code's tables is what the code has."""

import re
from itertools import pairwise

import pytest
from docs_from_code.life import ways
from docs_from_code.made import DOCS, made

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

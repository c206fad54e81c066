"""The navigation of the docs: a page that it does not list is one that no one finds."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def test_every_page_of_the_docs_is_in_the_navigation_and_no_other() -> None:
    docs = ROOT / "docs"
    pages = {page.relative_to(docs).as_posix() for page in docs.rglob("*.md")}
    settings = (ROOT / "mkdocs.yml").read_text("utf-8")
    listed = re.findall(r"^ +- .*?([\w/-]+\.md)$", settings, re.MULTILINE)

    assert sorted(listed) == sorted(pages)

"""The index of errors has a section for each error and warning that is public, and for no other."""

import builtins
import re
from pathlib import Path

import pytest

import hotplug
import hotplug.compat.pluggy
import hotplug.manifest
import hotplug.testing

PAGE = Path(__file__).resolve().parent.parent / "docs" / "lookup" / "errors.md"
TEXT = PAGE.read_text("utf-8")
SECTIONS = re.findall(r"^### `(\w+)`$", TEXT, re.MULTILINE)

PUBLIC = {
    name
    for package in (hotplug, hotplug.manifest, hotplug.testing, hotplug.compat.pluggy)
    for name in package.__all__
    if isinstance(thing := getattr(package, name), type) and issubclass(thing, BaseException)
}


@pytest.mark.parametrize("name", sorted(PUBLIC))
def test_every_error_and_warning_has_its_section(name: str) -> None:
    assert SECTIONS.count(name) == 1, f"docs/lookup/errors.md has no section ### `{name}`"


@pytest.mark.parametrize("name", SECTIONS)
def test_a_section_is_of_an_error_that_exists(name: str) -> None:
    assert name in PUBLIC or issubclass(getattr(builtins, name), Warning)


def test_every_message_on_the_page_is_printed_by_the_code_above_it() -> None:
    messages = TEXT.count("\n```text\n")
    printed = re.findall(r'^\?\?\? cause "[^"]+"\n(?:\n|    .*\n)+```text\n', TEXT, re.MULTILINE)

    assert len(printed) == messages > 60

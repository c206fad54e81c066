"""The JSON Schema: made of the same table as the check."""

import re
import warnings
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hotplug.manifest import ManifestError, ManifestWarning, PluginMetadata, read, schema
from hotplug.manifest.metadata import FIELDS

DOCS: Final = Path(__file__).resolve().parent.parent.parent / "docs"

# It has no types that mypy could read.
VALIDATOR: Final[Any] = import_module("jsonschema").Draft202012Validator


def test_the_schema_is_a_schema() -> None:
    VALIDATOR.check_schema(schema())


def test_the_examples_of_the_schema_are_valid_together() -> None:
    example = {name: field.example for name, field in FIELDS.items()}

    assert VALIDATOR(schema()).is_valid(example)
    assert PluginMetadata(example).name == "shop"


def test_the_manifests_in_the_docs_say_the_same(tmp_path: Path) -> None:
    page = (DOCS / "host" / "manifest.md").read_text("utf-8")
    titled = r'^```\w+ title="(plugin\.\w+|shop\.py)[^"]*"\n(.*?)^```'
    shown = re.findall(titled, page, re.MULTILINE | re.DOTALL)
    said: set[PluginMetadata] = set()
    for file, text in shown:
        (tmp_path / file).write_text(text)
        (tmp_path / "plugin.py").touch()
        said.add(read(tmp_path / file))
        (tmp_path / file).unlink()

    assert [file for file, _ in shown] == ["plugin.json", "plugin.toml", "plugin.yaml", "shop.py"]
    assert {(metadata.name, metadata.version, metadata.requires) for metadata in said} == {
        ("shop", "1.4.0", ("accounts",))
    }


def test_metadata_has_an_attribute_for_each_key() -> None:
    metadata = PluginMetadata({"name": "shop"})

    for name, field in FIELDS.items():
        assert getattr(metadata, name) == ("shop" if field.is_required else field.default)


def is_taken_without_a_word(values: Mapping[str, Any]) -> bool:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            PluginMetadata(values)
        except (ManifestError, ManifestWarning):
            return False
    return True


# No text ends with a line break: Python's `$` lets one through, and JSON Schema's does not.
RIGHT_OR_WRONG: Final[st.SearchStrategy[object]] = st.sampled_from(
    ["a", "1.0", "1.0.0-a.1", "../x", "pkg.plugin", "a-b", "x y", "https://a.b/c", "", "ab" * 99,
     "\x1b", "é", "line\nline", 1, 1.5, True, None, {}, [], ["a"], ["a", "a"], ["a", "b"], [1],
     [""], {"a": 1}, ["x y"], ["\t"], ">=2,<3", "^1.2", "1.x", "*", "<2 ,x", ["a 2"], ["a~=2"],
     ["a>=2", "b ^1.2.0-x.1"], ["a ~= 2.0, !=2.1.*", "b *"], ["a>=2 <3"], ["a 1.x,<1.7"], {"a": {}},
     {"a": ">=2"}, {"a": "2"}, {"a": {"version": "~1"}, "b": "*"}, {"a": {"at": "1"}}, {"x y": "*"}]
)  # fmt: skip
KEYS_OF_PLUGINS: Final = ("requires", "wants", "after", "conflicts")
OTHER_KEYS: Final = ["x-a", "tool", "$schema", "nmae"]


@given(
    st.sampled_from(["shop", "my-shop", "", "x y", "../x", 5, None]),
    st.dictionaries(st.sampled_from([*FIELDS, *OTHER_KEYS]), RIGHT_OR_WRONG),
)
@settings(max_examples=500)
def test_the_schema_agrees_with_the_check(name: object, values: dict[str, Any]) -> None:
    values["name"] = name
    for key in [key for key in KEYS_OF_PLUGINS if key in values][1:]:
        del values[key]  # that one is not the other is beyond a schema

    assert VALIDATOR(schema()).is_valid(values) == is_taken_without_a_word(values)


@pytest.mark.parametrize("key", ["x-", "x-a", "tool", "$schema"])
def test_the_schema_leaves_authors_what_is_theirs(key: str) -> None:
    value = {} if key == "tool" else "mine"

    assert VALIDATOR(schema()).is_valid({"name": "shop", key: value})

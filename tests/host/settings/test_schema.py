"""What can be set in a plugin is published as JSON Schema."""

from __future__ import annotations

import json
from importlib import import_module
from typing import Any, Final

import pytest

from hotplug import UnknownPluginError

jsonschema: Final[Any] = import_module("jsonschema")  # which has no types

BEFORE = """
@dataclass(frozen=True)
class Till:
    number: int = 1
    inner: Till | None = None
"""


def properties(shop: Any, fields: str) -> Any:
    shop.load(fields, before=BEFORE)
    schema = shop.host.settings_schema("shop")
    jsonschema.Draft202012Validator.check_schema(schema)
    json.dumps(schema, allow_nan=False)
    return schema["properties"]


@pytest.mark.parametrize(
    ("field", "schema"),
    [
        ("it: bool = True", {"type": "boolean", "default": True}),
        ("it: int = 1", {"type": "integer", "default": 1}),
        ("it: float = 1.5", {"type": "number", "default": 1.5}),
        ("it: str = 'a'", {"type": "string", "default": "a"}),
        ("it: Path = Path('a/b')", {"type": "string", "default": "a/b"}),
        (
            "it: date = date(2030, 5, 17)",
            {"type": "string", "format": "date", "default": "2030-05-17"},
        ),
        ("it: Literal['a', 'b'] = 'a'", {"enum": ["a", "b"], "default": "a"}),
        (
            "it: list[int] = field(default_factory=list)",
            {"type": "array", "items": {"type": "integer"}, "default": []},
        ),
        (
            "it: dict[str, int] = field(default_factory=dict)",
            {"type": "object", "additionalProperties": {"type": "integer"}, "default": {}},
        ),
        (
            "it: int | None = None",
            {"anyOf": [{"type": "integer"}, {"type": "null"}], "default": None},
        ),
        (
            "it: Annotated[int, Bounds(ge=1, lt=9)] = 1",
            {"type": "integer", "minimum": 1, "exclusiveMaximum": 9, "default": 1},
        ),
        (
            "it: Annotated[str, Bounds(min_length=1)] = 'a'",
            {"type": "string", "minLength": 1, "default": "a"},
        ),
        (
            "it: Annotated[list[Any], Bounds(max_length=1)] = None",
            {"type": "array", "items": {}, "maxItems": 1},
        ),
        (
            "it: Annotated[dict[str, Any], Bounds(max_length=1)] = None",
            {"type": "object", "additionalProperties": {}, "maxProperties": 1},
        ),
        (
            "it: tuple[int, str] = (1, 'a')",
            {
                "type": "array",
                "prefixItems": [{"type": "integer"}, {"type": "string"}],
                "minItems": 2,
                "maxItems": 2,
                "default": [1, "a"],
            },
        ),
        (
            "it: Annotated[int, 'how many'] = 1",
            {"type": "integer", "description": "how many", "default": 1},
        ),
        (
            "it: int = field(default=1, metadata={'doc': 'how many'})",
            {"type": "integer", "description": "how many", "default": 1},
        ),
        ("it: Any = object()", {}),
        ("it: float = float('inf')", {"type": "number"}),
    ],
    ids=lambda it: it if isinstance(it, str) else "",
)
def test_a_field_says_its_type_its_meaning_and_its_default(
    shop: Any, field: str, schema: dict[str, Any]
) -> None:
    assert properties(shop, field)["it"] == schema


def test_what_has_no_default_is_required(shop: Any) -> None:
    shop.load("port: int\nowner: str = 'Ada'", "port = 1")

    assert shop.plugin.settings_schema["required"] == ["port"]


def test_no_other_key_is_known(shop: Any) -> None:
    shop.load("port: int = 1")

    assert shop.plugin.settings_schema["additionalProperties"] is False


def test_dataclasses_inside_are_described_once(shop: Any) -> None:
    schemas = properties(shop, "one: Till = Till()\nmany: list[Till] = field(default_factory=list)")

    assert schemas["one"] == {
        "$ref": "#/$defs/Till",
        "default": {"number": 1, "inner": None},
    }
    assert schemas["many"]["items"] == {"$ref": "#/$defs/Till"}


def test_one_that_is_a_part_of_itself_refers_to_itself(shop: Any) -> None:
    shop.run(
        "@dataclass\nclass Shop:\n    branches: list[Shop] = field(default_factory=list)\n"
        "settings(Shop)"
    )
    schema = shop.plugin.settings_schema

    jsonschema.validate({"branches": [{"branches": []}]}, schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"branches": [{"branches": 5}]}, schema)


def test_two_classes_of_one_name_are_told_apart(shop: Any) -> None:
    other = "def make():\n    @dataclass\n    class Till:\n        a: int = 1\n    return Till\n"
    before = f"{BEFORE}{other}Other = make()\n"
    shop.load("one: Till\nother: Other", "one = {}\nother = {}", before=before)

    assert {*shop.plugin.settings_schema["$defs"]} == {"Till", "Till2"}


def test_the_version_is_a_key_of_it(shop: Any) -> None:
    shop.run(
        "@dataclass\nclass Shop:\n    port: int = 1\n"
        "settings(Shop, version=2, migrate=lambda data, version: data)"
    )
    schema = shop.plugin.settings_schema

    assert schema["properties"]["version"] == {"const": 2}
    assert schema["required"] == ["version"]


def test_that_of_a_plugin_that_is_not_there_is_asked_for_in_vain(shop: Any) -> None:
    with pytest.raises(UnknownPluginError):
        shop.host.settings_schema("none")

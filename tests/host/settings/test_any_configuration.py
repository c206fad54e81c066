"""Whatever a configuration says: an object, or one error that names the places."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, make_dataclass
from datetime import date, datetime, time, timedelta
from enum import Enum
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Union

from hypothesis import given
from hypothesis import strategies as st

from hotplug import Bounds, Secret, SettingsError
from hotplug.host.project import Project
from hotplug.host.settings.declaring import Declaration
from hotplug.host.settings.problems import Said

jsonschema: Final[Any] = import_module("jsonschema")  # which has no types


class Level(Enum):
    LOW = "low"
    HIGH = 2


@dataclass(frozen=True)
class Till:
    number: int
    label: str | None = None
    inner: list[Till] = field(default_factory=list)


@dataclass(frozen=True)
class Shop:
    flag: bool
    port: Annotated[int, Bounds(ge=1, le=65535)] = 80
    rate: Annotated[float, Bounds(gt=0)] = 1.0
    name: Annotated[str, Bounds(min_length=1, max_length=8)] = "shop"
    key: Secret = field(default=Secret("key"))
    level: Level = Level.LOW
    way: Literal["up", "down", 3, None] = "up"
    every: timedelta = timedelta(1)
    at: datetime | date | time | None = None
    place: Path = Path()
    tills: list[Till] = field(default_factory=list)
    pair: tuple[int, str] = (1, "a")
    rates: dict[str, float | int] = field(default_factory=dict)
    tags: Annotated[frozenset[str], Bounds(max_length=3)] = frozenset()
    one: Till | list[int] | None = None
    more: Any = None


DECLARATION = Declaration("shop", Shop, 1, None)
SCHEMA = DECLARATION.schema()
PROJECT = Project.of(None)

json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=10)
    | st.sampled_from(["low", "up", "1h30m", "2030-05-17", "08:30", "2030-05-17T08:30:00Z"]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(max_size=5), inner, max_size=3)
        | st.fixed_dictionaries({"number": inner}, optional={"label": inner, "inner": inner})
        | st.dictionaries(st.sampled_from(["env", "file"]), st.text(max_size=5), max_size=1)
    ),
    max_leaves=8,
)
fitting = {
    "port": st.integers(1, 65535),
    "key": st.text(),
    "level": st.sampled_from(["low", 2]),
    "tills": st.lists(st.fixed_dictionaries({"number": st.integers()}), max_size=2),
}
tables = st.fixed_dictionaries(
    {"flag": st.booleans() | json_values},
    optional={
        name: json_values | fitting.get(name, json_values)
        for name in Shop.__dataclass_fields__
        if name != "flag"
    },
)


def read(data: Any, declaration: Declaration[Any] = DECLARATION) -> Any:
    return declaration.read(Said.by_application(data, PROJECT)).made()


def read_or_refused(
    data: Any, declaration: Declaration[Any] = DECLARATION
) -> tuple[Any, SettingsError | None]:
    try:
        return read(data, declaration), None
    except SettingsError as error:
        return None, error


@given(json_values | tables)
def test_any_json_is_an_object_or_one_error_with_places(data: Any) -> None:
    config, error = read_or_refused(data)

    if error is None:
        assert type(config) is Shop
    else:
        assert error.problems
        assert all(problem.message for problem in error.problems)
        assert str(error)


@given(tables)
def test_what_is_accepted_fits_the_schema(data: Any) -> None:
    _, error = read_or_refused(data)

    assert error is not None or jsonschema.validate(data, SCHEMA) is None


@given(st.fixed_dictionaries({"flag": st.booleans()}, optional=fitting))
def test_what_fits_is_given_as_it_was_said(data: Any) -> None:
    config = read(data)

    assert config.flag is data["flag"]
    assert config.port == data.get("port", 80)
    assert [till.number for till in config.tills] == [t["number"] for t in data.get("tills", [])]


@given(tables, st.text(min_size=4, max_size=12, alphabet="ghjkqxz"))
def test_no_error_shows_what_stands_where_a_secret_belongs(data: Any, secret: str) -> None:
    data["key"] = {"environment": secret}
    _, error = read_or_refused(data)

    data["key"] = ""
    assert secret in json.dumps(data) or secret not in str(error)


scalars: st.SearchStrategy[Any] = st.sampled_from(
    [bool, int, float, str, Path, timedelta, datetime, date, time, Level, Secret, Till, None, Any]
)
hints: st.SearchStrategy[Any] = st.recursive(
    scalars | st.sampled_from([Literal["up", 2, True], Annotated[int, Bounds(ge=0)]]),
    lambda inner: st.one_of(
        inner.map(lambda it: list[it]),  # type: ignore[valid-type]
        inner.map(lambda it: dict[str, it]),  # type: ignore[valid-type]
        inner.map(lambda it: tuple[it, ...]),  # type: ignore[valid-type]
        st.tuples(inner, inner).map(lambda two: tuple[two]),  # type: ignore[valid-type]
        st.tuples(inner, inner).map(lambda two: Union[two]),  # noqa: UP007
        inner.map(lambda it: Annotated[list[it], Bounds(max_length=2)]),  # type: ignore[valid-type]
    ),
    max_leaves=4,
)


@given(hints, json_values)
def test_any_class_and_any_json_are_an_object_or_an_error_and_agree_with_the_schema(
    hint: Any, value: Any
) -> None:
    declared = make_dataclass("Declared", [("it", hint)], frozen=True)
    declaration: Declaration[Any] = Declaration("shop", declared, 1, None)
    schema = declaration.schema()
    jsonschema.Draft202012Validator.check_schema(schema)

    config, error = read_or_refused({"it": value}, declaration)

    assert (error is None) == (type(config) is declared)
    assert error is not None or jsonschema.validate({"it": value}, schema) is None

"""What a setting may be, and what is said of a value that it may not be."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest

from hotplug import SettingsError

BEFORE = """
from collections.abc import Mapping, Sequence
from typing import NewType, Optional, Union
Name = NewType("Name", str)

class Level(Enum):
    LOW = "low"
    HIGH = "high"

class Way(Enum):
    UP = auto()
    DOWN = object()

@dataclass
class Till:
    number: int
    label: str = ""
    inner: Till | None = None
"""

FITS = [
    ("bool", "true", True),
    ("int", "5", 5),
    ("float", "5", 5.0),
    ("float", "inf", float("inf")),
    ("str", "'a'", "a"),
    ("Any", "{a = [1, {b = 2}]}", {"a": [1, {"b": 2}]}),
    ("object", "5", 5),
    ("Name", "'Ada'", "Ada"),
    ("Optional[int]", "5", 5),
    ("int | str", "'a'", "a"),
    ("Union[int, float]", "1.5", 1.5),
    ("Literal['a', 1]", "1", 1),
    ("list[int]", "[1, 2]", [1, 2]),
    ("list", "[1, 'a']", [1, "a"]),
    ("Sequence[int]", "[1]", [1]),
    ("set[str]", "['a', 'a']", {"a"}),
    ("frozenset[int]", "[1]", frozenset([1])),
    ("tuple[int, ...]", "[1, 2]", (1, 2)),
    ("tuple[int, str]", "[1, 'a']", (1, "a")),
    ("tuple[()]", "[]", ()),
    ("tuple", "[1]", (1,)),
    ("dict[str, list[int]]", "{a = [1]}", {"a": [1]}),
    ("Mapping[str, int]", "{a = 1}", {"a": 1}),
    ("dict[Literal['a', 'b'], int]", "{a = 1}", {"a": 1}),
    ("dict", "{a = 1}", {"a": 1}),
    ("timedelta", "90", timedelta(seconds=90)),
    ("timedelta", "0.5", timedelta(seconds=0.5)),
    ("timedelta", "'1h30m'", timedelta(hours=1.5)),
    ("timedelta", "'2d 500ms'", timedelta(days=2, milliseconds=500)),
    ("datetime", "2030-05-17T08:30:00", datetime(2030, 5, 17, 8, 30)),  # noqa: DTZ001
    ("datetime", "'2030-05-17T08:30:00Z'", datetime(2030, 5, 17, 8, 30, tzinfo=UTC)),
    ("date", "2030-05-17", date(2030, 5, 17)),
    ("date", "'2030-05-17'", date(2030, 5, 17)),
    ("time", "08:30:00", time(8, 30)),
    ("Annotated[int, Bounds(ge=1)]", "1", 1),
    ("Annotated[int, 'how many']", "1", 1),
    ("Annotated[list[int], Bounds(max_length=1)]", "[1]", [1]),
    ("Annotated[timedelta, Bounds(gt=timedelta(0))]", "1", timedelta(seconds=1)),
]


@pytest.mark.parametrize(("annotation", "written", "meant"), FITS)
def test_a_value_that_fits_is_given_as_the_annotation_says(
    shop: Any, annotation: str, written: str, meant: object
) -> None:
    config = shop.given(f"it: {annotation}", f"it = {written}", BEFORE)

    assert (config.it, type(config.it)) == (meant, type(meant))


WRONG = [
    ("bool", "1", "'it' takes true or false, not 1"),
    ("int", "true", "'it' takes a whole number, not true or false"),
    ("int", "1.0", "'it' takes a whole number, not 1.0"),
    ("float", "'1'", "'it' takes a number, not '1'"),
    ("float", "nan", "'it' takes a number, and nan is none"),
    ("str", "1", "'it' takes a text, not 1\n    put it in quotes"),
    ("Path", "1", "'it' takes a path, not 1"),
    ("Optional[int]", "'a'", "'it' takes a whole number, not 'a'"),
    ("int | str", "[]", "'it' takes a whole number or a text, not a list"),
    ("Literal['a', 1]", "true", "'it' takes 'a' or 1, not true or false"),
    ("Literal['fast', 'slow']", "'slwo'", "did you mean 'slow'?"),
    ("Level", "'LOW'", "'it' takes 'low' or 'high', not 'LOW'"),
    ("Level", "[]", "'it' takes 'low' or 'high', not a list"),
    ("list[int]", "'a'", "'it' takes a list with a whole number each, not 'a'"),
    ("list[int]", "[1, 'a']", "'it[1]' takes a whole number, not 'a'"),
    ("tuple[int, str]", "[1]", "takes a list of 2: a whole number, a text, not a list"),
    ("dict[str, int]", "{a = 'x'}", "'it.a' takes a whole number, not 'x'"),
    ("dict[str, int]", "[1]", "'it' takes a table with a whole number each, not a list"),
    ("dict[Literal['a', 'b'], int]", "{c = 1}", "'it.c' takes 'a' or 'b', not 'c'"),
    ("timedelta", "'1h30'", "'it' takes a time span, not '1h30'"),
    ("timedelta", "1e300", "takes a time span that is not as long"),
    ("datetime", "2030-05-17", "'it' takes a date and time, not a date"),
    ("date", "2030-05-17T08:30:00", "'it' takes a date, not a datetime"),
    ("date", "'17.5.2030'", "write it like this: 2030-05-17"),
    ("Annotated[int, Bounds(ge=1, le=9)]", "10", "a whole number of 1 to 9, not 10"),
    ("Annotated[float, Bounds(gt=0, lt=1)]", "1", "of more than 0 and less than 1, not 1"),
    ("Annotated[int, Bounds(ge=1)] | None", "0", "of at least 1, not 0"),
    ("Annotated[int | None, Bounds(ge=1)]", "0", "of at least 1, not 0"),
    ("Annotated[str, Bounds(min_length=1)]", "''", "a text of at least 1 characters, not ''"),
    ("Annotated[list[int], Bounds(max_length=1)]", "[1, 2]", "of at most 1 items, not a list"),
    ("Annotated[time, Bounds(ge=time(8))]", "07:00:00", "of at least 08:00:00"),
    ("Till", "5", "'it' takes a table, not 5"),
    ("Till", "{}", "'it.number' is missing"),
    ("Till", "{number = 1, lable = ''}", "'it.lable' is no setting\n    did you mean 'label'?"),
    ("list[Till]", "[{number = 'x'}]", "'it[0].number' takes a whole number, not 'x'"),
    ("Till", "{number = 1, inner = {number = 'x'}}", "'it.inner.number' takes a whole number"),
    ("Till | None", "{number = 'x'}", "'it.number' takes a whole number, not 'x'"),
]


@pytest.mark.parametrize(("annotation", "written", "said"), WRONG)
def test_a_value_that_does_not_fit_is_told_with_its_place(
    shop: Any, annotation: str, written: str, said: str
) -> None:
    with pytest.raises(SettingsError) as caught:
        shop.load(f"it: {annotation}", f"it = {written}", BEFORE)

    assert said in str(caught.value)
    assert len(caught.value.problems) == 1
    assert caught.value.problems[0].line == 2


def test_an_enumeration_is_given_by_its_values(shop: Any) -> None:
    assert shop.given("it: Level", "it = 'high'", BEFORE).it.name == "HIGH"


def test_one_whose_values_cannot_be_written_is_given_by_its_names(shop: Any) -> None:
    assert shop.given("it: Way", "it = 'DOWN'", BEFORE).it.name == "DOWN"


def test_dataclasses_may_be_in_each_other_and_in_themselves(shop: Any) -> None:
    config = shop.given("it: list[Till]", "it = [{number = 1, inner = {number = 2}}]", BEFORE)

    assert config.it[0].inner.number == 2


def test_a_relative_path_starts_where_the_project_is(shop: Any) -> None:
    assert shop.given("it: Path", "it = 'a/b'").it == shop.project.parent / "a" / "b"


def test_an_absolute_path_stays_and_the_home_is_found(
    shop: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))

    assert shop.given("it: Path", "it = '/a'").it == Path("/a").absolute()
    assert shop.given("it: Path", "it = '~/a'").it == tmp_path / "a"


def test_a_mapping_in_python_may_hold_the_values_themselves(shop: Any) -> None:
    shop.load("span: timedelta = timedelta()\nplace: Path = Path()")

    shop.host.configure("shop", {"span": timedelta(1), "place": Path("/a")})

    assert shop.plugin.settings.span == timedelta(1)
    assert shop.plugin.settings.place == Path("/a")


@pytest.mark.parametrize("digits", [400, 5000])
def test_huge_numbers_are_told_and_not_shown(shop: Any, digits: int) -> None:
    fields = "few: Annotated[int, Bounds(le=9, ge=0)] = 1\nreal: float = 0\nspan: timedelta = None"
    shop.load(fields)
    huge = 10**digits

    with pytest.raises(SettingsError) as caught:
        shop.host.configure("shop", {"few": huge, "real": -huge, "span": huge})

    assert len(caught.value.problems) == 3
    assert len(str(caught.value)) < 500


def test_bounds_of_annotated_types_mean_the_same(shop: Any) -> None:
    pytest.importorskip("annotated_types")
    before = "from annotated_types import Ge, Interval, Len\n"

    with pytest.raises(SettingsError) as caught:
        shop.load(
            "a: Annotated[int, Ge(1)]\n"
            "b: Annotated[int, Interval(le=5)]\n"
            "c: Annotated[str, Len(2)]",
            "a = 0\nb = 6\nc = 'x'",
            before,
        )

    assert [problem.key for problem in caught.value.problems] == ["a", "b", "c"]


def test_a_literal_may_name_members_of_an_enumeration(shop: Any) -> None:
    before = "class Level(Enum):\n    LOW = 'low'\n    HIGH = 'high'\n"

    config = shop.given("it: Literal[Level.LOW]", "it = 'low'", before)

    assert config.it is shop.plugin.module.Level.LOW
    assert shop.plugin.settings_schema["properties"]["it"] == {"enum": ["low"]}


def test_of_many_problems_a_hundred_are_told(shop: Any) -> None:
    shop.load("port: int = 1")

    with pytest.raises(SettingsError) as caught:
        shop.host.configure("shop", {f"prt{number}": 1 for number in range(20_000)})

    assert len(caught.value.problems) == 100


def test_keys_that_are_no_texts_are_told(shop: Any) -> None:
    shop.load("port: int = 1")

    with pytest.raises(SettingsError, match="a key is a text, not a number"):
        shop.host.configure("shop", {5: 1})


def test_fields_that_the_class_fills_itself_are_no_settings(shop: Any) -> None:
    with pytest.raises(SettingsError, match="'seen' is no setting"):
        shop.load("seen: int = field(default=0, init=False)", "seen = 1")

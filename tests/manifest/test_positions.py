"""Lines and columns are exact, however a manifest is laid out.

Documents are written here piece by piece, and where each key and item begins is noted down as it
is written; then the manifests' own finders have to say the same.
"""

import json
import tomllib
from collections.abc import Callable, Iterator
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hotplug.manifest import jsons, tomls, yamls
from hotplug.manifest.documents import Marks, Place, mark_at, marks_of

KEYS: Final = st.one_of(
    st.sampled_from(
        ["name", "a", "b", "x-1", "a.b", "", "é", '"', "\\", "[", "{", ",", "#", "=", " "]
    ),
    st.text(max_size=5).filter(lambda text: text.isprintable()),
)
SCALARS: Final = st.one_of(
    st.integers(-10, 10**6),
    st.booleans(),
    st.sampled_from([1.5, -0.25, 1e30]),
    st.sampled_from(
        ['"', "[{,:#=\\", "a\nb", 'a""b""', "'''", '"""', "\t", "true", "1.0", "é𝒳", ""]
    ),
)
VALUES: Final = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(KEYS, inner, max_size=4)
        | st.lists(st.dictionaries(KEYS, inner, max_size=2), min_size=1, max_size=3)
    ),
    max_leaves=12,
)
TABLES: Final = st.dictionaries(KEYS, VALUES, max_size=5)


class Writer:
    """A text in the making, and where things begin in it."""

    def __init__(self, draw: Callable[[st.SearchStrategy[Any]], Any]) -> None:
        self.draw = draw
        self.text = ""
        self.begins: dict[Place, int] = {(): 0}

    def choose(self, *choices: str) -> str:
        chosen: str = self.draw(st.sampled_from(choices))
        return chosen

    def put(self, *choices: str) -> None:
        self.text += self.choose(*choices)

    def note(self, place: Place) -> None:
        self.begins.setdefault(place, len(self.text))


class JSONWriter(Writer):
    def space(self) -> None:
        self.put("", "", " ", "\n", "\r\n  ", "\t")

    def value(self, value: Any, place: Place = ()) -> None:
        if isinstance(value, dict):
            self.put("{")
            for number, (key, inner) in enumerate(value.items()):
                self.put(",") if number else None
                self.space()
                self.note((*place, key))
                self.put(json.dumps(key), json.dumps(key, ensure_ascii=False))
                self.space()
                self.put(":")
                self.space()
                self.value(inner, (*place, key))
                self.space()
            self.put("}")
        elif isinstance(value, list):
            self.put("[")
            for number, inner in enumerate(value):
                self.put(",") if number else None
                self.space()
                self.note((*place, number))
                self.value(inner, (*place, number))
                self.space()
            self.put("]")
        else:
            self.put(json.dumps(value), json.dumps(value, ensure_ascii=False))


class TOMLWriter(Writer):
    def space(self) -> None:
        self.put("", "", " ", "\t")

    def lines(self) -> None:
        """What may stand between the items of a list."""
        self.put("", " ", "\n", " # [,] = \" '\n", "\r\n  ")

    def end_of_line(self) -> None:
        self.put("\n", "\r\n", "  # a = '\n", "\n\n# [x]\n")

    def key(self, key: str) -> None:
        basic = json.dumps(key)  # whose escapes are TOML's too, for what is printable
        spellings = [json.dumps(key, ensure_ascii=False)]
        if all(ord(letter) < 0x10000 for letter in key):
            spellings.append(basic)
        if "'" not in key:
            spellings.append(f"'{key}'")
        if key and key.isascii() and all(letter.isalnum() or letter in "-_" for letter in key):
            spellings = [key, *spellings]
        self.put(*spellings)

    def scalar(self, value: Any) -> None:
        if not isinstance(value, str):
            self.put(json.dumps(value))
            return
        escaped = json.dumps(value, ensure_ascii=False)[1:-1]
        spellings = [f'"{escaped}"', f'"""{escaped}"""', f'"""\n{escaped}"""']
        if "'" not in value and value.isprintable():
            spellings += [f"'{value}'", f"'''{value}'''", f"'''\n{value}'''"]
        if '"""' not in value and value.isprintable():
            plain = value.replace("\\", "\\\\")
            spellings += [f'"""{plain}"""']
        self.put(*spellings)

    def value(self, value: Any, place: Place) -> None:
        if isinstance(value, dict):
            self.put("{")
            for number, (key, inner) in enumerate(value.items()):
                self.put(",") if number else None
                self.space()
                self.pair(key, inner, place)
                self.space()
            self.put("}")
        elif isinstance(value, list):
            self.put("[")
            for number, inner in enumerate(value):
                self.put(",") if number else None
                self.lines()
                self.note((*place, number))
                self.value(inner, (*place, number))
                self.lines()
            self.put(",", "") if value else None
            self.lines()
            self.put("]")
        else:
            self.scalar(value)

    def pair(self, key: str, value: Any, place: Place) -> None:
        self.note((*place, key))
        self.key(key)
        while isinstance(value, dict) and len(value) == 1 and self.draw(st.booleans()):
            place = (*place, key)
            ((key, value),) = value.items()  # one more part of a dotted key
            self.space()
            self.put(".")
            self.space()
            self.note((*place, key))
            self.key(key)
        self.space()
        self.put("=")
        self.space()
        self.value(value, (*place, key))

    def table(self, table: dict[str, Any], place: Place = (), header: tuple[str, ...] = ()) -> None:
        """Write pairs, then some of the tables and lists of tables under headers of their own."""
        under_headers: list[str] = []
        for key, value in table.items():
            are_tables = (
                isinstance(value, list) and value and all(isinstance(v, dict) for v in value)
            )
            if (isinstance(value, dict) or are_tables) and self.draw(st.booleans()):
                under_headers.append(key)
                continue
            self.space()
            self.pair(key, value, place)
            self.end_of_line()
        for key in under_headers:
            value = table[key]
            if isinstance(value, dict):
                self.header("[", (*header, key), place, "]")
                self.table(value, (*place, key), (*header, key))
                continue
            for number, inner in enumerate(value):
                self.header("[[", (*header, key), (*place, key), "]]", number)
                self.table(inner, (*place, key, number), (*header, key))

    def header(
        self, opening: str, keys: tuple[str, ...], place: Place, closing: str, number: int = -1
    ) -> None:
        self.space()
        self.put(opening)
        for at, key in enumerate(keys):
            self.put(".") if at else None
            self.space()
            if at == len(keys) - 1 and number >= 0:
                self.note(place)
                self.note((*place, number))
            elif at == len(keys) - 1:
                self.note((*place, key))
            self.key(key)
            self.space()
        self.put(closing)
        self.end_of_line()


@st.composite
def json_documents(draw: Any) -> tuple[str, Any, Marks]:
    data = draw(TABLES)
    writer = JSONWriter(draw)
    writer.space()
    writer.value(data)
    writer.space()
    return writer.text, data, marks_of(writer.text, writer.begins)


@st.composite
def toml_documents(draw: Any) -> tuple[str, Any, Marks]:
    data = draw(TABLES)
    writer = TOMLWriter(draw)
    writer.table(data)
    return writer.text, data, marks_of(writer.text, writer.begins)


@given(json_documents())
def test_the_marks_of_json_are_where_its_keys_and_items_were_written(
    written: tuple[str, Any, Marks],
) -> None:
    text, data, marks = written

    assert json.loads(text) == data
    assert jsons.find(text) == marks


@given(toml_documents())
@settings(max_examples=300)
def test_the_marks_of_toml_are_where_its_keys_and_items_were_written(
    written: tuple[str, Any, Marks],
) -> None:
    text, data, marks = written

    assert tomllib.loads(text) == data, text
    assert tomls.find(text) == marks, text


@given(json_documents())
def test_the_marks_of_json_and_yaml_agree_where_a_text_is_both(
    written: tuple[str, Any, Marks],
) -> None:
    text, data, marks = written
    try:
        read = yamls.parse(text)
    except Exception:  # JSON that YAML 1.1 reads otherwise: tabs, long keys
        return
    if read == data and "\r" not in text:
        assert {**yamls.find(text), (): marks[()]} == marks


def places_in(value: object, place: Place = ()) -> Iterator[Place]:
    yield place
    pairs: Any = ()
    if isinstance(value, dict):
        pairs = value.items()
    elif isinstance(value, list):
        pairs = enumerate(value)
    for key, inner in pairs:
        yield from places_in(inner, (*place, key))


TOML_PIECES: Final = st.sampled_from(
    ["a", "b", "a.b", "'a'", '"a"', "[a]", "[[a]]", "[a.b]", "[[a.b]]", "\n", "\n", "=", " = ", "1",
     "1.5", "'x'", '"""', "'''", "[", "]", "{", "}", ",", "#", "\\", "1979-05-27 07:32:00", " ",
     "a = 1\n", "a.b = {c = [1, {d = 2}]}\n", "[[a]]\nb = 1\n", "b = [\n1, # x\n[2]]\n", '"']
)  # fmt: skip


@given(st.lists(TOML_PIECES, max_size=12).map("".join))
@settings(max_examples=1000)
def test_whatever_toml_is_read_has_a_mark_for_each_of_its_places_and_for_no_other(
    text: str,
) -> None:
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return

    assert set(tomls.find(text)) == set(places_in(data))


@given(st.text(alphabet="ab\n\r", max_size=30), st.data())
def test_a_mark_is_the_line_and_column_of_an_offset(text: str, data: st.DataObject) -> None:
    offset = data.draw(st.integers(0, len(text)))
    lines = text[:offset].split("\n")

    assert mark_at(text, offset) == (len(lines), len(lines[-1]) + 1)
    assert marks_of(text, {(): offset}) == {(): mark_at(text, offset)}


@pytest.mark.parametrize(
    "text",
    [
        '"""a""b"""', '"""a"""""', '"""\\""""', "'''a''b'''", "'''a'''''", '""', "''", '"\\\\"',
        "'\\'", '"#"', '"""\n[x]\n"""', "1.5e3", "1979-05-27 07:32:00.5", '[ # "\n]', "{a = {}}",
    ],
)  # fmt: skip
def test_a_value_ends_in_toml_where_its_last_sign_is(text: str) -> None:
    marks = tomls.find(f"first = {text}\nsecond = 1\n")

    assert marks[("second",)] == (text.count("\n") + 2, 1)
    assert tomllib.loads(f"first = {text}\nsecond = 1\n")["second"] == 1


YAML_BLOCK = """\
# a shop
name: shop

requires:   # others
  - accounts
  -   "mailer"
'x-a':
  - {b: [1,
     2]}
? x-b
: |
  text
"""


@pytest.mark.parametrize(
    ("place", "mark"),
    [
        (("name",), (2, 1)),
        (("requires",), (4, 1)),
        (("requires", 0), (5, 5)),
        (("requires", 1), (6, 7)),
        (("x-a",), (7, 1)),
        (("x-a", 0, "b"), (8, 6)),
        (("x-a", 0, "b", 1), (9, 6)),
        (("x-b",), (10, 3)),
    ],
)
def test_the_marks_of_yaml_are_where_its_keys_and_items_are(
    place: Place, mark: tuple[int, int]
) -> None:
    assert yamls.find(YAML_BLOCK)[place] == mark

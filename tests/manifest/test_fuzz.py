"""Whatever bytes a manifest holds, it is read or refused with `ManifestError`."""

import json
import math
import tomllib
import warnings
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from hotplug.manifest import ManifestError, PluginMetadata, jsons, read, validate
from hotplug.manifest.metadata import FIELDS
from hotplug.manifest.problems import Unreadable

YAML: Final[Any] = import_module("yaml")  # it has no types that mypy could read

FILES: Final = ["plugin.json", "plugin.toml", "plugin.yaml", "shop.py"]

VALID: Final = {
    "plugin.json": b'{"name": "shop", "requires": ["a"], "x-a": {"b": [1, 2.5, null]}}',
    "plugin.toml": b'name = "shop"\nrequires = ["a"]\n[x-a]\nb = [1, 2.5, 2020-01-01]\n',
    "plugin.yaml": b'name: shop\nrequires: [a]\nx-a:\n  b: [1, 2.5, "c", 2020-01-01]\n',
    "shop.py": b'# /// script\n# [tool.hotplug]\n# name = "a"\n# requires = ["b"]\n# ///\nx = 1\n',
}
PIECES: Final = st.sampled_from(
    [b"{", b"}", b"[", b"]", b'"', b"'", b"\\", b":", b",", b"=", b".", b"#", b"\n", b"\r", b" ",
     b"\t", b"name", b"requires", b"&a ", b"*a", b"!!int ", b"! ", b"<<", b"|", b">", b"-", b"- ",
     b"? ", b"---", b"0x", b"0b", b"0o", b"1e9999", b"1:2", b".inf", b".nan", b"2001-99-99",
     b"null", b"~", b"%YAML 9", b"\\ud800", b"\\u0000", b"\xff", b"\xc3", b"\xef\xbb\xbf",
     b"\xe2\x80\xa8", b"\xc2\x85", b"\0", b"# ///", b"# /// script\n", b"[tool.hotplug]",
     b'"""', b"'''", b"9" * 5000, b"_"]
)  # fmt: skip


@st.composite
def damaged(draw: Any, file: str) -> bytes:
    """A manifest that was right, with pieces put in, taken out and doubled."""
    raw = VALID[file]
    for _ in range(draw(st.integers(1, 5))):
        start = draw(st.integers(0, len(raw)))
        end = draw(st.integers(start, min(len(raw), start + 8)))
        raw = raw[:start] + draw(PIECES | st.binary(max_size=3)) + raw[end:]
    return raw


def outcome(make: Callable[[], PluginMetadata]) -> PluginMetadata | ManifestError:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return make()
        except ManifestError as error:
            return error


def lines_of(raw: bytes) -> int:
    """No fewer than any format counts."""
    ends = [b"\n", b"\r", b"\xe2\x80\xa8", b"\xe2\x80\xa9", b"\xc2\x85"]
    return sum(map(raw.count, ends)) + 1


@pytest.mark.parametrize("file", FILES)
@given(data=st.data())
@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_dk63_any_bytes_are_read_or_refused(tmp_path: Path, file: str, data: st.DataObject) -> None:
    (tmp_path / "plugin.py").touch()
    raw = data.draw(damaged(file) | st.binary(max_size=40))
    (tmp_path / file).write_bytes(raw)

    problems = validate(tmp_path / file)
    read_as = outcome(lambda: read(tmp_path / file))

    if any(problem.severity == "error" for problem in problems):
        assert isinstance(read_as, ManifestError)
        assert list(read_as.problems) == problems
        assert str(read_as).encode("utf-8")
    else:
        assert isinstance(read_as, PluginMetadata)
        assert read_as.line_of("name") is not None
    assert all(1 <= (problem.line or 1) <= lines_of(raw) for problem in problems)


@given(st.lists(PIECES.map(lambda raw: raw.decode("latin-1")), max_size=8).map("".join))
@settings(max_examples=500)
@example('{"a": 1, "\\u0061": 2}')
def test_json_is_read_just_if_it_is_json_without_doubled_keys_and_constants(text: str) -> None:
    doubled = False

    def note(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        nonlocal doubled
        doubled |= len(dict(pairs)) < len(pairs)
        return dict(pairs)

    def refuse(constant: str) -> None:
        raise ValueError(constant)

    try:
        expected = json.loads(text, object_pairs_hook=note, parse_constant=refuse)
    except ValueError:
        expected = doubled = True

    if doubled:
        with pytest.raises(Unreadable):
            jsons.parse(text)
    else:
        assert jsons.parse(text) == expected


JSON_LIKE: Final = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(
    st.dictionaries(st.sampled_from([*FIELDS, "$schema", "tool", "x-a", "nmae"]), JSON_LIKE)
    | st.dictionaries(st.text() | st.integers() | st.none(), JSON_LIKE)
)
def test_dk65_any_mapping_is_taken_or_refused(values: dict[Any, Any]) -> None:
    made = outcome(lambda: PluginMetadata(values))

    if isinstance(made, ManifestError):
        assert str(made).encode("utf-8")
    else:
        assert made.name == values["name"]


NAMES: Final = st.from_regex(r"[a-z]([a-z0-9._-]{0,8}[a-z0-9])?", fullmatch=True)
PLAIN: Final = st.text(
    st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp")), min_size=1, max_size=20
)
MANIFESTS: Final = st.fixed_dictionaries(
    {"name": NAMES},
    optional={
        "version": st.sampled_from(["1", "1.0rc1", "2!3.4", "1.0.0-beta.2+x"]),
        "description": PLAIN,
        "authors": st.lists(PLAIN, max_size=3, unique=True),
        "license": PLAIN,
        "x-a": st.recursive(
            st.booleans()
            | st.integers(-(10**9), 10**9)
            | PLAIN
            | st.floats().filter(math.isfinite),
            lambda inner: st.lists(inner, max_size=3) | st.dictionaries(PLAIN, inner, max_size=3),
            max_leaves=5,
        ),
    },
)


def as_toml(value: Any) -> str:
    if isinstance(value, dict):
        pairs = (
            f"{json.dumps(key, ensure_ascii=False)} = {as_toml(v)}" for key, v in value.items()
        )
        return "{" + ", ".join(pairs) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(as_toml, value)) + "]"
    return json.dumps(value, ensure_ascii=False)


@given(MANIFESTS)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_pkl02_what_is_written_in_any_format_is_read_back(
    tmp_path_factory: pytest.TempPathFactory, manifest: dict[str, Any]
) -> None:
    folder = tmp_path_factory.mktemp("shop")
    (folder / "plugin.py").touch()
    toml = "".join(f"{key} = {as_toml(value)}\n" for key, value in manifest.items())
    assert tomllib.loads(toml) == manifest
    texts = {
        "plugin.json": json.dumps(manifest),
        "plugin.toml": toml,
        "plugin.yaml": YAML.safe_dump(manifest, allow_unicode=True, sort_keys=False),
    }
    for file, text in texts.items():
        (folder / file).write_text(text, "utf-8", newline="")
        metadata = read(folder)
        (folder / file).unlink()

        assert metadata == PluginMetadata(manifest)
        assert {"name": metadata.name, **metadata.extra} == {
            key: value for key, value in manifest.items() if key in ("name", "x-a")
        }

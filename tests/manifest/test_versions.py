"""Which versions will do: PEP 440 as `packaging` reads it, SemVer as its specification says."""

from __future__ import annotations

import sys
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from subprocess import run
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.specifiers import SpecifierSet
from packaging.version import Version

from hotplug.manifest import read
from hotplug.manifest.constraints import CONSTRAINT, plain_constraint
from hotplug.manifest.versions import is_right, order, translated

MakePlugin = Callable[..., Path]

# Each is newer than the one before it.
ASCENDING: Final = [
    ["1.9", "1.10", "1.11"],
    ["0.9.9", "1.0.0", "2.0.0", "2.1.0", "2.1.1", "10.0.0"],
    # the example of SemVer's own specification
    ["1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta", "1.0.0-beta.2",
     "1.0.0-beta.11", "1.0.0-rc.1", "1.0.0"],
    ["1.0.0-0", "1.0.0-1", "1.0.0-2", "1.0.0-10", "1.0.0-a", "1.0.0-a.b", "1.0.0-a.b.c", "1.0.0-b"],
    ["1.0.0-0.3.7", "1.0.0-x", "1.0.0-x.7.z.92", "1.0.0-x-y-z.4", "1.0.0"],
    ["1.0.0-Beta", "1.0.0-alpha", "1.0.0-dev.1", "1.0.0-pre.1", "1.0.0-rc.1", "1.0.1-alpha"],
    # PEP 440
    ["1.0.dev1", "1.0a1.dev1", "1.0a1", "1.0a2", "1.0b1", "1.0rc1", "1.0rc2", "1.0.post1.dev2",
     "1.0.post1", "1.0.1", "1.1.dev1", "1!0.1"],
    # both in one
    ["1.0.0.dev1", "1.0.0-1", "1.0.0a1", "1.0.0-alpha.2", "1.0.0-alpha.x", "1.0.0b1", "1.0.0-beta2",
     "1.0.0-rc.1", "1.0.0rc2", "1.0.0-rc10", "1.0.0", "1.0.0.post1"],
]  # fmt: skip


@pytest.mark.parametrize(
    ("older", "newer"), [pair for versions in ASCENDING for pair in pairwise(versions)]
)
def test_lab06_one_version_is_newer_than_another(older: str, newer: str) -> None:
    assert order(older) < order(newer)
    assert is_right(newer, f">={older}")
    assert is_right(older, f"<={newer}")
    assert not is_right(older, f">={newer}")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("1.0", "1.0.0"),
        ("v1.0", "1"),
        ("1.0.0+build.1", "1.0.0+build.2"),
        ("1.0.0-rc.1+x", "1.0.0rc1"),
        ("1.0.0-alpha.beta+1", "1.0.0-alpha.beta+2"),
        ("1.0.0-rc1", "1.0.0-rc.1"),
        ("1.0+local", "1.0"),
        ("0.0.0", "0"),
    ],
)
def test_lab06_two_spellings_are_one_version(one: str, other: str) -> None:
    assert order(one) == order(other)
    assert is_right(one, f"=={other}")
    assert is_right(other, f">={one},<={one}")


@pytest.mark.parametrize(
    ("constraint", "right", "wrong"),
    [
        # ranges of SemVer
        ("^1.2.3", "1.2.3 1.2.4 1.3 1.99.0 1.10.0", "1.2.2 2.0.0 0.9 2.0.0-rc.1 1.2.3-beta.1"),
        ("^1.2", "1.2 1.2.0 1.9.9 1.10", "1.1.9 2 1.2.0-alpha"),
        ("^1", "1 1.0.1 1.99", "0.9 2.0 2.0.0-alpha.x"),
        ("^0.2.3", "0.2.3 0.2.9", "0.2.2 0.3.0 1.0"),
        ("^0.0.3", "0.0.3", "0.0.2 0.0.4 0.1"),
        ("^0.0", "0.0.1 0.0.9", "0.1.0 1"),
        ("^0", "0.0.1 0.9", "1.0.0"),
        ("^1.x", "1.0 1.7", "0.9 2.0"),
        ("^0.0.x", "0.0.7", "0.1"),
        ("^1.2.3-beta.2", "1.2.3-beta.2 1.2.3-beta.11 1.2.3 1.4", "1.2.3-beta.1 1.2.2 2.0.0-rc.3"),
        ("^1.0.0-alpha.beta", "1.0.0-beta 1.0.0-rc.1 1.5", "1.0.0-alpha.1 1.0.0-alpha 2.0"),
        ("^1!2.3", "1!2.3 1!2.9", "2.9 1!3.0 1!2.2"),
        (">=0.9", "1.0.0-alpha.x+9 0.9+x", "0.8.9-x+9"),
        ("~1.2.3", "1.2.3 1.2.99", "1.2.2 1.3.0 2"),
        ("~1.2", "1.2.0 1.2.9", "1.1 1.3"),
        ("~1", "1.0 1.9", "0.9 2.0"),
        ("~0.2.3", "0.2.3 0.2.8", "0.3 0.2.2"),
        ("~1.2.3-beta.2", "1.2.3-beta.4 1.2.9", "1.2.3-beta.1 1.3"),
        ("1.x", "1.0 1.10.3 1.0.0-alpha", "0.9 2.0"),
        ("1.2.*", "1.2 1.2.9", "1.3 1.1"),
        ("1.x.x", "1.9.9", "2.0.0"),
        ("*", "0.0.1 9 1.0.0-alpha.x", ""),
        ("x", "0.0.1 9", ""),
        # PEP 440
        (">=2,<3", "2 2.0.0 2.9 2.0.0+x", "1.9 3 3.0rc1 3.0.0-x 2.0rc1"),
        (">=2.0rc1", "2.0rc1 2.0.0-rc.2 2.0 3", "2.0b1 2.0.0-beta.9 1"),
        ("~=1.4", "1.4 1.9", "2.0 1.3"),
        ("~=1.4.2", "1.4.2 1.4.9", "1.5 1.4.1"),
        ("==1.4.*", "1.4 1.4.9", "1.5"),
        ("!=1.4.*,>=1", "1.3 1.5", "1.4.2 0.9"),
        ("!=1.5", "1.4 1.5.1", "1.5 1.5.0+x"),
        (">1.4", "1.4.1 2", "1.4 1.4.0 1.4.post1"),
        (">=1!0", "1!0.1 2!0", "9.0"),
        ("==1.0.0-alpha.beta", "1.0.0-alpha.beta 1.0.0-alpha.beta+9", "1.0.0-alpha.1 1.0.0"),
        (">=1.0.0-alpha.beta,<1.0.0-rc.1", "1.0.0-beta 1.0.0b2", "1.0.0a1 1.0.0rc1 1.0.0"),
        # one with the other
        ("^1.2,!=1.4.0", "1.2 1.4.1", "1.4 2"),
        (" >= 1.2 , < 1.9 ", "1.5", "1.10 1.9"),
    ],
)  # fmt: skip
def test_lab06_a_constraint_says_which_versions_will_do(
    constraint: str, right: str, wrong: str
) -> None:
    assert CONSTRAINT.is_right(constraint)
    assert [version for version in right.split() if not is_right(version, constraint)] == []
    assert [version for version in wrong.split() if is_right(version, constraint)] == []


NUMBER: Final = st.integers(0, 12)
TRIPLES: Final = st.tuples(NUMBER, NUMBER, NUMBER)
IDENTIFIERS: Final = st.lists(
    st.sampled_from(["alpha", "beta", "x", "z9", "0", "2", "11"]), min_size=1, max_size=3
)


def spelled(triple: tuple[int, ...]) -> str:
    return ".".join(map(str, triple))


@given(TRIPLES, TRIPLES, st.integers(1, 3))
def test_lab06_a_caret_keeps_what_is_left_of_the_first_part_that_is_not_zero(
    base: tuple[int, int, int], version: tuple[int, int, int], given_parts: int
) -> None:
    low = base[:given_parts]
    fixed = next((at for at, part in enumerate(low) if part), given_parts - 1) + 1

    assert is_right(spelled(version), f"^{spelled(low)}") == (
        version >= low and version[:fixed] == low[:fixed]
    )


@given(TRIPLES, TRIPLES, st.integers(1, 3))
def test_lab06_a_tilde_lets_only_the_last_part_change(
    base: tuple[int, int, int], version: tuple[int, int, int], given_parts: int
) -> None:
    low = base[:given_parts]

    assert is_right(spelled(version), f"~{spelled(low)}") == (
        version >= low and version[:2] == low[:2] if given_parts > 1 else version[:1] == low
    )


def semver_key(text: str) -> tuple[object, ...]:
    """Clauses 9 to 11 of the specification, word by word."""
    core, _, before = text.partition("-")
    numbers = tuple(map(int, core.split(".")))
    if not before:
        return (*numbers, 1, ())
    return (
        *numbers,
        0,
        tuple((0, int(part), "") if part.isdigit() else (1, 0, part) for part in before.split(".")),
    )


SEMVERS: Final = st.builds(
    lambda triple, before: spelled(triple) + (f"-{'.'.join(before)}" if before else ""),
    st.tuples(st.integers(0, 2), st.integers(0, 1), st.integers(0, 1)),
    st.just([]) | IDENTIFIERS,
)


@given(SEMVERS, SEMVERS)
def test_lab06_versions_stand_as_semver_says(one: str, other: str) -> None:
    assert (order(one) < order(other)) == (semver_key(one) < semver_key(other))
    assert is_right(one, f">={other}") == (semver_key(one) >= semver_key(other))
    assert is_right(one, f"=={other}") == (semver_key(one) == semver_key(other))


PEP440: Final = st.from_regex(
    r"(1!)?[0-2](\.[0-2]){0,2}((a|b|rc)[0-2])?(\.post[0-2])?(\.dev[0-2])?", fullmatch=True
)


@given(PEP440, PEP440)
def test_lab06_versions_of_pep_440_stand_as_packaging_says(one: str, other: str) -> None:
    assert (order(one) < order(other)) == (Version(one) < Version(other))


@given(PEP440, st.sampled_from(["<", "<=", ">", ">=", "==", "!="]), PEP440)
def test_lab06_a_constraint_of_pep_440_means_what_packaging_says(
    version: str, operator: str, bound: str
) -> None:
    expected = SpecifierSet(f"{operator}{bound}").contains(Version(version), prereleases=True)

    assert is_right(version, f"{operator}{bound}") == expected


@given(st.from_regex(CONSTRAINT.pattern, fullmatch=True), SEMVERS)
def test_what_a_manifest_may_ask_for_can_be_answered(constraint: str, version: str) -> None:
    translated(plain_constraint(constraint))

    assert is_right(version, constraint) in (True, False)


WITHOUT_PACKAGING: Final = """
import sys
sys.modules["packaging"] = None
from hotplug.manifest import ManifestError, PluginMetadata, read
print(PluginMetadata({"name": "shop", "requires": ["lib"], "wants": {"mailer": "*"}}).requires)
try:
    read(sys.argv[1])
except ManifestError as error:
    print(error)
"""


def test_r2_without_packaging_names_work_and_a_constraint_says_what_to_install(
    make_plugin: MakePlugin,
) -> None:
    folder = make_plugin('{"name": "top",\n"requires": ["lib",\n"shop >=2", "bar ^1"]}')

    command = [sys.executable, "-c", WITHOUT_PACKAGING, str(folder)]
    asks = "plugin 'top' asks for versions of 'shop'"

    said = run(command, capture_output=True, text=True, check=False)

    assert said.stdout.splitlines() == [
        "('lib',)",
        f"{folder}/plugin.json:3:1: {asks}, which takes the package 'packaging'",
        '  pip install "hotplug[host]"',
    ], said.stderr


def test_r2_a_list_and_a_mapping_say_the_same(make_plugin: MakePlugin) -> None:
    as_list = {"name": "top", "requires": ["lib >=2, <3", "shop ^1.2", "core"]}
    as_table = {"lib": ">=2,<3", "shop": {"version": "^1.2"}, "core": "*"}

    of_list = read(make_plugin(as_list, folder="one"))
    of_table = read(make_plugin({**as_list, "requires": as_table}, folder="other"))

    assert of_list == of_table
    assert of_list.requires == ("lib", "shop", "core")
    assert [str(each) for each in of_list.dependencies] == ["'lib' >=2,<3", "'shop' ^1.2", "'core'"]


def test_r2_each_of_them_knows_its_line(make_plugin: MakePlugin) -> None:
    text = 'name = "top"\nrequires = [\n"lib>=2",\n]\n[wants]\nmailer = "^1"\n'
    folder = make_plugin(text, "plugin.toml")

    metadata = read(folder)

    places = [metadata.where(*each.place) for each in metadata.dependencies]
    assert places == [f"{folder / 'plugin.toml'}:{line}" for line in (3, 6)]

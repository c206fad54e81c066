"""What each key of a project takes, and how it is told what is wrong."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hotplug.host.project import FIELDS, Project, schema
from hotplug.manifest import ManifestError

DOCS: Final = Path(__file__).resolve().parent.parent.parent.parent / "docs"

# It has no types that mypy could read.
VALIDATOR: Final[Any] = import_module("jsonschema").Draft202012Validator

WHOLE: Final = {name: field.example for name, field in FIELDS.items() if name != "advisories"}


def test_all_keys_can_be_said_together() -> None:
    project = Project.of(WHOLE)

    assert project.autoload == ("shop>=2,<3",)
    assert project.block == {"mailer": "it sends too many mails"}
    assert project.on_failure == {"*": "skip", "shop": "fail"}


def test_a_key_that_is_left_out_has_its_default() -> None:
    project = Project.of(None)

    assert (project.paths, project.autoload, project.only, project.block) == ((), True, (), {})
    assert project.strict is False


def test_a_list_of_blocked_ones_has_no_reasons() -> None:
    assert Project.of({"block": ["shop>=2"]}).block == {"shop>=2": ""}


def test_one_word_can_say_what_a_failure_means_for_all() -> None:
    assert Project.of({"on_failure": "fail"}).fails_without("shop")


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("paths", "plugins", "'paths' takes a list of folders with plugins in them, not 'plugins'"),
        ("paths", [5], "'paths[0]' takes a path, not a number"),
        ("group", "a b", "'group' takes the name of a group of entry points, not 'a b'"),
        ("index", 5, "'index' takes a path, not a number"),
        ("autoload", "all", "'autoload' takes true, false or a list of plugins, not 'all'"),
        ("autoload", ["shop>"], "'autoload[0]' takes the name of a plugin"),
        ("only", [], "'only' is empty, and would let no plugin in"),
        ("only", "shop", "'only' takes a list of plugins"),
        ("block", "shop", "'block' takes a list of plugins, or a table that says why for each"),
        ("block", {"shop": 5}, "'block.shop' takes a line of text, not a number"),
        ("block", {"../x": "why"}, "'block.../x' takes the name of a plugin"),
        ("require", ["shop", "shop"], "'require' has 'shop' twice"),
        (
            "on_failure",
            "stop",
            "'on_failure' takes 'skip' or 'fail', or a table of these by plugin",
        ),
        ("on_failure", {"shop": "stop"}, "'on_failure.shop' takes 'skip' or 'fail', not 'stop'"),
        ("on_failure", {"*!": "skip"}, "'on_failure.*!' takes the name of a plugin"),
        ("strict", "yes", "'strict' takes true or false, not 'yes'"),
        ("settings", {"shop": 5}, "'settings.shop' takes a table, not a number"),
    ],
)
def test_what_is_wrong_with_a_value_is_told(key: str, value: object, said: str) -> None:
    with pytest.raises(ManifestError) as caught:
        Project.of({key: value})

    assert said in str(caught.value)


def test_the_schema_is_a_schema_and_lets_the_examples_in() -> None:
    VALIDATOR.check_schema(schema())

    assert VALIDATOR(schema()).is_valid(WHOLE)


RIGHT_OR_WRONG: Final[st.SearchStrategy[Any]] = st.sampled_from(
    [True, False, 5, None, "", "shop", "skip", "fail", "till.plugins", "a b", [], ["shop"], [5],
     ["shop>=2,<3"], ["shop>"], ["acme:shop"], ["shop", "shop"], {}, {"shop": "fail"},
     {"*": "skip"}, {"shop": 5}, {"shop": {}}, {"x y": "fail"}, {"acme:shop<2": "why"}]
)  # fmt: skip


@given(
    st.dictionaries(st.sampled_from([*FIELDS.keys() - {"limits", "advisories"}]), RIGHT_OR_WRONG)
)
@settings(max_examples=500)
def test_the_schema_agrees_with_the_check(values: dict[str, Any]) -> None:
    try:
        Project.of(values)
    except ManifestError:
        is_right = False
    else:
        is_right = True

    assert VALIDATOR(schema()).is_valid(values) == is_right

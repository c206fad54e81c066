"""The option records are dataclasses to everyone who asks."""

import copy
import dataclasses
import pickle
from typing import Any

import pytest

from hotplug import HookimplOpts, HookspecOpts


@pytest.mark.parametrize("record", [HookspecOpts(historic=True), HookimplOpts(before=("a",))])
def test_a_record_is_a_dataclass(record: HookspecOpts | HookimplOpts) -> None:
    assert dataclasses.is_dataclass(record)
    names = [field.name for field in dataclasses.fields(record)]
    assert dataclasses.asdict(record) == {name: getattr(record, name) for name in names}


def test_its_fields_know_their_defaults() -> None:
    fields = dataclasses.fields(HookimplOpts)
    defaults: dict[str, Any] = {field.name: field.default for field in fields}

    assert HookimplOpts(**defaults) == HookimplOpts()


def test_a_record_can_be_made_from_another() -> None:
    assert dataclasses.replace(HookimplOpts(trylast=True), target="x") == HookimplOpts(
        trylast=True, target="x"
    )


def test_records_are_compared_and_hashed_by_value() -> None:
    assert HookimplOpts(target="x") == HookimplOpts(target="x") != HookimplOpts()
    assert hash(HookimplOpts(target="x")) == hash(HookimplOpts(target="x"))
    other_kind: object = HookspecOpts()
    assert HookimplOpts() != other_kind


def test_a_record_is_frozen_and_has_slots() -> None:
    record: Any = HookimplOpts()

    with pytest.raises(dataclasses.FrozenInstanceError):
        record.tryfirst = True
    with pytest.raises(dataclasses.FrozenInstanceError):
        del record.tryfirst
    assert not hasattr(record, "__dict__")


def test_an_unknown_option_is_a_type_error() -> None:
    misspelled: dict[str, Any] = {"tryfrist": True}

    with pytest.raises(TypeError, match="unexpected keyword argument 'tryfrist'"):
        HookimplOpts(**misspelled)


def test_a_record_shows_all_its_values() -> None:
    assert repr(HookspecOpts(limit=3)).startswith("HookspecOpts(firstresult=False,")
    assert "limit=3" in repr(HookspecOpts(limit=3))


def test_a_record_survives_copies_and_pickles() -> None:
    record = HookspecOpts(pipeline=True, timeout=2.5)

    assert copy.deepcopy(record) == pickle.loads(pickle.dumps(record)) == record


def test_a_record_can_be_matched() -> None:
    match HookimplOpts(tryfirst=True):
        case HookimplOpts(tryfirst=True, trylast=False):
            pass
        case _:
            pytest.fail("it did not match")

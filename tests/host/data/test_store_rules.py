"""A store behaves as a dictionary does, also when it is opened anew in between."""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule

from hotplug import Store
from hotplug.host.data.store import StoreFile

keys = st.text(max_size=3) | st.sampled_from(["a", "b", "c"])
values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=5)
    | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=5,
)


class StoreLikeADictionary(RuleBasedStateMachine):
    known = Bundle("known")

    def __init__(self) -> None:
        super().__init__()
        self.folder = TemporaryDirectory()
        self.model: dict[str, Any] = {}
        self.files: list[StoreFile] = []
        self.open()

    def open(self) -> None:
        file = Path(self.folder.name, "store.json")
        self.files.append(StoreFile(file, "plugin 'shop'", lambda size: None, lambda: None))
        self.store = Store(self.files[-1], lambda wish: None)

    @rule()
    def open_anew(self) -> None:
        self.open()

    @rule(target=known, key=keys, value=values)
    def put(self, key: str, value: Any) -> str:
        self.store[key] = self.model[key] = value
        return key

    @rule(key=keys | known)
    def take_out(self, key: str) -> None:
        assert self.store.pop(key, "none") == self.model.pop(key, "none")

    @rule(new=st.dictionaries(keys, values, max_size=4))
    def put_several(self, new: dict[str, Any]) -> None:
        self.store.update(new)
        self.model.update(new)

    @rule(key=keys | known, value=values)
    def put_where_there_is_none(self, key: str, value: Any) -> None:
        assert self.store.setdefault(key, value) == self.model.setdefault(key, value)

    @rule()
    def take_all_out(self) -> None:
        self.store.clear()
        self.model.clear()

    @rule(new=st.dictionaries(keys, values, max_size=4), gone=keys | known, fails=st.booleans())
    def change_together(self, new: dict[str, Any], gone: str, fails: bool) -> None:
        try:
            with self.store.transaction() as draft:
                draft.update(new)
                draft.pop(gone, None)
                if fails:
                    raise OSError
        except OSError:
            return
        self.model.update(new)
        self.model.pop(gone, None)

    @invariant()
    def it_is_as_the_dictionary(self) -> None:
        assert dict(self.store) == self.model
        assert [*self.store] == [*self.model]
        assert (len(self.store), bool(self.store)) == (len(self.model), bool(self.model))

    @invariant()
    def the_file_says_the_same(self) -> None:
        if self.store.file.exists():
            assert json.loads(self.store.file.read_bytes()) == self.model

    def teardown(self) -> None:
        for file in self.files:
            file.close()
        self.folder.cleanup()


TestStoreLikeADictionary = StoreLikeADictionary.TestCase
TestStoreLikeADictionary.settings = settings(max_examples=60, stateful_step_count=20)

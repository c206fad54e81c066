"""A plugin's store: a few values by key, in one file that is always whole.

A write makes a new file beside the old one, has the system bring it to the disk, and puts it in the
old one's place in one step. So whoever dies whenever, the file is the old one or the new one.
Several processes and hosts may use one store: they take turns at writing, and see each other's
writes.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, ItemsView, Iterator, MutableMapping, ValuesView
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import RLock
from typing import Any, Final, NamedTuple

from hotplug.errors.hosting import DataError
from hotplug.host.data import texts
from hotplug.host.data.locks import PATIENCE, locked
from hotplug.host.data.texts import Texts, written

__all__ = ["Store", "StoreFile"]

Change = Callable[[dict[str, str]], Any]

KEPT_OPEN: Final = os.name == "posix"
"""Whether a file that is open may be replaced; while it is, no other file has its number."""


class Seen(NamedTuple):
    """What was in the file, and which file that was."""

    texts: dict[str, str]
    """Never changed: a write makes another one."""
    size: int
    mark: tuple[int, ...]
    descriptor: int | None


NOTHING: Final = Seen({}, 0, (), None)


class StoreFile:
    """The file behind a store. Without a plugin's check: `Store` is what plugins get."""

    def __init__(
        self, file: Path, about: str, admit: Callable[[int], None], make: Callable[[], object]
    ) -> None:
        self.file = file
        self.about = about
        """Whose it is, for messages."""
        self._admit = admit
        self._make_folder = make
        self._lock = RLock()
        self._seen = NOTHING
        self._is_being_changed = False
        self._keeps_open = KEPT_OPEN

    @property
    def texts(self) -> dict[str, str]:
        """All values as JSON, by key, as they are now."""
        return self._look().texts

    @property
    def size(self) -> int:
        """How many bytes it takes."""
        return self._look().size

    def _look(self) -> Seen:
        seen = self._seen
        if mark_of(self.file) == seen.mark:
            return seen
        with self._lock:
            return self._read()

    def _read(self) -> Seen:
        try:
            descriptor = os.open(self.file, os.O_RDONLY | getattr(os, "O_BINARY", 0))
        except FileNotFoundError:
            return self._saw(NOTHING)
        try:
            state = os.fstat(descriptor)
            with os.fdopen(os.dup(descriptor), "rb") as source:
                raw = source.read()
            found = texts.read(raw)
        except (ValueError, RecursionError) as error:
            os.close(descriptor)
            raise DataError(
                f"the store of {self.about} can't be read: {error}\n  {self.file}\n"
                "  mend it, or move it away: nothing is written to it before that"
            ) from None
        except BaseException:
            os.close(descriptor)
            raise
        return self._saw(Seen(found, len(raw), mark(state), descriptor))

    def _saw(self, seen: Seen) -> Seen:
        old, self._seen = self._seen, seen
        if old.descriptor is not None:
            os.close(old.descriptor)
        if seen.descriptor is not None and not self._keeps_open:
            os.close(seen.descriptor)
            seen = self._seen = seen._replace(descriptor=None)
        return seen

    def change(self, change: Change) -> Any:
        """Let a function change the texts, and write them; returns what it returns."""
        with self.held() as draft:
            return change(draft)

    @contextmanager
    def held(self, patience: float = PATIENCE) -> Generator[dict[str, str]]:
        """Keep all others from writing; what is changed is written if the block ends well."""
        if not self._lock.acquire(timeout=patience):
            raise DataError(
                f"the store of {self.about} can't be written: for {patience:g} s, another thread "
                "has been in a transaction"
            )
        try:
            if self._is_being_changed:
                raise DataError(
                    f"the store of {self.about} is written to within its own transaction\n"
                    "  write to what the transaction has given: with store.transaction() as draft"
                )
            self._is_being_changed = True
            try:
                self._make_folder()
                with locked(self.file.with_suffix(".lock"), patience):
                    before = self.texts
                    draft = {**before}
                    yield draft
                    if draft != before or [*draft] != [*before]:
                        self._write(draft)
            finally:
                self._is_being_changed = False
        finally:
            self._lock.release()

    def _write(self, draft: dict[str, str]) -> None:
        raw = texts.as_file(draft)
        self._admit(len(raw))
        new = self.file.with_suffix(".new")
        flags = os.O_RDWR | os.O_CREAT | os.O_TRUNC | getattr(os, "O_BINARY", 0)
        descriptor = os.open(new, flags, 0o600)
        try:
            with os.fdopen(os.dup(descriptor), "wb") as target:
                target.write(raw)
                target.flush()
                os.fsync(target.fileno())
            if not KEPT_OPEN:
                os.close(descriptor)
            new.replace(self.file)
            bring_to_disk(self.file.parent)
        except BaseException as error:
            error.add_note(f"as the store of {self.about} was written: {self.file}")
            if KEPT_OPEN:
                os.close(descriptor)
            with suppress(OSError):
                new.unlink()
            raise
        state = os.fstat(descriptor) if KEPT_OPEN else self.file.stat()
        self._saw(Seen(draft, len(raw), mark(state), descriptor if KEPT_OPEN else None))

    def close(self) -> None:
        """Let go of the file, which a handle that someone has kept can still use."""
        with self._lock:
            self._keeps_open = False
            self._saw(NOTHING)


def mark(state: os.stat_result) -> tuple[int, ...]:
    return state.st_dev, state.st_ino, state.st_size, state.st_mtime_ns


def mark_of(file: Path) -> tuple[int, ...]:
    """What tells this file from one that was put in its place."""
    try:
        return mark(os.stat(file))  # noqa: PTH116 - asked at every look
    except FileNotFoundError:
        return ()


def bring_to_disk(folder: Path) -> None:
    """Have the system write down which files a folder has, where it can be asked to."""
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        with suppress(OSError):  # some file systems have no such thing
            os.fsync(descriptor)
    finally:
        os.close(descriptor)


class Store(MutableMapping[str, Any]):
    """A few values by key, as JSON has them, that stay for as long as the plugin is installed.

    Each write is on the disk when it returns; what dies in the middle of one leaves the old
    values. Every look makes the value anew, so a change to a list has to be assigned.

    >>> store = get_current_plugin().store  # doctest: +SKIP
    >>> store["sold"] = store.get("sold", 0) + 1  # doctest: +SKIP
    """

    def __init__(self, file: StoreFile, check: Callable[[str], None]) -> None:
        self._file = file
        self._check = check

    @property
    def file(self) -> Path:
        """Where it is kept; it may not be there yet."""
        return self._file.file

    @property
    def size(self) -> int:
        """How many bytes it takes."""
        self._check("read its store")
        return self._file.size

    @contextmanager
    def transaction(self) -> Generator[MutableMapping[str, Any]]:
        """Make several changes as one: to what this gives, and all or none of them is kept.

        >>> with store.transaction() as draft:  # doctest: +SKIP
        ...     draft["sold"] = draft.get("sold", 0) + 1

        Others wait with their writes until the block ends, so it should not wait for anything.
        """
        is_over = False

        def check(wish: str) -> None:
            if is_over:
                raise DataError(
                    f"a transaction of the store of {self._file.about} is over: "
                    "what is done to its draft now reaches nothing"
                )
            self._check(wish)

        self._check("write to its store")
        with self._file.held() as draft:
            try:
                yield Texts(draft, check)
                self._check("write to its store")
            finally:
                is_over = True

    def _changed(self, change: Change) -> Any:
        def checked(draft: dict[str, str]) -> Any:
            self._check("write to its store")  # others may have been waited for
            return change(draft)

        self._check("write to its store")
        return self._file.change(checked)

    def __getitem__(self, key: str) -> Any:
        return self._now()[key]

    def _now(self) -> Texts:
        self._check("read its store")
        return Texts(self._file.texts, self._check)

    def __setitem__(self, key: str, value: Any) -> None:
        self._check("write to its store")
        text = written(key, value)
        self._changed(lambda draft: draft.__setitem__(key, text))

    def __delitem__(self, key: str) -> None:
        self._changed(lambda draft: draft.__delitem__(key))

    def update(self, *args: Any, **kwargs: Any) -> None:
        """Take over many values in one write."""
        new = {key: written(key, value) for key, value in dict(*args, **kwargs).items()}
        self._changed(lambda draft: draft.update(new))

    def pop(self, *args: Any) -> Any:
        """Take a value out, and return it."""
        return self._changed(lambda draft: Texts(draft, self._check).pop(*args))

    def popitem(self) -> tuple[str, Any]:
        """Take one out, and return it with its key."""
        found: tuple[str, Any] = self._changed(lambda draft: Texts(draft, self._check).popitem())
        return found

    def setdefault(self, key: str, default: Any = None) -> Any:
        """The value, which is put there first where there is none."""
        return self._changed(lambda draft: Texts(draft, self._check).setdefault(key, default))

    def clear(self) -> None:
        """Take everything out in one write."""
        self._changed(lambda draft: draft.clear())

    def __contains__(self, key: object) -> bool:
        return key in self._now()

    def __iter__(self) -> Iterator[str]:
        return iter(self._now())

    def __len__(self) -> int:
        return len(self._now())

    def items(self) -> ItemsView[str, Any]:
        """All keys and values as of this moment."""
        return ItemsView(self._now())

    def values(self) -> ValuesView[Any]:
        """All values as of this moment."""
        return ValuesView(self._now())

    def __repr__(self) -> str:
        return f"<Store of {self._file.about}>"

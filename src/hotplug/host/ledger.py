"""The start-up ledger: what loading and starting each plugin took, and what came in with it."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import takewhile
from time import perf_counter
from typing import TYPE_CHECKING, Any, Final, TypeVar

from hotplug.host.lifecycle import Step

if TYPE_CHECKING:
    from hotplug.host.plugin import Plugin


__all__ = ["Entry", "Ledger"]

T = TypeVar("T")
SHOWN: Final = 3
"""How many imported packages a line of the table names."""


@dataclass(slots=True)
class Entry:
    """What the latest load and start of one plugin took, those that it loaded itself included."""

    plugin: str
    version: str
    generation: int = 0
    read: float = 0.0
    """Seconds in which its manifest was read."""
    run: float = 0.0
    """Seconds in which its module ran."""
    start: float = 0.0
    """Seconds in which it was enabled."""
    memory: int | None = None
    """By how many bytes memory grew as its module ran; None where the system does not tell."""
    imported: Sequence[str] = ()
    """Modules of others that its module was the first to import."""
    loaded_by: str | None = None
    failed: bool = False

    @property
    def total(self) -> float:
        """Seconds in all."""
        return self.read + self.run + self.start

    @property
    def packages(self) -> list[str]:
        """The packages that the imported modules belong to."""
        return [*dict.fromkeys(name.partition(".")[0] for name in self.imported)]


class Ledger:
    """What it took to start the plugins, the dearest first. Print it for a table.

    >>> print(Ledger({}))
    no plugin has been loaded
    """

    def __init__(self, entries: Mapping[str, Entry]) -> None:
        self.entries: Final = sorted(entries.values(), key=lambda entry: -entry.total)

    def __iter__(self) -> Iterator[Entry]:
        return iter(self.entries)

    def __len__(self) -> int:
        return len(self.entries)

    def __getitem__(self, name: str) -> Entry:
        for entry in self.entries:
            if entry.plugin == name:
                return entry
        raise KeyError(name)

    def as_data(self) -> list[dict[str, Any]]:
        """The same as plain data, as JSON can hold it."""
        return [{**asdict(entry), "total": entry.total} for entry in self.entries]

    def __str__(self) -> str:
        if not self.entries:
            return "no plugin has been loaded"
        width = max(len("plugin"), *(len(f"{e.plugin} {e.version}") for e in self.entries))
        head = f"{'plugin':<{width}}  {'read':>9}  {'run':>9}  {'start':>9}  {'total':>9}  "
        lines = [f"{head}{'memory':>9}  imported"]
        for entry in self.entries:
            name = f"{entry.plugin} {entry.version}"
            spans = (entry.read, entry.run, entry.start, entry.total)
            times = "  ".join(f"{milliseconds(span):>9}" for span in spans)
            notes = " ".join([*imported(entry), *(["(failed)"] if entry.failed else [])])
            line = f"{name:<{width}}  {times}  {megabytes(entry.memory):>9}  {notes}"
            lines.append(line.rstrip())
        return "\n".join(lines)


def milliseconds(seconds: float) -> str:
    return f"{seconds * 1e3:,.1f} ms"


def megabytes(size: int | None) -> str:
    return "unknown" if size is None else f"{size / 1e6:+,.1f} MB"


def imported(entry: Entry) -> list[str]:
    packages = entry.packages
    if not packages:
        return []
    more = f" and {len(packages) - SHOWN} more" if len(packages) > SHOWN else ""
    return [f"{', '.join(packages[:SHOWN])}{more} ({len(entry.imported)} modules)"]


class Bookkeeping:
    """Writes the entries of one host."""

    def __init__(self, namespace: str) -> None:
        self.inside: Final = f"{namespace}."
        """How the names of plugins' own modules begin."""
        self.entries: Final[dict[str, Entry]] = {}
        self._read: Final[dict[str, float]] = {}

    def has_read(self, name: str, seconds: float) -> None:
        """A manifest was read, of a plugin that may not be known yet."""
        self._read[name] = seconds

    def measure(self, plugin: Plugin, step: Step) -> Running | Starting:
        """A context in which a plugin's module runs, or in which it is started."""
        entry = self.entries.get(plugin.name)
        if step is not Step.RUN and entry is not None:
            return Starting(entry)
        entry = Entry(plugin.name, plugin.version, plugin.lives + 1)
        entry.loaded_by = plugin.loaded_by
        entry.read = self._read.pop(plugin.name, 0.0)
        self.entries[plugin.name] = entry
        return Running(entry, self.inside)

    def forget(self, plugin: Plugin) -> None:
        """It was unloaded."""
        self.entries.pop(plugin.name, None)


class Running:
    """Looks at the clock, the memory and the modules before and after a module runs."""

    __slots__ = ("began", "entry", "inside", "latest", "memory")

    def __init__(self, entry: Entry, inside: str) -> None:
        self.entry = entry
        self.inside = inside

    def __enter__(self) -> None:
        self.latest = undisturbed(lambda: next(reversed(sys.modules)))
        self.memory = MEMORY.size()
        self.began = perf_counter()

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        entry = self.entry
        entry.run = perf_counter() - self.began
        entry.failed = kind is not None
        size = MEMORY.size()
        if size is not None and self.memory is not None:
            entry.memory = size - self.memory
        latest, inside = self.latest, self.inside
        if latest in sys.modules:
            # They stand in the order of their imports, though some of the old may have gone.
            names = undisturbed(lambda: [*takewhile(latest.__ne__, reversed(sys.modules))])
            entry.imported = [
                name
                for name in reversed(names)
                if "~" not in name and not name.startswith(inside)  # modules of plugins
            ]


def undisturbed(look: Callable[[], T]) -> T:
    """Look at the modules; again if a garbage collection takes some of them away meanwhile."""
    while True:
        try:
            return look()
        except RuntimeError:
            continue


class Starting:
    """Looks at the clock before and after a plugin is started."""

    __slots__ = ("began", "entry")

    def __init__(self, entry: Entry) -> None:
        self.entry = entry

    def __enter__(self) -> None:
        self.began = perf_counter()

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self.entry.start = perf_counter() - self.began
        self.entry.failed = kind is not None


class Memory:
    """How much memory the program has, read from a file that the system keeps up to date."""

    def __init__(self, file: str = "/proc/self/statm") -> None:
        self.file = file
        self.opened: int | None = None
        self.is_there = sys.platform == "linux"

    def size(self) -> int | None:
        """In bytes; None where the system does not tell."""
        if not self.is_there:
            return None
        try:
            if self.opened is None:
                # Held open for good: opening it takes ten times as long as reading it.
                self.opened = os.open(self.file, os.O_RDONLY | os.O_CLOEXEC)
            return int(os.pread(self.opened, 100, 0).split(b" ", 2)[1]) * PAGE
        except (OSError, ValueError, IndexError):
            self.is_there = False
            return None

    def forget(self) -> None:
        """In a forked child the open file tells of the parent."""
        if self.opened is not None:
            os.close(self.opened)
            self.opened = None


PAGE: Final = 0 if sys.platform == "win32" else os.sysconf("SC_PAGE_SIZE")
MEMORY: Final = Memory()
if sys.platform != "win32":
    os.register_at_fork(after_in_child=MEMORY.forget)

"""Resources: the things that an owner holds, each of which can be given back."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from threading import Lock
from types import CodeType, FrameType
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from hotplug.hooks.looking import place
from hotplug.host.owner import Owner, is_ours

if TYPE_CHECKING:
    from hotplug.host.scope import Scope

__all__ = ["Held", "Holder", "Place", "Resource", "place_in_code"]


class Holder(Protocol):
    """What a resource can be made for: a plugin, or an owner where there is no host."""

    @property
    def owner(self) -> Owner:
        """Who holds it."""
        ...


class Place(NamedTuple):
    """Where in the code something was made. The line is worked out when someone looks."""

    code: CodeType
    at: int

    @property
    def line(self) -> int:
        """The line that ran."""
        for start, end, line in self.code.co_lines():
            if start <= self.at < end and line is not None:
                return line
        return self.code.co_firstlineno

    def __str__(self) -> str:
        return place(self.code, self.line)


def place_in_code(made: object = None) -> Place | None:
    """Where the code outside hotplug stands that asks for something.

    The constructors of what is being made are passed over.
    """
    frame: FrameType | None = sys._getframe(1)  # pyright: ignore[reportPrivateUsage]
    while frame is not None:
        if not is_ours(frame.f_globals) and not (made is not None and constructs(frame, made)):
            return Place(frame.f_code, frame.f_lasti)
        frame = frame.f_back
    return None


def constructs(frame: FrameType, made: object) -> bool:
    code = frame.f_code
    if code.co_name != "__init__" or not code.co_varnames:
        return False
    return frame.f_locals.get(code.co_varnames[0]) is made


class Resource:
    """Something that a plugin holds and that has to be given back.

    Derive from it, say in `_cleanup` how to give it back, and register it.

    >>> from hotplug import Owner
    >>> class Connection(Resource):
    ...     def _cleanup(self) -> None:
    ...         print("closed")
    >>> reports = Owner("reports")
    >>> reports.scope.add(Connection(reports))
    >>> reports.scope.close()
    closed
    """

    kind: str = "resource"
    """What it is called in lists and limits."""
    waits_for_commit: bool = False
    """Whether it goes live together with all else of its generation, where that replaces one."""
    exclusive: str = ""
    """What there can be only one of: a port, a file that is locked. A reload hands it over."""

    def __init__(self, plugin: Holder) -> None:
        self.plugin: Any = plugin
        self.owner = owner_of(plugin, self)
        self.since = time.monotonic()
        self.place = self._find_place()
        self._scope: Scope | None = None
        self._given_back = Lock()

    @property
    def enabled(self) -> bool:
        """Whether it has not been given back yet."""
        return not self._given_back.locked()

    @property
    def where(self) -> str:
        """Where it was made, as ``file:line``."""
        return str(self.place or "unknown")

    @property
    def age(self) -> float:
        """For how many seconds it has been there."""
        return time.monotonic() - self.since

    def disable(self) -> None:
        """Give it back, once; a second time does nothing."""
        # A lock that is never opened again: of two threads only one gets past it.
        if not self._given_back.acquire(blocking=False):
            return
        try:
            self._cleanup()
        finally:
            if self._scope is not None:
                self._scope.drop(self)

    def _find_place(self) -> Place | None:
        """Where it is made; once, as it is made."""
        return place_in_code(self)

    def _activate(self) -> None:
        """Go live. Called once: when its scope opens, or at once where it is open already."""

    def _cleanup(self) -> None:
        """Give back what is held."""

    def take_over(self, before: Any) -> None:
        """Take what is exclusive from the resource that an earlier generation holds it with.

        It is called in place of `_activate`, as a reload commits. If anything fails after that,
        ``before`` takes it back in the same way.
        """
        raise NotImplementedError

    def let_go(self) -> None:
        """Hold nothing any more: another one has taken it over."""
        if self._given_back.acquire(blocking=False) and self._scope is not None:
            self._scope.drop(self)

    def describe(self) -> str:
        """What it is, in a few words."""
        return self.kind

    def __repr__(self) -> str:
        return f"<{self.describe()} of {self.owner} from {self.where}>"


def owner_of(plugin: Holder, made: Resource) -> Owner:
    owner: Owner | None = getattr(plugin, "owner", None)
    if owner is None:
        raise TypeError(
            f"a {type(made).__name__} is made for a plugin, not for {plugin!r}\n"
            f"  {place_in_code(made)}\n"
            "  get_current_plugin() is the plugin that runs, and None in the application's own code"
        )
    return owner


class Held(Resource):
    """Something that came with a function to give it back.

    >>> from hotplug import Owner
    >>> reports = Owner("reports")
    >>> reports.scope.add(Held(reports, print, "file", "given back"))
    >>> reports.scope.close()
    given back
    """

    def __init__(
        self, plugin: Holder, release: Callable[..., object], kind: str, *args: object
    ) -> None:
        super().__init__(plugin)
        self.kind = kind
        self._release: Callable[..., object] | None = release
        self._args = args

    def _cleanup(self) -> None:
        release, args = self._release, self._args
        self._release, self._args = None, ()
        if release is not None:
            release(*args)

"""The outcome of a call in a box, for wrappers that look into it and put another one in."""

# What is in a box is this module's to look at, from outside of the class too.
# pyright: reportPrivateUsage=false

from __future__ import annotations

from collections.abc import Callable
from types import TracebackType
from typing import Generic, TypeVar, cast, final

__all__ = ["Result", "opened"]

ResultType = TypeVar("ResultType")


@final
class Result(Generic[ResultType]):
    """The outcome of a call: a result, or an exception with its traceback."""

    __slots__ = ("_exception", "_result", "_traceback")

    def __init__(self, result: ResultType | None, exception: BaseException | None) -> None:
        self._result = result
        self._exception = exception
        # Kept apart: raising an exception again and again makes its own traceback grow.
        self._traceback = None if exception is None else exception.__traceback__

    @classmethod
    def from_call(cls, func: Callable[[], ResultType]) -> Result[ResultType]:
        """The outcome of calling a function."""
        __tracebackhide__ = True
        try:
            return cls(func(), None)
        except BaseException as exception:
            return cls(None, exception)

    @property
    def exception(self) -> BaseException | None:
        return self._exception

    @property
    def excinfo(
        self,
    ) -> tuple[type[BaseException], BaseException, TracebackType | None] | None:
        """What ``sys.exc_info()`` would say."""
        exception = self._exception
        return None if exception is None else (type(exception), exception, self._traceback)

    def get_result(self) -> ResultType:
        """The result; an exception is raised."""
        __tracebackhide__ = True
        if self._exception is not None:
            raise self._exception.with_traceback(self._traceback)
        return cast(ResultType, self._result)

    def force_result(self, result: ResultType) -> None:
        """Make this the result, whatever it was before."""
        self._result, self._exception, self._traceback = result, None, None

    def force_exception(self, exception: BaseException) -> None:
        """Make the call fail with this, whatever it was before."""
        self._result, self._exception, self._traceback = None, exception, exception.__traceback__


def opened(box: Result[ResultType]) -> tuple[BaseException | None, ResultType | None]:
    """What is in a box: an exception, or a result."""
    exception = box._exception
    if exception is None:
        return None, box._result
    return exception.with_traceback(box._traceback), None

"""Frozen, slotted dataclasses that do without `dataclasses` until someone looks inside.

That module brings `inspect` along, and the two together take longer to import than all the rest of
hotplug. ``fields``, ``replace``, ``asdict`` and ``is_dataclass`` find what they expect.
"""

from __future__ import annotations

from typing import Any, NoReturn, TypeVar, cast, dataclass_transform

__all__ = ["frozen"]

T = TypeVar("T")


@dataclass_transform(frozen_default=True)
def frozen(cls: type[T]) -> type[T]:
    """The class anew, with slots for its annotated names, which all have a default.

    >>> @frozen
    ... class Size:
    ...     width: int = 1
    ...     height: int = 1
    >>> Size(height=2)
    Size(width=1, height=2)
    """
    names = tuple(cls.__annotations__)
    body: dict[str, Any] = {
        name: value
        for name, value in cls.__dict__.items()
        if name not in (*names, "__dict__", "__weakref__")
    }
    body |= {
        "__slots__": names,
        "__match_args__": names,
        "__hotplug_defaults__": {name: cls.__dict__[name] for name in names},
        "__init__": fill,
        "__repr__": show,
        "__eq__": equals,
        "__hash__": hash_of,
        "__setattr__": refuse,
        "__delattr__": refuse,
        "__reduce__": recipe,
        "__dataclass_fields__": FromTwin("__dataclass_fields__"),
        "__dataclass_params__": FromTwin("__dataclass_params__"),
    }
    return cast("type[T]", type(cls.__name__, cls.__bases__, body))


class FromTwin:
    """An attribute of a real dataclass, read from a twin of the class when first asked for."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __get__(self, _: object, cls: Any) -> Any:
        from dataclasses import dataclass  # only for those who look inside

        namespace = {**cls.__hotplug_defaults__, "__annotations__": cls.__annotations__}
        twin: Any = dataclass(frozen=True)(type(cls.__name__, (), namespace))
        return getattr(twin, self.name)


def values(self: Any) -> tuple[object, ...]:
    return tuple([getattr(self, name) for name in self.__slots__])


def fill(self: Any, **given: object) -> None:
    defaults: dict[str, object] = self.__hotplug_defaults__
    unknown = given.keys() - defaults.keys()
    if unknown:
        name = type(self).__name__
        raise TypeError(f"{name}() got an unexpected keyword argument {min(unknown)!r}")
    for name, value in (defaults | given).items():
        object.__setattr__(self, name, value)


def show(self: Any) -> str:
    shown = ", ".join(
        f"{name}={value!r}" for name, value in zip(self.__slots__, values(self), strict=True)
    )
    return f"{type(self).__qualname__}({shown})"


def equals(self: Any, other: object) -> Any:
    if type(self) is not type(other):
        return NotImplemented
    return self is other or values(self) == values(other)


def hash_of(self: Any) -> int:
    return hash(values(self))


def refuse(self: Any, name: str, *_: object) -> NoReturn:
    from dataclasses import FrozenInstanceError  # only to be raised

    raise FrozenInstanceError(f"cannot assign to field {name!r}")


def recipe(self: Any) -> tuple[Any, ...]:
    given = dict(zip(self.__slots__, values(self), strict=True))
    return make, (type(self), given)


def make(cls: Any, given: dict[str, object]) -> Any:
    return cls(**given)

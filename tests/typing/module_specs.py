"""Specs that live in a module, as SI writes them."""

from __future__ import annotations

from typing import Any

from hotplug import ExtensionPoint

extension_point = ExtensionPoint("kitchen")


@extension_point
def add_ingredients(base: list[str]) -> list[str]:
    raise NotImplementedError


@extension_point(firstresult=True)
def choose_cup(size: str) -> str | None:
    raise NotImplementedError


@extension_point(pipeline=True)
def season(dish: dict[str, Any], *, salt: bool = True) -> dict[str, Any]:
    raise NotImplementedError


@extension_point(historic=True)
def opened(name: str) -> None:
    raise NotImplementedError


@extension_point
async def deliver(order: dict[str, Any]) -> str:
    raise NotImplementedError


@extension_point
def ping() -> bool:
    raise NotImplementedError


@extension_point
def store(item: object, place: Any) -> int:
    raise NotImplementedError

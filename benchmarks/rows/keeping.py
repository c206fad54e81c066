"""What it takes to check the settings of a plugin, and to write to its store."""

from __future__ import annotations

import importlib
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from benchmarks.peers import HOTPLUG, Framework
from benchmarks.rows.importing import new_place
from benchmarks.table import BY_HAND, Row, Ways
from benchmarks.timing import sampler
from hotplug import Bounds, PluginHost
from hotplug.host.project import Project
from hotplug.host.settings.declaring import Declaration
from hotplug.host.settings.problems import Said

__all__ = ["rows"]

PYDANTIC: Final = "pydantic"
WITHOUT_SYNC: Final = "by hand, no fsync"

CONFIGURED: Final[Mapping[str, Any]] = {
    "currency": "EUR",
    "port": 8080,
    "rate": 0.5,
    "address": "localhost",
    "is_open": True,
    "tills": [1, 2, 3],
    "prices": {"bread": 3, "cake": 20},
    "owner": "Ada",
    "retries": 3,
    "till": {"number": 1},
}


@dataclass(frozen=True)
class Till:
    number: int
    label: str = ""


@dataclass(frozen=True)
class Shop:
    currency: Literal["EUR", "USD"]
    port: Annotated[int, Bounds(ge=1, le=65535)]
    rate: float
    address: str
    is_open: bool
    till: Till
    tills: list[int] = field(default_factory=list)
    prices: dict[str, int] = field(default_factory=dict)
    owner: str | None = None
    retries: int = 1


def rows() -> list[Row]:
    return [
        Row("settings", "check and make settings of 10 fields", checked),
        Row("store", "write a value to a store of 20", written),
        Row("store-read", "read a value from it", read),
    ]


def checked(_: Sequence[Framework]) -> Ways:
    declaration = Declaration("shop", Shop, 1, None)
    said = Said.by_application(CONFIGURED, Project.of(None))
    assert declaration.read(said).made() == by_hand(CONFIGURED)
    ways = {
        HOTPLUG.name: sampler("read(said).made()", {"read": declaration.read, "said": said}),
        BY_HAND: sampler("check(data)", {"check": by_hand, "data": CONFIGURED}),
    }
    try:
        adapter = importlib.import_module("pydantic").TypeAdapter(Shop)
    except ImportError:
        return ways
    ways[PYDANTIC] = sampler("check(data)", {"check": adapter.validate_python, "data": CONFIGURED})
    return ways


def by_hand(data: Mapping[str, Any]) -> Shop:
    """The checks that one would write: the first that fails is told."""
    unknown = data.keys() - Shop.__dataclass_fields__.keys()
    if unknown:
        raise ValueError(f"unknown: {unknown}")
    if data["currency"] not in ("EUR", "USD"):
        raise ValueError("currency")
    if type(data["port"]) is not int or not 1 <= data["port"] <= 65535:
        raise ValueError("port")
    if type(data["rate"]) not in (int, float):
        raise ValueError("rate")
    if type(data["address"]) is not str:
        raise ValueError("address")
    if type(data["is_open"]) is not bool:
        raise ValueError("is_open")
    till = data["till"]
    if type(till) is not dict or till.keys() - {"number", "label"}:
        raise ValueError("till")
    if type(till["number"]) is not int or type(till.get("label", "")) is not str:
        raise ValueError("till")
    tills = data.get("tills", [])
    if type(tills) is not list or any(type(item) is not int for item in tills):
        raise ValueError("tills")
    prices = data.get("prices", {})
    if type(prices) is not dict or any(type(item) is not int for item in prices.values()):
        raise ValueError("prices")
    owner = data.get("owner")
    if owner is not None and type(owner) is not str:
        raise ValueError("owner")
    if type(data.get("retries", 1)) is not int:
        raise ValueError("retries")
    return Shop(**{**data, "till": Till(**till), "tills": [*tills], "prices": {**prices}})


def opened_store() -> Any:
    place = new_place()
    (place / "shop").mkdir()
    (place / "shop" / "plugin.json").write_text('{"name": "shop"}')
    (place / "shop" / "plugin.py").write_text("")
    host: PluginHost[Any] = PluginHost("rows", project={"data": str(place / "data")})
    store = host.load_plugin(place / "shop").store
    store.update({f"key{number}": f"value {number}" for number in range(20)})
    return store


def written(_: Sequence[Framework]) -> Ways:
    store = opened_store()
    file: Path = store.file.parent / "by_hand.json"
    values = dict(store)

    def put(value: int, sync: bool) -> None:
        values["n"] = value
        new = file.with_suffix(".new")
        with new.open("w") as target:
            json.dump(values, target)
            if sync:
                target.flush()
                os.fsync(target.fileno())
        new.replace(file)

    numbers = count()
    statement = "put(next(numbers), True)"
    return {
        HOTPLUG.name: sampler("store['n'] = next(numbers)", {"store": store, "numbers": numbers}),
        BY_HAND: sampler(statement, {"put": put, "numbers": numbers}),
        WITHOUT_SYNC: sampler(statement.replace("True", "False"), {"put": put, "numbers": numbers}),
    }


def read(_: Sequence[Framework]) -> Ways:
    store = opened_store()
    file: Path = store.file

    def from_file(key: str) -> Any:
        with file.open() as source:
            return json.load(source)[key]

    return {
        HOTPLUG.name: sampler("store['key7']", {"store": store}),
        BY_HAND: sampler("read('key7')", {"read": from_file}),
    }

"""Packages that resolve annotations by the names of modules find the generation's own classes."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hotplug.host.generations import Generation

Write = Callable[..., Path]
Load = Callable[..., tuple[Generation, Any]]
Made = Callable[[str], dict[str, tuple[Generation, Any]]]


@pytest.fixture
def made(write: Write, load: Load) -> Made:
    """Load a plugin three times: one drains, one serves, one is staged. Each is another text."""

    def made(text: str) -> dict[str, tuple[Generation, Any]]:
        def path(version: int) -> Path:
            return write("shop", __init__="", plugin=text, models=MODELS)

        return {
            "draining": load(path(1)),
            "serving": load(path(2)),
            "staged": load(path(3), commit=False),
        }

    return made


MODELS = """
class Colour(str):
    pass
"""

PYDANTIC = """
from __future__ import annotations
from .models import Colour
from pydantic import BaseModel, TypeAdapter, ConfigDict

class Item(BaseModel):
    model_config = ConfigDict(arbitrary_types_allowed=True)
    colour: Colour
    parts: list[Part] = []
    later: "Later | None" = None

class Part(BaseModel):
    of: Item | None = None

class Later(BaseModel):
    number: int

def check():
    item = Item(colour=Colour("red"), parts=[{}], later={"number": "3"})
    assert type(item.parts[0]) is Part and type(item.later) is Later
    assert TypeAdapter(list[Item]).validate_python([item]) == [item]
    return Item.model_fields["colour"].annotation is Colour
"""

ATTRS = """
from __future__ import annotations
from .models import Colour
import attrs

@attrs.define
class Item:
    colour: Colour
    part: Part | None = None

@attrs.define
class Part:
    of: Item | None = None

def check():
    attrs.resolve_types(Item)
    attrs.resolve_types(Part)
    fields = attrs.fields(Item)
    return fields.colour.type is Colour and fields.part.type == Part | None
"""

SQLALCHEMY = """
from __future__ import annotations
from .models import Colour
from typing import List
from sqlalchemy import ForeignKey, create_engine, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, relationship

class Base(DeclarativeBase):
    pass

class Item(Base):
    __tablename__ = "item"
    id: Mapped[int] = mapped_column(primary_key=True)
    parts: Mapped[List[Part]] = relationship(back_populates="of")

class Part(Base):
    __tablename__ = "part"
    id: Mapped[int] = mapped_column(primary_key=True)
    item: Mapped[int] = mapped_column(ForeignKey("item.id"))
    of: Mapped["Item"] = relationship(back_populates="parts")

def check():
    engine = create_engine("sqlite://")
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        session.add(Item(parts=[Part()]))
        session.commit()
        item = session.scalars(select(Item)).one()
        found = type(item) is Item and type(item.parts[0]) is Part
    engine.dispose()
    return found
"""


@pytest.mark.parametrize(
    "text", [PYDANTIC, ATTRS, SQLALCHEMY], ids=["pydantic", "attrs", "sqlalchemy"]
)
@pytest.mark.parametrize("situation", ["draining", "serving", "staged"])
def test_annotations_are_resolved_to_the_generations_own_classes(
    made: Made, text: str, situation: str
) -> None:
    _, module = made(text)[situation]

    assert module.check()


def test_the_host_can_have_a_staged_model_rebuilt(made: Made) -> None:
    generation, module = made(PYDANTIC)["staged"]

    generation.call(module.Item.model_rebuild, force=True)

    assert module.Item.model_fields["parts"].annotation == list.__class_getitem__(module.Part)

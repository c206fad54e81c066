"""Settings that are a pydantic model, where the user has pydantic: it is never imported here."""

from __future__ import annotations

import sys
from typing import Any, TypeGuard

from hotplug.errors.meaning import closest
from hotplug.host.quitting import ERRORS
from hotplug.host.settings.containers import what_it_says
from hotplug.host.settings.secret import redacted
from hotplug.host.settings.shapes import Definitions, Look, Shape
from hotplug.manifest.documents import Place, is_table
from hotplug.manifest.fields import spelled
from hotplug.manifest.problems import shown

__all__ = ["Model", "is_model"]


def is_model(declared: object) -> TypeGuard[type[Any]]:
    """Whether a class is a model of pydantic's."""
    pydantic = sys.modules.get("pydantic")  # who has a model of it has imported it
    return (
        pydantic is not None
        and isinstance(declared, type)
        and issubclass(declared, pydantic.BaseModel)
    )


def by_name(config: Any) -> bool:
    """Whether fields go by their names also where they have others."""
    return bool(config.get("populate_by_name") or config.get("validate_by_name"))


class Model(Shape):
    """A pydantic model: it checks itself, and what it complains of is told as ours is."""

    words = "a table"

    def __init__(self, made: type[Any]) -> None:
        self.made = made
        fields: dict[str, Any] = made.model_fields
        keys: list[Any] = [field.validation_alias or name for name, field in fields.items()]
        self.members = {key for key in keys if isinstance(key, str)}
        if by_name(made.model_config):
            self.members |= {*fields}
        has_choices = any(not isinstance(key, str) for key in keys)
        self.is_open = has_choices or "extra" in made.model_config
        """Whether it is the model that says what becomes of keys that it does not know."""

    def check(self, value: Any, place: Place, look: Look) -> Any:
        if is_table(value) and not self.is_open:
            for key in value:
                if key not in self.members:
                    close = closest(str(key), self.members)
                    hint = f"did you mean '{close}'?" if close else ""
                    look.complain((*place, str(key)), f"{shown(str(key))} is no setting", hint)
        secrets: dict[Any, Any] = look.secrets
        try:
            return self.made.model_validate(
                value, context={"folder": look.folder, "secrets": secrets}
            )
        except ERRORS as error:
            for where, message in told(error):
                look.complain((*place, *where), redacted(message, secrets))
        return value

    def copied(self, value: Any) -> Any:
        """An object of its own."""
        return value.model_copy(deep=True)

    def top(self, definitions: Definitions) -> dict[str, Any]:
        """The schema, as pydantic makes it."""
        return dict(self.made.model_json_schema())


def told(error: BaseException) -> list[tuple[Place, str]]:
    """What is wrong, and where; without the values, one of which may be secret."""
    pydantic: Any = sys.modules["pydantic"]
    if not isinstance(error, pydantic.ValidationError):
        return [((), what_it_says(error))]
    seen: Any = error
    complaints: list[Any] = seen.errors(include_input=False, include_url=False)
    return [
        (each["loc"], f"'{spelled(each['loc'])}': {each['msg']}" if each["loc"] else each["msg"])
        for each in complaints
    ]

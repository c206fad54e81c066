"""What a manifest asks of other plugins and of its host: names, and which versions will do.

Whether a version will do is `versions`' business, which needs a package that may not be there.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from hotplug.manifest.documents import Place, is_list, is_table
from hotplug.manifest.fields import NAME, Complain, Text, called, version_pattern
from hotplug.manifest.problems import shown

__all__ = ["CONSTRAINT", "Dependency", "Plugins", "check_together"]


@dataclass(frozen=True, slots=True)
class Dependency:
    """What a plugin has to do with another one, as one item of its manifest says.

    >>> print(Dependency("requires", "shop", ">=2,<3"))
    'shop' >=2,<3
    """

    key: str
    """``requires``, ``wants``, ``after`` or ``conflicts``."""
    name: str
    constraint: str = ""
    """Which versions of the other are meant; empty for all."""
    place: Place = field(default=(), compare=False)
    """Where it stands: ``("requires", 0)``; `PluginMetadata.where` makes a line of it."""

    def __str__(self) -> str:
        return f"{self.name!r} {self.constraint}".rstrip()


@dataclass(frozen=True)
class Plugins:
    """A list of plugins, or a table of them with the versions that will do."""

    key: str
    words: str = "a list of plugins"

    @property
    def schema(self) -> dict[str, Any]:
        constraint = CONSTRAINT.schema
        table = {
            "type": "object",
            "properties": {VERSION_KEY: constraint},
            "additionalProperties": False,
        }
        return {
            "anyOf": [
                {"type": "array", "items": REQUIREMENT.schema, "uniqueItems": True},
                {
                    "type": "object",
                    "propertyNames": {"pattern": NAME.schema["pattern"], "maxLength": NAME.longest},
                    "additionalProperties": {"anyOf": [constraint, table]},
                },
            ]
        }

    def check(self, value: object, place: Place, complain: Complain) -> object:
        if is_table(value):
            return self._of_table(value, place, complain)
        if not is_list(value):
            hint = f"write it as a list: [{shown(value)}]" if isinstance(value, str) else ""
            complain(place, f"{called(place)} takes {self.words}, not {shown(value)}", hint)
            return ()
        found: dict[str, Dependency] = {}
        for number, item in enumerate(value):
            self._add_item(item, (*place, number), found, complain)
        return tuple(found.values())

    def _add_item(
        self, item: object, place: Place, found: dict[str, Dependency], complain: Complain
    ) -> None:
        plain = type(item) is str and len(item) <= NAME.longest and NAME.is_right(item)
        text = item if plain else REQUIREMENT.check(item, place, complain)
        if not isinstance(text, str) or not text:
            return
        name, constraint = (text, "") if plain else parted(text)
        if name in found:
            hint = "" if text == name else f"write them as one: '{name} >=1.2,<2'"
            complain(place, f"{called(place[:1])} has {name!r} twice", hint)
        found.setdefault(name, Dependency(self.key, name, constraint, place))

    def _of_table(
        self, table: Mapping[object, object], place: Place, complain: Complain
    ) -> tuple[Dependency, ...]:
        found: list[Dependency] = []
        for name, value in table.items():
            where: Place = (*place, str(name))
            if not NAME.check(name, where, complain):
                continue
            if is_table(value):
                for other in value:
                    if other != VERSION_KEY:
                        hint = f"only {VERSION_KEY!r} is known here"
                        complain(where, f"{called(where)} has the unknown key {shown(other)}", hint)
                where = (*where, VERSION_KEY)
            asked = value.get(VERSION_KEY, "*") if is_table(value) else value
            constraint = CONSTRAINT.check(asked, where, complain)
            found.append(Dependency(self.key, str(name), plain_constraint(str(constraint)), where))
        return tuple(found)


def check_together(values: Mapping[str, Any], complain: Complain) -> None:
    """What no key alone can get wrong."""
    keys = [key for key in ("requires", "wants", "after", "conflicts") if values[key]]
    if not (keys or values["host"]):
        return
    plugin, needed = values["name"], {each.name: "required" for each in values["requires"]}
    host = values["host"]
    constrained: list[tuple[Place, str, str]] = [(("host",), "its host", host)] if host else []
    for key in keys:
        for each in values[key]:
            if plugin and each.name == plugin:
                complain(each.place, f"plugin {plugin!r} can't {SELF[key]} itself")
            elif key == "wants" and needed.setdefault(each.name, "wanted") == "required":
                hint = "leave it in one of the two"
                complain(each.place, f"{each.name!r} is required, so not only wanted", hint)
            elif key == "conflicts" and each.name in needed and not each.constraint:
                hint = f"say which versions it can't run beside: '{each.name} <2'"
                complain(
                    each.place, f"{each.name!r} is {needed[each.name]}, so not in conflict", hint
                )
            if each.constraint:
                constrained.append((each.place, repr(each.name), each.constraint))
    if not constrained:
        return
    try:
        # It needs the extra: whoever asks for no versions does without.
        from hotplug.manifest.versions import translated
    except ImportError:
        place, of, _ = constrained[0]
        complain(
            place,
            f"plugin {plugin!r} asks for versions of {of}, which takes the package 'packaging'",
            'pip install "hotplug[host]"',
        )
    else:
        for _, _, constraint in constrained:
            translated(constraint)  # now, while nothing runs yet


def parted(requirement: str) -> tuple[str, str]:
    """The name and the constraint of a requirement that is well written."""
    match = LONGEST_NAME.match(requirement)
    end = 0 if match is None else match.end()
    return requirement[:end], plain_constraint(requirement[end:])


def plain_constraint(text: str) -> str:
    """A constraint without spaces; empty if any version will do.

    >>> plain_constraint(" >=2, <3"), plain_constraint("*")
    ('>=2,<3', '')
    """
    clauses = text.replace(" ", "").split(",")
    return ",".join(clause for clause in clauses if clause not in ANY)


def constraint_pattern() -> str:
    number = "[0-9]+"
    bound = f"(?:{version_pattern()})"
    two_parts = f"(?:{version_pattern(parts='+')})"
    any_part = "[xX*]"
    numbers = f"(?:{number}!)?{number}(?:\\.{number})*"
    some = f"{numbers}(?:\\.{any_part})+|{any_part}"
    return (
        f"(?:[<>]=?|[=!]=) *{bound}|[=!]= *{numbers}\\.\\*|~= *{two_parts}"
        f"|[\\^~] *(?:{bound}|{some})|{some}"
    )


def hint_for_constraint(value: str) -> str:
    text = value.strip()
    if "|" in text:
        return "there is no 'or': name the range that has both, such as '>=1,<3'"
    if re.fullmatch(version_pattern(), text):
        return f"for this version alone write '=={text}', for those that go with it '^{text}'"
    if re.match("=[^=]|===", text):
        return f"write '=={text.lstrip('= ')}'"
    if re.search(r"[0-9a-z*] +[<>=!~^]", text):
        return "put a comma between: '>=2,<3'"
    return "write it as PEP 440 or SemVer say: '>=2,<3', '~=1.4', '^1.2', '~1.2', '1.x'"


def hint_for_requirement(value: str) -> str:
    found = LONGEST_NAME.match(value)
    rest = value[found.end() :].strip() if found else ""
    return hint_for_constraint(rest) if rest[:1] in BEGINS_CONSTRAINT else NAME.hint(value)


ANY: Final = ("", "*", "x", "X")
SELF: Final = {
    "requires": "depend on",
    "wants": "depend on",
    "after": "start after",
    "conflicts": "be in conflict with",
}
VERSION_KEY: Final = "version"
BEGINS_CONSTRAINT: Final = (*"<>=!~^*|0123456789",)
CLAUSE: Final = constraint_pattern()
CONSTRAINT: Final = Text(
    "the versions that will do", f" *(?:{CLAUSE})(?: *, *(?:{CLAUSE}))* *", 200, hint_for_constraint
)
NAME_IN_REQUIREMENT: Final = f"[a-zA-Z](?:[a-zA-Z0-9._-]{{0,{NAME.longest - 2}}}[a-zA-Z0-9])?"
LONGEST_NAME: Final = re.compile(NAME_IN_REQUIREMENT)
# A name may end in digits: what begins with a digit or a letter stands apart from it.
REQUIREMENT: Final = Text(
    "the name of a plugin",
    f"{NAME_IN_REQUIREMENT}(?:(?: +| *(?=[<>=!~^]))(?:{CLAUSE})(?: *, *(?:{CLAUSE}))*)?",
    300,
    hint_for_requirement,
)

"""The project around a plugin: its pyproject.toml, as far as an application depends on it."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any, Final, NamedTuple, cast

from hotplug.cli.checking.sources import as_names, bound, flat
from hotplug.errors.meaning import did_you_mean
from hotplug.manifest import Problem
from hotplug.manifest.checking import Report
from hotplug.manifest.documents import Document, Place, is_list, is_table
from hotplug.manifest.problems import Unreadable
from hotplug.manifest.reading import find, load

__all__ = ["PYPROJECT", "Offer", "Project"]

PYPROJECT: Final = "pyproject.toml"
TABLES: Final[tuple[Place, ...]] = (("project", "entry-points"), ("tool", "poetry", "plugins"))
"""Where entry points are written."""
PASSED_OVER: Final = {"build", "dist", "docs", "node_modules", "site", "tests", "venv"}


class Offer(NamedTuple):
    """An entry point that is written down."""

    group: str
    name: str
    module: str
    attribute: str
    place: Place


class Project:
    """A folder with a pyproject.toml."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.file = folder / PYPROJECT
        self.offers: list[Offer] = []
        try:
            self.report = Report(load(str(self.file)))
        except Unreadable as error:
            self.report = Report(Document({}, self.file))
            problem = Problem(error.message, error.hint, self.file, error.line, error.column)
            self.report.problems.append(problem)
        self.data = self.report.document.data
        self.read_offers()

    @property
    def is_distribution(self) -> bool:
        """Whether it is built and installed."""
        return bool(self.at("project", "name") or self.at("build-system"))

    @property
    def problems(self) -> list[Problem]:
        return self.report.problems

    @property
    def settings(self) -> Mapping[str, Any]:
        """What it says of how it is checked: ``[tool.hotplug.check]``."""
        return self.table("tool", "hotplug", "check")

    def at(self, *place: str) -> Any:
        """What stands at a place; None if nothing does."""
        data: Any = self.data
        for key in place:
            data = data.get(key) if is_table(data) else None
        return data

    def table(self, *place: str) -> Mapping[str, Any]:
        """The table at a place; an empty one if there is none."""
        found = self.at(*place)
        return cast("Mapping[str, Any]", found) if is_table(found) else {}

    def texts(self, *place: str) -> list[str]:
        """The items of the list at a place, or the keys of the table."""
        found: Any = self.at(*place)
        return [str(each) for each in found] if is_list(found) or is_table(found) else []

    def complain(self, place: Place, message: str, hint: str = "") -> None:
        self.report.complain(place, message, hint)

    def doubt(self, place: Place, message: str, hint: str = "") -> None:
        """The same for what may be meant so."""
        self.report.complain(place, message, hint, "warning")

    # entry points

    def read_offers(self) -> None:
        for place in TABLES:
            groups = self.at(*map(str, place))
            for group, points in groups.items() if is_table(groups) else ():
                self.read_group(str(group), points, (*place, str(group)))
        project = self.at("project")
        for key in project if is_table(project) else ():
            if str(key).replace("_", "-") in ("entry-point", "entrypoint", "entrypoints") or (
                key == "entry_points"
            ):
                hint = 'write [project.entry-points."GROUP"]'
                self.complain(("project", str(key)), f"'{key}' has no effect", hint)

    def read_group(self, group: str, points: object, place: Place) -> None:
        for name, value in points.items() if is_table(points) else ():
            inner = (*place, str(name))
            if is_table(value):
                full = ".".join([group, str(name), *inner_names(value)])
                message = f"the group {group!r} holds a table, {name!r}: these dots make tables"
                self.complain(inner, message, f'write [{".".join(map(str, place[:-1]))}."{full}"]')
                continue
            match = EntryPoint.pattern.match(value) if isinstance(value, str) else None
            if match is None:
                hint = f'write it as "{name} = module" or "module:object"'
                self.complain(inner, f"{value!r} is no reference to a module", hint)
                continue
            offer = Offer(group, str(name), match["module"], match["attr"] or "", inner)
            self.offers.append(offer)

    # what it holds

    @property
    def roots(self) -> list[Path]:
        """The folders that its packages are in."""
        folders = [self.folder / "src", self.folder]
        where = self.at("tool", "setuptools", "package-dir", "")
        if isinstance(where, str):
            folders.insert(0, self.folder / where)
        packages = self.texts("tool", "hatch", "build", "targets", "wheel", "packages")
        folders += [(self.folder / each).parent for each in packages]
        return [each for each in dict.fromkeys(folders) if each.is_dir()]

    def module(self, name: str) -> Path | None:
        """The folder or file of a module in it."""
        for root in self.roots:
            place = root.joinpath(*name.split("."))
            for each in (place, place.with_name(f"{place.name}.py")):
                if each.exists():
                    return each
        return None

    def plugins(self) -> dict[Path, str]:
        """The plugins in it, and what installed code imports each as."""
        found: dict[Path, str] = {}
        for root in self.roots:
            for folder in (*below(root), *(two for one in below(root) for two in below(one))):
                if is_plugin(folder):
                    found.setdefault(folder, ".".join(folder.relative_to(root).parts))
        return found

    def offers_of(self, package: str) -> list[Offer]:
        """The entry points that lead to a plugin."""
        inside = f"{package}."
        return [
            each for each in self.offers if each.module == package or each.module.startswith(inside)
        ]

    def check_offers(self, group: str) -> None:
        """Each entry point leads somewhere."""
        for offer in self.offers:
            if offer.group.partition(".")[0] == "console_scripts":
                continue
            place = self.module(offer.module)
            if place is None:
                message = f"entry point {offer.name!r} names module {offer.module!r}"
                hint = did_you_mean(offer.module, self.modules())
                tell = self.complain if offer.group == group or hint else self.doubt
                tell(offer.place, f"{message}, which is not in this project", hint)
            elif offer.attribute:
                self.check_attribute(offer, place)

    def check_attribute(self, offer: Offer, place: Path) -> None:
        file = place / "__init__.py" if place.is_dir() else place
        try:
            tree = ast.parse(file.read_bytes(), str(file))
        except (OSError, SyntaxError, ValueError):
            return
        names = {name: node for each in flat(tree.body) for name, node in bound(each)}
        first = offer.attribute.partition(".")[0]
        if first not in names and not names.keys() & {"*", "__getattr__"}:
            message = f"entry point {offer.name!r} names {first!r}, and {file} has none"
            self.complain(offer.place, message, did_you_mean(first, as_names(names)))

    def modules(self) -> list[str]:
        """What could be imported of it, at the top."""
        return sorted(
            {
                each.name.removesuffix(".py")
                for root in self.roots
                for each in root.iterdir()
                if each.suffix == ".py" or (each / "__init__.py").exists()
            }
        )

    def check_plugin(self, name: str, package: str, group: str) -> None:
        """An application finds the plugin, and by its own name."""
        offers = self.offers_of(package)
        line = f'[project.entry-points."{group or "APP.plugins"}"] with {name} = "{package}"'
        if not offers:
            message = (
                f"no entry point leads to plugin {name!r}: nobody finds it once it is installed"
            )
            tell = self.complain if group else self.doubt
            tell(("project",), message, f"add {line}")
            return
        for offer in offers:
            if offer.name != name and (not group or offer.group == group):
                message = f"entry point {offer.name!r} leads to the plugin {name!r}"
                self.complain(offer.place, message, "give both one name")
        if group and not any(offer.group == group for offer in offers):
            message = f"plugin {name!r} is offered in group {offers[0].group!r}"
            hint = f'write [project.entry-points."{group}"]'
            looked = f"{message}, and the application looks in {group!r}"
            self.complain(offers[0].place, looked, hint)

    def version_of(self) -> str | None:
        """The version that it is built with, where that stands in it."""
        version = self.at("project", "version")
        return version if isinstance(version, str) else None


def inner_names(table: Mapping[object, object]) -> Iterator[str]:
    """The rest of a name that was written with dots."""
    for name, value in table.items():
        if is_table(value):
            yield str(name)
            yield from inner_names(value)
            return


def below(folder: Path) -> Iterator[Path]:
    for each in sorted(folder.iterdir()):
        is_own = each.name.isidentifier() and each.name not in PASSED_OVER
        if is_own and each.is_dir() and not (each / "pyvenv.cfg").exists():
            yield each


def is_plugin(folder: Path) -> bool:
    try:
        find(str(folder))
    except Unreadable as error:
        return type(error) is Unreadable  # two manifests, say
    return True

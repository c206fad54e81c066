"""The floors of the house: a module imports its own floor and those below, never one above."""

import ast
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

import pytest

SOURCE: Final = Path(__file__).resolve().parent.parent / "src" / "hotplug"

FLOORS: Final = {
    "errors": 0,
    "plugins": 1,
    "hooks": 1,
    "manifest": 1,  # the host stands on it, and it on nothing but errors: no neighbour of the host
    "host": 2,
    "observe": 3,
    "isolate": 3,
    "remote": 3,
    "web": 4,
    "cli": 4,
    "testing": 4,
    "compat": 4,
}
# The package itself gathers the public names of every floor, so nothing inside may import it.
ROOF: Final = "hotplug"

# (module, what it imports) -> why this one step up is right.
ALLOWED_UPWARD_STEPS: Final[dict[tuple[str, str], str]] = {
    ("hotplug.host.measurable", "hotplug.observe.profile"): "host.profile(), loaded when asked for",
    ("hotplug.cli.pluggy_run", "hotplug.compat.pluggy"): "the command is that one's",
}


# Modules that need an extra, and are imported where it is needed, never on the way.
OF_EXTRAS: Final = {"hotplug.manifest.versions": "packaging"}


# What type checkers know without its being installed; never imported at run time.
KNOWN_TO_CHECKERS: Final = {"typing_extensions"}


class Import(NamedTuple):
    """One import: where it stands and what it loads."""

    module: str
    imports: str
    where: str
    at_import: bool

    def __str__(self) -> str:
        return f"{self.where}: {self.module} imports {self.imports}"


def room(module: str) -> str:
    """Return the floor's name of a module of ours: `hotplug.hooks.caller` is in `hooks`."""
    top, _, rest = module.partition(".")
    return rest.partition(".")[0] or top


def is_ours(module: str) -> bool:
    return module.partition(".")[0] == "hotplug"


def height(module: str) -> int:
    return FLOORS.get(room(module), max(FLOORS.values()) + 1)


@cache  # all ask for those of one house, and no test asks before the made-up one is ready
def imports_in(source: Path) -> tuple[Import, ...]:
    """Read every import, at any depth and under `TYPE_CHECKING` too, of the package at `source`."""
    paths = sorted(source.rglob("*.py"))
    return tuple(found for path in paths for found in imports_of(source, path))


def imports_of(source: Path, path: Path) -> Iterator[Import]:
    parts = ("hotplug", *path.relative_to(source).with_suffix("").parts)
    is_package = parts[-1] == "__init__"
    module = ".".join(parts[:-1] if is_package else parts)
    package = parts[:-1]
    file = path.relative_to(source.parent)

    def visit(node: ast.AST, at_import: bool) -> Iterator[Import]:
        where = f"{file}:{getattr(node, 'lineno', 0)}"
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(module, alias.name, where, at_import)
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(package[: len(package) + 1 - node.level]) if node.level else ""
            origin = ".".join(filter(None, (base, node.module)))
            for alias in node.names:
                # `from hotplug import hooks` is an import of the room, not of the roof
                names_a_room = origin == "hotplug" and alias.name in FLOORS
                target = f"hotplug.{alias.name}" if names_a_room else origin
                yield Import(module, target, where, at_import)
        later = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        for child in ast.iter_child_nodes(node):
            only_typed = isinstance(node, ast.If) and for_type_checkers(node) and child in node.body
            yield from visit(child, at_import and not later and not only_typed)

    yield from visit(ast.parse(path.read_text("utf-8"), str(path)), at_import=True)


def for_type_checkers(node: ast.If) -> bool:
    return ast.unparse(node.test) in ("TYPE_CHECKING", "typing.TYPE_CHECKING")


def modules_without_a_floor(source: Path) -> list[str]:
    """Name what stands beside the floors: every module belongs to one."""
    children = (path for path in source.iterdir() if path.is_dir() or path.suffix == ".py")
    known = {*FLOORS, "__init__", "__main__", "__pycache__"}
    return sorted(path.name for path in children if path.stem not in known)


def steps_to_another_floor(source: Path) -> list[Import]:
    """Find imports of a floor above, or of a neighbour on the same height."""
    return [
        found
        for found in imports_in(source)
        if is_ours(found.imports)
        and room(found.imports) != room(found.module)
        and height(found.imports) >= height(found.module)
        and (found.module, found.imports) not in ALLOWED_UPWARD_STEPS
    ]


def foreign_imports(source: Path, *rooms: str) -> list[Import]:
    """Find what the given rooms import from outside the standard library and the house."""
    return [
        found
        for found in imports_in(source)
        if room(found.module) in rooms
        and not is_ours(found.imports)
        and (top := found.imports.partition(".")[0]) not in sys.stdlib_module_names
        and OF_EXTRAS.get(found.module) != top
        and (found.at_import or found.imports not in KNOWN_TO_CHECKERS)
    ]


def eager_imports_of_the_package(source: Path) -> set[str]:
    """Name the rooms that `import hotplug` loads at once."""
    return {
        room(found.imports)
        for found in imports_in(source)
        if found.module == ROOF and found.at_import and is_ours(found.imports)
    }


def test_every_module_belongs_to_a_floor() -> None:
    assert modules_without_a_floor(SOURCE) == []


@pytest.mark.parametrize("name", FLOORS)
def test_a_module_imports_no_floor_above_its_own_and_no_neighbour(name: str) -> None:
    steps = [step for step in steps_to_another_floor(SOURCE) if room(step.module) == name]

    assert steps == [], "\n".join(map(str, steps))


def test_a_module_of_the_hooks_floor_imports_only_the_standard_library_and_errors() -> None:
    found = foreign_imports(SOURCE, "errors", "hooks")

    assert found == [], "\n".join(map(str, found))


def test_a_module_of_the_manifest_imports_only_the_standard_library_and_errors() -> None:
    found = foreign_imports(SOURCE, "manifest")

    assert found == [], "\n".join(map(str, found))


def test_what_needs_an_extra_is_imported_by_no_module_on_the_way() -> None:
    found = [each for each in imports_in(SOURCE) if each.imports in OF_EXTRAS and each.at_import]

    assert found == [], "\n".join(map(str, found))


def test_the_package_loads_only_errors_and_hooks_at_once() -> None:
    assert eager_imports_of_the_package(SOURCE) <= {"errors", "hooks"}


def test_every_allowed_step_up_is_still_taken() -> None:
    taken = {(found.module, found.imports) for found in imports_in(SOURCE)}

    assert ALLOWED_UPWARD_STEPS.keys() <= taken


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """A made-up package, sound as it stands."""
    source = tmp_path / "hotplug"
    for name in ("hooks", "host", "observe", "isolate"):
        (source / name).mkdir(parents=True)
        (source / name / "__init__.py").write_text("import ast\nfrom hotplug.errors import E\n")
    (source / "__init__.py").write_text("from hotplug import hooks\nfrom .errors import E\n")
    (source / "errors.py").write_text("class E(Exception): ...\n")
    return source


@pytest.mark.parametrize(
    "statement",
    [
        "import hotplug.host",
        "from hotplug.host.plugin import Plugin",
        "from hotplug import host",
        "from .. import host",
        "from ..host import plugin",
        "import hotplug",
        "from hotplug import PluginManager",
        "def later():\n    import hotplug.host",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import hotplug.host",
    ],
)
def test_the_checker_finds_a_hooks_module_that_reaches_up(house: Path, statement: str) -> None:
    (house / "hooks" / "caller.py").write_text(statement)

    (step,) = steps_to_another_floor(house)

    assert step.where.startswith("hotplug/hooks/caller.py:")


def test_the_checker_finds_neighbours_that_know_each_other(house: Path) -> None:
    (house / "observe" / "graph.py").write_text("from hotplug.isolate import process")

    assert [step.imports for step in steps_to_another_floor(house)] == ["hotplug.isolate"]


def test_the_checker_finds_a_third_party_import_of_the_hooks(house: Path) -> None:
    (house / "hooks" / "caller.py").write_text("def later():\n    import pluggy.hooks")

    assert [found.imports for found in foreign_imports(house, "hooks")] == ["pluggy.hooks"]


def test_the_checker_finds_a_module_that_belongs_to_no_floor(house: Path) -> None:
    (house / "utils.py").write_text("")

    assert modules_without_a_floor(house) == ["utils.py"]


@pytest.mark.parametrize(
    "statement", ["from .host import H", "try:\n    import hotplug.host\nexcept E: ..."]
)
def test_the_checker_finds_a_package_that_loads_more_than_the_hooks(
    house: Path, statement: str
) -> None:
    (house / "__init__.py").write_text(statement)

    assert eager_imports_of_the_package(house) == {"host"}


@pytest.mark.parametrize(
    "statement",
    [
        "def __getattr__(name):\n    from .host import H",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from .host import H",
    ],
)
def test_the_checker_lets_the_package_load_the_host_lazily(house: Path, statement: str) -> None:
    (house / "__init__.py").write_text(statement)

    assert eager_imports_of_the_package(house) == set()


def test_the_checker_finds_nothing_in_a_sound_house(house: Path) -> None:
    assert steps_to_another_floor(house) == []
    assert modules_without_a_floor(house) == []
    assert foreign_imports(house, "errors", "hooks") == []

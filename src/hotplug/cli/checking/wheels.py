"""Whether a plugin's manifest gets into the wheel, by what the build backend is told."""

from __future__ import annotations

from fnmatch import fnmatch
from pathlib import Path
from typing import Final

from hotplug.cli.checking.projects import Project

__all__ = ["check_wheel"]

WHEEL: Final = ("tool", "hatch", "build", "targets", "wheel")
PACKAGE_DATA: Final = ("tool", "setuptools", "package-data")


def check_wheel(project: Project, manifest: Path, package: str) -> None:
    """Complain of a manifest that would be left out; nothing is built for it.

    Of other backends than these two, all that is in a package gets into its wheel.
    """
    backend = project.at("build-system", "build-backend")
    backend = backend if isinstance(backend, str) else "setuptools.build_meta"
    path = manifest.relative_to(project.folder).as_posix()
    if backend.startswith("hatchling"):
        check_hatch(project, path, package)
    elif backend.startswith("setuptools") and manifest.suffix != ".py":
        check_setuptools(project, manifest.name, path, package)


def check_hatch(project: Project, path: str, package: str) -> None:
    def listed(key: str) -> list[str]:
        return project.texts(*WHEEL, key) or project.texts(*WHEEL[:3], key)

    chosen = [*listed("packages"), *listed("only-include")]
    included = listed("include")
    if any(matches(path, each) for each in listed("force-include")):
        return
    if any(matches(path, each) for each in listed("exclude")):
        project.complain((*WHEEL, "exclude"), f"this keeps {path} out of the wheel")
    elif chosen:
        if not any(matches(path, each) for each in chosen):
            key = "packages" if listed("packages") else "only-include"
            project.complain(
                (*WHEEL, key), f"the wheel will not hold {path}", add(path, package, key)
            )
    elif included:
        if not any(matches(path, each) for each in included):
            hint = add(path, package, "include")
            project.complain((*WHEEL, "include"), f"the wheel will not hold {path}", hint)
    elif not is_default(project, path):
        name = project.at("project", "name")
        message = (
            f"the wheel will not hold {path}: hatchling looks for a package called like {name!r}"
        )
        hint = (
            f'add [tool.hatch.build.targets.wheel] with packages = ["{folder_of(path, package)}"]'
        )
        project.complain(("build-system", "build-backend"), message, hint)


def is_default(project: Project, path: str) -> bool:
    """Whether hatchling finds the package by itself: it is called like the distribution."""
    name = project.at("project", "name")
    plain = str(name).replace("-", "_").replace(".", "_")
    parts = path.split("/")
    inside = parts[1:] if parts[0] == "src" else parts
    return plain.lower() in [each.lower() for each in inside[:2]]


def folder_of(path: str, package: str) -> str:
    """The top folder of the package that a path is in."""
    depth = package.count(".") + 1
    parts = path.split("/")[:-1]
    return "/".join(parts[: len(parts) - depth + 1])


def add(path: str, package: str, key: str) -> str:
    return f'add "{folder_of(path, package)}" to {key!r}'


def matches(path: str, pattern: str) -> bool:
    plain = pattern.strip("/").removeprefix("./").removesuffix("/**").removesuffix("/*")
    return (
        path == plain
        or path.startswith(f"{plain}/")
        or fnmatch(path, plain)
        or ("/" not in plain and any(fnmatch(part, plain) for part in path.split("/")))
    )


def check_setuptools(project: Project, name: str, path: str, package: str) -> None:
    patterns = [
        (key, each)
        for key in project.table(*PACKAGE_DATA)
        for each in project.texts(*PACKAGE_DATA, key)
    ]
    if any(key in ("*", "", package) and fnmatch(name, each) for key, each in patterns):
        return
    requires = project.texts("build-system", "requires")
    if any(each.startswith("setuptools-scm") for each in requires) or in_manifest(project, name):
        return
    message = f"setuptools leaves {path} out of the wheel: it is no Python file"
    hint = f'add [tool.setuptools.package-data] with "{package}" = ["{name}"]'
    project.complain(("build-system",), message, hint)


def in_manifest(project: Project, name: str) -> bool:
    """Whether a MANIFEST.in lets a file of this name in."""
    file = project.folder / "MANIFEST.in"
    if not file.is_file():
        return False
    words = [line.split() for line in file.read_text("utf-8", "replace").splitlines()]
    return any(
        each[:1] == ["graft"] or any(fnmatch(name, one.rpartition("/")[2]) for one in each[1:])
        for each in words
    )

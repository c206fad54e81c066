"""``python -m hotplug.manifest PATH...`` tells what is wrong with the manifests of plugins."""

from __future__ import annotations

import argparse
import dataclasses
import json
import sys
from collections.abc import Sequence

from hotplug.manifest.problems import Problem
from hotplug.manifest.reading import validate
from hotplug.manifest.schema import schema

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Returns what the process exits with: 1 if there is an error, 0 if there are only warnings."""
    parser = argparse.ArgumentParser("python -m hotplug.manifest", description="Check manifests.")
    parser.add_argument("paths", nargs="*", metavar="PATH", help="a plugin's folder, or its file")
    parser.add_argument("--json", action="store_true", help="print the problems as JSON")
    parser.add_argument("--schema", action="store_true", help="print the JSON Schema of manifests")
    given = parser.parse_args(arguments)
    if reconfigure := getattr(sys.stdout, "reconfigure", None):
        reconfigure(errors="backslashreplace")  # whatever a path is made of
    if given.schema:
        print(json.dumps(schema(), indent=2))
        return 0
    if not given.paths:
        parser.error("name at least one plugin, or --schema")
    problems = [problem for path in given.paths for problem in validate(path)]
    if given.json:
        print(json.dumps([as_data(problem) for problem in problems], indent=2))
    else:
        print(*problems, sep="\n", end="\n" if problems else "")
    return int(any(problem.severity == "error" for problem in problems))


def as_data(problem: Problem) -> dict[str, object]:
    return {**dataclasses.asdict(problem), "file": str(problem.file)}


if __name__ == "__main__":
    sys.exit(main())

"""The command ``hotplug-tour``: list the steps, or run some."""

from __future__ import annotations

import argparse
import os
import sys
import traceback
from collections.abc import Sequence
from difflib import get_close_matches

from hotplug_tour.playing import play
from hotplug_tour.screen import Screen
from hotplug_tour.steps import STEPS, Step

__all__ = ["main"]

ALL = "all"


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the command line says; the answer is the exit code."""
    parser = argparse.ArgumentParser(
        prog="hotplug-tour", description="A walk through hotplug, one mechanism at a time."
    )
    commands = parser.add_subparsers(dest="command", metavar="list | run", required=True)
    commands.add_parser("list", help="show the names of the steps")
    run = commands.add_parser("run", help="run steps by name, or all of them")
    run.add_argument("names", nargs="+", metavar="NAME", help="a step's name, or 'all'")
    options = parser.parse_args(arguments)
    screen = Screen(sys.stdout)
    try:
        code = show_list(screen) if options.command == "list" else run_steps(screen, options.names)
        sys.stdout.flush()
    except BrokenPipeError:  # the reader has seen enough, as `head` has
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    return code


def show_list(screen: Screen) -> int:
    width = max(map(len, STEPS))
    for step in STEPS.values():
        screen.line(f"  {screen.paint(step.name.ljust(width), 'name')}  {step.short}")
    screen.line()
    screen.line(screen.paint("  hotplug-tour run NAME ...   hotplug-tour run all", "faint"))
    return 0


def run_steps(screen: Screen, names: Sequence[str]) -> int:
    unknown = [name for name in names if name != ALL and name not in STEPS]
    if unknown:
        print(unknown_step(unknown[0]), file=sys.stderr)
        return 2
    steps = list(STEPS.values()) if ALL in names else [STEPS[name] for name in names]
    for step in steps:
        error = play(step, screen)
        if error is not None:
            sys.stdout.flush()
            traceback.print_exception(error)
            return 1
    if len(steps) == 1:
        suggest_next(screen, steps[0])
    return 0


def suggest_next(screen: Screen, step: Step) -> None:
    names = list(STEPS)
    following = names[names.index(step.name) + 1 :]
    if following:
        screen.line(screen.paint(f"next: hotplug-tour run {following[0]}", "faint"))


def unknown_step(name: str) -> str:
    close = get_close_matches(name, STEPS, 1)
    hint = f"did you mean {close[0]!r}? " if close else ""
    return f"hotplug-tour: there is no step {name!r}; {hint}The steps are:\n  " + "\n  ".join(STEPS)

"""Whether a plugin's implementations fit the hooks that they are for.

The hooks decide that as they do when a plugin is registered. What they get are functions that take
what those of the plugin take, and do nothing.
"""

from __future__ import annotations

import ast
import copy
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from inspect import signature
from types import MethodType
from typing import Any, Final

from hotplug.cli.checking.marks import Implementation, Marks
from hotplug.cli.checking.sources import Function, Sources
from hotplug.cli.specs import Specs, hooks_of
from hotplug.errors import PluginValidationError
from hotplug.errors.meaning import did_you_mean
from hotplug.hooks.hook import Hook
from hotplug.hooks.lookup import unknown_hook
from hotplug.hooks.markers import HookimplMarker, HookimplOpts
from hotplug.hooks.scan import Found
from hotplug.hooks.validate import contribution_to
from hotplug.host.happenings import PROJECT, HostHooks
from hotplug.manifest import Problem

__all__ = ["Implemented", "compared"]

ANY: Final[Any] = HookimplMarker("any")
"""For options: they mean the same to every application."""
OPTIONS: Final = tuple(signature(HookimplMarker.__call__).parameters)[2:]
NOTHING: Final = ast.Constant(None)


class Implemented:
    """What a plugin implements, as far as its source says so."""

    def __init__(self, sources: Sources) -> None:
        self.sources = sources
        self.marks = Marks(sources)
        self.every = [*self.marks.implementations()]

    @property
    def names(self) -> dict[str, Implementation]:
        """By the names of the hooks, but those of the host itself."""
        named: dict[str, Implementation] = {}
        for each in self.every:
            if each.marker.project != PROJECT:
                named[target_of(each) or each.function.name] = each
        return named

    @property
    def is_all(self) -> bool:
        """Whether nothing is marked or registered in a way that does not show."""
        return not self.sources.problems and not any(
            isinstance(node, ast.Call)
            and (called(node) == "register" or self.is_mark_of_a_value(source, node))
            for source in self.sources
            for node in ast.walk(source.tree)
        )

    def is_mark_of_a_value(self, source: Any, node: ast.Call) -> bool:
        return bool(node.args) and self.marks.mark(source, node.func) is not None


def called(node: ast.Call) -> str:
    return getattr(node.func, "attr", "")


def compared(implemented: Implemented, specs: Sequence[Specs]) -> Iterator[Problem]:
    """All that is wrong with the implementations; with their hooks as far as those are given."""
    yield from twice(implemented.every)
    plugin = implemented.sources.metadata.name
    hooks: defaultdict[str, dict[str, Hook]] = defaultdict(dict)
    hooks[PROJECT].update(hooks_of(PROJECT, HostHooks))
    for each in specs:
        hooks[each.project].update(each.hooks)
    projects = [project for project in hooks if project != PROJECT]
    packages = {"", *(each.module.partition(".")[0] for each in specs)}
    for item in implemented.every:
        project = item.marker.project
        if project is None:
            is_theirs = len(projects) == 1 and item.marker.package in packages
            project = projects[0] if is_theirs else ""
        options, problem = options_of(item)
        if problem is not None:
            yield problem
        elif project in hooks:
            yield from fitted(item, options, hooks[project], plugin)
        elif projects and project:
            yield strange(item, project, projects)


def strange(item: Implementation, project: str, projects: Sequence[str]) -> Problem:
    told = ", ".join(map(repr, projects))
    hint = did_you_mean(project, projects) or "name the specs of the other, too: --specs"
    name = item.function.name
    message = f"{name!r} is marked for {project!r}, and the hooks are those of {told}"
    return item.source.problem(item.function, message, hint)


def fitted(
    item: Implementation, options: HookimplOpts | None, hooks: dict[str, Hook], plugin: str
) -> Iterator[Problem]:
    """Ask the hook itself."""
    target = target_of(item)
    if options is None and target is None and any(each.arg in TARGETS for each in item.options):
        return
    name = target or item.function.name
    hook = hooks.get(name)
    if hook is None:
        if options is None or not options.optional:
            told, _, hint = f"implements an unknown {unknown_hook(name, hooks)}".partition("; ")
            hint = f"{hint}\n  mark it optional=True if the hook may be missing"
            yield item.source.problem(item.function, f"plugin {plugin!r} {told}", hint)
        return
    if options is None or not item.is_as_written:
        return
    try:
        contribution_to(hook, found(item, options), plugin)
    except PluginValidationError as error:
        first, *more = str(error).splitlines()
        hint = "\n  ".join(line.strip() for line in more if not line.endswith(LINE))
        yield item.source.problem(item.function, first, hint)


LINE: Final = "<plugin>:1"
TARGETS: Final = ("target", "specname")


def found(item: Implementation, options: HookimplOpts) -> Found:
    """What a scan would find of a function that takes the same, and does nothing."""
    function = stand_in(item.function)
    name = item.function.name
    is_method = item.owner is not None and "staticmethod" not in item.decorators
    bound = MethodType(function, object()) if is_method else function
    return Found(name, bound, options, is_method, function)


def stand_in(function: Function) -> Callable[..., Any]:
    """The function without its body, its annotations and its decorators."""
    plain = copy.deepcopy(function)
    plain.decorator_list, plain.returns = [], None
    plain.body = [ast.Expr(ast.Yield(None))] if yields(function) else [ast.Pass()]
    arguments = plain.args
    arguments.defaults = [NOTHING for _ in arguments.defaults]
    arguments.kw_defaults = [each and NOTHING for each in arguments.kw_defaults]
    several = (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)
    for each in (*several, arguments.vararg, arguments.kwarg):
        if each is not None:
            each.annotation = None
    plain.lineno = 1
    vars(plain)["type_params"] = []
    module = ast.fix_missing_locations(ast.Module([plain], []))
    names: dict[str, Any] = {}
    exec(compile(module, "<plugin>", "exec", dont_inherit=True), names)
    made: Callable[..., Any] = names[function.name]
    return made


def yields(function: Function) -> bool:
    """Whether it is a generator: by its own yields, not those of functions inside it."""
    ahead: list[ast.AST] = [*function.body]
    while ahead:
        node = ahead.pop()
        if isinstance(node, (ast.Yield, ast.YieldFrom)):
            return True
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)):
            ahead += ast.iter_child_nodes(node)
    return False


def target_of(item: Implementation) -> str | None:
    """The hook that a mark names: by a text, or by a declaration that is called as it is."""
    for each in item.options:
        if each.arg in TARGETS:
            value = each.value
            if isinstance(value, ast.Constant):
                return value.value if isinstance(value.value, str) else None
            return getattr(value, "attr", None)
    return None


def options_of(item: Implementation) -> tuple[HookimplOpts | None, Problem | None]:
    """The options of a mark, or None where they only show when it runs; or what is wrong."""
    given: dict[str, Any] = {}
    for each in item.options:
        if each.arg is None:
            return None, None
        try:
            given[each.arg] = ast.literal_eval(each.value)
        except (ValueError, SyntaxError):
            if each.arg not in TARGETS or target_of(item) is None:
                return None, None
            given[each.arg] = target_of(item)
    for name in given:
        if name not in OPTIONS and item.marker.project is None:
            return None, None  # a marker of another library, for all that is known
        if name not in OPTIONS:
            hint = did_you_mean(name, OPTIONS) or f"there are: {', '.join(OPTIONS)}"
            return None, item.source.problem(item.function, f"a mark has no option {name!r}", hint)
    try:
        ANY(**given)(mark := lambda: None)
    except TypeError as error:
        return None, item.source.problem(item.function, str(error))
    return getattr(mark, ANY.attribute), None


def twice(items: Sequence[Implementation]) -> Iterator[Problem]:
    """Of two functions of one name in one place, the first is lost."""
    first: dict[tuple[object, object, str], Implementation] = {}
    for item in items:
        if item.function not in (item.source.tree if item.owner is None else item.owner).body:
            continue  # a branch, of which there are others
        place = (item.source, item.owner, item.function.name)
        if place in first:
            line = first[place].function.lineno
            message = f"{item.function.name!r} is defined a second time, so the first one is lost"
            hint = f"the first is in line {line}; give one of them another name and target=..."
            yield item.source.problem(item.function, message, hint)
        first.setdefault(place, item)

"""``hotplug check``: what is wrong with a plugin is told from its files, all of it at once."""

import json
from collections.abc import Callable
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path
from textwrap import dedent, indent
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotplug import HookimplMarker, HookspecMarker, HotplugError, PluginHost, PluginManager
from hotplug.cli.checking.hooks import Implemented, compared
from hotplug.cli.checking.sources import Sources
from hotplug.cli.specs import Specs
from hotplug.manifest import PluginMetadata

Run = Callable[..., Any]
Write = Callable[..., Path]

API = """
    from hotplug import AsyncHooks, HookimplMarker, HookspecMarker

    hookspec = HookspecMarker("till")
    hookimpl = HookimplMarker("till")


    class Till:
        @hookspec(firstresult=True)
        def price(self, item: str, currency: str) -> int: ...

        @hookspec(pipeline=True)
        def label(self, text: str, language: str) -> str: ...

        @hookspec
        def sold(self, item: str) -> None: ...
"""
HEAD = "from api import hookimpl\n\n"

NO_HELP: Final = "a default does not help: a call hands over what the hook takes, and no more"

# What an author gets wrong in the code: the source, the line, a part of what is said, and the hint.
MISTAKES: Final = {
    "an argument with a wrong name": (
        "@hookimpl\ndef price(item, curency): ...",
        4,
        "plugin 'shop' implements hook 'price' with an unknown argument 'curency'",
        "the hook takes: item, currency\n  did you mean 'currency'?",
    ),
    "a misspelt hook": (
        "@hookimpl\ndef prize(item): ...",
        4,
        "plugin 'shop' implements an unknown hook 'prize'",
        "did you mean 'price'?\n  mark it optional=True if the hook may be missing",
    ),
    "a misspelt target": (
        '@hookimpl(target="sell")\ndef note(item): ...',
        4,
        "implements an unknown hook 'sell'",
        "there are: price, label, sold\n  mark it optional=True if the hook may be missing",
    ),
    "an option that there is not": (
        "@hookimpl(tryfist=True)\ndef price(item): ...",
        4,
        "a mark has no option 'tryfist'",
        "did you mean 'tryfirst'?",
    ),
    "a wrapper without a yield": (
        "@hookimpl(wrapper=True)\ndef price(item): ...",
        4,
        "with wrapper=True, but it is no generator function",
        "",
    ),
    "a yield without a wrapper": (
        "@hookimpl\ndef price(item):\n    yield 3",
        4,
        "as a generator, but without wrapper=True",
        "",
    ),
    "a coroutine for a hook that is not awaited": (
        "@hookimpl\nasync def price(item): ...",
        4,
        "with a coroutine function, which this manager would never await",
        "",
    ),
    "a pipeline that forgets its value": (
        "@hookimpl\ndef label(language): ...",
        4,
        "without taking 'text', the value that this pipeline threads",
        "",
    ),
    "both first and last": (
        "@hookimpl(tryfirst=True, trylast=True)\ndef price(item): ...",
        4,
        "with both tryfirst and trylast",
        "",
    ),
    "a default for what the hook has not": (
        "@hookimpl\ndef price(item, *, shop=None): ...",
        4,
        "with an unknown argument 'shop'",
        f"the hook takes: item, currency\n  {NO_HELP}",
    ),
    "any arguments": (
        "@hookimpl\ndef price(*args): ...",
        4,
        "with *args; name the arguments it wants instead",
        "",
    ),
    "a module that there is not": (
        "from .prizes import vat",
        3,
        "the plugin has no module 'prizes'",
        "did you mean 'prices'?",
    ),
    "a name that there is not": (
        "from .prices import vats",
        3,
        "there is no 'vats' in the plugin's module 'prices'",
        "did you mean 'vat'?",
    ),
    "a module of its own, imported like another's": (
        "import prices",
        3,
        "'prices' is a module of the plugin, and cannot be imported like this",
        "write:  from . import prices",
    ),
    "a part of its own, imported like another's": (
        "from prices import vat",
        3,
        "'prices' is a module of the plugin, and cannot be imported like this",
        "write:  from . import prices",
    ),
    "a way out of its folder": (
        "from ..bank import account",
        3,
        "this import leads out of the plugin's folder",
        "",
    ),
    "a name that hotplug has not": (
        "from hotplug import set_intervall",
        3,
        "hotplug has no 'set_intervall'",
        "did you mean 'set_interval'?",
    ),
    "a plugin that it does not require": (
        "from hotplug.plugins import bank",
        3,
        "plugin 'shop' imports plugin 'bank', which it does not require",
        "add 'bank' to 'requires' in shop/plugin.toml",
    ),
    "a part of a plugin that it does not require": (
        "import hotplug.plugins.bank.safe",
        3,
        "plugin 'shop' imports plugin 'bank', which it does not require",
        "add 'bank' to 'requires' in shop/plugin.toml",
    ),
    "no Python": ("def price(:", 3, "this is not Python: invalid syntax", ""),
}


@pytest.fixture
def shop(write: Write) -> Write:
    """Write a plugin `shop`, with this code, and manifest, in an application that is there."""

    def shop(code: str = "", manifest: str = "", **files: str) -> Path:
        return write(
            {
                "api.py": API,
                "shop/plugin.toml": f'name = "shop"\n{dedent(manifest)}',
                "shop/plugin.py": HEAD + dedent(code),
                "shop/prices.py": "vat = 7",
                **files,
            }
        )

    return shop


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_told_with_its_line_and_a_fix(mistake: str, run: Run, shop: Write) -> None:
    code, line, message, hint = MISTAKES[mistake]
    shop(code)

    done = run("check", "shop", "--specs", "api:Till", "--json")

    (problem,) = json.loads(done.out)["problems"]
    assert done.code == 1
    assert (problem["file"], problem["line"]) == (str(Path("shop/plugin.py")), line)
    assert message in problem["message"]
    assert problem["hint"] == hint


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_host_refuses_what_is_told_as_an_error(mistake: str, run: Run, shop: Write) -> None:
    folder = shop(MISTAKES[mistake][0])
    run("check", "shop", "--specs", "api:Till")  # imports the api
    import api  # type: ignore[import-not-found]

    errors = (HotplugError, ImportError, SyntaxError, TypeError)
    with PluginHost("till", specs=api.Till) as host, pytest.raises(errors):
        host.load_plugin(folder / "shop").enable()


SOUND = {
    "all forms of a function": """
        @hookimpl(tryfirst=True)
        def price(currency, item): ...

        @hookimpl(wrapper=True, target="price")
        def watch():
            def inner():
                return 1
            return (yield)

        @hookimpl(around=True, specname="label")
        def shout(call_next, text):
            return call_next(text=text).upper()

        class Later:
            @hookimpl
            def sold(self, item): ...

            @staticmethod
            @hookimpl
            def label(text, *, language): ...

            @classmethod
            @hookimpl
            def price(cls, item: "Nothing[Of]" = None): ...

        @hookimpl(optional=True)
        def opened(anything): ...
    """,
    "marks for others": """
        from hotplug import HookimplMarker, hostimpl

        others = HookimplMarker("till")

        @others
        def price(item): ...

        @hostimpl
        def plugin_enabled(plugin): ...
    """,
    "imports that may fail": """
        from typing import TYPE_CHECKING
        try:
            import nothing_of_this_name
        except ImportError:
            nothing_of_this_name = None
        if TYPE_CHECKING:
            from nowhere import Nobody
    """,
    "imports of what is there": """
        import json
        import os.path
        from . import prices
        from .prices import vat
        from shop import prices as again
        from hotplug.plugins.shop.prices import vat as third
        from hotplug import PluginHost, log, plugins
    """,
    "one name in two branches": """
        import sys

        if sys.flags.dev_mode:
            @hookimpl
            def price(item): ...
        else:
            @hookimpl
            def price(item, currency): ...
    """,
    "names that come while it runs": """
        from .late import tax

        def bill():
            from __main__ import main
    """,
    "a marker of another library": """
        from json import theirs_hookimpl
        try:
            from nowhere import hookimpl as others
        except ImportError:
            raise

        @theirs_hookimpl(hookwrapper=True, tryfirst=True)
        def pytest_runtest_call(item):
            yield

        @others
        def nobody_knows(item): ...
    """,
    "a module that is no Python": """
        from . import fast
        from .fast import faster
        from shop.fast import fastest
    """,
    "what changes a function": """
        from functools import partial, wraps

        def swapped(function):
            return wraps(function)(lambda item: function(item, 1))

        @hookimpl
        @swapped
        def price(item, number): ...

        FIRST = True

        @hookimpl(tryfirst=FIRST)
        def sold(item): ...
    """,
}


@pytest.mark.parametrize("name", SOUND)
def test_nothing_is_said_of_what_is_sound(name: str, run: Run, shop: Write) -> None:
    late = "globals().update(tax=7)"
    shop(SOUND[name], **{"shop/late.py": late, f"shop/fast{EXTENSION_SUFFIXES[0]}": ""})

    done = run("check", "shop", "--specs", "api:Till")

    assert (done.code, done.lines) == (0, ["nothing wrong in plugin 'shop' 0.0.0"])


def test_all_problems_are_told_at_once_in_the_order_of_the_lines(run: Run, shop: Write) -> None:
    shop(
        """
        from .prizes import vat

        @hookimpl
        def sold(thing): ...
        """,
        'requries = ["bank"]\nhooks = ["price", "sold"]',
    )

    done = run("check", "shop", "--specs", "api:Till")

    assert done.code == 1
    assert done.lines == [
        "shop/plugin.py:4:1: the plugin has no module 'prizes'",
        "  did you mean 'prices'?",
        "shop/plugin.py:7:1: plugin 'shop' implements hook 'sold' with an unknown argument 'thing'",
        "  the hook takes: item",
        "shop/plugin.toml:2:1: warning: the unknown key 'requries' has no effect",
        "  did you mean 'requires'?",
        (
            "shop/plugin.toml:3: plugin 'shop' names 'price' in its hooks, "
            "but implements no hook of this name"
        ),
        "3 errors, 1 warning in plugin 'shop' 0.0.0",
    ]


def test_no_code_of_a_plugin_is_run(run: Run, shop: Write) -> None:
    shop("open('ran', 'w')", **{"shop/__init__.py": "open('ran', 'w')"})

    run("check", "shop", "--specs", "api:Till")

    assert not Path("ran").exists()


def test_warnings_are_no_failure_unless_they_are_to_be(run: Run, shop: Write) -> None:
    shop("import nothing_of_this_name")

    assert "warning: no module 'nothing_of_this_name' is installed here" in run("check", "shop").out
    assert run("check", "shop").code == 0
    assert run("check", "shop", "--strict").code == 1


def test_a_mark_for_another_application_is_told(run: Run, shop: Write) -> None:
    shop(
        "from hotplug import HookimplMarker\nmine = HookimplMarker('tlil')\n@mine\ndef price(): ..."
    )

    done = run("check", "shop", "--specs", "api:Till")

    assert "'price' is marked for 'tlil', and the hooks are those of 'till'" in done.out
    assert "did you mean 'till'?" in done.out


@pytest.mark.parametrize(
    ("files", "use"),
    [
        ({"shop/marks.py": "from api import hookimpl as mine"}, "from .marks import mine"),
        ({"shop/marks.py": "import api\nmine = api.hookimpl"}, "from shop.marks import mine"),
        (
            {"shop/marks.py": "import api\nmine = api.hookimpl"},
            "from . import marks\nmine = marks.mine",
        ),
        ({}, "import api as other\nmine = other.hookimpl"),
        ({}, "import hotplug\nmine = hotplug.Extension('till')"),
        ({}, "from hotplug import HookimplMarker\nmine = HookimplMarker('till')"),
    ],
)
def test_a_marker_is_known_wherever_it_comes_from(
    files: dict[str, str], use: str, run: Run, shop: Write
) -> None:
    shop(f"{use}\n@mine\ndef prize(): ...", **files)

    assert "implements an unknown hook 'prize'" in run("check", "shop", "--specs", "api:Till").out


def test_where_nothing_is_marked_nothing_is_left_out(run: Run, shop: Write) -> None:
    shop("x = 1")

    assert run("check", "shop").lines == ["nothing wrong in plugin 'shop' 0.0.0"]


def test_the_second_of_two_functions_of_one_name_is_told(run: Run, shop: Write) -> None:
    shop("@hookimpl\ndef sold(item): ...\n\n@hookimpl\ndef sold(): ...")

    done = run("check", "shop", "--specs", "api:Till")

    assert "shop/plugin.py:7:1: 'sold' is defined a second time" in done.out
    assert "  the first is in line 4; give one of them another name" in done.out


def test_without_specs_it_says_what_it_has_left_out(run: Run, shop: Write) -> None:
    shop("@hookimpl\ndef prize(item): ...")

    done = run("check", "shop")

    assert (done.code, done.lines) == (
        0,
        [
            "nothing wrong in plugin 'shop' 0.0.0",
            "hooks were not compared: --specs MODULE:CLASS names the application's",
        ],
    )


@pytest.mark.parametrize(
    ("manifest", "code", "said"),
    [
        ('hooks = ["price", "sold"]', "@hookimpl\ndef price(): ...", "names 'sold' in its hooks"),
        ('hooks = ["sold"]', "@hookimpl\ndef price(): ...", "'price', which its manifest does not"),
        ('events = ["opend"]', "opened = 1", "names 'opend' in its events"),
        ('commands = ["bil"]', "def bill(): ...", "names 'bil' in its commands"),
    ],
)
def test_what_the_manifest_names_is_compared_with_the_code(
    manifest: str, code: str, said: str, run: Run, shop: Write
) -> None:
    shop(code, manifest)

    done = run("check", "shop")

    assert done.code == 1
    assert said in done.out


@pytest.mark.parametrize(
    "code",
    [
        "from .prices import *",
        "def __getattr__(name): ...",
        "def bill(): ...",
        "bill = print",
        "from .prices import vat as bill",
        "with open(__file__) as bill: ...",
        "for bill in 'a': ...",
        "match 1:\n    case _:\n        bill = 1",
    ],
)
def test_a_name_can_come_in_many_ways(code: str, run: Run, shop: Write) -> None:
    shop(code, 'commands = ["bill"]')

    assert run("check", "shop").code == 0


def test_hooks_that_are_registered_by_hand_are_believed(run: Run, shop: Write) -> None:
    shop("get_current_plugin().host.hooks.register(make())", 'hooks = ["price"]')

    assert run("check", "shop").code == 0


def test_a_requirement_that_looks_like_a_slip_is_told(run: Run, write: Write, shop: Write) -> None:
    shop("", 'requires = ["acounts", "stranger"]')
    write({"accounts/plugin.toml": 'name = "accounts"', "accounts/plugin.py": ""})

    done = run("check", "shop")

    assert "warning: plugin 'shop' requires 'acounts', and none is found" in done.out
    assert "did you mean 'accounts'?" in done.out
    assert "stranger" not in done.out


def test_a_requirement_that_the_application_has_not_is_an_error(run: Run, write: Write) -> None:
    write(
        {
            "pyproject.toml": '[tool.till.plugins]\npaths = ["plugins"]',
            "plugins/shop/plugin.toml": 'name = "shop"\nrequires = ["stranger"]',
            "plugins/shop/plugin.py": "",
        }
    )

    done = run("check")

    assert done.code == 1
    assert "plugins/shop/plugin.toml:2: plugin 'shop' requires 'stranger', and none" in done.out


def test_a_version_that_is_not_there_is_told(run: Run, write: Write, shop: Write) -> None:
    shop("", 'requires = ["bank>=2"]\nwants = ["post==1"]')
    write({"bank/plugin.toml": 'name = "bank"\nversion = "1.9"', "bank/plugin.py": ""})
    write({"post/plugin.toml": 'name = "post"\nversion = "1.0"', "post/plugin.py": ""})

    done = run("check", "shop")

    assert "plugin 'shop' requires 'bank' >=2, and bank 1.9 is here" in done.out
    assert "post" not in done.out


def test_several_plugins_and_a_folder_of_them_can_be_named(run: Run, write: Write) -> None:
    write(
        {
            "plugins/a/plugin.toml": 'name = "a"',
            "plugins/a/plugin.py": "",
            "plugins/b.py": '# /// script\n# [tool.hotplug]\n# name = "b"\n# ///\nimport json\n',
            "plugins/notes/readme.txt": "",
            "c/plugin.toml": "name = 5",
        }
    )

    done = run("check", "plugins", "c/plugin.toml")

    assert done.code == 1
    assert done.lines[0] == "c/plugin.toml:1:1: 'name' takes the name of a plugin, not a number"
    assert "1 error in 3 plugins" in done.lines or "2 errors in 3 plugins" in done.lines


def test_plugins_inside_of_a_plugin_are_not_a_part_of_it(run: Run, shop: Write) -> None:
    shop("", **{"shop/inner/plugin.toml": 'name = "inner"', "shop/inner/plugin.py": "def x(:"})

    assert run("check", "shop").code == 0


def test_what_is_not_there_is_no_failure_of_a_plugin(run: Run, shop: Write) -> None:
    shop()

    done = run("check", "shop", "shopp")

    assert (done.code, done.out) == (2, "")
    assert done.err == "hotplug: there is nothing to check at shopp\n"


def test_a_folder_without_plugins_is_told(run: Run, folder: Path) -> None:
    done = run("check")

    assert done.code == 1
    assert done.lines[0] == ".: there is no plugin here"
    assert done.lines[-1] == "1 error"


def test_the_project_around_a_plugin_says_which_specs(run: Run, shop: Write) -> None:
    shop(
        "@hookimpl\ndef prize(): ...",
        **{"pyproject.toml": '[tool.hotplug.check]\nspecs = "api:Till"'},
    )

    assert "implements an unknown hook 'prize'" in run("check", "shop").out


def test_data_name_the_plugins_and_all_problems(run: Run, shop: Write) -> None:
    shop("from .prizes import vat")

    data = json.loads(run("check", "shop", "--json").out)

    assert data["plugins"] == [
        {"name": "shop", "version": "0.0.0", "file": str(Path("shop/plugin.toml"))}
    ]
    assert data["problems"] == [
        {
            "message": "the plugin has no module 'prizes'",
            "hint": "did you mean 'prices'?",
            "file": str(Path("shop/plugin.py")),
            "line": 3,
            "column": 1,
            "key": "",
            "severity": "error",
        }
    ]


NAMES = st.sampled_from(["self", "item", "currency", "text", "language", "call_next", "other"])
ARGUMENTS = st.lists(NAMES, unique=True, max_size=4)


@given(
    name=st.sampled_from(["price", "label", "sold", "prize"]),
    arguments=ARGUMENTS,
    by_name=st.booleans(),
    default=st.booleans(),
    kind=st.sampled_from(["", "async "]),
    body=st.sampled_from(["...", "yield", "return (yield)"]),
    options=st.sampled_from(
        [
            "",
            "tryfirst=True",
            "wrapper=True",
            "around=True",
            "optional=True",
            "thread=True",
            "trylast=True, tryfirst=True",
            "target='label'",
        ]
    ),
    in_class=st.sampled_from(["", "plain", "static"]),
)
def test_what_is_told_of_a_function_is_what_a_manager_says(
    name: str,
    arguments: list[str],
    by_name: bool,
    default: bool,
    kind: str,
    body: str,
    options: str,
    in_class: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    if kind and body == "return (yield)":
        body = "yield"
    takes = ", ".join(arguments[:-1] + ["*"] * (by_name and bool(arguments)) + arguments[-1:])
    takes += "=None" * (default and bool(arguments))
    function = f"{kind}def {name}({takes}):\n    {body}\n"
    marked = f"@hookimpl({options})\n{function}" if options else f"@hookimpl\n{function}"
    if in_class:
        static = "@staticmethod\n" if in_class == "static" else ""
        marked = f"class It:\n{indent(static + marked, '    ')}"
    source = f"from hotplug import HookimplMarker\nhookimpl = HookimplMarker('till')\n{marked}"
    folder = tmp_path_factory.getbasetemp() / "checked"
    folder.mkdir(exist_ok=True)
    (folder / "plugin.py").write_text(source, "utf-8")
    specs = TillSpecs()
    names: dict[str, Any] = {"HookimplMarker": HookimplMarker}

    sources = Sources(PluginMetadata({"name": "shop"}), folder)
    told = [*compared(Implemented(sources), [specs])]

    exec(compile(source, "plugin.py", "exec"), names)
    pm = PluginManager("till", Till)
    thing = names["It"]() if in_class else type("Module", (), {name: staticmethod(names[name])})
    try:
        pm.register(thing, name="shop")
        refused = ""
    except HotplugError as error:
        lines = [line for line in str(error).splitlines() if "plugin.py:" not in line]
        refused = plain("\n".join(lines))
    assert [plain(f"{each.message} {each.hint}") for each in told] == [refused] * bool(refused)


def plain(text: str) -> str:
    """Without the signs that part a message from its hint."""
    return " ".join(text.replace(";", " ").split())


hookspec = HookspecMarker("till")


class Till:
    @hookspec(firstresult=True)
    def price(self, item: str, currency: str) -> int: ...  # type: ignore[empty-body]

    @hookspec(pipeline=True)
    def label(self, text: str, language: str) -> str: ...  # type: ignore[empty-body]

    @hookspec
    def sold(self, item: str) -> None: ...


class TillSpecs(Specs):
    """Those above, which need not be imported by a name."""

    def __init__(self) -> None:
        from hotplug.cli.specs import hooks_of

        self.project, self.module = "till", ""
        self.hooks = hooks_of("till", Till)

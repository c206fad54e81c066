"""Every Python block of the README and the docs runs, and prints what the page says it prints.

A block is run as a user would paste it: in a file, in a process of its own, warnings as errors.

- A fence ``text`` right after a ``python`` fence is what that block prints.
- ``<!-- continues -->`` above a fence: it goes on from the block before it.
- ``<!-- not run: why -->`` above a fence: it is shown only.
- ``<!-- needs pluginkit -->`` above a fence: it is run where this module is installed.
- ``title="cafe/plugin.toml"`` behind any language: the block is a file of this name, for those that
  continue.
- A ``console`` fence is run in a shell: commands after ``$ ``, and below each what it prints.
"""

import os
import re
import subprocess
import sys
import sysconfig
import textwrap
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).resolve().parent.parent
PAGES: Final = ["README.md", "CONTRIBUTING.md", "docs/**/*.md"]

SCRIPTS: Final = sysconfig.get_path("scripts")

FENCE: Final = re.compile(
    r"(?m)^(?P<indent>[ ]*)(?P<ticks>`{3,}|~{3,})[ ]*(?P<info>[^\n`]*)\n"
    r"(?P<body>(?:.*\n)*?)"
    r"[ ]*(?P=ticks)[ ]*$"
)
TITLE: Final = re.compile(r'\btitle="([\w./-]+)"')
FILE: Final = """\
import pathlib
pathlib.Path({name!r}).parent.mkdir(parents=True, exist_ok=True)
pathlib.Path({name!r}).write_text({text!r}, "utf-8")
"""
NOT_RUN: Final = re.compile(r"<!-- not run: .+ -->")
NEEDS: Final = re.compile(r"<!-- needs (\w+) -->")
CONTINUES: Final = "<!-- continues -->"
OTHER_SPELLINGS: Final = {"py", "python3", "pycon", "{.python", "{.py"}

# Printed between blocks that share a process; no page prints it.
SEPARATOR: Final = "\x1e"


@dataclass
class Block:
    """One fence to run: its code, the line its code starts on, and what it should print."""

    page: str
    line: int
    code: str
    prints: str | None = None

    def __str__(self) -> str:
        return f"{self.page}:{self.line}"


class PageError(Exception):
    """A page whose fences can't be read as the rules above say."""


def chains_of(page: str, text: str) -> list[list[Block]]:
    """Read the blocks to run, each with those that continue it."""
    chains: list[list[Block]] = []
    end_of_block: int | None = None  # where the fence just before ends, if it is code that prints
    for fence in FENCE.finditer(text):
        language = (fence["info"].split() or [""])[0]
        above = text[: fence.start()].rstrip()
        line = text.count("\n", 0, fence.start("body")) + 1
        body = textwrap.dedent(fence["body"])
        if language in OTHER_SPELLINGS:
            raise PageError(f"{page}:{line}: write ```python, not ```{language}, or it is not run")
        follows = end_of_block is not None and not text[end_of_block : fence.start()].strip()
        end_of_block = None
        if language == "text" and follows:
            chains[-1][-1].prints = body
        title = TITLE.search(fence["info"])
        if language not in ("python", "console") and not title:
            continue
        remark = above.rpartition("\n")[2].strip()
        needs = NEEDS.fullmatch(remark)
        if NOT_RUN.fullmatch(remark) or (needs and find_spec(needs[1]) is None):
            continue
        block = Block(page, line, body)
        if language == "console":
            block.code, block.prints = commands_and_output(body)
        elif title:
            # on one line: the file's own lines stand there on the page
            block.code = f"exec({FILE.format(name=title[1], text=body)!r})\n"
        else:
            end_of_block = fence.end()
        if not above.endswith(CONTINUES):
            chains.append([block])
        elif chains:
            chains[-1].append(block)
        else:
            raise PageError(f"{page}:{line}: there is no block before it to continue")
    return chains


def commands_and_output(session: str) -> tuple[str, str]:
    """Python that runs the commands of a shell session, on their lines; and what they print."""
    run = "import subprocess; print(subprocess.getoutput({!r}))"
    lines = session.splitlines(keepends=True)
    code = [run.format(line[2:].rstrip()) if line.startswith("$ ") else "" for line in lines]
    return "\n".join(code), "".join(line for line in lines if not line.startswith("$ "))


def script_of(chain: list[Block]) -> str:
    """Lay the blocks where they stand on the page, so that a traceback names the page's lines."""
    lines: list[str] = []
    for block in chain:
        lines += [""] * (block.line - 1 - len(lines))
        # the separator stands where the page closes the fence
        lines += [*block.code.splitlines(), f"print({SEPARATOR!r}, end='')"]
    return "\n".join(lines) + "\n"


def problem_with(chain: list[Block], directory: Path) -> str | None:
    """Run the blocks; say what is wrong, if anything."""
    file = directory / chain[0].page.replace("/", "_")
    file.write_text(script_of(chain), "utf-8")
    done = subprocess.run(
        [sys.executable, "-P", "-W", "error", "-X", "utf8", file],
        capture_output=True,
        encoding="utf-8",
        cwd=directory,
        # a shell finds this Python, and the commands that are installed for it
        env={**os.environ, "PATH": f"{SCRIPTS}{os.pathsep}{os.environ['PATH']}", "COLUMNS": "80"},
        check=False,
        timeout=60,
    )
    if done.returncode:
        return f"{chain[-1]} and the blocks before it fail:\n{done.stderr}"
    for block, printed in zip(chain, done.stdout.split(SEPARATOR), strict=False):
        if block.prints is not None and printed != block.prints:
            return f"{block} prints\n{printed}and the page says\n{block.prints}"
    return None


def pages_chains() -> list[list[Block]]:
    return [
        chain
        for pages in PAGES
        for path in sorted(ROOT.glob(pages))
        for chain in chains_of(path.relative_to(ROOT).as_posix(), path.read_text("utf-8"))
    ]


@pytest.mark.parametrize("chain", pages_chains(), ids=lambda chain: str(chain[0]))
def test_a_block_of_the_docs_runs_and_prints_what_the_page_says(
    chain: list[Block], tmp_path: Path
) -> None:
    problem = problem_with(chain, tmp_path)

    assert problem is None, problem


def check(text: str, directory: Path) -> list[str | None]:
    return [problem_with(chain, directory) for chain in chains_of("page.md", text)]


def test_a_failing_block_is_reported_with_the_line_of_the_page(tmp_path: Path) -> None:
    (problem,) = check("# Page\n\n```python\nx = 1\nx / 0\n```\n", tmp_path)

    assert problem is not None
    assert problem.startswith("page.md:4 ")
    assert 'page.md", line 5' in problem


def test_a_block_that_prints_something_else_is_reported_with_its_line(tmp_path: Path) -> None:
    (problem,) = check("```python\nprint(1)\n```\n\n```text\n2\n```\n", tmp_path)

    assert problem == "page.md:2 prints\n1\nand the page says\n2\n"


def test_a_block_that_prints_what_the_page_says_passes(tmp_path: Path) -> None:
    assert check("```python\nprint(1)\n```\n```text\n1\n```\n", tmp_path) == [None]


def test_text_after_other_words_is_no_output(tmp_path: Path) -> None:
    assert check("```python\nprint(1)\n```\nSo:\n```text\n2\n```\n", tmp_path) == [None]


def test_a_continuing_block_sees_the_names_of_the_one_before(tmp_path: Path) -> None:
    page = "```python\nx = 1\n```\n<!-- continues -->\n```python\nprint(x)\n```\n```text\n1\n```\n"

    assert check(page, tmp_path) == [None]


def test_a_block_that_does_not_continue_starts_afresh(tmp_path: Path) -> None:
    _, problem = check("```python\nx = 1\n```\n\n```python\nprint(x)\n```\n", tmp_path)

    assert problem is not None
    assert "NameError" in problem


def test_a_block_marked_not_run_is_not_run(tmp_path: Path) -> None:
    assert check("<!-- not run: needs a server -->\n```python\n1 / 0\n```\n", tmp_path) == []


def test_a_block_is_not_left_out_without_a_reason(tmp_path: Path) -> None:
    assert check("<!-- not run: -->\n```python\n1 / 0\n```\n", tmp_path) != []


def test_a_block_is_run_where_what_it_needs_is_installed(tmp_path: Path) -> None:
    there = check("<!-- needs pluggy -->\n```python\n1 / 0\n```\n", tmp_path)
    missing = check("<!-- needs nobodys_module -->\n```python\n1 / 0\n```\n", tmp_path)

    assert len(there) == 1
    assert "ZeroDivisionError" in str(there[0])
    assert missing == []


def test_an_indented_block_is_run(tmp_path: Path) -> None:
    assert check("- so:\n\n    ```python\n    print(1)\n    ```\n", tmp_path) == [None]


def test_a_block_with_a_title_is_a_file_and_not_run_by_itself(tmp_path: Path) -> None:
    page = (
        '```python title="cafe.py"\nprint("hot")\n```\n'
        "<!-- continues -->\n```python\nimport runpy; runpy.run_path('cafe.py')\n```\n"
        "```text\nhot\n```\n"
    )

    assert check(page, tmp_path) == [None]


def test_a_file_may_be_of_any_language_and_in_a_folder(tmp_path: Path) -> None:
    page = (
        '```json title="cafe/menu.json"\n["tea"]\n```\n'
        "<!-- continues -->\n```python\nprint(open('cafe/menu.json').read(), end='')\n```\n"
        '```text\n["tea"]\n```\n'
    )

    assert check(page, tmp_path) == [None]


def test_the_commands_of_a_console_block_are_run_in_turn(tmp_path: Path) -> None:
    page = "```console\n$ echo tea\ntea\n$ python -c 'print(1); print(2)'\n1\n2\n```\n"

    assert check(page, tmp_path) == [None]


def test_a_command_that_prints_something_else_is_reported_with_its_line(tmp_path: Path) -> None:
    (problem,) = check("```console\n$ echo tea\nmilk\n```\n", tmp_path)

    assert problem == "page.md:2 prints\ntea\nand the page says\nmilk\n"


def test_a_command_runs_on_this_python(tmp_path: Path) -> None:
    page = f"```console\n$ python -c 'import sys; print(sys.prefix)'\n{sys.prefix}\n```\n"

    assert check(page, tmp_path) == [None]


@pytest.mark.parametrize("language", sorted(OTHER_SPELLINGS))
def test_python_under_another_name_is_refused(language: str) -> None:
    with pytest.raises(PageError, match=r"page\.md:2: write ```python"):
        chains_of("page.md", f"```{language}\n1 / 0\n```\n")


def test_a_block_that_continues_nothing_is_refused() -> None:
    with pytest.raises(PageError, match=r"page\.md:3: there is no block before it"):
        chains_of("page.md", "<!-- continues -->\n```python\nx\n```\n")

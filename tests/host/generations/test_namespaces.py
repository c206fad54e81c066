"""Several hosts, of one name or of several: each has plugins of its own."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from hotplug.host.generations import Generation, Namespace, generation_of, running_generation

Write = Callable[..., Path]

TELLS = """
import pickle, sys
class Item: pass
def told():
    from hotplug.plugins import shop
    assert type(pickle.loads(pickle.dumps(Item()))) is Item
    return shop.OF, sys.modules["hotplug.plugins.shop"].OF
"""


@pytest.fixture
def hosts(namespace: Namespace) -> Iterator[tuple[Namespace, Namespace]]:
    other = Namespace()
    yield namespace, other
    other.close()


def serve(space: Namespace, path: Path, **options: Any) -> tuple[Generation, Any]:
    generation = space.open(path.name, path, **options)
    module = generation.run("plugin")
    generation.commit()
    return generation, module


def test_dk68_two_hosts_of_one_name_do_not_mix_plugins_of_one_name(
    write: Write, hosts: tuple[Namespace, Namespace]
) -> None:
    modules = [
        serve(space, write(f"{n}/shop", __init__=f"OF = {n}", plugin=TELLS))[1]
        for n, space in enumerate(hosts)
    ]

    assert [module.told() for module in modules] == [(0, 0), (1, 1)]


def test_dk68_the_default_host_answers_where_no_plugin_is_on_the_stack(
    write: Write, hosts: tuple[Namespace, Namespace]
) -> None:
    first, second = hosts
    for n, space in enumerate(hosts):
        serve(space, write(f"{n}/shop", __init__=f"OF = {n}", plugin=TELLS))
    from hotplug.plugins import shop

    assert shop.OF == 0
    second.make_default()
    assert shop.OF == 1
    second.close()
    assert shop.OF == 0
    assert first.committed("shop") is not None


def test_dk68_a_plugin_does_not_see_those_of_the_other_host(
    write: Write, hosts: tuple[Namespace, Namespace]
) -> None:
    first, second = hosts
    serve(first, write("shop", __init__="OF = 0", plugin=""))
    text = "import sys\ndef look(): return sys.modules['hotplug.plugins.shop'].OF"
    _, module = serve(second, write("other", plugin=text))

    with pytest.raises(AttributeError, match=r"'hotplug\.plugins\.shop' .*no such plugin serves"):
        module.look()


def test_a_namespace_may_have_a_name_of_its_own(write: Write) -> None:
    space = Namespace("cafe.machine.parts")
    _, module = serve(
        space, write("shop", __init__="", plugin="from cafe.machine.parts import shop")
    )
    from cafe.machine.parts import shop  # type: ignore[import-not-found]

    assert module.shop.__name__ == shop.__name__ == "cafe.machine.parts.shop"
    space.close()
    assert not [name for name in sys.modules if name in ("cafe", "cafe.machine.parts")]


def test_a_namespace_does_not_hide_a_module() -> None:
    with pytest.raises(ValueError, match="'json' would hide the module"):
        Namespace("json")
    with pytest.raises(ValueError, match="dotted name of identifiers"):
        Namespace("a..b")


def test_the_code_that_runs_is_known(write: Write, namespace: Namespace) -> None:
    text = "import sys\ndef ask(of): return of(sys._getframe())\ndef call(fn): return fn()"
    generation, module = serve(namespace, write("shop", plugin=text), owner="the host's run")

    def host_code() -> Generation | None:
        return running_generation()

    found = module.ask(generation_of)

    assert found is generation
    assert found.owner == "the host's run"
    assert generation_of(sys._getframe()) is None
    assert module.call(host_code) is generation
    assert running_generation() is None


def test_a_closed_generation_lets_its_owner_go_and_keeps_its_name(
    write: Write, namespace: Namespace
) -> None:
    generation, _ = serve(namespace, write("shop", plugin=""), owner="the host's run")

    generation.close()
    generation.close()

    assert generation.owner is None
    assert namespace.committed("shop") is None
    assert repr(generation) == f"<generation {generation.number} of plugin 'shop'>"
    with pytest.raises(RuntimeError, match="is closed"):
        generation.commit()


def test_a_closed_namespace_opens_nothing(write: Write) -> None:
    space = Namespace()
    space.close()
    space.close()

    with pytest.raises(RuntimeError, match="is closed"):
        space.open("shop", write("shop", plugin=""))

"""Plugins that are listed by being subclasses of a base, and registered together."""

import abc
import dataclasses
import gc
import weakref
from typing import Any, Generic, TypeVar

import pytest

from hotplug import (
    HookErrors,
    HookimplMarker,
    HookspecMarker,
    PluginBase,
    PluginManager,
    PluginValidationError,
    RegistrationError,
)

hookspec = HookspecMarker("exports")
hookimpl = HookimplMarker("exports")
any_type: Any = type


class Specs:
    @hookspec
    def export(self, rows: list[str]) -> object: ...


@pytest.fixture
def pm() -> PluginManager[Any]:
    return PluginManager("exports", Specs)


def new_base() -> Any:
    class Exporter(PluginBase):
        @hookimpl
        def export(self, rows: list[str]) -> str:
            return f"{type(self).plugin_id}: {len(rows)}"

    return Exporter


def new_plugin(base: Any, name: str = "Csv", **keywords: object) -> Any:
    """What ``class Csv(base, plugin_id=..., ...)`` does."""
    return any_type(name, (base,), {"__module__": __name__, "__qualname__": name}, **keywords)


# being listed


def test_lab05_subclassing_alone_makes_a_plugin_listed() -> None:
    class Exporter(PluginBase):
        pass

    class Csv(Exporter, plugin_id="csv", version="1.2.0"):
        pass

    assert dict(Exporter.plugins) == {"csv": Csv}


def test_a_plugin_class_knows_its_id_and_its_version() -> None:
    csv = new_plugin(new_base(), plugin_id="csv", version="1.2.0")

    assert (csv.plugin_id, csv.version) == ("csv", "1.2.0")


def test_a_version_may_be_left_out() -> None:
    csv = new_plugin(new_base(), plugin_id="csv")

    assert isinstance(csv.version, str)


def test_plugins_are_listed_in_the_order_of_their_definition() -> None:
    base = new_base()
    classes = [new_plugin(base, name, plugin_id=name) for name in ("C", "A", "B")]

    assert list(base.plugins.values()) == classes


def test_a_subclass_of_a_plugin_is_another_plugin() -> None:
    base = new_base()
    csv = new_plugin(base, plugin_id="csv")
    tsv = new_plugin(csv, "Tsv", plugin_id="tsv")

    assert dict(base.plugins) == {"csv": csv, "tsv": tsv}


def test_the_list_cannot_be_written_to() -> None:
    base = new_base()

    with pytest.raises(TypeError):
        base.plugins["csv"] = object


def test_the_list_is_of_this_moment() -> None:
    base = new_base()
    plugins = base.plugins
    csv = new_plugin(base, plugin_id="csv")

    assert dict(plugins) == {"csv": csv}


# bases and classes between


def test_a_class_between_base_and_plugins_is_not_listed() -> None:
    base = new_base()
    between = new_plugin(base, "Between", abstract=True)
    csv = new_plugin(between, plugin_id="csv")

    assert dict(base.plugins) == {"csv": csv}


def test_being_abstract_is_not_inherited() -> None:
    between = new_plugin(new_base(), "Between", abstract=True)

    with pytest.raises(RegistrationError, match="Csv has no id"):
        new_plugin(between)


def test_a_plugin_may_have_an_abstract_base_class_and_type_parameters() -> None:
    Row = TypeVar("Row")

    class Exporter(PluginBase, abc.ABC, Generic[Row]):
        @abc.abstractmethod
        def write(self, row: Row) -> None: ...

    class Csv(Exporter[str], plugin_id="csv"):
        def write(self, row: str) -> None: ...

    assert dict(Exporter.plugins) == {"csv": Csv}


def test_other_keywords_reach_other_bases() -> None:
    seen: dict[str, str] = {}

    class Taught:
        def __init_subclass__(cls, *, topic: str = "", **keywords: Any) -> None:
            super().__init_subclass__(**keywords)
            seen[cls.__name__] = topic

    class Exporter(PluginBase, Taught):
        pass

    class Csv(Exporter, plugin_id="csv", topic="tables"):
        pass

    assert seen["Csv"] == "tables"


def test_an_unknown_keyword_is_a_type_error() -> None:
    with pytest.raises(TypeError, match="__init_subclass__"):
        new_plugin(new_base(), plugin_id="csv", verison="1")


def test_two_bases_are_two_registries() -> None:
    exporters, importers = new_base(), new_base()
    csv = new_plugin(exporters, plugin_id="csv")
    other = new_plugin(importers, plugin_id="csv")

    assert (dict(exporters.plugins), dict(importers.plugins)) == ({"csv": csv}, {"csv": other})


def test_a_plugin_of_two_bases_is_listed_in_both_registries() -> None:
    exporters, importers = new_base(), new_base()
    csv = any_type("Csv", (exporters, importers), {}, plugin_id="csv")

    assert (dict(exporters.plugins), dict(importers.plugins)) == ({"csv": csv}, {"csv": csv})


def test_a_plugin_that_one_of_its_two_bases_refuses_is_listed_in_neither() -> None:
    exporters, importers = new_base(), new_base()
    taken = new_plugin(importers, "Taken", plugin_id="csv")

    with pytest.raises(RegistrationError):
        any_type("Csv", (exporters, importers), {}, plugin_id="csv")

    assert (dict(exporters.plugins), dict(importers.plugins)) == ({}, {"csv": taken})


# ids


def test_a_missing_id_is_an_error_that_says_both_ways_out() -> None:
    with pytest.raises(RegistrationError, match="no id") as caught:
        new_plugin(new_base())

    assert 'plugin_id="..."' in str(caught.value)
    assert "abstract=True" in str(caught.value)


@pytest.mark.parametrize("plugin_id", ["", 5, None])
def test_an_id_that_is_no_name_is_refused(plugin_id: object) -> None:
    with pytest.raises(RegistrationError, match="no id"):
        new_plugin(new_base(), plugin_id=plugin_id)


def test_an_id_that_is_taken_is_an_error_that_names_both_classes() -> None:
    base = new_base()
    csv = new_plugin(base, plugin_id="csv")

    with pytest.raises(RegistrationError, match="'csv'") as caught:
        new_plugin(base, "Other", plugin_id="csv")

    assert f"{__name__}.Csv" in str(caught.value)
    assert f"{__name__}.Other" in str(caught.value)
    assert dict(base.plugins) == {"csv": csv}


def test_a_class_whose_module_runs_again_takes_its_own_place() -> None:
    base = new_base()
    first = new_plugin(base, plugin_id="csv")
    again = new_plugin(base, plugin_id="csv")

    assert first is not again
    assert dict(base.plugins) == {"csv": again}


def test_a_dataclass_with_slots_is_a_plugin() -> None:
    class Exporter(PluginBase):
        pass

    @dataclasses.dataclass(slots=True)
    class Csv(Exporter, plugin_id="csv", version="1.2.0"):
        separator: str = ","

    assert dict(Exporter.plugins) == {"csv": Csv}
    assert (Csv.plugin_id, Csv.version) == ("csv", "1.2.0")


# classes are held weakly


def test_a_plugin_class_that_is_gone_is_no_longer_listed() -> None:
    base = new_base()
    csv = new_plugin(base, plugin_id="csv")
    watched = weakref.ref(csv)

    del csv
    gc.collect()

    assert watched() is None
    assert dict(base.plugins) == {}


def test_the_id_of_a_class_that_is_gone_is_free() -> None:
    base = new_base()
    new_plugin(base, "Gone", plugin_id="csv")
    gc.collect()

    csv = new_plugin(base, plugin_id="csv")

    assert dict(base.plugins) == {"csv": csv}


def test_a_registered_plugin_keeps_its_class(pm: PluginManager[Any]) -> None:
    base = new_base()
    new_plugin(base, plugin_id="csv").__doc__ = "gone in a moment"
    csv = new_plugin(base, plugin_id="csv")
    pm.register_all(base)

    del csv
    gc.collect()

    assert list(base.plugins) == ["csv"]


# registering them


def test_register_all_registers_an_instance_of_each_plugin_by_its_id(
    pm: PluginManager[Any],
) -> None:
    base = new_base()
    csv, tsv = (new_plugin(base, name, plugin_id=name.lower()) for name in ("Csv", "Tsv"))

    assert pm.register_all(base) == ["csv", "tsv"]
    assert [type(plugin) for plugin in pm.get_plugins()] == [csv, tsv]
    assert pm.hook.export(rows=["a", "b"]) == ["csv: 2", "tsv: 2"]


def test_register_all_of_a_base_without_plugins_registers_nothing(
    pm: PluginManager[Any],
) -> None:
    assert pm.register_all(new_base()) == []


def test_register_all_registers_none_if_one_is_refused(pm: PluginManager[Any]) -> None:
    base = new_base()
    good = new_plugin(base, "Good", plugin_id="good")
    bad = new_plugin(base, "Bad", plugin_id="bad")
    bad.export = hookimpl(lambda self, lines: lines)

    with pytest.raises(PluginValidationError, match="plugin 'bad'"):
        pm.register_all(base)

    assert pm.plugin_names() == []
    assert list(base.plugins.values()) == [good, bad]


def test_register_all_registers_none_if_one_cannot_be_made_and_says_which(
    pm: PluginManager[Any],
) -> None:
    base = new_base()
    good = new_plugin(base, "Good", plugin_id="good")
    needs = new_plugin(base, "Needs", plugin_id="needs")
    needs.__init__ = lambda self, path: None

    with pytest.raises(Exception, match="path") as caught:
        pm.register_all(base)

    assert pm.plugin_names() == []
    told = [str(caught.value), *getattr(caught.value, "__notes__", [])]
    assert any("'needs'" in text for text in told)
    assert list(base.plugins.values()) == [good, needs]


def test_register_all_registers_none_if_a_name_is_taken(pm: PluginManager[Any]) -> None:
    base = new_base()
    classes = [new_plugin(base, name, plugin_id=name) for name in ("a", "b")]
    taken = classes[1]()
    pm.register(taken, name="b")

    with pytest.raises(RegistrationError, match="'b'"):
        pm.register_all(base)

    assert pm.list_name_plugin() == [("b", taken)]


def test_register_all_registers_none_if_a_replayed_call_fails() -> None:
    class Historic:
        @hookspec(historic=True)
        def started(self, at: int) -> None: ...

    class Base(PluginBase):
        pass

    class Good(Base, plugin_id="good"):
        @hookimpl
        def started(self, at: int) -> None: ...

    class Bad(Base, plugin_id="bad"):
        @hookimpl
        def started(self, at: int) -> None:
            raise OSError("no disk")

    pm: PluginManager[Any] = PluginManager("exports", Historic)
    pm.hook.started.call_historic({"at": 1})

    with pytest.raises(HookErrors, match="'bad'"):
        pm.register_all(Base)

    assert pm.plugin_names() == []
    assert list(Base.plugins.values()) == [Good, Bad]


def test_register_all_leaves_out_what_is_blocked(pm: PluginManager[Any]) -> None:
    base = new_base()
    classes = [new_plugin(base, name, plugin_id=name) for name in ("a", "b")]
    pm.set_blocked("a")

    assert pm.register_all(base) == ["b"]
    assert len(classes) == 2


@pytest.mark.parametrize("thing", [int, object(), PluginManager])
def test_register_all_of_what_is_no_base_says_what_it_takes(
    pm: PluginManager[Any], thing: Any
) -> None:
    with pytest.raises(RegistrationError, match="a base that derives from PluginBase"):
        pm.register_all(thing)


def test_a_plugin_class_can_be_registered_by_itself_too(pm: PluginManager[Any]) -> None:
    csv = new_plugin(new_base(), plugin_id="csv")
    pm.register(csv(), name="mine")

    assert pm.hook.export(rows=[]) == ["csv: 0"]

"""Calling a hook: what each mode makes of the results, how arguments travel, and who follows."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from hotplug import HookCallError, HookimplMarker, HookspecMarker, PluginManager
from hotplug.hooks.caller import WORTH_COMPILING

pytestmark = pytest.mark.usefixtures("form")

hookspec = HookspecMarker("kitchen")
hookimpl = HookimplMarker("kitchen")


class Specs:
    @hookspec
    def dishes(self, guest: str) -> Any:
        """What a guest may have."""

    @hookspec(firstresult=True)
    def cook(self, dish: str) -> Any: ...

    @hookspec(pipeline=True)
    def season(self, dish: str, salt: int) -> Any: ...

    @hookspec(historic=True)
    def opened(self, hour: int) -> None: ...

    @hookspec
    def closed(self) -> Any: ...

    @hookspec
    def order(self, dish: str, table: int = 1, *, hot: bool = True, note: str = "") -> Any: ...


Manager = PluginManager[Specs]
Function = Callable[..., object]


def manager(**plugins: SimpleNamespace) -> Manager:
    pm = PluginManager("kitchen", Specs)
    for name, plugin in plugins.items():
        pm.register(plugin, name)
    return pm


def plugin(**functions: Function) -> SimpleNamespace:
    """A plugin that implements these hooks with these functions."""
    return SimpleNamespace(**{name: hookimpl(function) for name, function in functions.items()})


def gives(result: object) -> Function:
    return lambda: result


def offering(*results: object) -> Manager:
    """A manager with one plugin for each result of the hook `dishes`."""
    return manager(**{f"p{at}": plugin(dishes=gives(result)) for at, result in enumerate(results)})


# the two forms


def test_the_form_is_what_it_says(form: str) -> None:
    pm = offering("soup")

    for _ in range(3):
        pm.hook.dishes(guest="Ada")

    code = pm.caller("dishes").__code__
    assert code.co_filename.startswith("hook kitchen.dishes") == (form == "compiled")


# collecting


def test_a_collecting_hook_lists_the_results_in_order() -> None:
    pm = offering("soup", "bread", "tea")

    assert pm.hook.dishes(guest="Ada") == ["soup", "bread", "tea"]


def test_none_is_left_out_of_the_results_and_other_falsy_values_stay() -> None:
    pm = offering(1, None, 0, "", False, [], None)

    assert pm.hook.dishes(guest="Ada") == [1, 0, "", False, []]


def test_a_collecting_hook_without_plugins_gives_an_empty_list() -> None:
    assert offering().hook.dishes(guest="Ada") == []


def test_a_collecting_hook_of_only_none_gives_an_empty_list() -> None:
    assert offering(None).hook.dishes(guest="Ada") == []
    assert offering(None, None).hook.dishes(guest="Ada") == []


@pytest.mark.parametrize("count", [1, 2, 39, 40, 41, 42, 200])
def test_the_number_of_plugins_makes_no_difference(count: int) -> None:
    pm = offering(*range(count))

    assert pm.hook.dishes(guest="Ada") == list(range(count))


@pytest.mark.parametrize("at", [0, 20, 59])
def test_none_is_left_out_among_many_results(at: int) -> None:
    results: list[int | None] = [*range(60)]
    results[at] = None

    given = offering(*results).hook.dishes(guest="Ada")

    assert given == [result for result in results if result is not None]


def test_each_call_gives_a_list_of_its_own() -> None:
    pm = offering("soup")
    first = pm.hook.dishes(guest="Ada")
    first.append("mine")

    assert pm.hook.dishes(guest="Ada") == ["soup"]


def test_a_hook_without_arguments_is_called_without() -> None:
    pm = manager(door=plugin(closed=lambda: "bolted"), lights=plugin(closed=lambda: "off"))

    assert pm.hook.closed() == ["bolted", "off"]


def test_collect_with_plugins_says_whose_each_result_is() -> None:
    pm = offering("soup", None, 0)

    results = pm.caller("dishes").collect_with_plugins(guest="Ada")

    assert [(result.plugin_name, result.value) for result in results] == [("p0", "soup"), ("p2", 0)]


def test_collect_with_plugins_takes_arguments_by_position_too() -> None:
    pm = offering("soup")

    assert pm.caller("dishes").collect_with_plugins("Ada") == [("p0", "soup")]


def test_collect_with_plugins_follows_registrations() -> None:
    pm = offering("soup")
    named = pm.caller("dishes").collect_with_plugins
    assert len(named(guest="Ada")) == 1

    pm.register(plugin(dishes=lambda: "cake"), "late")
    pm.unregister("p0")

    assert named(guest="Ada") == [("late", "cake")]


def test_only_collecting_hooks_have_collect_with_plugins() -> None:
    pm = offering()

    for name in ("cook", "season", "opened"):
        assert not hasattr(pm.caller(name), "collect_with_plugins")


class Touchy:
    """A result that raises when it is compared, counted or asked for its truth."""

    def refuse(self, *_: object) -> Any:
        raise AssertionError

    __eq__ = __bool__ = __len__ = refuse
    __hash__ = None  # type: ignore[assignment]


def test_a_result_is_never_asked_anything() -> None:
    touchy = Touchy()
    pm = manager(
        a=plugin(dishes=gives(touchy), cook=gives(touchy), season=lambda dish: touchy),
        b=plugin(dishes=gives(None), season=lambda dish: dish),
    )

    (result,) = pm.hook.dishes(guest="Ada")
    assert result is touchy
    assert pm.hook.cook(dish="egg") is touchy
    assert pm.hook.season(dish="egg", salt=1) is touchy
    assert pm.caller("dishes").collect_with_plugins(guest="Ada")[0].value is touchy


# first result


def test_a_firstresult_hook_stops_at_the_first_answer() -> None:
    asked: list[str] = []

    def cooking(name: str, answer: object) -> SimpleNamespace:
        def cook() -> object:
            asked.append(name)
            return answer

        return plugin(cook=cook)

    pm = manager(
        shy=cooking("shy", None), quick=cooking("quick", "fried"), slow=cooking("slow", "stewed")
    )

    assert pm.hook.cook(dish="egg") == "fried"
    assert asked == ["shy", "quick"]


@pytest.mark.parametrize("answer", [0, "", False, [], 0.0])
def test_a_falsy_answer_is_an_answer(answer: object) -> None:
    pm = manager(a=plugin(cook=lambda: answer), b=plugin(cook=lambda: "never asked"))

    assert pm.hook.cook(dish="egg") is answer


def test_a_firstresult_hook_without_an_answer_gives_none() -> None:
    assert manager().hook.cook(dish="egg") is None
    assert manager(a=plugin(cook=lambda: None)).hook.cook(dish="egg") is None


@pytest.mark.parametrize("who", [0, 1, 30, 59])
def test_the_answer_is_found_among_many(who: int) -> None:
    pm = manager()
    asked: list[int] = []

    def cooking(at: int) -> Function:
        def cook() -> str | None:
            asked.append(at)
            return "mine" if at == who else None

        return cook

    for at in range(60):
        pm.register(plugin(cook=cooking(at)))

    assert pm.hook.cook(dish="egg") == "mine"
    assert asked == [*range(who + 1)]


# pipeline


def test_a_pipeline_threads_its_first_argument() -> None:
    pm = manager(
        strip=plugin(season=lambda dish: dish.strip()),
        collapse=plugin(season=lambda dish: " ".join(dish.split())),
        title=plugin(season=lambda dish: dish.title()),
    )

    assert pm.hook.season(dish="  hello   wonderful world! ", salt=1) == "Hello Wonderful World!"


def test_the_other_arguments_of_a_pipeline_stay_as_they_were() -> None:
    def add(dish: str, salt: int) -> str:
        return f"{dish}+{salt}"

    pm = manager(a=plugin(season=add), b=plugin(season=add))

    assert pm.hook.season(dish="egg", salt=2) == "egg+2+2"


def test_none_in_a_pipeline_passes_the_value_on() -> None:
    pm = manager(
        looks=plugin(season=lambda dish: None), adds=plugin(season=lambda dish: dish + "!")
    )

    assert pm.hook.season(dish="egg", salt=1) == "egg!"


def test_falsy_values_are_threaded_through_a_pipeline() -> None:
    pm = manager(
        empties=plugin(season=lambda dish: ""), adds=plugin(season=lambda dish: dish + "!")
    )

    assert pm.hook.season(dish="egg", salt=1) == "!"


def test_a_pipeline_without_plugins_gives_its_input() -> None:
    assert manager().hook.season(dish="egg", salt=1) == "egg"


def test_a_long_pipeline_folds_in_order() -> None:
    def add(at: int) -> Function:
        return lambda dish: f"{dish},{at}"

    pm = manager()
    for at in range(60):
        pm.register(plugin(season=add(at)))

    assert pm.hook.season(dish="", salt=1).split(",")[1:] == [str(at) for at in range(60)]


# order


def test_first_come_first_served_within_three_buckets() -> None:
    pm = manager()
    for name, options in {
        "a": {},
        "tl1": {"trylast": True},
        "tf1": {"tryfirst": True},
        "b": {},
        "tf2": {"tryfirst": True},
        "tl2": {"trylast": True},
    }.items():
        mark: Any = hookimpl
        pm.register(SimpleNamespace(dishes=mark(**options)(gives(name))), name)

    assert pm.hook.dishes(guest="Ada") == ["tf1", "tf2", "a", "b", "tl1", "tl2"]


def test_who_comes_back_comes_last() -> None:
    pm = offering("soup", "bread")
    soup = pm.unregister("p0")
    assert soup is not None

    pm.register(soup)

    assert pm.hook.dishes(guest="Ada") == ["bread", "soup"]


# arguments


def test_arguments_may_be_given_by_name_or_by_position() -> None:
    pm = manager(a=plugin(season=lambda dish, salt: f"{dish}/{salt}"))

    assert pm.hook.season("egg", 2) == "egg/2"
    assert pm.hook.season("egg", salt=2) == "egg/2"
    assert pm.hook.season(salt=2, dish="egg") == "egg/2"


def ordered(function: Function) -> Any:
    """The one result of the hook `order`, implemented by this function."""
    (result,) = manager(a=plugin(order=function)).hook.order("egg", 4, hot=False, note="soft")
    return result


def test_an_implementation_takes_what_it_wants_in_its_own_order() -> None:
    def order(table: int, dish: str) -> tuple[int, str]:
        return table, dish

    assert ordered(order) == (4, "egg")


def test_an_implementation_may_take_nothing() -> None:
    assert ordered(lambda: "taken") == "taken"


def test_an_implementation_may_take_arguments_by_keyword_only() -> None:
    def order(*, note: str, dish: str) -> tuple[str, str]:
        return note, dish

    assert ordered(order) == ("soft", "egg")


def test_an_implementation_may_take_some_by_position_and_some_by_keyword() -> None:
    def order(hot: bool, *, dish: str) -> tuple[bool, str]:
        return hot, dish

    assert ordered(order) == (False, "egg")


def test_an_implementation_may_take_arguments_by_position_only() -> None:
    def order(table: int, dish: str, /) -> tuple[int, str]:
        return table, dish

    assert ordered(order) == (4, "egg")


def test_an_implementation_that_takes_any_keyword_gets_all_arguments() -> None:
    def order(**everything: object) -> dict[str, object]:
        return everything

    assert ordered(order) == {"dish": "egg", "table": 4, "hot": False, "note": "soft"}


def test_an_implementation_may_name_some_and_gets_the_rest_as_keywords() -> None:
    def order(dish: str, **rest: object) -> object:
        return dish, rest

    assert ordered(order) == ("egg", {"table": 4, "hot": False, "note": "soft"})


def test_implementations_of_different_wants_are_called_in_one_loop() -> None:
    pm = manager()
    wants: list[Function] = [
        lambda dish: dish,
        lambda table, dish: (table, dish),
        lambda **everything: len(everything),
        lambda: "nothing",
    ]
    for at in range(60):
        pm.register(plugin(order=wants[at % 4]))

    assert pm.hook.order("egg") == ["egg", (1, "egg"), 4, "nothing"] * 15


def test_arguments_are_handed_on_as_they_are() -> None:
    guest: Any = object()
    pm = manager(a=plugin(dishes=lambda guest: guest))

    assert pm.hook.dishes(guest=guest)[0] is guest


def test_an_argument_left_out_has_the_default_of_the_declaration() -> None:
    pm = manager(a=plugin(order=lambda dish, table, hot, note: (dish, table, hot, note)))

    assert pm.hook.order("egg") == [("egg", 1, True, "")]
    assert pm.hook.order(dish="egg", note="soft") == [("egg", 1, True, "soft")]


def test_the_default_of_an_implementation_never_counts() -> None:
    pm = manager(a=plugin(order=lambda dish, table=99: table))

    assert pm.hook.order("egg") == [1]
    assert pm.hook.order("egg", 7) == [7]


def called(pm: Manager, name: str) -> Any:
    """A hook whose calls no type checker looks at."""
    return pm.caller(name)


def test_a_missing_argument_is_a_type_error_that_names_hook_and_argument() -> None:
    with pytest.raises(TypeError, match=r"season\(\) missing .* argument: 'salt'"):
        called(offering(), "season")(dish="egg")


def test_an_unknown_argument_is_a_type_error_that_names_hook_and_argument() -> None:
    with pytest.raises(TypeError, match=r"dishes\(\) got an unexpected .* 'gest'"):
        called(offering("soup"), "dishes")(guest="Ada", gest="Bob")


@pytest.mark.parametrize("kwargs", [{}, {"gest": "Ada"}, {"guest": "Ada", "x": 1}])
@pytest.mark.parametrize("count", [0, 1, 50])
def test_wrong_arguments_are_refused_whoever_listens(count: int, kwargs: dict[str, str]) -> None:
    asked: list[int] = []
    pm = manager()
    for _ in range(count):
        pm.register(plugin(dishes=lambda: asked.append(1)))

    with pytest.raises(TypeError, match=r"dishes\(\)"):
        called(pm, "dishes")(**kwargs)

    assert asked == []


def test_an_argument_too_many_or_given_twice_is_a_type_error() -> None:
    dishes = called(offering("soup"), "dishes")

    with pytest.raises(TypeError, match=r"dishes\(\) takes 1 positional argument"):
        dishes("Ada", "Bob")
    with pytest.raises(TypeError, match=r"dishes\(\) got multiple values .* 'guest'"):
        dishes("Ada", guest="Bob")


def test_a_keyword_only_argument_is_refused_by_position() -> None:
    with pytest.raises(TypeError, match=r"order\(\) takes from 1 to 2 positional"):
        called(offering(), "order")("egg", 1, True)


@pytest.mark.parametrize("name", ["collect_with_plugins", "call_extra"])
def test_other_ways_to_call_refuse_wrong_arguments_too(name: str) -> None:
    dishes = called(offering("soup"), "dishes")
    ways: dict[str, Callable[[], object]] = {
        "collect_with_plugins": lambda: dishes.collect_with_plugins(gest="Ada"),
        "call_extra": lambda: dishes.call_extra([], {"gest": "Ada"}),
    }

    with pytest.raises(TypeError, match=r"dishes\(\)"):
        ways[name]()


def test_a_type_error_of_an_implementation_is_its_own() -> None:
    def dishes() -> object:
        return len(5)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]

    with pytest.raises(TypeError, match="has no len") as caught:
        manager(a=plugin(dishes=dishes)).hook.dishes(guest="Ada")

    assert caught.value.__notes__ == ["hook 'dishes': raised by plugin 'a'"]


# names that the code of a call uses itself

# fmt: off
WORDS = [
    "a0", "a1", "args", "call", "callback", "clue", "error", "every", "extras", "failures",
    "function", "functions0", "g0", "given", "i", "i0", "iterator", "iter", "kwargs", "left",
    "len", "list", "more", "names", "pieces", "plan", "plugin", "r", "r0", "result", "s0", "self_",
    "take", "tolerate", "type", "w0", "zip",
]
# fmt: on


@pytest.mark.parametrize("mode", ["collecting", "firstresult", "pipeline"])
@pytest.mark.parametrize("count", [1, 50])
@pytest.mark.parametrize("wrapped", [False, True])
def test_arguments_may_have_any_name(mode: str, count: int, wrapped: bool) -> None:
    scope: dict[str, Any] = {}
    arguments = ", ".join(WORDS)
    exec(f"def mixed({arguments}): return ({arguments})", scope)
    mark: Any = hookspec
    options = {} if mode == "collecting" else {mode: True}
    pm: PluginManager[Any] = PluginManager("kitchen")
    pm.add_hookspecs(SimpleNamespace(mixed=mark(**options)(scope["mixed"])))
    seen: list[tuple[object, ...]] = []
    exec(f"def look({arguments}): seen.append(({arguments}))", {"seen": seen}, scope)
    for _ in range(count):
        pm.register(plugin(mixed=scope["look"]))
    if wrapped:
        pm.register(SimpleNamespace(mixed=hookimpl(wrapper=True)(passes)))

    pm.hook.mixed(**{word: f"the {word}" for word in WORDS})
    pm.hook.mixed.call_extra([scope["look"]], {word: f"the {word}" for word in WORDS})

    assert seen == [tuple(f"the {word}" for word in WORDS)] * (2 * count + 1)


def passes() -> Any:
    yield


# historic hooks are called differently


def test_a_historic_hook_refuses_a_plain_call_and_says_what_to_write() -> None:
    with pytest.raises(HookCallError, match=r"\.call_historic\(") as caught:
        called(offering(), "opened")(hour=9)

    assert isinstance(caught.value, TypeError)
    assert "'opened'" in str(caught.value)


@pytest.mark.parametrize("name", ["dishes", "cook", "season"])
def test_other_hooks_refuse_call_historic(name: str) -> None:
    with pytest.raises(HookCallError, match=f"{name!r} is not historic") as caught:
        called(offering(), name).call_historic({"guest": "Ada"})

    assert isinstance(caught.value, TypeError)


# held references


def test_a_held_hook_follows_registrations() -> None:
    pm = offering("soup")
    dishes = pm.hook.dishes
    assert dishes(guest="Ada") == ["soup"]

    pm.register(plugin(dishes=lambda: "cake"), "late")
    assert dishes(guest="Ada") == ["soup", "cake"]

    pm.unregister("p0")
    assert dishes(guest="Ada") == ["cake"]


def test_a_hook_is_one_and_the_same_object_for_good() -> None:
    pm = offering("soup")
    before = pm.caller("dishes")
    for _ in range(100):
        pm.hook.dishes(guest="Ada")
    pm.register(plugin(dishes=lambda: "cake"))

    assert pm.caller("dishes") is before
    assert pm.hook.dishes is before


def test_a_held_extra_method_follows_registrations() -> None:
    pm = offering("soup")
    extra = pm.caller("dishes").call_extra
    assert extra([lambda: "tea"], {"guest": "Ada"}) == ["soup", "tea"]

    pm.register(plugin(dishes=lambda: "cake"))

    assert extra([lambda: "tea"], {"guest": "Ada"}) == ["soup", "cake", "tea"]


def test_a_plugin_registered_during_a_call_is_called_from_the_next_one_on() -> None:
    pm = manager()
    late = plugin(dishes=lambda: "late")

    def dishes() -> str:
        if not pm.is_registered(late):
            pm.register(late)
        return "early"

    pm.register(plugin(dishes=dishes))

    assert pm.hook.dishes(guest="Ada") == ["early"]
    assert pm.hook.dishes(guest="Ada") == ["early", "late"]


def test_a_plugin_unregistered_during_a_call_still_takes_part_in_that_call() -> None:
    pm = manager()

    def leave() -> str:
        pm.unregister("leaving")
        return "stays"

    pm.register(plugin(dishes=leave))
    pm.register(plugin(dishes=lambda: "leaves"), "leaving")

    assert pm.hook.dishes(guest="Ada") == ["stays", "leaves"]
    assert pm.hook.dishes(guest="Ada") == ["stays"]


def test_a_hook_may_call_itself() -> None:
    pm = manager()

    def season(dish: str, salt: int) -> str:
        return dish if not salt else pm.hook.season(dish + "!", salt - 1)

    pm.register(plugin(season=season))

    assert pm.hook.season("egg", 5) == "egg!!!!!"


# becoming hot


def test_a_call_gives_the_same_before_and_after_it_is_compiled(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.undo()  # how calls change by themselves
    pm = manager(
        a=plugin(order=lambda dish: dish), b=plugin(order=lambda *, table, **rest: (table, rest))
    )
    expected = ["egg", (3, {"dish": "egg", "hot": True, "note": ""})]

    assert all(pm.hook.order("egg", table=3) == expected for _ in range(3 * WORTH_COMPILING))
    assert pm.caller("order").__code__.co_filename.startswith("hook kitchen.order")

"""Owners and their scopes, without a host: what they hold is given back, whatever fails."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import pytest

from hotplug.errors import PluginErrors, PluginGone
from hotplug.host.owner import Owner, current_owner
from hotplug.host.resources import Held, Resource


class Noted(Resource):
    """Notes when it goes live and when it is given back; may fail at that."""

    def __init__(
        self, owner: Owner, log: list[str], name: str, error: BaseException | None = None
    ) -> None:
        super().__init__(owner)
        self.log, self.name, self.error = log, name, error

    def _activate(self) -> None:
        self.log.append(f"+{self.name}")

    def _cleanup(self) -> None:
        self.log.append(f"-{self.name}")
        if self.error is not None:
            raise self.error


@pytest.fixture
def owner() -> Owner:
    return Owner("shop")


def test_what_is_added_before_the_scope_opens_is_staged(owner: Owner) -> None:
    log: list[str] = []
    owner.scope.add(Noted(owner, log, "a"))

    assert log == []
    owner.scope.open()
    assert log == ["+a"]


def test_what_is_added_to_an_open_scope_is_live_at_once(owner: Owner) -> None:
    log: list[str] = []
    owner.scope.open()

    owner.scope.add(Noted(owner, log, "a"))

    assert log == ["+a"]


def test_dk07_closing_gives_everything_back_newest_first(owner: Owner) -> None:
    log: list[str] = []
    for name in "abc":
        owner.scope.add(Noted(owner, log, name))

    owner.scope.close()

    assert log == ["-c", "-b", "-a"]


def test_dk20_one_that_raises_does_not_keep_the_others(owner: Owner) -> None:
    log: list[str] = []
    owner.scope.add(Noted(owner, log, "a", OSError("a is stuck")))
    owner.scope.add(Noted(owner, log, "b"))
    owner.scope.add(Noted(owner, log, "c", ValueError("c is stuck")))

    with pytest.raises(PluginErrors, match="plugin 'shop' could not give everything back") as it:
        owner.scope.close()

    assert log == ["-c", "-b", "-a"]
    assert [str(error) for error in it.value.exceptions] == ["c is stuck", "a is stuck"]
    assert owner.is_gone


def test_an_interrupt_waits_until_all_is_given_back_and_is_raised_alone(owner: Owner) -> None:
    log: list[str] = []
    owner.scope.add(Noted(owner, log, "a", OSError("a is stuck")))
    owner.scope.add(Noted(owner, log, "b", KeyboardInterrupt()))

    with pytest.raises(KeyboardInterrupt) as caught:
        owner.scope.close()

    assert log == ["-b", "-a"]
    assert isinstance(caught.value.__cause__, PluginErrors)


def test_what_a_release_makes_is_released_too(owner: Owner) -> None:
    log: list[str] = []

    def leave_another() -> None:
        owner.scope.add(Noted(owner, log, "late"))

    owner.scope.add(Held(owner, leave_another, "file"))
    owner.scope.close()

    assert log == ["-late"]


def test_a_release_that_never_stops_making_more_is_stopped(owner: Owner) -> None:
    def another() -> None:
        owner.scope.add(Held(owner, another, "file"))

    another()
    with pytest.raises(PluginErrors) as caught:
        owner.scope.close()

    assert isinstance(caught.value.exceptions[-1], PluginGone)
    assert owner.is_gone


def test_a_resource_is_made_for_an_owner() -> None:
    nobody: Any = None

    with pytest.raises(TypeError, match="a Resource is made for a plugin, not for None") as caught:
        Resource(nobody)

    assert "test_scopes.py:" in str(caught.value)


def test_dk30_a_closed_scope_takes_nothing_more(owner: Owner) -> None:
    owner.scope.close()

    with pytest.raises(PluginGone, match=r"plugin 'shop' \(generation 1\) has ended"):
        owner.scope.add(Noted(owner, [], "a"))


def test_while_a_scope_closes_other_threads_can_add_nothing(owner: Owner) -> None:
    refused: list[BaseException] = []

    def elsewhere() -> None:
        try:
            owner.scope.add(Noted(owner, [], "a"))
        except PluginGone as error:
            refused.append(error)

    def run_elsewhere() -> None:
        thread = threading.Thread(target=elsewhere)
        thread.start()
        thread.join()

    owner.scope.add(Held(owner, run_elsewhere, "file"))
    owner.scope.close()

    assert len(refused) == 1


def test_a_resource_given_back_early_leaves_the_scope(owner: Owner) -> None:
    log: list[str] = []
    resource = Noted(owner, log, "a")
    owner.scope.add(resource)

    resource.disable()
    resource.disable()

    assert log == ["-a"]
    assert not resource.enabled
    assert list(owner.scope) == []


def test_two_threads_that_give_back_the_same_do_it_once(owner: Owner) -> None:
    log: list[str] = []
    resource = Noted(owner, log, "a")
    owner.scope.add(resource)
    start = threading.Barrier(8)

    def give_back() -> None:
        start.wait()
        resource.disable()

    threads = [threading.Thread(target=give_back) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert log == ["-a"]


def test_a_resource_knows_where_it_was_made(owner: Owner) -> None:
    resource = Noted(owner, [], "a")

    line = test_a_resource_knows_where_it_was_made.__code__.co_firstlineno + 1
    assert resource.where == f"{__file__}:{line}"


def test_nobody_runs_in_the_applications_own_code() -> None:
    assert current_owner() is None


def test_a_called_function_runs_as_the_owner_and_what_it_calls_as_the_nearest(owner: Owner) -> None:
    other = Owner("billing")

    def both() -> tuple[Owner | None, Owner | None, Owner | None]:
        return current_owner(), other.call(current_owner), current_owner()

    assert owner.call(both) == (owner, other, owner)
    assert current_owner() is None


def test_a_task_runs_as_the_owner_that_made_it(owner: Owner) -> None:
    async def who() -> Owner | None:
        await asyncio.sleep(0)
        return current_owner()

    async def main() -> Owner | None:
        return await owner.call(asyncio.ensure_future, who())

    assert asyncio.run(main()) is owner


def test_a_loop_that_an_owner_runs_does_not_make_all_its_tasks_run_as_this_owner(
    owner: Owner,
) -> None:
    other = Owner("billing")

    async def who() -> Owner | None:
        return current_owner()

    async def main() -> tuple[Owner | None, Owner | None]:
        return await other.call(asyncio.ensure_future, who()), current_owner()

    assert owner.call(asyncio.run, main()) == (other, owner)

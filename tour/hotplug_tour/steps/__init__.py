"""The steps of the tour, in order: each is a function whose body is what the screen shows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from hotplug_tour.steps import (
    asking,
    awaiting,
    calling,
    family,
    finding,
    hosting,
    joining,
    keeping,
    looking,
    measuring,
    moving,
    ordering,
    questions,
    reloading,
    wrapping,
)

__all__ = ["STEPS", "Step"]


@dataclass(frozen=True)
class Step:
    """One mechanism, shown by one function."""

    function: Callable[[], None]

    @property
    def name(self) -> str:
        """The function's name, as one types it."""
        return self.function.__name__.strip("_").replace("_", "-")

    @property
    def summary(self) -> str:
        """The function's docstring on one line."""
        return " ".join((self.function.__doc__ or "").split())

    @property
    def short(self) -> str:
        """The first sentence of it."""
        return self.summary.partition(". ")[0].rstrip(".")


STEPS: Final = {
    step.name: step
    for step in map(
        Step,
        [
            calling.direct,
            calling.firstresult,
            ordering.ordering,
            ordering.target_and_optional,
            wrapping.wrapper,
            wrapping.around,
            calling.pipeline,
            calling.historic,
            awaiting.async_,
            awaiting.concurrent,
            asking.error_policy,
            asking.call_extra,
            asking.views,
            joining.validation,
            joining.lifecycle,
            joining.subclasses,
            joining.entry_points,
            looking.typed,
            looking.monitoring,
            looking.compiled,
            hosting.host,
            hosting.resources,
            family.children,
            hosting.requires,
            hosting.versions,
            hosting.not_ready,
            finding.by_name,
            finding.project,
            hosting.events,
            hosting.current_plugin,
            hosting.timers,
            hosting.lazy,
            reloading.reload,
            reloading.watch,
            keeping.settings_,
            keeping.store,
            questions.why,
            measuring.ledger,
            measuring.profile,
            hosting.fence,
            hosting.limits,
            moving.from_pluggy,
        ],
    )
}

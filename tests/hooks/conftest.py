"""What tests of hook calls share: the two forms of a call."""

from typing import Any

import pytest

from hotplug.hooks.caller import Caller


@pytest.fixture(params=["interpreted", "compiled"])
def form(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Run a test in both forms of a call: step by step, and compiled.

    Otherwise a sync hook is called step by step until it has been called often.
    """
    if request.param == "interpreted":
        monkeypatch.setattr(Caller, "look", lambda caller, plan: None)
    else:
        refresh = Caller.refresh

        def compile_at_once(caller: Caller) -> Any:
            refresh(caller)
            with caller.environment.lock:
                plan = caller.names["_plan"]
                if plan is not None and plan.can_compile:
                    caller.compile(plan)
                    caller.names["_plan"] = caller.frozen = None
            return refresh(caller)

        monkeypatch.setattr(Caller, "refresh", compile_at_once)
    return str(request.param)

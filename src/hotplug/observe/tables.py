"""A profile as text, for terminals and logs."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hotplug.observe.profile import Profile

__all__ = ["profile_as_text"]


def profile_as_text(profile: Profile) -> str:
    """The figures, then the switches, then who blocked an event loop."""
    rows = profile.rows
    if not rows:
        return f"nothing was called in {profile.seconds:.1f} s"
    width = max(6, *(len(row.plugin) for row in rows))
    name = max(4, *(len(f"{row.kind} {row.name}") for row in rows))
    head = f"{'plugin':<{width}}  {'what':<{name}}  {'calls':>8}  {'errors':>6}"
    lines = [f"{head}  {'total ms':>11}  {'mean ms':>9}  {'longest ms':>10}"]
    for row in rows:
        line = f"{row.plugin:<{width}}  {f'{row.kind} {row.name}':<{name}}"
        counts = f"{row.calls:>8,}  {row.errors:>6,}  {row.seconds * 1e3:>11,.3f}"
        lines.append(f"{line}  {counts}  {row.mean * 1e3:>9,.3f}  {row.longest * 1e3:>10,.3f}")
    lines += [
        f"last error of {row.plugin} in {row.kind} {row.name}: {row.last_error}"
        for row in rows
        if row.last_error
    ]
    if switches := profile.switches:
        busiest = sorted(switches.items(), key=lambda item: -item[1])
        each = ", ".join(f"{plugin} {count:,}" for plugin, count in busiest)
        lines.append(f"context switches: {each}")
    lines += [
        f"{block.plugin} kept the event loop from running: {times(block.times)}, "
        f"{block.longest * 1e3:,.0f} ms at the longest   {block.where}"
        for block in profile.blocked
    ]
    return "\n".join(lines)


def times(count: int) -> str:
    return "once" if count == 1 else f"{count:,} times"

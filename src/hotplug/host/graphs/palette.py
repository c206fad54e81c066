"""The colours of the pictures: for people who see all of them and for those who do not."""

from __future__ import annotations

from typing import Final

__all__ = ["BROKEN", "FILL", "INK", "LINE"]

INK: Final = "#1b1f24"
LINE: Final = "#6b7280"
BROKEN: Final = "#c2410c"
FILL: Final = {
    "enabled": "#c7e9d3",
    "loaded": "#dbeafe",
    "disabled": "#e5e7eb",
    "unloaded": "#f3f4f6",
    "error": "#fecdd3",
    "missing": "#ffffff",
}
"""By the word for a state, which stands in each box too."""

"""What a distribution was called before ``importlib.metadata``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from importlib.metadata import Distribution

__all__ = ["DistFacade"]


class DistFacade:
    """A distribution, with its name as ``project_name`` too."""

    def __init__(self, dist: Distribution) -> None:
        self._dist = dist

    @property
    def project_name(self) -> str:
        name: str = self.metadata["name"]
        return name

    def __getattr__(self, attr: str) -> Any:
        return getattr(self._dist, attr)

    def __dir__(self) -> list[str]:
        return sorted([*dir(self._dist), "_dist", "project_name"])

"""What other plugins may use."""

from .plugin import PRICES

__all__ = ["PRICES"]

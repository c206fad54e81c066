"""What other plugins may use."""

from .plugin import price

__all__ = ["price"]

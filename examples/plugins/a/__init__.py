"""What plugin a offers to others: ``from hotplug.plugins import a``."""

from .plugin import get_user_count, internal_event, login_user, user_login

__all__ = ["get_user_count", "internal_event", "login_user", "user_login"]

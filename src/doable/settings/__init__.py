"""The settings: read once, from the environment or `.env`, and frozen."""

from doable.settings.settings import MailServer, Settings, make_private_directory

__all__ = ["MailServer", "Settings", "make_private_directory"]

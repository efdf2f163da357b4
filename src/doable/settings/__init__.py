"""The settings: read once, from the environment or `.env`, and frozen."""

from doable.settings.derived import Settings
from doable.settings.folders import make_private_directory
from doable.settings.postgresql import PostgreSQLServers
from doable.settings.types import MailServer, PushHost

__all__ = ["MailServer", "PostgreSQLServers", "PushHost", "Settings", "make_private_directory"]

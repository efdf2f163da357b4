"""What is known of a caller, by whichever kind of token."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Scope = Literal["tasks:read", "tasks:write", "account"]
"""What an API token can be for."""


@dataclass(frozen=True, slots=True)
class Credential:
    """What a verified token says.

    `id` is the session's or the API token's: what can be revoked. Of another issuer's log-in it is the user's.
    """

    user_id: str
    id: str
    expires_at: datetime | None
    """None for an API token that does not expire."""
    scopes: frozenset[str] | None = None
    """What an API token may do. None for what comes of a log-in: that may do everything."""
    subject: str | None = None
    """What the user is called by the issuer of the token, where that is another."""

    def has_expired(self, now: datetime) -> bool:
        """Whether it has ended by itself."""
        return self.expires_at is not None and self.expires_at <= now

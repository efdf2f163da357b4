"""What a verified token of any kind says of a caller."""

import math
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Scope = Literal["tasks:read", "tasks:write", "account"]
"""One purpose of an API token."""


@dataclass(frozen=True, slots=True)
class Credential:
    """A caller, as a verified token has it.

    `id` can be revoked: it is the session's or the API token's, or after another issuer's log-in the user's.
    """

    user_id: str
    id: str
    expires_at: datetime | None
    """None for an API token that does not expire."""
    scopes: frozenset[str] | None = None
    """The scopes of an API token. None after a log-in, which may do everything."""
    subject: str | None = None
    """The user's name at the issuer of the token, if that is not Doable."""
    issued_at: float = math.inf
    """When an access token of Doable's own was issued, in seconds since 1970: a restore ends those of before it."""

    def has_expired(self, now: datetime) -> bool:
        """Whether it has expired."""
        return self.expires_at is not None and self.expires_at <= now

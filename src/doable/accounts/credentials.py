"""What is known of a caller, by whichever kind of token."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Credential:
    """What a verified token says. `id` is the session's: what can be revoked; of another issuer's log-in the user's."""

    user_id: str
    id: str
    expires_at: datetime
    subject: str | None = None
    """What the user is called by the issuer of the token, where that is another."""

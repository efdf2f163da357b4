"""What is in a configuration profile, with the keys that Apple documents for `com.apple.caldav.account`."""

import plistlib
import uuid
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

MEDIA_TYPE: Final = "application/x-apple-aspen-config"
_PORTS: Final = {"https": 443, "http": 80}


@dataclass(frozen=True, slots=True)
class Account:
    """An account as a device asks for it."""

    origin: str
    """Scheme, host and port."""
    principal: str
    """The path of the user's principal."""
    user: str
    token: str
    title: str
    """What Doable is called there."""


def profile(account: Account) -> bytes:
    """The property list that sets this account up.

    One account and one user is one profile: with the next token it takes the place of the one before, and leaves no second
    account. So its identifier is made of these, and not by chance.
    """
    origin = urlsplit(account.origin)
    host = origin.hostname or ""
    of_user = uuid.uuid5(uuid.NAMESPACE_URL, f"{account.origin}{account.principal}")
    identifier = f"{'.'.join(reversed(host.split('.')))}.doable.{of_user}"
    name = f"{account.title} ({host})"
    caldav = {
        **_common("com.apple.caldav.account", f"{identifier}.caldav", uuid.uuid5(of_user, "caldav"), name),
        "CalDAVAccountDescription": name,
        "CalDAVHostName": host,
        "CalDAVPort": origin.port or _PORTS[origin.scheme],
        "CalDAVUseSSL": origin.scheme == "https",
        "CalDAVPrincipalURL": account.principal,
        "CalDAVUsername": account.user,
        "CalDAVPassword": account.token,
    }
    whole = {
        **_common("Configuration", identifier, of_user, name),
        "PayloadDescription": f"Shows the tasks of {account.user} in Reminders.",
        "PayloadOrganization": account.title,
        "PayloadContent": [caldav],
    }
    return plistlib.dumps(whole)


def _common(kind: str, identifier: str, unique: uuid.UUID, name: str) -> dict[str, Any]:
    return {
        "PayloadType": kind,
        "PayloadVersion": 1,
        "PayloadIdentifier": identifier,
        "PayloadUUID": str(unique).upper(),
        "PayloadDisplayName": name,
    }

"""Who asks: an API token by Basic, as calendar programs do, or any token by Bearer. Never the password of the account."""

import base64
import binascii
from collections.abc import Mapping, MutableMapping
from typing import Any, Final

from doable.accounts.api_tokens.verifier import PREFIX
from doable.accounts.gate.credentials import Credential, Scope
from doable.accounts.gate.gate import bearer_token
from doable.accounts.users.emails import key_of
from doable.accounts.wiring import Accounts
from doable.errors import Unauthenticated

CHALLENGE: Final = 'Basic realm="Doable", charset="UTF-8"'

READING: Final = frozenset({"OPTIONS", "GET", "HEAD", "PROPFIND", "REPORT"})


class TokenNeeded(Unauthenticated):
    """No token has come, or none that is good; or it is not of the user who is named."""

    message = "Log in with your e-mail address and an API token as the password: not with the password of the account."


async def admit(accounts: Accounts, scope: MutableMapping[str, Any]) -> Credential:
    """Whoever asks, if that may be done with the token. Raises TokenNeeded, and otherwise as the gate does.

    A wrong token counts against its network. A good one is let in all the same: nobody guesses it, and a phone that still has an
    old one must not lock out the others at home.
    """
    sent = [value for name, value in scope["headers"] if name == b"authorization"]
    try:
        user, token = _sent(scope, sent)
        needed: Scope = "tasks:read" if scope["method"] in READING else "tasks:write"
        credential = await accounts.gate.admit(token, needed, request=scope)
        if user is not None and not await _is_of(accounts, user, credential):
            raise TokenNeeded
    except Unauthenticated:
        if sent:
            await accounts.throttle.wrong_token(accounts.addresses.origin_of(scope))
        raise TokenNeeded from None
    return credential


def _sent(scope: Mapping[str, Any], sent: list[bytes]) -> tuple[str | None, bytes]:
    """The user that is named, if one is, and the token."""
    scheme, _, rest = sent[0].strip().partition(b" ") if len(sent) == 1 else (b"", b"", b"")
    if scheme.lower() != b"basic":
        return None, bearer_token(scope)
    try:
        user, separator, token = base64.b64decode(rest.strip(), validate=True).partition(b":")
        name = user.decode()
    except (binascii.Error, UnicodeDecodeError):
        raise TokenNeeded from None
    # An access token lives for minutes: whoever sent one here would be locked out soon.
    if not separator or not token.startswith(PREFIX):
        raise TokenNeeded
    return name, token


async def _is_of(accounts: Accounts, user: str, credential: Credential) -> bool:
    """Whether the token is of the user who is named, by id or by e-mail."""
    named = user.strip()
    if named.lower() == credential.user_id:
        return True
    row = await accounts.users.find(credential.user_id)
    return row is not None and row["email"] is not None and key_of(row["email"]) == key_of(named)

"""The gate: the one place that decides who may enter. Every edge asks it, in whatever header the token came.

Knows no web framework: a route, CalDAV with Basic, MCP and a web session hand it a token and the ASGI scope of the request.
"""

from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass
from typing import Any

from doable.accounts.api_tokens.verifier import PREFIX, ApiTokenVerifier
from doable.accounts.gate.access_tokens import Tokens
from doable.accounts.gate.credentials import Credential, Scope
from doable.accounts.gate.revocations import Revocations
from doable.accounts.issuers.issuers import Issuers
from doable.errors import InsufficientScope, Unauthenticated
from doable.http.scope import ADDED_HEADERS, CREDENTIAL, USER_ID
from doable.places import current
from doable.throttling.quotas import Quotas


@dataclass(frozen=True, slots=True)
class Gate:
    """Checks whose token it is, whether it is revoked, whether it is for this, and how often its user has asked."""

    tokens: Tokens
    api_tokens: ApiTokenVerifier
    issuers: Issuers
    revocations: Revocations
    quotas: Quotas | None

    async def admit(self, token: bytes, *needed: Scope, request: MutableMapping[str, Any]) -> Credential:
        """Let the bearer of this token in, and note in the request who it is.

        An API token must have all needed scopes; if none is named, no API token will do. Raises Unauthenticated,
        InsufficientScope, TooManyRequests, Unavailable if nobody can know what is revoked, and Overloaded for a user who
        has half of the places.
        """
        credential = await self._verify(token)
        self.revocations.check(credential)
        request[USER_ID] = credential.user_id
        if credential.scopes is not None and not (needed and credential.scopes.issuperset(needed)):
            raise InsufficientScope(" ".join(needed) or None)
        await self.count(credential.user_id, request)
        request[CREDENTIAL] = credential
        return credential

    async def count(self, user_id: str, request: MutableMapping[str, Any]) -> None:
        """Count this request as the user's, and note in it whose it is. Raises TooManyRequests and Overloaded.

        For a request that another credential has let in, which shows one thing alone.
        """
        request[USER_ID] = user_id
        if self.quotas is not None:
            self.quotas.use(user_id, request.setdefault(ADDED_HEADERS, []))
        place = current.get()
        if place is not None:
            await place.join(user_id)

    def check(self, credential: Credential) -> None:
        """Raise Unauthenticated if it has been revoked since it was let in: for answers that take long."""
        self.revocations.check(credential)

    def findings(self) -> object:
        """As long as this is equal, `check` finds the same as before."""
        return self.revocations.findings()

    async def _verify(self, token: bytes) -> Credential:
        """The credential in the token of any issuer."""
        if token.startswith(PREFIX):
            return await self.api_tokens.verify(token)
        recalled = self.issuers.recall(token)
        if recalled is not None:
            return recalled
        try:
            return self.tokens.verify(token)
        except Unauthenticated:
            return await self.issuers.verify(token)


def bearer_token(request: Mapping[str, Any]) -> bytes:
    """The one token of the one `Authorization` header (RFC 6750, section 2.1). Raises Unauthenticated."""
    headers = [value for name, value in request["headers"] if name == b"authorization"]
    if len(headers) != 1:
        raise Unauthenticated
    scheme, _, token = headers[0].partition(b" ")
    if scheme.lower() != b"bearer" or not token:
        raise Unauthenticated
    return bytes(token.strip())

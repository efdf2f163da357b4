"""Who is asking, and whether the path is theirs."""

from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Final

from fastapi import Depends, Path, Request, Security
from fastapi.openapi.models import HTTPBearer as HTTPBearerModel
from fastapi.security.base import SecurityBase
from starlette.responses import Response

from doable import clock
from doable.accounts.api_tokens.repository import ApiTokenRepository
from doable.accounts.api_tokens.verifier import PREFIX, ApiTokenVerifier
from doable.accounts.gate.access_tokens import Tokens
from doable.accounts.gate.credentials import Credential, Scope
from doable.accounts.gate.revocations import Revocations
from doable.accounts.issuers.issuers import Issuers
from doable.accounts.links.postman import Postman
from doable.accounts.links.repository import MailTokenRepository
from doable.accounts.log_in import PasswordChecks
from doable.accounts.passwords.hashing import Passwords
from doable.accounts.schemas import TokensRead
from doable.accounts.sessions.repository import Client, Opened, SessionRepository
from doable.accounts.users.repository import UserRepository
from doable.database import Database
from doable.errors import Forbidden, InsufficientScope, Unauthenticated
from doable.http.middleware import ADDED_HEADERS
from doable.http.requests import JSONRoute
from doable.throttling.addresses import Addresses
from doable.throttling.quotas import Quotas
from doable.throttling.throttle import Throttle

MAX_USER_AGENT: Final = 300


@dataclass(frozen=True, slots=True)
class Accounts:
    """What the routes about users need, made once for the application."""

    database: Database
    users: UserRepository
    sessions: SessionRepository
    passwords: Passwords
    tokens: Tokens
    api_tokens: ApiTokenRepository
    api_token_verifier: ApiTokenVerifier
    revocations: Revocations
    issuers: Issuers
    password_checks: PasswordChecks
    throttle: Throttle
    quotas: Quotas | None
    addresses: Addresses
    mail_tokens: MailTokenRepository
    postman: Postman
    require_email_verification: bool

    async def credential(self, token: bytes) -> Credential:
        """What the token says, whoever issued it. Raises Unauthenticated."""
        if token.startswith(PREFIX):
            return await self.api_token_verifier.verify(token)
        recalled = self.issuers.recall(token)
        if recalled is not None:
            return recalled
        try:
            return self.tokens.verify(token)
        except Unauthenticated:
            return await self.issuers.verify(token)

    def tokens_read(self, opened: Opened) -> TokensRead:
        """The tokens of a session that was opened or refreshed just now. The access token does not outlive it."""
        expires_in = int(min(self.tokens.lifetime, opened.expires_at - clock.now()).total_seconds())
        return TokensRead(
            access_token=self.tokens.issue(opened.user_id, opened.session_id, opened.email, expires_in),
            expires_in=expires_in,
            refresh_token=opened.refresh_token,
        )


def accounts(request: Request) -> Accounts:
    """The application's."""
    found: Accounts = request.app.state.accounts
    return found


def bearer_token(request: Request) -> bytes:
    """The one token of the one `Authorization` header (RFC 6750, section 2.1). Raises Unauthenticated."""
    headers = [value for name, value in request.scope["headers"] if name == b"authorization"]
    if len(headers) != 1:
        raise Unauthenticated
    scheme, _, token = headers[0].partition(b" ")
    if scheme.lower() != b"bearer" or not token:
        raise Unauthenticated
    return bytes(token.strip())


class BearerRoute(JSONRoute):
    """A route for users who are logged in: the token is checked before anything of the body is read.

    An API token gets nowhere on it. A class that says what one needs in order to read or to write lets it in.
    """

    scope_to_read: ClassVar[Scope | None] = None
    scope_to_write: ClassVar[Scope | None] = None

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._scope = self.scope_to_read if self.methods == {"GET"} else self.scope_to_write
        if self._scope is not None:
            self.openapi_extra = {**(self.openapi_extra or {}), "x-api-token-scope": self._scope}

    async def respond(self, request: Request) -> Response:
        """What the function answers, behind the check."""
        here = accounts(request)
        credential = await here.credential(bearer_token(request))
        here.revocations.check(credential)
        request.scope["credential"] = credential
        request.scope["user_id"] = credential.user_id  # for the log line
        if credential.scopes is not None and self._scope not in credential.scopes:
            raise InsufficientScope(self._scope)
        if here.quotas is not None:
            here.quotas.use(credential.user_id, request.scope.setdefault(ADDED_HEADERS, []))
        return await super().respond(request)


class AccountRoute(BearerRoute):
    """A route about the user, for API tokens as well. Nothing that a password is asked for belongs on one."""

    scope_to_read = scope_to_write = "account"


class CheckedBearer(SecurityBase):
    """What `BearerRoute` found; on any other route a KeyError, so that a route which forgot the check fails."""

    model = HTTPBearerModel(
        description="The `access_token` of sign-up or log-in (a JWT), a token of a trusted issuer (likewise), or an API "
        "token (`doable_…`). What an API token may do is in its scopes: an operation names the one that it needs as "
        "`x-api-token-scope`, and where it names none no API token will do."
    )
    scheme_name = "Bearer"

    async def __call__(self, request: Request) -> Credential:
        credential: Credential = request.scope["credential"]
        return credential


CurrentCredential = Annotated[Credential, Security(CheckedBearer())]


def client_of(request: Request) -> Client:
    """From where the request comes, in so far as it can be kept and shown."""
    user_agent = "".join(each for each in request.headers.get("user-agent", "") if each.isprintable())
    return Client(user_agent[:MAX_USER_AGENT] or None, accounts(request).addresses.of(request.scope))


UserIdInPath = Annotated[
    str,
    Path(
        description="Your own user id, or `me`, or what your own log-in calls you (the `sub` of its tokens). "
        "Anything else is 403.",
        examples=["me"],
        openapi_examples={"me": {"value": "me"}},
    ),
]


async def current_owner_id(user_id: UserIdInPath, credential: CurrentCredential) -> str:
    """The owner of everything that follows: from the credential, never from the path, which is only compared to it.

    Raises Forbidden, without a look at the database: whether such a user exists makes no difference.
    """
    if user_id not in {"me", credential.user_id, credential.subject}:
        raise Forbidden
    return credential.user_id


CurrentOwnerId = Annotated[str, Depends(current_owner_id)]

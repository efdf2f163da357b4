"""Who is asking, and whether the path is theirs."""

from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import Depends, Path, Request, Security
from fastapi.openapi.models import HTTPBearer as HTTPBearerModel
from fastapi.security.base import SecurityBase
from starlette.responses import Response

from doable.accounts.credentials import Credential
from doable.accounts.mail_tokens import MailTokenRepository
from doable.accounts.passwords import Passwords
from doable.accounts.postman import Postman
from doable.accounts.repository import UserRepository
from doable.accounts.revocations import Revocations
from doable.accounts.schemas import TokensRead
from doable.accounts.sessions import Client, Opened, SessionRepository
from doable.accounts.tokens import Tokens
from doable.database import Database
from doable.errors import Forbidden, Unauthenticated
from doable.http.requests import Handler, JSONRoute

MAX_USER_AGENT: Final = 300


@dataclass(frozen=True, slots=True)
class Accounts:
    """What the routes about users need, made once for the application."""

    database: Database
    users: UserRepository
    sessions: SessionRepository
    passwords: Passwords
    tokens: Tokens
    revocations: Revocations
    mail_tokens: MailTokenRepository
    postman: Postman
    require_email_verification: bool

    def tokens_read(self, opened: Opened) -> TokensRead:
        """The tokens of a session that was opened or refreshed just now."""
        return TokensRead(
            access_token=self.tokens.issue(opened.user_id, opened.session_id, opened.email),
            expires_in=self.tokens.lifetime_seconds,
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
    """A route for users who are logged in: the token is checked before anything of the body is read."""

    def get_route_handler(self) -> Handler:
        """FastAPI's handler, behind the check."""
        handler = super().get_route_handler()

        async def handle(request: Request) -> Response:
            here = accounts(request)
            credential = here.tokens.verify(bearer_token(request))
            here.revocations.check(credential)
            request.scope["credential"] = credential
            request.scope["user_id"] = credential.user_id  # for the log line
            return await handler(request)

        return handle


class CheckedBearer(SecurityBase):
    """What `BearerRoute` found; on any other route a KeyError, so that a route which forgot the check fails."""

    model = HTTPBearerModel(bearerFormat="JWT", description="The `access_token` of sign-up or log-in.")
    scheme_name = "Bearer"

    async def __call__(self, request: Request) -> Credential:
        credential: Credential = request.scope["credential"]
        return credential


CurrentCredential = Annotated[Credential, Security(CheckedBearer())]


def client_of(request: Request) -> Client:
    """From where the request comes, in so far as it can be kept and shown."""
    user_agent = "".join(each for each in request.headers.get("user-agent", "") if each.isprintable())
    return Client(user_agent[:MAX_USER_AGENT] or None, request.client.host if request.client else None)


UserIdInPath = Annotated[
    str,
    Path(
        description="Your own user id, or `me`. Anything else is 403.",
        examples=["me"],
        openapi_examples={"me": {"value": "me"}},
    ),
]


async def current_owner_id(user_id: UserIdInPath, credential: CurrentCredential) -> str:
    """The owner of everything that follows: from the credential, never from the path, which is only compared to it.

    Raises Forbidden, without a look at the database: whether such a user exists makes no difference.
    """
    if user_id not in {"me", credential.user_id}:
        raise Forbidden
    return credential.user_id


CurrentOwnerId = Annotated[str, Depends(current_owner_id)]

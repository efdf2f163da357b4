"""Who is asking, and whether the path is theirs."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Path, Request, Security
from fastapi.openapi.models import HTTPBearer as HTTPBearerModel
from fastapi.security.base import SecurityBase
from starlette.responses import Response

from doable.accounts.passwords import Passwords
from doable.accounts.repository import UserRepository
from doable.accounts.revocations import Revocations
from doable.accounts.tokens import AccessToken, Tokens
from doable.errors import Forbidden, Unauthenticated
from doable.http.requests import Handler, JSONRoute


@dataclass(frozen=True, slots=True)
class Accounts:
    """What the routes about users need, made once for the application."""

    users: UserRepository
    passwords: Passwords
    tokens: Tokens
    revocations: Revocations


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
            token = here.tokens.verify(bearer_token(request))
            here.revocations.check(token)
            request.scope["access_token"] = token
            request.scope["user_id"] = token.user_id  # for the log line
            return await handler(request)

        return handle


class CheckedBearer(SecurityBase):
    """What `BearerRoute` found; on any other route a KeyError, so that a route which forgot the check fails."""

    model = HTTPBearerModel(bearerFormat="JWT", description="The `access_token` of sign-up or log-in.")
    scheme_name = "Bearer"

    async def __call__(self, request: Request) -> AccessToken:
        token: AccessToken = request.scope["access_token"]
        return token


CurrentToken = Annotated[AccessToken, Security(CheckedBearer())]

UserIdInPath = Annotated[
    str,
    Path(
        description="Your own user id, or `me`. Anything else is 403.",
        examples=["me"],
        openapi_examples={"me": {"value": "me"}},
    ),
]


async def current_owner_id(user_id: UserIdInPath, token: CurrentToken) -> str:
    """The owner of everything that follows: from the credential, never from the path, which is only compared to it.

    Raises Forbidden, without a look at the database: whether such a user exists makes no difference.
    """
    if user_id not in {"me", token.user_id}:
        raise Forbidden
    return token.user_id


CurrentOwnerId = Annotated[str, Depends(current_owner_id)]

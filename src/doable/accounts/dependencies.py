"""Who is asking, and whether the path is theirs."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any, ClassVar, TypeVar

from starlette.requests import Request
from starlette.responses import Response

from doable.accounts.gate.credentials import Credential, Scope
from doable.accounts.gate.gate import Gate, bearer_token
from doable.accounts.wiring import Accounts
from doable.errors import Forbidden
from doable.http.notes import Depends, Path
from doable.http.requests import JSONRoute
from doable.http.scope import CREDENTIAL
from doable.owned.repository import OwnedRepository


def accounts(request: Request) -> Accounts:
    """The parts of accounts. A route asks for the part that it uses, and never for all."""
    found: Accounts = request.app.state.accounts
    return found


def gate(request: Request) -> Gate:
    """The gate of this application."""
    return accounts(request).gate


class BearerRoute(JSONRoute):
    """A route for users who are logged in: the token is checked before anything of the body is read.

    It refuses API tokens. A subclass that names scopes admits those that have all of them.
    """

    scopes_to_read: ClassVar[tuple[Scope, ...]] = ()
    scopes_to_write: ClassVar[tuple[Scope, ...]] = ()
    security: ClassVar = {
        "Bearer": {
            "type": "http",
            "scheme": "bearer",
            "description": "The `access_token` of sign-up or log-in (a JWT), a token of a trusted issuer (likewise), or an "
            "API token (`doable_…`). The scopes of an API token say what it may do: an operation names those that it needs "
            "as `x-api-token-scope`, separated by spaces. If it names none, no API token will do.",
        }
    }

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._scopes = self.scopes_to_read if self.methods == {"GET"} else self.scopes_to_write
        if self._scopes:
            extra = self.described.get("openapi_extra", {})
            self.described["openapi_extra"] = {**extra, "x-api-token-scope": " ".join(self._scopes)}

    async def respond(self, request: Request) -> Response:
        """The function's answer, behind the gate."""
        await gate(request).admit(bearer_token(request.scope), *self._scopes, request=request.scope)
        return await super().respond(request)


class AccountRoute(BearerRoute):
    """A route about the user, for API tokens as well. Nothing that asks for a password may be on one."""

    scopes_to_read = scopes_to_write = ("account",)


class OwnedRoute(BearerRoute):
    """A route about the user's things, for API tokens as well.

    A write answers the thing that it has written, which a token that may only write may see.
    """

    scopes_to_read = ("tasks:read",)
    scopes_to_write = ("tasks:write",)


def checked_credential(request: Request) -> Credential:
    """The credential that the gate has found. A KeyError on a route that does not ask the gate, so that such a route fails."""
    credential: Credential = request.scope[CREDENTIAL]
    return credential


CurrentCredential = Annotated[Credential, Depends(checked_credential)]
CurrentGate = Annotated[Gate, Depends(gate)]
"""For an answer that takes long, and must end when its credential is revoked."""


UserIdInPath = Annotated[
    str,
    Path(
        description="Your own user id, or `me`, or the name that your own log-in has for you (the `sub` of its tokens). "
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

RepositoryT = TypeVar("RepositoryT", bound=OwnedRepository[Any])


def repository_of(repository: type[RepositoryT]) -> Callable[..., Awaitable[RepositoryT]]:
    """The dependency that makes it for the current owner, so that it cannot reach what is anybody else's."""

    async def made(request: Request, owner_id: CurrentOwnerId) -> RepositoryT:
        return repository(request.app.state.database, owner_id, request.app.state.limits)

    return made

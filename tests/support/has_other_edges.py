"""`doable`, with two more edges that ask the gate: one by Basic, as CalDAV clients do, and one by a cookie, as a web session.

Neither is a route of FastAPI's. Each answers the caller's id to a GET, for which it needs `tasks:read`.
"""

import base64
from collections.abc import Callable
from http.cookies import SimpleCookie

from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from doable import app, cli
from doable.accounts.wiring import Accounts
from doable.errors import DoableError, Unauthenticated
from doable.http.errors import response_to


def by_basic(headers: dict[bytes, bytes]) -> bytes:
    """The password, whatever user it is said to be of."""
    scheme, _, credentials = headers.get(b"authorization", b"").partition(b" ")
    if scheme != b"Basic":
        raise Unauthenticated
    return base64.b64decode(credentials).partition(b":")[2]


def by_cookie(headers: dict[bytes, bytes]) -> bytes:
    """The token in the cookie."""
    cookie = SimpleCookie(headers.get(b"cookie", b"").decode()).get("session")
    if cookie is None:
        raise Unauthenticated
    return cookie.value.encode()


def edge(token_of: Callable[[dict[bytes, bytes]], bytes]) -> ASGIApp:
    """An edge that finds the token in this way."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        accounts: Accounts = scope["app"].state.accounts
        try:
            token = token_of(dict(scope["headers"]))
            credential = await accounts.gate.admit(token, "tasks:read", request=scope)
        except DoableError as error:
            response = response_to(error)
        else:
            response = Response(credential.user_id)
        await response(scope, receive, send)

    return answer


if __name__ == "__main__":
    # Where the application looks for them when it is made.
    vars(app)["MOUNTED"] = {"basic": edge(by_basic), "cookie": edge(by_cookie)}
    cli.main()

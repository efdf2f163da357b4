"""`doable`, with two more edges that ask the gate: one by Basic, as CalDAV clients do, and one by a cookie, as a web session.

Neither is a route of FastAPI's. Each answers the caller's id to a GET, for which it needs `tasks:read`.
"""

import base64
from collections.abc import Callable
from http.cookies import SimpleCookie

from fastapi import FastAPI
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from doable import app, cli
from doable.accounts.wiring import Accounts
from doable.errors import DoableError, Unauthenticated
from doable.http.errors import response_to

make = app.create_app


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


def edge(application: FastAPI, token_of: Callable[[dict[bytes, bytes]], bytes]) -> ASGIApp:
    """An edge that finds the token in this way."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        accounts: Accounts = application.state.accounts
        try:
            token = token_of(dict(scope["headers"]))
            credential = await accounts.gate.admit(token, "tasks:read", request=scope)
        except DoableError as error:
            response = response_to(error, scope)
        else:
            response = Response(credential.user_id)
        await response(scope, receive, send)

    return answer


def create_app() -> FastAPI:
    """Doable's application with both mounted in it."""
    application = make()
    application.mount("/basic", edge(application, by_basic))
    application.mount("/cookie", edge(application, by_cookie))
    return application


if __name__ == "__main__":
    # Uvicorn asks for it by name.
    vars(app)["create_app"] = create_app
    cli.main()

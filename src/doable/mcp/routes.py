"""The endpoint over HTTP: one POST, which keeps nothing; and what tells a client where its tokens come from (RFC 9728)."""

import ipaddress
from collections.abc import Mapping
from functools import partial
from types import SimpleNamespace
from typing import Any, Final
from urllib.parse import urlsplit

from pydantic import ValidationError
from pydantic_core import to_json
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from doable.accounts.gate.credentials import Credential
from doable.accounts.gate.gate import bearer_token
from doable.errors import DoableError, InsufficientScope, OriginRefused, Unauthenticated, Unavailable
from doable.http.bodies import from_body, json_body, read_body
from doable.http.errors import InvalidJSON, http_error_response, response_to
from doable.http.problems import InvalidRequest
from doable.http.requests import JSONRequest, Routes, may_take_long
from doable.http.responses import json_response

PATH: Final = "/mcp"
DOCUMENT: Final = "/.well-known/oauth-protected-resource"
SCOPES: Final = ("tasks:read", "tasks:write")
MAX_BODY_BYTES: Final = 5 * 1024 * 1024
METHODS: Final = {"Allow": "POST, OPTIONS"}
# By which log lines and figures name it.
_ROUTE: Final = SimpleNamespace(path=PATH)

metadata = Routes(is_documented=False)


@metadata.get(DOCUMENT)
@metadata.get(DOCUMENT + PATH)
async def protected_resource(request: Request) -> Response:
    """Whose tokens are accepted, and for what."""
    state = request.app.state
    about = {
        "resource": state.link(PATH, whole=True),
        "authorization_servers": [*state.issuers] or [state.link("", whole=True)],
        "scopes_supported": [*SCOPES],
        "bearer_methods_supported": ["header"],
        "resource_name": request.app.document.title,
    }
    return json_response(about)


async def edge(scope: Scope, receive: Receive, send: Send) -> None:
    """The endpoint, as ASGI."""
    scope["route"] = _ROUTE
    try:
        response = await _respond(scope, receive)
    except (DoableError, HTTPException, ClientDisconnect) as error:
        response = response_to(error)
        if isinstance(error, Unauthenticated | InsufficientScope):
            response.headers["WWW-Authenticate"] = _challenge(scope, error)
    await response(scope, receive, send)


async def _respond(scope: Scope, receive: Receive) -> Response:
    if scope["path"].removeprefix(scope["root_path"]) not in {"", "/"}:
        return http_error_response(404)
    if scope["method"] != "POST":
        is_asked = scope["method"] == "OPTIONS"
        return Response(status_code=204, headers=METHODS) if is_asked else http_error_response(405, METHODS)
    _check_origin(scope)
    credential = await _admit(scope)
    request = JSONRequest(scope, receive, lambda _: MAX_BODY_BYTES)
    body = await json_body(request)
    # What a tool takes is made at the first request: models take a while, and nobody waits for them at the start.
    from doable.mcp import protocol

    try:
        message = await read_body(body, from_body)
    except (InvalidJSON, InvalidRequest) as error:
        code = protocol.PARSE_ERROR if isinstance(error, InvalidJSON) else protocol.INVALID_REQUEST
        return json_response(protocol.failed(code, f"{error}"), 400)
    reply = await protocol.answer(message, _headers(scope), _server(request, credential))
    if reply.body is None:
        return Response(status_code=reply.status)
    return json_response(reply.body, reply.status)


async def _admit(scope: Scope) -> Credential:
    """Whoever may read or write. Raises as the gate does."""
    gate = scope["app"].state.accounts.gate
    token = bearer_token(scope)
    try:
        found: Credential = await gate.admit(token, SCOPES[0], request=scope)
    except InsufficientScope:
        found = await gate.admit(token, SCOPES[1], request=scope)
    return found


def _server(request: Request, credential: Credential) -> Any:
    """What this caller may do."""
    from doable.mcp import tools
    from doable.mcp.protocol import Server

    return Server(
        tools.INSTRUCTIONS,
        partial(tools.listed, credential.scopes and credential.scopes & {*SCOPES}),
        partial(_call, request, credential),
    )


async def _call(request: Request, credential: Credential, name: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """The result of a tool, be it that it cannot be done. Raises Rejected for one that is not known, and InsufficientScope."""
    from doable.mcp import refusals
    from doable.mcp.caller import Caller
    from doable.mcp.protocol import INVALID_PARAMS, Rejected
    from doable.mcp.tools import TOOLS

    tool = TOOLS.get(name)
    if tool is None:
        raise Rejected(INVALID_PARAMS, f"There is no such tool; there are {', '.join(TOOLS)}.")
    if credential.scopes is not None and tool.scope not in credential.scopes:
        raise InsufficientScope(tool.scope)
    app = request.app
    try:
        said = tool.arguments.model_validate(arguments, context=app.limits)
    except ValidationError as error:
        return _result(refusals.of_arguments(error), is_error=True)
    state = app.state
    may_go_on = partial(may_take_long, request.scope)
    caller = Caller(state.database, credential.user_id, state.limits, state.max_kept_bytes, may_go_on)
    try:
        return _result(await tool.run(caller, said))
    except (Unauthenticated, Unavailable):
        raise  # of the whole request, as at any other address
    except DoableError as error:
        return _result(refusals.of_domain(error), is_error=True)


def _result(told: dict[str, Any], *, is_error: bool = False) -> dict[str, Any]:
    """Titles are in strings of JSON alone, wherever a model reads them."""
    content = [{"type": "text", "text": to_json(told).decode()}]
    if is_error:
        return {"content": content, "isError": True}
    return {"content": content, "structuredContent": told, "isError": False}


def _headers(scope: Scope) -> Mapping[bytes, list[bytes]]:
    found: dict[bytes, list[bytes]] = {}
    for name, value in scope["headers"]:
        found.setdefault(name, []).append(value)
    return found


def _challenge(scope: Scope, error: Unauthenticated | InsufficientScope) -> str:
    """The value of `WWW-Authenticate` (RFC 6750, section 3; RFC 9728, section 5.1)."""
    document = scope["app"].state.link(DOCUMENT + PATH, whole=True)
    if isinstance(error, InsufficientScope):
        return f'Bearer error="insufficient_scope", scope="{error.scope}", resource_metadata="{document}"'
    was_sent = any(name == b"authorization" for name, _ in scope["headers"])
    wrong = 'error="invalid_token", ' if was_sent else ""
    return f'Bearer {wrong}scope="{" ".join(SCOPES)}", resource_metadata="{document}"'


def _check_origin(scope: Scope) -> None:
    """Raise OriginRefused for a page of another origin, or one whose own name was made to lead to this machine (DNS rebinding)."""
    state = scope["app"].state
    public = urlsplit(state.link("", whole=True))
    headers = _headers(scope)
    allowed = {f"{public.scheme}://{public.netloc}", *state.cors_origins}
    if any(origin.decode("latin-1") not in allowed for origin in headers.get(b"origin", ())) and "*" not in allowed:
        raise OriginRefused
    if _is_loopback(scope):
        names = {"localhost", "127.0.0.1", "::1", public.hostname, *state.allowed_hosts}
        if any(_name(host) not in names for host in headers.get(b"host", ())):
            raise OriginRefused


def _name(host: bytes) -> str | None:
    try:
        return urlsplit(f"//{host.decode('latin-1')}").hostname
    except ValueError:
        return None


def _is_loopback(scope: Scope) -> bool:
    """Whether the request came to an address that only this machine reaches."""
    try:
        return ipaddress.ip_address((scope.get("server") or ("",))[0]).is_loopback
    except ValueError:
        return False

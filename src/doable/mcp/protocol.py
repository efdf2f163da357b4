"""The Model Context Protocol, both eras of it, as messages in and out. Knows no web framework.

Since 2026-07-28 every request says in its `_meta` which version it speaks, and there is nothing to begin. Before, a client began
with `initialize`; nothing is kept of that here, so that any process may answer what follows.
"""

from base64 import b64decode
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from doable import __version__
from doable.database import Row

MODERN: Final = ("2026-07-28",)
LEGACY: Final = ("2025-11-25", "2025-06-18", "2025-03-26")
"""The newest first."""

PARSE_ERROR: Final = -32700
INVALID_REQUEST: Final = -32600
METHOD_NOT_FOUND: Final = -32601
INVALID_PARAMS: Final = -32602
HEADER_MISMATCH: Final = -32020
UNSUPPORTED_VERSION: Final = -32022

_VERSION: Final = "io.modelcontextprotocol/protocolVersion"
_CAPABILITIES: Final = "io.modelcontextprotocol/clientCapabilities"
_SERVER: Final = "io.modelcontextprotocol/serverInfo"
_SECONDS: Final = 3600
"""For so long what this says of itself may be kept."""

_INFO: Final = {"name": "doable", "title": "Doable", "version": __version__}
_ABLE: Final[Row] = {"tools": {}}

Headers = Mapping[bytes, Sequence[bytes]]
"""The values of each header, by its name in lower case."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What is answered. Without a body there is nothing to say."""

    status: int
    body: Row | None = None


class Rejected(Exception):
    """A message that is not answered with a result."""

    def __init__(self, code: int, message: str, data: Any = None) -> None:
        super().__init__(message)
        self.code = code
        self.data = data


@dataclass(frozen=True, slots=True)
class Server:
    """What is behind the protocol."""

    instructions: str
    tools: Callable[[], list[Row]]
    """Those that the caller may use."""
    call: Callable[[str, Any], Awaitable[Row]]
    """The result of a tool. Raises Rejected for one that is not known."""


def failed(code: int, message: str, id_: Any = None, data: Any = None) -> Row:
    """A message that says what is wrong with another."""
    error = {"code": code, "message": message}
    return {"jsonrpc": "2.0", "id": id_, "error": error if data is None else {**error, "data": data}}


async def answer(message: Any, headers: Headers, server: Server) -> Reply:
    """The answer to a message."""
    early = _without_method(message)
    if early is not None:
        return early
    method, id_, params = message["method"], message["id"], message.get("params", {})
    is_modern = False
    try:
        is_modern = _is_modern(params, headers)
        if is_modern:
            _check_envelope(method, params, headers)
            result = await _modern(method, params, server)
        else:
            _check_header(headers)
            result = await _legacy(method, params, server)
    except Rejected as rejected:
        body = failed(rejected.code, f"{rejected}", id_, rejected.data)
        return Reply(_status(rejected.code, is_modern=is_modern), body)
    return Reply(200, {"jsonrpc": "2.0", "id": id_, "result": result})


def _without_method(message: Any) -> Reply | None:
    """The answer to what is no request. Nothing is kept, so that nothing follows from a notification."""
    wrong = None
    if not isinstance(message, dict) or message.get("jsonrpc") != "2.0":
        wrong = "The body must be one message of JSON-RPC 2.0, and no list of them."
    elif not isinstance(message.get("method"), str):
        if "result" in message or "error" in message:
            return Reply(202)  # nothing was asked, so this answers nothing
        wrong = "method must be text."
    elif "id" not in message:
        return Reply(202)
    elif not isinstance(message["id"], str | int) or isinstance(message["id"], bool):
        wrong = "id must be text or a whole number."
    return None if wrong is None else Reply(400, failed(INVALID_REQUEST, wrong))


def _status(code: int, *, is_modern: bool) -> int:
    """To a client of before, 404 would mean that its session has ended, and 400 that it must begin anew."""
    if code in {HEADER_MISMATCH, UNSUPPORTED_VERSION, INVALID_REQUEST}:
        return 400
    if not is_modern:
        return 200
    return 404 if code == METHOD_NOT_FOUND else 400


def _is_modern(params: Any, headers: Headers) -> bool:
    """By the body; one that lacks what it must say, by what its header promises."""
    if not isinstance(params, dict):
        raise Rejected(INVALID_PARAMS, "params must be an object.")
    meta = params.get("_meta")
    return (isinstance(meta, dict) and _VERSION in meta) or _one(headers, b"mcp-protocol-version") in MODERN


def _one(headers: Headers, name: bytes) -> str | None:
    """The value of a header that comes once."""
    values = headers.get(name, ())
    if len(values) > 1:
        raise Rejected(HEADER_MISMATCH, f"{name.decode()} must come once.")
    return values[0].decode("latin-1").strip() if values else None


def _check_header(headers: Headers) -> None:
    """A client of before says its version in a header, but in its first message."""
    version = _one(headers, b"mcp-protocol-version")
    if version is not None and version not in {*LEGACY, "2024-11-05"}:
        raise _unsupported(version)


def _check_envelope(method: str, params: Row, headers: Headers) -> None:
    meta = params.get("_meta")
    version = meta.get(_VERSION) if isinstance(meta, dict) else None
    if not isinstance(meta, dict) or not isinstance(version, str):
        raise Rejected(INVALID_PARAMS, f"params._meta must have {_VERSION}, which is text.")
    if not isinstance(meta.get(_CAPABILITIES), dict):
        raise Rejected(INVALID_PARAMS, f"params._meta must have {_CAPABILITIES}, an object.")
    if _one(headers, b"mcp-protocol-version") != version:
        raise Rejected(HEADER_MISMATCH, f"MCP-Protocol-Version must equal {_VERSION} of params._meta.")
    if _one(headers, b"mcp-method") != method:
        raise Rejected(HEADER_MISMATCH, "Mcp-Method must equal method.")
    if method == "tools/call" and _decoded(_one(headers, b"mcp-name")) != params.get("name"):
        raise Rejected(HEADER_MISMATCH, "Mcp-Name must equal params.name.")
    if version not in MODERN:
        raise _unsupported(version)


def _decoded(value: str | None) -> str | None:
    """A header's value, which is in base64 where it could not be sent as it is."""
    if value is None or not (value.startswith("=?base64?") and value.endswith("?=")):
        return value
    try:
        return b64decode(value[9:-2], validate=True).decode()
    except ValueError:
        return None


def _unsupported(version: str) -> Rejected:
    data = {"supported": [*MODERN, *LEGACY], "requested": version[:100]}
    return Rejected(UNSUPPORTED_VERSION, "This version of the protocol is not spoken here.", data)


async def _modern(method: str, params: Row, server: Server) -> Row:
    kept = {"ttlMs": _SECONDS * 1000, "cacheScope": "private"}
    if method == "server/discover":
        about = {"supportedVersions": [*MODERN, *LEGACY], "capabilities": _ABLE, "instructions": server.instructions}
        result = {**about, **kept, "cacheScope": "public"}
    elif method == "tools/list":
        result = {**_list(params, server), **kept}
    elif method == "tools/call":
        result = await _call(params, server)
    else:
        raise _unknown()
    return {"resultType": "complete", **result, "_meta": {_SERVER: _INFO}}


async def _legacy(method: str, params: Row, server: Server) -> Row:
    if method == "initialize":
        asked = params.get("protocolVersion")
        if not isinstance(asked, str):
            raise Rejected(INVALID_PARAMS, "protocolVersion must be text.")
        version = asked if asked in LEGACY else LEGACY[0]
        about = {"capabilities": _ABLE, "serverInfo": _INFO, "instructions": server.instructions}
        return {"protocolVersion": version, **about}
    if method == "ping":
        return {}
    if method == "tools/list":
        return _list(params, server)
    if method == "tools/call":
        return await _call(params, server)
    raise _unknown()


def _unknown() -> Rejected:
    return Rejected(METHOD_NOT_FOUND, "There is no such method here: there are tools, and nothing else.")


def _list(params: Row, server: Server) -> Row:
    if params.get("cursor") is not None:
        raise Rejected(INVALID_PARAMS, "There is one page of tools, and no cursor.")
    return {"tools": server.tools()}


async def _call(params: Row, server: Server) -> Row:
    name, arguments = params.get("name"), params.get("arguments")
    if not isinstance(name, str):
        raise Rejected(INVALID_PARAMS, "name must be text.")
    if not isinstance(arguments, dict | None):
        raise Rejected(INVALID_PARAMS, "arguments must be an object.")
    return await server.call(name, arguments or {})

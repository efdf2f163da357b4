"""The hosts that requests may be for. A page whose own name leads to this server (DNS rebinding) is refused so."""

from starlette.types import ASGIApp, Receive, Scope, Send

from doable.http.errors import http_error_response
from doable.http.probes import PROBES


class Hosts:
    """Answers 421 where `Host` names none of `allowed`, whatever its port (RFC 9110, section 7.4).

    Whoever checks health comes by address, and learns nothing that is anybody's.
    """

    def __init__(self, app: ASGIApp, allowed: frozenset[str]) -> None:
        self.app = app
        self._allowed = allowed

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if _host(scope) in self._allowed or scope["path"] in PROBES:
            await self.app(scope, receive, send)
        else:
            await http_error_response(421)(scope, receive, send)


def _host(scope: Scope) -> str:
    value = next((bytes(value) for name, value in scope["headers"] if name == b"host"), b"").decode("latin-1").lower()
    name, _, port = value.rpartition(":")
    return name if name and "]" not in port else value

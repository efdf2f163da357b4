"""Connections of httpx that several threads share."""

from httpcore._sync.http11 import HTTP11Connection

_has_expired = HTTP11Connection.has_expired


def _has_expired_at_rest(connection: HTTP11Connection) -> bool:
    with connection._state_lock:  # noqa: SLF001 - httpcore shows no other
        return _has_expired(connection)


def mend() -> None:
    """Let no thread close what another has just begun to use.

    One that saw a connection idle, and then the answer to what another had sent meanwhile, took it for one that the server had left.
    """
    HTTP11Connection.has_expired = _has_expired_at_rest  # type: ignore[assignment,method-assign]

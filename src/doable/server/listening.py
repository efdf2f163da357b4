"""The sockets that the server listens on. They are bound once, however many processes serve."""

import errno
import socket
from collections.abc import Sequence
from contextlib import ExitStack
from typing import Any, Final

from doable.errors import Misconfigured

EVERY_ADDRESS: Final = ("", "::")
BACKLOG: Final = 2048
ATTEMPTS: Final = 10

_NOT_HERE: Final = (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT)

Address = tuple[socket.AddressFamily, tuple[Any, ...]]


def bind(host: str, port: int) -> list[socket.socket]:
    """A bound socket for each address of the host: of `""` and `"::"` these are all, of IPv6 and of IPv4.

    Port 0 is one that is free at all of them. Raises Misconfigured if nothing can listen there.
    """
    try:
        found = socket.getaddrinfo(
            None if host in EVERY_ADDRESS else host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )
        addresses = list(dict.fromkeys((family, address) for family, _, _, _, address in found))
        for _ in range(ATTEMPTS if port == 0 else 1):
            if bound := _bound(addresses):
                return bound
        raise OSError(errno.EADDRINUSE, "Address already in use")  # noqa: TRY301 - told as any other
    except (OSError, UnicodeError) as error:
        raise _refusal(host, port, error) from None


def listen(sockets: Sequence[socket.socket], host: str) -> None:
    """Take connections from here on. Raises Misconfigured if somebody else has begun to listen there meanwhile."""
    for each in sockets:
        try:
            each.listen(BACKLOG)
        except OSError as error:
            raise _refusal(host, port_of(sockets), error) from None


def port_of(sockets: Sequence[socket.socket]) -> int:
    """The port that all of them have."""
    port: int = sockets[0].getsockname()[1]
    return port


def url(host: str, port: int) -> str:
    """The address of the server, to be shown to a person."""
    host = host or "::"
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _bound(addresses: Sequence[Address]) -> list[socket.socket] | None:
    """A socket for each of the addresses that this machine has. None if the port that the first was given is not free at another."""
    failure: OSError | None = None
    with ExitStack() as stack:
        sockets: list[socket.socket] = []
        for family, (host, port, *rest) in addresses:
            try:
                bound = _bound_at(family, (host, port_of(sockets) if sockets else port, *rest))
            except OSError as error:
                if error.errno == errno.EADDRINUSE and port == 0:
                    return None
                if error.errno not in _NOT_HERE:
                    raise
                failure = error
            else:
                sockets.append(stack.enter_context(bound))
        if failure is not None and not sockets:
            raise failure
        stack.pop_all()
        return sockets


def _bound_at(family: socket.AddressFamily, address: tuple[Any, ...]) -> socket.socket:
    bound = socket.socket(family, socket.SOCK_STREAM)
    try:
        # So that connections which a server has just left behind do not matter.
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            # IPv4 has a socket of its own, so that no client's address is written as ::ffff:192.0.2.1.
            bound.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        bound.bind(address)
    except BaseException:
        bound.close()
        raise
    return bound


def _refusal(host: str, port: int, error: OSError | UnicodeError) -> Misconfigured:
    reason = error.strerror if isinstance(error, OSError) else "it is no host name"
    place = host or "every address"
    return Misconfigured(
        f"Nothing can listen on port {port} of {place}: {reason}. Choose another with --port or --host."
    )

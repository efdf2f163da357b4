"""The address of a client, who may be behind a proxy. Knows no web framework."""

import logging
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Any, Final

logger = logging.getLogger(__name__)

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

_WITH_PORT: Final = re.compile(r"\[([^]]*)\](?::\d{1,5})?|([\d.]+):\d{1,5}")
"""How some proxies write an address."""
MAX_USER_AGENT: Final = 300
MAX_PROXIES: Final = 20
"""Further addresses to the left are not read, so that thousands of them cost nothing."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a request comes from, in a form that can be kept and shown."""

    user_agent: str | None
    address: Address | None
    is_shared: bool = False
    """Whether anybody may have this address: it is this machine's, or that of a proxy which nobody has named.

    Counting by it would let one attacker lock out everybody.
    """


class Addresses:
    """Finds the client's address. `X-Forwarded-For` is believed only from the proxies that are trusted."""

    def __init__(self, trusted: Sequence[Network]) -> None:
        self._trusted = trusted
        self._warned = False

    def origin_of(self, scope: Mapping[str, Any]) -> Origin:
        """The origin of the request with this ASGI scope."""
        user_agent = next((value for name, value in scope["headers"] if name == b"user-agent"), b"").decode("latin-1")
        printable = "".join(each for each in user_agent[:MAX_USER_AGENT] if each.isprintable())
        address, is_proxy = self._find(scope)
        return Origin(printable or None, address, is_proxy or (address is not None and address.is_loopback))

    def of(self, scope: Mapping[str, Any]) -> Address | None:
        """The address of the client with this ASGI scope; None if there is no network between."""
        return self._find(scope)[0]

    def network_of(self, scope: Mapping[str, Any]) -> str | None:
        """The client's network; None if anybody may be in it."""
        address, is_proxy = self._find(scope)
        return None if address is None or is_proxy or address.is_loopback else network_of(address)

    def _find(self, scope: Mapping[str, Any]) -> tuple[Address | None, bool]:
        """The client's address, and whether it is that of a proxy which nobody has named."""
        client = scope.get("client")
        peer = _parse(client[0]) if client else None
        forwarded = b",".join(value for name, value in scope["headers"] if name == b"x-forwarded-for")
        if peer is None or not forwarded:
            return peer, False
        if not self._trusts(peer):
            # Where no proxy is named, a forwarded request from one's own network has come through one.
            is_proxy = not self._trusted and not peer.is_global
            self._warn(is_proxy=is_proxy)
            return peer, is_proxy
        return self._forwarded(peer, forwarded), False

    def _forwarded(self, peer: Address, forwarded: bytes) -> Address:
        found: Address = peer
        # Each proxy adds to the right the address that it heard from. To the left of the first address that is not
        # trusted, anybody may have written anything.
        for each in reversed(forwarded.decode("latin-1").rsplit(",", MAX_PROXIES)[-MAX_PROXIES:]):
            address = _parse(each.strip())
            if address is None:
                return peer
            found = address
            if not self._trusts(found):
                break
        return found

    def _trusts(self, address: Address) -> bool:
        return any(address in network for network in self._trusted)

    def _warn(self, *, is_proxy: bool) -> None:
        if not self._warned:
            self._warned = True
            logger.warning(
                "X-Forwarded-For came from an address that TRUSTED_PROXIES does not name, and was not believed. "
                "If it was your proxy, name it: until then %s.",
                "nobody behind it is throttled by network"
                if is_proxy
                else "all clients behind it are throttled as one",
            )


def network_of(address: Address) -> str:
    """The network that an address stands for: an IPv4 address, or the /64 of an IPv6 address.

    A provider gives each customer a /64 at least, and its customer has all of its addresses.
    """
    if isinstance(address, IPv4Address):
        return str(address)
    return str(IPv6Network((int(address) >> 64 << 64, 64)))


def _parse(text: str) -> Address | None:
    with_port = _WITH_PORT.fullmatch(text)
    try:
        address = ip_address(text if with_port is None else with_port[1] or with_port[2])
    except ValueError:
        return None
    if isinstance(address, IPv6Address):
        # An IPv4 client of a socket that speaks both is an IPv4 client. A zone is this machine's own affair.
        return address.ipv4_mapped or IPv6Address(int(address))
    return address

"""Endpoints: the address at which a push service takes the messages for one browser (RFC 8030, section 4).

A user sends it, and this server connects to it. So it is taken apart here, once and strictly, and never read again by anything
that might understand it otherwise.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Final

from doable.errors import PushHostRefused
from doable.settings import PushHost

MAX_ENDPOINT: Final = 2000

MAX_HOST: Final = 253

# As browsers write a URL: without a user, and in characters that need no second look (RFC 3986, section 2).
_LABEL: Final = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_ENDPOINT: Final = re.compile(
    rf"(?P<scheme>https?)://(?P<host>{_LABEL}(?:\.{_LABEL})*|\[[0-9a-f:.]+\])(?::(?P<port>[1-9][0-9]{{0,4}}))?"
    r"(?P<target>/[A-Za-z0-9._~:/?\[\]@!$&'()*+,;=%-]*)",
    re.ASCII,
)
_PORTS: Final = {"http": 80, "https": 443}

_NAT64: Final = IPv6Network("64:ff9b::/96")
_UNICAST: Final = IPv6Network("2000::/3")


@dataclass(frozen=True, slots=True)
class Endpoint:
    """The parts of an endpoint whose host is one of `PUSH_HOSTS`."""

    scheme: str
    host: str
    port: int
    target: str
    service: PushHost
    """The setting's entry that allows it."""

    @property
    def authority(self) -> str:
        """Host and port, as in `Host`."""
        return self.host if self.port == _PORTS[self.scheme] else f"{self.host}:{self.port}"

    @property
    def origin(self) -> str:
        """Whom a token for the service is for (RFC 8292, section 2)."""
        return f"{self.scheme}://{self.authority}"

    def may_be_at(self, address: str) -> bool:
        """Whether it is connected to at this address: the host's name may be made to lead anywhere."""
        found = ip_address(address)
        return found.is_loopback if self.service.is_loopback else is_public(found)


def endpoint_of(text: str, hosts: Sequence[PushHost]) -> Endpoint:
    """The parts of this endpoint. Raises PushHostRefused, which repeats nothing of it."""
    found = _ENDPOINT.fullmatch(text) if len(text) <= MAX_ENDPOINT else None
    if found is None or len(found["host"]) > MAX_HOST:
        raise PushHostRefused
    scheme, host = found["scheme"], found["host"]
    port = int(found["port"] or _PORTS[scheme])
    for service in hosts:
        if _is_of(service, host) and service.port == port and (scheme == "https" or service.is_loopback):
            return Endpoint(scheme, host, port, found["target"], service)
    raise PushHostRefused


def _is_of(service: PushHost, host: str) -> bool:
    return host.endswith(f".{service.name}") if service.below else host == service.name


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Whether it is a host's of the internet, and of no network of somebody's own, however it is written down in IPv6."""
    if isinstance(address, IPv6Address):
        inside = address.ipv4_mapped or address.sixtofour
        if address in _NAT64:
            inside = IPv4Address(int(address) & 0xFFFF_FFFF)
        if inside is not None:
            return is_public(inside)
        if address not in _UNICAST:
            return False
    return address.is_global and not address.is_multicast

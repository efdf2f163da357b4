"""The address of a client: which proxies' X-Forwarded-For is believed, and how it is read."""

from contextlib import closing
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any

import httpx
import pytest

from doable.throttling.addresses import Addresses, network_of
from support.logs import lines
from support.server import Server
from support.users import PASSWORD, User

PROXY = "10.0.0.1"


def address_of(peer: str | None, *forwarded: str, trusted: str = "10.0.0.0/8 fd00::/8") -> str | None:
    scope: dict[str, Any] = {
        "client": None if peer is None else (peer, 50_000),
        "headers": [(b"host", b"a"), *((b"x-forwarded-for", each.encode("latin-1")) for each in forwarded)],
    }
    found = Addresses([ip_network(each) for each in trusted.split()]).of(scope)
    return None if found is None else str(found)


@pytest.mark.parametrize(
    ("forwarded", "expected"),
    [
        (["192.0.2.1"], "192.0.2.1"),
        (["  192.0.2.1\t"], "192.0.2.1"),
        (["2001:db8::1"], "2001:db8::1"),
        (["::ffff:192.0.2.1"], "192.0.2.1"),
        (["192.0.2.1:1234"], "192.0.2.1"),
        (["[2001:db8::1]:1234"], "2001:db8::1"),
        (["[2001:db8::1]"], "2001:db8::1"),
        (["fe80::1%eth0"], "fe80::1"),
        # What is left of the first that nobody trusts was written by anybody.
        (["203.0.113.9, 192.0.2.1"], "192.0.2.1"),
        (["nonsense, 192.0.2.1"], "192.0.2.1"),
        (["203.0.113.9, 192.0.2.1, 10.9.9.9, ::ffff:10.1.1.1, fd00::1"], "192.0.2.1"),
        (["203.0.113.9, 192.0.2.1", "10.9.9.9"], "192.0.2.1"),
        (["10.9.9.9", "203.0.113.9, 192.0.2.1"], "192.0.2.1"),
        # A chain is as long as a network may be; of thousands most are not read.
        (["203.0.113.9, " * 6000 + "192.0.2.1" + ", 10.9.9.9" * 19], "192.0.2.1"),
        (["nonsense," * 6000 + ",".join(["10.9.9.9"] * 20)], "10.9.9.9"),
        # A client of one's own network.
        (["10.3.3.3, 10.2.2.2"], "10.3.3.3"),
        # What is malformed says nothing.
        ([""], PROXY),
        (["unknown"], PROXY),
        (["192.0.2.1,"], PROXY),
        (["192.0.2.1, _hidden"], PROXY),
        (["192.0.2.1, nonsense, 10.9.9.9"], PROXY),
        (["192.0.2.256"], PROXY),
        (["192.0.2.1 192.0.2.2"], PROXY),
        (["192.0.2.1:port"], PROXY),
        (["[192.0.2.1"], PROXY),
        (["3221225985"], PROXY),
        (["\xff"], PROXY),
    ],
)
def test_a_trusted_proxy_says_whom_it_heard_from(forwarded: list[str], expected: str) -> None:
    assert address_of(PROXY, *forwarded) == expected
    assert address_of(f"::ffff:{PROXY}", *forwarded) == expected


def test_nobody_else_is_believed() -> None:
    assert address_of("192.0.2.7", "203.0.113.9") == "192.0.2.7"
    assert address_of("::ffff:192.0.2.7", "203.0.113.9") == "192.0.2.7"
    assert address_of("127.0.0.1", "203.0.113.9", trusted="") == "127.0.0.1"
    assert address_of("2001:db8::7", "203.0.113.9") == "2001:db8::7"
    assert address_of(PROXY) == PROXY


@pytest.mark.parametrize(
    ("peer", "forwarded", "trusted", "shared"),
    [
        ("127.0.0.1", None, "", True),
        ("10.0.0.1", None, "", False),
        ("10.0.0.1", "192.0.2.1", "", True),
        ("::ffff:172.17.0.1", "192.0.2.1", "", True),
        ("100.64.0.1", "192.0.2.1", "", True),
        ("fd00::1", "192.0.2.1", "", True),
        # Whoever comes from the Internet writes what he likes.
        ("8.8.8.8", "192.0.2.1", "", False),
        # Who names a proxy has named all of them.
        ("10.0.0.1", "192.0.2.1", "10.0.0.2", False),
        ("10.0.0.1", "192.0.2.1", "10.0.0.1", False),
        ("10.0.0.1", "127.0.0.1", "10.0.0.1", True),
    ],
)
def test_behind_a_proxy_that_nobody_has_named_everybody_may_have_its_address(
    peer: str, forwarded: str | None, trusted: str, *, shared: bool
) -> None:
    scope: dict[str, Any] = {"client": (peer, 50_000), "headers": []}
    if forwarded is not None:
        scope["headers"] = [(b"x-forwarded-for", forwarded.encode())]
    assert Addresses([ip_network(each) for each in trusted.split()]).origin_of(scope).is_shared is shared


@pytest.mark.parametrize("peer", [None, "a socket"])
def test_without_a_network_there_is_none(peer: str | None) -> None:
    assert address_of(peer, "203.0.113.9") is None


@pytest.mark.parametrize(
    ("one", "another", "same"),
    [
        ("192.0.2.1", "192.0.2.2", False),
        ("2001:db8::1", "2001:db8::ffff:ffff:ffff:ffff", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
    ],
)
def test_of_an_ipv6_address_the_64_counts(one: str, another: str, *, same: bool) -> None:
    assert (network_of(ip_address(one)) == network_of(ip_address(another))) is same


def log_in(server: Server, email: str, forwarded: str) -> str:
    """The address that the session is shown with."""
    with httpx.Client(base_url=server.url, timeout=30, headers={"X-Forwarded-For": forwarded}) as client:
        answer = client.post("/api/auth/login", json={"email": email, "password": PASSWORD})
        token = answer.raise_for_status().json()["access_token"]
        answer = client.get("/api/auth/sessions", headers={"Authorization": f"Bearer {token}"})
    address: str = next(each["address"] for each in answer.json()["sessions"] if each["current"])
    return address


def warnings(server: Server) -> list[str]:
    return [line["event"] for line in lines(server) if "TRUSTED_PROXIES" in line["event"]]


def test_the_list_of_sessions_has_the_clients_address(tmp_path: Path) -> None:
    with Server(tmp_path, TRUSTED_PROXIES="10.0.0.0/8, 127.0.0.1") as server, closing(User(server.url)) as alice:
        assert log_in(server, alice.email, "203.0.113.9, 192.0.2.1, 10.1.2.3") == "192.0.2.1"
        assert log_in(server, alice.email, "nonsense") == "127.0.0.1"
        assert warnings(server) == []


def test_serve_warns_once_of_a_proxy_that_is_not_named(tmp_path: Path) -> None:
    with Server(tmp_path, TRUSTED_PROXIES="10.0.0.0/8") as server, closing(User(server.url)) as alice:
        assert warnings(server) == []
        for _ in range(3):
            assert log_in(server, alice.email, "192.0.2.1") == "127.0.0.1"
        assert len(warnings(server)) == 1
        assert "throttled as one" in warnings(server)[0]
        assert "192.0.2.1" not in server.log


def test_serve_says_what_is_not_counted_behind_a_proxy_that_nobody_has_named(tmp_path: Path) -> None:
    with Server(tmp_path) as server, closing(User(server.url)) as alice:
        log_in(server, alice.email, "192.0.2.1")
        assert ["nobody behind it is throttled" in each for each in warnings(server)] == [True]

"""THROTTLE_SIGNUP: how many sign-ups a network may try."""

import uuid
from collections.abc import Iterator
from contextlib import closing

import httpx
import pytest

from support.clocks import ClockServer
from support.users import PASSWORD, TLS, User, assert_error

TOO_MANY = 429, "too_many_requests"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ClockServer]:
    """Which database it counts in is for test_throttle_login.py to show."""
    settings = {"TRUSTED_PROXIES": "127.0.0.1", "THROTTLE_SIGNUP": "3/hour"}
    with ClockServer(tmp_path_factory.mktemp("signup"), **settings) as running:
        yield running


def sign_up(server: ClockServer, address: str, email: str | None = None) -> httpx.Response:
    body = {"email": email or f"{uuid.uuid4().hex}@example.com", "password": PASSWORD}
    headers = {"X-Forwarded-For": address}
    return httpx.post(f"{server.url}/api/auth/signup", json=body, headers=headers, timeout=60, verify=TLS)


def test_a_network_signs_up_so_often(server: ClockServer, email: str) -> None:
    for _ in range(3):
        assert sign_up(server, "192.0.2.1").status_code == 201
    answer = sign_up(server, "192.0.2.1", email)
    assert_error(answer, *TOO_MANY)
    assert 0 < int(answer.headers["retry-after"]) <= 3600
    # Nothing came of it.
    assert sign_up(server, "192.0.2.2", email).status_code == 201


def test_who_tries_out_which_addresses_are_taken_is_counted(server: ClockServer) -> None:
    with closing(User(server.url)) as alice:
        for _ in range(3):
            assert_error(sign_up(server, "192.0.2.3", alice.email), 409, "email_taken")
        assert_error(sign_up(server, "192.0.2.3", alice.email), *TOO_MANY)


def test_what_is_no_sign_up_is_not_counted(server: ClockServer) -> None:
    for _ in range(5):
        assert_error(sign_up(server, "192.0.2.4", "nonsense"), 422, "validation_error")
    assert sign_up(server, "192.0.2.4").status_code == 201


def test_an_ipv6_network_is_one(server: ClockServer) -> None:
    for last in range(3):
        assert sign_up(server, f"2001:db8:0:7::{last}").status_code == 201
    assert_error(sign_up(server, "2001:db8:0:7:ffff::"), *TOO_MANY)
    assert sign_up(server, "2001:db8:0:8::").status_code == 201


def test_it_ends(server: ClockServer) -> None:
    while sign_up(server, "192.0.2.5").status_code == 201:
        pass
    server.move(int(sign_up(server, "192.0.2.5").headers["retry-after"]) + 1)
    assert sign_up(server, "192.0.2.5").status_code == 201


@pytest.mark.parametrize("address", ["127.0.0.1", "127.7.7.7", "::1", "::ffff:127.0.0.1"])
def test_this_machine_may_sign_up_as_often_as_it_likes(server: ClockServer, address: str) -> None:
    for _ in range(4):
        assert sign_up(server, address).status_code == 201

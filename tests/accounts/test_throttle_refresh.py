"""THROTTLE_REFRESH: how many refresh tokens that are not good a network may send."""

from collections.abc import Iterator

import httpx
import pytest

from support.clocks import ClockServer
from support.users import PASSWORD, TLS, assert_error

INVALID = 401, "refresh_token_invalid"
TOO_MANY = 429, "too_many_requests"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ClockServer]:
    """Which database it counts in is for test_throttle_login.py to show."""
    settings = {"TRUSTED_PROXIES": "127.0.0.1", "THROTTLE_REFRESH": "3/minute"}
    with ClockServer(tmp_path_factory.mktemp("refresh"), **settings) as running:
        yield running


def refresh(server: ClockServer, token: str, address: str) -> httpx.Response:
    body, headers = {"refresh_token": token}, {"X-Forwarded-For": address}
    return httpx.post(f"{server.url}/api/auth/refresh", json=body, headers=headers, timeout=60, verify=TLS)


@pytest.fixture
def token(server: ClockServer, email: str) -> str:
    """A refresh token that is good."""
    body = {"email": email, "password": PASSWORD}
    found: str = httpx.post(f"{server.url}/api/auth/signup", json=body, timeout=60).json()["refresh_token"]
    return found


def test_a_network_fails_so_often(server: ClockServer, token: str) -> None:
    for _ in range(3):
        assert_error(refresh(server, "nonsense", "192.0.2.1"), *INVALID)
    answer = refresh(server, token, "192.0.2.1")
    assert_error(answer, *TOO_MANY)
    assert 0 < int(answer.headers["retry-after"]) <= 60
    # The token was not used, and is good elsewhere, and here when the minute is over.
    token = refresh(server, token, "192.0.2.2").json()["refresh_token"]
    server.move(61)
    assert refresh(server, token, "192.0.2.1").status_code == 200


def test_what_is_good_is_not_counted(server: ClockServer, token: str) -> None:
    for _ in range(5):
        answer = refresh(server, token, "192.0.2.3")
        assert answer.status_code == 200
        token = answer.json()["refresh_token"]


def test_this_machine_is_not_counted(server: ClockServer, token: str) -> None:
    for _ in range(5):
        assert_error(refresh(server, "nonsense", "127.0.0.1"), *INVALID)
    assert refresh(server, token, "127.0.0.1").status_code == 200


def test_the_addresses_in_mails_are_counted_as_well(server: ClockServer) -> None:
    def look(token: str) -> httpx.Response:
        url, headers = f"{server.url}/unsubscribe/{token}", {"X-Forwarded-For": "192.0.2.4"}
        return httpx.get(url, headers=headers, timeout=60, verify=TLS)

    for _ in range(3):
        assert_error(look("nonsense"), 404, "unsubscribing_not_found")
    assert_error(look("nonsense"), *TOO_MANY)

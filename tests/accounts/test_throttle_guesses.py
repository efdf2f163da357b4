"""THROTTLE_GUESSES: how many wrong passwords a network may send, whichever accounts they are for."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from ipaddress import ip_address, ip_network
from pathlib import Path

import httpx
import pytest

from doable.database import open_database
from doable.errors import RefreshTokenInvalid, TooManyRequests, WrongCredentials
from doable.settings.limits import Limit
from doable.throttling.addresses import Addresses, Origin
from doable.throttling.throttle import Throttle
from support import schema
from support.clocks import ClockServer
from support.users import PASSWORD, TLS, User, assert_error

WRONG = 401, "wrong_credentials"
TOO_MANY = 429, "too_many_requests"
LIMIT = 4


@pytest.fixture(scope="module")
def server(
    migrated_database_settings: Callable[[], dict[str, str]], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ClockServer]:
    settings = {"TRUSTED_PROXIES": "127.0.0.1", "THROTTLE_GUESSES": f"{LIMIT}/15minutes"}
    folder = tmp_path_factory.mktemp("guesses")
    with ClockServer(folder, **migrated_database_settings(), **settings) as running:
        yield running


@pytest.fixture
def alice(server: ClockServer) -> Iterator[User]:
    with closing(User(server.url)) as user:
        yield user


def log_in(server: ClockServer, email: str, password: str, address: str) -> httpx.Response:
    body, headers = {"email": email, "password": password}, {"X-Forwarded-For": address}
    return httpx.post(f"{server.url}/api/auth/login", json=body, headers=headers, timeout=60, verify=TLS)


def spray(server: ClockServer, address: str) -> None:
    for number in range(LIMIT):
        assert_error(log_in(server, f"{number}@example.com", "a wrong one", address), *WRONG)


def test_one_guess_at_each_of_many_accounts(server: ClockServer, alice: User) -> None:
    here, elsewhere = "192.0.2.1", "192.0.2.2"
    spray(server, here)
    refused = log_in(server, "somebody@example.com", "a wrong one", here)
    assert_error(refused, *TOO_MANY)
    assert 0 < int(refused.headers["retry-after"]) <= 15 * 60
    # A right one is not told from it, and is right elsewhere, and here when the time is over.
    assert_error(log_in(server, alice.email, PASSWORD, here), *TOO_MANY)
    assert log_in(server, alice.email, PASSWORD, elsewhere).status_code == 200
    server.move(15 * 60 + 1)
    assert log_in(server, alice.email, PASSWORD, here).status_code == 200


def test_what_is_right_is_not_counted_and_clears_nothing(server: ClockServer, alice: User) -> None:
    here = "192.0.2.3"
    for _ in range(LIMIT + 1):
        assert log_in(server, alice.email, PASSWORD, here).status_code == 200
    for number in range(LIMIT):
        assert_error(log_in(server, f"{number}@example.com", "a wrong one", here), *WRONG)
        if number < LIMIT - 1:
            assert log_in(server, alice.email, PASSWORD, here).status_code == 200
    assert_error(log_in(server, alice.email, PASSWORD, here), *TOO_MANY)


def test_whoever_is_logged_in_does_not_notice(server: ClockServer, alice: User) -> None:
    here = {"X-Forwarded-For": "192.0.2.4"}
    spray(server, here["X-Forwarded-For"])
    assert alice.get(alice.tasks, headers=here).status_code == 200
    assert alice.post("/api/auth/refresh", json={"refresh_token": alice.refresh_token}, headers=here).status_code == 200
    # But the password is asked for here as well.
    change = {"current_password": PASSWORD, "new_password": f"{PASSWORD}!"}
    assert_error(alice.post("/api/auth/password", json=change, headers=here), *TOO_MANY)


def test_a_wrong_one_counts_wherever_it_is_asked_for(server: ClockServer, alice: User) -> None:
    here = {"X-Forwarded-For": "192.0.2.5"}
    for _ in range(LIMIT):
        wrong = alice.request("DELETE", "/api/auth/me", json={"password": "a wrong one"}, headers=here)
        assert_error(wrong, 403, "wrong_password")
    assert_error(log_in(server, "somebody@example.com", "a wrong one", here["X-Forwarded-For"]), *TOO_MANY)


def test_a_right_one_among_many_at_one_instant(
    migrated_database_settings: Callable[[], dict[str, str]], data: Path
) -> None:
    """It was let in to be hashed before the wrong ones were counted, and is looked at again after."""
    origin, limit = Origin(None, ip_address("192.0.2.6")), Limit(LIMIT, timedelta(minutes=15))

    async def guess(throttle: Throttle, name: str) -> None:
        async with throttle.password(name, origin):
            raise WrongCredentials

    async def right_while_one_is_wrong(throttle: Throttle) -> None:
        async with throttle.password("right@example.com", origin):
            with pytest.raises(WrongCredentials):
                await guess(throttle, "last@example.com")

    async def guesses() -> None:
        settings = schema.settings_of({"DATA_DIR": str(data), **migrated_database_settings()})
        async with open_database(settings) as database:
            throttle = Throttle(database, {"guesses": limit})
            for each in range(LIMIT - 1):
                with pytest.raises(WrongCredentials):
                    await guess(throttle, f"{each}@example.com")
            async with throttle.password("right@example.com", origin):
                pass
            with pytest.raises(TooManyRequests):
                await right_while_one_is_wrong(throttle)

    asyncio.run(guesses())


def test_nobody_is_locked_out_by_others_behind_a_proxy_that_nobody_has_named(data: Path) -> None:
    """By none of the counts of a network alone."""
    scope = {"client": ("10.0.0.1", 50_000), "headers": [(b"x-forwarded-for", b"192.0.2.6")]}
    shared, own = Addresses([]).origin_of(scope), Addresses([ip_network("10.0.0.1")]).origin_of(scope)
    limit = Limit(1, timedelta(minutes=15))

    async def attempt(throttle: Throttle, number: int, origin: Origin) -> None:
        with pytest.raises(WrongCredentials):
            async with throttle.password(f"{number}@example.com", origin):
                raise WrongCredentials
        with pytest.raises(RefreshTokenInvalid):
            async with throttle.token(origin, wrong=RefreshTokenInvalid):
                raise RefreshTokenInvalid
        await throttle.sign_up(origin)
        await throttle.reset(f"{number}@example.com", origin)

    async def attempts() -> None:
        async with open_database(schema.settings_of({"DATA_DIR": str(data)})) as database:
            throttle = Throttle(database, {"guesses": limit, "refresh": limit, "signup": limit, "mail": limit})
            for number in range(3):
                await attempt(throttle, number, shared)
            await attempt(throttle, 3, own)
            for refused in (
                throttle.sign_up(own),
                throttle.reset("4@example.com", own),
                attempt(throttle, 4, own),
            ):
                with pytest.raises(TooManyRequests):
                    await refused

    asyncio.run(attempts())


def test_this_machine_is_not_counted(server: ClockServer) -> None:
    spray(server, "127.0.0.1")
    assert_error(log_in(server, "somebody@example.com", "a wrong one", "127.0.0.1"), *WRONG)

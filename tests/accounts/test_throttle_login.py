"""THROTTLE_LOGIN: how many wrong passwords an account may have from one network."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from threading import Barrier

import httpx
import pytest

from conftest import NewServer
from doable.accounts.log_in import PasswordChecks
from doable.accounts.passwords import hashing as passwords_module
from doable.accounts.passwords.hashing import Passwords
from doable.accounts.users.repository import UserRepository
from doable.clock import now
from doable.database import Database, open_database
from doable.database.sqlite.driver import sqlite3
from doable.errors import TooManyRequests, Unavailable, WrongCredentials, WrongPassword
from doable.settings import Settings
from doable.settings.limits import Limit
from doable.throttling.addresses import Address, Addresses, Origin
from doable.throttling.throttle import Throttle, purge_attempts
from support.clocks import ClockServer
from support.mail import reset_token
from support.server import Server
from support.users import PASSWORD, TLS, User, assert_error

WRONG = 401, "wrong_credentials"
TOO_MANY = 429, "too_many_requests"
WRONG_PASSWORD = "a wrong one"
HERE, ELSEWHERE = "192.0.2.1", "203.0.113.9"
SETTINGS = {"TRUSTED_PROXIES": "127.0.0.1", "THROTTLE_LOGIN": "3/15minutes"}


@pytest.fixture(scope="module")
def server(
    migrated_database_settings: Callable[[], dict[str, str]], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ClockServer]:
    """A server that believes us about where we are, with a clock that can be moved."""
    with ClockServer(tmp_path_factory.mktemp("login"), **migrated_database_settings(), **SETTINGS) as running:
        yield running


@pytest.fixture
def alice(server: ClockServer) -> Iterator[User]:
    with closing(User(server.url)) as user:
        yield user


def log_in(server: Server, email: str, password: str = WRONG_PASSWORD, address: str = HERE) -> httpx.Response:
    body = {"email": email, "password": password}
    headers = {"X-Forwarded-For": address}
    return httpx.post(f"{server.url}/api/auth/login", json=body, headers=headers, timeout=60, verify=TLS)


def refuse(server: Server, email: str, address: str = HERE) -> None:
    """Log in wrongly until that is refused."""
    for _ in range(3):
        assert_error(log_in(server, email, address=address), *WRONG)
    assert_error(log_in(server, email, address=address), *TOO_MANY)


def test_after_so_many_wrong_ones_the_right_one_is_refused_too(server: ClockServer, alice: User) -> None:
    refuse(server, alice.email)
    answer = log_in(server, alice.email.upper(), PASSWORD)
    assert_error(answer, *TOO_MANY)
    assert 0 < int(answer.headers["retry-after"]) <= 900


def test_it_tells_nobody_whether_the_account_exists(server: ClockServer, alice: User, email: str) -> None:
    answers = []
    for each in (alice.email, email):
        refuse(server, each)
        answers.append(log_in(server, each))
    assert answers[0].content == answers[1].content
    assert set(answers[0].headers) == set(answers[1].headers)


def test_the_user_still_gets_in_from_elsewhere(server: ClockServer, alice: User) -> None:
    refuse(server, alice.email)
    assert log_in(server, alice.email, PASSWORD, ELSEWHERE).status_code == 200
    # Which does not help an attacker.
    assert_error(log_in(server, alice.email, PASSWORD), *TOO_MANY)


def test_other_accounts_of_the_network_are_left_alone(server: ClockServer, alice: User) -> None:
    refuse(server, alice.email)
    with closing(User(server.url)) as bob:
        assert log_in(server, bob.email, PASSWORD).status_code == 200


def test_an_ipv6_network_is_one(server: ClockServer, alice: User) -> None:
    for last in range(3):
        assert_error(log_in(server, alice.email, address=f"2001:db8:0:7::{last}"), *WRONG)
    assert_error(log_in(server, alice.email, address="2001:db8:0:7:ffff::"), *TOO_MANY)
    assert_error(log_in(server, alice.email, address="2001:db8:0:8::"), *WRONG)


def test_what_a_client_claims_is_no_other_network(server: ClockServer, alice: User) -> None:
    for number in range(3):
        assert_error(log_in(server, alice.email, address=f"198.51.100.{number}, {HERE}"), *WRONG)
    assert_error(log_in(server, alice.email, address=f"198.51.100.9, {HERE}"), *TOO_MANY)


def test_a_success_begins_anew(server: ClockServer, alice: User) -> None:
    for _ in range(3):
        for _ in range(2):
            assert_error(log_in(server, alice.email), *WRONG)
        assert log_in(server, alice.email, PASSWORD).status_code == 200
    refuse(server, alice.email)


def test_a_reset_begins_anew_where_it_was_done(server: ClockServer, alice: User) -> None:
    for address in (HERE, ELSEWHERE):
        refuse(server, alice.email, address)
    assert httpx.post(f"{server.url}/api/auth/password/forgot", json={"email": alice.email}, verify=TLS).is_success
    body = {"token": reset_token(server, alice.email), "new_password": "a new password of hers"}
    headers = {"X-Forwarded-For": HERE}
    url = f"{server.url}/api/auth/password/reset"
    assert httpx.post(url, json=body, headers=headers, verify=TLS).status_code == 204
    assert log_in(server, alice.email, body["new_password"]).status_code == 200
    assert_error(log_in(server, alice.email, body["new_password"], ELSEWHERE), *TOO_MANY)


def test_it_ends_when_it_says(server: ClockServer, alice: User) -> None:
    refuse(server, alice.email)
    seconds = int(log_in(server, alice.email).headers["retry-after"])
    server.move(seconds - 200)
    assert_error(log_in(server, alice.email, PASSWORD), *TOO_MANY)
    server.move(201)
    refuse(server, alice.email)


def test_of_64_guesses_at_one_instant_no_more_get_through(server: ClockServer, alice: User) -> None:
    together = Barrier(64)

    def guess(_: int) -> int:
        together.wait(timeout=60)
        return log_in(server, alice.email).status_code

    with ThreadPoolExecutor(64) as threads:
        assert Counter(threads.map(guess, range(64))) == {401: 3, 429: 61}


def test_right_ones_at_one_instant_are_not_refused(server: ClockServer, alice: User) -> None:
    together = Barrier(6)

    def enter(_: int) -> int:
        together.wait(timeout=60)
        return log_in(server, alice.email, PASSWORD).status_code

    with ThreadPoolExecutor(6) as threads:
        assert Counter(threads.map(enter, range(6))) == {200: 6}


def test_workers_and_restarts_share_it(new_server: NewServer, email: str) -> None:
    with new_server("--workers", "2", **{**SETTINGS, "THROTTLE_LOGIN": "4/hour"}) as server:
        together = Barrier(32)

        def guess(_: int) -> int:
            together.wait(timeout=60)
            return log_in(server, email).status_code

        with ThreadPoolExecutor(32) as threads:
            assert Counter(threads.map(guess, range(32))) == {401: 4, 429: 28}
        server.kill()
        server.start()
        assert_error(log_in(server, email), *TOO_MANY)
        assert_error(log_in(server, email, address=ELSEWHERE), *WRONG)


def test_it_can_be_turned_off(tmp_path: Path, email: str) -> None:
    with Server(tmp_path, THROTTLE_LOGIN="off") as server:
        for _ in range(12):
            assert_error(log_in(server, email), *WRONG)


def test_nobody_needs_a_setting(tmp_path: Path, email: str) -> None:
    with Server(tmp_path) as server:
        answers = [log_in(server, email).status_code for _ in range(12)]
        assert answers == [401] * 10 + [429] * 2


def checks(data: Path, test: Callable[[Database, PasswordChecks], Awaitable[None]], limit: str = "3/15minutes") -> None:
    """Run a test with the checks of one user's passwords."""

    async def run() -> None:
        passwords = Passwords()
        async with open_database(Settings(_env_file=None, data_dir=data)) as database:
            users = UserRepository(database)
            add = users.add(email="alice@example.com", name="Alice", password_hash=await passwords.hash(PASSWORD))
            await database.write(add)
            await test(
                database, PasswordChecks(database, users, passwords, Throttle(database, {"login": Limit.parse(limit)}))
            )
        passwords.close()

    asyncio.run(run())


def origin(address: str) -> Origin:
    return Origin(None, _address(address))


def _address(address: str) -> Address | None:
    return Addresses([]).of({"client": (address, 1), "headers": []})


def test_every_other_check_of_a_password_counts_into_the_same(data: Path) -> None:
    async def test(_database: Database, checks: PasswordChecks) -> None:
        user = await checks.authenticate("alice@example.com", PASSWORD, origin(HERE))
        for _ in range(2):
            with pytest.raises(WrongPassword):
                await checks.confirm(user["id"], WRONG_PASSWORD, origin(HERE))
        with pytest.raises(WrongCredentials):
            await checks.authenticate("alice@example.com", WRONG_PASSWORD, origin(HERE))
        with pytest.raises(TooManyRequests):
            await checks.confirm(user["id"], PASSWORD, origin(HERE))
        with pytest.raises(TooManyRequests):
            await checks.authenticate("alice@example.com", PASSWORD, origin(HERE))
        assert await checks.confirm(user["id"], PASSWORD, origin(ELSEWHERE)) == user

    checks(data, test)


def test_what_was_never_looked_at_does_not_count(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def test(_database: Database, checks: PasswordChecks) -> None:
        with monkeypatch.context() as full:
            full.setattr(passwords_module, "MAX_WAIT_SECONDS", -1.0)
            for _ in range(5):
                with pytest.raises(Unavailable):
                    await checks.authenticate("alice@example.com", PASSWORD, origin(HERE))
        for _ in range(3):
            with pytest.raises(WrongCredentials):
                await checks.authenticate("alice@example.com", WRONG_PASSWORD, origin(HERE))
        with pytest.raises(TooManyRequests):
            await checks.authenticate("alice@example.com", PASSWORD, origin(HERE))

    checks(data, test)


def execute(data: Path, statement: str) -> list[tuple[object, ...]]:
    """Run it past Doable."""
    with closing(sqlite3.connect(data / "doable.db", isolation_level=None)) as connection:
        return connection.execute(statement).fetchall()


def test_what_has_ended_is_purged(data: Path) -> None:
    async def test(database: Database, checks: PasswordChecks) -> None:
        for address in (HERE, ELSEWHERE):
            with pytest.raises(WrongCredentials):
                await checks.authenticate("alice@example.com", WRONG_PASSWORD, origin(address))
        first = "(SELECT min(key) FROM attempts)"
        ended = f"UPDATE attempts SET ends_at = '{now():%Y-%m-%dT%H:%M:%S.%fZ}' WHERE key = {first}"  # noqa: S608 - our own
        execute(data, ended)
        before = execute(data, "SELECT max(key) FROM attempts")
        await purge_attempts(database)
        rows = execute(data, "SELECT key FROM attempts")
        assert rows == before
        assert "alice" not in str(rows)
        assert HERE not in str(rows)

    checks(data, test)

"""A log-in that meets the end of what it is for: it is refused, and leaves no session."""

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Event, Lock
from typing import Any

import httpx
import pytest
from argon2 import PasswordHasher

from doable.settings import Settings
from support import schema
from support.server import Server, doable
from support.sessions import assert_in, assert_out
from support.users import PASSWORD, TLS, User, assert_error

CLIENTS = 8
NEW_PASSWORD = "another horse, another battery"


@pytest.fixture
def settings(server: Server) -> Settings:
    """Those of the server, to look at its database and write to it past the server."""
    return schema.settings_of(server)


class LogIns:
    """Clients that log in one time after the other, until they are told to end."""

    def __init__(self, user: User) -> None:
        self._user = user
        self._lock = Lock()
        self.answers: list[httpx.Response] = []
        self.opened = Event()
        self.enough = Event()

    def log_in(self) -> None:
        with httpx.Client(base_url=self._user.base_url, timeout=60, verify=TLS) as client:
            while not self.enough.is_set():
                credentials = {"email": self._user.email, "password": PASSWORD}
                answer = client.post("/api/auth/login", json=credentials)
                with self._lock:
                    self.answers.append(answer)
                if answer.status_code == 200:
                    self.opened.set()

    def statuses(self) -> Counter[int]:
        return Counter(answer.status_code for answer in self.answers)


@contextmanager
def logging_in(user: User) -> Iterator[LogIns]:
    """While it lasts the clients log in, and some have. After it, all are answered."""
    log_ins = LogIns(user)
    with ThreadPoolExecutor(CLIENTS) as threads:
        running = [threads.submit(log_ins.log_in) for _ in range(CLIENTS)]
        try:
            assert log_ins.opened.wait(timeout=60)
            yield log_ins
        finally:
            log_ins.enough.set()
        for each in running:
            each.result(timeout=60)


def sessions_of(settings: Settings, user: User) -> list[dict[str, Any]]:
    contents = schema.contents(settings)
    return [row for row in contents["sessions"] if str(row["user_id"]) == user.id]


def assert_refused_or_in(log_ins: LogIns) -> None:
    # The first ten are refused for what they are, and later ones for how many there were.
    assert {200, 401} <= set(log_ins.statuses()) <= {200, 401, 429}, log_ins.statuses()
    for answer in log_ins.answers:
        if answer.status_code == 401:
            assert_error(answer, 401, "wrong_credentials")


def test_with_the_users_removal(server: Server, settings: Settings, guest: httpx.Client, alice: User) -> None:
    with logging_in(alice) as log_ins:
        removed = doable("users", "remove", alice.email, "--yes", cwd=server.folder, **server.settings)
        assert removed.returncode == 0, removed.stderr
    assert_refused_or_in(log_ins)
    assert sessions_of(settings, alice) == []
    assert_error(guest.get("/api/auth/me", headers=alice.headers), 401, "unauthenticated")


def test_with_a_change_of_the_password(settings: Settings, guest: httpx.Client, alice: User) -> None:
    """Who changes a password ends every session with it; one that is about to begin must not stay."""
    new_hash = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1).hash(NEW_PASSWORD)
    with logging_in(alice) as log_ins:
        schema.execute(
            settings,
            f"UPDATE users SET password_hash = '{new_hash}' WHERE id = '{alice.id}'",  # noqa: S608 - a hash and a UUID
            f"DELETE FROM sessions WHERE user_id = '{alice.id}'",  # noqa: S608 - a UUID of ours
        )
    assert_refused_or_in(log_ins)
    assert sessions_of(settings, alice) == []
    tokens = [answer.json() for answer in log_ins.answers if answer.status_code == 200]
    for each in tokens:
        assert_error(
            guest.post("/api/auth/refresh", json={"refresh_token": each["refresh_token"]}),
            *(401, "refresh_token_invalid"),
        )
    new = guest.post("/api/auth/login", json={"email": alice.email, "password": NEW_PASSWORD})
    assert new.status_code == 200
    assert len(sessions_of(settings, alice)) == 1


@pytest.fixture
def outdate(settings: Settings) -> Callable[[User], None]:
    """Gives the user a hash of the same password, made with less than today's parameters."""

    def outdate(user: User) -> None:
        weak = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
        schema.execute(settings, f"UPDATE users SET password_hash = '{weak}' WHERE id = '{user.id}'")  # noqa: S608 - as above

    return outdate


def test_with_another_that_replaces_an_outdated_hash(
    settings: Settings, guest: httpx.Client, alice: User, outdate: Callable[[User], None]
) -> None:
    """Each verifies the old hash and makes a new one; all have the right password."""
    outdate(alice)
    with logging_in(alice) as log_ins:
        pass
    assert set(log_ins.statuses()) == {200}
    assert_in(guest, *(answer.json() for answer in log_ins.answers))
    assert len(sessions_of(settings, alice)) == len(log_ins.answers) + 1
    (user,) = (row for row in schema.rows_of(settings, "users") if str(row["id"]) == alice.id)
    assert user["password_hash"].startswith("$argon2id$v=19$m=19456,t=2,p=1$")


def test_with_the_end_of_all_others(settings: Settings, guest: httpx.Client, alice: User) -> None:
    """One that is answered after that one was answered lives, and one before it does not."""
    with logging_in(alice) as log_ins:
        before = [answer.json() for answer in list(log_ins.answers)]
        assert alice.delete("/api/auth/sessions").status_code == 204
    assert set(log_ins.statuses()) == {200}
    assert_out(guest, *before)
    listed = alice.get("/api/auth/sessions").json()["sessions"]
    stored = sessions_of(settings, alice)
    assert {session["id"] for session in listed} == {str(row["id"]) for row in stored}

"""A user has the newest 100 sessions, and ending more than that goes in slices."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier
from typing import Any

import httpx
import pytest
from sqlalchemy import Connection, insert

from doable.accounts.tables import sessions
from doable.database.pages import SLICE
from doable.database.types import instant_to_text
from support import schema
from support.server import Server
from support.sessions import assert_in, assert_out, bearer, log_in, refreshed, session_id_of
from support.users import TLS, User

URL = "/api/auth/sessions"
MAX = 100

AddSessions = Callable[[User, int], list[str]]


@pytest.fixture
def add_sessions(server: Server) -> AddSessions:
    """Gives a user so many sessions, each newer than the one before and all older than one that is opened now."""

    def add(user: User, count: int) -> list[str]:
        def write(connection: Connection) -> list[str]:
            def instant(of: datetime) -> Any:
                return instant_to_text(of) if connection.dialect.name == "sqlite" else of

            now = datetime.now(UTC)
            ids = [f"{user.id[:-8]}{number:08x}" for number in range(count)]
            row = {
                "user_id": user.id,
                "expires_at": instant(now + timedelta(days=1)),
                "last_used_at": instant(now),
                "generation": 1,
                "token_digest": "a digest",
                "used_tokens": "[]",
            }
            rows = [
                {**row, "id": each, "created_at": instant(now + timedelta(microseconds=number - 10**6))}
                for number, each in enumerate(ids)
            ]
            connection.execute(insert(sessions), rows)
            return ids

        return schema.on_connection(schema.settings_of(server), write)

    return add


def stored(server: Server, user: User) -> set[str]:
    rows = schema.rows_of(schema.settings_of(server), "sessions")
    return {str(row["id"]) for row in rows if str(row["user_id"]) == user.id}


def revoked(server: Server) -> set[str]:
    return {str(row["id"]) for row in schema.rows_of(schema.settings_of(server), "revocations")}


def test_the_oldest_end_when_another_is_opened(
    server: Server, guest: httpx.Client, alice: User, bob: User, add_sessions: AddSessions
) -> None:
    # Hers from signing up is older than all that are added.
    oldest = {"access_token": alice.token, "refresh_token": alice.refresh_token}
    schema.execute(
        schema.settings_of(server),
        f"UPDATE sessions SET created_at = '2026-01-02T03:04:05.678901Z' WHERE user_id = '{alice.id}'",  # noqa: S608 - a UUID
    )
    added = add_sessions(alice, MAX - 1)
    assert_in(guest, oldest)
    newest = log_in(alice)
    assert_out(guest, oldest)
    assert stored(server, alice) == {*added, session_id_of(newest)}
    next_one = log_in(alice)
    assert stored(server, alice) == {*added[1:], session_id_of(newest), session_id_of(next_one)}
    assert {added[0], session_id_of(oldest)} <= revoked(server)
    assert_in(guest, newest, next_one, refreshed(guest, newest["refresh_token"]))
    listed = guest.get(URL, headers=bearer(newest)).json()["sessions"]
    assert {each["id"] for each in listed} == stored(server, alice)
    # And nobody else's.
    assert_in(guest, {"access_token": bob.token})


def test_they_are_never_more_than_that(server: Server, alice: User, add_sessions: AddSessions) -> None:
    add_sessions(alice, MAX - 1)
    together = Barrier(8)

    def open_one(_: int) -> str:
        with httpx.Client(base_url=server.url, timeout=60, verify=TLS):
            together.wait(timeout=60)
            return session_id_of(log_in(alice))

    with ThreadPoolExecutor(8) as threads:
        opened = set(threads.map(open_one, range(8)))
    assert len(stored(server, alice)) == MAX
    assert opened < stored(server, alice)


def test_all_others_end_however_many_there_are(
    server: Server, guest: httpx.Client, alice: User, bob: User, add_sessions: AddSessions
) -> None:
    """There were no bounds before; and what ends them all goes in slices."""
    added, his = add_sessions(alice, SLICE + 1), add_sessions(bob, 1)
    assert len(alice.get(URL).json()["sessions"]) == MAX
    assert alice.delete(URL).status_code == 204
    assert stored(server, alice) == {session_id_of({"access_token": alice.token})}
    assert set(added) <= revoked(server)
    assert_in(guest, {"access_token": alice.token})
    assert set(his) < stored(server, bob)


def test_a_new_password_ends_all_of_them(server: Server, alice: User, add_sessions: AddSessions) -> None:
    """In one transaction with the password, whatever their number."""
    added = add_sessions(alice, SLICE + 1)
    body = {"current_password": "correct horse battery staple", "new_password": "another horse, another battery"}
    assert alice.post("/api/auth/password", json=body).status_code == 204
    assert stored(server, alice) == {session_id_of({"access_token": alice.token})}
    assert set(added) <= revoked(server)

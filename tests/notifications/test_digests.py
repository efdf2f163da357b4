"""The daily digest: made once a day when it is due, and what is in it."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import text

from doable import clock
from doable.database import open_database
from doable.notifications import digests
from doable.notifications.digests import Digest
from support.mail import verification_token
from support.schema import on_connection, settings_of
from support.server import Server
from support.users import User

At = Callable[[str], None]


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> At:
    """Has it be this instant for what the tests call themselves; the server's processes have the present one."""

    def at(moment: str) -> None:
        monkeypatch.setattr(clock, "now", lambda: datetime.fromisoformat(moment))

    return at


@pytest.fixture
def reader(server: Server, alice: User) -> User:
    """Who has a digest at seven in Berlin."""
    return with_digest(server, alice, timezone="Europe/Berlin", digest_at="07:00")


@pytest.fixture
def other(server: Server) -> Iterator[User]:
    """And at seven in New York."""
    with closing(User(server.url)) as user:
        yield with_digest(server, user, timezone="America/New_York", digest_at="07:00")


def with_digest(server: Server, user: User, **preferences: Any) -> User:
    answer = user.post("/api/auth/email/verify", json={"token": verification_token(server, user.email)})
    assert answer.is_success
    change(user, **preferences)
    return user


def change(user: User, **preferences: Any) -> None:
    assert user.patch("/api/me/preferences", json=preferences).status_code == 200


def make(server: Server) -> None:
    """Two processes look at once, as it were."""

    def wake() -> None:
        pass

    async def both() -> None:
        async with open_database(settings_of(server)) as one, open_database(settings_of(server)) as another:
            await asyncio.gather(digests.make(one, wake), digests.make(another, wake))

    asyncio.run(both())


def made(server: Server, user: User) -> int:
    """How many digests there are for the user, after whoever is due was looked for."""
    make(server)
    query = text("SELECT count(*) FROM deliveries WHERE channel = 'digest' AND owner_id = :id")
    number: int = on_connection(settings_of(server), lambda tx: tx.execute(query, {"id": user.id}).scalar_one())
    return number


def write(server: Server, user: User, statement: str) -> None:
    """Past Doable."""
    on_connection(settings_of(server), lambda tx: tx.execute(text(statement), {"id": user.id}))


def read(server: Server, user: User) -> Digest | None:
    async def one() -> Digest | None:
        async with open_database(settings_of(server)) as database:
            return await digests.read(database, user.id)

    return asyncio.run(one())


def titles(found: Digest | None) -> tuple[list[str], list[str], list[str], int]:
    assert found is not None
    overdue, today, recurring = ([task["title"] for task in tasks] for tasks in found[1:4])
    return overdue, today, recurring, found.more


def test_it_is_made_at_its_hour_and_once(server: Server, reader: User, other: User, at: At) -> None:
    at("2126-03-28T05:00Z")
    assert made(server, reader) == 0
    at("2126-03-28T05:59:59.999999Z")
    assert made(server, reader) == 0
    at("2126-03-28T06:00Z")
    assert [made(server, reader), made(server, reader), made(server, other)] == [1, 1, 0]
    at("2126-03-28T10:59:59Z")
    assert [made(server, reader), made(server, other)] == [1, 0]
    at("2126-03-28T11:00:01Z")
    assert [made(server, reader), made(server, other)] == [1, 1]
    # The next day there is another; on Sunday clocks are put forward in Berlin.
    at("2126-03-29T06:00Z")
    assert made(server, reader) == 2
    at("2126-03-31T04:59:59Z")
    assert made(server, reader) == 2
    at("2126-03-31T05:00Z")
    assert [made(server, reader), made(server, other)] == [3, 1]


def test_a_time_that_clocks_leave_out_is_an_hour_later(server: Server, reader: User, at: At) -> None:
    change(reader, digest_at="02:30")
    for moment, number in [
        ("2126-03-30T00:00Z", 0),
        ("2126-03-30T01:29Z", 0),
        ("2126-03-31T01:00:00Z", 0),
        ("2126-03-31T01:30:00Z", 1),
        ("2126-04-01T00:29:59Z", 1),
        ("2126-04-01T00:30:00Z", 2),
    ]:
        at(moment)
        assert made(server, reader) == number, moment


def test_what_was_missed_is_made_while_it_is_not_too_late(server: Server, reader: User, at: At) -> None:
    """The newest alone, and only so long as it is less than six hours late."""
    for moment, number in [
        ("2126-04-10T04:00Z", 0),
        ("2126-04-10T11:00Z", 0),
        ("2126-04-11T10:59:59Z", 1),
        # Three were missed. The last of them is two hours late.
        ("2126-04-14T07:00Z", 2),
        ("2126-04-15T05:00Z", 3),
    ]:
        at(moment)
        assert made(server, reader) == number, moment


def test_who_gets_none(server: Server, reader: User, other: User, at: At) -> None:
    """Whoever has turned it off, and whose address is not verified any longer."""
    at("2126-05-01T00:00Z")
    assert made(server, reader) == 0
    write(server, reader, "UPDATE users SET email_verified_at = NULL WHERE id = :id")
    at("2126-05-01T05:00Z")
    assert made(server, reader) == 0
    change(other, digest_at=None)
    at("2126-05-01T11:00Z")
    assert made(server, other) == 0


def test_another_zone_or_hour_is_of_the_next_one(server: Server, reader: User, at: At) -> None:
    at("2126-06-01T00:00Z")
    assert made(server, reader) == 0
    # As code does it that knows no digests: at the old hour nothing comes, and then at the new one.
    write(server, reader, "UPDATE preferences SET timezone = 'America/New_York' WHERE owner_id = :id")
    for moment, number in [("2126-06-01T05:00Z", 0), ("2126-06-01T10:59Z", 0), ("2126-06-01T11:00Z", 1)]:
        at(moment)
        assert made(server, reader) == number, moment


def test_what_is_in_it(server: Server, reader: User, other: User, at: At) -> None:
    """At eleven in Berlin, on 2 July. Each task once, in the order of the application."""
    listed = reader.post("/api/me/lists", json={"name": "Old"}).json()["id"]
    day = {"date": "2126-07-02"}
    for title, due, fields in [
        ("yesterday", {"date": "2126-07-01"}, {}),
        ("this morning", {**day, "time": "10:00"}, {}),
        ("this morning in Tokyo", {**day, "time": "18:00", "timezone": "Asia/Tokyo"}, {}),
        ("daily, yesterday", {"date": "2126-07-01"}, {"recurrence": {"rule": "FREQ=DAILY"}}),
        ("all day", day, {}),
        ("tonight", {**day, "time": "23:59:59"}, {}),
        ("in Los Angeles", {**day, "time": "14:00", "timezone": "America/Los_Angeles"}, {}),
        ("daily", {**day, "time": "12:00"}, {"recurrence": {"rule": "FREQ=DAILY"}}),
        ("tomorrow", {"date": "2126-07-03"}, {}),
        ("tomorrow here", {**day, "time": "15:00", "timezone": "America/Los_Angeles"}, {}),
        ("put away", day, {"list_id": listed}),
        ("no date", None, {}),
    ]:
        reader.new_task(title, due=due, **fields)
    done = reader.new_task("done", due=day)
    assert reader.patch(f"{reader.tasks}/{done['id']}/complete").status_code == 200
    assert reader.patch(f"/api/me/lists/{listed}", json={"is_archived": True}).status_code == 200
    other.new_task("somebody else's", due=day)
    at("2126-07-02T09:00Z")
    assert titles(read(server, reader)) == (
        ["yesterday", "daily, yesterday", "this morning", "this morning in Tokyo"],
        ["in Los Angeles", "tonight", "all day"],
        ["daily"],
        0,
    )
    assert titles(read(server, other)) == ([], ["somebody else's"], [], 0)
    # A few hours before it is the day before there.
    at("2126-07-02T03:00Z")
    assert read(server, other) is None
    at("2126-06-01T09:00Z")
    assert read(server, reader) is None


def test_it_has_room_for_so_much(server: Server, reader: User, at: At) -> None:
    tasks = [{"op": "create", "task": {"title": f"{each}", "due": {"date": "2126-08-01"}}} for each in range(60)]
    late = [{"op": "create", "task": {"title": f"{each}", "due": {"date": "2126-07-31"}}} for each in range(52)]
    for operations in (tasks, late):
        answer = reader.post(f"{reader.tasks}/batch", json={"operations": operations})
        assert answer.status_code == 200, answer.text
    at("2126-08-01T09:00Z")
    overdue, today, recurring, more = titles(read(server, reader))
    assert (overdue, today) == ([f"{each}" for each in range(50)], [f"{each}" for each in range(50)])
    assert (recurring, more) == ([], 12)

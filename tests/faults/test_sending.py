"""Processes that are killed while they send reminders and digests: in the end each was pushed and mailed, and what came twice has the same id."""

import os
import signal
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, suppress
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest
from sqlalchemy import Connection, update

from doable.accounts.tables import users
from faults.conftest import measured
from support.changes import batch
from support.mail import MailServer
from support.postgresql import PostgreSQL
from support.push import Browser, PushService
from support.schema import contents, on_connection, rows_of, settings_of
from support.server import Server
from support.users import User
from support.workers import children

OWNERS = 20
TASKS = 20
"""Of each of them, each with one reminder."""
AHEAD = timedelta(seconds=30)
KILLS = 30
SECONDS = 240
"""What a process had taken when it was killed is due again after 30 seconds."""


@pytest.fixture
def mail() -> Iterator[MailServer]:
    with MailServer() as running:
        yield running


@pytest.fixture
def service() -> Iterator[PushService]:
    """One that takes its time, so that kills come while it is sent to."""
    with PushService() as running:

        def respond(handler: BaseHTTPRequestHandler) -> None:
            time.sleep(0.1)
            with suppress(OSError):  # whoever sent it was killed
                running.answer(handler)

        running.respond = respond
        yield running


@pytest.fixture(params=["sqlite", "postgresql-18"])
def server(request: pytest.FixtureRequest, tmp_path: Path, mail: MailServer, service: PushService) -> Iterator[Server]:
    settings = {"PUSH_HOSTS": service.host, "SMTP_URL": mail.url, "MAIL_FROM": "tasks@example.com"}
    if request.param != "sqlite":
        postgresql: PostgreSQL = request.getfixturevalue("postgresql_18")
        settings["DATABASE_URL"] = postgresql.new_database()
    with Server(tmp_path, "--workers", "3", **settings) as running:
        yield running


def verify_all(connection: Connection) -> None:
    connection.execute(update(users).values(email_verified_at=users.c.created_at))


def digests_due(server: Server) -> set[tuple[str, str]]:
    """When the next digest of each user is due."""
    rows = rows_of(settings_of(server), "preferences")
    return {(str(row["owner_id"]), str(row["digest_due_at"])) for row in rows}


def test_each_is_sent_through_kills(server: Server, service: PushService, mail: MailServer) -> None:
    at = (datetime.now(UTC) + AHEAD).replace(microsecond=0)
    task = {"title": "a", "reminders": [{"at": at.isoformat().replace("+00:00", "Z")}]}
    of_the_day = {"title": "b", "due": {"date": f"{at.date()}"}}
    browsers: dict[str, Browser] = {}
    for _ in range(OWNERS):
        with closing(User(server.url)) as user:
            browser = service.browser()
            browsers[browser.endpoint.removeprefix(service.url)] = browser
            assert user.post("/api/me/push/subscriptions", json=browser.subscription).status_code == 201
            on_connection(settings_of(server), verify_all)
            preferences = {"reminder_channels": ["push", "email"], "digest_at": f"{at:%H:%M:%S}"}
            answer = user.patch("/api/me/preferences", json=preferences)
            assert answer.status_code == 200, answer.text
            batch(user, {"op": "create", "task": of_the_day}, *[{"op": "create", "task": task}] * TASKS)
    due = digests_due(server)
    time.sleep(max(0.0, (at - datetime.now(UTC)).total_seconds()))
    kills = 0
    deadline = time.monotonic() + SECONDS
    while (left := contents(settings_of(server)))["alarms"] or left["deliveries"] or due & digests_due(server):
        assert time.monotonic() < deadline, (len(left["alarms"]), len(left["deliveries"]))
        there = children(server)
        if kills < KILLS and there and left["deliveries"]:
            with suppress(ProcessLookupError):
                os.kill(there[kills % len(there)], signal.SIGKILL)
                kills += 1
        time.sleep(0.1)
    ids = {str(row["id"]) for row in rows_of(settings_of(server), "notifications")}
    assert len(ids) == OWNERS * TASKS
    requests = [service.requests.get_nowait() for _ in range(service.requests.qsize())]
    pushed = Counter(browsers[each.path].decrypt(each.body)["notification_id"] for each in requests)
    mailed = Counter(each["Message-ID"] for each in mail.mails if each["Subject"].startswith("Reminder"))
    digests = Counter((each["To"], each["Message-ID"]) for each in mail.mails if "Your tasks for" in each["Subject"])
    measured(f"{2 * len(ids)} deliveries through kills", f"{kills}")
    measured("sent more than once", f"{pushed.total() + mailed.total() - 2 * len(ids)}")
    measured(f"digests of {OWNERS} users", f"{digests.total()}")
    assert kills
    assert set(pushed) == ids
    assert set(mailed) == {f"<{uuid.uuid5(uuid.UUID(each), 'email')}@example.com>" for each in ids}
    assert len(digests) == OWNERS == len({address for address, _ in digests})

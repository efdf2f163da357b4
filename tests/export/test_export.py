"""GET /api/auth/me/export: what is in it."""

import json
import uuid
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from typing import Any

import httpx
import pytest
from sqlalchemy import Text

from conftest import NewServer
from doable.database.naming import metadata
from doable.database.types import Id, OrderedText, instant_to_text
from doable.tasks.tables import tasks
from support.everything import fill, owned, rows_of
from support.filing import fill as fill_tasks
from support.mail import verification_token, wait_until_all_is_sent
from support.server import Server
from support.users import PASSWORD, User, assert_error

PATH = "/api/auth/me/export"
CREDENTIALS = {
    "users.password_hash",
    "sessions.token_digest",
    "sessions.used_tokens",
    "api_tokens.digest",
    "api_token_digests.digest",
    "mail_tokens.digest",
    "push_subscriptions.p256dh",
    "push_subscriptions.auth",
    "calendar_tokens.digest",
}
NOBODYS = {"attempts", "revocations"}
"""Who is meant by them cannot be told, or is an id of what is gone."""
NOT_TOLD = {"api_token_digests", "task_tags", "task_words", "search_states", "alarms", "deliveries"}
"""Tables of which everything but a credential's digest is in another: the tags of a task are among its own, its words are
those of its texts, its alarms those of its reminders, and deliveries name notifications that wait to be sent."""
OTHERWISE = {
    "tasks.due_local",
    "tasks.start_local",
    "tasks.tags",
    "tasks.reminders",
    "tasks.is_cancelled",
    "tasks.recurrence",
    "tasks.recurs_from",
    "tasks.occurrence",
    "preferences.reminder_channels",
    "preferences.digest_due_at",
    "tags.key",
    "tags.next_name",
    "tags.renamed_up_to",
}
"""Columns that are told in another form or of open tasks only, when the next digest is due, and how far the renaming of a tag has come."""
OF_CALDAV = ("ical_text", "ical_revision", "ical_name", "ical_uid", "ical_parent", "exceptions")
MANY = 103


def leaves(value: Any) -> Iterator[Any]:
    """Everything in a document that is no list and no object."""
    if isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            yield from leaves(each)
    else:
        yield value


def as_in_json(value: Any) -> Any:
    if isinstance(value, datetime):
        return instant_to_text(value)
    return str(value) if isinstance(value, uuid.UUID) or type(value).__name__ == "UUID" else value


def test_every_table_is_somebodys_or_known_not_to_be() -> None:
    assert {table.name for table in owned()} | NOBODYS == set(metadata.tables)


def test_everything_is_in_it_but_credentials(new_server: NewServer) -> None:
    """Every value of every column of every table that has anything of the user's, and nothing of anybody else's."""
    # Of its own: what is put into its outbox is no mail that could ever be sent.
    with new_server() as server, closing(User(server.url)) as alice, closing(User(server.url)) as bob:
        fill(server, alice, MANY)
        fill(server, bob, 2)
        alice.patch("/api/auth/me", json={"name": "Alice \u2028 \\ \" ' </script>"})
        stored, others = rows_of(server, alice), rows_of(server, bob)

        answer = alice.get(PATH)

        assert answer.status_code == 200
        document = answer.json()
        for table in owned():
            if table.name not in {"owners", "users", *NOT_TOLD}:
                one_row = len(table.primary_key) == 1
                assert len(document[table.name]) == len(stored[table.name]) >= (1 if one_row else MANY), table.name
        exported = set(leaves(document))
        for table in owned():
            for column in table.columns:
                values = [as_in_json(row[column.name]) for row in stored[table.name] if row[column.name] is not None]
                others_values = {as_in_json(row[column.name]) for row in others[table.name]} - {None, *values}
                if str(column) in CREDENTIALS:
                    assert values
                    assert not any(str(value) in answer.text for value in values), column
                elif table.name not in NOT_TOLD and str(column) not in OTHERWISE:
                    assert set(values) <= exported, column
                if isinstance(column.type, Text | OrderedText | Id):
                    assert not any(value in answer.text for value in others_values), column
        assert PASSWORD not in answer.text


def test_a_new_users_is_short(server: Server, alice: User) -> None:
    task = alice.new_task(description="Zoë\n\u2028")
    # A link to verify the address is on its way, and then it is there.
    verification_token(server, alice.email)
    wait_until_all_is_sent(server)
    document = alice.get(PATH).json()
    (link,) = document["mail_tokens"]
    session = alice.get("/api/auth/sessions").json()["sessions"][0]
    del session["current"]
    assert document == {
        "user": {
            **alice.get("/api/auth/me").json(),
            "updated_at": alice.get("/api/auth/me").json()["created_at"],
            "email_verified_at": None,
            "revision": 1,
            "tasks": 1,
            "purged_revision": 0,
            "kept_bytes": 0,
        },
        "emails": [{"email": alice.email}],
        "identities": [],
        "sessions": [{**session, "generation": 1}],
        "api_tokens": [],
        "outbox": [],
        "mail_tokens": [{"kind": "verify", "address": alice.email, "expires_at": link["expires_at"]}],
        "push_subscriptions": [],
        "calendar_tokens": [],
        "answers": [],
        "undos": [],
        "imports": [],
        "import_slices": [],
        "tombstones": [],
        "departures": [],
        "ical_objects": [],
        "tasks": [{**task, "sequence": 1, "ical_priority": 0, **dict.fromkeys(OF_CALDAV)}],
        "lists": [],
        "sections": [],
        "tags": [],
        "filters": [],
        "preferences": [],
        "notifications": [],
    }


def test_it_is_a_file(alice: User) -> None:
    answer = alice.get(PATH)
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["content-disposition"] == 'attachment; filename="doable-export.json"'
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-request-id"]
    assert json.loads(answer.content)["user"]["id"] == alice.id


def test_tasks_and_what_is_left_of_them(alice: User) -> None:
    made = [alice.new_task(str(number)) for number in range(3)]
    alice.delete(f"{alice.tasks}/{made[1]['id']}")
    key = {"Idempotency-Key": "a-key"}
    kept = alice.patch(f"{alice.tasks}/{made[2]['id']}/complete", headers=key)
    document = alice.get(PATH).json()
    assert [task["id"] for task in document["tasks"]] == [made[0]["id"], made[2]["id"]]
    assert [(each["id"], each["revision"]) for each in document["tombstones"]] == [(made[1]["id"], 4)]
    (answer,) = document["answers"]
    assert (answer["idempotency_key"], answer["status"], answer["body"]) == ("a-key", 200, kept.text)


def test_a_priority_is_there_by_word_and_by_number(server: Server, alice: User) -> None:
    """Words stand for one number each; others come from programs that keep iCalendar's."""
    words = ["none", "high", "medium", "low"]
    for word in words:
        alice.new_task(word, priority=word)
    fill_tasks(server, alice, tasks, 1, title="from elsewhere", priority=3)
    exported = alice.get(PATH).json()["tasks"]
    assert [(task["title"], task["priority"], task["ical_priority"]) for task in exported] == [
        *zip(words, words, [0, 1, 5, 9], strict=True),
        ("from elsewhere", "high", 3),
    ]


def test_refuses_nobody(server: Server) -> None:
    assert_error(httpx.get(f"{server.url}{PATH}"), 401, "unauthenticated")


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "TRACE"])
def test_refuses_another_method(alice: User, method: str) -> None:
    answer = alice.request(method, PATH)
    assert answer.status_code == 405
    assert answer.headers["allow"] == "GET, HEAD, OPTIONS"

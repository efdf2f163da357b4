"""GET /api/auth/me/export: what is in it."""

import json
import secrets
import uuid
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import BigInteger, Column, Connection, Integer, Table, Text, insert

from conftest import NewServer
from doable import app
from doable.database.naming import metadata
from doable.database.types import Flag, Id, Instant, OrderedText, instant_to_text
from support import schema
from support.mail import verification_token, wait_until_all_is_sent
from support.server import Server
from support.users import PASSWORD, User, assert_error

PATH = "/api/auth/me/export"
CREDENTIALS = {"users.password_hash", "refresh_tokens.digest", "api_tokens.digest", "mail_tokens.digest"}
NOBODYS = {"attempts", "revocations"}
"""Who is meant by them cannot be told, or is an id of what is gone."""
MANY = 103

Row = dict[str, Any]


def users_tables() -> list[Table]:
    """Every table whose rows belong to a user, whichever way its foreign keys go: parents first."""
    assert app  # which imports every table that there is
    found = [metadata.tables["owners"]]
    for table in metadata.sorted_tables:
        if any(key.column.table in found for key in table.foreign_keys):
            found.append(table)
    return found


def value_of(column: "Column[Any]", user: User, known: dict[str, list[Row]], connection: Connection) -> Any:
    """Something that nobody else has, unless it refers to a row that is there."""
    for key in column.foreign_keys:
        parents = known.get(key.column.table.name)
        return parents[secrets.randbelow(len(parents))][key.column.name] if parents else user.id
    if isinstance(column.type, Id):
        return str(uuid.uuid4())
    if isinstance(column.type, Instant):
        instant = datetime.now(UTC) + timedelta(microseconds=secrets.randbelow(10**12))
        return instant_to_text(instant) if connection.dialect.name == "sqlite" else instant
    if isinstance(column.type, Integer):
        bits, more = (32, 52) if isinstance(column.type, BigInteger) else (16, 30)
        return 2**bits + secrets.randbelow(2**more)
    if isinstance(column.type, Flag):
        return True
    assert isinstance(column.type, Text | OrderedText), column
    return f"{column} of {user.id}: {uuid.uuid4()}"


def fill(server: Server, user: User, count: int) -> None:
    """Give the user so many rows in every table that can hold more than one."""

    def write(connection: Connection) -> None:
        known: dict[str, list[Row]] = {}
        for table in users_tables():
            if table.name in {"owners", "users"}:
                continue
            rows = [
                {column.name: value_of(column, user, known, connection) for column in table.columns}
                for _ in range(count)
            ]
            connection.execute(insert(table), rows)
            known[table.name] = rows

    schema.on_connection(schema.settings_of(server), write)


def rows_of(server: Server, user: User) -> dict[str, list[Row]]:
    """Every row that belongs to the user, as it is in the database."""
    contents = schema.contents(schema.settings_of(server))
    sessions = {str(row["id"]) for row in contents["sessions"] if str(row["user_id"]) == user.id}
    owned = {"owners": "owner_id", "users": "id"}

    def belongs(table: Table, row: Row) -> bool:
        columns = [owned[table.name]] if table.name in owned else [key.parent.name for key in table.foreign_keys]
        return any(str(row[column]) in {user.id, *sessions} for column in columns)

    return {table.name: [row for row in contents[table.name] if belongs(table, row)] for table in users_tables()}


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
    assert {table.name for table in users_tables()} | NOBODYS == set(metadata.tables)


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
        for table in users_tables():
            if table.name not in {"owners", "users"}:
                assert len(document[table.name]) == len(stored[table.name]) >= MANY, table.name
        exported = set(leaves(document))
        for table in users_tables():
            for column in table.columns:
                values = [as_in_json(row[column.name]) for row in stored[table.name] if row[column.name] is not None]
                others_values = {as_in_json(row[column.name]) for row in others[table.name]} - {None, *values}
                if str(column) in CREDENTIALS:
                    assert values
                    assert not any(str(value) in answer.text for value in values), column
                else:
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
        "identities": [],
        "sessions": [session],
        "refresh_tokens": [{"session_id": session["id"], "used_at": None}],
        "api_tokens": [],
        "outbox": [],
        "mail_tokens": [{"kind": "verify", "address": alice.email, "expires_at": link["expires_at"]}],
        "answers": [],
        "tombstones": [],
        "tasks": [{**task, "sequence": 1}],
        "lists": [],
    }


def test_it_is_a_file(alice: User) -> None:
    answer = alice.get(PATH)
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["content-disposition"] == 'attachment; filename="doable-export.json"'
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-request-id"]
    assert json.loads(answer.content)["user"]["id"] == alice.id


def test_tasks_and_what_is_left_of_them(alice: User) -> None:
    tasks = [alice.new_task(str(number)) for number in range(3)]
    alice.delete(f"{alice.tasks}/{tasks[1]['id']}")
    key = {"Idempotency-Key": "a-key"}
    kept = alice.patch(f"{alice.tasks}/{tasks[2]['id']}/complete", headers=key)
    document = alice.get(PATH).json()
    assert [task["id"] for task in document["tasks"]] == [tasks[0]["id"], tasks[2]["id"]]
    assert [(each["id"], each["revision"]) for each in document["tombstones"]] == [(tasks[1]["id"], 4)]
    (answer,) = document["answers"]
    assert (answer["idempotency_key"], answer["status"], answer["body"]) == ("a-key", 200, kept.text)


def test_refuses_nobody(server: Server) -> None:
    assert_error(httpx.get(f"{server.url}{PATH}"), 401, "unauthenticated")


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE"])
def test_refuses_another_method(alice: User, method: str) -> None:
    answer = alice.request(method, PATH)
    assert answer.status_code == 405
    assert answer.headers["allow"] == "GET"

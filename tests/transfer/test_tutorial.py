"""doable import URL --from tutorial: the users and tasks of the backend that Doable takes the place of."""

import sqlite3
import subprocess
import uuid
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import bcrypt
import httpx
import pytest
from argon2 import PasswordHasher

from support import schema
from support.commands import assert_refused
from support.postgresql import PostgreSQL
from support.schema import settings_of
from support.server import Server, doable
from support.users import PASSWORD, assert_error

BCRYPT = bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(4)).decode()
ARGON2 = PasswordHasher(time_cost=1, memory_cost=64, parallelism=2).hash(PASSWORD)

NewSource = Callable[[str], str]


@pytest.fixture
def new_source(postgresql: PostgreSQL | None, tmp_path: Path) -> NewSource:
    """A database like Doable's own, with what these statements make: its URL."""

    def new(statements: str) -> str:
        if postgresql is None:
            path = tmp_path / f"{uuid.uuid4().hex}.db"
            with closing(sqlite3.connect(path)) as connection:
                connection.executescript(statements)
            return f"sqlite:///{path}"
        url = postgresql.new_database()
        postgresql.sql(statements, url)
        return url.replace("postgres@", "postgres:secret@")

    return new


@pytest.fixture
def guest(server: Server) -> Iterator[httpx.Client]:
    """Nobody yet."""
    with httpx.Client(base_url=server.url, timeout=30) as client:
        yield client


def usual(name: str) -> str:
    """What most courses have. The names are one test's."""
    return f"""
    CREATE TABLE users (id integer PRIMARY KEY, email varchar(255), username varchar(50), hashed_password varchar,
        full_name varchar, is_active boolean, is_verified boolean, phone_number varchar, created_at timestamp);
    CREATE TABLE tasks (id integer PRIMARY KEY, title varchar, description text, completed boolean, priority integer,
        due_date timestamp, tags json, owner_id integer REFERENCES users (id), color varchar, created_at timestamp, updated_at timestamp);
    CREATE TABLE audit (id integer PRIMARY KEY);
    INSERT INTO users VALUES
        (1, '{name}@example.com', '{name}', '{BCRYPT}', 'Alice Example', true, true, NULL, '2024-02-01 10:00:00'),
        (2, '{name}-bob@example.com', 'bob', '{ARGON2}', NULL, NULL, false, NULL, NULL),
        (3, '{name}-carol@example.com', 'carol', 'plain text', NULL, true, NULL, NULL, NULL),
        (4, '{name}-dave@example.com', 'dave', '{BCRYPT}', NULL, false, NULL, NULL, NULL),
        (5, NULL, 'erin', '{BCRYPT}', NULL, true, NULL, NULL, NULL);
    INSERT INTO tasks VALUES
        (1, 'Buy oat milk', 'Two litres', false, 5, '2026-12-24 00:00:00', '["home", "shop"]', 1, 'red', '2024-03-01 08:00:00', NULL),
        (2, 'Call the bank', NULL, true, 1, '2026-12-24 09:30:00', NULL, 1, NULL, '2024-03-01 08:00:00', '2024-03-02 08:00:00'),
        (3, 'Water the plants', NULL, NULL, NULL, NULL, NULL, 2, NULL, NULL, NULL),
        (4, 'Of dave', NULL, false, NULL, NULL, NULL, 4, NULL, NULL, NULL),
        (5, 'Of nobody', NULL, false, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
    """  # noqa: S608 - our own


def move_in(server: Server, tmp_path: Path, url: str, *options: str) -> subprocess.CompletedProcess[str]:
    found = doable("import", url, "--from", "tutorial", *options, cwd=tmp_path, **server.settings)
    assert "secret" not in found.stdout + found.stderr
    return found


def moved_in(server: Server, tmp_path: Path, url: str, *options: str) -> list[str]:
    found = move_in(server, tmp_path, url, *options)
    assert found.returncode == 0, found.stderr
    return [line.strip() for line in found.stdout.splitlines() if line]


def log_in(guest: httpx.Client, email: str, password: str = PASSWORD) -> httpx.Response:
    return guest.post("/api/auth/login", json={"email": email, "password": password})


def tasks_of(guest: httpx.Client, email: str) -> dict[str, dict[str, Any]]:
    token = log_in(guest, email).raise_for_status().json()["access_token"]
    answer = guest.get("/api/me/tasks", headers={"Authorization": f"Bearer {token}"}).raise_for_status()
    return {each["title"]: each for each in answer.json()["tasks"]}


def test_people_come_with_their_passwords_and_tasks(
    server: Server, guest: httpx.Client, tmp_path: Path, new_source: NewSource
) -> None:
    name = uuid.uuid4().hex
    url = new_source(usual(name))
    dry = moved_in(server, tmp_path, url, "--dry-run")
    assert dry == [
        f"{name}@example.com  new, 2 tasks: 2 would be made, 0 there already",
        f"{name}-bob@example.com  new, 1 task: 1 would be made, 0 there already",
        f"{name}-carol@example.com  new, no tasks",
        "Not understood, or not taken over as it was: 8",
        "the column `users.phone_number`",
        "the column `tasks.color`",
        "the table `audit`",
        f"the password of {name}-carol@example.com: it has to be chosen anew, by “forgot password”",
        f"the user `{name}-dave@example.com`: the account is not active",
        "the user `erin`: without an e-mail nobody can log in",
        "1 task of nobody",
        "the priorities are numbers: the higher, the more urgent",
    ]
    assert_error(log_in(guest, f"{name}@example.com"), 401, "wrong_credentials")

    made = moved_in(server, tmp_path, url)
    assert made == [line.replace("would be made", "made") for line in dry]
    user = log_in(guest, f"{name}@example.com").raise_for_status().json()["user"]
    assert (user["name"], user["email_verified_at"] is not None) == ("Alice Example", True)
    assert user["created_at"] == "2024-02-01T10:00:00.000000Z"
    tasks = tasks_of(guest, f"{name}@example.com")
    milk, bank = tasks["Buy oat milk"], tasks["Call the bank"]
    assert (milk["description"], milk["priority"], milk["tags"]) == ("Two litres", "high", ["home", "shop"])
    assert (milk["due"]["date"], milk["due"]["time"], milk["is_completed"]) == ("2026-12-24", None, False)
    assert milk["created_at"] == "2024-03-01T08:00:00.000000Z"
    assert (bank["due"]["time"], bank["priority"], bank["is_completed"]) == ("09:30:00", "low", True)
    assert bank["completed_at"] == "2024-03-02T08:00:00.000000Z"
    assert [*tasks_of(guest, f"{name}-bob@example.com")] == ["Water the plants"]
    bob = log_in(guest, f"{name}-bob@example.com").json()["user"]
    assert (bob["name"], bob["email_verified_at"]) == (f"{name}-bob", None)
    for other in ("carol", "dave"):
        assert_error(log_in(guest, f"{name}-{other}@example.com", "plain text"), 401, "wrong_credentials")


def test_again_nothing_is_made_twice_and_what_is_new_comes(
    server: Server, guest: httpx.Client, tmp_path: Path, new_source: NewSource
) -> None:
    name = uuid.uuid4().hex
    moved_in(server, tmp_path, new_source(usual(name)))
    stored = {row["email"]: row for row in schema.contents(settings_of(server))["users"]}
    one_more = "INSERT INTO tasks (id, title, owner_id) VALUES (9, 'Later', 1);"
    again = moved_in(server, tmp_path, new_source(usual(name) + one_more))
    assert again[0] == f"{name}@example.com  there already, 3 tasks: 1 made, 2 there already"
    assert {*tasks_of(guest, f"{name}@example.com")} == {"Buy oat milk", "Call the bank", "Later"}
    after = {row["email"]: row for row in schema.contents(settings_of(server))["users"]}
    assert after[f"{name}-bob@example.com"] == stored[f"{name}-bob@example.com"]


def test_who_was_removed_can_move_in_again(
    server: Server, guest: httpx.Client, tmp_path: Path, new_source: NewSource
) -> None:
    name = uuid.uuid4().hex
    url = new_source(usual(name))
    moved_in(server, tmp_path, url)
    tasks_of(guest, f"{name}@example.com")
    removed = doable("users", "remove", f"{name}@example.com", "--yes", cwd=tmp_path, **server.settings)
    assert removed.returncode == 0, removed.stderr
    assert moved_in(server, tmp_path, url)[0] == f"{name}@example.com  new, 2 tasks: 2 made, 0 there already"
    assert {*tasks_of(guest, f"{name}@example.com")} == {"Buy oat milk", "Call the bank"}
    assert moved_in(server, tmp_path, url)[0] == f"{name}@example.com  there already, 2 tasks: 0 made, 2 there already"


def test_an_account_that_has_the_e_mail_is_somebody_elses_unless_it_is_said(
    server: Server, guest: httpx.Client, tmp_path: Path, new_source: NewSource
) -> None:
    name = uuid.uuid4().hex
    theirs = {"email": f"{name}@example.com", "password": "another good password"}
    guest.post("/api/auth/signup", json=theirs).raise_for_status()
    url = new_source(usual(name))
    found = moved_in(server, tmp_path, url)
    assert found[0] == f"{name}@example.com  skipped"
    assert any(line.startswith(f"the user {name}@example.com: there is an account") for line in found)
    found = moved_in(server, tmp_path, url, "--into-existing")
    assert found[0] == f"{name}@example.com  into the account that is there, 2 tasks: 2 made, 0 there already"
    assert_error(log_in(guest, f"{name}@example.com"), 401, "wrong_credentials")
    assert log_in(guest, **theirs).is_success


def test_other_names_and_other_types(
    server: Server, guest: httpx.Client, tmp_path: Path, new_source: NewSource
) -> None:
    """camelCase, ids that are UUIDs, words for status and priority, and a username that is an address."""
    name, id_ = uuid.uuid4().hex, str(uuid.uuid4())
    url = new_source(f"""
    CREATE TABLE "user" (id char(36), "userName" varchar, "hashedPassword" varchar, disabled boolean);
    CREATE TABLE todo (id char(36), content text, status varchar, priority varchar, deadline varchar, tags varchar, "ownerID" char(36));
    INSERT INTO "user" VALUES ('{id_}', '{name}@example.com', '{BCRYPT}', false);
    INSERT INTO todo VALUES
        ('a', 'One', 'in_progress', 'URGENT', '2026-12-24', 'home, shop', '{id_}'),
        ('b', 'Two', 'TaskStatus.DONE', 'Priority.LOW', 'soon', NULL, '{id_}'),
        ('c', 'Three', 'cancelled', 'purple', NULL, NULL, '{id_}');
    """)  # noqa: S608 - our own
    found = moved_in(server, tmp_path, url)
    assert found == [
        f"{name}@example.com  new, 3 tasks: 3 made, 0 there already",
        "Not understood, or not taken over as it was: 3",
        f"{name}@example.com: the status `in_progress` (One)",
        f"{name}@example.com: the date `soon` (Two)",
        f"{name}@example.com: the priority `purple` (Three)",
    ]
    tasks = tasks_of(guest, f"{name}@example.com")
    one, two, three = tasks["One"], tasks["Two"], tasks["Three"]
    assert (one["is_completed"], one["priority"], one["due"]["date"]) == (False, "high", "2026-12-24")
    assert one["tags"] == ["home", "shop"]
    assert (two["is_completed"], two["priority"], two["due"]) == (True, "low", None)
    assert (three["is_completed"], three["is_cancelled"]) == (True, True)


def test_what_is_no_such_database_is_refused(server: Server, tmp_path: Path, new_source: NewSource) -> None:
    users = "CREATE TABLE users (id integer PRIMARY KEY, email varchar);"
    assert_refused(move_in(server, tmp_path, new_source(users)), "no table of the name tasks")
    no_owner = f"{users} CREATE TABLE tasks (id integer PRIMARY KEY, title varchar);"
    assert_refused(move_in(server, tmp_path, new_source(no_owner)), "tasks has no column for the owner")
    assert_refused(move_in(server, tmp_path, "sqlite:///nowhere.db"), "There is no file nowhere.db")
    assert_refused(move_in(server, tmp_path, "mysql://root:secret@127.0.0.1/todos"), "postgresql://")
    nobody_listens = "postgresql+psycopg2://postgres:secret@127.0.0.1:1/todos"
    assert_refused(move_in(server, tmp_path, nobody_listens), "cannot be reached")
    assert not (tmp_path / "nowhere.db").exists()
    assert_refused(move_in(server, tmp_path, "sqlite:///nowhere.db", "--user", "alice@example.com"), "all of its users")


def test_doables_own_database_is_none(server: Server, tmp_path: Path) -> None:
    settings = settings_of(server)
    url = settings.postgresql_url or f"sqlite:///{settings.database_path}"
    assert_refused(move_in(server, tmp_path, url), "This is a database of Doable")

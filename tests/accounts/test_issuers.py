"""Log-ins of another issuer, on each database."""

import json
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from threading import Barrier
from typing import Any

import httpx
import pytest

from conftest import NewServer
from doable.settings import Settings
from support.issuers import EdDSA, Issuer
from support.schema import contents, execute, rows_of, settings_of
from support.server import Server, doable
from support.users import PASSWORD, TLS, User, assert_error

# One server for each database: starting one takes longer than most of these tests.
pytestmark = pytest.mark.xdist_group("issuers")


@pytest.fixture(scope="module")
def issuer() -> Iterator[Issuer]:
    with Issuer(EdDSA("one")) as running:
        yield running


@pytest.fixture(scope="module")
def trusting(
    issuer: Issuer, migrated_database_settings: Callable[[], dict[str, str]], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    settings = {"TRUSTED_ISSUERS": json.dumps([issuer.entry]), **migrated_database_settings()}
    with Server(tmp_path_factory.mktemp("issuers"), **settings) as server:
        yield server


@pytest.fixture
def subject() -> str:
    """Somebody who is not known yet."""
    return uuid.uuid4().hex


def bearer(server: Server, token: str) -> httpx.Client:
    return httpx.Client(base_url=server.url, timeout=30, verify=TLS, headers={"Authorization": f"Bearer {token}"})


def test_the_first_request_makes_the_user(trusting: Server, issuer: Issuer, subject: str) -> None:
    with bearer(trusting, issuer.token(subject, name="Ann", email="ann@example.com")) as ann:
        user = ann.get("/api/auth/me").json()
        assert (user["name"], user["email"]) == ("Ann", None)
        task = ann.post(f"/api/{subject}/tasks", json={"title": "first"}).json()
        assert task["user_id"] == user["id"]
        for user_id in (subject, user["id"], "me"):
            assert ann.get(f"/api/{user_id}/tasks").json()["tasks"] == [task]
    # And once for all: another token of hers is hers.
    with bearer(trusting, issuer.token(subject, name="Renamed")) as ann:
        assert ann.get("/api/auth/me").json() == user
    tables = contents(settings_of(trusting))
    assert [row["subject"] for row in tables["identities"]].count(subject) == 1
    assert [row["password_hash"] for row in tables["users"] if str(row["id"]) == user["id"]] == [None]
    assert len(tables["users"]) == len(tables["owners"])


def test_two_workers_make_one_user_of_many_first_requests(new_server: NewServer, issuer: Issuer) -> None:
    with new_server("--workers", "2", TRUSTED_ISSUERS=json.dumps([issuer.entry])) as server:
        tokens = [issuer.token("crowd", jti=str(number)) for number in range(32)]
        together = Barrier(len(tokens))

        def first(token: str) -> str:
            with bearer(server, token) as client:
                together.wait(30)
                answer = client.post("/api/me/tasks", json={"title": "mine"})
                assert answer.status_code == 201, answer.text
                owner_id: str = answer.json()["user_id"]
                return owner_id

        with ThreadPoolExecutor(len(tokens)) as threads:
            assert len(set(threads.map(first, tokens))) == 1
        tables = contents(settings_of(server))
        assert [len(tables[name]) for name in ("identities", "users", "owners", "tasks")] == [1, 1, 1, len(tokens)]


def test_users_are_isolated(trusting: Server, issuer: Issuer, subject: str) -> None:
    with (
        closing(User(trusting.url)) as alice,
        bearer(trusting, issuer.token(subject)) as ann,
        bearer(trusting, issuer.token("ben")) as ben,
        # Who is called by the issuer as somebody else is called here.
        bearer(trusting, issuer.token(alice.id)) as mallory,
    ):
        hers = alice.new_task("private to alice")
        anns = ann.post(f"/api/{subject}/tasks", json={"title": "private to ann"}).json()
        assert_error(ben.get(f"/api/{subject}/tasks"), 403, "forbidden")
        assert_error(ben.get(f"/api/{anns['user_id']}/tasks"), 403, "forbidden")
        assert_error(ben.get(f"/api/ben/tasks/{anns['id']}"), 403, "forbidden")
        assert_error(alice.get(f"/api/{subject}/tasks"), 403, "forbidden")
        assert mallory.get("/api/auth/me").json()["id"] != alice.id
        for user_id in (alice.id, "me"):
            assert mallory.get(f"/api/{user_id}/tasks").json()["tasks"] == []
            assert_error(mallory.delete(f"/api/{user_id}/tasks/{hers['id']}"), 403, "forbidden")
            assert mallory.get(f"/api/{user_id}/changes").json()["changes"] == []
        assert alice.get(alice.tasks).json()["tasks"] == [hers]


@pytest.mark.parametrize(
    ("claims", "verified_here", "linked"),
    [
        ({"email_verified": True}, True, True),
        ({"emailVerified": True}, True, True),
        ({"email_verified": True}, False, False),
        ({"email_verified": False}, True, False),
        ({"email_verified": "true"}, True, False),
        ({"email_verified": 1}, True, False),
        ({}, True, False),
    ],
)
def test_an_address_links_only_when_both_sides_have_verified_it(
    trusting: Server, issuer: Issuer, subject: str, claims: dict[str, Any], *, verified_here: bool, linked: bool
) -> None:
    with closing(User(trusting.url)) as alice:
        if verified_here:
            execute(
                settings_of(trusting),
                f"UPDATE users SET email_verified_at = created_at WHERE email = '{alice.email}'",  # noqa: S608 - ours
            )
        with bearer(trusting, issuer.token(subject, email=alice.email.upper(), **claims)) as ann:
            user = ann.get("/api/auth/me").json()
            assert (user["id"] == alice.id) == linked
            assert user["email"] == (alice.email if linked else None)
        # Nothing of it locks anybody out.
        login = {"email": alice.email, "password": PASSWORD}
        assert alice.post("/api/auth/login", json=login).json()["user"]["id"] == alice.id


def test_a_removed_user_does_not_come_back_with_an_old_token(trusting: Server, issuer: Issuer, subject: str) -> None:
    old = issuer.token(subject)
    unseen = issuer.token(subject, jti="never shown before the removal")
    with bearer(trusting, old) as ann:
        user_id = ann.get("/api/auth/me").json()["id"]
        listed = doable("users", "list", cwd=trusting.folder, **trusting.settings).stdout.splitlines()
        assert next(line for line in listed if line.startswith(user_id)).split()[2:] == ["-", subject]
        removed = doable("users", "remove", "--yes", user_id, cwd=trusting.folder, **trusting.settings)
        assert removed.returncode == 0, removed.stderr
    for token in (unseen, old):
        with bearer(trusting, token) as ann:
            assert_error(ann.get("/api/auth/me"), 401, "unauthenticated")
            assert_error(ann.post("/api/me/tasks", json={"title": "again"}), 401, "unauthenticated")
        # It is not only this process that knows.
        if token == unseen:
            trusting.stop()
            trusting.start()
    assert subject not in {row["subject"] for row in rows_of(settings_of(trusting), "identities")}
    # A log-in after the removal is a new start, as signing up again would be.
    execute(settings_of(trusting), an_hour_earlier(settings_of(trusting)))
    with bearer(trusting, issuer.token(subject)) as ann:
        user = ann.get("/api/auth/me").json()
        assert user["id"] != user_id
        assert ann.get("/api/me/tasks").json()["total"] == 0


def an_hour_earlier(settings: Settings) -> str:
    """Has the removal be an hour ago: a test cannot wait for a token that is issued later."""
    if settings.postgresql_url is None:
        return "UPDATE revocations SET expires_at = strftime('%Y-%m-%dT%H:%M:%f000Z', expires_at, '-1 hour')"
    return "UPDATE revocations SET expires_at = expires_at - interval '1 hour'"


def test_a_user_without_a_password_cannot_log_in_with_one(trusting: Server, issuer: Issuer, subject: str) -> None:
    with bearer(trusting, issuer.token(subject)) as ann:
        user_id = ann.get("/api/auth/me").json()["id"]
        # As if the address had been verified here since.
        execute(settings_of(trusting), f"UPDATE users SET email = 'ann@example.com' WHERE id = '{user_id}'")  # noqa: S608 - ours
        for password in ("", "None", "null", PASSWORD):
            answer = ann.post("/api/auth/login", json={"email": "ann@example.com", "password": password})
            assert_error(answer, 401, "wrong_credentials")


def test_there_is_no_session(trusting: Server, issuer: Issuer, subject: str) -> None:
    with bearer(trusting, issuer.token(subject)) as ann:
        assert ann.get("/api/auth/sessions").json() == {"sessions": []}
        assert_error(ann.post("/api/auth/logout"), 404, "session_not_found")
        assert ann.delete("/api/auth/sessions").status_code == 204
        token = ann.headers["Authorization"].removeprefix("Bearer ")
        assert_error(ann.post("/api/auth/refresh", json={"refresh_token": token[:256]}), 401, "refresh_token_invalid")
        assert ann.get("/api/auth/me").status_code == 200


@pytest.mark.parametrize(
    ("claims", "name"),
    [
        ({"name": "  Ann\u0000\n of\tGreen\u200b Gables "}, "Ann of Green Gables"),
        ({"name": "x" * 300}, "x" * 100),
        ({"name": " ", "email": "ann@example.com"}, "ann"),
        ({"name": 7, "email": "no address"}, "subject"),
        ({"name": None, "email": 7}, "subject"),
        ({"name": {"first": "Ann"}}, "subject"),
    ],
)
def test_a_name_is_cleaned(trusting: Server, issuer: Issuer, subject: str, claims: dict[str, Any], name: str) -> None:
    with bearer(trusting, issuer.token(subject, **claims)) as ann:
        assert ann.get("/api/auth/me").json()["name"] == (subject if name == "subject" else name)

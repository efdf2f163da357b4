"""Users of the first version keep everything that it stored. `tests/first_version` has a data folder and a dump of its making."""

import gzip
import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from support.api_tokens import bearer
from support.clocks import ClockServer
from support.issuers import shared_token
from support.mail import about
from support.postgresql import PostgreSQL
from support.users import TLS, assert_error

FIRST_VERSION = Path(__file__).parents[1] / "first_version"
LATER = timedelta(minutes=5)
"""Between the last request to the first version and the first one to this: a time in which nothing that is told expires."""


class Upgraded:
    """A server of this version on what the first one stored, and what the clients of that know."""

    def __init__(self, server: ClockServer, known: dict[str, Any]) -> None:
        self.server = server
        self.known = known

    @contextmanager
    def client(self, name: str) -> Iterator[httpx.Client]:
        """The user's, logged in again: with a password, or at the other issuer."""
        user = self.known[name]
        with self.stranger() as client:
            if "subject" in user:
                issued_at = int((datetime.fromisoformat(self.known["made_at"]) + LATER).timestamp())
                token = shared_token(user["subject"], iat=issued_at, exp=issued_at + 900)
            else:
                login = client.post("/api/auth/login", json={key: user[key] for key in ("email", "password")})
                assert login.status_code == 200, login.text
                token = login.json()["access_token"]
            client.headers.update(bearer(token))
            yield client

    def stranger(self) -> httpx.Client:
        return httpx.Client(base_url=self.server.url, timeout=30, verify=TLS)


@pytest.fixture(scope="module")
def upgraded(postgresql: PostgreSQL | None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Upgraded]:
    fixtures = FIRST_VERSION / ("sqlite" if postgresql is None else "postgresql")
    known = json.loads((fixtures / "clients.json").read_text())
    settings = {"TRUSTED_ISSUERS": json.dumps([known["ann"]["issuer"]])}
    if postgresql is not None:
        settings["DATABASE_URL"] = postgresql.load((fixtures / "dump.sql").read_text())
        settings["SECRET_KEY"] = (fixtures / "secret_key").read_text()
    server = ClockServer(tmp_path_factory.mktemp("first_version"), **settings)
    if postgresql is None:
        del server.settings["SECRET_KEY"]
        data = Path(server.settings["DATA_DIR"])
        data.mkdir()
        shutil.copy(fixtures / "secret_key", data)
        (data / "secret_key").chmod(0o600)
        (data / "doable.db").write_bytes(gzip.decompress((fixtures / "doable.db.gz").read_bytes()))
    made_at = datetime.fromisoformat(known["made_at"])
    server.move((made_at + LATER - datetime.now(made_at.tzinfo)).total_seconds())
    with server:
        yield Upgraded(server, known)


def assert_still(before: Any, now: Any) -> None:
    """All that was told before is told now; there may be more members in an object."""
    if isinstance(before, dict):
        for name, value in before.items():
            assert_still(value, now[name])
    elif isinstance(before, list):
        assert len(before) == len(now)
        for each, other in zip(before, now, strict=True):
            assert_still(each, other)
    else:
        assert before == now


def test_users_log_in_with_their_passwords(upgraded: Upgraded) -> None:
    for name in ("alice", "dora", "ann"):
        user = upgraded.known[name]
        with upgraded.client(name) as client:
            me = client.get("/api/auth/me").json()
        assert_still({key: user[key] for key in ("id", "email", "name", "created_at")}, me)
    with upgraded.stranger() as client:
        gone = upgraded.known["carol"]
        login = client.post("/api/auth/login", json={key: gone[key] for key in ("email", "password")})
        assert_error(login, 401, "wrong_credentials")


def test_tasks_and_tombstones_are_as_they_were(upgraded: Upgraded) -> None:
    for name in ("alice", "ann", "dora"):
        user = upgraded.known[name]
        with upgraded.client(name) as client:
            assert_still(user["tasks"], client.get("/api/me/tasks", params={"limit": 100}).json())
            for task in user["tasks"]["tasks"]:
                assert_still(task, client.get(f"/api/me/tasks/{task['id']}").json())
            assert_still(user["changes"], client.get("/api/me/changes").json())
    alice = upgraded.known["alice"]
    deleted = [change["id"] for change in alice["since_position"]["changes"] if change["deleted"]]
    assert len(deleted) == 2
    with upgraded.client("alice") as client:
        since = client.get("/api/me/changes", params={"since": alice["position"]}).json()
        assert_still(alice["since_position"], since)
        for task_id in deleted:
            assert_error(client.get(f"/api/me/tasks/{task_id}"), 404, "task_not_found")
        theirs = upgraded.known["ann"]["tasks"]["tasks"][0]["id"]
        assert_error(client.get(f"/api/me/tasks/{theirs}"), 403, "forbidden")
        export = client.get("/api/auth/me/export").json()
    assert {task["id"] for task in export["tasks"]} == {task["id"] for task in alice["tasks"]["tasks"]}
    assert {stone["id"] for stone in export["tombstones"]} >= set(deleted)
    assert {kept["idempotency_key"] for kept in export["answers"]} == {kept["key"] for kept in alice["keyed"]}


def test_a_write_that_is_tried_again_gets_the_answer_that_was_kept(upgraded: Upgraded) -> None:
    alice = upgraded.known["alice"]
    with upgraded.client("alice") as client:
        for kept in alice["keyed"]:
            headers = {"Idempotency-Key": kept["key"], "Content-Type": "application/json"}
            again = client.request(kept["method"], kept["path"], content=kept["body"], headers=headers)
            assert (again.status_code, again.text) == (kept["status"], kept["answer"])
            assert again.headers.get("ETag") == kept["etag"]
            assert again.headers["Idempotency-Replayed"] == "true"
        headers = {"Idempotency-Key": alice["keyed"][0]["key"]}
        other = client.post("/api/me/tasks", json={"title": "Another"}, headers=headers)
        assert_error(other, 422, "idempotency_key_reused")
        assert client.get("/api/me/changes").json()["revision"] == alice["changes"]["revision"]


def test_writing_goes_on_from_the_old_revision(upgraded: Upgraded) -> None:
    """Bob alone writes: the other tests look at what the others have."""
    bob = upgraded.known["bob"]
    (task,) = bob["tasks"]["tasks"]
    path, since = f"/api/me/tasks/{task['id']}", bob["changes"]["revision"]
    with upgraded.client("bob") as client:
        # An entity tag of the first version: one that says what is there, and one that does not.
        refused = client.patch(path, json={"title": "Not this"}, headers={"If-Match": f'"{task["revision"] + 1}"'})
        assert refused.status_code == 412
        written = client.patch(path, json={"title": "It is Bob's"}, headers={"If-Match": bob["keyed"][0]["etag"]})
        assert written.status_code == 200, written.text
        made = client.post("/api/me/tasks", json={"title": "New"}).json()
        page = client.get("/api/me/changes", params={"since": since}).json()
        assert [(each["id"], each["revision"]) for each in page["changes"]] == [
            (task["id"], since + 1),
            (made["id"], since + 2),
        ]
        assert [each["id"] for each in client.get("/api/me/tasks").json()["tasks"]] == [made["id"], task["id"]]
        assert client.delete(path).status_code == 204
        assert client.get("/api/me/tasks").json()["total"] == 1
        removed = client.request("DELETE", "/api/auth/me", json={"password": bob["password"]})
        assert removed.status_code == 204
        login = client.post("/api/auth/login", json={key: bob[key] for key in ("email", "password")})
        assert_error(login, 401, "wrong_credentials")


def test_api_tokens_of_the_first_version_work(upgraded: Upgraded) -> None:
    tokens = upgraded.known["alice"]["api_tokens"]
    missing = "/api/me/tasks/00000000-0000-4000-8000-000000000000"
    with upgraded.stranger() as client:

        def statuses(name: str) -> list[int]:
            headers = bearer(tokens[name]["token"])
            asked = [
                ("GET", "/api/auth/me"),
                ("GET", "/api/me/tasks"),
                ("DELETE", missing),
                ("GET", "/api/auth/tokens"),
            ]
            return [client.request(method, path, headers=headers).status_code for method, path in asked]

        assert statuses("all") == [200, 200, 404, 403]
        assert statuses("reads") == [403, 200, 403, 403]
        assert statuses("writes") == [403, 403, 404, 403]
        assert statuses("deleted") == [401, 401, 401, 401]
    with upgraded.client("alice") as client:
        told = ("id", "name", "scopes", "created_at", "expires_at")
        before = {name: {key: token[key] for key in told} for name, token in tokens.items() if name != "deleted"}
        listed = {token["name"]: token for token in client.get("/api/auth/tokens").json()["tokens"]}
        assert set(listed) == set(before)
        assert_still(before, listed)
        assert all(token["last_used_at"] for token in listed.values())
        assert client.delete(f"/api/auth/tokens/{tokens['reads']['id']}").status_code == 204
        assert client.get("/api/me/tasks", headers=bearer(tokens["reads"]["token"])).status_code == 401


def test_sessions_go_on_or_have_ended(upgraded: Upgraded) -> None:
    alice = upgraded.known["alice"]
    with upgraded.stranger() as client:

        def me(token: str) -> httpx.Response:
            return client.get("/api/auth/me", headers=bearer(token))

        for revoked in (alice["ended_session"]["access_token"], upgraded.known["carol"]["access_token"]):
            assert_error(me(revoked), 401, "unauthenticated")
        # Those that have ended with the upgrade are good for as long as it was said of their access tokens.
        assert me(alice["access_token"]).json()["id"] == alice["id"]
        ended = client.post("/api/auth/refresh", json={"refresh_token": alice["ended_session"]["refresh_token"]})
        assert_error(ended, 401, "refresh_token_invalid")
        answer = client.post("/api/auth/refresh", json={"refresh_token": alice["refresh_token"]})
        if answer.status_code == 200:
            assert me(alice["access_token"]).status_code == 200
            assert me(answer.json()["access_token"]).json()["id"] == alice["id"]
        else:
            assert_error(answer, 401, "refresh_token_invalid")
        # The oldest used one: its bearer has a copy.
        used = client.post("/api/auth/refresh", json={"refresh_token": alice["used_refresh_tokens"][0]})
        assert_error(used, 401, "refresh_token_invalid")


def test_mailed_links_are_good_or_must_be_asked_for_again(upgraded: Upgraded) -> None:
    alice = upgraded.known["alice"]
    with upgraded.stranger() as client:
        answer = client.post("/api/auth/email/verify", json={"token": alice["links"]["verify"]})
        if answer.status_code != 204:
            assert_error(answer, 422, "mail_token_invalid")


def test_a_mail_that_waited_is_sent(upgraded: Upgraded) -> None:
    assert about(upgraded.server, upgraded.known["dora"]["email"], "Verify your")

"""POST and GET /api/auth/tokens, DELETE /api/auth/tokens/{token_id}."""

import re
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from support import schema
from support.api_tokens import DIGITS, bearer, checksum, client, create, listed, number_of
from support.server import Server
from support.users import User, assert_error

URL = "/api/auth/tokens"
TOKEN = re.compile(r"doable_([0-9A-Za-z]{22})([0-9A-Za-z]{22})([0-9A-Za-z]{43})([0-9A-Za-z]{6})")
NAME = {"name": "a token"}
SCOPE = {"scopes": ["tasks:read"]}


def test_is_shown_once_and_then_listed(alice: User) -> None:
    before = datetime.now(UTC)
    body = {"name": " Backup script ", "scopes": ["tasks:write", "tasks:read"], "expires_at": "2126-11-21T09:51:00Z"}
    answer = alice.post(URL, json=body)
    assert answer.status_code == 201
    created = answer.json()
    token = created.pop("token")
    assert created == {
        "id": str(uuid.UUID(created["id"])),
        "name": "Backup script",
        "scopes": ["tasks:read", "tasks:write"],
        "created_at": created["created_at"],
        "expires_at": "2126-11-21T09:51:00.000000Z",
        "last_used_at": None,
    }
    assert before <= datetime.fromisoformat(created["created_at"]) <= datetime.now(UTC)
    found = TOKEN.fullmatch(token)
    assert found is not None
    assert [number_of(each) for each in found.groups()[:2]] == [uuid.UUID(alice.id).int, uuid.UUID(created["id"]).int]
    assert checksum(found[1] + found[2] + found[3]) == found[4]
    assert alice.get(URL).json() == {"tokens": [created]}


def test_the_newest_is_listed_first_and_each_is_another(alice: User) -> None:
    created = [create(alice, name=str(number)) for number in range(5)]
    assert [token["name"] for token in listed(alice)] == ["4", "3", "2", "1", "0"]
    assert len({token["token"] for token in created}) == len({token["id"] for token in created}) == 5
    assert created[0]["expires_at"] is None


def test_does_what_its_user_may(alice: User) -> None:
    task = alice.new_task()
    with client(alice, create(alice)["token"]) as script:
        assert script.get(alice.tasks).json()["tasks"] == [task]
        assert script.get(f"/api/me/tasks/{task['id']}").json() == task
        made = script.post("/api/me/tasks", json={"title": "by a script"})
        assert (made.status_code, made.json()["user_id"]) == (201, alice.id)
        assert script.get("/api/auth/me").json()["id"] == alice.id


def test_says_when_it_was_used(alice: User) -> None:
    tokens = [create(alice) for _ in range(3)]
    for token in tokens[:2]:
        assert httpx.get(f"{alice.base_url}/api/me/tasks", headers=bearer(token["token"])).status_code == 200
    deadline = time.monotonic() + 60
    while not all((used := {each["id"]: each["last_used_at"] for each in listed(alice)})[t["id"]] for t in tokens[:2]):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    for token in tokens[:2]:
        assert used[token["id"]] >= token["created_at"]
    assert used[tokens[2]["id"]] is None


def test_a_deleted_one_is_refused_at_once(alice: User) -> None:
    kept, gone = create(alice), create(alice)
    with client(alice, gone["token"]) as script, client(alice, kept["token"]) as other:
        assert script.get(alice.tasks).status_code == 200
        answer = alice.delete(f"{URL}/{gone['id']}")
        assert (answer.status_code, answer.content) == (204, b"")
        assert_error(script.get(alice.tasks), 401, "unauthenticated")
        assert other.get(alice.tasks).status_code == 200
    assert [token["id"] for token in listed(alice)] == [kept["id"]]
    assert_error(alice.delete(f"{URL}/{gone['id']}"), 404, "token_not_found")


def test_one_that_was_never_used_is_refused_too(alice: User) -> None:
    token = create(alice)
    alice.delete(f"{URL}/{token['id']}")
    assert_error(httpx.get(f"{alice.base_url}/api/me/tasks", headers=bearer(token["token"])), 401, "unauthenticated")


def test_nobody_elses_can_be_seen_or_deleted(alice: User, bob: User) -> None:
    hers = create(alice)
    assert listed(bob) == []
    assert_error(bob.delete(f"{URL}/{hers['id']}"), 404, "token_not_found")
    assert_error(bob.delete(f"{URL}/{uuid.uuid4()}"), 404, "token_not_found")
    with client(alice, hers["token"]) as script:
        assert script.get(alice.tasks).status_code == 200
    assert [token["id"] for token in listed(alice)] == [hers["id"]]


@pytest.mark.parametrize("headers", [{}, bearer("a.b.c")])
def test_takes_a_log_in(guest: httpx.Client, headers: dict[str, str]) -> None:
    assert_error(guest.post(URL, json={**NAME, **SCOPE}, headers=headers), 401, "unauthenticated")
    assert_error(guest.get(URL, headers=headers), 401, "unauthenticated")
    assert_error(guest.delete(f"{URL}/{uuid.uuid4()}", headers=headers), 401, "unauthenticated")


@pytest.mark.parametrize(
    ("body", "loc", "kind"),
    [
        (SCOPE, ["name"], "missing"),
        (NAME, ["scopes"], "missing"),
        ({"name": "", **SCOPE}, ["name"], "string_too_short"),
        ({"name": "  ", **SCOPE}, ["name"], "string_too_short"),
        ({"name": "n" * 101, **SCOPE}, ["name"], "string_too_long"),
        ({"name": "a\x00b", **SCOPE}, ["name"], "string_pattern_mismatch"),
        ({"name": None, **SCOPE}, ["name"], "string_type"),
        ({"name": 7, **SCOPE}, ["name"], "string_type"),
        ({**NAME, "scopes": []}, ["scopes"], "too_short"),
        ({**NAME, "scopes": None}, ["scopes"], "list_type"),
        ({**NAME, "scopes": "tasks:read"}, ["scopes"], "list_type"),
        ({**NAME, "scopes": {"tasks:read": True}}, ["scopes"], "list_type"),
        ({**NAME, "scopes": ["tasks"]}, ["scopes", 0], "literal_error"),
        ({**NAME, "scopes": ["tasks:read", "TASKS:READ"]}, ["scopes", 1], "literal_error"),
        ({**NAME, "scopes": ["tasks:read tasks:write"]}, ["scopes", 0], "literal_error"),
        ({**NAME, "scopes": ["*"]}, ["scopes", 0], "literal_error"),
        ({**NAME, "scopes": [["tasks:read"]]}, ["scopes", 0], "literal_error"),
        ({**NAME, "scopes": [None]}, ["scopes", 0], "literal_error"),
        ({**NAME, "scopes": ["account", "account"]}, ["scopes"], "scope_repeated"),
        ({**NAME, **SCOPE, "token": "doable_mine"}, ["token"], "extra_forbidden"),
        ({**NAME, **SCOPE, "user_id": str(uuid.uuid4())}, ["user_id"], "extra_forbidden"),
    ],
)
def test_refuses_what_is_no_api_token(alice: User, body: Any, loc: list[str | int], kind: str) -> None:
    error = assert_error(alice.post(URL, json=body), 422, "validation_error")
    assert [(problem["loc"], problem["type"]) for problem in error["detail"]] == [(["body", *loc], kind)]
    assert listed(alice) == []


@pytest.mark.parametrize(
    ("expires_at", "kind"),
    [
        ("2126-11-21T09:51:00", "instant_not_valid"),
        ("2126-11-21", "instant_not_valid"),
        ("tomorrow", "instant_not_valid"),
        ("", "instant_not_valid"),
        ("4950000000", "instant_not_valid"),
        (4950000000, "instant_not_valid"),
        (4950000000.5, "instant_not_valid"),
        (True, "instant_not_valid"),
        (["2126-11-21T09:51:00Z"], "instant_not_valid"),
        ("2126-02-30T09:51:00Z", "instant_not_valid"),
        ("2126-11-21T24:51:00Z", "instant_not_valid"),
        ("2126-11-21T09:51:00+25:00", "instant_not_valid"),
        ("2126-11-21T09:51:00Z\n", "instant_not_valid"),
        ("२१२६-11-21T09:51:00Z", "instant_not_valid"),
        ("9999-12-31T23:59:59.999999Z", "instant_not_valid"),
        ("9999-12-31T23:59:59-23:59", "instant_not_valid"),
        ("0001-01-01T00:00:00+23:59", "instant_not_valid"),
        ("0000-01-01T00:00:00Z", "instant_not_valid"),
        ("99999-01-01T00:00:00Z", "instant_not_valid"),
        ("0001-01-01T00:00:00Z", "not_in_the_future"),
        ("2025-11-21T09:51:00Z", "not_in_the_future"),
    ],
)
def test_refuses_an_expiry_that_is_none(alice: User, expires_at: Any, kind: str) -> None:
    body = {**NAME, **SCOPE, "expires_at": expires_at}
    error = assert_error(alice.post(URL, json=body), 422, "validation_error")
    assert [(problem["loc"], problem["type"]) for problem in error["detail"]] == [(["body", "expires_at"], kind)]
    assert listed(alice) == []


@pytest.mark.parametrize(
    ("expires_at", "as_stored"),
    [
        (None, None),
        ("2126-11-21T09:51:00Z", "2126-11-21T09:51:00.000000Z"),
        ("2126-11-21t09:51:00z", "2126-11-21T09:51:00.000000Z"),
        ("2126-11-21T09:51:00.5+02:00", "2126-11-21T07:51:00.500000Z"),
        ("2126-11-21T09:51:00.123456789-00:00", "2126-11-21T09:51:00.123456Z"),
        ("9999-12-31T23:59:59.999998Z", "9999-12-31T23:59:59.999998Z"),
    ],
)
def test_an_expiry_is_any_instant_of_the_future(alice: User, expires_at: str | None, as_stored: str | None) -> None:
    created = create(alice, expires_at=expires_at)
    assert created["expires_at"] == listed(alice)[0]["expires_at"] == as_stored
    assert httpx.get(f"{alice.base_url}/api/me/tasks", headers=bearer(created["token"])).status_code == 200


def test_a_moment_ago_is_past(alice: User) -> None:
    past = (datetime.now(UTC) - timedelta(seconds=1)).isoformat()
    assert_error(alice.post(URL, json={**NAME, **SCOPE, "expires_at": past}), 422, "validation_error")


@pytest.mark.parametrize("content", [b"", b"{", b'{"name": "\\udc00"}', b"\xff"])
def test_refuses_what_cannot_be_read(alice: User, content: bytes) -> None:
    answer = alice.post(URL, content=content, headers={"Content-Type": "application/json"})
    assert_error(answer, 422, "validation_error" if content == b"" else "invalid_json")


@pytest.mark.parametrize("token_id", ["nonsense", "0", "doable_token", "*"])
def test_refuses_a_malformed_id(alice: User, token_id: str) -> None:
    assert_error(alice.delete(f"{URL}/{token_id}"), 422, "validation_error")


def test_there_are_at_most_100_also_when_they_are_made_at_once(alice: User, bob: User) -> None:
    create(bob)
    for _ in range(96):
        create(alice)
    with ThreadPoolExecutor(10) as threads:
        body = {**NAME, **SCOPE}
        answers = list(threads.map(lambda _: alice.post(URL, json=body), range(10)))
    assert sorted(answer.status_code for answer in answers) == [201] * 4 + [409] * 6
    for answer in answers:
        if answer.status_code == 409:
            assert_error(answer, 409, "too_many_tokens")
            assert "retry-after" not in answer.headers
    tokens = listed(alice)
    assert len(tokens) == 100
    assert alice.delete(f"{URL}/{tokens[-1]['id']}").status_code == 204
    create(alice)
    assert_error(alice.post(URL, json=body), 409, "too_many_tokens")
    create(bob)


def test_no_answer_with_a_token_is_kept_for_a_key(alice: User) -> None:
    headers = {"Idempotency-Key": "the same"}
    first, second = (alice.post(URL, json={**NAME, **SCOPE}, headers=headers) for _ in range(2))
    assert first.json()["token"] != second.json()["token"]
    assert "idempotency-replayed" not in second.headers
    assert len(listed(alice)) == 2


def test_refuses_another_method(alice: User) -> None:
    for method in ("PUT", "PATCH", "DELETE", "TRACE"):
        answer = alice.request(method, URL)
        assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD, OPTIONS, POST")
    for method in ("GET", "POST", "PUT", "PATCH", "HEAD", "TRACE"):
        answer = alice.request(method, f"{URL}/{uuid.uuid4()}")
        assert (answer.status_code, answer.headers["allow"]) == (405, "DELETE, OPTIONS")


def test_is_nowhere_in_plain(server: Server, alice: User) -> None:
    created = create(alice)
    token = created["token"]
    wrong = f"{token[:-1]}{DIGITS[(DIGITS.index(token[-1]) + 1) % 62]}"
    for sent in (token, wrong):
        httpx.get(f"{alice.base_url}/api/me/tasks", headers=bearer(sent))
        httpx.get(f"{alice.base_url}/api/me/tasks", params={"access_token": sent})
        httpx.get(f"{alice.base_url}/api/me/tasks/{sent}", headers=bearer(sent))
    alice.post(URL, json={"name": token, **SCOPE, "token": token})
    alice.delete(f"{URL}/{token}")
    data = Path(server.settings["DATA_DIR"])
    kept = str(schema.contents(schema.settings_of(server)))
    assert created["id"] in kept
    secrets = [token, token.removeprefix("doable_"), wrong, token[7:50]]
    for secret in secrets:
        assert secret not in kept
        assert secret not in server.log
        for file in data.rglob("*"):
            assert file.is_dir() or secret.encode() not in file.read_bytes()

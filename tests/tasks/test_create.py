"""POST /api/{user_id}/tasks."""

import re
from typing import Any

import httpx
import pytest

from support.users import User, assert_error
from support.writes import first_members

INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")


def test_answers_the_new_task(alice: User) -> None:
    answer = alice.post(alice.tasks, json={"title": "Buy oat milk", "description": "Two litres"})
    assert answer.status_code == 201
    task = answer.json()
    assert INSTANT.fullmatch(task["created_at"])
    assert first_members(task) == {
        "id": task["id"],
        "title": "Buy oat milk",
        "description": "Two litres",
        "is_completed": False,
        "completed_at": None,
        "user_id": alice.id,
        "created_at": task["created_at"],
        "updated_at": task["created_at"],
        "revision": 1,
    }
    assert alice.get(f"{alice.tasks}/{task['id']}").json() == task


def test_me_is_the_callers_id(alice: User) -> None:
    answer = alice.post("/api/me/tasks", json={"title": "Buy oat milk"})
    assert answer.status_code == 201
    assert answer.json()["user_id"] == alice.id


@pytest.mark.parametrize(
    "title",
    [
        "a",
        "t" * 200,
        "🧑‍🚀" * 50,
        "חלב שיבולת שועל \u200f",
        "Cafe\u0301 \u1e9b\u0323",
        "tab\tand\nline\r\nends",
        "\u200bzero width",
        "'; DROP TABLE tasks; --",
        "\U0010ffff\ufffe\x7f\x85é",
    ],
)
def test_any_valid_unicode_comes_back_unchanged(alice: User, title: str) -> None:
    task = alice.new_task(title.strip(), description=title)
    assert task["title"] == title.strip()
    assert task["description"] == title
    assert alice.get(f"{alice.tasks}/{task['id']}").json() == task


def test_white_space_around_the_title_is_removed(alice: User) -> None:
    assert alice.new_task(" \n\t\u2003 Buy oat milk \u00a0\r\n")["title"] == "Buy oat milk"
    assert alice.new_task(" " + "t" * 200 + " ")["title"] == "t" * 200


def test_a_description_of_2000_characters_fits(alice: User) -> None:
    assert alice.new_task(description="é" * 2000)["description"] == "é" * 2000
    assert not alice.new_task(description="")["description"]
    assert alice.new_task(description=None)["description"] is None


@pytest.mark.parametrize(
    ("body", "loc", "kind"),
    [
        ({}, ["body", "title"], "missing"),
        ({"title": None}, ["body", "title"], "string_type"),
        ({"title": 7}, ["body", "title"], "string_type"),
        ({"title": True}, ["body", "title"], "string_type"),
        ({"title": ["a"]}, ["body", "title"], "string_type"),
        ({"title": ""}, ["body", "title"], "string_too_short"),
        ({"title": " \t\n"}, ["body", "title"], "string_too_short"),
        ({"title": "t" * 201}, ["body", "title"], "string_too_long"),
        ({"title": "nul\x00"}, ["body", "title"], "string_pattern_mismatch"),
        ({"title": "escape\x1b[31m"}, ["body", "title"], "string_pattern_mismatch"),
        ({"title": "t", "description": "d" * 2001}, ["body", "description"], "string_too_long"),
        ({"title": "t", "description": "\x00"}, ["body", "description"], "string_pattern_mismatch"),
        ({"title": "t", "description": {}}, ["body", "description"], "string_type"),
        ({"title": "t", "user_id": "somebody"}, ["body", "user_id"], "extra_forbidden"),
        ({"title": "t", "is_completed": True}, ["body", "is_completed"], "extra_forbidden"),
        ([], ["body"], "model_attributes_type"),
        ("title", ["body"], "model_attributes_type"),
        (None, ["body"], "missing"),
    ],
)
def test_refuses_what_is_no_task(alice: User, body: Any, loc: list[str], kind: str) -> None:
    error = assert_error(alice.post(alice.tasks, json=body), 422, "validation_error")
    assert [(problem["loc"], problem["type"]) for problem in error["detail"]] == [(loc, kind)]
    assert alice.get(alice.tasks).json()["total"] == 0


@pytest.mark.parametrize(
    "content",
    [
        b"{",
        b"title=a",
        b'{"title": NaN}',
        b'{"title": "\\ud800"}',
        b'{"title": "\xed\xa0\x80"}',
        b'{"title": "\xff"}',
        b'{"title": "a",}',
        b"[" * 60_000,
        b'\xff\xfe{\x00"\x00',
    ],
)
def test_refuses_what_cannot_be_read(alice: User, content: bytes) -> None:
    answer = alice.post(alice.tasks, content=content, headers={"Content-Type": "application/json"})
    assert_error(answer, 422, "invalid_json")
    assert alice.get(alice.tasks).json()["total"] == 0


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/x-www-form-urlencoded", "application/xml", "nonsense"]
)
def test_refuses_other_content_types(alice: User, content_type: str) -> None:
    answer = alice.post(alice.tasks, content=b'{"title": "a"}', headers={"Content-Type": content_type})
    assert_error(answer, 415, "unsupported_media_type")


@pytest.mark.parametrize("encoding", ["gzip", "br", "identity, gzip", "nonsense"])
def test_refuses_what_is_encoded(alice: User, encoding: str) -> None:
    for lines in ([("Content-Encoding", encoding)], [("Content-Encoding", "identity"), ("Content-Encoding", encoding)]):
        answer = alice.post(alice.tasks, json={"title": "a"}, headers=lines)
        assert_error(answer, 415, "unsupported_media_type")
    assert alice.post(alice.tasks, json={"title": "a"}, headers={"Content-Encoding": "Identity"}).status_code == 201


def test_refuses_a_body_over_64_kib(alice: User) -> None:
    largest = b'{"title": "a"}' + b" " * (64 * 1024 - 14)
    headers = {"Content-Type": "application/json"}
    assert alice.post(alice.tasks, content=largest, headers=headers).status_code == 201
    assert_error(alice.post(alice.tasks, content=largest + b" ", headers=headers), 413, "body_too_large")
    # Without a Content-Length it is found out while reading.
    assert_error(alice.post(alice.tasks, content=iter([largest, b" "]), headers=headers), 413, "body_too_large")
    assert alice.get(alice.tasks).json()["total"] == 1


def test_refuses_another_owners_path(alice: User, bob: User) -> None:
    assert_error(alice.post(bob.tasks, json={"title": "mine?"}), 403, "forbidden")
    assert bob.get(bob.tasks).json()["total"] == 0


def test_refuses_nobody(alice: User) -> None:
    assert_error(httpx.post(f"{alice.base_url}{alice.tasks}", json={"title": "a"}), 401, "unauthenticated")


def test_refuses_another_method(alice: User) -> None:
    for method in ("PUT", "PATCH", "DELETE", "TRACE"):
        answer = alice.request(method, alice.tasks)
        assert answer.status_code == 405
        assert answer.headers["allow"] == "GET, HEAD, OPTIONS, POST"

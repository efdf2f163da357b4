"""PATCH /api/auth/me."""

from typing import Any

import httpx
import pytest

from support.users import User, assert_error


def test_changes_the_name_and_nothing_else(alice: User, bob: User) -> None:
    before, others = alice.get("/api/auth/me").json(), bob.get("/api/auth/me").json()
    answer = alice.patch("/api/auth/me", json={"name": "Zoë 🐈"})
    assert answer.status_code == 200
    assert answer.json() == {**before, "name": "Zoë 🐈"}
    assert alice.get("/api/auth/me").json() == answer.json()
    assert bob.get("/api/auth/me").json() == others


def test_white_space_around_it_is_removed(alice: User) -> None:
    assert alice.patch("/api/auth/me", json={"name": "  Alice A. "}).json()["name"] == "Alice A."


@pytest.mark.parametrize(
    ("body", "loc", "kind"),
    [
        ({}, ["body", "name"], "missing"),
        ({"name": None}, ["body", "name"], "string_type"),
        ({"name": 7}, ["body", "name"], "string_type"),
        ({"name": ""}, ["body", "name"], "string_too_short"),
        ({"name": " \n "}, ["body", "name"], "string_too_short"),
        ({"name": "n" * 101}, ["body", "name"], "string_too_long"),
        ({"name": "a\x00b"}, ["body", "name"], "string_pattern_mismatch"),
        ({"name": "Alice", "email": "alice@example.com"}, ["body", "email"], "extra_forbidden"),
        ({"name": "Alice", "id": "7"}, ["body", "id"], "extra_forbidden"),
        ([], ["body"], "model_attributes_type"),
        (None, ["body"], "missing"),
    ],
)
def test_refuses_what_is_no_name(alice: User, body: Any, loc: list[str], kind: str) -> None:
    before = alice.get("/api/auth/me").json()
    error = assert_error(alice.patch("/api/auth/me", json=body), 422, "validation_error")
    assert [(problem["loc"], problem["type"]) for problem in error["detail"]] == [(loc, kind)]
    assert alice.get("/api/auth/me").json() == before


def test_refuses_nobody_before_the_body_is_read(guest: httpx.Client) -> None:
    assert_error(guest.patch("/api/auth/me", content=b"{"), 401, "unauthenticated")


def test_refuses_what_cannot_be_read(alice: User) -> None:
    assert_error(
        alice.patch("/api/auth/me", content=b"name=Alice", headers={"Content-Type": "application/json"}),
        422,
        "invalid_json",
    )

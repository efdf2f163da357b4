"""JSON in bodies: what is read, and what cannot mean one thing only."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from doable.errors import DoableError
from doable.http.bodies import from_body
from support.users import User, assert_error

JSON = {"Content-Type": "application/json"}
KEYS = st.sampled_from(["a", "b", "a:", '"', "\\", ":", "", "é"])
TEXTS = st.text(alphabet='a:,"\\[]{}\u00e9\n', max_size=6)


def encoded(text: str) -> st.SearchStrategy[str]:
    """A way to write the text: as it is, or with everything escaped."""
    return st.sampled_from(
        [json.dumps(text, ensure_ascii=False), '"' + "".join(f"\\u{ord(c):04x}" for c in text) + '"']
    )


def objects(values: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    members = st.lists(st.tuples(KEYS.flatmap(encoded), values), max_size=3)
    return members.map(lambda each: "{" + ", ".join(f"{key} : {value}" for key, value in each) + "}")


DOCUMENTS = st.recursive(
    st.sampled_from(["1", "null", "-1.5e3"]) | TEXTS.flatmap(encoded),
    lambda values: objects(values) | st.lists(values, max_size=3).map(lambda each: f"[{','.join(each)}]"),
)


def has_repeated_keys(document: str) -> bool:
    """As a parser finds it that is told of each pair."""
    found = []

    def look(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found.append(len(dict(pairs)) < len(pairs))
        return dict(pairs)

    json.loads(document, object_pairs_hook=look)
    return any(found)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(DOCUMENTS)
def test_a_key_that_comes_twice_is_seen_however_it_is_written(document: str) -> None:
    if has_repeated_keys(document):
        with pytest.raises(DoableError, match="a key must not come twice"):
            from_body(document.encode())
    else:
        assert from_body(document.encode()) == json.loads(document)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("", b'{"title": "a", "title": "b"}'),
        ("", b'{"title": "a", "titl\\u0065": "at 12:30"}'),
        ("/batch", b'{"operations": [{"op": "create", "task": {"title": "a", "title": "a"}}]}'),
        ("/batch", b'{"operations": [], "operations": []' + b" " * 70_000 + b"}"),
    ],
)
def test_a_key_must_not_come_twice(one_user: User, path: str, body: bytes) -> None:
    answer = one_user.post(f"{one_user.tasks}{path}", content=body, headers=JSON)
    error = assert_error(answer, 422, "validation_error")
    assert error["message"] == "body: a key must not come twice in one object."
    assert [each["type"] for each in error["detail"]] == ["repeated_key"]
    assert one_user.get(one_user.tasks).json()["total"] == 0


def test_a_large_body_is_read_as_a_small_one(one_user: User) -> None:
    """It is read in a thread. Twice with one key is once, since its digest is the same."""
    operations = [{"op": "create", "task": {"title": "a", "description": "12:30, \\ " * 200}}] * 50
    key = {"Idempotency-Key": "a"}
    first, second = (
        one_user.post(f"{one_user.tasks}/batch", json={"operations": operations}, headers=key) for _ in range(2)
    )
    assert len(first.request.content) > 65_536
    assert first.status_code == second.status_code == 200
    assert first.content == second.content
    assert one_user.get(one_user.tasks).json()["total"] == 50
    for body in (b"[" * 70_000, b"1" * 70_000, b'"' + b"\\" * 70_001, b'{"operations": [1e999]}' + b" " * 70_000):
        answer = one_user.post(f"{one_user.tasks}/batch", content=body, headers=JSON)
        assert answer.status_code == 422


def test_what_another_may_not_have_is_refused_before_it_is_read(one_user: User) -> None:
    answer = one_user.post("/api/somebody/tasks", content=b"nonsense", headers=JSON)
    assert_error(answer, 403, "forbidden")

"""The body of an import: every wrong one is refused in words, and the connection or the next request is none the worse for it."""

from collections.abc import Iterator
from contextlib import closing

import pytest

from support.moving import send
from support.raw import Answer, exchange, head
from support.server import Server
from support.users import User, assert_error

HEAD = b'--b\r\nContent-Disposition: form-data; name="file"; filename="todo.txt"\r\n\r\n'
MULTIPART = {"Content-Type": "multipart/form-data; boundary=b"}


@pytest.fixture(scope="module")
def carol(one_server: Server) -> Iterator[User]:
    with closing(User(one_server.url)) as user:
        yield user


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"--b--\r\n",
        b"nonsense",
        HEAD + b"cut off",
        HEAD + b"without an end\r\n--b\r\n",
        HEAD.replace(b'"file"', b'"other"') + b"a\r\n--b--\r\n",
        HEAD.replace(b'; filename="todo.txt"', b"") + b"a\r\n--b--\r\n",
        HEAD + b"a\r\n" + HEAD + b"b\r\n--b--\r\n",
        b"--b\r\n" + b"X: y\r\n" * 100 + HEAD[5:] + b"a\r\n--b--\r\n",
        b"--b\r\nX: " + b"y" * 10_000 + b"\r\n\r\na\r\n--b--\r\n",
    ],
)
def test_what_is_no_multipart_with_one_file_is_refused(carol: User, body: bytes) -> None:
    refused = carol.post("/api/me/import", content=body, headers=MULTIPART)
    assert_error(refused, 422, "file_unreadable")


@pytest.mark.parametrize(
    "headers",
    [
        {"Content-Type": "application/json"},
        {"Content-Type": "multipart/form-data"},
        {"Content-Type": "multipart/form-data; boundary="},
        {**MULTIPART, "Content-Encoding": "gzip"},
        {},
    ],
)
def test_what_is_sent_as_something_else_is_refused(carol: User, headers: dict[str, str]) -> None:
    refused = carol.post("/api/me/import", content=HEAD + b"a\r\n--b--\r\n", headers=headers)
    assert_error(refused, 415, "unsupported_media_type")


@pytest.mark.parametrize(
    ("content", "filename", "query"),
    [
        (b"", "todo.txt", {}),
        (b"", "export.json", {"format": "doable"}),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "picture.png", {}),
        (b"\x00\xff" * 100, "export.json", {"format": "doable"}),
        (b'{"user":{},"tasks":[{"title":"a"}', "export.json", {}),
        (b'{"user":{},"tasks":[{"title":"a"},]}', "export.json", {}),
        (b'{"user":{},"tasks":[{"title":"\xff"}]}', "export.json", {}),
        (b'{"user":{},"tasks":[' + b"[" * 200_000, "export.json", {}),
        (b'{"user":{},"tasks":[' + b"9" * 5000 + b"]}", "export.json", {}),
        (b'{"user":{}} and more', "export.json", {}),
        (b"PK\x03\x04 and no zip", "todoist.zip", {}),
        (b"a\n", "todo.txt", {"format": "unknown"}),
    ],
)
def test_what_cannot_be_read_is_refused(carol: User, content: bytes, filename: str, query: dict[str, str]) -> None:
    for dry_run in ("true", "false"):
        error = assert_error(send(carol, content, filename, dry_run=dry_run, **query), 422, "file_unreadable")
        assert error["detail"][0]["loc"] == ["body", "file"]
    assert carol.get("/api/me/imports").json() == {"imports": []}


def test_a_file_may_have_50_mib_and_no_more(one_server: Server, carol: User) -> None:
    """It is refused as soon as its length is known, and before it comes."""
    lines = [f"Authorization: Bearer {carol.token}", f"Content-Type: {MULTIPART['Content-Type']}"]
    received = exchange(one_server, head("POST", "/api/me/import", *lines, f"Content-Length: {51 * 1024 * 1024}"))
    (answer,) = Answer.all(received)
    assert (answer.status, answer.error["code"]) == (413, "body_too_large")


def test_other_methods_are_refused(carol: User) -> None:
    assert_error(carol.put("/api/me/import"), 405, "method_not_allowed")
    assert_error(carol.post("/api/me/imports"), 405, "method_not_allowed")

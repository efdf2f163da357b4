"""GET /tasks/{task_id}: the page that a link to a task leads to without the web client. What it does is tested in a browser (test_browser.py)."""

import uuid
from collections.abc import Iterator
from contextlib import closing

import httpx
import pytest

from support.server import PlainServer, Server
from support.users import User, assert_error


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with PlainServer(tmp_path_factory.mktemp("plain")) as running:
        yield running


@pytest.fixture
def user(server: Server) -> Iterator[User]:
    with closing(User(server.url)) as somebody:
        yield somebody


@pytest.fixture
def guest(server: Server) -> Iterator[httpx.Client]:
    """Somebody who is not logged in."""
    with httpx.Client(base_url=server.url, timeout=30) as client:
        yield client


def test_the_page_is_private_loads_nothing_and_knows_no_task(guest: httpx.Client, user: User) -> None:
    task = user.new_task("<i>mine</i>")
    answer = guest.get(f"/tasks/{task['id']}")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["cache-control"] == "no-store"
    policy = dict(part.strip().partition(" ")[::2] for part in answer.headers["content-security-policy"].split(";"))
    assert policy["default-src"] == policy["base-uri"] == policy["form-action"] == policy["frame-ancestors"] == "'none'"
    assert policy["script-src"].startswith("'sha256-")
    assert (policy["connect-src"], "unsafe" in str(policy)) == ("'self'", False)
    assert "http" not in answer.text
    # There is nothing to be learned of whose it is, or of whether there is one.
    assert guest.get(f"/tasks/{uuid.uuid4()}", params={"a": "<script>"}).content == answer.content
    assert user.get(f"/tasks/{task['id']}").content == answer.content


@pytest.mark.parametrize("task_id", ["1", "a b", "<script>", "0f8fad5b-d9cb-469f-a165-70867728950"])
def test_at_what_is_no_id_there_is_nothing(guest: httpx.Client, task_id: str) -> None:
    refused = assert_error(guest.get(f"/tasks/{task_id}"), 404, "route_not_found")
    assert refused == assert_error(guest.get("/nothing"), 404, "route_not_found")


def test_refuses_another_method(guest: httpx.Client) -> None:
    assert_error(guest.post(f"/tasks/{uuid.uuid4()}", json={}), 405, "method_not_allowed")

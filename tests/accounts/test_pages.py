"""GET /account/reset-password and GET /account/verify-email without the web client. What they do is tested in a browser (test_browser.py)."""

from collections.abc import Iterator

import httpx
import pytest

from support.server import PlainServer
from support.users import assert_error

PAGES = ["/account/reset-password", "/account/verify-email"]


@pytest.fixture(scope="module")
def guest(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    with (
        PlainServer(tmp_path_factory.mktemp("plain")) as server,
        httpx.Client(base_url=server.url, timeout=30) as client,
    ):
        yield client


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_private_and_loads_nothing(guest: httpx.Client, path: str) -> None:
    answer = guest.get(path)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["cache-control"] == "no-store"
    policy = dict(part.strip().partition(" ")[::2] for part in answer.headers["content-security-policy"].split(";"))
    assert policy["default-src"] == policy["base-uri"] == policy["form-action"] == policy["frame-ancestors"] == "'none'"
    assert policy["script-src"].startswith("'sha256-")
    assert "unsafe" not in str(policy)
    assert "http" not in answer.text
    # Whatever a mail program asks with, it is the same page, and nothing of it comes back.
    assert guest.get(path, params={"token": "<script>"}).content == answer.content


@pytest.mark.parametrize("path", PAGES)
def test_refuses_another_method(guest: httpx.Client, path: str) -> None:
    assert_error(guest.post(path, json={}), 405, "method_not_allowed")

"""One gate: an edge that is no route of FastAPI's, and whose token is in another header, refuses the same callers as a route."""

import json
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from support import has_other_edges
from support.api_tokens import bearer, create
from support.issuers import SHARING, IssuersUser
from support.logs import line_of
from support.server import Server
from support.users import TLS, User, assert_error


class EdgesServer(Server):
    """A server with `has_other_edges`, where each user may send 20 requests a day."""

    script = Path(has_other_edges.__file__)


@pytest.fixture(scope="module")
def server(
    migrated_database_settings: Callable[[], dict[str, str]], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    settings = {**migrated_database_settings(), "THROTTLE_REQUESTS": "20/day", "TRUSTED_ISSUERS": json.dumps([SHARING])}
    with EdgesServer(tmp_path_factory.mktemp("edges"), **settings) as running:
        yield running


def by_bearer(server: Server, token: str) -> httpx.Response:
    return httpx.get(f"{server.url}/api/me/changes", headers=bearer(token), verify=TLS)


def by_basic(server: Server, token: str) -> httpx.Response:
    return httpx.get(f"{server.url}/basic/", auth=("whoever", token), verify=TLS)


def by_cookie(server: Server, token: str) -> httpx.Response:
    return httpx.get(f"{server.url}/cookie/", headers={"Cookie": f"session={token}"}, verify=TLS)


WAYS = [by_bearer, by_basic, by_cookie]


@pytest.mark.parametrize("ask", WAYS)
def test_whatever_logs_in_comes_in(
    server: Server, alice: User, ann: IssuersUser, ask: Callable[[Server, str], httpx.Response]
) -> None:
    for user, token in ((alice, alice.token), (alice, create(alice, "tasks:read")["token"]), (ann, ann.token)):
        answer = ask(server, token)
        assert answer.status_code == 200
        assert ask is by_bearer or answer.text == user.id


@pytest.mark.parametrize("ask", WAYS)
def test_no_token_of_nobody(server: Server, ask: Callable[[Server, str], httpx.Response]) -> None:
    for token in ("nonsense", "doable_nonsense", "a.b.c"):
        assert_error(ask(server, token), 401, "unauthenticated")


@pytest.mark.parametrize("ask", WAYS)
def test_no_other_scope(server: Server, alice: User, ask: Callable[[Server, str], httpx.Response]) -> None:
    answer = ask(server, create(alice, "tasks:write", "account")["token"])
    assert_error(answer, 403, "insufficient_scope")
    assert answer.headers["www-authenticate"] == 'Bearer error="insufficient_scope", scope="tasks:read"'


@pytest.mark.parametrize("ask", WAYS)
def test_nothing_that_is_revoked(server: Server, alice: User, ask: Callable[[Server, str], httpx.Response]) -> None:
    made = create(alice, "tasks:read")
    assert ask(server, made["token"]).status_code == 200
    assert alice.delete(f"/api/auth/tokens/{made['id']}").status_code == 204
    assert_error(ask(server, made["token"]), 401, "unauthenticated")
    assert ask(server, alice.token).status_code == 200
    assert alice.post("/api/auth/logout").status_code == 204
    assert_error(ask(server, alice.token), 401, "unauthenticated")


def test_all_count_into_one_quota(server: Server, alice: User) -> None:
    asked = [WAYS[number % 3](server, alice.token) for number in range(21)]
    assert [answer.status_code for answer in asked] == [200] * 20 + [429]
    left = [int(answer.headers["ratelimit"].split("r=")[1].split(";")[0]) for answer in asked]
    assert left == [*range(19, -1, -1), 0]
    assert_error(by_basic(server, alice.token), 429, "too_many_requests")


def test_the_log_says_who_it_was(server: Server, alice: User) -> None:
    for ask in WAYS:
        answer = ask(server, create(alice, "account")["token"])
        assert answer.status_code == 403
        assert line_of(server, answer.headers["x-request-id"])["user_id"] == alice.id


@pytest.fixture
def alice(server: Server) -> Iterator[User]:
    with closing(User(server.url)) as user:
        yield user

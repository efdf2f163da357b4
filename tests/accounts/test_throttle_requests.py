"""THROTTLE_REQUESTS: how many requests a user may send."""

import re
from collections.abc import Iterator
from contextlib import closing
from urllib.parse import urlsplit

import httpx
import pytest

from doable.errors import TooManyRequests
from doable.settings.limits import Limit
from doable.throttling.quotas import Headers, Quotas
from support.clocks import ClockServer
from support.document import operations, response
from support.users import User, assert_error

TOO_MANY = 429, "too_many_requests"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ClockServer]:
    """Counts in its memory, whichever database it has."""
    with ClockServer(tmp_path_factory.mktemp("requests"), THROTTLE_REQUESTS="4/30seconds") as running:
        yield running


@pytest.fixture
def alice(server: ClockServer) -> Iterator[User]:
    with closing(User(server.url)) as user:
        yield user


def left(answer: httpx.Response) -> int:
    """How many requests are left, as the answer says."""
    assert answer.headers["ratelimit-policy"] == '"user";q=4;w=30'
    found = re.fullmatch(r'"user";r=(\d+);t=(\d+)', answer.headers["ratelimit"])
    assert found
    assert 0 < int(found[2]) <= 30
    return int(found[1])


def test_each_answer_says_what_is_left_errors_too(alice: User) -> None:
    assert left(alice.post(alice.tasks, json={"title": "a"})) == 3
    assert left(alice.get(f"{alice.tasks}/nonsense")) == 2
    assert left(alice.get("/api/somebody/tasks")) == 1
    with alice.stream("GET", "/api/me/events") as events:
        assert left(events) == 0
    refused = alice.get(alice.tasks)
    assert_error(refused, *TOO_MANY)
    assert left(refused) == 0
    assert refused.headers["retry-after"] == refused.headers["ratelimit"].rpartition("t=")[2]


def test_users_are_counted_each_for_themselves(server: ClockServer, alice: User) -> None:
    while alice.get(alice.tasks).status_code == 200:
        pass
    with closing(User(server.url)) as bob:
        assert left(bob.get(bob.tasks)) == 3


def test_what_is_refused_is_not_counted_and_the_period_ends(server: ClockServer, alice: User) -> None:
    answers = [alice.post(alice.tasks, json={"title": "a"}).status_code for _ in range(9)]
    assert answers == [201] * 4 + [429] * 5
    server.move(31)
    answer = alice.get(alice.tasks)
    assert left(answer) == 3
    assert answer.json()["total"] == 4


def test_the_calendar_counts_as_its_users(server: ClockServer, alice: User) -> None:
    path = urlsplit(alice.post("/api/me/calendar-token").json()["url"]).path
    assert left(httpx.get(f"{server.url}{path}")) == 2
    assert left(alice.get(alice.tasks)) == 1
    assert "ratelimit" not in httpx.get(f"{server.url}{path}x").headers
    assert left(httpx.head(f"{server.url}{path}")) == 0
    assert_error(httpx.get(f"{server.url}{path}"), *TOO_MANY)


def test_nobody_is_no_user(server: ClockServer, alice: User) -> None:
    for answer in (
        httpx.get(f"{server.url}/health"),
        httpx.get(f"{server.url}/api/me/tasks"),
        httpx.get(f"{server.url}/api/me/tasks", headers={"Authorization": f"Bearer {alice.token}x"}),
    ):
        assert "ratelimit" not in answer.headers
    assert left(alice.get(alice.tasks)) == 3


def test_the_documents_of_routes_that_need_a_token_have_it(server: ClockServer) -> None:
    document = httpx.get(f"{server.url}/openapi.json").json()
    for _, path, operation in operations(document):
        if operation["security"]:
            assert "Retry-After" in response(document, operation, "429")["headers"], path


@pytest.mark.parametrize(("workers", "share"), [(1, 10), (3, 3), (64, 1)])
def test_workers_share_evenly(workers: int, share: int) -> None:
    limit = Limit.parse("10/hour")
    assert limit
    quotas = Quotas(limit, workers)
    for _ in range(share):
        quotas.use("alice", [])
    headers: Headers = []
    with pytest.raises(TooManyRequests):
        quotas.use("alice", headers)
    assert headers == [
        (b"ratelimit-policy", b'"user";q=%d;w=3600' % share),
        (b"ratelimit", b'"user";r=0;t=3600'),
    ]

"""Who may enter, and what is said to those who may not."""

import base64
from contextlib import closing

import httpx
import pytest

from conftest import NewServer
from support.api_tokens import bearer, create
from support.dav import Phone, assert_refused
from support.issuers import IssuersUser
from support.logs import line_of
from support.server import Server
from support.users import PASSWORD, User

on_sqlite = pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
METHODS = [
    "OPTIONS",
    "GET",
    "PROPFIND",
    "REPORT",
    "PROPPATCH",
    "MKCALENDAR",
    "MKCOL",
    "PUT",
    "DELETE",
    "MOVE",
    "COPY",
    "LOCK",
]


def basic(name: str, password: str) -> dict[str, str]:
    credentials = base64.b64encode(f"{name}:{password}".encode()).decode()
    return {"Authorization": f"Basic {credentials}"}


def options(user: User, headers: dict[str, str]) -> httpx.Response:
    return httpx.request("OPTIONS", f"{user.base_url}/dav/", headers=headers)


def test_an_api_token_by_basic_or_bearer(alice: User) -> None:
    token = create(alice, "tasks:read")["token"]
    for name in (alice.email, alice.email.upper(), f" {alice.email}", alice.id, alice.id.upper()):
        assert options(alice, basic(name, token)).status_code == 200, name
    assert (
        options(alice, {"Authorization": "bAsIc " + basic(alice.email, token)["Authorization"][6:]}).status_code == 200
    )
    assert options(alice, bearer(token)).status_code == 200
    assert options(alice, bearer(alice.token)).status_code == 200  # of a log-in


def test_the_log_in_of_another_issuer(ann: IssuersUser) -> None:
    answer = httpx.request("OPTIONS", f"{ann.base_url}/dav/", headers={"Authorization": ann.headers["authorization"]})
    assert answer.status_code == 200


def test_nobody_else(alice: User, bob: User) -> None:
    token, bobs = create(alice)["token"], create(bob)["token"]
    refused = [
        {},
        basic(alice.email, PASSWORD),
        basic(alice.email, alice.token),
        basic(alice.email, bobs),  # somebody else's token
        basic(bob.id, token),
        basic("", token),
        basic("nobody@example.com", token),
        basic(alice.email, f"{token}x"),
        {"Authorization": "Basic"},
        {"Authorization": "Basic !"},
        {"Authorization": "Basic " + base64.b64encode(b"\xff:\xff").decode()},
        {"Authorization": "Basic " + base64.b64encode(token.encode()).decode()},
        {"Authorization": f"Digest {token}"},
        bearer("doable_nonsense"),
    ]
    for headers in refused:
        root = assert_refused(options(alice, headers), 401)
        assert "API token" in (root.findtext("{urn:doable}message") or "")
    twice = httpx.request("OPTIONS", f"{alice.base_url}/dav/", headers=[*basic(alice.email, token).items()] * 2)
    assert_refused(twice, 401)


@pytest.mark.parametrize("method", METHODS)
def test_nobody_is_told_anything_by_any_method(method: str, one_user: User) -> None:
    for path in ("/dav", "/dav/", f"/dav/calendars/{one_user.id}/inbox/", "/dav/calendars/a/b/c", "/dav/nonsense/%00"):
        assert_refused(httpx.request(method, f"{one_user.base_url}{path}"), 401)


def test_nothing_that_is_revoked_or_has_expired(alice: User) -> None:
    made = create(alice, "tasks:read")
    assert options(alice, basic(alice.email, made["token"])).status_code == 200
    alice.delete(f"/api/auth/tokens/{made['id']}")
    assert_refused(options(alice, basic(alice.email, made["token"])), 401)


@on_sqlite
def test_wrong_tokens_are_throttled_by_network_and_good_ones_are_not(new_server: NewServer) -> None:
    with (
        new_server(THROTTLE_CALDAV="2/hour", TRUSTED_PROXIES="127.0.0.1") as server,
        closing(User(server.url)) as user,
    ):
        here, there = {"X-Forwarded-For": "203.0.113.7"}, {"X-Forwarded-For": "203.0.113.8"}
        good, wrong = basic(user.email, create(user)["token"]), basic(user.email, PASSWORD)
        # Whoever sends nothing is only told how to log in.
        assert [options(user, here).status_code for _ in range(3)] == [401] * 3
        assert [options(user, {**here, **wrong}).status_code for _ in range(3)] == [401, 401, 429]
        assert_refused(options(user, {**here, **wrong}), 429)
        assert options(user, {**here, **good}).status_code == 200
        assert options(user, {**there, **wrong}).status_code == 401


def test_no_page_of_another_origin(anns: Phone) -> None:
    """Whatever CORS_ORIGINS says, which is `*` here: a page would act by the password that the browser knows."""
    asked = {"Origin": "https://example.com", "Access-Control-Request-Method": "PUT"}
    for path in ("/dav", "/dav/", anns.inbox):
        preflight = httpx.request("OPTIONS", f"{anns.base_url}{path}", headers=asked)
        assert_refused(preflight, 401)
        for answer in (preflight, anns.dav("PROPFIND", path, Origin="https://example.com")):
            assert not [name for name in answer.headers if name.startswith("access-control-")]
    assert "access-control-allow-origin" in anns.get("/davs", headers={"Origin": "https://example.com"}).headers


@on_sqlite
def test_requests_count_into_the_users_quota(new_server: NewServer) -> None:
    with (
        new_server(THROTTLE_REQUESTS="3/day") as server,
        closing(User(server.url)) as user,
        closing(Phone(user)) as phone,
    ):
        answers = [phone.dav("OPTIONS", "/dav/") for _ in range(3)]
        assert [answer.status_code for answer in answers] == [200, 200, 429]
        assert_refused(answers[-1], 429)


def test_log_lines_and_figures_name_the_kind_of_address(one_server: Server, anns: Phone) -> None:
    for path, route in {
        "/dav": "/dav",
        "/dav/secret-word": "/dav",
        "/dav/principals/": "/dav/principals",
        f"/dav/principals/{anns.user.id}/": "/dav/principals/{user_id}",
        f"{anns.home}secret-word/": "/dav/calendars/{user_id}/{list}",
        f"{anns.home}inbox/secret-word": "/dav/calendars/{user_id}/{list}/{name}",
    }.items():
        answer = anns.dav("OPTIONS", path)
        line = line_of(one_server, answer.headers["x-request-id"])
        assert (line["route"], line["user_id"], line["method"]) == (route, anns.user.id, "OPTIONS")
    assert "secret-word" not in one_server.log
    assert anns.token not in one_server.log

"""POST /account/session/{signup,login,refresh} and DELETE /account/session: log-in of Doable's own pages."""

from collections.abc import Iterator
from contextlib import closing
from http.cookies import Morsel, SimpleCookie
from pathlib import Path
from typing import Any

import httpx
import pytest

from conftest import NewServer
from support.clocks import ClockServer
from support.server import QuickServer, Server
from support.sessions import Tokens, assert_in, assert_out, bearer, log_in, session_id_of
from support.users import PASSWORD, User, assert_error

SESSION = "/account/session"
INVALID = 401, "refresh_token_invalid"
CROSS_ORIGIN = 403, "cross_origin"
DAYS = 24 * 60 * 60


def page_of(server: Server, origin: str | None = None) -> httpx.Client:
    """A page of that server, in a browser with no cookies."""
    return httpx.Client(base_url=server.url, headers={"Origin": origin or server.url}, timeout=60)


@pytest.fixture
def page(server: Server) -> Iterator[httpx.Client]:
    with page_of(server) as client:
        yield client


def name_of(server: Server) -> str:
    """The cookie's, on plain http."""
    return f"doable-session-{server.port}"


def cookie_of(answer: httpx.Response) -> Morsel[str]:
    """The one cookie that an answer sets."""
    (line,) = answer.headers.get_list("set-cookie")
    (morsel,) = SimpleCookie(line).values()
    return morsel


def log_in_on(page: httpx.Client, email: str) -> Tokens:
    answer = page.post(f"{SESSION}/login", json={"email": email, "password": PASSWORD})
    assert answer.status_code == 200, answer.text
    tokens: Tokens = answer.json()
    return tokens


def refresh_on(page: httpx.Client, **headers: str) -> httpx.Response:
    return page.post(f"{SESSION}/refresh", headers=headers)


def with_cookie(server: Server, token: str, **headers: str) -> dict[str, str]:
    """The headers of a request with this refresh token."""
    return {"Cookie": f"{name_of(server)}={token}", **headers}


def without(answer: Any, *names: str) -> Any:
    return {name: value for name, value in answer.items() if name not in {"access_token", "refresh_token", *names}}


def test_the_answers_are_the_apis_but_for_the_refresh_token(
    server: Server, page: httpx.Client, guest: httpx.Client, alice: User, email: str
) -> None:
    credentials = {"email": alice.email, "password": PASSWORD}
    of_page = page.post(f"{SESSION}/login", json=credentials)
    of_api = guest.post("/api/auth/login", json=credentials)
    assert without(of_page.json()) == without(of_api.json())
    assert of_api.json().keys() - of_page.json().keys() == {"refresh_token"}
    assert of_page.headers["cache-control"] == of_api.headers["cache-control"] == "no-store"

    refreshed = page.post(f"{SESSION}/refresh")
    assert refreshed.json().keys() == {"access_token", "token_type", "expires_in"}
    assert session_id_of(refreshed.json()) == session_id_of(of_page.json())

    with page_of(server) as another:
        signed_up = another.post(f"{SESSION}/signup", json={"email": email, "password": PASSWORD, "name": "Al"})
        assert signed_up.status_code == 201
        with closing(User(server.url)) as bob:
            body = guest.post("/api/auth/login", json={"email": bob.email, "password": PASSWORD}).json()
        assert signed_up.json().keys() == body.keys() - {"refresh_token"} | body["user"].keys()
        assert signed_up.json()["name"] == signed_up.json()["user"]["name"] == "Al"
        assert_in(another, refresh_on(another).json())
    assert_in(page, of_page.json(), refreshed.json())


def test_the_cookie_is_for_these_routes_alone(server: Server, page: httpx.Client, alice: User) -> None:
    credentials = {"email": alice.email, "password": PASSWORD}
    for answer in (page.post(f"{SESSION}/login", json=credentials), refresh_on(page)):
        cookie = cookie_of(answer)
        assert cookie.key == name_of(server)
        assert len(cookie.value) == 116
        assert cookie["httponly"] is True
        assert cookie["samesite"] == "strict"
        assert cookie["path"] == SESSION
        assert cookie["domain"] == cookie["secure"] == ""
        assert 14 * DAYS - 60 < int(cookie["max-age"]) <= 14 * DAYS
    # And it is no access token.
    held = {"Cookie": f"{name_of(server)}={cookie.value}"}
    assert_error(page.get("/api/auth/me", headers=held), 401, "unauthenticated")


def test_on_https_the_cookie_is_for_https_alone(server: Server, alice: User) -> None:
    """TLS ends at a proxy: only the page's own origin says so."""
    credentials = {"email": alice.email, "password": PASSWORD}
    host = "tasks.example.com"
    with httpx.Client(
        base_url=server.url,
        headers={"Origin": f"https://{host}", "Host": host, "Sec-Fetch-Site": "same-origin"},
        timeout=60,
    ) as page:
        cookie = cookie_of(page.post(f"{SESSION}/login", json=credentials))
        assert cookie.key == "__Secure-doable-session"
        assert cookie["secure"] is True
        assert cookie["httponly"] is True
        assert cookie["samesite"] == "strict"
        held = {"Cookie": f"__Secure-doable-session={cookie.value}"}
        answer = refresh_on(page, **held)
        assert answer.status_code == 200
        # The cookie of plain http is another: somebody in the network may have put it there.
        plain = {"Cookie": f"doable-session-80={cookie_of(answer).value}"}
        assert_error(refresh_on(page, **plain), *INVALID)
        gone = cookie_of(page.delete(SESSION))
        assert (gone.key, gone["max-age"], gone["secure"]) == ("__Secure-doable-session", "0", True)


def test_below_a_path_the_cookie_is_below_it_too(new_server: NewServer) -> None:
    with (
        new_server(PUBLIC_URL="https://example.com/tasks") as server,
        closing(User(server.url)) as alice,
        # A proxy that takes the path away and says nothing of the host that the browser asked.
        page_of(server, "https://example.com") as page,
    ):
        credentials = {"email": alice.email, "password": PASSWORD}
        cookie = cookie_of(page.post(f"{SESSION}/login", json=credentials))
        assert (cookie.key, cookie["path"]) == ("__Secure-doable-session", "/tasks/account/session")
        # And one that leaves it there.
        page.headers["Cookie"] = f"{cookie.key}={cookie.value}"
        for path in ("", "/tasks"):
            assert page.post(f"{path}{SESSION}/refresh").status_code == 200


ATTACKS: list[dict[str, str]] = [
    {},
    {"Origin": "null"},
    {"Origin": ""},
    {"Origin": "https://evil.example"},
    {"Origin": "http://127.0.0.1:1"},
    {"Origin": "http://127.0.0.1"},
    {"Origin": "127.0.0.1:{port}"},
    {"Origin": "http://localhost:{port}"},
    {"Origin": "http://127.0.0.1:{port}.evil.example"},
    {"Origin": "http://evil.example#127.0.0.1:{port}"},
    {"Origin": "http://127.0.0.1:{port} http://evil.example"},
    {"Referer": "http://127.0.0.1:{port}/"},
    {"Sec-Fetch-Site": "cross-site", "Origin": "http://127.0.0.1:{port}"},
    {"Sec-Fetch-Site": "same-site", "Origin": "http://127.0.0.1:{port}"},
    {"Sec-Fetch-Site": "none", "Origin": "http://127.0.0.1:{port}"},
    {"Sec-Fetch-Site": "", "Origin": "http://127.0.0.1:{port}"},
    {"Sec-Fetch-Site": "same-origin, cross-site", "Origin": "http://127.0.0.1:{port}"},
    {"Sec-Fetch-Site": "Same-Origin", "Origin": "http://127.0.0.1:{port}"},
    {"X-Forwarded-Host": "evil.example", "Origin": "http://evil.example"},
]


@pytest.mark.parametrize("attack", ATTACKS, ids=str)
def test_no_other_page_may_use_it(server: Server, guest: httpx.Client, alice: User, attack: dict[str, str]) -> None:
    headers = {name: value.format(port=server.port) for name, value in attack.items()}
    held = with_cookie(server, alice.refresh_token, **headers)
    credentials = {"email": alice.email, "password": PASSWORD}
    for answer in (
        guest.post(f"{SESSION}/login", json=credentials, headers=held),
        guest.post(f"{SESSION}/signup", json=credentials, headers=held),
        guest.post(f"{SESSION}/refresh", headers=held),
        guest.delete(SESSION, headers=held),
        # Before anything of it is read.
        guest.post(f"{SESSION}/login", content=b"a=b&" * 100_000, headers=held),
    ):
        assert_error(answer, *CROSS_ORIGIN)
        assert "set-cookie" not in answer.headers
    # The victim is still logged in, and the token was not used.
    with page_of(server) as page:
        assert refresh_on(page, **with_cookie(server, alice.refresh_token)).status_code == 200


def test_two_origins_are_none(server: Server, guest: httpx.Client, alice: User) -> None:
    for name in ("Origin", "Sec-Fetch-Site"):
        good, bad = (server.url, "http://evil.example") if name == "Origin" else ("same-origin", "cross-site")
        for both in ([good, bad], [bad, good]):
            lines = [*((name, value) for value in both), *with_cookie(server, alice.refresh_token).items()]
            assert_error(guest.post(f"{SESSION}/refresh", headers=lines), *CROSS_ORIGIN)


@pytest.mark.parametrize(
    "headers", [{"Sec-Fetch-Site": "same-origin"}, {"Sec-Fetch-Site": "same-origin", "Origin": "null"}]
)
def test_a_browser_that_names_the_site_needs_no_origin(
    server: Server, guest: httpx.Client, alice: User, headers: dict[str, str]
) -> None:
    answer = guest.post(f"{SESSION}/refresh", headers=with_cookie(server, alice.refresh_token, **headers))
    assert answer.status_code == 200
    assert cookie_of(answer).key == name_of(server)


@pytest.mark.parametrize(
    "content_type",
    [
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=a",
        "text/plain",
        "text/plain;application/json",
    ],
)
def test_no_form_logs_in(page: httpx.Client, alice: User, content_type: str) -> None:
    """Even a page's own: what a form can send is nothing that is read."""
    body = f'{{"email": "{alice.email}", "password": "{PASSWORD}"}}'
    for path in ("login", "signup"):
        answer = page.post(f"{SESSION}/{path}", content=body, headers={"Content-Type": content_type})
        assert_error(answer, 415, "unsupported_media_type")
        assert "set-cookie" not in answer.headers


def test_refuses_what_the_api_refuses(page: httpx.Client, alice: User, email: str) -> None:
    wrong = {"email": alice.email, "password": "wrong horse"}
    assert_error(page.post(f"{SESSION}/login", json=wrong), 401, "wrong_credentials")
    taken = {"email": alice.email, "password": PASSWORD}
    assert_error(page.post(f"{SESSION}/signup", json=taken), 409, "email_taken")
    weak = {"email": email, "password": "password"}
    assert_error(page.post(f"{SESSION}/signup", json=weak), 422, "weak_password")
    assert_error(page.post(f"{SESSION}/login", json={}), 422, "validation_error")
    assert_error(page.post(f"{SESSION}/login", content=b"a" * 1_000_000), 413, "body_too_large")
    for method, path in (("GET", "/refresh"), ("GET", "/login"), ("POST", ""), ("PUT", ""), ("GET", "")):
        assert_error(page.request(method, SESSION + path), 405, "method_not_allowed")
    assert not page.cookies


def test_where_addresses_are_verified_sign_up_opens_no_session(new_server: NewServer, email: str) -> None:
    with new_server(REQUIRE_EMAIL_VERIFICATION="true") as server, page_of(server) as page:
        body = {"email": email, "password": PASSWORD}
        answer = page.post(f"{SESSION}/signup", json=body)
        assert answer.status_code == 201
        assert answer.json().keys() == {"id", "email", "name", "created_at", "email_verified_at", "user"}
        assert "set-cookie" not in answer.headers
        answer = page.post(f"{SESSION}/login", json=body)
        assert_error(answer, 403, "email_not_verified")
        assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("value", [None, "", "nonsense", "a" * 116, "a" * 5000, '"quoted"', "é", "a=b=c"])
def test_a_cookie_that_is_none_is_no_session(server: Server, page: httpx.Client, value: str | None) -> None:
    held = [] if value is None else [(b"Cookie", f"{name_of(server)}={value}".encode())]
    assert_error(page.post(f"{SESSION}/refresh", headers=held), *INVALID)
    answer = page.delete(SESSION, headers=held)
    assert answer.status_code == 204
    assert cookie_of(answer)["max-age"] == "0"


def test_of_two_cookies_none_counts(server: Server, page: httpx.Client, alice: User, bob: User) -> None:
    """A page of a neighbour's host can plant one. It must not become the session that somebody writes into."""
    name = name_of(server)
    planted, own = f"{name}={bob.refresh_token}", f"{name}={alice.refresh_token}"
    for lines in (
        [("Cookie", f"{planted}; {own}")],
        [("Cookie", f"{own}; {planted}")],
        [("Cookie", own), ("Cookie", planted)],
    ):
        assert_error(page.post(f"{SESSION}/refresh", headers=lines), *INVALID)
        assert page.request("DELETE", SESSION, headers=lines).status_code == 204
    # Others beside it do not matter, and neither does the same twice.
    answer = page.post(f"{SESSION}/refresh", headers={"Cookie": f"theme=dark; {own}; x-{planted};{own}; {name}-2=a"})
    assert answer.status_code == 200
    assert_in(page, {"access_token": bob.token})


def test_what_was_rotated_twice_gets_the_same_successor_or_ends_the_session(
    server: Server, page: httpx.Client, alice: User
) -> None:
    """As in the API: two tabs may cross, and a thief's copy ends the session for both."""
    first = {"Cookie": f"{name_of(server)}={alice.refresh_token}"}
    answers = [refresh_on(page, **first) for _ in range(2)]
    assert cookie_of(answers[0]).value == cookie_of(answers[1]).value
    second = {"Cookie": f"{name_of(server)}={cookie_of(answers[0]).value}"}
    third = cookie_of(refresh_on(page, **second)).value
    # Within ten seconds, these still say that requests have crossed.
    assert cookie_of(refresh_on(page, **first)).value == cookie_of(answers[0]).value
    assert cookie_of(refresh_on(page, **second)).value == third
    assert_in(page, answers[0].json())


def test_an_old_copy_ends_the_session(clock_server: ClockServer, carol: User) -> None:
    with page_of(clock_server) as page:
        tokens = log_in_on(page, carol.email)
        old = page.cookies[name_of(clock_server)]
        for _ in range(2):
            assert refresh_on(page).status_code == 200
        clock_server.move(11)
        with page_of(clock_server) as thief:
            assert_error(refresh_on(thief, **with_cookie(clock_server, old)), *INVALID)
        assert_error(refresh_on(page), *INVALID)
        assert_error(page.get("/api/auth/me", headers=bearer(tokens)), 401, "unauthenticated")


def test_it_lasts_as_long_as_the_session(clock_server: ClockServer, carol: User) -> None:
    with page_of(clock_server) as page:
        log_in_on(page, carol.email)
        for day in range(60):
            lasts = int(cookie_of(answer)["max-age"]) if day and (answer := refresh_on(page)) else 14 * DAYS
            assert lasts <= (60 - day) * DAYS
            clock_server.move(DAYS)
        assert_error(refresh_on(page), *INVALID)


def test_log_out_ends_the_session(server: Server, page: httpx.Client, alice: User) -> None:
    tokens, other = log_in_on(page, alice.email), log_in(alice)
    token = page.cookies[name_of(server)]
    answer = page.delete(SESSION)
    assert (answer.status_code, answer.content) == (204, b"")
    gone = cookie_of(answer)
    assert (gone["max-age"], gone["path"], gone["httponly"], gone["samesite"]) == ("0", SESSION, True, "strict")
    assert not page.cookies
    assert_out(alice, {**tokens, "refresh_token": token})
    assert_in(page, other)
    # Nobody is left to log out.
    assert page.delete(SESSION).status_code == 204
    assert page.delete(SESSION, headers=with_cookie(server, token)).status_code == 204


def test_log_out_with_an_old_copy_ends_the_session_too(clock_server: ClockServer, carol: User) -> None:
    with page_of(clock_server) as page:
        tokens = log_in_on(page, carol.email)
        old = page.cookies[name_of(clock_server)]
        for _ in range(2):
            refresh_on(page)
        newest = page.cookies[name_of(clock_server)]
        clock_server.move(11)
        with page_of(clock_server) as another:
            assert another.delete(SESSION, headers=with_cookie(clock_server, old)).status_code == 204
        assert_out(carol, {**tokens, "refresh_token": newest})


def test_the_apis_log_out_ends_it(page: httpx.Client, alice: User) -> None:
    tokens = log_in_on(page, alice.email)
    assert page.post("/api/auth/logout", headers=bearer(tokens)).status_code == 204
    assert_error(refresh_on(page), *INVALID)


def test_a_removed_users_cookie_is_none(page: httpx.Client, alice: User) -> None:
    tokens = log_in_on(page, alice.email)
    removed = page.request("DELETE", "/api/auth/me", json={"password": PASSWORD}, headers=bearer(tokens))
    assert removed.status_code == 204
    assert_error(refresh_on(page), *INVALID)
    assert page.delete(SESSION).status_code == 204


def test_it_is_in_the_list_of_sessions(page: httpx.Client, alice: User) -> None:
    page.headers["User-Agent"] = "A browser"
    tokens = log_in_on(page, alice.email)
    sessions = page.get("/api/auth/sessions", headers=bearer(tokens)).json()["sessions"]
    assert (sessions[0]["user_agent"], sessions[0]["current"]) == ("A browser", True)
    assert page.delete(f"/api/auth/sessions/{sessions[0]['id']}", headers=bearer(tokens)).status_code == 204
    assert_error(refresh_on(page), *INVALID)


def test_two_servers_of_one_host_do_not_log_each_others_users_out(tmp_path: Path) -> None:
    """A browser's cookies know no ports."""
    with (
        QuickServer(tmp_path / "a") as one,
        QuickServer(tmp_path / "b") as two,
        closing(User(one.url)) as alice,
        closing(User(two.url)) as bob,
        httpx.Client(timeout=60) as browser,
    ):
        for server, user in ((one, alice), (two, bob)):
            credentials = {"email": user.email, "password": PASSWORD}
            answer = browser.post(f"{server.url}{SESSION}/login", json=credentials, headers={"Origin": server.url})
            assert answer.status_code == 200
        assert len(browser.cookies) == 2
        for server in (one, two):
            answer = browser.post(f"{server.url}{SESSION}/refresh", headers={"Origin": server.url})
            assert answer.status_code == 200


def test_pages_that_may_call_the_api_may_not_do_this(new_server: NewServer) -> None:
    with new_server(CORS_ORIGINS="http://frontend.example") as server, closing(User(server.url)) as alice:
        headers = with_cookie(server, alice.refresh_token, Origin="http://frontend.example")
        answer = alice.post(f"{SESSION}/refresh", headers=headers)
        assert_error(answer, *CROSS_ORIGIN)
        assert "access-control-allow-credentials" not in answer.headers


def test_it_is_throttled_as_the_api(tmp_path: Path, email: str) -> None:
    """One count for both."""
    settings = dict.fromkeys(("THROTTLE_LOGIN", "THROTTLE_SIGNUP", "THROTTLE_REFRESH"), "2/hour")
    with QuickServer(tmp_path, TRUSTED_PROXIES="127.0.0.1", **settings) as server, page_of(server) as page:
        page.headers["X-Forwarded-For"] = "192.0.2.1"
        held = with_cookie(server, "nonsense")
        wrong = {"email": email, "password": "wrong horse"}
        for path, body in (("login", wrong), ("signup", {**wrong, "password": PASSWORD}), ("refresh", None)):
            of_page, of_api = f"{SESSION}/{path}", f"/api/auth/{path}"
            to_api = body or {"refresh_token": "nonsense"}
            page.post(of_page, json=body, headers=held)
            page.post(of_api, json=to_api)
            assert_error(page.post(of_page, json=body, headers=held), 429, "too_many_requests")
            assert_error(page.post(of_api, json=to_api), 429, "too_many_requests")


def test_who_has_no_cookie_is_not_counted(tmp_path: Path) -> None:
    """Everybody's first visit asks."""
    settings = {"TRUSTED_PROXIES": "127.0.0.1", "THROTTLE_REFRESH": "1/hour"}
    with QuickServer(tmp_path, **settings) as server, page_of(server) as page:
        page.headers["X-Forwarded-For"] = "192.0.2.1"
        for _ in range(3):
            assert_error(refresh_on(page), *INVALID)

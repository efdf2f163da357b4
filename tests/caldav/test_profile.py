"""/account/calendar-profile: what sets an iPhone or a Mac up without typing."""

import plistlib
import uuid
from contextlib import closing
from http.cookies import Morsel, SimpleCookie
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from conftest import NewServer
from support.api_tokens import bearer, create
from support.server import Server
from support.sessions import log_in
from support.users import User, assert_error

PATH = "/account/calendar-profile"
FILE = f"{PATH}/doable.mobileconfig"
READS_AND_WRITES = "tasks:read", "tasks:write"

# As Apple documents them: developer.apple.com/documentation/devicemanagement, pages CalDAV, TopLevel and CommonPayloadKeys.
COMMON: dict[str, type] = {
    "PayloadIdentifier": str,
    "PayloadUUID": str,
    "PayloadType": str,
    "PayloadVersion": int,
    "PayloadDisplayName": str,
}
OF_PROFILE: dict[str, type] = {
    **COMMON,
    "PayloadDescription": str,
    "PayloadOrganization": str,
    "PayloadContent": list,
}
OF_CALDAV: dict[str, type] = {
    **COMMON,
    "CalDAVAccountDescription": str,
    "CalDAVHostName": str,
    "CalDAVUsername": str,
    "CalDAVPassword": str,
    "CalDAVPrincipalURL": str,
    "CalDAVUseSSL": bool,
    "CalDAVPort": int,
}


def handed_over(server: Server, token: str, origin: str | None = None) -> httpx.Response:
    """What a page of the server does with the token that it has just made."""
    headers = {"Origin": origin or server.url, **bearer(token)}
    return httpx.post(f"{server.url}{PATH}", headers=headers)


def cookie_of(answer: httpx.Response) -> Morsel[str]:
    (line,) = answer.headers.get_list("set-cookie")
    (morsel,) = SimpleCookie(line).values()
    return morsel


def opened(server: Server, cookie: Morsel[str]) -> httpx.Response:
    """The browser goes there: with the cookie, and with nothing else that says who asks."""
    return httpx.get(f"{server.url}{FILE}", headers={"Cookie": f"{cookie.key}={cookie.value}"})


def profile_of(server: Server, token: str, origin: str | None = None) -> dict[str, Any]:
    answer = opened(server, cookie_of(handed_over(server, token, origin)))
    assert answer.status_code == 200, answer.text
    read: dict[str, Any] = plistlib.loads(answer.content)
    return read


def test_a_page_hands_the_token_over_and_the_browser_fetches_the_profile(one_server: Server, one_user: User) -> None:
    token = create(one_user, *READS_AND_WRITES)["token"]
    answer = handed_over(one_server, token)
    assert (answer.status_code, answer.json()) == (200, {"path": FILE})
    assert answer.headers["cache-control"] == "no-store"
    cookie = cookie_of(answer)
    assert (cookie["path"], cookie["max-age"], cookie["samesite"]) == (PATH, "300", "strict")
    assert (cookie["httponly"], bool(cookie["secure"])) == (True, False)
    answer = opened(one_server, cookie)
    assert answer.headers["content-type"] == "application/x-apple-aspen-config"
    assert answer.headers["cache-control"] == "no-store"
    # Safari would save it, and not open it.
    assert "content-disposition" not in answer.headers
    assert token not in one_server.log


def test_it_has_what_apple_documents(one_server: Server, one_user: User) -> None:
    token = create(one_user, *READS_AND_WRITES)["token"]
    profile = profile_of(one_server, token)
    (account,) = profile["PayloadContent"]
    assert {name: type(value) for name, value in profile.items()} == OF_PROFILE
    assert {name: type(value) for name, value in account.items()} == OF_CALDAV
    assert (profile["PayloadType"], account["PayloadType"]) == ("Configuration", "com.apple.caldav.account")
    assert (profile["PayloadVersion"], account["PayloadVersion"]) == (1, 1)
    for payload in (profile, account):
        assert uuid.UUID(payload["PayloadUUID"]).version
    assert account["PayloadIdentifier"].startswith(f"{profile['PayloadIdentifier']}.")
    assert (account["CalDAVUsername"], account["CalDAVPassword"]) == (one_user.email, token)
    assert (account["CalDAVHostName"], account["CalDAVPort"]) == ("127.0.0.1", one_server.port)
    assert account["CalDAVUseSSL"] is False
    assert account["CalDAVPrincipalURL"] == f"/dav/principals/{one_user.id}/"


def test_the_next_profile_takes_the_place_of_the_one_before(one_server: Server, one_user: User) -> None:
    def names_of(profile: dict[str, Any]) -> list[str]:
        return [
            each[name]
            for each in (profile, *profile["PayloadContent"])
            for name in ("PayloadIdentifier", "PayloadUUID")
        ]

    first, second = (profile_of(one_server, create(one_user, "tasks:read")["token"]) for _ in range(2))
    assert names_of(first) == names_of(second)
    assert first != second
    with closing(User(one_server.url)) as other:
        of_other = profile_of(one_server, create(other, "tasks:read")["token"])
    assert set(names_of(first)).isdisjoint(names_of(of_other))


def test_it_names_the_address_in_the_browser_and_the_path_below_which_doable_is(new_server: NewServer) -> None:
    with new_server(PUBLIC_URL="https://example.com/tasks") as server, closing(User(server.url)) as user:
        token = create(user, *READS_AND_WRITES)["token"]
        answer = handed_over(server, token, "https://example.com")
        assert answer.json() == {"path": f"/tasks{FILE}"}
        cookie = cookie_of(answer)
        assert (cookie["path"], cookie["secure"]) == (f"/tasks{PATH}", True)
        (account,) = plistlib.loads(opened(server, cookie).content)["PayloadContent"]
        assert (account["CalDAVHostName"], account["CalDAVPort"]) == ("example.com", 443)
        assert account["CalDAVUseSSL"] is True
        assert account["CalDAVPrincipalURL"] == f"/tasks/dav/principals/{user.id}/"


def test_only_pages_of_this_server_hand_tokens_over(one_server: Server, one_user: User) -> None:
    token = create(one_user, *READS_AND_WRITES)["token"]
    assert_error(handed_over(one_server, token, "https://evil.example"), 403, "cross_origin")
    answer = httpx.post(f"{one_server.url}{PATH}", headers=bearer(token))
    assert_error(answer, 403, "cross_origin")


def test_it_takes_an_api_token_that_reads_tasks_and_no_other(one_server: Server, one_user: User) -> None:
    assert_error(handed_over(one_server, create(one_user, "account")["token"]), 403, "insufficient_scope")
    assert_error(handed_over(one_server, log_in(one_user)["access_token"]), 401, "unauthenticated")
    assert_error(handed_over(one_server, "doable_0"), 401, "unauthenticated")


@pytest.mark.parametrize("cookie", [None, "", "|", "doable_0|http", "é"])
def test_whoever_comes_without_a_token_is_shown_where_to_get_one(one_server: Server, cookie: str | None) -> None:
    name = f"doable-profile-{one_server.port}"
    headers = {} if cookie is None else {"Cookie": f"{name}={cookie}".encode()}
    answer = httpx.get(f"{one_server.url}{FILE}", headers=headers)  # type: ignore[arg-type] # bytes as they are
    assert (answer.status_code, answer.headers["location"]) == (303, "/settings/security")


@pytest.mark.parametrize("origin", ["", "ftp://example.com", "https://", "https://example.com:a", "https://[a"])
def test_a_cookie_that_no_page_has_set_has_no_profile(one_server: Server, one_user: User, origin: str) -> None:
    cookie = cookie_of(handed_over(one_server, create(one_user, *READS_AND_WRITES)["token"]))
    token = cookie.value.partition("|")[0].strip('"')
    answer = httpx.get(f"{one_server.url}{FILE}", headers={"Cookie": f"{cookie.key}={token}|{quote(origin, safe='')}"})
    assert answer.status_code == 303


def test_a_deleted_token_has_no_profile(one_server: Server, one_user: User) -> None:
    made = create(one_user, *READS_AND_WRITES)
    cookie = cookie_of(handed_over(one_server, made["token"]))
    assert one_user.delete(f"/api/auth/tokens/{made['id']}").status_code == 204
    assert opened(one_server, cookie).status_code == 303

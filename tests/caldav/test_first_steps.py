"""From what a person types to the lists: the address, an e-mail and a token."""

import plistlib
from http.cookies import SimpleCookie

import httpx
import pytest

from conftest import NewServer
from support.api_tokens import bearer, create
from support.server import Server
from support.users import User

HOME_SET = (
    '<?xml version="1.0"?><propfind xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav">'
    "<prop><C:calendar-home-set/></prop></propfind>"
)


def test_an_app_that_asks_at_the_very_address_is_led_there(one_server: Server, one_user: User) -> None:
    token = create(one_user, "tasks:read")["token"]
    credentials = one_user.email, token
    answer = httpx.request("PROPFIND", one_server.url, content=HOME_SET, auth=credentials, follow_redirects=True)
    assert (answer.url.path, answer.status_code) == ("/dav/", 207)
    assert "calendar-home-set" in answer.text


@pytest.mark.parametrize("path", ["", "/", "/tasks", "/tasks/"])
def test_below_a_path_it_is_led_below_it(new_server: NewServer, path: str) -> None:
    with new_server(PUBLIC_URL="https://example.com/tasks") as server:
        answer = httpx.request("PROPFIND", f"{server.url}{path}")
        assert (answer.status_code, answer.headers["location"]) == (307, "/tasks/dav/")


def test_a_profile_lets_a_device_in(one_server: Server, one_user: User) -> None:
    token = create(one_user, "tasks:read", "tasks:write")["token"]
    origin = {"Origin": one_server.url}
    answer = httpx.post(f"{one_server.url}/account/calendar-profile", headers={**origin, **bearer(token)})
    (cookie,) = SimpleCookie(answer.headers["set-cookie"]).values()
    fetched = httpx.get(f"{one_server.url}{answer.json()['path']}", headers={"Cookie": f"{cookie.key}={cookie.value}"})
    (account,) = plistlib.loads(fetched.content)["PayloadContent"]
    address = f"http://{account['CalDAVHostName']}:{account['CalDAVPort']}{account['CalDAVPrincipalURL']}"
    credentials = account["CalDAVUsername"], account["CalDAVPassword"]
    found = httpx.request("PROPFIND", address, content=HOME_SET, headers={"Depth": "0"}, auth=credentials)
    assert found.status_code == 207
    assert f"/dav/calendars/{one_user.id}/" in found.text

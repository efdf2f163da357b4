"""Other apps are connected by CalDAV: the address, a token for each, and a profile for what Apple makes."""

import plistlib
import re
from pathlib import Path

import httpx
from playwright.sync_api import Page, expect

from support.mail import until
from support.screen import go, row
from support.server import Server
from support.users import User
from support.web import Device, NewDevice, barriers

IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/18.5 Mobile/15E148 Safari/604.1"
)
MILK = (
    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//pimutils.org/todoman//EN\r\nBEGIN:VTODO\r\nUID:milk\r\n"
    "DTSTAMP:20261126T200000Z\r\nSUMMARY:Buy milk\r\nX-SHELF:top\r\nEND:VTODO\r\nEND:VCALENDAR\r\n"
)


def connect(page: Page, name: str) -> None:
    page.goto("/settings/security")
    page.get_by_role("button", name="Connect an app").click()
    page.get_by_label("What it is for").fill(name)
    page.keyboard.press("Enter")
    expect(page.get_by_role("textbox", name="Password")).to_be_visible()


def test_an_app_gets_an_address_a_user_and_a_token_of_its_own(page: Page, account: User, web_server: Server) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto("/settings/security")
    page.get_by_role("button", name="Copy the address for apps").click()
    expect(page.get_by_text("Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == web_server.url
    connect(page, "Thunderbird")
    assert page.get_by_role("textbox", name="Server").input_value() == web_server.url
    assert page.get_by_role("textbox", name="User name").input_value() == account.email
    page.get_by_role("button", name="Copy: Password").click()
    token = page.evaluate("navigator.clipboard.readText()")
    answer = httpx.get(f"{web_server.url}/api/me/tasks", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 200
    # A profile is nothing for this machine, and the page says where it is to be had.
    expect(page.get_by_text("do this there, in Safari")).to_be_visible()
    assert not barriers(page)
    page.get_by_role("button", name="Done").click()
    expect(page.get_by_role("button", name="Delete Thunderbird")).to_be_visible()
    expect(page.get_by_text(re.compile("tasks:read, tasks:write · never expires"))).to_be_visible()


def test_an_iphone_gets_a_profile_that_needs_no_typing(
    new_device: NewDevice, account: User, web_server: Server
) -> None:
    phone: Device = new_device(user_agent=IPHONE, viewport={"width": 390, "height": 844}, has_touch=True)
    page = phone.log_in(account.email)
    connect(page, "iPhone")
    token = page.get_by_role("textbox", name="Password").input_value()
    assert not barriers(page)
    with page.expect_download() as download:
        page.get_by_role("button", name="Download the profile").click()
    assert download.value.suggested_filename == "doable.mobileconfig"
    (payload,) = plistlib.loads(Path(download.value.path()).read_bytes())["PayloadContent"]
    assert (payload["CalDAVUsername"], payload["CalDAVPassword"]) == (account.email, token)
    assert f"{payload['CalDAVHostName']}:{payload['CalDAVPort']}" in web_server.url
    # The page stays, with what is shown once.
    expect(page.get_by_role("textbox", name="Password")).to_have_value(token)


def test_what_an_app_writes_is_on_the_screen_and_the_other_way_round(
    page: Page, account: User, web_server: Server
) -> None:
    connect(page, "todoman")
    credentials = account.email, page.get_by_role("textbox", name="Password").input_value()
    go(page, "/inbox")
    address = f"{web_server.url}/dav/calendars/{account.id}/inbox/milk.ics"
    put = httpx.put(address, content=MILK, auth=credentials, headers={"Content-Type": "text/calendar"})
    assert put.status_code == 201
    row(page, "Buy milk").get_by_role("checkbox").click()

    def text() -> str:
        return httpx.get(address, auth=credentials).text

    until(lambda: "STATUS:COMPLETED" in text(), "the app does not see that it is completed")
    # What Doable knows nothing of is still there.
    assert "X-SHELF:top" in text()

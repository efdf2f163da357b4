"""What all other stories tell on SQLite, once on PostgreSQL: an account from its first day, on two devices and without a network."""

import pytest
from playwright.sync_api import expect

from support.screen import focus, go, quick_add, row, shows
from support.server import Server
from support.users import PASSWORD
from support.web import NewDevice

EMAIL = "ann@example.com"


@pytest.mark.parametrize("backend", ["postgresql-18"], indirect=True, scope="session")
def test_an_account_on_postgresql(server: Server, new_device: NewDevice) -> None:
    assert "DATABASE_URL" in server.settings
    device = new_device(server)
    page = device.page
    page.goto("/signup")
    page.get_by_label("E-mail").fill(EMAIL)
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Today")
    go(page, "/inbox")
    row(page, "Try it: check this task off").get_by_role("checkbox").click()
    quick_add(page, "Buy milk tomorrow at 5pm p1 @shop")
    quick_add(page, "Call Nora")
    other = new_device(server)
    other.log_in(EMAIL)
    go(other.page, "/inbox")
    shows(other.page, "Buy milk", "Call Nora")
    device.go_offline()
    focus(page, "Buy milk").press("e")
    title = page.get_by_role("row").get_by_label("Title")
    title.fill("Buy oat milk")
    title.press("Enter")
    quick_add(page, "Return the drill")
    row(other.page, "Call Nora").get_by_role("checkbox").click()
    shows(other.page, "Buy milk")
    device.go_online()
    for each in (device, other):
        shows(each.page, "Buy oat milk", "Return the drill")
        expect(row(each.page, "Buy oat milk")).to_contain_text("shop")
    expect(page.get_by_text("to send")).to_have_count(0)
    page.reload()
    shows(page, "Buy oat milk", "Return the drill")

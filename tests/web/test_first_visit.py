"""Somebody comes for the first time."""

import re
import uuid
from urllib.parse import urlsplit

from playwright.sync_api import expect

from support.screen import quick_add, row
from support.users import PASSWORD
from support.web import NewDevice


def test_from_signing_up_to_the_first_task_of_ones_own(new_device: NewDevice) -> None:
    page = new_device().page
    page.goto("/signup")
    page.get_by_label("Name").fill("Nora")
    page.get_by_label("E-mail").fill(f"{uuid.uuid4().hex}@example.com")
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/today$"))
    # It explains itself, with one task to try it on.
    expect(page.get_by_role("heading", name="Welcome to Doable")).to_be_visible()
    example = row(page, "Try it: check this task off")
    expect(example).to_be_visible()
    quick_add(page, "Call Mum today at 23:59")
    expect(row(page, "Call Mum")).to_contain_text("23:59")
    expect(page.get_by_role("heading", name="Welcome to Doable")).to_have_count(0)
    example.get_by_role("checkbox").click()
    expect(example).to_have_count(0)
    page.reload()
    expect(row(page, "Call Mum")).to_be_visible()
    expect(example).to_have_count(0)


def test_what_is_refused_is_said_at_its_field(new_device: NewDevice) -> None:
    device = new_device()
    device.expects("status of 4")
    page = device.page
    page.goto("/inbox")
    page.get_by_role("link", name="Sign up").click()
    expect(page).to_have_url(re.compile("/signup$"))
    page.get_by_label("E-mail").fill("nora@example.com")
    page.get_by_label("Password").fill("password")
    page.get_by_role("button", name="Sign up").click()
    expect(page.get_by_label("Password")).to_be_focused()
    expect(page.get_by_label("Password")).to_have_accessible_description(re.compile("At least|too easy to guess"))
    assert urlsplit(page.url).path == "/signup"

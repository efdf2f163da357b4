"""Completing, not doing, deleting, and taking it back."""

import re

from playwright.sync_api import Page, expect

from support.screen import arrives, complete, focus, go, row, shows, stored
from support.users import User


def test_completed_and_taken_back_by_the_toast_and_by_a_key(page: Page, account: User) -> None:
    milk = account.new_task("Buy oat milk")
    account.new_task("Call Nora")
    go(page, "/inbox")
    row(page, "Buy oat milk").get_by_role("checkbox").click()
    shows(page, "Call Nora")
    toasts = page.locator(".toasts")
    expect(toasts).to_contain_text("Task completed")
    arrives(account, milk["id"], is_completed=True)
    toasts.get_by_role("button", name="Undo").click()
    shows(page, "Buy oat milk", "Call Nora")
    arrives(account, milk["id"], is_completed=False)
    # By keys alone, and before it is sent as well as after.
    focus(page, "Buy oat milk").press("Space")
    shows(page, "Call Nora")
    expect(row(page, "Call Nora")).to_be_focused()
    page.keyboard.press("Control+z")
    shows(page, "Buy oat milk", "Call Nora")
    arrives(account, milk["id"], is_completed=False)


def test_what_is_completed_can_be_found_and_reopened(page: Page, account: User) -> None:
    milk = account.new_task("Buy oat milk")
    complete(account, milk)
    go(page, "/completed")
    row(page, "Buy oat milk").get_by_role("checkbox", name="Reopen").click()
    expect(page.get_by_text("Nothing completed yet")).to_be_visible()
    arrives(account, milk["id"], is_completed=False)


def test_what_one_will_not_do_is_said_of_it(page: Page, account: User) -> None:
    milk = account.new_task("Buy oat milk")
    go(page, "/inbox")
    focus(page, "Buy oat milk").press(".")
    page.get_by_role("menuitem", name="Won\u2019t do").click()
    expect(page.get_by_text("Marked as won\u2019t do")).to_be_visible()
    arrives(account, milk["id"], is_completed=True, is_cancelled=True)
    go(page, "/completed")
    expect(row(page, "Buy oat milk")).to_contain_text("Won\u2019t do")


def test_what_recurs_is_there_again_when_it_is_completed_and_can_be_skipped(page: Page, account: User) -> None:
    due = {"date": "2026-01-05", "time": None, "timezone": None}
    rule = {"rule": "FREQ=YEARLY", "from": "due"}
    water = account.new_task("Water the plants", due=due, recurrence=rule)
    go(page, "/inbox")
    when = row(page, "Water the plants").locator(".when")
    before = when.inner_text()
    row(page, "Water the plants").get_by_role("checkbox").click()
    # Its successor is in its place at once.
    expect(when).not_to_have_text(before)
    shows(page, "Water the plants")
    expect(page.get_by_role("checkbox", name="Complete “Water the plants”")).to_be_visible()
    arrives(account, water["id"], is_completed=True)
    successor = stored(account, stored(account, water["id"])["next_id"])
    was = when.inner_text()
    row(page, "Water the plants").click(button="right")
    page.get_by_role("menuitem", name="Skip this one").click()
    expect(page.get_by_text("Skipped to the next one")).to_be_visible()
    expect(when).not_to_have_text(was)
    following = re.sub(r"^\d+", lambda year: str(int(year[0]) + 1), successor["due"]["date"])
    arrives(account, successor["id"], due={**successor["due"], "date": following})
    page.keyboard.press("Control+z")
    expect(when).to_have_text(was)
    arrives(account, successor["id"], due=successor["due"])


def test_what_was_deleted_is_brought_back_from_there(page: Page, account: User) -> None:
    parent = account.new_task("Buy a second umbrella")
    account.new_task("Look for the first one", parent_id=parent["id"])
    go(page, "/inbox")
    focus(page, "Buy a second umbrella").press("Delete")
    expect(page.get_by_text("Task deleted")).to_be_visible()
    expect(page.locator(".rows .title")).to_have_count(0)
    page.get_by_role("link", name="Recently deleted").click()
    card = page.get_by_role("listitem").filter(has_text="Buy a second umbrella")
    expect(card).to_contain_text("and 1 more")
    card.get_by_role("button", name="Restore").click()
    expect(page.get_by_text("Restored")).to_be_visible()
    expect(page.get_by_text("Nothing deleted")).to_be_visible()
    page.go_back()
    shows(page, "Buy a second umbrella", "Look for the first one")

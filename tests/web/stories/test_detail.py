"""Everything of one task, and the line in which tasks are added."""

from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from typing import Any

from playwright.sync_api import Locator, Page, expect

from support.dav import Phone
from support.ical import make, todo
from support.mail import until
from support.users import User
from support.web import Device, barriers


def open_task(page: Page, title: str) -> None:
    page.goto("/inbox")
    page.get_by_role("row").filter(has_text=title).click()
    expect(page.get_by_label("Title", exact=True).first).to_have_value(title)


def tasks(account: User) -> list[dict[str, Any]]:
    """The account's, but for the one that explains a new account."""
    found = account.get(account.tasks, params={"sort": "created_at"}).json()["tasks"]
    return [each for each in found if not each["title"].startswith("Try it")]


def add_task(page: Page) -> Locator:
    """Opens the line, once there is something that hears the key."""
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.keyboard.press("q")
    line = page.get_by_label("What needs doing?")
    expect(line).to_be_focused()
    return line


def test_a_task_is_changed_in_its_detail_by_keyboard_alone(device: Device, account: User) -> None:
    page, made = device.page, account.new_task("Call Nora")
    open_task(page, "Call Nora")
    page.keyboard.press("e")
    expect(page.get_by_label("Description", exact=True)).to_be_focused()
    page.keyboard.type("Ask for the **cake**")
    page.keyboard.press("Control+Enter")
    expect(page.locator("strong", has_text="cake")).to_be_visible()
    page.get_by_role("button", name="Add subtask").press("Enter")
    for key in ("one", "Enter", "Tab", "below one", "Enter", "Escape"):
        page.keyboard.type(key) if " " in key or key.islower() else page.keyboard.press(key)
    page.get_by_role("button", name="Due date").press("Enter")
    expect(page.get_by_role("dialog", name="Due").get_by_role("textbox").first).to_be_focused()
    page.keyboard.type("tomorrow 5pm")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Due: Tomorrow 17:00")).to_be_focused()
    page.get_by_role("button", name="Repeat").press("Enter")
    page.get_by_role("menuitemradio", name="Every day").press("Enter")
    expect(page.get_by_role("button", name="Repeats: Every day")).to_be_focused()
    page.get_by_label("Estimate").fill("1h30")
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    expect(page.get_by_role("row").filter(has_text="Call Nora")).to_be_focused()
    add_task(page)
    page.keyboard.press("Escape")
    expect(page.get_by_role("row").filter(has_text="Call Nora")).to_be_focused()
    until(lambda: len(tasks(account)) == 3, "the subtasks are not on the server")
    until(lambda: tasks(account)[0]["estimate_minutes"] == 90, "the estimate is not on the server")
    task, one, below = tasks(account)
    assert task["description"] == "Ask for the **cake**"
    assert (task["due"]["time"], task["recurrence"]["rule"]) == ("17:00:00", "FREQ=DAILY")
    assert (one["parent_id"], below["parent_id"]) == (made["id"], one["id"])


def test_a_rule_of_a_calendar_app_is_said_and_can_be_ended_and_not_edited(device: Device, account: User) -> None:
    page = device.page
    with closing(Phone(account)) as phone:
        make(phone, phone.inbox, todo("a", "SUMMARY:Eye drops", "DUE:20300101T090000Z", "RRULE:FREQ=HOURLY;INTERVAL=6"))
    open_task(page, "Eye drops")
    page.get_by_role("button", name="Repeats: By a rule that a calendar app made").click()
    kept = page.get_by_role("menuitemradio", name="By a rule that a calendar app made")
    expect(kept).to_be_checked()
    expect(page.get_by_role("menuitem").or_(page.get_by_role("menuitemradio"))).to_have_count(2)
    assert not barriers(page)
    page.get_by_role("menuitem", name="Does not repeat").click()
    expect(page.get_by_role("button", name="Repeat", exact=True)).to_be_visible()
    until(lambda: tasks(account)[0]["recurrence"] is None, "it still repeats on the server")


def test_without_a_network_its_successor_is_the_servers_to_make(device: Device, account: User) -> None:
    page = device.page
    with closing(Phone(account)) as phone:
        make(phone, phone.inbox, todo("a", "SUMMARY:Eye drops", "DUE:20300101T090000Z", "RRULE:FREQ=HOURLY;INTERVAL=6"))
    open_task(page, "Eye drops")
    page.keyboard.press("Escape")
    device.go_offline()
    line = page.get_by_role("row").filter(has_text="Eye drops")
    line.get_by_role("checkbox").click()
    expect(line).to_have_count(0)
    device.go_online()
    expect(line).to_have_count(1)
    until(lambda: [each["due"]["time"] for each in tasks(account)] == ["09:00:00", "15:00:00"], "it does not go on")


def test_what_is_half_written_is_there_after_a_reload(device: Device, account: User) -> None:
    page = device.page
    account.new_task("Call Nora")
    open_task(page, "Call Nora")
    page.keyboard.press("e")
    expect(page.get_by_label("Description", exact=True)).to_be_focused()
    page.keyboard.type("Half of what")
    page.reload()
    expect(page.get_by_text("Half of what")).to_be_visible()
    until(lambda: tasks(account)[0]["description"] == "Half of what", "it is not on the server")


def test_what_another_device_writes_in_the_same_field_is_shown_beside_it(device: Device, account: User) -> None:
    page, made = device.page, account.new_task("Call Nora")
    open_task(page, "Call Nora")
    title = page.get_by_label("Title", exact=True).first
    title.press("End")
    page.keyboard.type(" on Sunday")
    account.patch(f"{account.tasks}/{made['id']}", json={"title": "Call Nora on Monday"})
    expect(page.locator("blockquote")).to_have_text("Call Nora on Monday")
    expect(title).to_have_value("Call Nora on Sunday")
    page.get_by_role("button", name="Use this").click()
    expect(title).to_have_value("Call Nora on Monday")
    expect(page.locator("blockquote")).to_have_count(0)
    assert tasks(account)[0]["title"] == "Call Nora on Monday"


def test_a_line_becomes_the_task_that_is_shown(device: Device, account: User) -> None:
    page = device.page
    groceries = account.post(account.tasks.replace("/tasks", "/lists"), json={"name": "Corner shop"}).json()["id"]
    page.goto("/today")
    expect(page.get_by_role("link", name="Corner shop")).to_be_visible()
    line = add_task(page)
    page.keyboard.type("Watch Tomorrow today 20:00 ~2h #corn")
    page.get_by_role("option", name="Corner shop").click()
    page.get_by_role("button", name="Keep as text: Due").click()
    page.keyboard.type("!1")
    expect(page.get_by_role("button", name="Keep as text: Priority High")).to_be_visible()
    page.keyboard.press("Enter")
    expect(line).to_have_value("")
    until(lambda: len(tasks(account)) == 1, "it is not on the server")
    task = tasks(account)[0]
    assert (task["title"], task["due"]["time"]) == ("Watch Tomorrow", "20:00:00")
    assert (task["list_id"], task["priority"], task["estimate_minutes"]) == (groceries, "high", 120)


def test_what_was_typed_is_kept_and_several_lines_are_several_tasks(device: Device, account: User) -> None:
    page = device.page
    page.goto("/inbox")
    line = add_task(page)
    page.keyboard.type("Half a line")
    page.keyboard.press("Escape")
    expect(line).to_have_count(0)
    page.reload()
    add_task(page)
    expect(line).to_have_value("Half a line")
    line.fill("")
    line.evaluate(
        """(field, text) => {
            const clipboardData = new DataTransfer();
            clipboardData.setData("text/plain", text);
            field.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }));
        }""",
        "- Milk tomorrow\n- Bread\n",
    )
    expect(page.get_by_role("button", name="Add 2 tasks")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_text("2 tasks added")).to_be_visible()
    until(lambda: len(tasks(account)) == 2, "they are not on the server")
    milk, bread = tasks(account)
    assert (milk["title"], bread["title"], bread["due"]) == ("Milk", "Bread", None)
    assert abs(date.fromisoformat(milk["due"]["date"]) - datetime.now(UTC).date()) <= timedelta(days=2)


def test_nobody_finds_a_barrier_in_what_is_chosen_there(device: Device, account: User) -> None:
    page = device.page
    account.new_task("Call Nora")
    open_task(page, "Call Nora")
    page.get_by_role("button", name="Due date").click()
    expect(page.get_by_role("grid").last).to_be_visible()
    assert not barriers(page)
    page.keyboard.press("Escape")
    add_task(page)
    page.keyboard.type("Milk tomorrow !1 @shop ")
    expect(page.get_by_role("button", name="Keep as text: Tag shop")).to_be_visible()
    assert not barriers(page)

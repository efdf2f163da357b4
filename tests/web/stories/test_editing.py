"""A task is changed where it stands: in its row, and beside the list."""

from playwright.sync_api import Locator, Page, expect

from support.mail import until
from support.screen import arrives, focus, go, new, row, shows
from support.users import User


def open_detail(page: Page, title: str) -> Locator:
    row(page, title).get_by_text(title, exact=True).click()
    detail = page.get_by_role("complementary", name="Task", exact=True)
    expect(detail.get_by_label("Title").first).to_have_value(title)
    return detail


def test_a_title_in_its_row(page: Page, account: User) -> None:
    milk = account.new_task("Buy milk")
    go(page, "/inbox")
    focus(page, "Buy milk").press("e")
    title = page.get_by_role("row").get_by_label("Title")
    expect(title).to_be_focused()
    title.fill("Buy oat milk")
    title.press("Enter")
    expect(row(page, "Buy oat milk")).to_be_focused()
    arrives(account, milk["id"], title="Buy oat milk")
    # Escape leaves it as it was.
    page.keyboard.press("e")
    title.fill("Buy nothing")
    title.press("Escape")
    shows(page, "Buy oat milk")


def test_title_and_description_beside_the_list(page: Page, account: User) -> None:
    milk = account.new_task("Buy milk")
    go(page, "/inbox")
    detail = open_detail(page, "Buy milk")
    title = detail.get_by_label("Title")
    title.fill("Buy oat milk")
    title.press("Enter")
    shows(page, "Buy oat milk")
    detail.get_by_role("button", name="Add a description").click()
    detail.get_by_label("Description").fill("The **blue** one\n\n<img src=x onerror=alert(1)>")
    page.keyboard.press("Control+Enter")
    expect(detail.locator("strong")).to_have_text("blue")
    expect(detail.locator("img")).to_have_count(0)
    arrives(account, milk["id"], title="Buy oat milk", description="The **blue** one\n\n<img src=x onerror=alert(1)>")
    page.keyboard.press("Escape")
    expect(detail).to_have_count(0)
    expect(page).to_have_url(f"{page.url.split('?')[0]}")


def test_a_date_by_the_picker_and_by_words(page: Page, account: User) -> None:
    milk = account.new_task("Buy oat milk")
    go(page, "/inbox")
    detail = open_detail(page, "Buy oat milk")
    detail.get_by_role("button", name="Due date").click()
    picker = page.get_by_role("dialog", name="Due")
    picker.get_by_role("button", name="Tomorrow").click()
    expect(detail.get_by_role("button", name="Due: Tomorrow")).to_be_visible()
    expect(row(page, "Buy oat milk")).to_contain_text("Tomorrow")
    detail.get_by_role("button", name="Due: Tomorrow").click()
    words = picker.get_by_label("Type a date")
    words.fill("24 december 2035 5pm")
    expect(picker.locator(".understood")).to_contain_text("17:00")
    words.press("Enter")
    arrives(account, milk["id"], due={"date": "2035-12-24", "time": "17:00:00", "timezone": None, "at": None})
    # The month, by keys alone.
    detail.get_by_role("button", name="Due: ").click()
    grid = picker.get_by_role("grid")
    grid.get_by_role("button", name="24 December 2035").focus()
    page.keyboard.press("ArrowDown")
    expect(grid.get_by_role("button", name="31 December 2035")).to_be_focused()
    page.keyboard.press("ArrowRight")
    expect(grid.get_by_role("button", name="Tuesday, 1 January 2036")).to_be_focused()
    page.keyboard.press("Enter")
    arrives(account, milk["id"], due={"date": "2036-01-01", "time": "17:00:00", "timezone": None, "at": None})
    detail.get_by_role("button", name="Remove: Due").click()
    arrives(account, milk["id"], due=None)
    expect(detail.get_by_role("button", name="Due date")).to_be_focused()


def test_everything_else_of_a_task(page: Page, account: User) -> None:
    milk = account.new_task("Buy oat milk", due={"date": "2035-12-24", "time": "17:00:00", "timezone": None})
    groceries = new(account, "lists", name="Groceries")
    go(page, "/inbox")
    detail = open_detail(page, "Buy oat milk")
    detail.get_by_role("button", name="Priority").click()
    page.get_by_role("menu", name="Priority").get_by_text("High").click()
    detail.get_by_role("button", name="Repeat", exact=True).click()
    page.get_by_role("menu").get_by_text("Every day", exact=True).click()
    detail.get_by_label("Estimate").fill("1h30")
    detail.get_by_label("Estimate").press("Enter")
    detail.get_by_label("Link").fill("example.com/milk")
    detail.get_by_label("Link").press("Enter")
    detail.get_by_role("button", name="Tags").click()
    tags = page.get_by_role("combobox", name="Add a tag")
    tags.fill("shop")
    tags.press("Enter")
    page.keyboard.press("Escape")
    arrives(account, milk["id"], priority="high", estimate_minutes=90, url="https://example.com/milk", tags=["shop"])
    assert account.get(f"{account.tasks}/{milk['id']}").json()["recurrence"]["rule"] == "FREQ=DAILY"
    detail.get_by_role("button", name="List: Inbox").click()
    page.get_by_role("combobox", name="Move to…").fill("groc")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Moved to Groceries")).to_be_visible()
    arrives(account, milk["id"], list_id=groceries["id"])


def test_what_cannot_be_read_is_kept_and_said(page: Page, account: User) -> None:
    account.new_task("Buy oat milk")
    go(page, "/inbox")
    estimate = open_detail(page, "Buy oat milk").get_by_label("Estimate")
    estimate.fill("a while")
    estimate.press("Enter")
    expect(estimate).to_have_value("a while")
    expect(estimate).to_have_accessible_description("Write it as 45 min or 1h30")


def test_reminders(page: Page, account: User) -> None:
    milk = account.new_task("Buy oat milk", due={"date": "2035-12-24", "time": "17:00:00", "timezone": None})
    go(page, "/inbox")
    detail = open_detail(page, "Buy oat milk")
    detail.get_by_role("button", name="Reminder", exact=True).click()
    page.get_by_role("menuitem", name="10 mins before").or_(page.get_by_role("menuitem", name="10 min before")).click()
    arrives_reminders(account, milk["id"], ["-PT10M"])
    detail.get_by_role("button", name="Add a reminder").click()
    page.get_by_role("menuitem", name="When it is due").click()
    arrives_reminders(account, milk["id"], ["-PT10M", "PT0M"])
    detail.get_by_role("button", name="Snooze").first.click()
    page.get_by_role("menuitem", name="In 1 hour").click()
    expect(page.get_by_text("Snoozed until")).to_be_visible()
    detail.get_by_role("button", name="Remove the reminder").first.click()
    expect(detail.get_by_role("button", name="Remove the reminder")).to_have_count(1)
    expect(row(page, "Buy oat milk")).to_contain_text("Has a reminder")


def arrives_reminders(account: User, task: str, offsets: list[str]) -> None:
    def there() -> bool:
        reminders = account.get(f"{account.tasks}/{task}").json()["reminders"]
        return sorted(each["offset"] for each in reminders) == sorted(offsets)

    until(there, "the reminders do not arrive")


def test_subtasks_by_keys(page: Page, account: User) -> None:
    trip = account.new_task("Lisbon")
    go(page, "/inbox")
    detail = open_detail(page, "Lisbon")
    detail.get_by_role("button", name="Add subtask").click()
    for title in ("Book", "Train", "Room"):
        page.keyboard.type(title)
        page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    shows(page, "Lisbon", "Book", "Train", "Room")
    train = row(page, "Train")
    train.focus()
    page.keyboard.press("Alt+ArrowRight")
    expect(train).to_have_attribute("aria-level", "3")
    expect(train).to_be_focused()
    row(page, "Room").focus()
    page.keyboard.press("Alt+ArrowUp")
    shows(page, "Lisbon", "Room", "Book", "Train")
    page.keyboard.press("Alt+ArrowLeft")
    expect(row(page, "Room")).to_have_attribute("aria-level", "1")
    shows(page, "Lisbon", "Book", "Train", "Room")
    # In the detail the same keys do the same.
    titles = detail.get_by_label("Title")
    expect(titles).to_have_count(3)
    titles.nth(2).focus()
    page.keyboard.press("Alt+ArrowLeft")
    expect(train).to_have_attribute("aria-level", "2")
    expect(titles.nth(2)).to_be_focused()
    tasks = account.get(account.tasks).json()["tasks"]
    assert len(tasks) == 4
    (kept,) = (each for each in tasks if each["title"] == "Train")
    arrives(account, kept["id"], parent_id=trip["id"])

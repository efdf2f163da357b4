"""Tasks are put in order, into lists and onto days: by dragging, and each of it by keys as well."""

from playwright.sync_api import Locator, Page, expect

from support.screen import arrives, focus, go, new, row, shows
from support.users import User
from support.web import PHONE, NewDevice


def drag(page: Page, source: Locator, target: Locator, part: float = 0.5) -> None:
    """Drag it by its handle to a part of the height of the target."""
    source.hover()
    # What can be dragged is loaded when nothing else is to be done.
    expect(source).to_have_attribute("draggable", "true")
    handle = source.locator(".grip").bounding_box() if source.locator(".grip").count() else source.bounding_box()
    box = target.bounding_box()
    assert handle is not None
    assert box is not None
    page.mouse.move(handle["x"] + handle["width"] / 2, handle["y"] + handle["height"] / 2)
    page.mouse.down()
    for _ in range(2):
        page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] * part, steps=4)
    page.mouse.up()


def test_in_order(page: Page, account: User) -> None:
    for title in ("One", "Two", "Three"):
        account.new_task(title)
    go(page, "/inbox")
    shows(page, "One", "Two", "Three")
    drag(page, row(page, "Three"), row(page, "One"), 0.1)
    shows(page, "Three", "One", "Two")
    page.get_by_role("button", name="Undo").click()
    shows(page, "One", "Two", "Three")
    focus(page, "Three").press("Alt+ArrowUp")
    shows(page, "One", "Three", "Two")
    expect(row(page, "Three")).to_be_focused()
    page.keyboard.press("Alt+ArrowDown")
    shows(page, "One", "Two", "Three")
    page.reload()
    shows(page, "One", "Two", "Three")


def test_below_another_one(page: Page, account: User) -> None:
    one, two = account.new_task("One"), account.new_task("Two")
    go(page, "/inbox")
    drag(page, row(page, "Two"), row(page, "One"))
    expect(row(page, "Two")).to_have_attribute("aria-level", "2")
    arrives(account, two["id"], parent_id=one["id"])


def test_to_another_list(page: Page, account: User) -> None:
    groceries = new(account, "lists", name="Groceries")
    milk, bread = account.new_task("Milk"), account.new_task("Bread")
    go(page, "/inbox")
    drag(page, row(page, "Milk"), page.get_by_role("link", name="Groceries"))
    shows(page, "Bread")
    arrives(account, milk["id"], list_id=groceries["id"])
    focus(page, "Bread").press("v")
    page.get_by_role("combobox", name="Move to…").fill("groc")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Your inbox is empty")).to_be_visible()
    arrives(account, bread["id"], list_id=groceries["id"])
    page.get_by_role("link", name="Groceries").click()
    shows(page, "Milk", "Bread")


def test_to_another_day(page: Page, account: User) -> None:
    milk = account.new_task("Milk")
    go(page, "/inbox")
    drag(page, row(page, "Milk"), page.get_by_role("link", name="Today"))
    page.get_by_role("link", name="Upcoming").click()
    tomorrow = page.get_by_role("row").filter(has_text="Tomorrow")
    drag(page, row(page, "Milk"), tomorrow)
    expect(tomorrow.locator(".number")).to_have_text("1")
    focus(page, "Milk").press("d")
    page.get_by_role("dialog", name="Date").get_by_role("button", name="No date").click()
    expect(row(page, "Milk")).to_have_count(0)
    arrives(account, milk["id"], due=None)


def test_to_another_column(page: Page, account: User) -> None:
    website = new(account, "lists", name="Website")
    done = new(account, "sections", list_id=website["id"], name="Done")
    milk = account.new_task("Freeze the texts", list_id=website["id"])
    go(page, f"/lists/{website['id']}")
    page.get_by_role("main").get_by_role("button", name="More: Website").click()
    page.get_by_role("menuitem", name="Show as a board").click()
    drag(page, page.get_by_role("main").get_by_role("listitem"), page.get_by_role("region", name="Done"))
    expect(page.get_by_role("region", name="Done").get_by_role("listitem")).to_have_count(1)
    arrives(account, milk["id"], section_id=done["id"])


def test_many_at_once(page: Page, account: User) -> None:
    tasks = [account.new_task(title) for title in ("One", "Two", "Three", "Four")]
    go(page, "/inbox")
    focus(page, "One").press("x")
    page.keyboard.press("Shift+ArrowDown")
    row(page, "Three").get_by_text("Three").click(modifiers=["Shift"])
    bar = page.get_by_role("toolbar")
    expect(bar.get_by_role("status")).to_have_text("3 selected")
    bar.get_by_role("button", name="Priority").click()
    page.get_by_role("menuitem", name="High").or_(page.get_by_role("menuitemradio", name="High")).click()
    expect(page.locator(".toasts")).to_contain_text("3 tasks changed")
    for each in tasks[:3]:
        arrives(account, each["id"], priority="high")
    arrives(account, tasks[3]["id"], priority="none")
    page.keyboard.press("Control+z")
    for each in tasks[:3]:
        arrives(account, each["id"], priority="none")
    focus(page, "One").press("Control+a")
    expect(bar.get_by_role("status")).to_have_text("4 selected")
    bar.get_by_role("button", name="Complete").click()
    expect(page.get_by_text("Your inbox is empty")).to_be_visible()
    expect(bar).to_have_count(0)
    page.get_by_role("button", name="Undo").click()
    shows(page, "One", "Two", "Three", "Four")


def test_by_touch_alone(new_device: NewDevice, account: User) -> None:
    account.new_task("Milk")
    device = new_device(viewport=PHONE, has_touch=True, is_mobile=True)
    page = device.log_in(account.email)
    page.get_by_role("link", name="Inbox").tap()
    row(page, "Milk").get_by_text("Milk").tap()
    detail = page.get_by_role("complementary", name="Task", exact=True)
    expect(detail.get_by_label("Title")).to_have_value("Milk")
    detail.get_by_role("button", name="Close the task").tap()
    page.get_by_role("button", name="Add task").last.tap()
    page.get_by_label("What needs doing?").fill("Bread")
    page.get_by_role("dialog").get_by_role("button", name="Add task").tap()
    page.mouse.click(10, 800)
    shows(page, "Milk", "Bread")

"""The address is the place, and there are keys to all of them."""

import re

from playwright.sync_api import Page, expect

from support.screen import arrives, complete, go, new, quick_add, row, shows
from support.users import User
from support.web import Device


def test_back_and_a_bookmark_lead_to_what_was_shown(device: Device, account: User) -> None:
    page = device.page
    milk = account.new_task("Buy oat milk")
    go(page, "/inbox")
    row(page, "Buy oat milk").get_by_text("Buy oat milk").click()
    expect(page).to_have_url(re.compile(rf"/inbox\?task={milk['id']}$"))
    page.get_by_role("link", name="Today").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Today")
    page.go_back()
    detail = page.get_by_role("complementary", name="Task", exact=True)
    expect(detail.get_by_label("Title")).to_have_value("Buy oat milk")
    page.go_back()
    expect(detail).to_have_count(0)
    page.go_forward()
    bookmark = page.url
    page.goto("/settings")
    expect(page.get_by_role("heading", name="Settings")).to_be_visible()
    go(page, bookmark)
    expect(detail.get_by_label("Title")).to_have_value("Buy oat milk")
    # A mail names the task alone.
    page.goto(f"/tasks/{milk['id']}")
    expect(detail.get_by_label("Title")).to_have_value("Buy oat milk")
    expect(page).to_have_url(bookmark)
    page.goto("/lists/0f8fad5b-d9cb-469f-a165-70867728950e")
    expect(page.get_by_text("There is nothing at this address")).to_be_visible()


def test_words_find_as_one_types_them(page: Page, account: User) -> None:
    for title in ("Buy oat milk", "Call Nora about the milk", "Return the drill"):
        account.new_task(title)
    complete(account, account.new_task("Milk the cow"))
    go(page, "/inbox")
    shows(page, "Buy oat milk", "Call Nora about the milk", "Return the drill")
    page.keyboard.press("/")
    search = page.get_by_role("searchbox", name="Search")
    expect(search).to_be_focused()
    page.keyboard.type("milk")
    expect(page.locator(".rows .title")).to_have_count(3)
    page.keyboard.type(" nora")
    shows(page, "Call Nora about the milk")
    expect(page).to_have_url(re.compile(r"/search\?q=milk(\+|%20)nora$"))
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.get_by_role("complementary", name="Task", exact=True)).to_be_visible()
    search.fill("nothing of the kind")
    expect(page.get_by_text("Nothing found")).to_be_visible()


def test_the_palette_goes_anywhere_and_does_things(page: Page, account: User) -> None:
    new(account, "lists", name="Groceries")
    account.new_task("Call Nora")
    go(page, "/inbox")
    row(page, "Call Nora").wait_for()
    page.keyboard.press("Control+k")
    palette = page.get_by_role("combobox", name="Search and commands")
    expect(palette).to_be_focused()
    page.keyboard.type("groc")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Groceries")
    page.keyboard.press("Control+k")
    page.keyboard.type("nora")
    page.keyboard.press("Enter")
    expect(page.get_by_role("complementary", name="Task", exact=True).get_by_label("Title")).to_have_value("Call Nora")
    page.keyboard.press("Control+k")
    page.keyboard.type("add task")
    page.keyboard.press("Enter")
    expect(page.get_by_label("What needs doing?")).to_be_focused()


def test_every_key_is_listed_and_goes_there(page: Page, account: User) -> None:
    account.new_task("Call Nora")
    go(page, "/inbox")
    row(page, "Call Nora").wait_for()
    page.keyboard.press("?")
    keys = page.get_by_role("dialog", name="Keyboard shortcuts")
    for each in ("Add task", "Undo", "Today", "Move to…", "Make it a subtask of the one above", "Select"):
        expect(keys.get_by_text(each, exact=True)).to_be_visible()
    page.keyboard.press("Escape")
    expect(keys).to_have_count(0)
    for key, name in (("1", "Today"), ("2", "Inbox"), ("3", "Upcoming")):
        page.keyboard.press(key)
        expect(page.get_by_role("heading", level=1)).to_have_text(name)
    page.keyboard.press("m")
    expect(page.get_by_role("link", name="Groceries")).to_have_count(0)
    page.keyboard.press("m")


def test_lists_sections_and_the_board(page: Page) -> None:
    go(page, "/inbox")
    page.get_by_role("button", name="New list").click()
    dialog = page.get_by_role("dialog", name="New list")
    dialog.get_by_label("Name").fill("Groceries")
    dialog.get_by_label("Group").fill("Home")
    dialog.get_by_role("radio", name="Teal").check()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Groceries")
    expect(page.get_by_text("Nothing in this list yet")).to_be_visible()
    expect(page.get_by_role("button", name="Home", exact=True)).to_be_visible()
    quick_add(page, "Bread")
    menu = page.get_by_role("main").get_by_role("button", name="More: Groceries")
    menu.click()
    page.get_by_role("menuitem", name="Add a section").click()
    page.get_by_role("dialog").get_by_label("Name").fill("Dairy")
    page.keyboard.press("Enter")
    expect(page.get_by_role("row").filter(has_text="Dairy")).to_be_visible()
    focus_bread = row(page, "Bread")
    focus_bread.focus()
    page.keyboard.press("v")
    page.get_by_role("combobox", name="Move to…").fill("dairy")
    page.keyboard.press("Enter")
    menu.click()
    page.get_by_role("menuitem", name="Show as a board").click()
    column = page.get_by_role("region", name="Dairy")
    expect(column.get_by_role("button", name="Bread", exact=True)).to_be_visible()
    column.get_by_role("button", name="Add task").click()
    page.get_by_label("What needs doing?").fill("Butter")
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    expect(column.get_by_role("listitem")).to_have_count(2)
    page.reload()
    expect(column.get_by_role("listitem")).to_have_count(2)
    column.get_by_role("checkbox", name="Complete “Bread”").click()
    expect(column.get_by_role("listitem")).to_have_count(1)
    # The list goes, and its tasks do not.
    bar = page.get_by_role("complementary").first
    bar.get_by_role("button", name="More: Groceries").click()
    page.get_by_role("menuitem", name="Delete").click()
    page.get_by_role("dialog").get_by_role("button", name="Move tasks to the inbox").click()
    page.get_by_role("link", name="Inbox").first.click()
    shows(page, "Butter")


def test_tags_and_saved_filters(page: Page, account: User) -> None:
    go(page, "/inbox")
    quick_add(page, "Feedback for Ben @work p1")
    quick_add(page, "Buy oat milk @shop")
    page.get_by_role("link", name="work 1").click()
    shows(page, "Feedback for Ben")
    page.get_by_role("button", name="New filter").click()
    dialog = page.get_by_role("dialog", name="New filter")
    dialog.get_by_label("Name").fill("Not for work")
    dialog.get_by_label("Filter").fill("!@work")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Not for work")
    shows(page, "Buy oat milk")
    # What is wrong with one is said.
    page.get_by_role("button", name="More: Not for work").click()
    page.get_by_role("menuitem", name="Edit").click()
    page.get_by_role("dialog", name="Edit filter").get_by_label("Filter").fill("@shop")
    page.keyboard.press("Enter")
    shows(page, "Buy oat milk")
    tags = account.get("/api/me/tags").json()["tags"]
    assert {each["name"] for each in tags} == {"work", "shop"}
    (milk,) = (each for each in account.get(account.tasks).json()["tasks"] if each["tags"] == ["shop"])
    page.get_by_role("button", name="More: shop").click()
    page.get_by_role("menuitem", name="Merge into").click()
    page.get_by_role("dialog").get_by_role("button", name="Merge into").click()
    arrives(account, milk["id"], tags=["work"])
    expect(page.get_by_role("link", name="shop")).to_have_count(0)

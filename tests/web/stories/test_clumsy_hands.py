"""Keys that are held, clicks that come twice, and what else hands do that nobody meant."""

from playwright.sync_api import Page, expect

from support.screen import focus, go, row, shows
from support.users import User
from support.web import Device, NewDevice


def hold(page: Page, key: str) -> None:
    """Press it for so long that the keyboard sends it again and again."""
    for _ in range(3):
        page.keyboard.down(key)
    page.keyboard.up(key)


def test_what_is_done_twice_by_mistake_is_done_once(device: Device, account: User) -> None:
    page = device.page
    for title in ("One", "Two", "Three", "Four", "Five"):
        account.new_task(title)
    go(page, "/inbox")
    focus(page, "One")
    hold(page, "Delete")
    shows(page, "Two", "Three", "Four", "Five")
    page.keyboard.down("Control")
    hold(page, "z")
    page.keyboard.up("Control")
    shows(page, "One", "Two", "Three", "Four", "Five")
    row(page, "One").get_by_role("checkbox").dblclick()
    shows(page, "Two", "Three", "Four", "Five")
    focus(page, "Two")
    hold(page, "Space")
    shows(page, "Three", "Four", "Five")
    # What moves goes on.
    focus(page, "Three")
    hold(page, "ArrowDown")
    expect(page.get_by_role("row").get_by_role("button", name="Add task")).to_be_focused()


def test_no_key_makes_more_levels_than_there_are(device: Device, account: User) -> None:
    page = device.page
    above = None
    for level in range(1, 6):
        above = account.new_task(f"Level {level}", **({"parent_id": above} if above else {}))["id"]
    deep = account.new_task("Deep")
    account.new_task("Below", parent_id=deep["id"])
    go(page, "/inbox")
    focus(page, "Deep").press("Alt+ArrowRight")
    expect(row(page, "Deep")).to_have_attribute("aria-level", "2")
    for key in ("Alt+ArrowUp", "Alt+ArrowDown", "Alt+ArrowRight", "Alt+ArrowRight", "Alt+ArrowRight"):
        page.keyboard.press(key)
    expect(row(page, "Below")).to_have_attribute("aria-level", "5")
    expect(row(page, "Deep")).to_be_focused()
    expect(page.get_by_text("To decide")).to_have_count(0)


def test_a_device_whose_language_is_none(new_device: NewDevice, account: User) -> None:
    device = new_device()
    device.context.add_init_script(
        "for (const [name, get] of Object.entries({ language: () => 'C', languages: () => ['C', 'en-US@posix'] }))"
        " Object.defineProperty(Navigator.prototype, name, { get });"
    )
    account.new_task("Buy oat milk", due={"date": "2035-12-24", "time": None, "timezone": None})
    page = device.log_in(account.email)
    page.get_by_role("link", name="Inbox").first.click()
    expect(row(page, "Buy oat milk")).to_contain_text("2035")

"""Small windows, large text, other directions, less motion, and what opens over a view: nobody is left out."""

import pytest
from playwright.sync_api import Page, expect

from support.screen import focus, go, new, row
from support.users import User
from support.web import Device, NewDevice, barriers

NARROW = {"width": 320, "height": 640}
# 200 % of 1280 px, and the 320 px of WCAG's reflow.
WINDOWS = {"320 px": (NARROW, 1), "200 %": ({"width": 640, "height": 400}, 2)}
PLACES = (
    "/inbox",
    "/today",
    "/upcoming",
    "/search?q=a",
    "/completed",
    "/deleted",
    "/notifications",
    "/problems",
    "/settings/general",
    "/settings/security",
    "/settings/data",
)
WIDER = "document.scrollingElement.scrollWidth - innerWidth"
LONG = "Donaudampfschifffahrtsgesellschaftskapitänsmütze" * 3


@pytest.mark.parametrize("window", WINDOWS)
def test_nothing_is_wider_than_the_window(new_device: NewDevice, account: User, window: str) -> None:
    size, scale = WINDOWS[window]
    due = {"date": "2026-01-05", "time": "17:00:00", "timezone": None}
    task = account.new_task(
        LONG, description=LONG, due=due, tags=["a" * 50, "b" * 50], url=f"https://example.com/{LONG}"
    )
    website = new(account, "lists", name="Website relaunch " * 5)
    new(account, "sections", list_id=website["id"], name="c" * 100)
    device = new_device(viewport=size, device_scale_factor=scale)
    page = device.log_in(account.email)
    for path in (*PLACES, f"/lists/{website['id']}", f"/inbox?task={task['id']}"):
        page.goto(path)
        expect(page.get_by_role("heading").first).to_be_attached()
        page.evaluate("async () => { await document.fonts.ready; }")
        assert page.evaluate(WIDER) <= 0, path
    page.goto("/inbox")
    page.get_by_role("main").get_by_role("button", name="Add task").last.click()
    page.get_by_label("What needs doing?").fill(f"{LONG} tomorrow @{'a' * 50}")
    expect(page.locator("mark").first).to_be_visible()
    assert page.evaluate(WIDER) <= 0


def test_a_title_is_read_in_its_own_direction(page: Page, account: User) -> None:
    hebrew = "לקנות חלב!"
    account.new_task(hebrew)
    go(page, "/inbox")
    title = row(page, hebrew).locator(".title")
    # What ends its sentence stands at its left end.
    assert page.evaluate(
        """(title) => {
          const range = document.createRange();
          const text = title.firstChild;
          const at = (index) => { range.setStart(text, index); range.setEnd(text, index + 1); return range.getBoundingClientRect().left; };
          return at(text.length - 1) < at(0);
        }""",
        title.element_handle(),
    )
    row(page, hebrew).click()
    field = page.get_by_role("complementary", name="Task", exact=True).get_by_label("Title")
    expect(field).to_have_css("unicode-bidi", "plaintext")


def test_the_whole_screen_can_be_mirrored(page: Page, account: User) -> None:
    account.new_task("Buy milk")
    go(page, "/inbox")
    row(page, "Buy milk").wait_for()
    page.evaluate("document.documentElement.dir = 'rtl'")
    bar, main = page.get_by_role("complementary").first.bounding_box(), page.get_by_role("main").bounding_box()
    assert bar is not None
    assert main is not None
    assert bar["x"] >= main["x"] + main["width"] - 1
    check, title = (
        row(page, "Buy milk").get_by_role("checkbox").bounding_box(),
        row(page, "Buy milk").locator(".title").bounding_box(),
    )
    assert check is not None
    assert title is not None
    assert check["x"] > title["x"] + title["width"] - 1
    assert page.evaluate(WIDER) <= 0


def test_nothing_moves_where_it_is_not_wanted(page: Page, account: User) -> None:
    account.new_task("Buy milk")
    go(page, "/inbox")
    moving = "document.getAnimations().filter((each) => each.effect.getComputedTiming().duration > 10).length"
    row(page, "Buy milk").click()
    assert page.evaluate(moving) == 0
    page.keyboard.press("Escape")
    page.keyboard.press("q")
    expect(page.get_by_role("dialog")).to_be_visible()
    assert page.evaluate(moving) == 0


def test_what_opens_over_a_view_has_no_barriers(page: Page, account: User) -> None:
    account.new_task("Buy milk", due={"date": "2035-12-24", "time": None, "timezone": None})
    go(page, "/inbox")
    found = []
    for key, role in ((".", "menu"), ("d", "dialog"), ("v", "dialog"), ("p", "menu"), ("q", "dialog")):
        focus(page, "Buy milk").press(key)
        expect(page.get_by_role(role).first).to_be_visible()  # type: ignore[arg-type] # a role by its name
        found += [f"{key}: {each}" for each in barriers(page)]
        page.keyboard.press("Escape")
        expect(page.get_by_role(role)).to_have_count(0)  # type: ignore[arg-type] # as above
    assert not found


def test_a_decision_has_no_barriers(device: Device, account: User) -> None:
    milk = account.new_task("Buy milk")
    page = device.page
    go(page, "/inbox")
    device.expects("412")
    row(page, "Buy milk").wait_for()
    device.go_offline()
    focus(page, "Buy milk").press("e")
    page.get_by_role("row").get_by_label("Title").fill("Buy oat milk")
    page.keyboard.press("Enter")
    account.patch(f"{account.tasks}/{milk['id']}", json={"title": "Buy soy milk"})
    device.go_online()
    page.get_by_role("link", name="To decide (1)").click()
    expect(page.get_by_role("button", name="Keep mine")).to_be_visible()
    assert not barriers(page)

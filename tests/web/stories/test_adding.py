"""Tasks are added by a line in which one writes what one means."""

from playwright.sync_api import Page, expect

from support.mail import until
from support.screen import go, new, row, shows
from support.users import User

PRESS = """(keys) => {
  for (const key of keys) document.activeElement.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
}"""


def test_what_is_understood_is_shown_before_it_is_added(page: Page, account: User) -> None:
    groceries = new(account, "lists", name="Groceries")
    go(page, "/inbox")
    expect(page.get_by_role("link", name="Groceries")).to_be_visible()
    page.keyboard.press("q")
    line = page.get_by_label("What needs doing?")
    expect(line).to_be_focused()
    line.fill("Buy oat milk tomorrow at 5pm #Groceries @shop p1 every week")
    dialog = page.get_by_role("dialog", name="Add task")
    expect(dialog.locator("mark")).to_have_count(5)
    for said in ("Tomorrow 17:00", "shop", "Every week"):
        expect(dialog.get_by_text(said).last).to_be_visible()
    expect(dialog.get_by_role("status").first).to_contain_text("Understood: ")
    page.keyboard.press("Enter")
    expect(dialog).to_contain_text("Added: Buy oat milk")
    expect(line).to_have_value("")
    # It stays open for the next one.
    line.fill("Call Nora")
    page.keyboard.press("Enter")
    expect(dialog).to_contain_text("Added: Call Nora")
    page.keyboard.press("Escape")
    shows(page, "Call Nora")
    page.get_by_role("link", name="Groceries").click()
    shows(page, "Buy oat milk")
    expect(row(page, "Buy oat milk")).to_contain_text("shop")
    (task,) = until(lambda: account.get(account.tasks, params={"q": "oat"}).json()["tasks"], "it is not sent")
    assert task["list_id"] == groceries["id"]
    assert task["tags"] == ["shop"]
    assert task["due"]["time"] == "17:00:00"
    assert task["recurrence"]["rule"] == "FREQ=WEEKLY"


def test_what_is_typed_before_the_line_is_there_is_in_it(page: Page, account: User) -> None:
    new(account, "tasks", title="Stays open")
    go(page, "/inbox")
    row(page, "Stays open").focus()
    # In one go, so that nothing can be loaded or drawn in between.
    page.evaluate(PRESS, ["q", *"bread ex", "Backspace", "Delete"])
    line = page.get_by_label("What needs doing?")
    expect(line).to_have_value("bread e")
    expect(line).to_be_focused()
    page.keyboard.type("ggs")
    expect(line).to_have_value("bread eggs")
    page.keyboard.press("Escape")
    shows(page, "Stays open")


def test_a_piece_that_is_not_meant_stays_text(page: Page) -> None:
    go(page, "/inbox")
    page.keyboard.press("q")
    page.get_by_label("What needs doing?").fill("Read tomorrow never dies")
    dialog = page.get_by_role("dialog", name="Add task")
    dialog.get_by_role("button", name="Keep as text").click()
    expect(dialog.locator("mark")).to_have_count(0)
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    shows(page, "Read tomorrow never dies")


def test_many_lines_that_are_pasted_are_many_tasks(page: Page) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    go(page, "/inbox")
    page.keyboard.press("q")
    page.get_by_label("What needs doing?").focus()
    page.evaluate("navigator.clipboard.writeText('Eggs\\nFlour\\nSalt')")
    page.keyboard.press("Control+v")
    page.get_by_role("button", name="Add 3 tasks").click()
    expect(page.get_by_text("3 tasks added")).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".rows .title")).to_have_count(0)


def test_a_key_that_comes_before_the_first_picture_is_taken_once(page: Page) -> None:
    # With the first thing that the account's screen draws, before the browser has shown it.
    page.add_init_script("""new MutationObserver((_, observer) => {
      if (!document.querySelector(".shell")) return;
      observer.disconnect();
      document.body.dispatchEvent(new KeyboardEvent("keydown", { key: "q", bubbles: true, cancelable: true }));
    }).observe(document, { childList: true, subtree: true });""")
    page.reload()
    expect(page.get_by_label("What needs doing?")).to_have_value("")
    expect(page.get_by_label("What needs doing?")).to_be_focused()


def test_of_many_lines_none_is_left_out(page: Page, account: User) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    go(page, "/inbox")
    page.keyboard.press("q")
    page.get_by_label("What needs doing?").focus()
    page.evaluate("navigator.clipboard.writeText(Array.from({ length: 1234 }, (_, n) => `Line ${n}`).join('\\n'))")
    page.keyboard.press("Control+v")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("and 1,134 more")
    dialog.get_by_role("button", name="Add 1,234 tasks").click()
    until(lambda: account.get(account.tasks).json()["total"] == 1234, "they are not all on the server")


def test_a_task_that_is_added_below_a_heading_is_filed_there(page: Page, account: User) -> None:
    groceries = new(account, "lists", name="Groceries")
    new(account, "sections", list_id=groceries["id"], name="Dairy")
    go(page, f"/lists/{groceries['id']}")
    page.get_by_role("row").get_by_role("button", name="Add task").last.click()
    line = page.get_by_label("What needs doing?")
    for title in ("Butter", "Milk"):
        expect(line).to_be_focused()
        line.fill(title)
        page.keyboard.press("Enter")
        expect(line).to_have_value("")
    expect(page.get_by_role("dialog")).to_have_count(0)
    shows(page, "Butter", "Milk")
    page.keyboard.press("Escape")
    expect(page.get_by_role("row").get_by_role("button", name="Add task").last).to_be_focused()
    expect(page.get_by_role("row").filter(has_text="Dairy")).to_contain_text("2")
    page.keyboard.press("Enter")
    expect(line).to_be_focused()
    row(page, "Milk").click()
    expect(line).to_have_count(0)


def test_a_line_that_is_scrolled_away_and_back_does_not_take_the_focus(page: Page, account: User) -> None:
    for number in range(60):
        account.new_task(f"Task {number}")
    go(page, "/inbox")
    page.keyboard.press("j")
    page.keyboard.press("End")
    page.get_by_role("treegrid").get_by_role("button", name="Add task").click()
    line = page.get_by_label("What needs doing?")
    expect(line).to_be_focused()
    line.fill("Call Nora")
    page.get_by_role("row").filter(has=page.get_by_text("Task 59", exact=True)).focus()
    page.keyboard.press("Home")
    first = page.get_by_role("row").first
    expect(first).to_be_focused()
    expect(line).to_have_count(0)
    page.locator(".scroll").first.evaluate("(element) => element.scrollTo(0, element.scrollHeight)")
    expect(line).to_have_value("Call Nora")
    expect(first).to_be_focused()

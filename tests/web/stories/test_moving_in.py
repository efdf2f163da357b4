"""A file of another program is looked at, imported and undone, and everything is taken along again."""

from pathlib import Path
from typing import Final

from playwright.sync_api import Page, expect

from support.mail import until
from support.screen import go, row
from support.users import User
from support.web import Device, barriers

FILES: Final = Path(__file__).parents[2] / "transfer" / "files"
TODOIST: Final = FILES / "Work [220474322].csv"
DROP: Final = """([name, text]) => {
  const data = new DataTransfer();
  data.items.add(new File([text], name));
  for (const type of ["dragover", "drop"])
    document.body.dispatchEvent(new DragEvent(type, { dataTransfer: data, bubbles: true, cancelable: true }));
}"""


def choose(page: Page, path: Path) -> None:
    """Choose a file by the button."""
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Choose a file").press("Enter")
    chooser.value.set_files(path)


def titles(user: User) -> set[str]:
    """The titles of the tasks that the server has."""
    return {task["title"] for task in user.get(user.tasks).json()["tasks"]}


def test_from_a_file_and_back(page: Page, account: User) -> None:
    go(page, "/settings/data")
    choose(page, TODOIST)
    expect(page.get_by_role("heading", name=TODOIST.name)).to_be_focused()
    expect(page.get_by_label("Read as")).to_have_value("todoist")
    tasks = page.get_by_role("table", name="What would be added").get_by_role("row").filter(has_text="Tasks")
    expect(tasks.get_by_role("cell").nth(1)).not_to_have_text("0")
    expect(page.get_by_text("every blue moon")).to_be_visible()
    page.get_by_text("What is in it (16)").click()
    expect(page.get_by_text("Send it")).to_be_visible()
    assert barriers(page) == []
    assert titles(account) == set()

    page.get_by_role("button", name="Import", exact=True).click()
    imports = page.get_by_role("group", name="Imports")
    expect(imports).to_be_focused()
    expect(imports.get_by_text("added", exact=False)).to_be_visible()
    changed = next(each for each in account.get(account.tasks).json()["tasks"] if each["title"] == "Tax return")
    account.patch(f"{account.tasks}/{changed['id']}", json={"priority": "high"})
    page.get_by_role("navigation").first.get_by_role("link", name="Work 11").click()
    expect(row(page, "Water the plants")).to_be_visible()

    go(page, "/settings/data")
    imports.get_by_role("button", name="Undo the import of").click()
    page.get_by_role("dialog").get_by_role("button", name="Undo import").click()
    expect(imports.get_by_text("Undone, ")).to_be_visible()
    expect(imports.get_by_text("Tax return")).to_be_visible()
    expect(imports).to_be_focused()
    assert barriers(page) == []
    until(lambda: titles(account) == {"Tax return"}, "what the import made, and nobody changed, to be gone")


def test_what_nobody_recognises_is_dropped_and_named(device: Device, account: User) -> None:
    device.expects("422")
    page = device.page
    go(page, "/settings/data")
    page.evaluate(DROP, ["notes.bin", "Call Ann @phone\nPay the rent\n"])
    expect(page.get_by_role("alert").get_by_text("could not tell")).to_be_visible()
    page.get_by_label("Read as").select_option("todoist")
    expect(page.get_by_role("alert").get_by_text("could not be read")).to_be_visible()
    page.get_by_label("Read as").select_option("todotxt")
    expect(page.get_by_role("button", name="Import", exact=True)).to_be_visible()
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("button", name="Choose a file")).to_be_focused()
    page.evaluate(DROP, ["empty.csv", ""])
    expect(page.get_by_role("alert").get_by_text("This file is empty.")).to_be_visible()
    page.get_by_role("button", name="Cancel").click()
    device.go_offline()
    page.evaluate(DROP, ["todo.txt", "Call Ann @phone"])
    expect(page.get_by_role("alert").get_by_text("The server cannot be reached.")).to_be_visible()
    assert titles(account) == set()


def test_everything_is_taken_along(page: Page, account: User) -> None:
    account.new_task("Buy milk")
    go(page, "/settings/data")
    for name, (ending, shows) in {
        "Doable (JSON)": (".json", account.email),
        "Table (CSV)": (".csv", "parent_id"),
        "iCalendar (.ics)": (".ics", "BEGIN:VTODO"),
        "todo.txt": (".txt", "Buy milk"),
        "Markdown": (".md", "- [ ] Buy milk"),
    }.items():
        page.get_by_label("Format").select_option(name)
        with page.expect_download() as download:
            page.get_by_role("button", name="Download").click()
        assert download.value.suggested_filename.endswith(ending)
        text = Path(download.value.path()).read_text()
        assert shows in text
        assert "Buy milk" in text

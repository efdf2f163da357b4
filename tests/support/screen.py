"""What stories do on the client's screen, over and over."""

from typing import Any

from playwright.sync_api import Locator, Page, expect

from support.mail import until
from support.users import User


def go(page: Page, path: str) -> None:
    """Go there, and wait until it takes keys."""
    page.goto(path)
    expect(page.get_by_role("main").get_by_role("heading", level=1)).to_be_visible()


def row(page: Page, title: str) -> Locator:
    """The row of the task."""
    return page.get_by_role("row").filter(has=page.get_by_text(title, exact=True))


def shows(page: Page, *titles: str) -> None:
    """These tasks are in the list, in this order, and no others."""
    expect(page.locator(".rows .title")).to_have_text(list(titles))


def focus(page: Page, title: str) -> Locator:
    """Go to the row, as the arrows do."""
    found = row(page, title)
    found.focus()
    return found


def quick_add(page: Page, line: str) -> None:
    """Add a task by `q`."""
    page.keyboard.press("q")
    page.get_by_label("What needs doing?").fill(line)
    page.keyboard.press("Enter")
    expect(page.get_by_text("Added: ")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)


def stored(user: User, task_id: str) -> dict[str, Any]:
    """The task as the server has it."""
    answer = user.get(f"{user.tasks}/{task_id}")
    assert answer.status_code == 200, answer.text
    task: dict[str, Any] = answer.json()
    return task


def arrives(user: User, task_id: str, **members: object) -> None:
    """The server gets to have these members of the task."""
    until(
        lambda: {name: stored(user, task_id)[name] for name in members} == members,
        f"the server has no {members}",
    )


def new(user: User, kind: str, **fields: object) -> dict[str, Any]:
    """A list, a section, a tag or a filter: `new(user, "lists", name="Groceries")`."""
    answer = user.post(f"/api/me/{kind}", json=fields)
    assert answer.status_code == 201, answer.text
    thing: dict[str, Any] = answer.json()
    return thing


def complete(user: User, task: dict[str, Any]) -> None:
    """Complete it elsewhere."""
    answer = user.patch(f"{user.tasks}/{task['id']}/complete", json={"is_completed": True})
    assert answer.status_code == 200, answer.text

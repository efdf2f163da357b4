"""Every view of the client, as an account of `doable demo` has it: for pictures of them, and for the search for barriers."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from playwright.sync_api import Page, expect

from support.web import SETTLED

Steps = Callable[[Page], Any]


@dataclass(frozen=True, slots=True)
class View:
    """A place and what is done there. `shows` are words that can be seen in it, once all of it is there.

    `{lists/Household}` in the path stands for that list.
    """

    name: str
    path: str
    shows: str
    steps: Steps | None = None

    def open(self, page: Page, ids: dict[str, str]) -> None:
        """Show it. `ids` are those of the account's lists, tags and filters."""
        page.goto(self.path.format_map(ids))
        if self.steps is not None:
            expect(page.get_by_role("row").first).to_be_visible()
            page.evaluate(SETTLED)
            self.steps(page)
        expect(page.get_by_text(self.shows).locator("visible=true").first).to_be_visible()


def _press(key: str) -> Steps:
    return lambda page: page.keyboard.press(key)


def _open(title: str) -> Steps:
    return lambda page: page.get_by_role("row").get_by_text(title, exact=True).click()


def _show_as_board(page: Page) -> None:
    page.get_by_role("main").get_by_role("button", name="More").first.click()
    page.get_by_role("menuitem", name="Show as a board").click()


OF_THE_ACCOUNT: Final = (
    View("today", "/today", "Feedback for Ben"),
    View("upcoming", "/upcoming", "Read the three applications"),
    View("inbox", "/inbox", "Return the drill to Jonas"),
    View("list", "{lists/Household}", "Mend the grey jumper"),
    View("sections", "{lists/Website relaunch}", "Freeze the texts"),
    View("subtasks", "{lists/Lisbon}", "Write to the one with the blue door"),
    View("task", "{lists/Website relaunch}", "too much room", _open("Finish the start page for phones")),
    View("settings", "/settings/general", "Theme"),
    View("moving", "/settings/data", "Drop a file here"),
    View("tag", "{tags/focus}", "Feedback for Ben"),
    View("filter", "{filters/Waiting for others}", "Price table"),
    View("search", "/search?q=lis", "Lisbon"),
    View("completed", "/completed", "Back up the phone"),
    View("deleted", "/deleted", "Buy a second umbrella"),
    View("notifications", "/notifications", "Proofread the German texts"),
    View("archived", "/archived", "Move to Elm Street"),
    View("keys", "/today", "Ctrl+K", _press("?")),
    # From now on this device shows that list so; no other view has it.
    View("board", "{lists/Groceries}", "Feta", _show_as_board),
    View("palette", "/today", "Groceries", _press("Control+k")),
)
OF_NOBODY: Final = (View("login", "/login", "Password"), View("signup", "/signup", "Password"))

"""`/docs` and `/redoc` in a real browser on a machine with no internet: nothing is asked of another host."""

import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import ConsoleMessage, Page, Request, expect

from support.browser import CHROMIUM, needs_chromium, new_page
from support.server import Server
from support.users import User

pytestmark = needs_chromium("/docs and /redoc were")


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[Server]:
    """The pages are the same on every database."""
    with Server(tmp_path) as running:
        yield running


@pytest.fixture
def page(own_server: Server) -> Iterator[Page]:
    """A page that fails the test on a request to another host, an answer of 4xx or 5xx, or an error in its console."""
    wrong: list[str] = []

    def on_request(request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme not in {"data", "blob"} and parts.netloc != urlsplit(own_server.url).netloc:
            wrong.append(request.url)

    def on_console(message: ConsoleMessage) -> None:
        if message.type == "error":
            wrong.append(message.text)

    with new_page(own_server.url) as opened:
        opened.on("request", on_request)
        opened.on("console", on_console)
        opened.on("pageerror", lambda error: wrong.append(str(error)))
        yield opened
    assert not wrong


def test_a_task_is_created_with_try_it_out(own_server: Server, page: Page) -> None:
    with closing(User(own_server.url)) as user:
        page.goto("/docs")
        page.get_by_role("button", name="Authorize").first.click()
        dialog = page.locator(".modal-ux")
        dialog.locator("input").fill(user.token)
        dialog.get_by_role("button", name="Apply credentials").click()
        dialog.get_by_role("button", name="Close").last.click()

        operation = page.locator("#operations-tasks-create_task")
        operation.locator(".opblock-summary-control").click()
        operation.get_by_role("button", name="Try it out").click()
        operation.locator("textarea").fill('{"title": "made in the browser"}')
        operation.get_by_role("button", name="Execute").click()
        expect(operation.locator(".live-responses-table .response-col_status").last).to_contain_text("201")

        tasks = user.get(user.tasks).json()["tasks"]
        assert [task["title"] for task in tasks] == ["made in the browser"]


def test_the_reference_shows_every_operation(page: Page) -> None:
    page.goto("/redoc")
    for summary in ("Sign up", "Log in", "Create a task", "List tasks", "Delete a task"):
        expect(page.get_by_role("heading", name=summary).first).to_be_visible()
    expect(page.get_by_role("heading", name="Doable").first).to_be_visible()


def test_chromium_is_what_it_says() -> None:
    """So that a wrapper which opens nothing cannot make the others pass."""
    assert CHROMIUM is not None
    version = subprocess.run([CHROMIUM, "--version"], capture_output=True, text=True, check=True).stdout
    assert "Chrom" in version

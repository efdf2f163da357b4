"""The pages in a real browser on a machine with no internet: nothing is asked of another host."""

import re
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import ConsoleMessage, Page, Request, expect

from doable.notifications.unsubscribing import UnsubscribeTokens
from support.browser import CHROMIUM, needs_chromium, new_page
from support.mail import reset_token, until, verification_token
from support.schema import rows_of, settings_of
from support.server import SECRET, PlainServer, Server
from support.users import PASSWORD, User

# Redoc draws every operation before it shows one, which takes a busy machine some seconds.
expect.set_options(timeout=30_000)

pytestmark = needs_chromium("no page was")


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[Server]:
    """The pages are the same on every database. Those that mails link to are there without the web client."""
    with PlainServer(tmp_path) as running:
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
        # Redoc draws the whole document before it shows any of it: on a busy machine that took longer than 30 s.
        expect(page.get_by_role("heading", name=summary).first).to_be_visible(timeout=120_000)
    expect(page.get_by_role("heading", name="Doable").first).to_be_visible()
    # The search is a worker, which the page's policy might stop.
    page.get_by_role("textbox").first.fill("export")
    expect(page.get_by_role("menuitem", name="Everything that is stored about you").last).to_be_visible()


def link_to(server: Server, path: str, token: str) -> str:
    return f"{server.url}/account/{path}#token={token}"


def test_a_mailed_link_sets_a_new_password(own_server: Server, page: Page) -> None:
    """From the page that asks for the link to the log-in, with no frontend."""
    with closing(User(own_server.url)) as user:
        page.goto("/account/reset-password")
        page.get_by_label("Your e-mail address").fill(user.email)
        page.get_by_role("button", name="Send me a link").click()
        expect(page.get_by_role("status")).to_contain_text("a link is on its way")
        token = reset_token(own_server, user.email)

        # In the same tab, where the page is open already.
        page.goto(link_to(own_server, "reset-password", token))
        page.get_by_label("New password").fill("a new password of hers")
        assert page.url == f"{own_server.url}/account/reset-password"
        page.get_by_role("button", name="Set this password").click()
        expect(page.get_by_role("status")).to_contain_text("Your new password is set")
        expect(page.get_by_label("New password")).to_be_hidden()

        logged_in = user.post("/api/auth/login", json={"email": user.email, "password": "a new password of hers"})
        assert logged_in.status_code == 200
        assert token not in own_server.log


def test_a_mailed_link_verifies_an_address_by_a_button(own_server: Server, page: Page) -> None:
    with closing(User(own_server.url)) as user:
        token = verification_token(own_server, user.email)
        page.goto(link_to(own_server, "verify-email", token))
        button = page.get_by_role("button", name="Verify this address")
        expect(button).to_be_visible()
        # To look at it is not to use it.
        assert rows_of(settings_of(own_server), "users")[0]["email_verified_at"] is None
        button.click()
        expect(page.get_by_role("status")).to_contain_text("your address is verified")
        assert rows_of(settings_of(own_server), "users")[0]["email_verified_at"] is not None
        assert token not in own_server.log


def test_a_button_is_the_one_click_of_whoever_opens_the_link(own_server: Server, page: Page) -> None:
    with closing(User(own_server.url)) as user:
        user.post("/api/auth/email/verify", json={"token": verification_token(own_server, user.email)})
        user.patch("/api/me/preferences", json={"digest_at": "07:00"})
        token = UnsubscribeTokens([SECRET.encode()]).token(user.id, "digest")
        page.goto(f"/unsubscribe/{token}")
        expect(page.get_by_role("heading", name="Daily digest")).to_be_visible()
        assert user.get("/api/me/preferences").json()["digest_at"] == "07:00:00"
        # By the keyboard alone.
        page.keyboard.press("Tab")
        expect(page.get_by_role("button", name="Stop getting the daily digest")).to_be_focused()
        page.keyboard.press("Enter")
        expect(page.get_by_role("status")).to_contain_text("You will not get the daily digest any more.")
        assert user.get("/api/me/preferences").json()["digest_at"] is None
        assert token not in own_server.log


@pytest.fixture
def failing_page(own_server: Server, page: Page) -> Iterator[Page]:
    """A page of the same browser on which requests may fail, which a console calls an error."""
    assert page.context.browser is not None
    opened = page.context.browser.new_page(base_url=own_server.url)
    yield opened
    opened.close()


def test_a_link_to_a_task_shows_it_to_its_owner_alone(own_server: Server, failing_page: Page) -> None:
    page, result = failing_page, failing_page.get_by_role("status")
    with closing(User(own_server.url)) as user, closing(User(own_server.url)) as other:
        title = "Call <b>Bob</b>"
        task = user.new_task(title, description="a\n<script>", reminders=[{"at": "2026-01-01T09:00:00Z"}])
        address = f"{user.tasks}/{task['id']}"

        def log_in(who: User, password: str = PASSWORD) -> None:
            page.goto(f"/tasks/{task['id']}")
            page.keyboard.type(who.email)  # where the focus is
            page.get_by_label("Password").fill(password)
            page.keyboard.press("Enter")

        log_in(user, "not the password")
        expect(result).to_have_text("The e-mail or the password is wrong.")
        page.get_by_role("link", name="Forgot your password?").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("New password")
        log_in(other)
        expect(result).to_have_text("There is no such task among yours.")
        log_in(user)
        expect(page.get_by_role("heading", level=1)).to_have_text(title)
        expect(page.locator("#description")).to_have_text("a\n<script>")
        page.get_by_role("button", name="In an hour").click()
        expect(result).to_contain_text("You will be reminded")
        assert user.get(address).json()["reminders"][0]["remind_at"] is not None
        page.get_by_role("button", name="Complete").click()
        expect(page.locator("#state")).to_contain_text("Completed")
        assert user.get(address).json()["is_completed"]
        page.get_by_role("button", name="Reopen").click()
        expect(result).to_have_text("It is open again.")
        assert page.context.storage_state() == {"cookies": [], "origins": []}
        for _ in range(10):
            user.post("/api/auth/login", json={"email": user.email, "password": "not the password"})
        log_in(user)
        expect(result).to_have_text(re.compile(r"That was tried too often. Try again in 1[345] minutes."))
        assert task["id"] not in own_server.log
        # The session of a page ends with it, once the browser has said so.
        until(lambda: len(user.get("/api/auth/sessions").json()["sessions"]) == 1, "a session is left")


def test_a_page_says_what_is_wrong(own_server: Server, failing_page: Page) -> None:
    page = failing_page
    with closing(User(own_server.url)) as user:
        user.post("/api/auth/password/forgot", json={"email": user.email})
        token = reset_token(own_server, user.email)
        page.goto(link_to(own_server, "reset-password", "<b>nonsense</b>"))
        page.get_by_label("New password").fill("a new password of hers")
        page.get_by_role("button").click()
        expect(page.get_by_role("status")).to_contain_text("This link has been used or has expired")
        page.goto("/docs")
        page.goto(link_to(own_server, "reset-password", token))
        page.get_by_label("New password").fill("short")
        page.get_by_role("button").click()
        expect(page.get_by_role("status")).to_contain_text("new_password: at least 8 characters.")
        page.get_by_label("New password").fill("long enough now")
        page.get_by_role("button").click()
        expect(page.get_by_role("status")).to_contain_text("Your new password is set")


def test_no_script_but_its_own_runs_on_a_page(own_server: Server, failing_page: Page) -> None:
    blocked: list[str] = []
    failing_page.on("console", lambda message: blocked.append(message.text))
    failing_page.goto("/account/reset-password")
    failing_page.evaluate(
        "const script = document.createElement('script'); script.textContent = 'window.planted = true';"
        "document.body.append(script)"
    )
    assert failing_page.evaluate("window.planted") is None
    assert any("Content Security Policy" in text for text in blocked), own_server.log


def test_chromium_is_what_it_says() -> None:
    """So that a wrapper which opens nothing cannot make the others pass."""
    assert CHROMIUM is not None
    version = subprocess.run([CHROMIUM, "--version"], capture_output=True, text=True, check=True).stdout
    assert "Chrom" in version

"""What a person does with an account in the client, in a real browser: coming in, mailed links, the settings, and leaving."""

import json
import re
from collections.abc import Iterator
from contextlib import closing

import httpx
import pytest
from playwright.sync_api import Page, expect

from support.browser import needs_chromium, new_page
from support.mail import reset_token, until, verification_token
from support.schema import rows_of, settings_of
from support.server import QuickServer, Server
from support.users import PASSWORD, User

pytestmark = needs_chromium("the client's account was")

expect.set_options(timeout=30_000)

NEW = "a new password of hers"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The pages are the same on every database."""
    with QuickServer(tmp_path_factory.mktemp("server")) as running:
        yield running


@pytest.fixture(scope="module")
def opened() -> Iterator[Page]:
    with new_page("about:blank") as page:
        yield page


@pytest.fixture
def page(opened: Page, server: Server) -> Iterator[Page]:
    """A page of a new browser profile. What the server refuses is an error on a console; nothing else may be one."""
    wrong: list[str] = []
    assert opened.context.browser is not None
    with opened.context.browser.new_context(
        base_url=server.url, timezone_id="Europe/Berlin", locale="en-GB"
    ) as context:
        fresh = context.new_page()
        fresh.set_default_timeout(30_000)
        fresh.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
        fresh.on("pageerror", lambda error: wrong.append(str(error)))
        yield fresh
    assert [text for text in wrong if not text.startswith("Failed to load resource")] == []


def in_client(page: Page, email: str, path: str = "/", password: str = PASSWORD) -> None:
    """Log in on the page that is asked for."""
    page.goto(path)
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(password)
    page.keyboard.press("Enter")


def databases(page: Page) -> list[str]:
    """The copies that the device has."""
    found: list[str] = page.evaluate("async () => (await indexedDB.databases()).map(({ name }) => name)")
    return found


def test_whoever_signs_up_is_told_what_is_wrong_and_finds_an_example(page: Page, server: Server) -> None:
    email = "newcomer@example.com"
    page.goto("/")
    page.get_by_role("link", name="Sign up").click()
    expect(page.get_by_role("heading", name="Sign up")).to_be_visible()
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill("newcomer!")
    page.keyboard.press("Enter")
    password = page.get_by_label("Password")
    expect(password).to_be_focused()
    expect(password).to_have_accessible_description(re.compile("too easy to guess"))
    password.fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Welcome to Doable")).to_be_visible()
    expect(page.get_by_text("Try it: check this task off")).to_be_visible()

    with httpx.Client(base_url=server.url) as client:
        answer = client.post("/api/auth/login", json={"email": email, "password": PASSWORD}).json()
        client.headers["Authorization"] = f"Bearer {answer['access_token']}"
        until(
            lambda: client.get("/api/me/preferences").json()["timezone"] == "Europe/Berlin", "the zone of the browser"
        )
        until(lambda: client.get("/api/me/tasks").json()["total"] == 1, "the example")
        # Another browser makes no second one, and whoever deletes it is rid of it.
        (task,) = client.get("/api/me/tasks").json()["tasks"]
        client.delete(f"/api/me/tasks/{task['id']}")
        expect(page.get_by_text("Try it: check this task off")).to_be_hidden()
        page.reload()
        expect(page.get_by_role("heading", name="Welcome to Doable")).to_be_visible()
        assert client.get("/api/me/tasks").json()["total"] == 0
        client.post("/api/me/tasks", json={"title": "one of hers"})
        expect(page.get_by_role("heading", name="Welcome to Doable")).to_be_hidden()


def test_a_mailed_link_sets_a_new_password(page: Page, server: Server) -> None:
    with closing(User(server.url)) as user:
        page.goto("/login")
        page.get_by_role("link", name="Forgot your password?").click()
        expect(page.get_by_role("heading", name="New password")).to_be_visible()
        page.get_by_label("E-mail").fill(user.email)
        page.get_by_role("button", name="Send me a link").click()
        # This server has nobody to hand mail to.
        expect(page.get_by_role("status")).to_contain_text("a link is waiting on the server")
        expect(page.get_by_role("status")).to_be_focused()
        token = reset_token(server, user.email)

        # In the same tab, where the page is open already.
        page.goto(f"{server.url}/account/reset-password#token={token}")
        password = page.get_by_label("New password")
        password.fill("short")
        assert page.url == f"{server.url}/account/reset-password"
        page.get_by_role("button", name="Set this password").click()
        expect(password).to_have_accessible_description(re.compile("At least 8 characters"))
        password.fill(NEW)
        page.get_by_role("button", name="Set this password").click()
        expect(page.get_by_role("status")).to_contain_text("Your new password is set")
        expect(password).to_be_hidden()
        page.get_by_role("link", name="Log in").click()
        expect(page.get_by_role("heading", name="Log in")).to_be_visible()
        page.get_by_label("E-mail").fill(user.email)
        page.get_by_label("Password").fill(NEW)
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name="Today", exact=True)).to_be_visible()
        # It is good once.
        page.goto(f"{server.url}/account/reset-password#token={token}")
        password.fill(PASSWORD)
        page.keyboard.press("Enter")
        expect(page.get_by_role("alert")).to_contain_text("This link has expired")
        assert token not in server.log


def test_a_mailed_link_verifies_an_address_by_a_button(page: Page, server: Server) -> None:
    def verified_at() -> object:
        return next(
            row["email_verified_at"] for row in rows_of(settings_of(server), "users") if row["email"] == user.email
        )

    with closing(User(server.url)) as user:
        token = verification_token(server, user.email)
        page.goto(f"{server.url}/account/verify-email#token={token}")
        button = page.get_by_role("button", name="Verify this address")
        expect(button).to_be_visible()
        # To look at it is not to use it.
        assert verified_at() is None
        assert page.url == f"{server.url}/account/verify-email"
        page.keyboard.press("Enter")  # where the focus is
        expect(page.get_by_role("status")).to_contain_text("your address is verified")
        assert verified_at() is not None
        assert token not in server.log


def test_a_link_to_a_task_shows_it_to_its_owner_alone(page: Page, server: Server) -> None:
    with closing(User(server.url)) as user, closing(User(server.url)) as other:
        task = user.new_task("Call <b>Bob</b>")
        in_client(page, user.email, f"/tasks/{task['id']}")
        detail = page.get_by_role("complementary", name="Task")
        expect(detail).to_contain_text("Inbox")
        expect(page.get_by_role("heading", name="Inbox")).to_be_visible()
        page.goto(f"/tasks/{other.new_task('a secret')['id']}")
        expect(detail.get_by_role("heading", name="This task does not exist")).to_be_visible()


def test_a_session_that_ends_drops_nothing(page: Page, server: Server) -> None:
    with closing(User(server.url)) as user, closing(User(server.url)) as other:
        user.new_task("Water the plants", due={"date": "2026-01-01"})
        in_client(page, user.email)
        row = page.get_by_text("Water the plants")
        expect(row).to_be_visible()
        assert user.delete("/api/auth/sessions").status_code == 204
        dialog = page.get_by_role("dialog")
        expect(dialog).to_contain_text("Log in again")
        expect(row).to_be_visible()
        page.keyboard.press("Escape")
        expect(dialog).to_be_hidden()
        page.get_by_role("checkbox", name="Water the plants").first.click()
        assert not user.get(user.tasks).json()["tasks"][0]["is_completed"]

        # Somebody else gets another copy, and what waits is still there when its owner comes back.
        page.get_by_role("button", name="Log in").click()
        dialog.get_by_label("E-mail").fill(other.email)
        dialog.get_by_label("Password").fill(PASSWORD)
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name="Welcome to Doable")).to_be_visible()
        expect(row).to_be_hidden()
        assert other.delete("/api/auth/sessions").status_code == 204
        expect(dialog).to_contain_text("Log in again")
        dialog.get_by_label("E-mail").fill(user.email)
        dialog.get_by_label("Password").fill("not the password")
        page.keyboard.press("Enter")
        expect(dialog.get_by_role("alert")).to_have_text("The e-mail or the password is wrong.")
        dialog.get_by_label("Password").fill(PASSWORD)
        page.keyboard.press("Enter")
        expect(dialog).to_be_hidden()
        until(lambda: user.get(user.tasks).json()["tasks"][0]["is_completed"], "what waited")


def test_logging_out_asks_what_becomes_of_the_copy(page: Page, server: Server) -> None:
    with closing(User(server.url)) as user:
        user.new_task("Water the plants", due={"date": "2026-01-01"})
        in_client(page, user.email)
        expect(page.get_by_text("Water the plants")).to_be_visible()

        def log_out(choice: str) -> None:
            page.goto("/settings/account")
            page.get_by_role("button", name="Log out").click()
            page.get_by_label(choice).check()
            page.get_by_role("dialog").get_by_role("button", name="Log out").click()
            expect(page.get_by_role("heading", name="Log in")).to_be_visible()

        log_out("Keep the copy")
        assert any(user.id in name for name in databases(page))
        assert page.context.cookies() == []
        in_client(page, user.email)
        expect(page.get_by_text("Water the plants")).to_be_visible()
        # What waits is not lost unasked, although nobody can send it now.
        assert user.delete("/api/auth/sessions").status_code == 204
        expect(page.get_by_role("dialog")).to_contain_text("Log in again")
        page.keyboard.press("Escape")
        page.get_by_role("checkbox", name="Water the plants").first.click()
        page.get_by_role("link", name="Settings").click()
        page.get_by_role("link", name="Account").click()
        expect(page.get_by_role("status").filter(has_text="when you are online")).to_be_visible()
        expect(page.get_by_role("button", name="Change password")).to_be_disabled()
        page.get_by_role("button", name="Log out").click()
        dialog = page.get_by_role("dialog")
        expect(dialog).to_contain_text("1 change has not been sent yet.")
        expect(page.get_by_label("Keep the copy")).to_be_checked()
        page.get_by_label("Delete the copy").check()
        expect(dialog.get_by_role("status")).to_have_text("1 unsent change will be lost.")
        page.get_by_label("Keep the copy").check()
        dialog.get_by_role("button", name="Log out").click()
        expect(page.get_by_role("heading", name="Log in")).to_be_visible()
        in_client(page, user.email)
        until(lambda: user.get(user.tasks).json()["tasks"][0]["is_completed"], "what waited")
        log_out("Delete the copy")
        until(lambda: not any(user.id in name for name in databases(page)), "the copy to be gone")


def test_what_somebody_leaves_on_the_screen_is_not_for_the_next_person(page: Page, server: Server) -> None:
    with closing(User(server.url)) as alice, closing(User(server.url)) as bob:
        for user in (alice, bob):
            user.new_task("Water the plants", due={"date": "2026-01-01"})
        in_client(page, alice.email)
        row = page.get_by_role("row").filter(has_text="Water the plants")
        row.click(modifiers=["Control"])
        expect(page.get_by_role("toolbar")).to_be_visible()
        page.keyboard.press("q")
        page.get_by_label("What needs doing?").fill("A present for Bob")
        page.keyboard.press("Escape")
        page.get_by_role("link", name="Settings").click()
        page.get_by_role("link", name="Account").click()
        page.get_by_role("button", name="Log out").click()
        page.get_by_role("dialog").get_by_role("button", name="Log out").click()
        expect(page.get_by_role("heading", name="Log in")).to_be_visible()
        # Not by a new page, which would begin with nothing by itself.
        page.get_by_role("textbox", name="E-mail").fill(bob.email)
        page.get_by_label("Password").fill(PASSWORD)
        page.keyboard.press("Enter")
        page.get_by_role("link", name="Today").click()
        # Nothing is selected: a click opens the task.
        row.get_by_text("Water the plants").click()
        expect(page.get_by_role("textbox", name="Title")).to_have_value("Water the plants")
        page.get_by_role("button", name="Close the task").click()
        page.keyboard.press("q")
        expect(page.get_by_label("What needs doing?")).to_have_value("")


def test_reminders_of_somebody_else_do_not_come_to_whoever_logs_in(page: Page, server: Server) -> None:
    with closing(User(server.url)) as user:
        page.context.grant_permissions(["notifications"], origin=server.url)
        page.goto("/login")
        # As whoever did not log out has left it, whose session has ended.
        page.evaluate("localStorage.setItem('doable.push', JSON.stringify({ user: 'somebody', id: 'theirs' }))")
        in_client(page, user.email, "/settings/notifications")
        expect(page.get_by_role("button", name="Turn on")).to_be_visible()
        page.wait_for_function("localStorage.getItem('doable.push') === null")


def test_settings_are_kept_and_show_what_is_shown_once(page: Page, server: Server) -> None:
    with closing(User(server.url)) as user:
        in_client(page, user.email, "/settings")
        expect(page.get_by_role("heading", name="General")).to_be_visible()
        page.get_by_label("Theme").select_option("dark")
        page.get_by_role("button", name="Time zone").click()
        page.get_by_role("combobox", name="Time zone").fill("lisb")
        page.keyboard.press("Enter")
        page.get_by_label("Language").select_option("de")
        expect(page.get_by_role("heading", name="Allgemein")).to_be_visible()

        def preferred() -> tuple[str, ...]:
            found = user.get("/api/me/preferences").json()
            return found["theme"], found["timezone"], found["language"]

        until(lambda: preferred() == ("dark", "Europe/Lisbon", "de"), "the preferences")
        page.reload()
        expect(page.get_by_role("heading", name="Allgemein")).to_be_visible()
        assert page.locator("html").get_attribute("data-theme") == "dark"
        page.get_by_label("Sprache").select_option("en")

        page.get_by_role("navigation", name="Settings").get_by_role("link", name="Notifications").click()
        # A server that sends no mail offers none.
        expect(page.get_by_role("switch", name="Quiet hours")).to_be_visible()
        expect(page.get_by_role("switch", name="By e-mail")).to_have_count(0)
        expect(page.get_by_role("heading", level=1)).to_have_count(1)

        page.get_by_role("link", name="Security").click()
        page.get_by_role("button", name="New API token").click()
        page.get_by_label("What it is for").fill("Backup script")
        page.keyboard.press("Enter")
        token = page.get_by_role("textbox", name="Your new API token").input_value()
        assert httpx.get(f"{server.url}/api/me/tasks", headers={"Authorization": f"Bearer {token}"}).status_code == 200
        pasted = json.loads(page.get_by_role("textbox", name="Cursor and others").input_value())["mcpServers"]["doable"]
        listed = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
        assert httpx.post(pasted["url"], json=listed, headers=pasted["headers"]).json()["result"]["tools"]
        page.get_by_role("button", name="Done").click()
        expect(page.get_by_text("Backup script")).to_be_visible()
        page.get_by_role("button", name="Delete Backup script").click()
        page.get_by_role("dialog").get_by_role("button", name="Delete").click()
        expect(page.get_by_text("Backup script")).to_be_hidden()
        page.get_by_role("button", name="Create an address").click()
        address = page.get_by_role("textbox", name="Your calendar address").input_value()
        assert httpx.get(address).status_code == 200
        page.get_by_role("button", name="Done").click()
        page.get_by_role("button", name="Log out all other devices").click()
        expect(page.get_by_text("This device")).to_be_visible()
        until(lambda: user.get("/api/auth/me").status_code == 401, "the other session to end")

        # On a phone a list leads to the pages, and the focus goes along.
        page.set_viewport_size({"width": 390, "height": 800})
        page.goto("/settings")
        page.get_by_role("link", name="About Doable").click()
        expect(page.get_by_role("heading", name="About Doable")).to_be_focused()
        page.get_by_role("main").get_by_role("link", name="Settings").click()
        expect(page.get_by_role("heading", name="Settings")).to_be_focused()


def test_an_account_is_changed_and_deleted_with_its_password(page: Page, server: Server) -> None:
    with closing(User(server.url)) as user:
        in_client(page, user.email, "/settings/account")
        page.get_by_label("Name").fill("Zoë")
        page.keyboard.press("Enter")
        expect(page.get_by_text("Name changed")).to_be_visible()
        assert user.get("/api/auth/me").json()["name"] == "Zoë"
        page.get_by_role("button", name="Change password").click()
        page.get_by_label("Current password").fill("not the password")
        page.get_by_label("New password").fill(NEW)
        page.keyboard.press("Enter")
        expect(page.get_by_label("Current password")).to_have_accessible_description("The password is wrong.")
        page.get_by_label("Current password").fill(PASSWORD)
        page.keyboard.press("Enter")
        expect(page.get_by_text("Password changed")).to_be_visible()
        page.get_by_role("button", name="Delete account").click()
        page.get_by_role("dialog").get_by_label("Password").fill(NEW)
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name="Log in")).to_be_visible()
        until(lambda: not any(user.id in name for name in databases(page)), "the copy to be gone")
        again = user.post("/api/auth/login", json={"email": user.email, "password": NEW})
        assert again.status_code == 401

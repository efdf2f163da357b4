"""The client's page and its log-in in a real browser: what its scripts see, and what other pages can do to it."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import ConsoleMessage, Error, Page, expect

from support.browser import needs_chromium, new_page
from support.other_server import files
from support.server import QuickServer, Server
from support.users import PASSWORD

pytestmark = needs_chromium("the client's log-in was")

HOSTS = {
    # A browser takes loopback for as good as https, and says of which site a request is.
    "loopback": "127.0.0.1",
    # Of any other host on plain http it says nothing but the origin.
    "plain http": "tasks.test",
}
NEIGHBOUR = "neighbour.test"

ASK = """async ([method, path, body]) => {
  const headers = {"Content-Type": "application/json"};
  const answer = await fetch(path, {method, headers, body: body && JSON.stringify(body)});
  return [answer.status, answer.status === 204 ? {} : await answer.json(), [...answer.headers.keys()]];
}"""

ATTACK = """async ([url, method, mode, type]) => {
  const options = {method, mode, credentials: "include"};
  if (type) Object.assign(options, {headers: {"Content-Type": type}, body: "{}"});
  try { return (await fetch(url, options)).status; } catch { return "blocked"; }
}"""

FORM = """([url, enctype]) => {
  const form = Object.assign(document.createElement("form"), {method: "post", action: url, enctype});
  form.append(Object.assign(document.createElement("input"), {name: '{"a": "', value: '"}'}));
  document.body.append(form);
  form.submit();
}"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The pages are the same on every database."""
    with QuickServer(tmp_path_factory.mktemp("server")) as running:
        yield running


@pytest.fixture(scope="module")
def opened() -> Iterator[Page]:
    rules = ", ".join(f"MAP {host} 127.0.0.1" for host in (HOSTS["plain http"], NEIGHBOUR))
    with new_page("about:blank", f"--host-resolver-rules={rules}") as page:
        yield page


@pytest.fixture
def page(opened: Page) -> Iterator[Page]:
    """A page of a new browser profile, which must be without an error in its console."""
    wrong: list[str] = []

    def on_console(message: ConsoleMessage) -> None:
        if message.type == "error":
            wrong.append(message.text)

    assert opened.context.browser is not None
    with opened.context.browser.new_context() as context:
        fresh = context.new_page()
        fresh.on("console", on_console)
        fresh.on("pageerror", lambda error: wrong.append(str(error)))
        yield fresh
    assert not wrong


def sign_up(page: Page, email: str) -> None:
    status, body, headers = page.evaluate(
        ASK, ["POST", "/account/session/signup", {"email": email, "password": PASSWORD}]
    )
    assert status == 201
    assert "refresh_token" not in str(body)
    assert "set-cookie" not in headers


@pytest.mark.parametrize("host", HOSTS)
def test_no_script_sees_the_refresh_token_and_no_other_page_can_use_it(
    server: Server, page: Page, tmp_path: Path, host: str
) -> None:
    (tmp_path / "evil.html").write_text("<!doctype html><title>evil</title><body>")
    own = f"http://{HOSTS[host]}:{server.port}"
    page.goto(f"{own}/today")
    sign_up(page, f"{HOSTS[host]}@example.com")
    assert page.evaluate("document.cookie") == ""
    (cookie,) = page.context.cookies()
    assert (cookie["httpOnly"], cookie["sameSite"], cookie["path"]) == (True, "Strict", "/account/session")

    session = f"{own}/account/session"
    with files(tmp_path) as origin:
        port = urlsplit(origin).port
        # Another port of the same host is the same site: its requests have the cookie.
        for attacker in (HOSTS[host], NEIGHBOUR):
            evil = page.context.new_page()
            evil.goto(f"http://{attacker}:{port}/evil.html")
            for method, mode, content_type in (
                ("POST", "cors", None),
                ("POST", "no-cors", None),
                ("POST", "no-cors", "text/plain"),
                ("POST", "cors", "application/json"),
                ("DELETE", "cors", None),
            ):
                path = session if method == "DELETE" else f"{session}/refresh"
                assert evil.evaluate(ATTACK, [path, method, mode, content_type]) in {"blocked", 0}
            for enctype in ("application/x-www-form-urlencoded", "multipart/form-data", "text/plain"):
                evil.goto(f"http://{attacker}:{port}/evil.html")
                with evil.expect_navigation():
                    evil.evaluate(FORM, [f"{session}/refresh", enctype])
                assert "cross_origin" in evil.content()
            evil.close()
    status, tokens, _ = page.evaluate(ASK, ["POST", "/account/session/refresh", None])
    assert status == 200
    assert tokens.keys() == {"access_token", "token_type", "expires_in"}
    assert page.context.cookies()[0]["value"] != cookie["value"]
    assert page.evaluate(ASK, ["DELETE", "/account/session", None])[0] == 204
    assert page.context.cookies() == []


def test_no_text_becomes_markup_on_it(server: Server, opened: Page) -> None:
    opened.goto(f"{server.url}/")
    for tried in ('document.body.innerHTML = "<b>a</b>"', 'trustedTypes.createPolicy("other", {})'):
        with pytest.raises(Error, match="TypeError"):
            opened.evaluate(f"() => {{ {tried}; }}")


def test_it_opens_without_a_network(page: Page, tmp_path: Path) -> None:
    """Below a path, where a worker is for what is below it alone."""
    server = QuickServer(tmp_path)
    base = server.settings["PUBLIC_URL"] = f"{server.url}/todo"
    with server:
        page.goto(f"{base}/")
        assert page.evaluate("async () => (await navigator.serviceWorker.ready).scope") == f"{base}/"
        # From here on the worker answers, also for what the page loads later.
        page.goto(f"{base}/login")
        page.context.set_offline(True)
        for path in ("/", "/inbox", "/lists/0f8fad5b-d9cb-469f-a165-70867728950e"):
            page.goto(base + path)
            expect(page.locator("#app > *").first).to_be_visible()
        page.context.set_offline(False)
        # What is not the client's is the server's to answer.
        page.goto(f"{base}/account/verify-email")
        expect(page.get_by_role("heading")).to_have_text("Verify your address")

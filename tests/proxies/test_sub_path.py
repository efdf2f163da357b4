"""Doable under a path of a host that has other things too: no address that it tells leads out of there."""

import json
import re
import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpx
import pytest
from playwright.sync_api import ConsoleMessage, Page, Request, Response, expect

from support.api_tokens import create
from support.browser import needs_chromium, new_page
from support.changes import batch
from support.document import operations
from support.mail import about, link_of, until
from support.reverse_proxies import ReverseProxy, needs
from support.server import Server, doable, environment
from support.users import User

pytestmark = [pytest.mark.xdist_group("proxies"), needs("nginx-sub-path.conf")]

CLIENTS = Path(__file__).parents[2] / "examples"
PAGES = (
    "",
    "/",
    "/inbox",
    f"/lists/{uuid.uuid4()}",
    "/docs",
    "/redoc",
    "/account/reset-password",
    "/account/verify-email",
    f"/tasks/{uuid.uuid4()}",
)
ABSOLUTE = re.compile(r"(?<![\w.:/<])/(?:api|docs|redoc|account|tasks|openapi\.json|health|livez|readyz)\b")
"""An address that begins at the root of the host."""


@pytest.fixture(scope="session")
def stripping(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[ReverseProxy, Server]]:
    """A proxy that takes the path away, and the server."""
    folder = tmp_path_factory.mktemp("sub-path")
    server = Server(folder / "server", TRUSTED_PROXIES="127.0.0.1", CORS_ORIGINS="*")
    proxy = ReverseProxy("nginx-sub-path.conf", folder / "proxy", server.port)
    server.settings["PUBLIC_URL"] = proxy.url
    with server, proxy:
        yield proxy, server


@pytest.fixture(scope="session")
def leaving(stripping: tuple[ReverseProxy, Server], tmp_path_factory: pytest.TempPathFactory) -> Iterator[ReverseProxy]:
    """A proxy that leaves the path as it is, before the same server."""
    proxy = ReverseProxy("nginx-sub-path.conf", tmp_path_factory.mktemp("proxy"), stripping[1].port)
    text = proxy.path.read_text()
    assert "proxy_pass http://doable/;" in text
    proxy.path.write_text(text.replace("proxy_pass http://doable/;", "proxy_pass http://doable;"))
    with proxy:
        yield proxy


@pytest.fixture(params=["stripping", "leaving"])
def proxy(request: pytest.FixtureRequest, stripping: tuple[ReverseProxy, Server]) -> ReverseProxy:
    return stripping[0] if request.param == "stripping" else request.getfixturevalue("leaving")


@pytest.fixture
def someone(proxy: ReverseProxy) -> Iterator[User]:
    with closing(User(proxy.url, tls=proxy.tls)) as user:
        yield user


def test_every_page_and_what_it_loads_and_calls_is_there(proxy: ReverseProxy) -> None:
    with proxy.client() as client:
        for path in PAGES:
            page = client.get(path)
            assert page.status_code == 200
            for address in re.findall(r'(?:src|href|spec-url)="([^"]+)"', page.text):
                if not address.startswith("data:"):
                    assert get_inside(client, proxy, urljoin(str(page.url), address)).status_code == 200
            for address in re.findall(r'data-call="([^"]+)"', page.text):
                called = urljoin(str(page.url), address)
                assert called.startswith(f"{proxy.url}/")
                assert client.post(called, json={}).status_code == 422
            assert not ABSOLUTE.search(re.sub(f'="{proxy.kind.path}(?=["/])', '="', page.text))
        assert client.get("/nothing").json()["message"].endswith(f" The documentation is at {proxy.kind.path}/docs.")
        assert not ABSOLUTE.search(client.get("/docs/assets/docs.js").text)


def get_inside(client: httpx.Client, proxy: ReverseProxy, address: str) -> httpx.Response:
    """The answer to GET. Nothing in its head leads out of the path."""
    assert address.startswith(f"{proxy.url}/"), address
    answer = client.get(address)
    for value in answer.headers.values():
        assert not ABSOLUTE.search(value.replace(proxy.kind.path + "/", "")), value
    return answer


def test_every_operation_of_the_document_is_where_it_says(proxy: ReverseProxy) -> None:
    with proxy.client() as client:
        answer = client.get("/openapi.json")
        document: dict[str, Any] = answer.json()
        (server,) = document["servers"]
        base = urljoin(str(answer.url), server["url"])
        assert base == proxy.url
        for method, path, _ in operations(document):
            # Not one is unknown there; most want a token, others a body.
            assert client.request(method, base + path.replace("{", "").replace("}", "")).status_code in {200, 401, 422}
        for each in headers_in(document):
            assert not ABSOLUTE.search(json.dumps(each).replace(proxy.kind.path + "/api/", ""))


def headers_in(found: Any) -> Iterator[Any]:
    """Every description of a header."""
    if isinstance(found, dict):
        for name, value in found.items():
            yield from value.values() if name == "headers" else headers_in(value)
    elif isinstance(found, list):
        for value in found:
            yield from headers_in(value)


def test_calendar_apps_are_led_there_from_the_root_of_the_host(proxy: ReverseProxy, someone: User) -> None:
    token = create(someone, "tasks:read")["token"]
    root = proxy.url.removesuffix("/tasks")
    found = httpx.request("PROPFIND", f"{root}/.well-known/caldav", verify=proxy.tls)
    assert (found.status_code, found.headers["location"]) == (301, "/tasks/dav/")
    answer = httpx.options(f"{root}/tasks/dav/", auth=(someone.email, token), verify=proxy.tls)
    assert "calendar-access" in answer.headers["dav"]
    assert answer.status_code == 200


def test_location_and_link_lead_there(proxy: ReverseProxy, someone: User) -> None:
    key = {"Idempotency-Key": "once"}
    for made in (
        someone.post("/api/me/tasks", json={"title": "a"}, headers=key),
        someone.post("/api/me/tasks", json={"title": "a"}, headers=key),
        someone.put(f"/api/me/tasks/{uuid.uuid4()}", json={"title": "b"}, headers={"If-None-Match": "*"}),
        someone.post("/api/me/lists", json={"name": "c"}),
    ):
        assert made.status_code == 201
        found = get_inside(someone, proxy, urljoin(str(made.url), made.headers["location"]))
        assert found.json() == made.json()
    seen, address = 0, f"{proxy.url}/api/{someone.id}/changes?limit=1"
    while address:
        page = get_inside(someone, proxy, address)
        seen += len(page.json()["changes"])
        address = urljoin(str(page.url), page.links["next"]["url"]) if "next" in page.links else ""
    assert seen == 2


def test_a_key_is_for_the_same_request_either_way(
    stripping: tuple[ReverseProxy, Server], leaving: ReverseProxy
) -> None:
    with closing(User(stripping[0].url, tls=stripping[0].tls)) as user, leaving.client() as other_way:
        headers = {"Idempotency-Key": "once", "Authorization": user.headers["Authorization"]}
        first = user.post("/api/me/tasks", json={"title": "a"}, headers=headers)
        again = other_way.post("/api/me/tasks", json={"title": "a"}, headers=headers)
        assert again.headers["idempotency-replayed"] == "true"
        assert again.content == first.content


def test_a_python_client_reads_on_from_page_to_page(stripping: tuple[ReverseProxy, Server], tmp_path: Path) -> None:
    proxy, _ = stripping
    copy, log = tmp_path / "copy.json", tmp_path / "log"

    def is_there(count: int) -> None:
        until(lambda: copy.exists() and len(json.loads(copy.read_bytes())["tasks"]) == count, f"{count} tasks")

    with closing(User(proxy.url, tls=proxy.tls)) as user, log.open("wb") as said:
        for count in (500, 1):
            batch(user, *[{"op": "create", "task": {"title": str(number)}} for number in range(count)])
        following = subprocess.Popen(
            [sys.executable, str(CLIENTS / "follow.py"), proxy.url, str(copy)],
            env=environment(DOABLE_TOKEN=user.token, SSL_CERT_FILE=str(proxy.certificate)),
            stdout=said,
            stderr=said,
        )
        try:
            is_there(501)
            user.new_task("live")
            is_there(502)
        finally:
            following.kill()
            following.wait()


def test_the_command_adds_and_lists_tasks(proxy: ReverseProxy, someone: User, tmp_path: Path) -> None:
    environ = {"DOABLE_URL": proxy.url, "DOABLE_TOKEN": someone.token, "SSL_CERT_FILE": str(proxy.certificate)}
    added = doable("tasks", "add", "Buy oat milk", "--json", cwd=tmp_path, **environ)
    assert added.returncode == 0, added.stderr
    listing = doable("tasks", "list", "--json", cwd=tmp_path, **environ)
    assert json.loads(listing.stdout) == json.loads(added.stdout)


@pytest.fixture(scope="module")
def opened(stripping: tuple[ReverseProxy, Server]) -> Iterator[tuple[Page, list[str]]]:
    """A page, and what went wrong on it: requests to elsewhere or in vain, and errors in its console."""
    wrong: list[str] = []
    url = stripping[0].url

    def on_response(response: Response) -> None:
        inside = urlsplit(response.url).scheme in {"data", "blob"} or response.url.startswith(f"{url}/")
        if not inside or response.status >= 400:
            wrong.append(f"{response.status} {response.url}")

    def on_request_failed(request: Request) -> None:
        if request.failure != "net::ERR_ABORTED":  # by the next page
            wrong.append(f"{request.failure} {request.url}")

    def on_console(message: ConsoleMessage) -> None:
        if message.type == "error":
            wrong.append(message.text)

    # The context alone would do for pages, and not for their worker.
    with new_page(f"{url}/", "--ignore-certificate-errors", ignore_https_errors=True) as page:
        page.set_default_timeout(60_000)
        page.on("response", on_response)
        page.on("requestfailed", on_request_failed)
        page.on("console", on_console)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        yield page, wrong


@pytest.fixture
def page(opened: tuple[Page, list[str]]) -> Iterator[Page]:
    """That page; the test fails if anything goes wrong on it."""
    yield opened[0]
    assert not opened[1]


@needs_chromium("no page under a path was")
def test_the_documentation_calls_the_server_from_there(stripping: tuple[ReverseProxy, Server], page: Page) -> None:
    page.goto("docs")
    operation = page.locator("#operations-health-livez")
    operation.locator(".opblock-summary-control").click(timeout=60_000)
    operation.get_by_role("button", name="Try it out").click()
    operation.get_by_role("button", name="Execute").click()
    expect(operation.locator(".request-url")).to_contain_text(f"{stripping[0].url}/livez", timeout=60_000)
    expect(operation.locator(".live-responses-table .response-col_status").last).to_contain_text("200", timeout=60_000)
    with page.expect_response(f"{stripping[0].url}/openapi.json"):
        page.goto("redoc")


@needs_chromium("no page under a path was")
def test_mailed_links_work_from_there(stripping: tuple[ReverseProxy, Server], page: Page) -> None:
    proxy, server = stripping
    with closing(User(proxy.url, tls=proxy.tls)) as user:
        link = link_of(about(server, user.email, "Verify your")[-1])
        assert link.startswith(f"{proxy.url}/account/verify-email#token=")
        page.goto(link)
        page.get_by_role("button", name="Verify this address").click()
        expect(page.get_by_role("status")).to_contain_text("your address is verified", timeout=60_000)
        page.goto("account/reset-password")
        page.get_by_label("E-mail").fill(user.email)
        page.get_by_role("button", name="Send me a link").click()
        expect(page.get_by_role("status")).to_contain_text("a link is", timeout=60_000)
        page.goto(link_of(about(server, user.email, "Choose a new password")[-1]))
        page.get_by_label("New password").fill("a new password of hers")
        page.get_by_role("button", name="Set this password").click()
        expect(page.get_by_role("status")).to_contain_text("Your new password is set", timeout=60_000)


@needs_chromium("the client under a path was")
def test_a_page_logs_in_by_cookie_there(stripping: tuple[ReverseProxy, Server], page: Page) -> None:
    page.goto("inbox")
    found = page.evaluate(
        """async (email) => {
          const base = document.querySelector("meta[name=doable-path]").content;
          const ask = async (path, body) =>
            (await fetch(`${base}/account/session/${path}`, {method: "POST", headers: {"Content-Type": "application/json"}, body})).status;
          return [await ask("signup", JSON.stringify({email, password: "correct horse battery staple"})), await ask("refresh")];
        }""",
        f"{uuid.uuid4()}@example.com",
    )
    proxy, _ = stripping
    assert found == [201, 200]
    (cookie,) = page.context.cookies()
    assert (cookie["name"], cookie["secure"]) == ("__Secure-doable-session", True)
    assert cookie["path"] == f"{proxy.kind.path}/account/session"

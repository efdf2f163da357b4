"""The web client as it is served: its page at each address of a view, its files, and one sentence where it is not built."""

import re
import uuid
from collections.abc import Iterator
from html.parser import HTMLParser

import httpx
import pytest

from doable import __version__
from doable.web.built import FOLDER
from doable.web.routes import VIEWS, VIEWS_OF_THINGS
from support.server import PlainServer, QuickServer, Server
from support.users import assert_error

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "manifest-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types doable"
)
IMMUTABLE = "public, max-age=31536000, immutable"
IDENTITY = {"Accept-Encoding": "identity"}


@pytest.fixture(scope="module")
def guest(one_server: Server) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=one_server.url, headers=IDENTITY, timeout=30) as client:
        yield client


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """A server below a path of an https host, with another title."""
    settings = {
        "PUBLIC_URL": "https://example.com/tasks",
        "API_TITLE": 'Ours <3 "',
        "SMTP_URL": "smtp://127.0.0.1:9",
        "MAIL_FROM": "a@example.com",
    }
    with (
        QuickServer(tmp_path_factory.mktemp("elsewhere"), **settings) as server,
        httpx.Client(base_url=server.url, headers=IDENTITY, timeout=30) as client,
    ):
        yield client


@pytest.fixture(scope="module")
def not_built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with PlainServer(tmp_path_factory.mktemp("not-built")) as server:
        yield server


class Page(HTMLParser):
    """What a page says of itself, and what it loads."""

    def __init__(self, answer: httpx.Response) -> None:
        super().__init__()
        self.metas: dict[str, str] = {}
        self.loaded: list[str] = []
        self.feed(answer.text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        if tag == "meta" and "name" in found:
            self.metas[found["name"]] = found["content"]
        self.loaded += [found[name] for name in ("src", "href") if name in found]
        assert not found.keys() & {"style", "onload", "onclick"}
        assert tag not in {"style", "base"}
        assert tag != "script" or "src" in found


def view(path: str) -> str:
    return re.sub(r"\{\w+\}", str(uuid.uuid4()), path)


@pytest.mark.parametrize("path", [*VIEWS, *VIEWS_OF_THINGS])
def test_every_address_of_a_view_is_the_page(guest: httpx.Client, path: str) -> None:
    answer = guest.get(view(path), params={"q": "<script>"})
    assert answer.status_code == 200
    assert answer.content == guest.get("/").content
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["content-security-policy"] == POLICY
    assert answer.headers["cache-control"] == "no-cache"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert "geolocation=()" in answer.headers["permissions-policy"]
    # Browsers complain of it where there is no TLS.
    assert "cross-origin-opener-policy" not in answer.headers
    assert_error(guest.post(view(path)), 405, "method_not_allowed")


@pytest.mark.parametrize(
    "path",
    [
        "/lists",
        "/lists/an-id",
        f"/lists/{uuid.UUID(int=1)}/more",
        "/filters/",
        "/inbox/",
        "/Inbox",
        "/account",
        "/assets",
        "/assets/",
        "/assets/nothing.js",
        "/assets/..%2findex.html",
        "/icons/icon.svg.gz",
        "/index.html",
        "/sw.js.br",
        "/files/index.html",
        "/settings/a/b",
        "/favicon.ico",
    ],
)
def test_anything_else_is_no_page(guest: httpx.Client, path: str) -> None:
    assert_error(guest.get(path), 404, "route_not_found")


def test_what_the_page_loads_is_there_and_stays(guest: httpx.Client) -> None:
    page = Page(guest.get("/"))
    assert page.metas["doable-path"] == ""
    assert page.metas["doable-title"] == "Doable"
    assert page.metas["doable-version"] == __version__
    assert page.metas["doable-mail"] == "none"
    assert page.metas["doable-description"] == "2000"
    assert "/manifest.webmanifest" in page.loaded
    assert any(each.endswith(".js") for each in page.loaded)
    for each in page.loaded:
        assert each.startswith("/")
        answer = guest.get(each)
        assert answer.status_code == 200
        assert answer.headers["content-security-policy"] == POLICY
        assert answer.headers["cache-control"] == (IMMUTABLE if each.startswith("/assets/") else "no-cache")
        assert answer.headers["content-type"].partition(";")[0] != "application/octet-stream"


def test_below_a_path_everything_is_below_it(elsewhere: httpx.Client) -> None:
    answer = elsewhere.get("/tasks/upcoming")
    page = Page(answer)
    assert page.metas["doable-path"] == "/tasks"
    assert page.metas["doable-title"] == 'Ours <3 "'
    assert page.metas["doable-mail"] == "smtp"
    assert "<title>Ours &lt;3 &quot;</title>" in answer.text
    assert all(each.startswith("/tasks/") for each in page.loaded)
    # Where a proxy takes the path away, and where somebody has left out the last slash.
    for path in ("/upcoming", "/tasks", "/tasks/", "/", "/tasks/inbox"):
        assert elsewhere.get(path).content == answer.content
    for each in page.loaded:
        assert elsewhere.get(each).status_code == 200
    assert answer.headers["cross-origin-opener-policy"] == "same-origin"
    manifest = elsewhere.get("/tasks/manifest.webmanifest")
    assert manifest.headers["content-type"] == "application/manifest+json"
    assert manifest.json()["name"] == manifest.json()["short_name"] == 'Ours <3 "'
    # They are relative to the manifest's own address.
    addresses = [manifest.json()["start_url"], manifest.json()["scope"]]
    addresses += [icon["src"] for icon in manifest.json()["icons"]]
    assert not [each for each in addresses if each.startswith("/") or ":" in each]
    for each in addresses:
        assert elsewhere.get(f"/tasks/{each.removeprefix('./')}").status_code == 200


FILES = sorted(
    path.relative_to(FOLDER).as_posix()
    for path in FOLDER.rglob("*")
    if path.is_file() and path.suffix not in {".br", ".gz", ".html"}
)
WRITTEN = {"sw.js", "manifest.webmanifest"}
"""By the server: there is something of the settings in them."""


@pytest.mark.parametrize(
    ("accepted", "expected"),
    [
        ("gzip", "gzip"),
        ("gzip, deflate, br, zstd", "br"),
        ("br;q=0.1,gzip", "br"),
        ("GZIP;q=1.0", "gzip"),
        ("br;q=0, gzip;q=0.000, *", ""),
        ("deflate, zstd", ""),
        ("", ""),
    ],
)
def test_a_browser_gets_the_smallest_form_that_it_takes(guest: httpx.Client, accepted: str, expected: str) -> None:
    suffixes = {"br": ".br", "gzip": ".gz", "": ""}
    for name in FILES:
        answer = guest.get(f"/{name}", headers={"Accept-Encoding": accepted})
        encoding = answer.headers.get("content-encoding", "")
        assert "Accept-Encoding" in answer.headers["vary"]
        if name in WRITTEN:
            assert encoding == ("gzip" if "gzip" in expected or expected == "br" else "")
        else:
            assert encoding == (expected if (FOLDER / f"{name}{suffixes[expected]}").exists() else "")
            if encoding != "gzip":  # which this client undoes
                assert answer.content == (FOLDER / f"{name}{suffixes[encoding]}").read_bytes()
        if encoding == "gzip":
            assert answer.content == guest.get(f"/{name}").content


@pytest.mark.parametrize("path", ["/", "/inbox", *(f"/{name}" for name in FILES)])
def test_what_a_browser_has_is_not_sent_again(guest: httpx.Client, path: str) -> None:
    etags = set()
    for accepted in ("identity", "gzip", "br"):
        headers = {"Accept-Encoding": accepted}
        answer = guest.get(path, headers=headers)
        etag = answer.headers["etag"]
        assert re.fullmatch(r'"[\w-]{20}"', etag)
        etags.add((answer.headers.get("content-encoding"), etag))
        for known in (etag, f"W/{etag}", f'"other", {etag}', "*"):
            unchanged = guest.get(path, headers={**headers, "If-None-Match": known})
            assert (unchanged.status_code, unchanged.content) == (304, b"")
            # A browser keeps these in the place of those that it had.
            for name in ("etag", "vary", "cache-control", "content-security-policy", "permissions-policy"):
                assert unchanged.headers[name] == answer.headers[name]
        for known in ('"other"', etag.strip('"'), "", '""'):
            assert guest.get(path, headers={**headers, "If-None-Match": known}).status_code == 200
        head = guest.head(path, headers=headers)
        assert (head.status_code, head.content) == (200, b"")
        for name in answer.headers.keys() - {"date", "x-request-id"}:
            assert head.headers[name] == answer.headers[name]
    # They are strong: each form has its own.
    assert len({etag for _, etag in etags}) == len(etags)


def test_the_worker_knows_the_files_of_its_build(guest: httpx.Client, elsewhere: httpx.Client) -> None:
    answer = guest.get("/sw.js")
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
    assert answer.headers["cache-control"] == "no-cache"
    assert answer.headers["content-security-policy"] == POLICY
    assert set(re.findall(r"assets/[\w.-]+\.\w+", answer.text)) == {
        name for name in FILES if name.startswith("assets/")
    }
    # Other settings make another page, which is kept by another worker.
    assert elsewhere.get("/sw.js").text.splitlines()[:-1] == answer.text.splitlines()[:-1]
    assert elsewhere.get("/sw.js").text != answer.text
    views = set(re.findall(r"`([a-z]*)`", answer.text.partition("new Set([")[2].partition("]")[0]))
    # What is below /account is the server's as well.
    assert views == {path.split("/")[1] for path in (*VIEWS, *VIEWS_OF_THINGS)} - {"account"}


def test_the_licences_of_what_is_in_it_are_there(guest: httpx.Client) -> None:
    assert "preact" in guest.get("/licences.md").text


def test_where_it_is_not_built_a_page_says_so(not_built: Server) -> None:
    assert "\nThe web client is not built, so this is the API alone; `make setup` " in not_built.log
    with httpx.Client(base_url=not_built.url, timeout=30) as client:
        answer = client.get("/")
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "text/html; charset=utf-8"
        assert "make setup" in answer.text
        (link,) = re.findall(r'<a href="([^"]+)"', answer.text)
        assert client.get(link).status_code == 200
        for path in ("/inbox", "/sw.js", "/manifest.webmanifest"):
            assert_error(client.get(path), 404, "route_not_found")
        # What a mail links to works without it.
        for path in ("/account/reset-password", "/account/verify-email", f"/tasks/{uuid.uuid4()}"):
            assert client.get(path).status_code == 200
        assert client.get("/readyz").status_code == 200

"""The client in the engines of other browsers: what is written there is kept, and is there without the server."""

from pathlib import Path

import httpx
import pytest

from support.engines import ENTER, ESCAPE, Engine, Firefox, WebKit
from support.mail import until
from support.server import QuickServer, Server
from support.users import PASSWORD, TLS

EMAIL = "ann@example.com"
EXAMPLE = "Try it: check this task off"

ENGINES = [
    pytest.param(
        engine,
        marks=pytest.mark.skipif(
            engine.missing is not None,
            reason=f"NO {engine.__name__.upper()}: the client was NOT tested in it. Install {engine.missing}.",
        ),
        id=engine.__name__,
    )
    for engine in (Firefox, WebKit)
]


@pytest.mark.parametrize("engine", ENGINES)
def test_an_account_in_another_engine(engine: type[Engine], tmp_path: Path) -> None:
    folder = tmp_path / "browser"
    folder.mkdir()
    with QuickServer(tmp_path / "server") as server, engine(folder) as page:
        page.go(f"{server.url}/signup")
        page.type("[name=email]", EMAIL)
        page.type("[type=password]", PASSWORD)
        page.type("[type=password]", ENTER)
        page.reads("main h1", "Today")
        # Whoever adds something before it is there gets none.
        page.reads(".rows .title", EXAMPLE)
        page.click("a[href='/inbox']")
        page.reads("main h1", "Inbox")
        add(page, "Buy oat milk")
        add(page, "Call Nora tomorrow at 5pm")
        page.reads(".rows .title", EXAMPLE, "Buy oat milk", "Call Nora")
        page.run("return navigator.serviceWorker.ready.then(() => true)")
        page.go(f"{server.url}/inbox")
        page.reads(".rows .title", EXAMPLE, "Buy oat milk", "Call Nora")
        until(lambda: titles(server) == {"Buy oat milk", "Call Nora"}, "what was added is not sent")
        # Without the server it is the worker that answers, and what is done waits.
        server.kill()
        add(page, "Return the drill")
        page.go(f"{server.url}/inbox")
        page.reads(".rows .title", EXAMPLE, "Buy oat milk", "Call Nora", "Return the drill")
        page.click("[aria-label*='Buy oat milk'][role=checkbox]")
        page.reads(".rows .title", EXAMPLE, "Call Nora", "Return the drill")
        server.start()
        until(lambda: titles(server) == {"Call Nora", "Return the drill"}, "what was done meanwhile is not sent")


def titles(server: Server) -> set[str]:
    """What is open on the server, of the account that signed up in the page."""
    credentials = {"email": EMAIL, "password": PASSWORD}
    token = httpx.post(f"{server.url}/api/auth/login", json=credentials, timeout=30, verify=TLS).json()["access_token"]
    answer = httpx.get(
        f"{server.url}/api/me/tasks",
        params={"completed": "false"},
        headers={"Authorization": f"Bearer {token}"},
        timeout=30,
        verify=TLS,
    )
    return {each["title"] for each in answer.json()["tasks"]} - {EXAMPLE}


def add(page: Engine, line: str) -> None:
    """By `q`. Enter by itself, once the line has been drawn: Firefox gives all keys of one command before anything else."""
    page.type("body", "q")
    page.type("dialog[open] textarea", line)
    page.type("dialog[open] textarea", ENTER)
    page.find("dialog[open] .quick-added button")
    page.type("dialog[open] textarea", ESCAPE)

"""What every story of the client can ask for. One server for all of them, and one browser for those of a file."""

import os
from collections.abc import Iterator
from contextlib import ExitStack, closing

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from support.browser import CHROMIUM, FLAGS
from support.server import QuickServer, Server
from support.users import User
from support.web import BUILT, Device, NewDevice


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The stories of a file are told by one process, since a browser takes longer to start than most of them."""
    for item in items:
        if "browser" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.xdist_group(f"web {item.path.stem}"))


@pytest.fixture(scope="session")
def web_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server of the client as it was built."""
    if CHROMIUM is None:
        pytest.skip("NO CHROMIUM: the client was NOT tested. Install Debian's chromium.")
    if not BUILT.exists() and "CI" not in os.environ:
        pytest.skip("NO CLIENT: it was NOT tested, since it is not built. `make setup` builds it.")
    with QuickServer(tmp_path_factory.mktemp("web")) as running:
        yield running


@pytest.fixture(scope="module")
def browser(web_server: Server) -> Iterator[Browser]:
    """Not for all files: as long as it is there, no other test of this process can have an event loop."""
    del web_server  # which skips where there is no browser
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield running
        running.close()


@pytest.fixture
def account(web_server: Server) -> Iterator[User]:
    """A new account, by the API: for what a story begins with, and to see what has come to the server.

    It is of somebody who has been here before, and so gets no example of a task.
    """
    with closing(User(web_server.url)) as user:
        user.patch("/api/me/preferences", json={"timezone": "Europe/Berlin"})
        yield user


@pytest.fixture
def new_device(browser: Browser, web_server: Server) -> Iterator[NewDevice]:
    """Makes a device on which nobody is logged in: `new_device(viewport=PHONE)`. In the end nothing may be wrong on any."""
    with ExitStack() as devices:

        def new(server: Server = web_server, **options: object) -> Device:
            return devices.enter_context(closing(Device(browser, server, **options)))

        yield new


@pytest.fixture
def device(new_device: NewDevice, account: User) -> Device:
    """A device on which the account is open."""
    made = new_device()
    made.log_in(account.email)
    return made


@pytest.fixture
def page(device: Device) -> Page:
    """The page of that device."""
    return device.page

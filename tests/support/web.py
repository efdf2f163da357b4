"""The client in a browser: a device of somebody's, and what must never happen on one."""

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, WebError, expect

from support.server import Server
from support.users import PASSWORD

ROOT: Final = Path(__file__).parents[2]
BUILT: Final = ROOT / "src/doable/web/files/index.html"
AXE: Final = ROOT / "web/node_modules/axe-core/axe.min.js"

WIDE: Final = {"width": 1280, "height": 800}
PHONE: Final = {"width": 390, "height": 844}
# WCAG 2.2 has the size of targets, which axe does not look at by itself. Where only colours differ, only rules of these do.
ALL: Final = "{ resultTypes: ['violations'], rules: { 'target-size': { enabled: true } } }"
COLOURS: Final = "{ resultTypes: ['violations'], runOnly: ['color-contrast', 'link-in-text-block'] }"
LOOKS: Final[dict[str, tuple[dict[str, int], dict[str, Any], str]]] = {
    "light": (WIDE, {"color_scheme": "light", "forced_colors": "none"}, ALL),
    "dark": (WIDE, {"color_scheme": "dark", "forced_colors": "none"}, COLOURS),
    "phone": (PHONE, {"color_scheme": "light", "forced_colors": "none"}, ALL),
    "forced colours": (WIDE, {"color_scheme": "light", "forced_colors": "active"}, COLOURS),
}
"""In which each view is looked at: the size of the window, what a person has chosen for the whole device, and axe's rules."""
SETTLED: Final = """(async () => {
  const frame = () => new Promise((drawn) => requestAnimationFrame(drawn));
  await frame();
  await frame();
  const ends = document.getAnimations().filter((each) => each.effect?.getComputedTiming().endTime < Infinity);
  await Promise.allSettled(ends.map((each) => each.finished));
  await frame();
})()"""
"""Waits until what was changed is drawn, and nothing is half way from one colour to another."""

# A busy machine takes its time.
expect.set_options(timeout=30_000)

OFFLINE: Final = r"net::ERR_INTERNET_DISCONNECTED"


class Device:
    """A browser of its own with one page. What its console calls an error, and what it asks of another host, is wrong."""

    def __init__(self, browser: Browser, server: Server, **options: Any) -> None:
        # Nothing moves, so that nothing is looked at while it does.
        usual = {"locale": "en-GB", "timezone_id": "Europe/Berlin", "reduced_motion": "reduce", "viewport": WIDE}
        self.context = browser.new_context(base_url=server.url, **{**usual, **options})
        self.server = server
        self.wrong: list[str] = []
        self._expected: list[str] = []
        self.context.on("request", self._on_request)
        self.context.on("console", self._on_console)
        self.context.on("weberror", self._on_error)
        self.page = self.context.new_page()

    def expects(self, pattern: str) -> None:
        """From now on an error in the console with this in it is meant to be there: that of an answer of 412, say."""
        self._expected.append(pattern)

    def log_in(self, email: str, password: str = PASSWORD) -> Page:
        """Log in as people do."""
        self.page.goto("/login")
        self.page.get_by_label("E-mail").fill(email)
        self.page.get_by_label("Password").fill(password)
        self.page.get_by_role("button", name="Log in").click()
        expect(self.page.get_by_role("navigation").first).to_be_visible()
        return self.page

    def go_offline(self) -> None:
        """Cut the network. What it asks for fails then, as it should."""
        self.expects(OFFLINE)
        self.context.set_offline(True)

    def go_online(self) -> None:
        """Have the network again."""
        self.context.set_offline(False)

    def close(self) -> None:
        """End it. Fails if anything was wrong."""
        self.context.close()
        wrong = [each for each in self.wrong if not any(re.search(pattern, each) for pattern in self._expected)]
        assert not wrong, wrong

    def _on_request(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme not in {"data", "blob"} and parts.netloc != urlsplit(self.server.url).netloc:
            self.wrong.append(f"A request to another host: {request.url}")

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.wrong.append(f"{message.text} ({message.location['url']})")

    def _on_error(self, error: WebError) -> None:
        self.wrong.append(str(error.error))


NewDevice = Callable[..., Device]
"""Makes a device, of a size that may be named."""


def barriers(page: Page) -> list[str]:
    """What axe has against the page, in every look. A list that is empty is what is wanted."""
    if not AXE.exists() and "CI" not in os.environ:
        pytest.skip("NO AXE: barriers were NOT looked for. `make check` sets it up.")
    found = []
    page.evaluate(AXE.read_text())
    for look, (size, media, rules) in LOOKS.items():
        page.set_viewport_size(size)  # type: ignore[arg-type] # a dictionary of its own type
        page.emulate_media(**media)
        page.evaluate(SETTLED)
        for each in page.evaluate(f"axe.run({rules})")["violations"]:
            where = ", ".join(str(node["target"]) for node in each["nodes"])
            found.append(f"{look}: {each['help']} ({each['id']}): {where}")
    page.set_viewport_size(WIDE)  # type: ignore[arg-type] # as above
    page.emulate_media(color_scheme="light", forced_colors="none")
    return found

"""The client in Chromium, with the clock of its own page: when a key was pressed, and when what came of it was painted."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from playwright.sync_api import Browser, BrowserContext, CDPSession, Page, expect

# In each page, before anything of the client's. What is painted is known one task after the next frame.
WATCH: Final = """
(() => {
  const painted = () => new Promise((done) => requestAnimationFrame(() => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => done(performance.now());
    port2.postMessage(null);
  }));
  const until = (what, holds) => new Promise((done, fail) => {
    const look = () => {
      if (!holds()) return false;
      observer.disconnect();
      void painted().then(done);
      return true;
    };
    const observer = new MutationObserver(look);
    setTimeout(() => fail(new Error(`Not within ten seconds: ${what}`)), 10_000);
    if (!look()) observer.observe(document, { subtree: true, childList: true, characterData: true, attributes: true });
  });
  const has = (selector, text) =>
    [...document.querySelectorAll(selector)].some((found) => text === null || found.textContent.includes(text));
  globalThis.bench = {
    firstRow: until("rows", () => has("[role=row] [role=checkbox]", null)),
    come: (text) => { bench.seen = until(text, () => has("[role=row]", text)); },
    gone: (key) => { bench.seen = until(`without ${key}`, () => !has(`[data-key="${key}"]`, null)); },
    pressed: null,
    paints: 0,
  };
  addEventListener("keydown", (event) => { bench.pressed = event.timeStamp; }, { capture: true });
  new PerformanceObserver((list) => { bench.paints = list.getEntries().at(-1).startTime; })
    .observe({ type: "largest-contentful-paint", buffered: true });
})();
"""

# Once it is, the next page begins with what is on the device, and does not read everything again.
STORED: Final = """
async () => {
  const result = (request) => new Promise((done, fail) => {
    request.onsuccess = () => done(request.result);
    request.onerror = () => fail(request.error);
  });
  for (;;) {
    for (const { name } of await indexedDB.databases()) {
      const database = await result(indexedDB.open(name));
      const position = await result(database.transaction("meta").objectStore("meta").get("position"));
      database.close();
      if (position && !position.reading) return;
    }
    await new Promise((done) => setTimeout(done, 50));
  }
}
"""


@dataclass(frozen=True, slots=True)
class Screen:
    """One page on which an account is open."""

    context: BrowserContext
    page: Page
    devtools: CDPSession

    def key_to_row(self, key: str, text: str) -> float:
        """Press a key; the milliseconds until a row with this text is painted."""
        self.page.evaluate("(text) => bench.come(text)", text)
        return self._pressed(key)

    def key_to_row_gone(self, key: str, row: str) -> float:
        """Press a key; the milliseconds until the picture is without this row."""
        self.page.evaluate("(row) => bench.gone(row)", row)
        return self._pressed(key)

    def _pressed(self, key: str) -> float:
        self.page.keyboard.press(key)
        found: float = self.page.evaluate("bench.seen.then((painted) => painted - bench.pressed)")
        return found

    def first_row(self) -> float:
        """The milliseconds from the beginning of the page's load to its first rows."""
        found: float = self.page.evaluate("bench.firstRow")
        return found

    def until_stored(self) -> None:
        """Wait until the whole copy is on the device."""
        self.page.evaluate(STORED)

    def largest_paint(self) -> float:
        """The milliseconds to the largest contentful paint."""
        found: float = self.page.evaluate(
            "new Promise((done) => { const look = () => bench.paints > 0 ? done(bench.paints) : setTimeout(look, 50); look(); })"
        )
        return found

    def nodes(self) -> int:
        """Elements and texts of the page."""
        found: int = self.page.evaluate(
            "(() => { const all = document.createTreeWalker(document); let n = 0; while (all.nextNode()) n++; return n; })()"
        )
        return found

    def heap_mb(self) -> float:
        """What JavaScript holds when everything that it does not need is gone."""
        self.devtools.send("HeapProfiler.collectGarbage")
        used: float = self.devtools.send("Runtime.getHeapUsage")["usedSize"]
        return used / 1e6


@contextmanager
def opened(browser: Browser, url: str, **options: Any) -> Iterator[Screen]:
    """An empty page of a new device."""
    context = browser.new_context(base_url=url, viewport={"width": 1280, "height": 1000}, **options)
    context.add_init_script(WATCH)
    page = context.new_page()
    yield Screen(context, page, context.new_cdp_session(page))
    context.close()


def log_in(page: Page, email: str, password: str) -> None:
    """Log in as people do."""
    page.goto("/login")
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("row").first).to_be_visible(timeout=120_000)

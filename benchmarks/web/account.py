"""A client with an account of `doable demo`, large or small: how soon what one does is seen."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import median, quantiles
from typing import Final

import httpx
from playwright.sync_api import Browser, Page, expect

from benchmarks.figures import Figure
from benchmarks.web.screen import Screen, log_in, opened

KEYS: Final = 60
REMOTE: Final = 20
WAITING: Final = 50
OWN_LISTS: Final = 5
"""So many are added to each of them that the last one can still be seen."""
LARGE_LIST: Final = "Collected"


@dataclass(frozen=True, slots=True)
class Size:
    """How many tasks an account has besides those of `doable demo`, and what WEB's budget asks of it."""

    tasks: int
    name: str
    open: int
    completed: int
    key_median: float
    key_p95: float
    reload: float
    heap: float

    @property
    def options(self) -> list[str]:
        """Those of `doable demo`."""
        return ["--tasks", str(self.open), "--completed", str(self.completed)]


SIZES: Final = (
    Size(1_000, "1,000", 930, 0, 16, 33, 400, 30),
    Size(10_000, "10,000", 9_930, 0, 16, 33, 400, 30),
    Size(100_000, "100,000, of which 95,000 completed", 4_930, 95_000, 33, 66, 400, 150),
)


@dataclass(frozen=True, slots=True)
class Account:
    """Who can log in where."""

    url: str
    email: str
    password: str
    size: Size

    @contextmanager
    def api(self) -> Iterator[httpx.Client]:
        """Another device of theirs."""
        with httpx.Client(base_url=self.url, timeout=60) as client:
            answer = client.post("/api/auth/login", json={"email": self.email, "password": self.password})
            client.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
            yield client


def measure(browser: Browser, account: Account) -> list[Figure]:
    """Everything of one size."""
    size = account.size
    with opened(browser, account.url) as screen, account.api() as api:
        large = next(each["id"] for each in api.get("/api/me/lists").json()["lists"] if each["name"] == LARGE_LIST)
        own = [_made_list(api, f"Measured {number}") for number in range(OWN_LISTS)]
        began = time.monotonic()
        log_in(screen.page, account.email, account.password)
        rows = time.monotonic() - began
        expect(screen.page.locator("progress")).to_have_count(0, timeout=120_000)
        whole = time.monotonic() - began
        screen.until_stored()
        stored = time.monotonic() - began
        added = [took for path in own for took in _added(screen, path)]
        completed = _completed(screen, f"/lists/{large}")
        reloads = [_reloaded(screen, is_offline=is_offline) for is_offline in (False, True)]
        nodes, heap = screen.nodes(), screen.heap_mb()
        remote = _seen_from_elsewhere(screen, api, own[0])
        sent = _sent(screen, api, own[0])
    of = f"{size.name} tasks: "
    return [
        Figure(f"{of}log-in to first rows", f"{rows:.1f} s"),
        Figure(f"{of}log-in to the whole copy", f"{whole:.1f} s", "30 s", whole <= 30),
        Figure(f"{of}log-in to all of it stored", f"{stored:.1f} s"),
        *_keys(f"{of}key to a new row", added, size),
        *_keys(f"{of}key to a row gone, long list", completed, size),
        *(
            Figure(f"{of}rows after a reload, {net}", f"{ms:.0f} ms", f"{size.reload:.0f} ms", ms <= size.reload)
            for net, ms in zip(("online", "offline"), reloads, strict=True)
        ),
        Figure(f"{of}DOM nodes", f"{nodes:,}", "1,500", nodes <= 1500),
        Figure(f"{of}heap", f"{heap:.0f} MB", f"{size.heap:.0f} MB", heap <= size.heap),
        Figure(f"{of}another device's change, median", f"{median(remote):.0f} ms", "300 ms", median(remote) <= 300),
        Figure(f"{of}another device's change, worst", f"{max(remote):.0f} ms"),
        Figure(f"{of}{WAITING} waiting are sent after", f"{sent:.1f} s", "2 s", sent <= 2),
    ]


def _keys(what: str, found: list[float], size: Size) -> list[Figure]:
    middle, p95 = median(found), quantiles(found, n=20)[-1]
    return [
        Figure(f"{what}, median", f"{middle:.0f} ms", f"{size.key_median:.0f} ms", middle <= size.key_median),
        Figure(f"{what}, p95", f"{p95:.0f} ms", f"{size.key_p95:.0f} ms", p95 <= size.key_p95),
    ]


def _made_list(api: httpx.Client, name: str) -> str:
    """Where a new list is, with one task."""
    made: str = api.post("/api/me/lists", json={"name": name}).raise_for_status().json()["id"]
    api.post("/api/me/tasks", json={"title": "The first one", "list_id": made}).raise_for_status()
    return f"/lists/{made}"


def _show(page: Page, path: str) -> None:
    page.goto(path)
    expect(page.get_by_role("row").first).to_be_visible(timeout=60_000)


def _open_line(page: Page) -> None:
    page.keyboard.press("q")
    expect(page.get_by_role("dialog").locator("textarea")).to_be_focused()


def _added(screen: Screen, path: str) -> list[float]:
    """A line is written and entered, and its row is there."""
    page = screen.page
    _show(page, path)
    _open_line(page)
    found = []
    for number in range(KEYS // OWN_LISTS):
        text = f"Measured {number}."
        page.keyboard.insert_text(text)
        found.append(screen.key_to_row("Enter", text))
    page.keyboard.press("Escape")
    return found


def _completed(screen: Screen, path: str) -> list[float]:
    """The first row of a long list is completed by key, and is gone."""
    page = screen.page
    _show(page, path)
    found = []
    for _ in range(KEYS):
        # One with subtasks would ask what becomes of them.
        row = page.locator("[role=row][data-key]:not([aria-expanded])").first
        row.focus()
        found.append(screen.key_to_row_gone(" ", row.get_attribute("data-key") or ""))
    return found


def _reloaded(screen: Screen, *, is_offline: bool) -> float:
    """Of five reloads the median."""
    page = screen.page
    page.evaluate("navigator.serviceWorker.ready.then(() => {})")
    screen.context.set_offline(is_offline)
    found = []
    for _ in range(5):
        page.reload()
        found.append(screen.first_row())
    screen.context.set_offline(False)
    return median(found)


def _seen_from_elsewhere(screen: Screen, api: httpx.Client, path: str) -> list[float]:
    """From when another device begins to send a task until its row is painted here. Both have the clock of this machine."""
    _show(screen.page, path)
    found = []
    for number in range(REMOTE):
        text = f"From elsewhere {number}."
        screen.page.evaluate("(text) => bench.come(text)", text)
        began = time.time()
        made = api.post("/api/me/tasks", json={"title": text, "list_id": path.rpartition("/")[2]}).json()
        painted = screen.page.evaluate("bench.seen.then((at) => performance.timeOrigin + at)")
        found.append(painted - began * 1000)
        api.delete(f"/api/me/tasks/{made['id']}").raise_for_status()
    return found


def _sent(screen: Screen, api: httpx.Client, path: str) -> float:
    """The seconds from when the network is back until the server has what was done without it."""
    page = screen.page
    _show(page, path)
    before = _total(api, path)
    screen.context.set_offline(True)
    _open_line(page)
    for number in range(WAITING):
        page.keyboard.insert_text(f"Offline {number}.")
        page.keyboard.press("Enter")
        expect(page.get_by_role("dialog").locator("textarea")).to_have_value("")
    began = time.monotonic()
    screen.context.set_offline(False)
    while _total(api, path) < before + WAITING:
        time.sleep(0.02)
    return time.monotonic() - began


def _total(api: httpx.Client, path: str) -> int:
    """How many open tasks the list has on the server."""
    params: dict[str, str | int] = {"list": path.rpartition("/")[2], "limit": 1, "total": "true", "completed": "false"}
    found: int = api.get("/api/me/tasks", params=params).json()["total"]
    return found

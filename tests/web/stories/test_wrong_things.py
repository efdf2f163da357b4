"""What is in a browser, and what is asked of it, may be anything: addresses, what is kept there, names, and who logs in."""

import json
from contextlib import closing
from pathlib import Path

from playwright.sync_api import Page, expect

from support.mail import until
from support.screen import arrives
from support.server import QuickServer
from support.users import PASSWORD, User
from support.web import Device, NewDevice

KEYS = (
    "boards",
    "favourites",
    "folded",
    "http-known",
    "last-acts",
    "last-acts.1",
    "push",
    "push-asked",
    "side-bar-folded",
)
ANYTHING = ("{", '"text"', "[null, 7, {}]")
BLOCKED = """for (const name of ["localStorage", "sessionStorage", "indexedDB"]) {
  Object.defineProperty(globalThis, name, { get() { throw new DOMException("blocked", "SecurityError"); } });
}"""
FULL = """Storage.prototype.setItem = () => { throw new DOMException("full", "QuotaExceededError"); };"""
NAMES = ("constructor", "__proto__", "toString", "<img src=x onerror=alert(1)>", "\u202egnirts", "x" * 100)

KEPT = """async () => [
  ...Object.keys(localStorage),
  ...Object.keys(sessionStorage),
  ...(await indexedDB.databases()).map(({ name }) => name),
  ...(await caches.keys()).filter((name) => name !== "doable-push-words"),
  ...(await navigator.locks.query()).held.map(({ name }) => name),
]"""
"""The words of the worker are found by an address."""

CLOCK = """const begun = performance.now();
globalThis.hours = 0;
Temporal.Now.instant = () => Temporal.Instant.from("2126-03-30T22:30:00Z").add({
  milliseconds: Math.round(performance.now() - begun) + 3_600_000 * globalThis.hours,
});"""
"""Half past eleven in the evening in Berlin, in whose next night clocks are put forward."""


def opened(page: Page, title: str = "Buy oat milk") -> None:
    expect(page.get_by_role("row").filter(has_text=title)).to_be_visible()


def test_whatever_is_kept_in_the_browser_the_client_opens(device: Device, account: User) -> None:
    account.new_task("Buy oat milk")
    page = device.page
    for anything in ANYTHING:
        for key in KEYS:
            page.evaluate("([key, text]) => localStorage.setItem(`doable.${key}`, text)", [key, anything])
        page.evaluate("(text) => sessionStorage.setItem('doable.quick-add', text)", anything)
        page.goto("/inbox")
        opened(page)
    for anything in ("{", "{}"):
        page.evaluate("(text) => localStorage.setItem('doable.person', text)", anything)
        page.goto("/inbox")
        expect(page.get_by_role("button", name="Log in")).to_be_visible()


def test_storage_that_is_blocked_or_full_stops_nobody(new_device: NewDevice, account: User) -> None:
    account.new_task("Buy oat milk")
    for script in (BLOCKED, FULL):
        device = new_device()
        device.context.add_init_script(script)
        page = device.log_in(account.email)
        page.get_by_role("link", name="Inbox").first.click()
        opened(page)
        page.keyboard.press("q")
        page.get_by_label("What needs doing?").fill("Call Nora")
        page.keyboard.press("Enter")
        page.keyboard.press("Escape")
        until(lambda: "Call Nora" in titles(account), "it is not sent")


def titles(account: User) -> list[str]:
    return [each["title"] for each in account.get(account.tasks).json()["tasks"]]


def test_addresses_of_nothing_are_answered_and_never_blank(device: Device, account: User) -> None:
    page = device.page
    page.goto("/today")
    with closing(User(str(account.base_url))) as other:
        theirs = other.new_task("Of somebody else")["id"]
    for path in (
        f"/tasks/{theirs}",
        f"/inbox?task={theirs}",
        "/inbox?task=constructor",
        "/inbox?task=",
        "/search?q=%00%ff(",
        "/inbox#x",
    ):
        page.goto(path)
        expect(page.get_by_role("navigation").first).to_be_visible()
        expect(page.get_by_text("Of somebody else")).to_have_count(0)
    for path in (
        "//",
        "//x.example/y",
        "/constructor/x",
        "/__proto__/x",
        "/lists/__proto__",
        "/lists/x/y",
        "/settings/constructor",
        "/tasks/x",
    ):
        page.goto("/today")
        expect(page.get_by_role("navigation").first).to_be_visible()
        page.evaluate(
            "(path) => { history.replaceState(null, '', location.origin + path); dispatchEvent(new PopStateEvent('popstate')); }",
            path,
        )
        expect(page.get_by_role("navigation").first).to_be_visible()


def test_what_somebody_left_unsent_is_theirs(device: Device, account: User) -> None:
    task = account.new_task("Buy oat milk")
    page = device.page
    page.goto("/inbox")
    opened(page)
    user = page.evaluate("JSON.parse(localStorage.getItem('doable.person')).id")
    left = [
        {
            "user": "somebody else",
            "operation": {"op": "update", "kind": "task", "id": "x", "task": {"title": "theirs"}},
            "before": {},
        },
        {
            "user": user,
            "operation": {"op": "update", "kind": "task", "id": task["id"], "task": {"title": "Buy milk"}},
            "before": {"title": "Buy oat milk"},
        },
    ]
    page.evaluate("(text) => localStorage.setItem('doable.last-acts.1', text)", json.dumps(left))
    page.reload()
    opened(page, "Buy milk")
    kept = page.evaluate("localStorage.getItem('doable.last-acts.1')")
    assert [each["user"] for each in json.loads(kept)] == ["somebody else"]


def test_names_of_every_sort_are_only_names(device: Device, account: User) -> None:
    for name in NAMES:
        assert account.post(f"/api/{account.id}/lists", json={"name": name, "group": name[:50]}).status_code == 201
        account.new_task(
            name, tags=[name[:50].replace(" ", "")], description=f"# {name}\n[{name}](javascript:alert(1))"
        )
    page = device.page
    page.goto("/inbox")
    for name in NAMES:
        expect(page.get_by_role("row").filter(has_text=name).first).to_be_visible()
        page.keyboard.press("q")
        page.get_by_label("What needs doing?").fill(f"{name} #{name} @{name} +{name} {name}: tomorrow")
        page.keyboard.press("Escape")
    assert page.evaluate("document.querySelectorAll('main img').length") == 0


def test_two_servers_below_paths_of_one_host_share_nothing_that_is_kept(new_device: NewDevice, tmp_path: Path) -> None:
    server = QuickServer(tmp_path)
    base = server.settings["PUBLIC_URL"] = f"{server.url}/todo"
    with server, closing(User(base)) as user:
        user.new_task("Buy oat milk")
        page = new_device(server).page
        page.goto(f"{base}/login")
        page.get_by_label("E-mail").fill(user.email)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Log in").click()
        expect(page.get_by_role("navigation").first).to_be_visible()
        page.goto(f"{base}/inbox")
        opened(page)
        until(lambda: len(page.evaluate(KEPT)) >= 5, "less is kept than was thought")
        assert [name for name in page.evaluate(KEPT) if "/todo" not in name] == []
        page.close()  # it would miss the server


def test_midnight_and_clocks_that_are_put_forward_or_are_wrong_find_it_open(
    new_device: NewDevice, account: User
) -> None:
    days = {"Saturday": "2126-03-30", "Sunday": "2126-03-31", "Monday": "2126-04-01"}
    ids = {day: account.new_task(day, due={"date": date})["id"] for day, date in days.items()}
    account.new_task("Early", due={"date": days["Sunday"], "time": "03:30", "timezone": "Europe/Berlin"})
    device = new_device()
    device.context.add_init_script(CLOCK)
    page = device.log_in(account.email)

    def shows(hours: int, *titles: str, overdue: int) -> None:
        page.evaluate(
            "(hours) => { globalThis.hours = hours; document.dispatchEvent(new Event('visibilitychange')); }", hours
        )
        rows = page.get_by_role("treegrid", name="Tasks").get_by_role("row").filter(has=page.get_by_role("checkbox"))
        expect(rows).to_have_count(len(titles))
        for row, title in enumerate(titles):
            expect(rows.nth(row)).to_contain_text(title)
        expect(page.get_by_role("heading", name="Overdue")).to_have_count(overdue)

    page.goto("/today")
    shows(0, "Saturday", overdue=0)
    shows(1, "Saturday", "Early", "Sunday", overdue=1)
    # There is no half past two in that night: three hours later it is half past four.
    shows(4, "Saturday", "Early", "Sunday", overdue=1)
    shows(24, "Saturday", "Early", "Sunday", "Monday", overdue=1)
    shows(0, "Saturday", overdue=0)
    # What is done by a clock that is a day ahead is done all the same.
    shows(24, "Saturday", "Early", "Sunday", "Monday", overdue=1)
    page.get_by_role("checkbox", name="Saturday").click()
    arrives(account, ids["Saturday"], is_completed=True)
    shows(0, overdue=0)

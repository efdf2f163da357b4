"""One account on several devices, with and without a network."""

from contextlib import closing
from pathlib import Path

from playwright.sync_api import Page, Request, expect

from support.mail import until
from support.screen import arrives, focus, go, quick_add, row, shows, stored
from support.server import QuickServer
from support.users import User
from support.web import Device, NewDevice


def rename(page: Page, title: str, to: str) -> None:
    focus(page, title).press("e")
    field = page.get_by_role("row").get_by_label("Title")
    field.fill(to)
    field.press("Enter")
    expect(row(page, to)).to_be_visible()


def set_high(page: Page, title: str) -> None:
    focus(page, title).press("p")
    page.get_by_role("menuitem", name="High").click()


def titles(account: User) -> list[str]:
    return sorted(each["title"] for each in account.get(account.tasks, params={"completed": "false"}).json()["tasks"])


def test_what_is_done_on_one_device_is_on_the_other(device: Device, new_device: NewDevice, account: User) -> None:
    other = new_device()
    other.log_in(account.email)
    for each in (device, other):
        go(each.page, "/inbox")
    quick_add(device.page, "Buy oat milk")
    shows(other.page, "Buy oat milk")
    row(other.page, "Buy oat milk").get_by_role("checkbox").click()
    expect(device.page.get_by_text("Your inbox is empty")).to_be_visible()


def test_what_is_done_without_a_network_outlives_a_reload_and_is_sent(device: Device, account: User) -> None:
    page = device.page
    account.new_task("Call Nora")
    go(page, "/inbox")
    row(page, "Call Nora").wait_for()
    page.evaluate("async () => void (await navigator.serviceWorker.ready)")
    # From its next load on, it is the worker that answers.
    page.reload()
    row(page, "Call Nora").wait_for()
    device.go_offline()
    quick_add(page, "Buy oat milk")
    quick_add(page, "Return the drill")
    row(page, "Call Nora").get_by_role("checkbox").click()
    expect(page.get_by_text("Offline · 3 changes to send")).to_be_visible()
    page.reload()
    expect(page.get_by_text("Offline · 3 changes to send")).to_be_visible()
    shows(page, "Buy oat milk", "Return the drill")
    page.close()
    device.page = page = device.context.new_page()
    go(page, "/today")
    page.get_by_role("link", name="Inbox").first.click()
    shows(page, "Buy oat milk", "Return the drill")
    expect(page.get_by_text("3 changes to send")).to_be_visible()
    device.go_online()
    expect(page.get_by_text("to send")).to_have_count(0)
    # A page that is opened has the network for a moment before it is cut there, so that one of these may have been sent
    # already and its answer lost. It is there once all the same.
    until(lambda: titles(account) == ["Buy oat milk", "Return the drill"], "it is not all on the server, once")


def test_two_devices_that_change_different_things_of_a_task_both_keep_them(
    device: Device, new_device: NewDevice, account: User
) -> None:
    milk = account.new_task("Buy milk")
    other = new_device()
    other.log_in(account.email)
    for each in (device, other):
        go(each.page, "/inbox")
        row(each.page, "Buy milk").wait_for()
    device.expects("412")
    device.go_offline()
    rename(device.page, "Buy milk", "Buy oat milk")
    set_high(other.page, "Buy milk")
    arrives(account, milk["id"], priority="high")
    device.go_online()
    arrives(account, milk["id"], priority="high", title="Buy oat milk")
    shows(other.page, "Buy oat milk")
    expect(device.page.locator(".check.high")).to_be_visible()
    expect(device.page.get_by_text("To decide")).to_have_count(0)


def test_two_devices_that_change_the_same_are_asked(device: Device, account: User) -> None:
    milk = account.new_task("Buy milk")
    page = device.page
    go(page, "/inbox")
    row(page, "Buy milk").wait_for()
    device.expects("412")
    device.go_offline()
    rename(page, "Buy milk", "Buy oat milk")
    account.patch(f"{account.tasks}/{milk['id']}", json={"title": "Buy soy milk"})
    device.go_online()
    page.get_by_role("link", name="To decide (1)").click()
    card = page.get_by_role("listitem").filter(has_text="was changed here and elsewhere")
    expect(card).to_contain_text("Buy oat milk")
    expect(card).to_contain_text("Buy soy milk")
    assert stored(account, milk["id"])["title"] == "Buy oat milk"
    card.get_by_role("button", name="Use theirs").click()
    expect(page.get_by_text("Nothing to decide")).to_be_visible()
    arrives(account, milk["id"], title="Buy soy milk")


def test_what_was_changed_here_and_deleted_elsewhere_is_told(device: Device, account: User) -> None:
    milk = account.new_task("Buy milk")
    page = device.page
    go(page, "/inbox")
    row(page, "Buy milk").wait_for()
    device.expects("status of 4(04|12)")
    device.go_offline()
    rename(page, "Buy milk", "Buy oat milk")
    account.delete(f"{account.tasks}/{milk['id']}")
    device.go_online()
    page.get_by_role("link", name="To decide (1)").click()
    card = page.get_by_role("listitem").filter(has_text="Something you changed was deleted elsewhere")
    expect(card).to_contain_text("Buy oat milk")
    card.get_by_role("button", name="OK").click()
    expect(page.get_by_text("Nothing to decide")).to_be_visible()


def test_eight_tabs_are_one(device: Device, account: User) -> None:
    streams: list[Page] = []

    def on_request(request: Request) -> None:
        if "/events" in request.url:
            streams.append(request.frame.page)

    device.context.on("request", on_request)
    pages = [device.page, *(device.context.new_page() for _ in range(7))]
    for page in pages:
        go(page, "/inbox")
    account.new_task("Buy milk")
    for page in pages:
        shows(page, "Buy milk")
    # The tab that leads has the only stream.
    assert set(streams) == {pages[0]}
    # It goes on when another tab is opened.
    assert len(streams) < len(pages)
    rename(pages[-1], "Buy milk", "Buy oat milk")
    for page in pages:
        shows(page, "Buy oat milk")
    until(lambda: titles(account) == ["Buy oat milk"], "it is not sent")
    # Without the one that led, another one does.
    streams.clear()
    pages[0].close()
    account.new_task("Call Nora")
    for page in pages[1:]:
        shows(page, "Buy oat milk", "Call Nora")
    assert len(set(streams)) == 1


def test_a_server_that_is_killed_loses_nothing(new_device: NewDevice, tmp_path: Path) -> None:
    with QuickServer(tmp_path) as server:
        user = User(server.url)
        user.patch("/api/me/preferences", json={"timezone": "Europe/Berlin"})
        device = new_device(server)
        page = device.log_in(user.email)
        go(page, "/inbox")
        device.expects("net::ERR_|status of 50")
        wanted = []
        for round_ in range(2):
            for index in range(5):
                title = f"{round_}.{index}"
                quick_add(page, title)
                wanted.append(title)
                if index == 2:
                    server.kill()
            expect(page.get_by_text("to send")).to_be_visible()
            server.start()
            until(lambda: len(user.get(user.tasks).json()["tasks"]) == len(wanted), "it is not sent")
        shows(page, *wanted)
        user.close()


def test_a_log_in_that_ended_is_asked_for_over_the_tasks(device: Device, account: User) -> None:
    page = device.page
    account.new_task("Buy milk")
    go(page, "/inbox")
    row(page, "Buy milk").wait_for()
    device.expects("status of 401")
    sessions = account.get("/api/auth/sessions").json()["sessions"]
    for each in sessions:
        if not each["current"]:
            account.delete(f"/api/auth/sessions/{each['id']}")
    page.reload()
    dialog = page.get_by_role("dialog", name="Log in again")
    expect(dialog).to_be_visible()
    dialog.get_by_role("button", name="Cancel").click()
    # What is there can be seen, and what is done is kept.
    row(page, "Buy milk").get_by_role("checkbox").click()
    expect(page.get_by_text("Your inbox is empty")).to_be_visible()
    assert titles(account) == ["Buy milk"]
    page.get_by_role("main").get_by_role("button", name="Log in").click()
    dialog.get_by_label("Password").fill("correct horse battery staple")
    page.keyboard.press("Enter")
    expect(dialog).to_have_count(0)
    until(lambda: not titles(account), "it is not sent")


def test_another_person_on_the_same_device_sees_nothing_of_it(device: Device, account: User) -> None:
    page = device.page
    account.new_task("A secret of mine")
    go(page, "/inbox")
    row(page, "A secret of mine").wait_for()
    page.goto("/settings/account")
    page.get_by_role("main").get_by_role("button", name="Log out").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    dialog.get_by_role("button", name="Log out").click()
    expect(page.get_by_label("Password")).to_be_visible()
    with closing(User(device.server.url)) as other:
        device.log_in(other.email)
    go(page, "/inbox")
    page.get_by_role("link", name="Recently deleted").click()
    expect(page.get_by_text("Nothing deleted")).to_be_visible()
    page.keyboard.press("/")
    page.keyboard.type("secret")
    expect(page.get_by_text("Nothing found")).to_be_visible()
    expect(page.get_by_text("A secret of mine")).to_have_count(0)

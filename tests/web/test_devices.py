"""One account on several devices, with and without a network."""

from playwright.sync_api import Page, expect

from support.mail import until
from support.users import User
from support.web import Device, NewDevice


def task(page: Page, title: str) -> None:
    expect(page.get_by_role("row").filter(has_text=title)).to_be_visible()


def complete(page: Page, title: str) -> None:
    page.get_by_role("checkbox", name=title).click()
    expect(page.get_by_role("row").filter(has_text=title)).to_have_count(0)


def open_titles(account: User) -> set[str]:
    return {each["title"] for each in account.get(account.tasks, params={"completed": "false"}).json()["tasks"]}


def test_what_is_done_on_one_device_is_on_the_other(device: Device, new_device: NewDevice, account: User) -> None:
    other = new_device()
    other.log_in(account.email)
    for each in (device, other):
        each.page.goto("/inbox")
    account.new_task("Buy oat milk")
    for each in (device, other):
        task(each.page, "Buy oat milk")
    complete(other.page, "Buy oat milk")
    expect(device.page.get_by_role("row").filter(has_text="Buy oat milk")).to_have_count(0)
    until(lambda: "Buy oat milk" not in open_titles(account), "it is not completed on the server")


def test_what_is_done_without_a_network_is_sent_when_there_is_one(device: Device, account: User) -> None:
    page = device.page
    for title in ("Buy oat milk", "Call Nora"):
        account.new_task(title)
    page.goto("/inbox")
    task(page, "Call Nora")
    device.go_offline()
    complete(page, "Call Nora")
    expect(page.get_by_text("1 change to send")).to_be_visible()
    assert "Call Nora" in open_titles(account)
    device.go_online()
    until(lambda: "Call Nora" not in open_titles(account), "it is not sent")
    expect(page.get_by_text("1 change to send")).to_have_count(0)

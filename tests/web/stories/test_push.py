"""Reminders that come while no page is open: the service worker shows them, and does what is chosen on them."""

import json
import re
from typing import Any

from playwright.sync_api import CDPSession, expect

from support.mail import until
from support.screen import arrives, go
from support.users import User
from support.web import Device

SHOWN = """async () => {
  const registration = await navigator.serviceWorker.ready;
  return (await registration.getNotifications()).map(({ title, tag }) => ({ title, tag }));
}"""
HOLD = """() => new Promise((held) => navigator.locks.request("doable-session", () => {
  held();
  return new Promise((release) => Object.assign(globalThis, { release }));
}))"""
"""As a page does while it renews the session."""
OTHERS_WAIT = """async () => {
  const { held, pending } = await navigator.locks.query();
  const [own] = held.filter(({ name }) => name === "doable-session");
  return pending.some(({ name, clientId }) => name === own.name && clientId !== own.clientId);
}"""


def message_of(task: dict[str, Any]) -> dict[str, str]:
    return {
        "kind": "reminder",
        "notification_id": "0f8fad5b-d9cb-469f-a165-70867728950e",
        "task_id": task["id"],
        "title": task["title"],
        "remind_at": "2026-01-05T09:00:00Z",
    }


def deliver(device: Device, message: dict[str, str]) -> CDPSession:
    """As the browser does it once its push service has told it."""
    session = device.context.new_cdp_session(device.page)
    found: list[str] = []

    def on_updated(event: dict[str, Any]) -> None:
        found.extend(each["registrationId"] for each in event["registrations"])

    session.on("ServiceWorker.workerRegistrationUpdated", on_updated)
    session.send("ServiceWorker.enable")
    until(lambda: device.page.evaluate("1") and found, "no worker is registered")
    data = {"origin": device.server.url, "registrationId": found[0], "data": json.dumps(message)}
    session.send("ServiceWorker.deliverPushMessage", data)
    return session


def choose(device: Device, action: str) -> None:
    """Choose it on the notification that is shown: the browser tells the worker alone, and no tool does it."""
    (worker,) = device.context.service_workers
    worker.evaluate(
        """async (action) => {
          const [notification] = await registration.getNotifications();
          self.dispatchEvent(new NotificationEvent("notificationclick", { notification, action }));
        }""",
        action,
    )


def test_what_comes_is_shown_and_completed_or_opened_by_it(device: Device, account: User) -> None:
    page = device.page
    task = account.new_task("Water the plants")
    other = account.new_task("Call Nora")
    device.context.grant_permissions(["notifications"])
    go(page, "/inbox")
    page.evaluate("async () => void (await navigator.serviceWorker.ready)")
    page.reload()
    deliver(device, message_of(task))
    until(
        lambda: page.evaluate(SHOWN) == [{"title": "Water the plants", "tag": message_of(task)["notification_id"]}],
        "nothing is shown",
    )
    page.evaluate(HOLD)
    choose(device, "complete")
    until(lambda: page.evaluate(OTHERS_WAIT), "the worker renews the session while a page does")
    assert not account.get(f"{account.tasks}/{task['id']}").json()["is_completed"]
    page.evaluate("release()")
    arrives(account, task["id"], is_completed=True)
    expect(page.get_by_role("row").filter(has_text="Water the plants")).to_have_count(0)
    assert page.evaluate(SHOWN) == []
    # The same one twice is one.
    for _ in range(2):
        deliver(device, message_of(other))
    until(lambda: [each["title"] for each in page.evaluate(SHOWN)] == ["Call Nora"], "nothing is shown")
    choose(device, "")
    expect(page).to_have_url(re.compile(rf"task={other['id']}"))
    expect(page.get_by_role("complementary", name="Task", exact=True).get_by_label("Title")).to_have_value("Call Nora")

"""What is sent of reminders, and digests: to their user's browsers and address, at least once, and only while it is wanted."""

import uuid
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import date, datetime, timedelta
from email.message import EmailMessage
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import httpx
import pytest
from sqlalchemy import Connection, update

from doable.accounts.tables import users
from doable.database.types import instant_to_text
from support.clocks import ClockServer
from support.mail import MailServer, texts, token_of, until
from support.push import Browser, PushService, Request
from support.schema import on_connection, rows_of, settings_of
from support.users import PASSWORD, TLS, User

Thing = dict[str, Any]
MINUTE = timedelta(minutes=1)
PAUSES = 150
"""Seconds: those after the first and the second attempt. On a machine that is full there may have been two."""


@pytest.fixture(scope="module")
def running() -> Iterator[PushService]:
    with PushService() as service:
        yield service


@pytest.fixture
def service(running: PushService) -> PushService:
    running.status, running.headers = 201, {}
    return running


@pytest.fixture(scope="module")
def running_mail() -> Iterator[MailServer]:
    with MailServer() as mail:
        yield mail


@pytest.fixture
def mail(running_mail: MailServer) -> MailServer:
    running_mail.answer, running_mail.hesitates = None, False
    return running_mail


@pytest.fixture(scope="module")
def server(
    running: PushService,
    running_mail: MailServer,
    migrated_database_settings: Callable[[], dict[str, str]],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[ClockServer]:
    """One whose clock is moved on, and that may send to both. Its access tokens last as long as the file does."""
    settings = {
        "PUSH_HOSTS": running.host,
        "SMTP_URL": running_mail.url,
        "MAIL_FROM": "Tasks <tasks@example.com>",
        "ACCESS_TOKEN_EXPIRE_MINUTES": "1440",
        **migrated_database_settings(),
    }
    with ClockServer(tmp_path_factory.mktemp("sending"), **settings) as server:
        yield server


@pytest.fixture
def carol(server: ClockServer) -> Iterator[User]:
    with closing(User(server.url)) as user:
        yield user


def in_minutes(server: ClockServer, number: float) -> str:
    return instant_to_text(server.now() + number * MINUTE)


def subscribed(user: User, service: PushService) -> Browser:
    """A new browser of the user's."""
    browser = service.browser()
    answer = user.post("/api/me/push/subscriptions", json=browser.subscription)
    assert answer.status_code == 201, answer.text
    return browser


def reminded(user: User, server: ClockServer, *minutes: float, title: str = "Buy oat milk", **fields: Any) -> Thing:
    """A new task with reminders in so many minutes."""
    return user.new_task(title, reminders=[{"at": in_minutes(server, each)} for each in minutes], **fields)


def waiting(server: ClockServer, user: User) -> list[Thing]:
    """What is still to be sent of the user's."""
    return [row for row in rows_of(settings_of(server), "deliveries") if str(row["owner_id"]) == user.id]


def notifications(user: User) -> list[Thing]:
    listed: list[Thing] = user.get("/api/me/notifications").json()["notifications"]
    return listed


def wait_until_told(user: User, number: int) -> list[Thing]:
    found: list[Thing] = until(lambda: found if len(found := notifications(user)) >= number else None, "notifications")
    return found


def wait_until_all_is_sent(server: ClockServer, user: User) -> None:
    until(lambda: not waiting(server, user), "no delivery that waits")


def at(browser: Browser, request: Request) -> bool:
    return browser.endpoint.endswith(request.path)


def received(service: PushService, *browsers: Browser) -> list[Thing]:
    """What these browsers get of what the service was sent so far, with its topic."""
    requests = [service.requests.get_nowait() for _ in range(service.requests.qsize())]
    return [
        {**browser.decrypt(each.body), "topic": each.headers["Topic"]}
        for each in requests
        for browser in browsers
        if at(browser, each)
    ]


def be_quiet(user: User, server: ClockServer, *, minutes: int) -> None:
    """Have it be quiet from some minutes ago on, for so many."""
    now = server.now()
    quiet = {"from": f"{now - 5 * MINUTE:%H:%M}", "until": f"{now + minutes * MINUTE:%H:%M}"}
    answer = user.patch("/api/me/preferences", json={"quiet": quiet})
    assert answer.status_code == 200, answer.text


def test_each_browser_of_the_user_is_told(server: ClockServer, service: PushService, alice: User, bob: User) -> None:
    browsers, others = [subscribed(alice, service) for _ in range(2)], subscribed(bob, service)
    task = reminded(alice, server, 1)
    reminded(bob, server, 60)
    server.move(2 * 60)
    (notification,) = wait_until_told(alice, 1)
    wait_until_all_is_sent(server, alice)
    expected = {
        "kind": "reminder",
        "notification_id": notification["id"],
        "task_id": task["id"],
        "title": "Buy oat milk",
        "remind_at": task["reminders"][0]["remind_at"],
        "topic": notification["id"].replace("-", ""),
    }
    assert received(service, *browsers, others) == [expected, expected]
    assert not waiting(server, bob)


def test_who_wants_no_push_gets_none(server: ClockServer, service: PushService, alice: User, bob: User) -> None:
    """One of them has no browser either."""
    browser = subscribed(alice, service)
    assert alice.patch("/api/me/preferences", json={"reminder_channels": []}).status_code == 200
    for user in (alice, bob):
        reminded(user, server, 1)
    server.move(2 * 60)
    for user in (alice, bob):
        wait_until_told(user, 1)
        assert not waiting(server, user)
    assert not received(service, browser)


def test_what_came_of_it_meanwhile(server: ClockServer, service: PushService, alice: User) -> None:
    """Deliveries wait for the end of the quiet hours. Then only that is sent which somebody still has to be told."""
    browser = subscribed(alice, service)
    home = alice.post("/api/me/lists", json={"name": "Home"}).json()
    be_quiet(alice, server, minutes=10)
    names = ["wanted", "seen", "done", "cancelled", "gone", "snoozed", "moved", "dropped"]
    tasks = {name: reminded(alice, server, 1, title=name) for name in names}
    reminded(alice, server, 1, title="put away", list_id=home["id"])
    server.move(2 * 60)
    told = {each["task_id"]: each for each in wait_until_told(alice, 9)}
    assert len(waiting(server, alice)) == 9
    paths = {name: f"{alice.tasks}/{task['id']}" for name, task in tasks.items()}
    (reminder,) = tasks["snoozed"]["reminders"]
    seen = told[tasks["seen"]["id"]]["id"]
    answers = [
        alice.patch(f"/api/me/notifications/{seen}", json={"is_seen": True}),
        alice.patch(f"{paths['done']}/complete"),
        alice.patch(paths["cancelled"], json={"is_cancelled": True}),
        alice.delete(paths["gone"]),
        alice.post(f"{paths['snoozed']}/reminders/{reminder['id']}/snooze", json={"minutes": 600}),
        alice.patch(
            paths["moved"], json={"reminders": [{**tasks["moved"]["reminders"][0], "at": in_minutes(server, 600)}]}
        ),
        alice.patch(paths["dropped"], json={"reminders": []}),
        alice.patch(f"/api/me/lists/{home['id']}", json={"is_archived": True}),
    ]
    assert [each.status_code for each in answers] == [200, 200, 200, 204, 200, 200, 200, 200]
    server.move(10 * 60)
    wait_until_all_is_sent(server, alice)
    assert [each["title"] for each in received(service, browser)] == ["wanted"]


def test_of_one_task_the_newest_is_sent(server: ClockServer, service: PushService, alice: User) -> None:
    """Of those that come together, and of those that wait."""
    browser = subscribed(alice, service)
    be_quiet(alice, server, minutes=20)
    reminded(alice, server, 1, 2, 5)
    server.move(3 * 60)
    both = wait_until_told(alice, 2)
    assert [str(each["notification_id"]) for each in waiting(server, alice)] == [both[0]["id"]]
    server.move(3 * 60)
    newest = wait_until_told(alice, 3)[0]
    (row,) = waiting(server, alice)
    assert str(row["notification_id"]) == newest["id"]
    server.move(20 * 60)
    wait_until_all_is_sent(server, alice)
    assert [each["notification_id"] for each in received(service, browser)] == [newest["id"]]


def test_who_has_gone_is_told_nothing(
    server: ClockServer, service: PushService, mail: MailServer, alice: User, bob: User
) -> None:
    """One browser is unsubscribed, one user removed, one password reset, while deliveries wait for the end of quiet hours."""
    with closing(User(server.url)) as carol:
        people = (alice, bob, carol)
        browsers = [subscribed(user, service) for user in people]
        for user in people:
            be_quiet(user, server, minutes=10)
            reminded(user, server, 1)
        server.move(2 * 60)
        for user in people:
            wait_until_told(user, 1)
            assert len(waiting(server, user)) == 1
        (subscription,) = alice.get("/api/me/push/subscriptions").json()["subscriptions"]
        assert alice.delete(f"/api/me/push/subscriptions/{subscription['id']}").status_code == 204
        assert bob.request("DELETE", "/api/auth/me", json={"password": PASSWORD}).status_code == 204
        assert carol.post("/api/auth/password/forgot", json={"email": carol.email}).status_code == 202
        token = token_of(mail.wait_for(carol.email, 2)[1])
        answer = carol.post("/api/auth/password/reset", json={"token": token, "new_password": "another long password"})
        assert answer.status_code == 204, answer.text
        server.move(10 * 60)
        for user in people:
            wait_until_all_is_sent(server, user)
        assert not received(service, *browsers)


def test_a_service_that_fails_gets_it_later_as_the_same(server: ClockServer, service: PushService, alice: User) -> None:
    browser = subscribed(alice, service)
    task = reminded(alice, server, 1)
    service.status, service.headers = 503, {"Retry-After": "300"}
    server.move(2 * 60)
    (first,) = until(lambda: received(service, browser), "a message")
    assert first["task_id"] == task["id"]

    def is_put_off() -> bool:
        (row,) = waiting(server, alice)
        due_at = datetime.fromisoformat(str(row["due_at"]))
        return due_at - server.now() > 4 * MINUTE

    until(is_put_off, "the pause that the service asks for")
    service.status, service.headers = 201, {}
    server.move(6 * 60)
    wait_until_all_is_sent(server, alice)
    assert received(service, browser) == [first]


def test_after_a_day_of_failures_it_is_given_up(server: ClockServer, service: PushService, alice: User) -> None:
    """With the last attempt after which there is none within the day."""
    browser = subscribed(alice, service)
    reminded(alice, server, 1)
    service.status = 503
    server.move(2 * 60)
    assert until(lambda: received(service, browser), "an attempt")
    almost_a_day = 24 * 3600 - 100
    server.move(almost_a_day)
    wait_until_all_is_sent(server, alice)
    assert len(received(service, browser)) == 1
    server.move(-almost_a_day)
    assert len(notifications(alice)) == 1


def test_a_browser_that_is_gone_is_told_nothing_more(server: ClockServer, service: PushService, alice: User) -> None:
    """Another of the user's is."""
    gone = subscribed(alice, service)
    for each in range(3):
        reminded(alice, server, 1, title=f"{each}")
    service.status = 410
    server.move(2 * 60)
    wait_until_told(alice, 3)
    wait_until_all_is_sent(server, alice)
    assert received(service, gone)
    assert alice.get("/api/me/push/subscriptions").json() == {"subscriptions": []}
    service.status = 201
    there = subscribed(alice, service)
    reminded(alice, server, 1, title="b")
    server.move(2 * 60)
    wait_until_told(alice, 4)
    wait_until_all_is_sent(server, alice)
    assert [each["title"] for each in received(service, gone, there)] == ["b"]


def test_what_comes_a_day_late_is_a_notification_only(
    server: ClockServer, service: PushService, alice: User, bob: User
) -> None:
    """So is what has waited for so long, as bob's for the end of quiet hours. Then the clock is set back: no session lasts so long."""
    browsers = [subscribed(user, service) for user in (alice, bob)]
    be_quiet(bob, server, minutes=20)
    reminded(bob, server, 1)
    server.move(2 * 60)
    wait_until_told(bob, 1)
    assert len(waiting(server, bob)) == 1
    reminded(alice, server, 1)
    server.move(25 * 3600)
    wait_until_all_is_sent(server, bob)
    until(lambda: not rows_of(settings_of(server), "alarms"), "no alarm")
    assert not waiting(server, alice)
    server.move(-25 * 3600)
    assert len(notifications(alice)) == 1
    assert not received(service, *browsers)


def reads_mail(user: User, mail: MailServer) -> None:
    """Have the user's address be verified, and reminders mailed to it besides."""
    token = token_of(mail.wait_for(user.email)[0])
    assert user.post("/api/auth/email/verify", json={"token": token}).status_code == 204
    answer = user.patch("/api/me/preferences", json={"reminder_channels": ["push", "email"], "language": "de"})
    assert answer.status_code == 200, answer.text


def mailed_id(notification: Thing) -> str:
    return f"<{uuid.uuid5(uuid.UUID(notification['id']), 'email')}@example.com>"


def test_the_address_is_written_to_as_well(
    server: ClockServer, service: PushService, mail: MailServer, alice: User, bob: User
) -> None:
    """In the user's language. Bob has no browser."""
    browser = subscribed(alice, service)
    home = alice.post("/api/me/lists", json={"name": "Zuhause"}).json()
    for user in (alice, bob):
        reads_mail(user, mail)
    task = reminded(alice, server, 1, list_id=home["id"])
    reminded(bob, server, 1, title="Feed the cat")
    server.move(2 * 60)
    (notification,) = wait_until_told(alice, 1)
    for user in (alice, bob):
        wait_until_all_is_sent(server, user)
    (message,) = mail.to(alice.email)[1:]
    assert "Buy oat milk" in message["Subject"]
    assert message["Message-ID"] == mailed_id(notification)
    plain = message.get_body(("plain",))
    assert plain is not None
    assert task["id"] in plain.get_content()
    assert "Liste: Zuhause" in plain.get_content()
    assert [each["notification_id"] for each in received(service, browser)] == [notification["id"]]
    assert "Feed the cat" in mail.to(bob.email)[1]["Subject"]
    # The address for whoever wants no more of them has come through.
    path = urlsplit(message["List-Unsubscribe"].strip("<>")).path
    answer = httpx.post(f"{server.url}{path}", data={"List-Unsubscribe": "One-Click"}, timeout=30, verify=TLS)
    assert answer.status_code == 200
    assert [user.get("/api/me/preferences").json()["reminder_channels"] for user in (alice, bob)] == [
        ["push"],
        ["push", "email"],
    ]


@contextmanager
def refusing(server: ClockServer, mail: MailServer, what: str, number: int) -> Iterator[None]:
    """Has the mail server refuse so many mails of this kind in the block. After it none is under way: it may be later at once."""
    refused = f"The mail of a {what} could not be sent (SMTPDataError 451)"
    before = server.log.count(refused)
    mail.answer = "451 later"
    yield
    until(lambda: server.log.count(refused) >= before + number, "as many attempts")
    mail.answer = None


def test_a_mail_server_that_fails_holds_up_no_push(
    server: ClockServer, service: PushService, mail: MailServer, alice: User
) -> None:
    """More mails wait than are sent at a time. Each comes later, once, with the id of its first attempt."""
    browser = subscribed(alice, service)
    reads_mail(alice, mail)
    for _ in range(7):
        reminded(alice, server, 1)
    with refusing(server, mail, "reminder", 7):
        server.move(2 * 60)
        told = wait_until_told(alice, 7)
        until(lambda: {row["channel"] for row in waiting(server, alice)} == {"email"}, "no push that waits")
        ids = {each["id"] for each in told}
        assert {each["notification_id"] for each in received(service, browser)} == ids
    assert not mail.to(alice.email)[1:]
    server.move(PAUSES)
    wait_until_all_is_sent(server, alice)
    assert sorted(each["Message-ID"] for each in mail.to(alice.email)[1:]) == sorted(map(mailed_id, told))


def test_a_mail_server_that_is_slow_gets_it_once(server: ClockServer, mail: MailServer, alice: User) -> None:
    """It takes longer than the pause after which another attempt is due."""
    reads_mail(alice, mail)
    reminded(alice, server, 1)
    before, mail.hesitates = mail.attempts, True
    server.move(2 * 60)
    until(lambda: mail.attempts > before, "an attempt")
    server.move(PAUSES)
    until(lambda: waiting(server, alice)[0]["attempts"] > 1, "that it is due again")
    mail.hesitates = False
    wait_until_all_is_sent(server, alice)
    assert len(mail.to(alice.email)[1:]) == 1


def test_an_address_that_is_not_verified_is_not_written_to(server: ClockServer, mail: MailServer, alice: User) -> None:
    reads_mail(alice, mail)

    def take_back(connection: Connection) -> None:
        connection.execute(update(users).where(users.c.id == alice.id).values(email_verified_at=None))

    on_connection(settings_of(server), take_back)
    reminded(alice, server, 1)
    server.move(2 * 60)
    wait_until_told(alice, 1)
    wait_until_all_is_sent(server, alice)
    assert not mail.to(alice.email)[1:]


def at_noon(server: ClockServer) -> ZoneInfo:
    """A zone in which it is about noon, so that the day stays the same."""
    return ZoneInfo(f"Etc/GMT{server.now().hour - 12:+d}")


def has_digest_soon(user: User, server: ClockServer, mail: MailServer) -> date:
    """Have the user get a digest in ten minutes. The day that it is there."""
    reads_mail(user, mail)
    here = (server.now() + 10 * MINUTE).astimezone(zone := at_noon(server))
    answer = user.patch("/api/me/preferences", json={"timezone": zone.key, "digest_at": f"{here:%H:%M}"})
    assert answer.status_code == 200, answer.text
    return here.date()


def has_digests_refused(server: ClockServer, mail: MailServer, number: int) -> None:
    """Have so many be due, while the mail server refuses them."""
    with refusing(server, mail, "digest", number):
        server.move(15 * 60)


def next_digest(server: ClockServer, user: User) -> object:
    """When it is due, as it is stored."""
    (row,) = (row for row in rows_of(settings_of(server), "preferences") if str(row["owner_id"]) == user.id)
    return row["digest_due_at"]


def titles(message: EmailMessage) -> list[str]:
    """Of the tasks in a digest in German, each after its heading."""
    lines = texts(message)[0].splitlines()
    found = [line for line in lines if line in {"Überfällig", "Heute", "Wiederkehrend"} or line.startswith("- ")]
    return [line.removeprefix("- ").partition(" (")[0] for line in found]


def test_the_digest_is_mailed_unless_there_is_nothing_in_it(
    server: ClockServer, mail: MailServer, alice: User, bob: User
) -> None:
    """In the user's language, with what the application shows."""
    day = has_digest_soon(alice, server, mail)
    assert has_digest_soon(bob, server, mail) == day
    alice.new_task("Milch", due={"date": f"{day}"})
    alice.new_task("Brot", due={"date": f"{day}", "time": "23:00"})
    alice.new_task("Blumen", due={"date": f"{day}"}, recurrence={"rule": "FREQ=DAILY"})
    for number in (1, 2):
        alice.new_task(f"Miete {number}", due={"date": f"{day - timedelta(number)}"})
    bob.new_task("Later", due={"date": f"{day + timedelta(1)}"})
    due_at = next_digest(server, bob)
    server.move(15 * 60)
    (message,) = mail.wait_for(alice.email, 2)[1:]
    expected = []
    for heading, query in (
        ("Überfällig", "overdue"),
        ("Heute", "today & !overdue & !recurring"),
        ("Wiederkehrend", "today & !overdue & recurring"),
    ):
        shown = alice.get(alice.tasks, params={"filter": query, "sort": "due"}).json()["tasks"]
        expected += [heading, *(task["title"] for task in shown)]
    assert titles(message) == expected
    assert len(expected) == 3 + 5
    assert message["Subject"].startswith("Deine Aufgaben für ")
    assert "/unsubscribe/" in message["List-Unsubscribe"]
    until(lambda: next_digest(server, bob) != due_at, "the next digest")
    wait_until_all_is_sent(server, bob)
    assert not mail.to(bob.email)[1:]


def test_a_digest_is_tried_again_and_says_what_is_so_then(
    server: ClockServer, mail: MailServer, alice: User, bob: User, carol: User
) -> None:
    """Bob has turned it off meanwhile, and Carol has moved: hers comes when it is that time next where she is."""
    for user in (alice, bob, carol):
        day = has_digest_soon(user, server, mail)
        for title in ("Milch", "Brot"):
            user.new_task(title, due={"date": f"{day}"})
    has_digests_refused(server, mail, 3)
    (first,) = waiting(server, alice)
    bob.patch("/api/me/preferences", json={"digest_at": None})
    carol.patch("/api/me/preferences", json={"timezone": "Asia/Kathmandu"})
    task = alice.get(alice.tasks).json()["tasks"][0]
    assert alice.patch(f"{alice.tasks}/{task['id']}/complete").status_code == 200
    server.move(PAUSES)
    for user in (alice, bob, carol):
        wait_until_all_is_sent(server, user)
    (message,) = mail.to(alice.email)[1:]
    assert titles(message) == ["Heute", "Milch"]
    assert message["Message-ID"] == f"<{first['id']}@example.com>"
    assert not any(mail.to(user.email)[1:] for user in (bob, carol))


def test_a_digest_of_six_hours_ago_is_not_sent(server: ClockServer, mail: MailServer, alice: User) -> None:
    day = has_digest_soon(alice, server, mail)
    alice.new_task(due={"date": f"{day}"})
    has_digests_refused(server, mail, 1)
    server.move(6 * 3600)
    wait_until_all_is_sent(server, alice)
    server.move(-6 * 3600)
    assert not mail.to(alice.email)[1:]

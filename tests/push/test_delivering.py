"""What becomes of a subscription when a message is delivered to it, and when it is not."""

import asyncio
import uuid
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from pydantic import SecretStr

from doable import clock
from doable.accounts.gate.credentials import Credential
from doable.accounts.gate.repository import revoke
from doable.database import Database, Transaction, open_database
from doable.errors import Unauthenticated
from doable.push.push import Push
from doable.push.sealing import Message, Subscription
from doable.push.sending import Outcome, Sent
from doable.settings import Settings
from support import schema
from support.push import Browser, PushService, claims_of
from support.server import SECRET, Server
from support.users import User

MESSAGE = Message("reminder", str(uuid.uuid4()), str(uuid.uuid4()), "Buy oat milk", "2026-11-26T09:00:00.000000Z")
Test = Callable[[Push, Database], Awaitable[None]]


@pytest.fixture(scope="module")
def running() -> Iterator[PushService]:
    with PushService() as service:
        yield service


@pytest.fixture
def service(running: PushService) -> PushService:
    running.status, running.headers = 201, {}
    return running


@pytest.fixture
def run(server: Server, service: PushService) -> Callable[[Test], None]:
    """Runs a test with the parts of a server that may send to the service, on the database of the one that runs."""
    found = schema.settings_of(server)
    settings = Settings(
        _env_file=None,
        data_dir=found.data_dir,
        database_url=found.database_url,
        secret_key=SecretStr(SECRET),
        push_hosts=service.host,
        mail_from="Tasks <tasks@example.com>",
    )

    def run(test: Test) -> None:
        async def with_database() -> None:
            async with asyncio.timeout(60), open_database(settings) as database:
                await test(Push(database, settings), database)

        asyncio.run(with_database())

    return run


def credential_of(user: User) -> Credential:
    return Credential(user.id, str(uuid.uuid4()), datetime.now(UTC) + timedelta(minutes=5))


async def subscribe(push: Push, database: Database, user: User, browser: Browser) -> str:
    subscription = Subscription(browser.endpoint, **browser.keys, server_key=push.server_key)
    row, is_new = await database.write(push.subscriptions.add(credential_of(user), subscription))
    assert is_new
    found: str = row["id"]
    return found


def test_a_message_reaches_the_browser_that_subscribed(
    run: Callable[[Test], None], service: PushService, alice: User, bob: User
) -> None:
    async def test(push: Push, database: Database) -> None:
        browser = service.browser()
        one = await subscribe(push, database, alice, browser)

        assert await push.deliver(alice.id, one, MESSAGE) == Sent(Outcome.DELIVERED)
        request = service.requests.get_nowait()
        assert browser.decrypt(request.body)["title"] == "Buy oat milk"
        key = alice.get("/api/me/push").json()["public_key"]
        claims = claims_of(request.headers["Authorization"], key)
        assert (claims["aud"], claims["sub"]) == (service.url, "mailto:tasks@example.com")
        # It is nobody else's.
        assert await push.deliver(bob.id, one, MESSAGE) == Sent(Outcome.GONE)
        assert await push.deliver(alice.id, str(uuid.uuid4()), MESSAGE) == Sent(Outcome.GONE)
        assert service.requests.empty()

    run(test)
    assert len(alice.get("/api/me/push/subscriptions").json()["subscriptions"]) == 1


@pytest.mark.parametrize("status", [404, 410])
def test_a_subscription_that_is_gone_is_removed(
    run: Callable[[Test], None], service: PushService, alice: User, status: int
) -> None:
    async def test(push: Push, database: Database) -> None:
        one, other = [await subscribe(push, database, alice, service.browser()) for _ in range(2)]
        service.status = status
        assert await push.deliver(alice.id, one, MESSAGE) == Sent(Outcome.GONE)
        service.requests.get_nowait()
        assert await push.deliver(alice.id, one, MESSAGE) == Sent(Outcome.GONE)
        assert service.requests.empty()
        left = alice.get("/api/me/push/subscriptions").json()["subscriptions"]
        assert [each["id"] for each in left] == [other]

    run(test)


def test_a_subscription_that_fails_for_30_days_is_removed(
    run: Callable[[Test], None], service: PushService, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = clock.now()

    def at(days: float) -> None:
        monkeypatch.setattr(clock, "now", lambda: now + timedelta(days=days))

    async def test(push: Push, database: Database) -> None:
        one = await subscribe(push, database, alice, service.browser())

        async def deliver(status: int) -> Outcome:
            service.status = status
            sent = await push.deliver(alice.id, one, MESSAGE)
            service.requests.get_nowait()
            return sent.outcome

        assert await deliver(503) is Outcome.AGAIN
        at(29)
        assert await deliver(503) is Outcome.AGAIN
        # A delivery, and everything begins anew.
        assert await deliver(201) is Outcome.DELIVERED
        # It fails today and in a month: nobody knows that it did all the while.
        at(31)
        assert await deliver(403) is Outcome.AGAIN
        at(62)
        assert await deliver(403) is Outcome.AGAIN
        for days in (62.1, 69, 75.9, 82.8, 89.7, 91.9):
            at(days)
            assert await deliver(403) is Outcome.AGAIN
        assert len(alice.get("/api/me/push/subscriptions").json()["subscriptions"]) == 1
        at(92.1)
        assert await deliver(403) is Outcome.GONE
        assert alice.get("/api/me/push/subscriptions").json()["subscriptions"] == []

    run(test)


def test_a_pause_that_the_service_asks_for_is_handed_on(
    run: Callable[[Test], None], service: PushService, alice: User
) -> None:
    async def test(push: Push, database: Database) -> None:
        one = await subscribe(push, database, alice, service.browser())
        service.status, service.headers = 429, {"Retry-After": "90"}
        assert await push.deliver(alice.id, one, MESSAGE) == Sent(Outcome.AGAIN, timedelta(seconds=90))
        service.requests.get_nowait()

    run(test)


def test_a_log_in_that_is_revoked_meanwhile_subscribes_nothing(
    run: Callable[[Test], None], service: PushService, alice: User
) -> None:
    async def test(push: Push, database: Database) -> None:
        credential = credential_of(alice)

        async def revoke_it(tx: Transaction) -> None:
            await revoke(tx, credential.id, clock.now() + timedelta(hours=1))

        await database.write(revoke_it)
        browser = service.browser()
        subscription = Subscription(browser.endpoint, **browser.keys, server_key=push.server_key)
        with pytest.raises(Unauthenticated):
            await database.write(push.subscriptions.add(credential, subscription))
        # So with a user who is removed meanwhile.
        with pytest.raises(Unauthenticated):
            await database.write(
                push.subscriptions.add(replace(credential_of(alice), user_id=str(uuid.uuid4())), subscription)
            )

    run(test)
    assert alice.get("/api/me/push/subscriptions").json()["subscriptions"] == []

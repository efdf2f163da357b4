"""Sends to a push service that decrypts what it gets, and to some that nobody should be sent to."""

import asyncio
import base64
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from cryptography.exceptions import InvalidTag
from pydantic import TypeAdapter

from database.works import until
from doable.push import sending
from doable.push.sealing import Message, ServerKeys, Subscription
from doable.push.sending import Outcome, Sender, Sent, pause_of
from doable.settings.types import PushHosts
from support.certificates import self_signed
from support.push import Browser, PushService, claims_of

SECRET, EARLIER = b"a secret of more than 32 bytes, for push", b"an earlier secret of more than 32 bytes"
CONTACT = "mailto:tasks@example.com"
MESSAGE = Message(
    kind="reminder",
    notification_id="2c7c1f0e-5b0a-4a58-9f5c-6f8a6c5c7a10",
    task_id="0f8fad5b-d9cb-469f-a165-70867728950e",
    title="Buy oat milk 🥛",
    remind_at="2026-11-26T09:00:00.000000Z",
)


def keys() -> ServerKeys:
    return ServerKeys([SECRET, EARLIER], CONTACT)


def subscription_of(browser: Browser, server_key: str | None = None) -> Subscription:
    return Subscription(browser.endpoint, **browser.keys, server_key=server_key or keys().present.public)


def sender(hosts: str) -> Sender:
    return Sender(TypeAdapter(PushHosts).validate_python(hosts), keys())


def send(browser: Browser, hosts: str, message: Message = MESSAGE) -> Sent:
    return asyncio.run(sender(hosts).send(subscription_of(browser), message))


@pytest.fixture(scope="module")
def running() -> Iterator[PushService]:
    with PushService() as service:
        yield service


@pytest.fixture
def service(running: PushService) -> PushService:
    running.status, running.headers, running.respond = 201, {}, running.answer
    return running


def test_a_message_can_be_read_by_its_browser_alone(service: PushService) -> None:
    browser = service.browser()
    before = time.time()
    assert send(browser, service.host) == Sent(Outcome.DELIVERED)
    request = service.requests.get_nowait()
    assert f"{service.url}{request.path}" == browser.endpoint
    assert browser.decrypt(request.body) == {
        "kind": "reminder",
        "notification_id": MESSAGE.notification_id,
        "task_id": MESSAGE.task_id,
        "title": "Buy oat milk 🥛",
        "remind_at": "2026-11-26T09:00:00.000000Z",
    }
    # Nothing of it is to be seen, and nobody else can read it.
    assert b"oat milk" not in request.body
    with pytest.raises(InvalidTag):
        service.browser().decrypt(request.body)
    claims = claims_of(request.headers["Authorization"], keys().present.public)
    assert claims.keys() == {"aud", "exp", "sub"}
    assert claims["aud"] == service.url
    assert claims["sub"] == CONTACT
    assert before + 3600 < claims["exp"] < time.time() + 24 * 3600
    assert request.headers["Host"] == service.host
    assert request.headers["TTL"] == "86400"
    assert request.headers["Content-Encoding"] == "aes128gcm"
    assert request.headers["Topic"] == MESSAGE.notification_id.replace("-", "")
    assert len(request.headers["Topic"]) <= 32
    assert request.headers["Urgency"] == "high"


def test_each_message_is_encrypted_anew(service: PushService) -> None:
    browser = service.browser()
    bodies = []
    for _ in range(2):
        send(browser, service.host)
        bodies.append(service.requests.get_nowait().body)
    assert bodies[0][:16] != bodies[1][:16]
    assert bodies[0][21:86] != bodies[1][21:86]


def test_the_longest_title_fits_into_what_a_service_takes(service: PushService) -> None:
    browser = service.browser()
    title = "🥛" * 200
    assert send(browser, service.host, replace(MESSAGE, title=title)) == Sent(Outcome.DELIVERED)
    assert browser.decrypt(service.requests.get_nowait().body)["title"] == title


def test_a_subscription_of_an_earlier_secret_is_sent_what_that_signs(service: PushService) -> None:
    browser = service.browser()
    earlier = ServerKeys([EARLIER], CONTACT).present.public
    assert earlier != keys().present.public
    sent = asyncio.run(sender(service.host).send(subscription_of(browser, earlier), MESSAGE))
    assert sent == Sent(Outcome.DELIVERED)
    claims_of(service.requests.get_nowait().headers["Authorization"], earlier)


def test_a_subscription_of_a_key_that_is_gone_is_not_sent_to(service: PushService) -> None:
    browser = service.browser()
    unknown = ServerKeys([b"a secret that nobody knows any longer"], CONTACT).present.public
    assert asyncio.run(sender(service.host).send(subscription_of(browser, unknown), MESSAGE)) == Sent(Outcome.AGAIN)
    assert service.requests.empty()


def test_the_key_is_the_same_for_every_process_and_none_of_the_secrets_others() -> None:
    assert keys().present.public == ServerKeys([SECRET], "https://example.com").present.public
    assert len(base64.urlsafe_b64decode(keys().present.public + "=")) == 65


@pytest.mark.parametrize(
    ("status", "headers", "sent"),
    [
        (200, {}, Sent(Outcome.DELIVERED)),
        (202, {"Retry-After": "5"}, Sent(Outcome.DELIVERED)),
        (204, {}, Sent(Outcome.DELIVERED)),
        (404, {}, Sent(Outcome.GONE)),
        (410, {}, Sent(Outcome.GONE)),
        (400, {}, Sent(Outcome.AGAIN)),
        (403, {}, Sent(Outcome.AGAIN)),
        (413, {}, Sent(Outcome.AGAIN)),
        (429, {}, Sent(Outcome.AGAIN)),
        (429, {"Retry-After": "120"}, Sent(Outcome.AGAIN, timedelta(seconds=120))),
        (429, {"Retry-After": "9" * 30}, Sent(Outcome.AGAIN, timedelta(days=1))),
        (500, {"Retry-After": "soon"}, Sent(Outcome.AGAIN)),
        (503, {"retry-after": "0"}, Sent(Outcome.AGAIN, timedelta(0))),
    ],
)
def test_what_the_service_answers_decides(
    service: PushService, status: int, headers: dict[str, str], sent: Sent
) -> None:
    service.status, service.headers = status, headers
    assert send(service.browser(), service.host) == sent
    service.requests.get_nowait()


def test_a_pause_may_be_said_as_a_date() -> None:
    now = datetime.now(UTC)
    pause = pause_of(format_datetime(now + timedelta(hours=2), usegmt=True))
    assert pause is not None
    assert timedelta(hours=1, minutes=59) < pause <= timedelta(hours=2)
    assert pause_of(format_datetime(now - timedelta(hours=2), usegmt=True)) == timedelta(0)
    assert pause_of(format_datetime(now + timedelta(days=400), usegmt=True)) == timedelta(days=1)
    far = f"Thu, 26 Nov {'9' * 20} 00:00:00 GMT"
    for text in ("", "-1", "1.5", "٣", "Sun, 99 Nov 2026 00:00:00 GMT", far, "tomorrow"):
        assert pause_of(text) is None


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_no_redirect_is_followed(service: PushService, status: int) -> None:
    with PushService() as other:
        service.status, service.headers = status, {"Location": f"{other.url}/elsewhere"}
        # Even if that host would be allowed.
        assert send(service.browser(), f"{service.host},{other.host}") == Sent(Outcome.AGAIN)
        service.requests.get_nowait()
        assert other.requests.empty()


def test_a_host_that_is_not_named_any_longer_is_not_sent_to(service: PushService) -> None:
    assert send(service.browser(), "push.example.com") == Sent(Outcome.AGAIN)
    assert service.requests.empty()


def raw(answer: bytes) -> Callable[[BaseHTTPRequestHandler], None]:
    def respond(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(answer)
        handler.close_connection = True

    return respond


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 201 Created\r\n\r\n", Outcome.DELIVERED),
        (b"HTTP/1.0 201 Created\r\n\r\nand a body that nobody reads", Outcome.DELIVERED),
        (b"HTTP/1.1 100 Continue\r\n\r\n", Outcome.AGAIN),
        (b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: a\r\nConnection: upgrade\r\n\r\n", Outcome.AGAIN),
        (b"", Outcome.AGAIN),
        (b"HTTP/1.1 201 Created\r\nServer: no end", Outcome.AGAIN),
        (b"SSH-2.0-OpenSSH_9.2p1\r\n", Outcome.AGAIN),
        (b"\x00\xff" * 100, Outcome.AGAIN),
        (b"HTTP/1.1 999999 Created\r\n\r\n", Outcome.AGAIN),
    ],
)
def test_an_answer_is_read_as_far_as_it_is_one(service: PushService, answer: bytes, outcome: Outcome) -> None:
    service.respond = raw(answer)
    assert send(service.browser(), service.host).outcome is outcome
    service.requests.get_nowait()


def test_little_is_read_of_an_answer_that_has_no_end(service: PushService) -> None:
    ended = Event()

    def answer(handler: BaseHTTPRequestHandler) -> None:
        with suppress(OSError):
            handler.wfile.write(b"HTTP/1.1 201 Created\r\n")
            while True:
                handler.wfile.write(b"X: " + b"a" * 1000 + b"\r\n")
        ended.set()

    service.respond = answer
    assert send(service.browser(), service.host) == Sent(Outcome.AGAIN)
    assert ended.wait(30)
    service.requests.get_nowait()


def test_an_answer_that_takes_too_long_is_given_up(service: PushService, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "WAIT_SECONDS", 1.0)  # time enough for the answer to begin
    ended = Event()

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.connection.settimeout(0.01)
        with suppress(ConnectionError):
            handler.wfile.write(b"HTTP/1.1 201 Created\r\nX: ")
            while True:
                # A little again and again, so that no single read takes long.
                handler.wfile.write(b"a")
                with suppress(TimeoutError):
                    if not handler.connection.recv(1):
                        break
        handler.close_connection = True
        ended.set()

    service.respond = answer
    assert send(service.browser(), service.host) == Sent(Outcome.AGAIN)
    assert ended.wait(30)
    service.requests.get_nowait()


def test_a_service_that_hangs_holds_up_no_other(service: PushService, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two messages at a time try whether it answers again; what comes besides is put off at once."""
    released = Event()

    def respond(handler: BaseHTTPRequestHandler) -> None:
        released.wait(30)
        with suppress(OSError):  # some have given up
            hanging.answer(handler)

    async def test() -> None:
        hosts = sender(f"{hanging.host},{service.host}")
        stuck, other = subscription_of(hanging.browser()), subscription_of(service.browser())
        monkeypatch.setattr(sending, "WAIT_SECONDS", 0.1)
        assert await hosts.send(stuck, MESSAGE) == Sent(Outcome.AGAIN)
        monkeypatch.undo()
        tried = [asyncio.create_task(hosts.send(stuck, MESSAGE)) for _ in range(sending.TO_ONE_THAT_HANGS)]
        await asyncio.sleep(0)  # so that they have begun
        assert await hosts.send(stuck, MESSAGE) == Sent(Outcome.AGAIN)
        assert await hosts.send(other, MESSAGE) == Sent(Outcome.DELIVERED)
        service.requests.get_nowait()
        assert not any(each.done() for each in tried)
        released.set()
        assert await asyncio.gather(*tried) == [Sent(Outcome.DELIVERED)] * len(tried)
        again = [hosts.send(stuck, MESSAGE) for _ in range(2 * sending.TO_ONE_THAT_HANGS)]
        assert await asyncio.gather(*again) == [Sent(Outcome.DELIVERED)] * len(again)

    with PushService() as hanging:
        hanging.respond = respond
        asyncio.run(test())


def test_nobody_listens(caplog: pytest.LogCaptureFixture) -> None:
    # Bound, so that nobody else gets the port.
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        host = f"127.0.0.1:{silent.getsockname()[1]}"
        assert send(Browser(f"http://{host}/a"), host) == Sent(Outcome.AGAIN)
    assert "ConnectionRefusedError" in caplog.text


Found = list[tuple[Any, ...]]


class Names:
    """A name server in the hands of somebody who means ill: it answers these addresses, one after another."""

    def __init__(self, *answers: tuple[str, ...]) -> None:
        self.answers = list(answers)
        self.asked: list[str] = []

    def __call__(self, host: str, port: int, *_: Any, **__: Any) -> Found:
        self.asked.append(host)
        addresses = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return [self._entry(address, port) for address in addresses]

    @staticmethod
    def _entry(address: str, port: int) -> tuple[Any, ...]:
        if ":" in address:
            return socket.AF_INET6, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", (address, port, 0, 0)
        return socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", (address, port)


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "0.0.0.0", "::1", "::", "::ffff:127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::"],  # noqa: S104 - nobody binds to it
)
def test_a_name_that_leads_to_this_machine_is_not_connected_to(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    names = Names((address,))
    monkeypatch.setattr(socket, "getaddrinfo", names)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0)
        host = f"push.example.com:{listener.getsockname()[1]}"
        assert send(Browser(f"https://{host}/a"), host) == Sent(Outcome.AGAIN)
        with pytest.raises(BlockingIOError):
            listener.accept()
    assert names.asked == ["push.example.com"]


def test_the_address_that_was_checked_is_connected_to(service: PushService, monkeypatch: pytest.MonkeyPatch) -> None:
    names = Names(("127.0.0.1",), ("127.0.0.2",))
    monkeypatch.setattr(socket, "getaddrinfo", names)
    host = f"localhost:{service.port}"
    with socket.create_server(("127.0.0.2", service.port)) as other:
        other.settimeout(0)
        assert send(Browser(f"http://{host}/a"), host) == Sent(Outcome.DELIVERED)
        with pytest.raises(BlockingIOError):
            other.accept()
    assert names.asked == ["localhost"]
    # By its name, all the same.
    assert service.requests.get_nowait().headers["Host"] == host


def test_addresses_that_are_not_allowed_are_passed_over(service: PushService, monkeypatch: pytest.MonkeyPatch) -> None:
    # The first two may not be connected to, and nobody listens at the third.
    monkeypatch.setattr(socket, "getaddrinfo", Names(("10.0.0.1", "fe80::1", "127.0.0.3", "127.0.0.1")))
    host = f"localhost:{service.port}"
    assert send(Browser(f"http://{host}/a"), host) == Sent(Outcome.DELIVERED)
    service.requests.get_nowait()


def test_a_name_server_that_does_not_answer_takes_no_more_threads(
    service: PushService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "WAIT_SECONDS", 0.1)
    monkeypatch.setattr(sending, "TOGETHER", 2)
    answers = Event()
    asked = 0

    def wait(*_: Any, **__: Any) -> Found:
        nonlocal asked
        asked += 1
        assert answers.wait(30)
        raise socket.gaierror

    monkeypatch.setattr(socket, "getaddrinfo", wait)

    async def send_three() -> list[Sent]:
        one = sender(service.host)
        first = [one.send(subscription_of(service.browser()), MESSAGE) for _ in range(2)]
        sent = await asyncio.gather(*first)
        await until(lambda: asked == 2)
        last = asyncio.create_task(one.send(subscription_of(service.browser()), MESSAGE))
        await asyncio.wait({last}, timeout=0.2)
        assert asked == 2
        answers.set()
        sent.append(await last)
        await until(lambda: asked == 3)
        return sent

    assert asyncio.run(send_three()) == [Sent(Outcome.AGAIN)] * 3


@pytest.fixture
def trusting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ssl.SSLContext]:
    """What a server needs that is trusted as `localhost`."""
    context, certificate = self_signed(tmp_path, "localhost")
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    sending._context.cache_clear()  # noqa: SLF001
    yield context
    sending._context.cache_clear()  # noqa: SLF001


def test_the_certificate_must_be_of_the_hosts_name(trusting: ssl.SSLContext) -> None:
    asked_for: list[str | None] = []
    trusting.sni_callback = lambda _, name, __: asked_for.append(name)
    with PushService(trusting) as service:
        browser = Browser(f"https://localhost:{service.port}/a")
        assert send(browser, f"localhost:{service.port}") == Sent(Outcome.DELIVERED)
        assert asked_for == ["localhost"]
        request = service.requests.get_nowait()
        assert request.headers["Host"] == f"localhost:{service.port}"
        claims = claims_of(request.headers["Authorization"], keys().present.public)
        assert claims["aud"] == f"https://localhost:{service.port}"
        # The same server by another name.
        assert send(service.browser(), service.host) == Sent(Outcome.AGAIN)
        assert service.requests.empty()


def test_a_certificate_that_nobody_trusts_will_not_do(tmp_path: Path) -> None:
    context, _ = self_signed(tmp_path)
    with PushService(context) as service:
        assert send(service.browser(), service.host) == Sent(Outcome.AGAIN)
        assert service.requests.empty()


def test_the_log_says_once_that_a_service_fails_and_nothing_of_the_endpoint(
    service: PushService, caplog: pytest.LogCaptureFixture
) -> None:
    browser = service.browser()

    async def send_some() -> None:
        one = sender(service.host)
        # One that is refused says nothing of the service: others' messages go through.
        for status in (403, 503, 429, 403, 201, 403, 201, 400, 410, 500):
            service.status = status
            await one.send(subscription_of(browser), MESSAGE)
            service.requests.get_nowait()

    asyncio.run(send_some())
    assert [record.getMessage() for record in caplog.records if record.name == "doable.push.sending"] == [
        "The push service 127.0.0.1 refuses a message: it answers 403",
        "The push service 127.0.0.1 does not take a message: it answers 503",
        "The push service 127.0.0.1 takes messages again",
        "The push service 127.0.0.1 refuses a message: it answers 400",
        "The push service 127.0.0.1 does not take a message: it answers 500",
    ]

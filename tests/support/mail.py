"""Mail of the tests: what a server has written to files, and SMTP servers that take it, refuse it or hang."""

import asyncio
import re
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from functools import cache
from pathlib import Path
from threading import Event, Thread
from typing import Any, Self

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from support.ports import free_port
from support.schema import rows_of, settings_of
from support.server import Server

# Longer than the 30 seconds after which a mail is tried again: on a machine that is full, the first attempt may fail.
DEADLINE_SECONDS = 45


def parsed(content: bytes) -> EmailMessage:
    """A mail."""
    message = message_from_bytes(content, _class=EmailMessage, policy=default)
    assert isinstance(message, EmailMessage)
    return message


def until(found: Callable[[], Any], what: str) -> Any:
    """What it finds, as soon as it finds something."""
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not (result := found()):
        assert time.monotonic() < deadline, what
        time.sleep(0.02)
    return result


def written(server: Server, address: str) -> list[EmailMessage]:
    """The mails to this address that were written to files, the oldest first."""
    files = sorted(
        (path.stat().st_mtime_ns, path) for path in (Path(server.settings["DATA_DIR"]) / "mail").glob("*.eml")
    )
    return [message for at, path in files if (message := _read(path, at))["To"] == address]


@cache
def _read(path: Path, _written_at: int) -> EmailMessage:
    """The mail in a file. To parse hundreds of them again, each time that one looks, would be most of what a test does."""
    return parsed(path.read_bytes())


def about(server: Server, address: str, subject: str, number: int = 1) -> list[EmailMessage]:
    """The mails to this address with these words in the subject, once there are so many."""

    def found() -> list[EmailMessage]:
        mails = [each for each in written(server, address) if subject in each["Subject"]]
        return mails if len(mails) >= number else []

    mails: list[EmailMessage] = until(found, f"{number} mails about {subject}")
    return mails


def texts(message: EmailMessage) -> tuple[str, str]:
    """Its plain text and its HTML."""
    plain, html = message.get_body(("plain",)), message.get_body(("html",))
    assert isinstance(plain, EmailMessage)
    assert isinstance(html, EmailMessage)
    return plain.get_content(), html.get_content()


def link_of(message: EmailMessage) -> str:
    """The one link, which is the same in both."""
    plain, html = texts(message)
    (link,) = re.findall(r"https?://\S+", plain)
    assert re.findall(r'href="([^"]+)"', html) == [link]
    found: str = link
    return found


def token_of(message: EmailMessage) -> str:
    """The token in its link."""
    match = re.fullmatch(r"https?://[^#]+#token=([\w-]{64})", link_of(message))
    assert match
    return match[1]


def reset_token(server: Server, address: str, number: int = 1) -> str:
    """The newest of so many tokens to reset a password."""
    return token_of(about(server, address, "Choose a new password", number)[-1])


def verification_token(server: Server, address: str, number: int = 1) -> str:
    """The newest of so many tokens to verify an address."""
    return token_of(about(server, address, "Verify your", number)[-1])


def wait_until_all_is_sent(server: Server) -> None:
    """Until nothing is in the outbox."""
    until(lambda: not rows_of(settings_of(server), "outbox"), "an empty outbox")


class MailServer:
    """A real SMTP server that keeps what it takes. `answer`, where it is set, is what it says to each mail instead.

    While it `hesitates` it is long in saying so.
    """

    def __init__(self, port: int | None = None, **parameters: Any) -> None:
        self.port = port or free_port()
        self.mails: list[EmailMessage] = []
        self.sessions: list[Session] = []
        self.envelopes: list[Envelope] = []
        self.attempts = 0
        self.answer: str | None = None
        self.hesitates = False
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port, **parameters)

    @property
    def loop(self) -> asyncio.AbstractEventLoop:
        """On which it runs."""
        return self._controller.loop

    @property
    def url(self) -> str:
        """For SMTP_URL."""
        return f"smtp://127.0.0.1:{self.port}"

    def to(self, address: str) -> list[EmailMessage]:
        """The mails to this address."""
        return [mail for mail in list(self.mails) if mail["To"] == address]

    def wait_for(self, address: str, number: int = 1) -> list[EmailMessage]:
        """The mails to this address, once there are so many."""
        mails: list[EmailMessage] = until(
            lambda: found if len(found := self.to(address)) >= number else None, f"{number} mails"
        )
        return mails

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd calls it so
        self.attempts += 1
        while self.hesitates:
            await server.push("250-wait")  # so that nobody gives up
            await asyncio.sleep(0.1)
        if self.answer is not None:
            return self.answer
        assert isinstance(envelope.content, bytes)
        self.sessions.append(session)
        self.envelopes.append(envelope)
        self.mails.append(parsed(envelope.content))
        return "250 OK"

    def __enter__(self) -> Self:
        self._controller.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._controller.stop()


class HangingServer:
    """Accepts connections and never says a word. `gave_up` counts those that were closed from the other side."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.url = f"smtp://127.0.0.1:{self.port}"
        self.connected = Event()
        self.gave_up = 0

    def __enter__(self) -> Self:
        Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                self.connected.set()
                Thread(target=self._wait, args=(connection,), daemon=True).start()

    def _wait(self, connection: socket.socket) -> None:
        with connection, suppress(OSError):
            while connection.recv(1024):
                pass
        self.gave_up += 1

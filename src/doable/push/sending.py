"""Sends one message to one push service, over a connection of its own, in a thread.

Whoever subscribes says where to, so nothing about this trusts the address: it is connected to as it was checked, no
redirect is followed, little is read, and not for long.
"""

import asyncio
import logging
import socket
import ssl
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, timedelta
from email.utils import parsedate_to_datetime
from enum import Enum, auto
from functools import cache
from http import HTTPStatus
from typing import Any, Final

from httptools import HttpParserError, HttpParserUpgrade, HttpResponseParser

from doable import __version__, clock
from doable.background import in_thread
from doable.errors import PushHostRefused
from doable.push.endpoints import Endpoint, endpoint_of
from doable.push.sealing import LASTS, Message, ServerKeys, Subscription
from doable.settings import PushHost

logger = logging.getLogger(__name__)

WAIT_SECONDS: Final = 10.0
"""How long one message may take in all."""
CONNECT_SECONDS: Final = 3.0
"""How long one of a host's addresses may take to be connected to."""
TOO_LONG: Final = "it takes longer than 10 seconds"
NO_THREAD: Final = "this process can start no more threads"
TOGETHER: Final = 20
"""How many threads send at a time. One that waits for a name server counts until it ends."""
TO_ONE_THAT_HANGS: Final = 2
"""How many of them send to a service that has just not answered in time: the rest is for the others."""
MAX_ADDRESSES: Final = 3
"""How many addresses of a host are tried."""
MAX_BYTES: Final = 8192
"""How much of an answer is read: its head, of which the status and one header matter."""

REFUSALS: Final = {HTTPStatus.BAD_REQUEST, HTTPStatus.FORBIDDEN, HTTPStatus.REQUEST_ENTITY_TOO_LARGE}
"""What may be wrong with one subscription or message alone, or with all of this server's."""


class Outcome(Enum):
    """What became of a message."""

    DELIVERED = auto()
    """The service has it."""
    GONE = auto()
    """The browser does not want any more, or there is no such subscription."""
    AGAIN = auto()
    """It may go another time."""


@dataclass(frozen=True, slots=True)
class Sent:
    """The outcome, and for `AGAIN` how long the service wants to be left in peace, if it says so."""

    outcome: Outcome
    retry_after: timedelta | None = None


class NotDelivered(Exception):
    """The service has not taken the message. The text says why, in words of Doable's."""

    def __init__(self, reason: str, retry_after: timedelta | None = None, *, is_refused: bool = False) -> None:
        super().__init__(reason)
        self.retry_after = retry_after
        self.is_refused = is_refused
        """Whether it is this message that the service does not take. It may take those to other browsers."""


class Sender:
    """Sends messages to the hosts in `PUSH_HOSTS`, with the keys of this server."""

    def __init__(self, hosts: Sequence[PushHost], server_keys: ServerKeys) -> None:
        self._hosts = hosts
        self._keys = server_keys
        self._free = asyncio.Semaphore(TOGETHER)
        self._under_way: Counter[PushHost] = Counter()
        self._hanging: set[PushHost] = set()
        self._failing: set[PushHost] = set()
        self._refusing: set[tuple[PushHost, str]] = set()

    async def send(self, subscription: Subscription, message: Message) -> Sent:
        """Send it. Never raises: what went wrong may be mended before the next time, and is in the log once for each service."""
        key = self._keys.find(subscription.server_key)
        try:
            endpoint = endpoint_of(subscription.endpoint, self._hosts)
        except PushHostRefused:
            # It was allowed when it was stored, and may be again.
            return Sent(Outcome.AGAIN)
        if key is None:
            return Sent(Outcome.AGAIN)
        service, exchange = endpoint.service, Exchange(endpoint)
        if service in self._hanging and self._under_way[service] >= TO_ONE_THAT_HANGS:
            return Sent(Outcome.AGAIN)
        self._under_way[service] += 1
        try:
            is_wanted = await self._run(lambda: exchange.post(*key.seal(message, subscription, endpoint)), exchange)
        except NotDelivered as failure:
            self._note(endpoint, failure)
            return Sent(Outcome.AGAIN, failure.retry_after)
        finally:
            self._under_way[service] -= 1
        self._note(endpoint, None)
        return Sent(Outcome.DELIVERED if is_wanted else Outcome.GONE)

    async def _run(self, post: Callable[[], bool], exchange: "Exchange") -> bool:
        """Whether the subscription still exists. Raises NotDelivered, after WAIT_SECONDS at the latest."""
        await self._free.acquire()
        try:
            running = in_thread("push", post)
        except RuntimeError as error:  # there can be no more threads
            self._free.release()
            raise NotDelivered(NO_THREAD) from error
        running.add_done_callback(self._give_back)
        try:
            done, _ = await asyncio.wait({running}, timeout=WAIT_SECONDS)
        finally:
            # A thread cannot be cancelled, but its connection can be shut down.
            exchange.cut()
        if not done:
            raise NotDelivered(TOO_LONG)
        return running.result()

    def _give_back(self, running: "asyncio.Future[bool]") -> None:
        self._free.release()
        if not running.cancelled():
            running.exception()  # or the loop says that nobody has looked

    def _note(self, endpoint: Endpoint, failure: NotDelivered | None) -> None:
        """Say in the log once that a service fails, and once that it does not any longer. The endpoint itself is a secret.

        A refusal is said once as well, since a wrong contact or clock of the server's looks like it. It says nothing of the service.
        """
        service = endpoint.service
        if failure is not None and str(failure) in {TOO_LONG, TimeoutError.__name__}:
            self._hanging.add(service)
        else:
            self._hanging.discard(service)
        if failure is None:
            if service in self._failing:
                self._failing.discard(service)
                logger.warning("The push service %s takes messages again", service.name)
        elif failure.is_refused:
            if (service, str(failure)) not in self._refusing:
                self._refusing.add((service, str(failure)))
                logger.warning("The push service %s refuses a message: %s", service.name, failure)
        elif service not in self._failing:
            self._failing.add(service)
            logger.warning("The push service %s does not take a message: %s", service.name, failure)


class Exchange:
    """One request to a service, and the beginning of its answer. Everything blocks but `cut`, which another thread may call."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        self._socket: socket.socket | None = None
        self._is_cut = False

    def cut(self) -> None:
        """End it wherever it is."""
        self._is_cut = True
        if self._socket is not None:
            with suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)

    def post(self, headers: Mapping[str, str], body: bytes) -> bool:
        """Send the message. Answers whether the subscription still exists. Raises NotDelivered."""
        endpoint = self._endpoint
        try:
            with self._connect() as connection:
                connection.sendall(_head(endpoint, headers, len(body)) + body)
                answer = _read(connection)
        except OSError as error:
            raise NotDelivered(type(error).__name__) from None
        if answer.status in {HTTPStatus.NOT_FOUND, HTTPStatus.GONE}:
            return False
        if not HTTPStatus(200) <= answer.status < HTTPStatus(300):
            # No redirect is followed: it may lead anywhere.
            reason = f"it answers {answer.status}"
            raise NotDelivered(reason, answer.retry_after, is_refused=answer.status in REFUSALS)
        return True

    def _connect(self) -> socket.socket:
        """A connection to one of the addresses that the host has now, each checked just before."""
        host, port = self._endpoint.host.strip("[]"), self._endpoint.port
        # Asked once: a second answer might be another.
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
        checked = [each for each in found if self._endpoint.may_be_at(str(each[4][0]))]
        failure: Exception = NotDelivered("its name leads to no address that may be connected to")
        for family, _, _, _, address in checked[:MAX_ADDRESSES]:
            connection = socket.socket(family, socket.SOCK_STREAM)
            try:
                return self._open(connection, address, host)
            except OSError as error:
                failure = error
        raise failure

    def _open(self, connection: socket.socket, address: Any, host: str) -> socket.socket:
        try:
            connection.settimeout(CONNECT_SECONDS)
            connection.connect(address)
            connection.settimeout(WAIT_SECONDS)
            if self._endpoint.scheme == "https":
                connection = _context().wrap_socket(connection, server_hostname=host, do_handshake_on_connect=False)
            self._hold(connection)
            if isinstance(connection, ssl.SSLSocket):
                connection.do_handshake()
        except BaseException:
            connection.close()
            raise
        return connection

    def _hold(self, connection: socket.socket) -> None:
        self._socket = connection
        if self._is_cut:
            raise TimeoutError


@cache
def _context() -> ssl.SSLContext:
    """Takes tens of milliseconds, so it is made when a server that has subscriptions first sends."""
    return ssl.create_default_context()


def _head(endpoint: Endpoint, headers: Mapping[str, str], length: int) -> bytes:
    of_the_connection = {
        "Host": endpoint.authority,
        "Content-Length": str(length),
        "Connection": "close",
        "User-Agent": f"doable/{__version__}",
    }
    lines = [f"{name}: {value}" for name, value in {**of_the_connection, **headers}.items()]
    return "\r\n".join([f"POST {endpoint.target} HTTP/1.1", *lines, "", ""]).encode("ascii")


class _Answer:
    """What is wanted of an answer: the parser calls this while it reads."""

    def __init__(self) -> None:
        self.parser = HttpResponseParser(self)
        self.status = 0
        """0 until its head is complete; below 200 while the answer proper is still to come."""
        self.retry_after: timedelta | None = None

    def on_header(self, name: bytes, value: bytes) -> None:
        if name.lower() == b"retry-after":
            self.retry_after = pause_of(value.decode("latin-1"))

    def on_headers_complete(self) -> None:
        self.status = self.parser.get_status_code()


def _read(connection: socket.socket) -> _Answer:
    answer, left = _Answer(), MAX_BYTES
    while answer.status < HTTPStatus.OK:
        some = connection.recv(left)
        left -= len(some)
        if not some:
            raise NotDelivered("its answer breaks off, or is too long")
        try:
            answer.parser.feed_data(some)
        except (HttpParserError, HttpParserUpgrade):
            if answer.status < HTTPStatus.OK:
                raise NotDelivered("its answer is not HTTP") from None
    return answer


def pause_of(text: str) -> timedelta | None:
    """The pause that a `Retry-After` asks for (RFC 9110, section 10.2.3): at most a day. None if it cannot be read."""
    if text.isascii() and text.isdecimal():
        return timedelta(seconds=min(int(text[:10]), LASTS.total_seconds()))
    try:
        instant = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    if instant.tzinfo is None:
        instant = instant.replace(tzinfo=UTC)
    return min(max(instant - clock.now(), timedelta(0)), LASTS)

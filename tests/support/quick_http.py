"""What httpx does for each request, in less than half of the processor's time: that was a fifth of all that the tests take.

Its own transport writes a request in three parts and reads an answer through seven generators, in Python; here the parser is C.
"""

import socket
import time
from collections.abc import Iterator
from contextlib import suppress
from functools import cache, lru_cache
from select import POLLIN, poll
from typing import Any

import httptools
import httpx
from httpx import _client, _urlparse, _urls
from httpx._config import DEFAULT_LIMITS, create_ssl_context
from httpx._content import ByteStream
from httpx._transports import default as transports

KEPT_SECONDS = DEFAULT_LIMITS.keepalive_expiry or 5.0
CHUNK = 65_536

_extract_cookies = httpx.Cookies.extract_cookies


def install() -> None:
    """Have every client of httpx be quicker from now on."""
    # Whom to trust is read once: each client would read it again, which takes as long as hashing a password.
    vars(transports)["create_ssl_context"] = cache(create_ssl_context)
    vars(_client)["HTTPTransport"] = QuickTransport
    # An address is parsed three times for each request.
    vars(_urls)["urlparse"] = vars(_urlparse)["urlparse"] = lru_cache(maxsize=4096)(_urlparse.urlparse)
    httpx.Cookies.extract_cookies = _extract_cookies_if_any  # type: ignore[assignment,method-assign]


def _extract_cookies_if_any(cookies: httpx.Cookies, response: httpx.Response) -> None:
    if "set-cookie" in response.headers:
        _extract_cookies(cookies, response)


class QuickTransport(httpx.HTTPTransport):
    """Plain HTTP with a body that is known whole; httpx's own does whatever else there is."""

    def __init__(self, *, proxy: Any = None, limits: httpx.Limits = DEFAULT_LIMITS, **options: Any) -> None:
        super().__init__(proxy=proxy, limits=limits, **options)
        self._is_plain = proxy is None and limits == DEFAULT_LIMITS
        # `append` and `pop` need no lock.
        self._idle: dict[tuple[str, int], list[_Connection]] = {}

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if not self._is_plain or request.url.scheme != "http" or type(request.stream) is not ByteStream:
            return super().handle_request(request)
        timeout = request.extensions.get("timeout", {})
        address = request.url.raw_host.decode("ascii"), request.url.port or 80
        idle = self._idle.setdefault(address, [])
        connection = _idle_one(idle) or _Connection(address, timeout.get("connect"))
        try:
            connection.send(request, timeout.get("write"))
            answer = _Answer(connection, idle, request.method, timeout.get("read"))
        except BaseException:
            connection.close()
            raise
        return httpx.Response(
            answer.status,
            headers=answer.headers,
            stream=answer,
            extensions={"http_version": b"HTTP/" + answer.version.encode(), "reason_phrase": answer.reason},
        )

    def __exit__(self, *raised: object) -> None:
        self.close()

    def close(self) -> None:
        for idle in self._idle.values():
            while idle:
                idle.pop().close()
        super().close()


class _Connection:
    """One to a server."""

    def __init__(self, address: tuple[str, int], timeout: float | None) -> None:
        try:
            self._socket = socket.create_connection(address, timeout)
        except TimeoutError as error:
            raise httpx.ConnectTimeout(str(error)) from error
        except OSError as error:
            raise httpx.ConnectError(str(error)) from error
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._timeout = timeout
        self._poll = poll()
        self._poll.register(self._socket, POLLIN)
        self.rested_at = 0.0

    def is_usable(self) -> bool:
        """Whether it may carry another request. What is there to read by now is that the server has left."""
        return time.monotonic() < self.rested_at + KEPT_SECONDS and not self._poll.poll(0)

    def send(self, request: httpx.Request, timeout: float | None) -> None:
        headers = b"".join([b"%b: %b\r\n" % pair for pair in request.headers.raw])
        head = b"%b %b HTTP/1.1\r\n%b\r\n" % (request.method.encode("ascii"), request.url.raw_path, headers)
        self._wait_for(timeout)
        try:
            self._socket.sendall(head + request.read())
        except TimeoutError as error:
            raise httpx.WriteTimeout(str(error)) from error
        except OSError:
            # A server may answer what it has not read whole.
            pass

    def receive(self, timeout: float | None) -> bytes:
        self._wait_for(timeout)
        try:
            return self._socket.recv(CHUNK)
        except TimeoutError as error:
            raise httpx.ReadTimeout(str(error)) from error
        except OSError as error:
            raise httpx.ReadError(str(error)) from error

    def close(self) -> None:
        with suppress(OSError):
            self._socket.close()

    def _wait_for(self, timeout: float | None) -> None:
        if timeout != self._timeout:
            self._socket.settimeout(timeout)
            self._timeout = timeout


class _Answer(httpx.SyncByteStream):
    """An answer whose head is there; its body is read as it is asked for."""

    def __init__(self, connection: _Connection, idle: list[_Connection], method: str, timeout: float | None) -> None:
        self._connection, self._idle, self._timeout = connection, idle, timeout
        self._is_of_head = method == "HEAD"
        self._parser = httptools.HttpResponseParser(self)
        self._body: list[bytes] = []
        self._has_head = self._is_complete = self._is_closed = False
        self.headers: list[tuple[bytes, bytes]] = []
        self.reason = b""
        while not self._has_head:
            if not self._read():
                raise httpx.RemoteProtocolError("Server disconnected without sending a response.")

    def __iter__(self) -> Iterator[bytes]:
        try:
            while True:
                while self._body:
                    yield self._body.pop(0)
                if self._is_complete or not self._read():
                    break
            yield from self._body
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        if self._is_closed:
            return
        self._is_closed = True
        if self._is_complete and self._is_kept:
            self._connection.rested_at = time.monotonic()
            self._idle.append(self._connection)
        else:
            self._connection.close()

    def _read(self) -> bool:
        """Whether anything came. Where nothing says how long a body is, it ends with the connection."""
        data = self._connection.receive(self._timeout)
        if not data:
            if self._has_head and not self._ends_with_connection:
                raise httpx.RemoteProtocolError("peer closed connection without sending complete message body")
            return False
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError as error:
            raise httpx.RemoteProtocolError(str(error)) from error
        return True

    # What the parser calls.

    def on_message_begin(self) -> None:
        if self._is_complete:
            raise httpx.RemoteProtocolError("There is more than one answer.")
        # What came before it was informational.
        self.headers, self.reason = [], b""

    def on_status(self, reason: bytes) -> None:
        self.reason += reason

    def on_header(self, name: bytes, value: bytes) -> None:
        self.headers.append((name, value))

    def on_headers_complete(self) -> None:
        self.status = self._parser.get_status_code()
        self.version = self._parser.get_http_version()
        self._has_head = self.status >= 200
        self._is_kept = self._parser.should_keep_alive()
        named = {name.lower() for name, _ in self.headers}
        self._ends_with_connection = named.isdisjoint({b"content-length", b"transfer-encoding"})
        self._is_complete = self._has_head and self._is_of_head

    def on_body(self, body: bytes) -> None:
        self._body.append(body)

    def on_message_complete(self) -> None:
        self._is_complete = self._has_head


def _idle_one(idle: list[_Connection]) -> _Connection | None:
    """One of these that can be used; the others are closed."""
    while True:
        try:
            connection = idle.pop()
        except IndexError:
            return None
        if connection.is_usable():
            return connection
        connection.close()

"""A listener of its own for the figures: on 127.0.0.1, for a scraper on the same machine."""

import asyncio
import logging
from typing import Final

from doable.background import Repeating
from doable.metrics.metrics import Metrics

logger = logging.getLogger(__name__)

HOST: Final = "127.0.0.1"
INTERVAL_SECONDS: Final = 1.0
PATIENCE: Final = 15
"""Intervals, after which nobody listening is no longer a worker that has just ended."""
MAX_HEAD_BYTES: Final = 8 * 1024
MAX_SECONDS: Final = 5.0
MAX_CONNECTIONS: Final = 16


class Listener(Repeating):
    """Of several workers one has the port. When it ends, another takes it within a second."""

    def __init__(self, metrics: Metrics, port: int) -> None:
        super().__init__("metrics listener", INTERVAL_SECONDS, self._listen)
        self._metrics = metrics
        self._port = port
        self._server: asyncio.Server | None = None
        self._connections = 0
        self._refused = 0

    async def __aexit__(self, *error: object) -> None:
        await super().__aexit__(*error)
        if self._server is not None:
            self._server.close()
        self._metrics.listens = False

    async def _listen(self) -> None:
        if self._server is not None:
            return
        try:
            self._server = await asyncio.start_server(self._answer, HOST, self._port, limit=MAX_HEAD_BYTES)
        except OSError as error:
            self._refused = 0 if self._metrics.somebody_listens else self._refused + 1
            if self._refused == PATIENCE:
                logger.error("Nothing can listen on METRICS_PORT %d: %s", self._port, error.strerror)  # noqa: TRY400
        else:
            self._metrics.listens = True

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._connections += 1
        try:
            if self._connections <= MAX_CONNECTIONS:
                async with asyncio.timeout(MAX_SECONDS):
                    head = await reader.readuntil(b"\r\n\r\n")
                    writer.write(self._answer_to(head))
                    await writer.drain()
        except (OSError, EOFError, asyncio.LimitOverrunError):
            pass  # TimeoutError is one
        finally:
            self._connections -= 1
            writer.close()

    def _answer_to(self, head: bytes) -> bytes:
        first, *lines = head.decode("latin-1").split("\r\n")
        method, _, rest = first.partition(" ")
        if rest.partition(" ")[0].partition("?")[0] != "/metrics":
            return _response("404 Not Found", b"The figures are at /metrics.\n", "text/plain")
        if method not in {"GET", "HEAD"}:
            return _response("405 Method Not Allowed", b"GET is allowed.\n", "text/plain", "Allow: GET, HEAD\r\n")
        accept = next((line[7:].strip() for line in lines if line.lower().startswith("accept:")), None)
        answer = _response("200 OK", *self._metrics.exposition(accept))
        return answer if method == "GET" else answer.partition(b"\r\n\r\n")[0] + b"\r\n\r\n"


def _response(status: str, body: bytes, content_type: str, more: str = "") -> bytes:
    head = f"HTTP/1.1 {status}\r\nContent-Type: {content_type}\r\nContent-Length: {len(body)}\r\n{more}Connection: close\r\n\r\n"
    return head.encode("latin-1") + body

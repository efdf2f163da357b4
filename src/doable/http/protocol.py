"""HTTP/1.1 as uvicorn speaks it, with some additions."""

import uuid
from collections.abc import Callable
from typing import Any, Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from doable.http.errors import http_error_response
from doable.http.headers import ALWAYS, completed
from doable.http.scope import EVERY_ANSWER
from doable.http.streams import CONNECTION

MAX_HEAD_BYTES: Final = 64 * 1024


class Protocol(HttpToolsProtocol):
    """Refuses anything that is not HTTP in the one shape of errors, and refuses a head that never ends.

    The parser itself would keep every byte of a header until there is no memory left. It is also the connection that
    `http.streams` needs.
    """

    def __init__(self, *arguments: Any, **settings: Any) -> None:
        super().__init__(*arguments, **settings)
        self._head_bytes: int | None = 0
        """The bytes of the head so far; None while a body comes."""
        self.on_shutdown: Callable[[], None] | None = None
        self.is_stopping = False

    def data_received(self, data: bytes) -> None:
        if self._head_bytes is not None:
            self._head_bytes += len(data)
            # The last piece does not count: it may end the head and hold a body too.
            if self._head_bytes > MAX_HEAD_BYTES + len(data):
                self.send_400_response("")
                return
        super().data_received(data)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        scope: dict[str, Any] = self.scope  # type: ignore[assignment] # uvicorn's type has no place for it
        scope["extensions"] = {CONNECTION: self}

    def on_headers_complete(self) -> None:
        self._head_bytes = None
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        self._head_bytes = 0
        super().on_message_complete()

    def shutdown(self) -> None:
        super().shutdown()
        self.is_stopping = True
        if self.on_shutdown is not None:
            self.on_shutdown()

    def abort(self) -> None:
        """Close it and drop everything that has not been sent."""
        self.transport.abort()

    def send_400_response(self, msg: str) -> None:
        del msg  # uvicorn's own words
        response = http_error_response(400, {"Connection": "close", "X-Request-ID": uuid.uuid4().hex})
        headers = completed(response.raw_headers, self.app_state.get(EVERY_ANSWER, ALWAYS))
        head = b"".join(b"%s: %s\r\n" % header for header in headers)
        self.transport.write(b"HTTP/1.1 400 Bad Request\r\n%s\r\n%s" % (head, bytes(response.body)))
        self.transport.close()

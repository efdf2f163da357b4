"""Follow one's own feed from elsewhere: `doable tail`."""

import http.client
import json
import time
from collections.abc import Callable, Iterator
from typing import Any, Final
from urllib.error import HTTPError

from doable.errors import Misconfigured
from doable.remote.server import NOT_DOABLE, UNREACHABLE, Query, RemoteServer, reason_of, refusal

# Twice the time after which a silent server sends a comment, and some.
SILENCE_SECONDS: Final = 40
MAX_PAUSE_SECONDS: Final = 30

Change = dict[str, Any]


def follow(server: RemoteServer, query: Query, lost: Callable[[str], None]) -> Iterator[Change]:
    """Every change that the query asks for, and then each as it comes, for ever, also through a lost network.

    `lost` is told the reason each time that the connection is lost. Raises Misconfigured if trying again is no use.
    """
    headers = {"Accept": "text/event-stream"}
    pause = 1
    while True:
        try:
            with server.open("/api/me/events", query=query, headers=headers, seconds=SILENCE_SECONDS) as lines:
                if lines.headers.get_content_type() != "text/event-stream":
                    raise Misconfigured(NOT_DOABLE)
                pause = 1
                for event_id, data in _events(lines):
                    yield json.loads(data)
                    headers["Last-Event-ID"] = event_id
            # The stream ends when the server stops, or with the token: the next answer says which.
        except HTTPError as error:
            if error.code < http.client.INTERNAL_SERVER_ERROR and error.code != http.client.TOO_MANY_REQUESTS:
                raise refusal(error) from None
            lost(f"the server answers {error.code}")
        except UNREACHABLE as error:
            lost(reason_of(error))
        except (ValueError, KeyError):
            raise Misconfigured(NOT_DOABLE) from None
        time.sleep(pause)
        pause = min(2 * pause, MAX_PAUSE_SECONDS)


def _events(lines: Iterator[bytes]) -> Iterator[tuple[str, str]]:
    """Id and data of each whole event (HTML standard, section 9.2.6)."""
    fields: dict[str, str] = {}
    for line in lines:
        if not line.endswith(b"\n"):
            return  # cut off, and perhaps in the middle of a character
        text = line.decode().rstrip("\r\n")
        if text:
            name, _, value = text.partition(":")
            fields[name] = value.removeprefix(" ")
        else:
            if "data" in fields:
                yield fields["id"], fields["data"]
            fields = {}

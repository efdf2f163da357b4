"""A reader of server-sent events (HTML standard, section 9.2), as strict as a test needs it."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx

from support.users import User

SECONDS = 30
"""How long a test waits for what takes a moment, or for a comment, which takes 20 seconds; the machine may be busy."""


@dataclass(frozen=True, slots=True)
class Event:
    """One event: its id, its name, and its data, read as JSON."""

    id: str
    name: str
    change: dict[str, Any]


class Stream:
    """The events of one answer, as they come. It keeps what else was sent: the comments and `retry`."""

    def __init__(self, answer: httpx.Response) -> None:
        self.answer = answer
        self.comments: list[str] = []
        self.retry: list[str] = []
        self._lines = _lines(answer)

    def next(self) -> Event:
        """The next event. Fails if it does not come, or the stream ends."""
        event = self._next(time.monotonic() + SECONDS)
        assert event is not None, "The stream has ended."
        return event

    def take(self, count: int) -> list[Event]:
        """So many events."""
        return [self.next() for _ in range(count)]

    def until(self, revision: int) -> list[Event]:
        """All events up to the one with this revision."""
        events = [self.next()]
        while events[-1].change["revision"] != revision:
            events.append(self.next())
        return events

    def rest(self) -> list[Event]:
        """All events up to the end of the stream. Fails if it does not end, or is cut off in the middle."""
        deadline = time.monotonic() + SECONDS
        events = []
        while (event := self._next(deadline)) is not None:
            events.append(event)
        return events

    def comment(self) -> str:
        """The next comment. Fails if an event comes before it."""
        deadline = time.monotonic() + SECONDS
        before = len(self.comments)
        while len(self.comments) == before:
            assert self._block(deadline) == {}
        return self.comments[-1]

    def _next(self, deadline: float) -> Event | None:
        while (fields := self._block(deadline)) is not None:
            if fields:
                assert set(fields) == {"id", "event", "data"}
                return Event(fields["id"], fields["event"], json.loads(fields["data"]))
        return None

    def _block(self, deadline: float) -> dict[str, str] | None:
        """The fields up to the next empty line; None at the end. Comments and `retry` are kept aside."""
        fields: dict[str, str] = {}
        for line in self._lines:
            assert time.monotonic() < deadline, "Nothing has come in time."
            if not line:
                return fields
            name, colon, value = line.partition(":")
            assert colon
            value = value.removeprefix(" ")
            if not name:
                self.comments.append(value)
            elif name == "retry":
                self.retry.append(value)
            else:
                assert name not in fields
                fields[name] = value
        # An event that is not whole would be dropped by a browser.
        assert fields == {}
        return None


@contextmanager
def follow(
    user: User,
    *,
    since: int | None = None,
    last_event_id: str | None = None,
    kinds: str | None = None,
    headers: dict[str, str] | None = None,
    url: str | None = None,
) -> Iterator[Stream]:
    """The user's own events, on a connection of their own. `url`: at another server than the user's."""
    sent = {"Authorization": user.headers["Authorization"], **(headers or {})}
    if last_event_id is not None:
        sent["Last-Event-ID"] = last_event_id
    asked = {"since": since, "kinds": kinds}
    params = {name: value for name, value in asked.items() if value is not None}
    with (
        # There is a comment in time, after which the deadlines are looked at.
        httpx.Client(base_url=url or user.base_url, timeout=SECONDS, verify=user.tls) as client,
        client.stream("GET", f"/api/{user.id}/events", params=params, headers=sent) as answer,
    ):
        assert answer.status_code == 200, answer.read()
        yield Stream(answer)


def _lines(answer: httpx.Response) -> Iterator[str]:
    """Every whole line. Not httpx's own, which take U+2028 and others for the end of one too."""
    received = b""
    for some in answer.iter_bytes():
        *lines, received = (received + some).split(b"\n")
        for line in lines:
            assert b"\r" not in line
            yield line.decode()
    assert received == b""

"""A CalDAV client: what it asks, how long the answer takes, and what is in it."""

import base64
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from typing import Final
from urllib.parse import unquote
from xml.etree import ElementTree as ET

from benchmarks.client import WrongAnswerError

OK: Final = 200
CREATED: Final = 201
NO_CONTENT: Final = 204
MULTISTATUS: Final = 207
GONE: Final = 404

_TIMEOUT_SECONDS: Final = 600
_NAMESPACES: Final = 'xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav" xmlns:S="http://calendarserver.org/ns/"'
_HEAD: Final = '<?xml version="1.0" encoding="utf-8"?>'
_DAV: Final = "{DAV:}"
_CALDAV: Final = "{urn:ietf:params:xml:ns:caldav}"

MAKE: Final = (
    f"{_HEAD}<C:mkcalendar {_NAMESPACES}><D:set><D:prop><D:displayname>Tasks</D:displayname>"
    '<C:supported-calendar-component-set><C:comp name="VTODO"/></C:supported-calendar-component-set>'
    "</D:prop></D:set></C:mkcalendar>"
)
LIST: Final = f"{_HEAD}<D:propfind {_NAMESPACES}><D:prop><D:getetag/></D:prop></D:propfind>"
CTAG: Final = f"{_HEAD}<D:propfind {_NAMESPACES}><D:prop><S:getctag/><D:sync-token/></D:prop></D:propfind>"
TODOS: Final = (
    f"{_HEAD}<C:calendar-query {_NAMESPACES}><D:prop><D:getetag/></D:prop>"
    '<C:filter><C:comp-filter name="VCALENDAR"><C:comp-filter name="VTODO"/></C:comp-filter></C:filter></C:calendar-query>'
)
"""As DAVx5 asks for the ETags of tasks."""


def multiget(hrefs: Iterable[str]) -> str:
    """The body that asks for these."""
    named = "".join(f"<D:href>{href}</D:href>" for href in hrefs)
    return f"{_HEAD}<C:calendar-multiget {_NAMESPACES}><D:prop><D:getetag/><C:calendar-data/></D:prop>{named}</C:calendar-multiget>"


def sync(token: str) -> str:
    """The body that asks for what has changed since this token; all if it is empty."""
    return (
        f"{_HEAD}<D:sync-collection {_NAMESPACES}><D:sync-token>{token}</D:sync-token><D:sync-level>1</D:sync-level>"
        "<D:prop><D:getetag/></D:prop></D:sync-collection>"
    )


@dataclass(frozen=True, slots=True)
class Collection:
    """A list on a server."""

    port: int
    path: str
    username: str
    password: str

    @contextmanager
    def session(self) -> "Iterator[Session]":
        """A connection of its own."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=_TIMEOUT_SECONDS)
        known = base64.b64encode(f"{self.username}:{self.password}".encode()).decode()
        try:
            yield Session(connection, self.path, f"Basic {known}")
        finally:
            connection.close()


@dataclass(frozen=True, slots=True)
class Answer:
    """The body, and the ETag if there is one."""

    body: bytes
    etag: str | None


@dataclass(slots=True)
class Session:
    """Asks one thing after the other."""

    connection: HTTPConnection
    path: str
    authorization: str

    def propfind(self, body: str, depth: int) -> Answer:
        """Properties of the list, or of all in it."""
        return self.ask("PROPFIND", self.path, body, MULTISTATUS, Depth=f"{depth}")

    def report(self, body: str) -> Answer:
        """A report on the list."""
        return self.ask("REPORT", self.path, body, MULTISTATUS, Depth="1")

    def put(self, path: str, text: str, *statuses: int, **headers: str) -> Answer:
        """Put an object."""
        return self.ask("PUT", path, text, *statuses, Content_Type="text/calendar; charset=utf-8", **headers)

    def ask(self, method: str, path: str, body: str, *statuses: int, **headers: str) -> Answer:
        """The answer, all of it. Names of headers have `_` for `-`. Raises WrongAnswerError for another status."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        sent = {"Content-Type": "application/xml; charset=utf-8", "Authorization": self.authorization, **sent}
        self.connection.request(method, path, body.encode(), sent)
        response = self.connection.getresponse()
        found = response.read()
        if response.status not in statuses:
            message = f"{method} {path} was answered with {response.status}: {found[:500]!r}"
            raise WrongAnswerError(message)
        return Answer(found, response.headers["ETag"])


@dataclass(slots=True)
class Stopwatch:
    """How long it has run in all, in seconds."""

    seconds: float = field(default=0)

    @contextmanager
    def running(self) -> Iterator[None]:
        """Run."""
        began = time.perf_counter()
        yield
        self.seconds += time.perf_counter() - began


@dataclass(frozen=True, slots=True)
class Object:
    """What a multistatus says of one object."""

    href: str
    status: int
    """404: it is gone."""
    etag: str | None
    text: str | None


@dataclass(frozen=True, slots=True)
class Found:
    """What a multistatus says."""

    objects: dict[str, Object]
    """By the last segment of their hrefs, decoded."""
    token: str
    ctag: str

    @classmethod
    def read(cls, answer: Answer) -> "Found":
        """Read it. Raises AssertionError where an object is there twice."""
        root = ET.fromstring(answer.body)  # noqa: S314 - a server's of the benchmark
        objects: dict[str, Object] = {}
        token, ctag = root.findtext(f"{_DAV}sync-token") or "", ""
        for response in root.findall(f"{_DAV}response"):
            href = (response.findtext(f"{_DAV}href") or "").strip()
            if href.endswith("/"):
                token = response.findtext(f".//{_DAV}sync-token") or token
                ctag = response.findtext(".//{http://calendarserver.org/ns/}getctag") or ctag
                continue
            status = response.findtext(f"{_DAV}status") or response.findtext(f"{_DAV}propstat/{_DAV}status") or ""
            name = unquote(href.rpartition("/")[2])
            assert name not in objects, f"{name} is there twice"
            etag = response.findtext(f".//{_DAV}getetag")
            text = response.findtext(f".//{_CALDAV}calendar-data")
            objects[name] = Object(href, int(status.split()[1]), etag, text)
        return cls(objects, token, ctag)

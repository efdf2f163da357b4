"""Calendars of the tests, as programs put them."""

import uuid
from typing import Any

import httpx

from support.dav import CALDAV, DAV, Found, Phone, multistatus, request, responses

ICS = "text/calendar; charset=utf-8"


def calendar(*lines: str) -> str:
    """A VCALENDAR with these lines in it."""
    return "\r\n".join(["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Example//Tests//EN", *lines, "END:VCALENDAR", ""])


def component(kind: str, uid: str, *lines: str) -> list[str]:
    """The lines of one."""
    return [f"BEGIN:{kind}", f"UID:{uid}", "DTSTAMP:20270101T000000Z", *lines, f"END:{kind}"]


def todo(uid: str, *lines: str) -> str:
    """A calendar with one VTODO; with a title if the lines have none."""
    named = any(line.startswith("SUMMARY") for line in lines)
    return calendar(*component("VTODO", uid, *(() if named else ("SUMMARY:Buy oat milk",)), *lines))


def event(uid: str, *lines: str) -> str:
    """A calendar with one VEVENT."""
    return calendar(*component("VEVENT", uid, "SUMMARY:Meet Ann", *lines))


def journal(uid: str, *lines: str) -> str:
    """A calendar with one VJOURNAL."""
    return calendar(*component("VJOURNAL", uid, "SUMMARY:Notes", *lines))


def put(phone: Phone, path: str, text: str, **headers: str) -> httpx.Response:
    """Put it there."""
    return phone.dav("PUT", path, text, Content_Type=ICS, **headers)


def make(phone: Phone, collection: str, text: str | None = None, name: str | None = None) -> str:
    """A new object; its address."""
    uid = str(uuid.uuid4())
    path = f"{collection}{name or f'{uid}.ics'}"
    answer = put(phone, path, text or todo(uid), If_None_Match="*")
    assert answer.status_code == 201, answer.text
    return path


def make_calendar(phone: Phone, *components: str, name: str | None = None) -> str:
    """A new collection of these components, of all kinds if none are named; its address."""
    path = f"{phone.home}{name or uuid.uuid4()}/"
    allowed = "".join(f'<C:comp name="{each}"/>' for each in components)
    body = ""
    if components:
        only = f"<C:supported-calendar-component-set>{allowed}</C:supported-calendar-component-set>"
        body = request("C:mkcalendar", f"<D:set><D:prop>{only}</D:prop></D:set>")
    answer = phone.dav("MKCALENDAR", path, body)
    assert answer.status_code == 201, answer.text
    return path


def text_of(phone: Phone, path: str) -> str:
    """What GET answers."""
    answer = phone.get(path)
    assert answer.status_code == 200, answer.text
    return answer.text


def task_of(phone: Phone, title: str = "Buy oat milk") -> dict[str, Any]:
    """The one task of this title in the API."""
    (found,) = (each for each in phone.user.get(phone.user.tasks).json()["tasks"] if each["title"] == title)
    task: dict[str, Any] = found
    return task


def multiget(
    phone: Phone, collection: str, *hrefs: str, prop: str = "<D:getetag/><C:calendar-data/>"
) -> httpx.Response:
    """The report."""
    asked = "".join(f"<D:href>{href}</D:href>" for href in hrefs)
    return phone.dav("REPORT", collection, request("C:calendar-multiget", f"<D:prop>{prop}</D:prop>{asked}"), Depth="1")


def query(phone: Phone, collection: str, inner: str, *, prop: str = "<D:getetag/>", more: str = "") -> httpx.Response:
    """The report, with this inside the filter of VCALENDAR."""
    body = f'<D:prop>{prop}</D:prop><C:filter><C:comp-filter name="VCALENDAR">{inner}</C:comp-filter></C:filter>{more}'
    return phone.dav("REPORT", collection, request("C:calendar-query", body), Depth="1")


def names(answer: httpx.Response) -> set[str]:
    """The last segments of the hrefs that a report answers."""
    return {href.rpartition("/")[2] for href in responses(answer)}


def data(found: Found) -> str:
    """The text that a report tells."""
    text = found.text(f"{CALDAV}calendar-data")
    assert text is not None
    return text


def synced(phone: Phone, collection: str, token: str = "", limit: int | None = None) -> httpx.Response:
    """A sync-collection."""
    most = "" if limit is None else f"<D:limit><D:nresults>{limit}</D:nresults></D:limit>"
    said = f"<D:sync-token>{token}</D:sync-token><D:sync-level>1</D:sync-level>{most}<D:prop><D:getetag/></D:prop>"
    return phone.dav("REPORT", collection, request("D:sync-collection", said))


def token_of(answer: httpx.Response) -> str:
    """The token that a sync-collection answers."""
    found = multistatus(answer).findtext(f"{DAV}sync-token")
    assert found
    return found

"""Whatever comes, raw bodies, headers and addresses: no 500, nothing half-written, and what was taken can be read again in every way."""

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, Final
from xml.etree import ElementTree as ET

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from doable.caldav.methods import METHODS, REPORTS
from support.changes import pages
from support.dav import CALDAV, DAV, NAMESPACES, Phone, multistatus
from support.ical import ICS, make, make_calendar, multiget, names, query, synced, token_of
from support.server import Server
from support.users import User

EXAMPLES: Final = 60
TEXTS: Final = [path.read_bytes() for path in sorted((Path(__file__).parent / "fixtures").glob("*.ics"))]
OF_THEM: Final = sorted({line for text in TEXTS for line in text.splitlines()})

bounded = settings(
    max_examples=EXAMPLES,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture, HealthCheck.data_too_large],
)

# Values that mean something somewhere, and are wrong somewhere else.
VALUES: Final = st.sampled_from(
    [
        *(
            "",
            "0",
            "-1",
            "1",
            "99999999999999999999",
            "1e400",
            "NaN",
            "\x00",
            "\ud7ff",
            "😀" * 50,
            "\\",
            "\\n\\",
            ";",
            ",",
            ":",
        ),
        *(
            "20260230",
            "00000101",
            "99991231T235959Z",
            "20261101T246000",
            "20261101T100000Z",
            "20261101",
            "0",
            "T",
            "P",
            "-P1W",
        ),
        *("PT0S", "P99999999999999D", "-PT1S", "P1DT", "20261101T100000/PT1H", "20261101T100000Z/19000101T000000Z"),
        *(
            "FREQ=SECONDLY",
            "FREQ=DAILY;COUNT=0",
            "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
            "FREQ=;",
            "RRULE",
            "FREQ=WEEKLY;UNTIL=x",
        ),
        *(
            "FREQ=MONTHLY;BYSETPOS=-1;BYDAY=MO,TU",
            "FREQ=DAILY;INTERVAL=999999999999",
            "FREQ=DAILY;UNTIL=99991231T235959Z",
        ),
        *(
            "COMPLETED",
            "CANCELLED",
            "NEEDS-ACTION",
            "IN-PROCESS",
            "VTODO",
            "VEVENT",
            "VCALENDAR",
            "1.5,2.5",
            "geo:1,2",
            "TRUE",
        ),
        *(
            "Europe/Berlin",
            "Nowhere/Land",
            "../../etc/passwd",
            "http://[::1",
            "urn:doable:sync:inbox:99999999999999999999",
        ),
        *(
            "urn:doable:sync:inbox:-1",
            "urn:doable:sync:inbox:0",
            "infinity",
            "infinite",
            "i;octet",
            "i;nothing",
            "yes",
            "no",
        ),
    ]
)
LINE_NAMES: Final = st.sampled_from(
    [
        *("UID", "SUMMARY", "DESCRIPTION", "DTSTART", "DUE", "DURATION", "DTEND", "RRULE", "EXDATE", "RDATE", "EXRULE", "STATUS"),
        *("RECURRENCE-ID", "RECURRENCE-ID;RANGE=THISANDFUTURE", "COMPLETED", "PERCENT-COMPLETE", "PRIORITY", "CATEGORIES"),
        *("RELATED-TO", "RELATED-TO;RELTYPE=CHILD", "TRIGGER", "TRIGGER;RELATED=END", "TRIGGER;VALUE=DATE-TIME", "BEGIN", "END"),
        *("DTSTART;VALUE=DATE", "DUE;VALUE=DATE", "DUE;TZID=Europe/Berlin", "DUE;TZID=Own", 'DTSTART;TZID="a:b"', "TZID", "URL"),
        *("CREATED", "LAST-MODIFIED", "DTSTAMP", "SEQUENCE", "X-A", "METHOD", "VERSION", "TZOFFSETTO", "REPEAT", "ACTION", "GEO"),
        *("X-DOABLE-RECURS", "ESTIMATED-DURATION", "ORGANIZER", "", " ", "\t", "é", "A.B", "DUE;TZID", "DUE;=", 'DUE;TZID="'),
    ]
)  # fmt: skip
LINES: Final = st.one_of(
    st.sampled_from(OF_THEM),
    st.tuples(LINE_NAMES, VALUES).map(lambda both: f"{both[0]}:{both[1]}".encode("utf-8", "surrogatepass")),
    st.binary(max_size=20),
)
CHANGES: Final = st.lists(
    st.tuples(st.sampled_from(["drop", "insert", "replace", "twice", "cut"]), st.integers(0), LINES)
)
"""What is done to the lines of a text, and where."""

ELEMENTS: Final = [
    *(f"D:{name}" for name in ("prop", "href", "propfind", "allprop", "propname", "include", "getetag", "sync-token", "set")),
    *(f"D:{name}" for name in ("sync-level", "limit", "nresults", "resourcetype", "displayname", "collection", "remove")),
    *(f"D:{name}" for name in ("property", "match", "property-search", "propertyupdate", "mkcol", "self", "principal-property")),
    *(f"C:{name}" for name in ("calendar-data", "comp", "allprop", "allcomp", "prop", "expand", "limit-recurrence-set")),
    *(f"C:{name}" for name in ("filter", "comp-filter", "prop-filter", "param-filter", "text-match", "time-range", "timezone")),
    *(f"C:{name}" for name in ("is-not-defined", "calendar", "supported-calendar-component-set", "mkcalendar", "timezone-id")),
    *("C:limit-freebusy-set", "C:calendar-timezone", "C:calendar-description", "A:calendar-color", "A:calendar-order", "x"),
]  # fmt: skip
ROOTS: Final = [
    *(report.replace(DAV, "D:").replace(CALDAV, "C:") for reports in REPORTS.values() for report in reports),
    *("D:propfind", "D:propertyupdate", "C:mkcalendar", "D:mkcol"),
]
ATTRIBUTES: Final = st.dictionaries(
    st.sampled_from(
        ["name", "start", "end", "collation", "negate-condition", "content-type", "version", "test", "novalue"]
    ),
    VALUES
    | st.sampled_from(["VCALENDAR", "VTODO", "VALARM", "DUE", "SUMMARY", "20261101T000000Z", "text/calendar", "2.0"]),
    max_size=3,
)

METHOD: Final = st.sampled_from(
    [*sorted({each for methods in METHODS.values() for each in methods}), "LOCK", "ACL", "POST"]
)
HEADERS: Final = st.dictionaries(
    st.sampled_from(
        [
            *("Depth", "If", "If-Match", "If-None-Match", "Overwrite", "Destination", "Prefer", "Brief", "Content-Type"),
            *("If-Modified-Since", "If-Schedule-Tag-Match", "Range", "Accept", "Timeout", "Undo", "Idempotency-Key"),
        ]
    ),
    st.one_of(
        st.sampled_from(
            [
                *("0", "1", "infinity", "*", "T", "F", '"1"', 'W/"1"', '"99999999999999999999"', "return=minimal", ICS, "t"),
                *("(<urn:doable:sync:inbox:1>)", '(["1"])', '(Not ["1"])', "<x> (<y>)", "(", "()", "((((((((", "http://[", "//["),
                *("/dav/", "/dav/calendars/x/y/z", "http://example.com/dav/", "text/plain", "text/calendar", "bytes=0-1"),
                *("text/calendar; charset=latin-1", "multipart/form-data", "%", "/dav/calendars/%00/a/b", "\xff", "a" * 300),
            ]
        ),
        st.text(st.characters(min_codepoint=33, max_codepoint=255, exclude_characters="\x7f"), max_size=12),
    ),
    max_size=4,
)  # fmt: skip
SEGMENTS: Final = st.sampled_from(
    ["", ".", "..", "a", "%", "%2F", "%00", "%ff", "é", "a b", "%252e", "inbox", "x" * 300, ";", "?", "a?b"]
)


@st.composite
def calendars(draw: Callable[[st.SearchStrategy[Any]], Any]) -> bytes:
    """A text of some program, with other lines in it."""
    text: bytes = draw(st.sampled_from(TEXTS))
    lines = text.split(b"\r\n" if b"\r\n" in text else b"\n")
    for change, where, line in draw(CHANGES):
        place = where % (len(lines) + 1)
        if change == "insert":
            lines.insert(place, line)
        elif change == "cut":
            lines[place:] = []
        elif change == "twice":
            lines[place:place] = lines[place : place + 3]
        else:
            lines[place : place + 1] = [line] if change == "replace" else []
    ending: bytes = draw(st.sampled_from([b"\r\n", b"\r\n", b"\n", b"\r"]))
    return ending.join(lines)


@st.composite
def documents(draw: Callable[[st.SearchStrategy[Any]], Any]) -> bytes:
    """Elements that mean something, anywhere."""

    def written(name: str, inner: str, attributes: dict[str, str], namespaces: str = "") -> str:
        said = "".join(f' {key}="{escaped(value)}"' for key, value in attributes.items())
        return f"<{name}{namespaces}{said}>{inner}</{name}>"

    def tree(depth: int) -> str:
        some = draw(st.lists(st.sampled_from(ELEMENTS), max_size=3 if depth < 4 else 0))
        said: str = draw(st.just("") | VALUES.map(escaped))
        return said + "".join(written(name, tree(depth + 1), draw(ATTRIBUTES)) for name in some)

    root = draw(st.sampled_from(ROOTS))
    whole = written(root, tree(0), {}, f" {NAMESPACES}")
    return whole.encode("utf-8", "surrogatepass")


def escaped(value: str) -> str:
    """Mostly as XML has it; what it cannot have stays."""
    return value.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")


@pytest.fixture(scope="module")
def phone(one_server: Server) -> Iterator[Phone]:
    with closing(User(one_server.url)) as user, closing(Phone(user)) as found:
        yield found


@pytest.fixture(scope="module")
def collection(phone: Phone) -> str:
    """Where components of all kinds may be."""
    return make_calendar(phone)


def ask(phone: Phone, method: str, path: str, body: bytes, headers: dict[str, str]) -> httpx.Response:
    """The answer, which is one of those that there are; and nothing was written if it is a refusal."""
    before = revision(phone.user)
    sent = [(name.encode(), value.encode("latin-1", "replace")) for name, value in headers.items()]
    answer = phone.request(method, path, content=body, headers=sent)
    assert answer.status_code < 500 or answer.status_code in {502, 507}, answer.text
    if answer.status_code == 207:
        assert all(each.findtext(f"{DAV}href") for each in multistatus(answer).findall(f"{DAV}response"))
    elif answer.status_code >= 400:
        is_xml = method != "HEAD" and answer.request.url.path.startswith("/dav")  # `..` leads out of it
        assert not is_xml or ET.fromstring(answer.content).tag == f"{DAV}error"  # noqa: S314 - the server's own
        assert revision(phone.user) == before, "It is refused, and something was written."
    return answer


def revision(user: User) -> int:
    found: int = [last for _, last in pages(user, kinds="all", since=0)][-1]
    return found


def assert_all_can_be_read(phone: Phone, collection: str) -> None:
    """By every report, by the API and as an export."""
    listed = synced(phone, collection)
    every = names(listed)
    hrefs = [f"{collection}{name}" for name in every]
    assert names(multiget(phone, collection, *hrefs)) == every
    expand = '<C:calendar-data><C:expand start="20260101T000000Z" end="20280101T000000Z"/></C:calendar-data>'
    expanded = query(phone, collection, "", prop=expand)
    # A task of thousands of years that recurs each year has very many at any time.
    assert (expanded.status_code == 403 and "max-instances" in expanded.text) or names(expanded) <= every
    ranged = '<C:time-range start="20260101T000000Z" end="20280101T000000Z"/>'
    for kind in ("VTODO", "VEVENT", "VJOURNAL"):
        assert names(query(phone, collection, f'<C:comp-filter name="{kind}">{ranged}</C:comp-filter>')) <= every
    assert names(synced(phone, collection, token_of(listed))) == set()
    for path in (phone.user.tasks, "/api/auth/me/export", f"{phone.user.tasks}?sort=due"):
        assert phone.user.get(path).status_code == 200


@bounded
@given(text=calendars(), headers=HEADERS)
def test_any_text(phone: Phone, collection: str, text: bytes, headers: dict[str, str]) -> None:
    path = f"{collection}a.ics"
    answer = ask(phone, "PUT", path, text, {"Content-Type": ICS, **headers})
    if not answer.is_success:
        assert phone.get(path).status_code == 404
        return
    try:
        got = phone.get(path)
        assert got.status_code == 200
        if "etag" in answer.headers:
            assert (got.content, got.headers["etag"]) == (text, answer.headers["etag"])
        assert_all_can_be_read(phone, collection)
        # What was read may be put back, and says the same.
        again = phone.dav("PUT", path, got.content, Content_Type=ICS)
        assert (again.status_code, phone.get(path).content) == (204, got.content)
    finally:  # else the next example fails too
        deleted = [phone.dav("DELETE", f"{collection}{name}").status_code for name in names(synced(phone, collection))]
    assert {*deleted} == {204}
    assert phone.user.get(phone.user.tasks).json()["total"] == 0


@bounded
@given(
    method=st.sampled_from(["PROPFIND", "REPORT", "REPORT", "REPORT", "PROPPATCH", "MKCALENDAR", "MKCOL"]),
    where=st.sampled_from(
        ["/dav/", "{principal}", "{home}", "{inbox}", "{collection}", "{collection}a.ics", "{home}new/"]
    ),
    body=documents(),
    headers=HEADERS,
)
def test_any_document(
    phone: Phone, collection: str, a_task: str, method: str, where: str, body: bytes, headers: dict[str, str]
) -> None:
    path = where.format(principal=phone.principal, home=phone.home, inbox=phone.inbox, collection=collection)
    ask(phone, method, path, body, headers)
    assert phone.get(a_task).status_code == 200
    assert phone.dav("PROPFIND", phone.home, Depth="1").status_code == 207
    assert phone.dav("DELETE", f"{phone.home}new/").status_code in {204, 404}


@bounded
@given(
    method=METHOD,
    segments=st.lists(SEGMENTS | st.sampled_from(["dav", "calendars", "principals", "{user}"]), max_size=5),
    where=st.sampled_from(["/dav/", "{home}", "{inbox}", "{home}new/"]),
    body=st.sampled_from(
        [b"", b"<", b"\xff", TEXTS[0], f"<D:propfind {NAMESPACES}><D:allprop/></D:propfind>".encode()]
    ),
    headers=HEADERS,
)
def test_any_address(
    phone: Phone,
    a_task: str,
    method: str,
    segments: list[str],
    where: str,
    body: bytes,
    headers: dict[str, str],
) -> None:
    phone.dav("MKCALENDAR", f"{phone.home}new/")
    path = where.format(home=phone.home, inbox=phone.inbox) + "/".join(segments).replace("{user}", phone.user.id)
    ask(phone, method, path, body, headers)
    assert phone.get(a_task).status_code == 200
    assert phone.dav("PROPFIND", phone.inbox, Depth="1").status_code == 207


@pytest.fixture(scope="module")
def a_task(phone: Phone) -> str:
    """Stays, whatever is asked of anything else."""
    return make(phone, phone.inbox)


def test_a_rule_that_nobody_can_read_shuts_no_list(phone: Phone, collection: str) -> None:
    todo = "UID:rule\r\nDUE:20261201T090000Z\r\nRRULE:T\r\n"
    text = f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VTODO\r\n{todo}END:VTODO\r\nEND:VCALENDAR\r\n"
    assert phone.dav("PUT", f"{collection}rule.ics", text, Content_Type=ICS).status_code == 201
    assert_all_can_be_read(phone, collection)
    assert phone.dav("DELETE", f"{collection}rule.ics").status_code == 204

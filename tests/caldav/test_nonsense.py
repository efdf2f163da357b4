"""Whatever comes, from the grammar of WebDAV shaken up: no request fails on the server's side, and every refusal is XML."""

import uuid
from collections.abc import Iterator
from contextlib import closing
from urllib.parse import quote

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support.dav import Phone, request
from support.server import Server
from support.users import User

METHODS = (
    *("OPTIONS", "GET", "HEAD", "PROPFIND", "PROPPATCH", "REPORT", "MKCALENDAR", "MKCOL", "PUT", "DELETE", "MOVE"),
    *("COPY", "LOCK", "POST"),
)
ROOTS = {
    "PROPFIND": ["D:propfind"],
    "PROPPATCH": ["D:propertyupdate"],
    "MKCALENDAR": ["C:mkcalendar"],
    "MKCOL": ["D:mkcol"],
    "REPORT": [
        *("C:calendar-query", "C:calendar-multiget", "D:sync-collection", "C:free-busy-query", "D:expand-property"),
        *("D:principal-property-search", "D:principal-search-property-set", "D:principal-match", "D:nonsense"),
    ],
}
NAMES = (
    *("D:displayname", "D:resourcetype", "D:getetag", "D:sync-token", "D:current-user-privilege-set", "D:owner"),
    *("D:getcontentlength", "C:calendar-data", "C:calendar-timezone", "C:supported-calendar-component-set"),
    *("C:calendar-home-set", "S:getctag", "A:calendar-color", "A:calendar-order", "nonsense"),
)
OTHERS = (
    *("D:prop", "D:set", "D:remove", "D:allprop", "D:propname", "D:include", "D:href", "D:property", "D:self"),
    *("D:property-search", "D:match", "D:sync-level", "D:limit", "D:nresults", "C:filter", "C:comp-filter"),
    *("C:prop-filter", "C:param-filter", "C:time-range", "C:text-match", "C:is-not-defined", "C:comp", "C:expand"),
    *("C:limit-recurrence-set", "C:timezone", "D:collection", "C:calendar"),
)
TEXTS = (
    "",
    "x",
    "1",
    "-1",
    "9" * 30,
    "inbox",
    "http://[::1",
    "urn:doable:sync:inbox:1",
    "%ff",
    "BEGIN:VCALENDAR",
    "\u2028 ü",
)
ATTRIBUTES = (
    *(
        "",
        'name="VCALENDAR"',
        'name="VTODO"',
        'name="displayname"',
        'name=""',
        'name="a b"',
        'start="20260101T000000Z"',
    ),
    *('start="20260101T000000Z" end="20270101T000000Z"', 'start="x"', 'collation="i;octet"', 'negate-condition="yes"'),
)


def element(tag: str, attribute: str, inner: str) -> str:
    return f"<{tag} {attribute}>{inner}</{tag}>"


texts = st.sampled_from(TEXTS) | st.text(
    st.characters(exclude_characters="<&>", exclude_categories=["Cs", "Cc"]), max_size=5
)
trees = st.recursive(
    st.builds(element, st.sampled_from(NAMES + OTHERS), st.sampled_from(ATTRIBUTES), texts),
    lambda inner: st.builds(
        element, st.sampled_from(NAMES + OTHERS), st.sampled_from(ATTRIBUTES), st.lists(inner, max_size=3).map("".join)
    ),
    max_leaves=8,
)
props = st.lists(st.sampled_from(NAMES), max_size=4).map(
    lambda names: f"<D:prop>{''.join(f'<{name}/>' for name in names)}</D:prop>"
)
settings_ = trees.map(lambda inner: f"<D:set><D:prop>{inner}</D:prop></D:set>")
filters = trees.map(lambda inner: f'<C:filter><C:comp-filter name="VCALENDAR">{inner}</C:comp-filter></C:filter>')
bodies = st.lists(props | settings_ | filters | trees, max_size=3).map("".join)
segments = st.sampled_from(
    ["inbox", "mixed", "a.ics", "calendars", "principals", "%2F", "%ff", "%00", "%", "%25"]
) | st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=3).map(lambda text: quote(text, safe=""))
headers = st.fixed_dictionaries(
    {},
    optional={
        "Depth": st.sampled_from(["0", "1", "infinity", "2", ""]),
        "If-Match": st.sampled_from(["*", '"1"', "x"]),
        "If-None-Match": st.sampled_from(["*", '"1"', "x"]),
        "If": st.sampled_from(['(["1"])', "(<urn:doable:sync:inbox:1>)", "("]),
        "Destination": st.sampled_from(["/dav/", "http://[::1", "http://example.com/", "", "x"]),
        "Overwrite": st.sampled_from(["T", "F", "x"]),
        "Prefer": st.sampled_from(["return=minimal", "return=representation"]),
    },
)


def fill(phone: Phone) -> None:
    """Have a list for everything there, with an event that never ends."""
    phone.dav("MKCALENDAR", f"{phone.home}mixed/")
    lines = [
        *(
            "BEGIN:VCALENDAR",
            "VERSION:2.0",
            "PRODID:x",
            "BEGIN:VEVENT",
            f"UID:{uuid.uuid4()}",
            "DTSTAMP:20260101T000000Z",
        ),
        *("DTSTART:20260101T000000Z", "RRULE:FREQ=DAILY", "END:VEVENT", "END:VCALENDAR", ""),
    ]
    headers = {"Content-Type": "text/calendar"}
    put = phone.put(f"{phone.home}mixed/a.ics", content="\r\n".join(lines), headers=headers)
    assert put.status_code == 201, put.text


@pytest.fixture(scope="module")
def program(one_server: Server) -> Iterator[Phone]:
    """That of a user who has a task and such a list."""
    with closing(User(one_server.url)) as user, closing(Phone(user)) as phone:
        user.new_task(due={"date": "2026-12-01"})
        fill(phone)
        yield phone


@settings(max_examples=300)
@given(data=st.data(), method=st.sampled_from(METHODS), below=st.lists(segments, max_size=3), body=bodies, sent=headers)
def test_nothing_fails(
    program: Phone, data: st.DataObject, method: str, below: list[str], body: str, sent: dict[str, str]
) -> None:
    start = data.draw(st.sampled_from(["/dav/", program.home, program.home, f"{program.home}mixed/"]))
    path = start + "/".join(below) + data.draw(st.sampled_from(["", "/"]))
    root = data.draw(st.sampled_from(ROOTS.get(method, ["D:propfind"])))
    url = httpx.URL(f"{program.base_url}").copy_with(raw_path=path.encode())
    answer = program.request(method, url, content=request(root, body).encode(), headers=sent)
    assert answer.status_code < 500 or answer.status_code in {502, 507}, answer.text
    if answer.status_code >= 400 and method != "HEAD":
        assert answer.headers["content-type"].startswith("application/xml")
    if method in {"DELETE", "MOVE"} and answer.is_success:
        program.dav("DELETE", f"{program.home}mixed/a.ics")
        fill(program)

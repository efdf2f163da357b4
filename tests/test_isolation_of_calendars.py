"""Nobody reaches another's tasks by CalDAV: every method and report at every kind of address, with the names of another's things.

Methods and reports come from their tables. A new one fails here until it is known how to attack it. What is another's is as what is
nobody's: the answers are alike, but for the names that were asked for.
"""

import itertools
import re
import uuid
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import Any, Final

import httpx
import pytest

from doable.caldav.methods import METHODS, REPORTS
from doable.caldav.paths import Kind
from support.dav import CALDAV, DAV, Phone, assert_refused, request, responses
from support.ical import ICS, event, make, make_calendar, multiget, names, put, synced, text_of, todo, token_of
from support.kinds import everything
from support.users import User

SECRET: Final = "private to bob"

REPORTS_SENT: Final = {
    f"{DAV}expand-property": request("D:expand-property", '<D:property name="displayname"/>'),
    f"{DAV}principal-match": request("D:principal-match", "<D:self/><D:prop><D:displayname/></D:prop>"),
    f"{DAV}principal-property-search": request(
        "D:principal-property-search",
        "<D:property-search><D:prop><D:displayname/></D:prop><D:match>{email}</D:match></D:property-search>",
    ),
    f"{DAV}principal-search-property-set": request("D:principal-search-property-set", ""),
    f"{CALDAV}calendar-multiget": request(
        "C:calendar-multiget", "<D:prop><D:getetag/><C:calendar-data/></D:prop><D:href>{href}</D:href>"
    ),
    f"{CALDAV}calendar-query": request(
        "C:calendar-query",
        '<D:prop><C:calendar-data/></D:prop><C:filter><C:comp-filter name="VCALENDAR"/></C:filter>',
    ),
    f"{CALDAV}free-busy-query": request(
        "C:free-busy-query", '<C:time-range start="20260101T000000Z" end="20280101T000000Z"/>'
    ),
    f"{DAV}sync-collection": request(
        "D:sync-collection",
        "<D:sync-token/><D:sync-level>1</D:sync-level><D:prop><D:getetag/><C:calendar-data/></D:prop>",
    ),
}
"""What is asked by each report."""

SENT: Final[dict[str, list[tuple[str, dict[str, str]]]]] = {
    **{method: [("", {})] for method in ("OPTIONS", "GET", "HEAD", "DELETE", "MKCALENDAR", "MKCOL")},
    "PROPFIND": [("", {"Depth": "1"}), (request("D:propfind", "<D:propname/>"), {"Depth": "0"})],
    "PROPPATCH": [
        (
            request("D:propertyupdate", "<D:set><D:prop><D:displayname>planted</D:displayname></D:prop></D:set>"),
            {},
        )
    ],
    "REPORT": [(body, {"Depth": "1"}) for body in REPORTS_SENT.values()],
    "PUT": [
        (todo("{uid}", "SUMMARY:planted"), {"Content-Type": ICS, **condition})
        for condition in ({}, {"If-None-Match": "*"}, {"If-Match": "*"}, {"If-Match": '"{revision}"'})
    ],
    **{
        method: [("", {"Destination": "{home}inbox/planted.ics", "Overwrite": overwrite}) for overwrite in "TF"]
        for method in ("MOVE", "COPY")
    },
}
"""With what each method is tried: `{uid}` and so on stand for what an attack names."""


@dataclass(frozen=True)
class Named:
    """What an attack names: somebody's, or nobody's."""

    user: str
    email: str
    collection: str
    name: str
    uid: str
    revision: int

    def addresses(self, user: str, collection: str) -> Iterator[tuple[Kind, str]]:
        """One of each kind that names anything, with this user and collection."""
        home = f"/dav/calendars/{user}/"
        yield Kind.PRINCIPAL, f"/dav/principals/{user}/"
        yield Kind.HOME, home
        yield Kind.COLLECTION, f"{home}{collection}/"
        yield Kind.OBJECT, f"{home}{collection}/{self.name}"

    def fill(self, text: str, **more: str) -> str:
        """The text with the names in it."""
        href = f"/dav/calendars/{self.user}/{self.collection}/{self.name}"
        known = {"uid": self.uid, "email": self.email, "href": href, "revision": f"{self.revision}", **more}
        for name, value in known.items():
            text = text.replace(f"{{{name}}}", value)
        return text

    def without(self, text: str) -> str:
        """The text without the names."""
        for name, value in self.__dict__.items():
            if name != "revision":
                text = text.replace(str(value), f"<{name}>")
        return text


class Bob:
    """Somebody with tasks and events, in lists of his own and with names of his own."""

    def __init__(self, user: User) -> None:
        self.phone = phone = Phone(user)
        self.user = user
        list_id = user.post("/api/me/lists", json={"name": SECRET}).json()["id"]
        chosen = make_calendar(phone, name=f"chosen-{uuid.uuid4()}")
        in_list = user.new_task(SECRET, list_id=list_id)
        in_inbox = user.new_task(SECRET)
        uid = str(uuid.uuid4())
        make(phone, phone.inbox, todo(uid, f"SUMMARY:{SECRET}"), name=f"named-{uid}.ics")
        make(phone, chosen, event("bobs event", f"LOCATION:{SECRET}", "DTSTART:20270101T100000Z"), name="bobs.ics")
        put_in_list = phone.get(f"{phone.home}{list_id}/{in_list['id']}.ics")
        assert SECRET in put_in_list.text
        of_inbox, of_list = in_inbox["revision"], in_list["revision"]
        segment = chosen.rpartition(phone.home)[2].strip("/")
        self.things = [
            self._named(list_id, f"{in_list['id']}.ics", in_list["id"], of_list),
            self._named("inbox", f"{in_inbox['id']}.ics", in_inbox["id"], of_inbox),
            self._named("inbox", f"named-{uid}.ics", uid, of_inbox),
            self._named(segment, "bobs.ics", "bobs event", of_inbox),
        ]

    def _named(self, collection: str, name: str, uid: str, revision: int) -> Named:
        return Named(self.user.id, self.user.email, collection, name, uid, revision)

    def everything(self) -> Any:
        """By the API and by CalDAV."""
        lists = self.phone.propfind(self.phone.home, "D:displayname", "S:getctag", depth="1")
        told = {href: {tag: each.text for tag, each in found.properties.items()} for href, found in lists.items()}
        texts = {
            path: text_of(self.phone, path)
            for thing in self.things
            for path in [f"{self.phone.home}{thing.collection}/{thing.name}"]
        }
        return everything(self.user), told, texts


def nobodys(thing: Named) -> Named:
    """Names of the same form that nothing has."""

    def other(text: str) -> str:
        return re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", lambda _: str(uuid.uuid4()), text)

    uid = other(thing.uid) if other(thing.uid) != thing.uid else thing.uid[::-1]
    name = thing.name.replace(thing.uid, uid) if thing.uid in thing.name else thing.name[:-4][::-1] + ".ics"
    return Named(str(uuid.uuid4()), thing.email[::-1], other(thing.collection), name, uid, thing.revision)


@pytest.fixture
def bobs(bob: User) -> Iterator[Bob]:
    found = Bob(bob)
    yield found
    found.phone.close()


@pytest.fixture
def phone(alice: User) -> Iterator[Phone]:
    with closing(Phone(alice)) as found:
        yield found


def attack(phone: Phone, method: str, path: str, named: Named, body: str, headers: dict[str, str]) -> httpx.Response:
    filled = {name: named.fill(value, home=phone.home) for name, value in headers.items()}
    return phone.dav(method, path, named.fill(body), **filled)


def seen(answer: httpx.Response, named: Named) -> tuple[Any, ...]:
    """What is told by an answer, without the names that were asked for and what is of the moment."""
    passing = {"date", "x-request-id", "etag", "last-modified"}
    headers = {name: named.without(value) for name, value in answer.headers.items() if name not in passing}
    text = re.sub(r'"\d+"|urn:doable:sync:\S+?:\d+|[0-9TZ]{16}', "<revision>", answer.text)
    return answer.status_code, headers, named.without(text)


def every_attack() -> Iterator[tuple[str, str, dict[str, str]]]:
    for method, many in SENT.items():
        for body, headers in many:
            yield method, body, headers


def test_it_is_known_how_to_attack_every_method_and_report() -> None:
    assert {method for methods in METHODS.values() for method in methods} == {*SENT}
    assert {report for reports in REPORTS.values() for report in reports} == {*REPORTS_SENT}


def test_what_is_below_another_user_is_not_there(phone: Phone, bobs: Bob) -> None:
    before = bobs.everything(), everything(phone.user)
    for thing, (method, body, headers) in itertools.product(bobs.things, every_attack()):
        nothing = nobodys(thing)
        pairs = zip(
            thing.addresses(thing.user, thing.collection),
            nothing.addresses(nothing.user, nothing.collection),
            strict=True,
        )
        for (kind, his), (_, none) in pairs:
            answers = (
                attack(phone, method, his, thing, body, headers),
                attack(phone, method, none, nothing, body, headers),
            )
            assert seen(answers[0], thing) == seen(answers[1], nothing), (kind, method)
            assert answers[0].status_code == 404
            if method != "HEAD":
                assert_refused(answers[0], 404)
    assert (bobs.everything(), everything(phone.user)) == before


def test_his_names_are_free_in_ones_own_home(phone: Phone, bobs: Bob) -> None:
    """Whoever guesses them learns nothing, and whoever takes them has things of their own."""
    before = bobs.everything()
    made = 0
    for thing, (method, body, headers) in itertools.product(bobs.things, every_attack()):
        for collection in {thing.collection, "inbox"}:
            found = []
            for named in (thing, nobodys(thing)):
                segment = named.collection if collection == thing.collection else collection
                for kind, path in named.addresses(phone.user.id, segment):
                    if kind in {Kind.PRINCIPAL, Kind.HOME} or (segment == "inbox" and kind is Kind.COLLECTION):
                        continue
                    answer = attack(phone, method, path, named, body, headers)
                    found.append((named, kind, seen(answer, named)))
                    assert SECRET not in answer.text
                    if method in {"PUT", "MKCALENDAR", "MKCOL"} and answer.is_success:
                        made += 1
                        assert phone.dav("DELETE", path).status_code == 204
            half = len(found) // 2
            assert [each[1:] for each in found[:half]] == [each[1:] for each in found[half:]], method
    assert made
    assert bobs.everything() == before
    assert phone.user.get(phone.user.tasks).json()["total"] == 0


def test_reports_on_ones_own_tell_of_nothing_else(phone: Phone, bobs: Bob) -> None:
    own = make(phone, phone.inbox)
    for thing in bobs.things:
        nothing = nobodys(thing)
        for user in (phone.user.id, "nobody", None):
            found = []
            for named in (thing, nothing):
                href = f"/dav/calendars/{user or named.user}/{named.collection}/{named.name}"
                whole = f"{phone.base_url.copy_with(path=href)}"
                answer = multiget(phone, phone.inbox, href, whole, own)
                told = responses(answer)
                assert told[own].status is None
                assert told.keys() == {own, href}
                assert told[href].status == 404
                found.append(seen(answer, named))
            assert found[0] == found[1]
        for report in (
            REPORTS_SENT[f"{CALDAV}calendar-query"],
            REPORTS_SENT[f"{DAV}sync-collection"],
        ):
            assert names(phone.dav("REPORT", phone.inbox, report, Depth="1")) == {own.rpartition("/")[2]}
        search = REPORTS_SENT[f"{DAV}principal-property-search"]
        for words in (thing.email, thing.user):
            assert responses(phone.dav("REPORT", "/dav/", search.format(email=words))) == {}


def test_tokens_of_his_lists_are_as_those_of_none(phone: Phone, bobs: Bob) -> None:
    own = make_calendar(phone)
    for thing in bobs.things:
        token = token_of(synced(bobs.phone, f"{bobs.phone.home}{thing.collection}/"))
        listed = re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", str(uuid.uuid4()), token)
        for collection in (own, phone.inbox):
            if ":inbox:" in token and collection == phone.inbox:
                continue  # everybody's inbox is called so: a token of it is a number
            answers = [synced(phone, collection, each) for each in (token, listed)]
            assert_refused(answers[0], 403, "D:valid-sync-token")
            assert answers[0].text == answers[1].text


def test_a_number_that_is_his_tells_what_is_ones_own(phone: Phone, bobs: Bob) -> None:
    make(phone, phone.inbox)
    told = synced(phone, phone.inbox, "urn:doable:sync:inbox:0")
    assert len(responses(told)) == 1
    token = token_of(synced(bobs.phone, bobs.phone.inbox))
    assert_refused(synced(phone, phone.inbox, token), 403, "D:valid-sync-token")


@pytest.mark.parametrize("method", ["MOVE", "COPY"])
def test_nothing_is_moved_to_or_from_another(phone: Phone, bobs: Bob, method: str) -> None:
    before = bobs.everything()
    own = make(phone, phone.inbox)
    text = text_of(phone, own)
    for thing, overwrite, absolute in itertools.product(bobs.things, "TF", (False, True)):
        for user in (None, phone.user.id):
            found = []
            for named in (thing, nobodys(thing)):
                if user is not None and named.collection == "inbox":
                    continue
                path = f"/dav/calendars/{user or named.user}/{named.collection}/{named.name}"
                to = f"{phone.base_url.copy_with(path=path)}" if absolute else path
                answer = phone.dav(method, own, Destination=to, Overwrite=overwrite)
                assert_refused(answer, 403 if user is None else 409)
                found.append(seen(answer, named))
            assert len(found) in {0, 2}
            assert found[:1] == found[1:]
    assert text_of(phone, own) == text
    assert bobs.everything() == before


def test_no_condition_tells_of_his(phone: Phone, bobs: Bob) -> None:
    """`If` may name other addresses: what is true of his is not true for anybody else."""
    before = bobs.everything()
    own = make(phone, phone.inbox)
    for thing in bobs.things:
        path = f"{bobs.phone.home}{thing.collection}/"
        right = bobs.phone.get(f"{path}{thing.name}").headers["etag"]
        token = token_of(synced(bobs.phone, path))
        for resource, condition in ((f"{path}{thing.name}", f"[{right}]"), (path, f"<{token}>")):
            for home in (bobs.phone.home, phone.home):
                if home == phone.home and thing.collection == "inbox" and resource == path:
                    continue
                named = resource.replace(bobs.phone.home, home)
                answer = put(phone, own, todo("x"), If=f"<{named}> ({condition})")
                assert_refused(answer, 412)
                # That it is not so, is so.
                same = text_of(phone, own)
                assert put(phone, own, same, If=f"<{named}> (Not {condition})").status_code == 204
    assert bobs.everything() == before


def test_his_uids_lead_nowhere(phone: Phone, bobs: Bob) -> None:
    """A parent that is his is none, also when he puts it later; and his UIDs are free."""
    before = bobs.everything()
    later = str(uuid.uuid4())
    for uid in (*(thing.uid for thing in bobs.things), later):
        mine = str(uuid.uuid4())
        make(phone, phone.inbox, todo(mine, f"RELATED-TO:{uid}"))
        assert phone.user.get(f"{phone.user.tasks}/{mine}").json()["parent_id"] is None
        if uid != later:
            make(phone, phone.inbox, todo(uid, "SUMMARY:mine"), name=f"{uuid.uuid4()}.ics")
            task = phone.user.get(f"{phone.user.tasks}/{mine}").json()
            parent = phone.user.get(f"{phone.user.tasks}/{task['parent_id']}").json()
            assert (parent["title"], parent["user_id"]) == ("mine", phone.user.id)
    assert bobs.everything() == before
    make(bobs.phone, bobs.phone.inbox, todo(later))
    assert phone.user.get(f"{phone.user.tasks}/{mine}").json()["parent_id"] is None

"""What is measured: each operation on one list, with a look at every answer. Nothing but asking and answering is timed."""

import uuid
from collections.abc import Callable, Iterator
from typing import Final

from benchmarks.caldav.client import (
    CREATED,
    CTAG,
    GONE,
    LIST,
    NO_CONTENT,
    OK,
    TODOS,
    Found,
    Object,
    Session,
    Stopwatch,
    multiget,
    sync,
)
from benchmarks.caldav.servers import Store
from benchmarks.caldav.texts import calendar, edited, summary

VERY_FIRST: Final = "first sync of all"
LISTING: Final = "listing"
FIRST_SYNC: Final = "first sync"
PHONE: Final = "a phone's first sync"
AFTER_A_CHANGE: Final = "sync after one change"
LISTING_AGAIN: Final = "listing after one change"
PUT_NEW: Final = "PUT of a new one"
PUT_CHANGE: Final = "PUT of a change"

PHONE_STEP: Final = 10

Times = Iterator[tuple[str, float]]
"""Operations with their seconds."""


def listing(store: Store) -> Times:
    """All ETags by PROPFIND."""
    watch = Stopwatch()
    with watch.running(), store.collection.session() as session:
        answer = session.propfind(LIST, 1)
    yield LISTING, watch.seconds
    _check_etags(store, Found.read(answer))


def first_sync(store: Store) -> Times:
    """All by sync-collection without a token, then all texts by one multiget."""
    watch = Stopwatch()
    with store.collection.session() as session:
        with watch.running():
            answer = session.report(sync(""))
        found = Found.read(answer)
        _check_etags(store, found)
        assert found.token, "no sync-token"
        body = multiget(each.href for each in found.objects.values() if each.status != GONE)
        with watch.running():
            answer = session.report(body)
    yield FIRST_SYNC, watch.seconds
    found = Found.read(answer)
    _check_etags(store, found)
    _check_texts(store, found)


def phone(store: Store) -> Times:
    """As DAVx5: the ctag, the ETags by a query, then ten texts at a time."""
    watch = Stopwatch()
    with store.collection.session() as session:
        with watch.running():
            ctag = session.propfind(CTAG, 0)
            answer = session.report(TODOS)
        assert Found.read(ctag).ctag, "no ctag"
        found = Found.read(answer)
        _check_etags(store, found)
        hrefs = [each.href for each in found.objects.values()]
        bodies = [multiget(hrefs[first : first + PHONE_STEP]) for first in range(0, len(hrefs), PHONE_STEP)]
        with watch.running():
            answers = [session.report(body) for body in bodies]
    yield PHONE, watch.seconds
    objects: dict[str, Object] = {}
    for each in answers:
        objects |= Found.read(each).objects
    found = Found(objects, "", "")
    _check_etags(store, found)
    _check_texts(store, found)


def change(store: Store) -> Times:
    """One task is changed, which a client hears of that has a token, and another that compares ETags."""
    yield from change_and_sync(store)
    watch = Stopwatch()
    with watch.running(), store.collection.session() as session:
        session.propfind(CTAG, 0)
        answer = session.propfind(LIST, 1)
    yield LISTING_AGAIN, watch.seconds
    _check_etags(store, Found.read(answer))


def change_and_sync(store: Store) -> Times:
    """The task that was changed the longest ago is changed, and the change is asked for."""
    name = next(iter(store.titles))
    title = store.titles.pop(name)
    store.titles[name] = f"{title.partition(' (')[0]} ({uuid.uuid4().hex[:8]})"
    text = edited(store.texts[name], store.titles[name])
    with store.collection.session() as session:
        before = Found.read(session.propfind(CTAG, 0))
        watch = Stopwatch()
        with watch.running():
            session.put(store.hrefs[name], text, NO_CONTENT, OK, CREATED, If_Match=store.etags[name])
        yield PUT_CHANGE, watch.seconds
        watch = Stopwatch()
        with watch.running():
            ctag = session.propfind(CTAG, 0)
            answer = session.report(sync(before.token))
        yield AFTER_A_CHANGE, watch.seconds
        assert Found.read(ctag).ctag != before.ctag, "the ctag is the old one"
        found = Found.read(answer)
        assert [*found.objects] == [name], f"{[*found.objects]} have changed, and not {name}"
        assert found.token != before.token, "the sync-token is the old one"
        _check_changed(store, session, name, found)


def _check_changed(store: Store, session: Session, name: str, found: Found) -> None:
    etag = found.objects[name].etag
    assert etag, "no ETag"
    assert etag != store.etags[name], "the ETag is the old one"
    store.etags[name] = etag
    answer = session.ask("GET", store.hrefs[name], "", OK)
    assert answer.etag == etag, f"GET has the ETag {answer.etag}, and the sync {etag}"
    store.texts[name] = answer.body.decode()
    assert summary(store.texts[name]) == store.titles[name], f"{name} is not what was put"


def put_new(store: Store) -> Times:
    """One more, which is taken away again."""
    uid = str(uuid.uuid4())
    path, title = f"{store.collection.path}{uid}.ics", f"Hafermilch kaufen {uid}"
    lines = f"BEGIN:VTODO\r\nUID:{uid}\r\nDTSTAMP:20261126T100000Z\r\nSUMMARY:{title}\r\nDUE;VALUE=DATE:20261224\r\nEND:VTODO\r\n"
    text = calendar("-//Doable//benchmark//EN", lines)
    with store.collection.session() as session:
        watch = Stopwatch()
        with watch.running():
            session.put(path, text, CREATED, If_None_Match="*")
        yield PUT_NEW, watch.seconds
        assert summary(session.ask("GET", path, "", OK).body.decode()) == title, "it is not what was put"
        session.ask("DELETE", path, "", OK, NO_CONTENT)


Operation = Callable[[Store], Times]

OPERATIONS: Final[tuple[Operation, ...]] = (listing, first_sync, phone, change, put_new)


def very_first_sync(store: Store) -> Times:
    """The first sync of all, which makes what a server keeps for later ones."""
    yield from ((VERY_FIRST, seconds) for _, seconds in first_sync(store))


def _check_etags(store: Store, found: Found) -> None:
    """Of every task there is an ETag, and it is the known one. Radicale also tells a new client what is gone."""
    there = {name: each for name, each in found.objects.items() if each.status != GONE}
    assert there.keys() == store.titles.keys(), f"{len(there)} tasks in place of {len(store.titles)}"
    for name, each in there.items():
        assert each.status == OK, f"{name}: {each.status}"
        assert each.etag, f"{name} has no ETag"
        store.hrefs.setdefault(name, each.href)
        known = store.etags.setdefault(name, each.etag)
        assert known == each.etag, f"{name} has the ETag {each.etag} in place of {known}"


def _check_texts(store: Store, found: Found) -> None:
    """Every text is the task's."""
    for name, each in found.objects.items():
        assert each.text, f"{name} has no text"
        assert summary(each.text) == store.titles[name], f"{name} has another SUMMARY"
        store.texts[name] = each.text

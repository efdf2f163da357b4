"""sync-collection: what has changed since a token, and nothing else (RFC 6578)."""

import uuid
from contextlib import closing

import pytest

from support.dav import DAV, SERVER, Phone, assert_refused, request, responses
from support.ical import data, event, make, make_calendar, names, put, synced, task_of, text_of, todo, token_of
from support.users import User


def test_all_at_first(phone: Phone) -> None:
    path = make(phone, phone.inbox, todo("a"), "a")
    make(phone, phone.inbox, todo("gone"), "gone")
    phone.dav("DELETE", f"{phone.inbox}gone")
    made = phone.user.new_task("Made by the API")
    answer = synced(phone, phone.inbox)
    found = responses(answer)
    assert {*found} == {path, f"{phone.inbox}{made['id']}.ics"}
    assert found[path].text(f"{DAV}getetag") == phone.get(path).headers["etag"]
    assert token_of(answer) == phone.text(phone.inbox, "D:sync-token") == phone.text(phone.inbox, "S:getctag")


def test_what_has_changed(phone: Phone) -> None:
    for name in ("a", "b", "c", "d"):
        make(phone, phone.inbox, todo(name, f"SUMMARY:{name}"), name)
    token = token_of(synced(phone, phone.inbox))
    assert responses(synced(phone, phone.inbox, token)) == {}
    put(phone, f"{phone.inbox}a", todo("a", "SUMMARY:changed"))
    phone.dav("DELETE", f"{phone.inbox}b")
    phone.user.patch(f"{phone.user.tasks}/{task_of(phone, 'c')['id']}", json={"title": "by the API"})
    made = phone.user.new_task("new")["id"]
    answer = synced(phone, phone.inbox, token)
    found = responses(answer)
    assert {href.rpartition("/")[2]: each.status for href, each in found.items()} == {
        "a": None,
        "b": 404,
        "c": None,
        f"{made}.ics": None,
    }
    assert responses(synced(phone, phone.inbox, token_of(answer))) == {}


def test_a_name_that_is_there_again_is_not_gone(phone: Phone) -> None:
    path = make(phone, phone.inbox, todo("a"), "a")
    token = token_of(synced(phone, phone.inbox))
    phone.dav("DELETE", path)
    make(phone, phone.inbox, todo("b"), "a")
    found = responses(synced(phone, phone.inbox, token))
    assert {href: each.status for href, each in found.items()} == {path: None}


def test_what_came_and_went_meanwhile(phone: Phone) -> None:
    token = token_of(synced(phone, phone.inbox))
    path = make(phone, phone.inbox, todo("a"), "a")
    phone.dav("DELETE", path)
    assert {each.status for each in responses(synced(phone, phone.inbox, token)).values()} <= {404}


def test_moving_out_of_a_list(phone: Phone) -> None:
    other = make_calendar(phone, "VTODO")
    path = make(phone, phone.inbox, todo("a"), "a")
    before, before_there = (token_of(synced(phone, each)) for each in (phone.inbox, other))
    phone.dav("MOVE", path, Destination=f"{other}b")
    assert responses(synced(phone, phone.inbox, before))[path].status == 404
    assert names(synced(phone, other, before_there)) == {"b"}
    middle = token_of(synced(phone, other))
    task = task_of(phone)
    answer = phone.user.post(f"{phone.user.tasks}/{task['id']}/move", json={"list_id": None})
    assert answer.status_code == 200
    assert responses(synced(phone, other, middle))[f"{other}b"].status == 404
    assert responses(synced(phone, phone.inbox, before))[f"{phone.inbox}b"].status is None


def test_renaming(phone: Phone) -> None:
    path = make(phone, phone.inbox, todo("a"), "a")
    token = token_of(synced(phone, phone.inbox))
    phone.dav("MOVE", path, Destination=f"{phone.inbox}b")
    found = responses(synced(phone, phone.inbox, token))
    assert {href: each.status for href, each in found.items()} == {path: 404, f"{phone.inbox}b": None}


def test_renaming_page_by_page(phone: Phone) -> None:
    path = make(phone, phone.inbox, name="old.ics")
    token, there = token_of(synced(phone, phone.inbox)), {"old.ics"}
    assert phone.dav("MOVE", path, Destination=f"{phone.inbox}new.ics").status_code == 201
    for _ in range(3):
        page = synced(phone, phone.inbox, token, limit=1)
        token = token_of(page)
        for href, found in responses(page).items():
            if href != phone.inbox:
                there = there - {href.rpartition("/")[2]} if found.status == 404 else there | {href.rpartition("/")[2]}
    assert there == {"new.ics"}


def test_a_change_of_another_list_is_none_of_this(phone: Phone) -> None:
    other = make_calendar(phone, "VTODO")
    token = token_of(synced(phone, other))
    make(phone, phone.inbox)
    assert phone.text(other, "D:sync-token") == token
    assert responses(synced(phone, other, token)) == {}


def test_events(phone: Phone) -> None:
    mixed = make_calendar(phone)
    token = token_of(synced(phone, mixed))
    path = make(phone, mixed, event("a", "DTSTART:20270301T100000Z"), "a")
    answer = synced(phone, mixed, token)
    assert names(answer) == {"a"}
    phone.dav("DELETE", path)
    assert responses(synced(phone, mixed, token_of(answer)))[path].status == 404


def test_page_by_page(phone: Phone) -> None:
    for number in range(7):
        make(phone, phone.inbox, todo(f"u{number}"), f"n{number}")
    seen: list[str] = []
    token, pages = "", 0
    while True:
        answer = synced(phone, phone.inbox, token, limit=2)
        found = responses(answer)
        token, pages = token_of(answer), pages + 1
        cut = found.pop(phone.inbox, None)
        assert len(found) <= 2
        seen += [href.rpartition("/")[2] for href in found]
        if cut is None:
            break
        assert cut.status == 507
    assert sorted(seen) == ["n0", "n1", "n2", "n3", "n4", "n5", "n6"]
    assert pages == 4
    assert token == phone.text(phone.inbox, "D:sync-token")


def test_pages_of_changes_and_removals(phone: Phone) -> None:
    for number in range(6):
        make(phone, phone.inbox, todo(f"u{number}"), f"n{number}")
    token = token_of(synced(phone, phone.inbox))
    for number in range(0, 6, 2):
        phone.dav("DELETE", f"{phone.inbox}n{number}")
        put(phone, f"{phone.inbox}n{number + 1}", todo(f"u{number + 1}", "SUMMARY:changed"))
    seen = {}
    for _ in range(7):
        answer = synced(phone, phone.inbox, token, limit=1)
        found = responses(answer)
        cut, token = found.pop(phone.inbox, None), token_of(answer)
        seen.update({href.rpartition("/")[2]: each.status for href, each in found.items()})
        if cut is None:
            break
    assert seen == {"n0": 404, "n1": None, "n2": 404, "n3": None, "n4": 404, "n5": None}


def test_what_changes_between_two_pages_is_on_a_later_one(phone: Phone) -> None:
    for number in range(4):
        make(phone, phone.inbox, todo(f"u{number}"), f"n{number}")
    first = synced(phone, phone.inbox, limit=2)
    put(phone, f"{phone.inbox}n0", todo("u0", "SUMMARY:changed"))
    phone.dav("DELETE", f"{phone.inbox}n1")
    rest = responses(synced(phone, phone.inbox, token_of(first)))
    assert {href.rpartition("/")[2]: each.status for href, each in rest.items()} == {
        "n0": None,
        "n1": 404,
        "n2": None,
        "n3": None,
    }


def test_tokens_of_others(phone: Phone) -> None:
    other = make_calendar(phone, "VTODO")
    own = token_of(synced(phone, phone.inbox))
    base, revision = own.rpartition(":")[0], int(own.rpartition(":")[2])
    with closing(User(f"{phone.base_url}")) as user, closing(Phone(user)) as others:
        calendar = make_calendar(others, "VTODO")
        make(others, calendar)
        for wrong in (
            token_of(synced(others, calendar)),
            token_of(synced(phone, other)),
            f"{base}:{revision + 1000}",
            f"{base}:-1",
            f"{base}:x",
            f"{base}:{'9' * 50}",
            "http://example.com/sync/1",
            "x",
            str(uuid.uuid4()),
        ):
            assert_refused(synced(phone, phone.inbox, wrong), 403, "D:valid-sync-token")


def test_with_texts(phone: Phone) -> None:
    path = make(phone, phone.inbox, todo("a"), "a")
    said = "<D:sync-token/><D:sync-level>1</D:sync-level><D:prop><D:getetag/><C:calendar-data/></D:prop>"
    found = responses(phone.dav("REPORT", phone.inbox, request("D:sync-collection", said)))
    assert data(found[path]) == text_of(phone, path)


@pytest.mark.parametrize(
    ("said", "depth", "status"),
    [
        ("<D:sync-token/><D:sync-level>1</D:sync-level>", "0", 207),
        ("<D:sync-token/><D:sync-level>1</D:sync-level>", "1", 207),
        ("<D:sync-token/><D:sync-level>infinite</D:sync-level>", "0", 207),
        ("<D:sync-token/>", "1", 207),
        ("<D:sync-level>1</D:sync-level>", "0", 207),
        ("<D:sync-token/><D:sync-level>2</D:sync-level>", "0", 400),
        ("<D:sync-token/><D:sync-level>1</D:sync-level><D:limit><D:nresults>0</D:nresults></D:limit>", "0", 400),
    ],
)
def test_forms(anns: Phone, said: str, depth: str, status: int) -> None:
    body = request("D:sync-collection", f"{said}<D:prop><D:getetag/></D:prop>")
    answer = anns.dav("REPORT", anns.inbox, body, Depth=depth)
    assert answer.status_code == status
    assert_refused(anns.dav("REPORT", f"{anns.home}nowhere/", body), status if status == 400 else 404)


def test_the_ctag_is_the_token(anns: Phone) -> None:
    before = anns.propfind(anns.inbox, "D:sync-token", "S:getctag")[anns.inbox]
    assert before.text(f"{DAV}sync-token") == before.text(f"{SERVER}getctag")
    make(anns, anns.inbox)
    after = anns.propfind(anns.inbox, "D:sync-token", "S:getctag")[anns.inbox]
    assert after.text(f"{SERVER}getctag") == after.text(f"{DAV}sync-token") != before.text(f"{DAV}sync-token")

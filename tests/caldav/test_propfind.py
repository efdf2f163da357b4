"""Properties, as programs read them on their way from the root to the lists."""

import uuid
from contextlib import closing
from email.utils import parsedate_to_datetime

import httpx
import pytest
from sqlalchemy import Connection, update

from conftest import NewServer
from doable.accounts.tables import users
from support.api_tokens import create
from support.dav import APPLE, CALDAV, DAV, SERVER, Phone, assert_refused, elements, multistatus, request, responses
from support.schema import on_connection, settings_of
from support.server import Server
from support.users import User

EVERYWHERE = {
    f"{DAV}resourcetype",
    f"{DAV}displayname",
    f"{DAV}current-user-principal",
    f"{DAV}principal-collection-set",
    f"{DAV}current-user-privilege-set",
    f"{DAV}owner",
    f"{DAV}supported-report-set",
    f"{DAV}supported-privilege-set",
}
OF_LISTS = {
    f"{CALDAV}supported-calendar-component-set",
    f"{CALDAV}supported-calendar-data",
    f"{CALDAV}supported-collation-set",
    f"{CALDAV}max-resource-size",
    f"{CALDAV}min-date-time",
    f"{CALDAV}max-date-time",
    f"{SERVER}getctag",
    f"{DAV}sync-token",
    f"{DAV}resource-id",
    f"{DAV}getcontenttype",
    f"{APPLE}calendar-order",
}
OF_OBJECTS = {
    f"{DAV}getetag",
    f"{DAV}getcontenttype",
    f"{DAV}getcontentlength",
    f"{DAV}getlastmodified",
    f"{DAV}creationdate",
}


def new_list(user: User, **fields: object) -> str:
    answer = user.post(f"/api/{user.id}/lists", json={"name": "Groceries", **fields})
    assert answer.status_code == 201
    id_: str = answer.json()["id"]
    return id_


def names_of(phone: Phone, path: str) -> set[str]:
    answer = phone.dav("PROPFIND", path, request("D:propfind", "<D:propname/>"), Depth="0")
    (found,) = responses(answer).values()
    assert all(each.text is None and not len(each) for each in found.properties.values())
    return set(found.properties)


def test_the_way_from_the_root_to_the_lists(phone: Phone) -> None:
    list_id = new_list(phone.user, color="#2a9d8f")
    (root,) = phone.propfind("/dav/", "D:current-user-principal", "D:resourcetype").values()
    assert root.hrefs(f"{DAV}current-user-principal") == [phone.principal]
    (principal,) = phone.propfind(phone.principal, "C:calendar-home-set", "D:resourcetype", "D:principal-URL").values()
    assert elements(principal.properties[f"{DAV}resourcetype"]) == {f"{DAV}collection", f"{DAV}principal"}
    assert principal.hrefs(f"{DAV}principal-URL") == [phone.principal]
    (home,) = principal.hrefs(f"{CALDAV}calendar-home-set")
    assert home == phone.home
    found = phone.propfind(home, "D:resourcetype", "D:displayname", "A:calendar-color", depth="1")
    assert [*found] == [home, phone.inbox, f"{home}{list_id}/"]
    assert elements(found[home].properties[f"{DAV}resourcetype"]) == {f"{DAV}collection"}
    for each in (phone.inbox, f"{home}{list_id}/"):
        assert elements(found[each].properties[f"{DAV}resourcetype"]) == {f"{DAV}collection", f"{CALDAV}calendar"}
    assert found[f"{home}{list_id}/"].text(f"{DAV}displayname") == "Groceries"
    assert found[f"{home}{list_id}/"].text(f"{APPLE}calendar-color") == "#2a9d8f"
    assert found[phone.inbox].statuses[f"{APPLE}calendar-color"] == 404


def test_what_is_below_what(anns: Phone) -> None:
    for path, below in {
        "/dav/": ["/dav/principals/", "/dav/calendars/"],
        "/dav/principals/": [anns.principal],
        "/dav/calendars/": [anns.home],
        anns.principal: [],
        anns.home: [anns.inbox],
        anns.inbox: [],
    }.items():
        assert [*anns.propfind(path, "D:resourcetype", depth="1")] == [path, *below]
        assert [*anns.propfind(path, "D:resourcetype", depth="0")] == [path]
        assert [*responses(anns.dav("PROPFIND", path))] == [path]
        assert_refused(anns.dav("PROPFIND", path, Depth="infinity"), 403, "D:propfind-finite-depth")
        assert_refused(anns.dav("PROPFIND", path, Depth="2"), 400)


def test_every_kind_of_thing_has_its_properties(phone: Phone) -> None:
    task = phone.user.new_task()
    for path in ("/dav/", "/dav/principals/", "/dav/calendars/", phone.home):
        assert names_of(phone, path) == EVERYWHERE
    assert names_of(phone, phone.principal) == EVERYWHERE | {
        f"{DAV}principal-URL",
        f"{DAV}alternate-URI-set",
        f"{DAV}group-member-set",
        f"{DAV}group-membership",
        f"{CALDAV}calendar-home-set",
        f"{CALDAV}calendar-user-address-set",
    }
    assert names_of(phone, phone.inbox) >= EVERYWHERE | OF_LISTS
    assert names_of(phone, f"{phone.inbox}{task['id']}.ics") == EVERYWHERE - {f"{DAV}displayname"} | OF_OBJECTS


def test_what_each_has_is_told_when_asked_for(phone: Phone) -> None:
    list_id = new_list(phone.user, color="#2a9d8f")
    task = phone.user.new_task(list_id=list_id)
    for path in (
        "/dav/",
        phone.principal,
        phone.home,
        phone.inbox,
        f"{phone.home}{list_id}/",
        f"{phone.home}{list_id}/{task['id']}.ics",
    ):
        names = names_of(phone, path)
        asked = "".join(f'<x:{local} xmlns:x="{space}"/>' for space, local in (name[1:].split("}") for name in names))
        (found,) = responses(phone.dav("PROPFIND", path, request("D:propfind", f"<D:prop>{asked}</D:prop>"))).values()
        assert set(found.properties) == names
        assert set(found.statuses) == names


def test_objects_below_a_list(phone: Phone) -> None:
    list_id = new_list(phone.user)
    path = f"{phone.home}{list_id}/"
    tasks = [phone.user.new_task(f"Task {n}", list_id=list_id) for n in range(3)]
    phone.user.new_task("Elsewhere")
    found = phone.propfind(
        path, "D:getetag", "D:getcontenttype", "D:resourcetype", "D:getcontentlength", "D:x", depth="1"
    )
    assert [*found] == [path, *(f"{path}{task['id']}.ics" for task in tasks)]
    for task in tasks:
        each = found[f"{path}{task['id']}.ics"]
        assert each.text(f"{DAV}getetag") == f'"{task["revision"]}"'
        assert each.text(f"{DAV}getcontenttype") == "text/calendar; charset=utf-8; component=VTODO"
        assert elements(each.properties[f"{DAV}resourcetype"]) == set()
        assert int(each.text(f"{DAV}getcontentlength") or 0) > 100
        assert each.statuses[f"{DAV}x"] == 404
    (one,) = phone.propfind(f"{path}{tasks[0]['id']}.ics", "D:getetag", "D:getlastmodified", "D:owner").items()
    assert one[0] == f"{path}{tasks[0]['id']}.ics"
    assert one[1].text(f"{DAV}getetag") == f'"{tasks[0]["revision"]}"'
    assert one[1].hrefs(f"{DAV}owner") == [phone.principal]
    assert parsedate_to_datetime(one[1].text(f"{DAV}getlastmodified") or "").tzinfo is not None
    assert_refused(phone.dav("PROPFIND", f"{path}{uuid.uuid4()}.ics"), 404)
    assert_refused(phone.dav("PROPFIND", f"{phone.home}{uuid.uuid4()}/"), 404)


def test_all_properties(phone: Phone) -> None:
    phone.user.new_task()
    nothing = phone.dav("PROPFIND", phone.home, Depth="1")
    everything = phone.dav("PROPFIND", phone.home, request("D:propfind", "<D:allprop/>"), Depth="1")
    assert nothing.content == everything.content
    found = responses(everything)
    assert set(found[phone.inbox].statuses) == {f"{DAV}resourcetype", f"{DAV}displayname", f"{DAV}getcontenttype"}
    more = request("D:propfind", "<D:allprop/><D:include><S:getctag/><D:nonsense/></D:include>")
    with_more = responses(phone.dav("PROPFIND", phone.inbox, more))[phone.inbox]
    assert set(with_more.properties) == {*found[phone.inbox].statuses, f"{SERVER}getctag"}
    assert with_more.statuses[f"{DAV}nonsense"] == 404
    objects = [
        each for path, each in responses(phone.dav("PROPFIND", phone.inbox, Depth="1")).items() if path.endswith(".ics")
    ]
    assert set(objects[0].statuses) == OF_OBJECTS - {f"{DAV}getcontentlength"} | {f"{DAV}resourcetype"}


@pytest.mark.parametrize("headers", [{"Prefer": "return=minimal"}, {"Prefer": "x, RETURN=minimal"}, {"Brief": "t"}])
def test_what_is_not_there_is_left_out_for_who_wants_little(anns: Phone, headers: dict[str, str]) -> None:
    anns.user.new_task()
    found = anns.propfind(anns.inbox, "D:getetag", "D:displayname", "D:nonsense", depth="1", **headers)
    assert found[anns.inbox].statuses == {f"{DAV}displayname": 200}
    assert [each.statuses for path, each in found.items() if path != anns.inbox] == [{f"{DAV}getetag": 200}]
    (nothing,) = anns.propfind("/dav/", "D:nonsense", **headers).values()
    assert nothing.statuses == {}


def test_no_more_names_than_anybody_asks_for(anns: Phone) -> None:
    """Each would come back with each of thousands of objects."""

    def ask(*names: str) -> httpx.Response:
        inner = "".join(f"<D:{name}/>" for name in names)
        return anns.dav("PROPFIND", anns.inbox, request("D:propfind", f"<D:prop>{inner}</D:prop>"), Depth="1")

    assert len(responses(ask(*(f"a{number}" for number in range(100))))[anns.inbox].statuses) == 100
    assert_refused(ask(*(f"a{number}" for number in range(101))), 400)
    assert_refused(ask("a" * 9000), 400)
    expanding = "".join(f'<D:property name="a{number}"/>' for number in range(101))
    assert_refused(anns.dav("REPORT", anns.inbox, request("D:expand-property", expanding)), 400)


def test_who_one_is(phone: Phone) -> None:
    user = phone.user
    user.patch("/api/auth/me", json={"name": "Alice & Co"})
    (found,) = phone.propfind(
        phone.principal, "D:displayname", "C:calendar-user-address-set", "S:email-address-set"
    ).values()
    assert found.text(f"{DAV}displayname") == "Alice & Co"
    # Nobody has shown that the address is hers.
    assert found.hrefs(f"{CALDAV}calendar-user-address-set") == [phone.principal, f"urn:uuid:{user.id}"]
    assert found.statuses[f"{SERVER}email-address-set"] == 404


def test_an_address_that_was_shown_to_be_ones_own(server: Server, phone: Phone) -> None:
    def verify(connection: Connection) -> None:
        connection.execute(
            update(users).where(users.c.id == phone.user.id).values(email_verified_at=users.c.created_at)
        )

    on_connection(settings_of(server), verify)
    (found,) = phone.propfind(phone.principal, "C:calendar-user-address-set", "S:email-address-set").values()
    assert found.hrefs(f"{CALDAV}calendar-user-address-set")[0] == f"mailto:{phone.user.email}"
    address = found.properties[f"{SERVER}email-address-set"].findtext(f"{SERVER}email-address")
    assert address == phone.user.email
    searched = (
        f"<D:property-search><D:prop><S:email-address-set/></D:prop><D:match>{address}</D:match></D:property-search>"
    )
    answer = phone.dav("REPORT", "/dav/principals/", request("D:principal-property-search", searched))
    assert [*responses(answer)] == [phone.principal]


def test_what_the_token_lets_one_do(phone: Phone) -> None:
    task = phone.user.new_task()
    path = f"{phone.inbox}{task['id']}.ics"
    with closing(Phone(phone.user, "tasks:read")) as reader:
        for each in ("/dav/", phone.principal, phone.home, phone.inbox, path):
            told = reader.prop(each, "D:current-user-privilege-set")
            assert told is not None
            assert {f"{DAV}read"} <= {child.tag for child in told.iter()}
            assert not {f"{DAV}write", f"{DAV}bind", f"{DAV}write-content"} & {child.tag for child in told.iter()}
        writing = request("D:propertyupdate", "<D:set><D:prop><D:displayname>x</D:displayname></D:prop></D:set>")
        for method, body in (("PROPPATCH", writing), ("MKCALENDAR", ""), ("DELETE", ""), ("PUT", ""), ("MKCOL", "")):
            root = assert_refused(reader.dav(method, f"{phone.home}other/", body), 403, "D:need-privileges")
            assert root.findtext(f".//{DAV}href") == f"{phone.home}other/"
            assert root.find(f".//{DAV}privilege/{DAV}write") is not None
    for each, expected in ((phone.home, "bind"), (phone.inbox, "write-properties"), (path, "write-content")):
        told = phone.prop(each, "D:current-user-privilege-set")
        assert told is not None
        assert f"{DAV}{expected}" in {child.tag for child in told.iter()}
    with closing(Phone(phone.user, "tasks:write")) as writer:
        assert_refused(writer.dav("PROPFIND", "/dav/"), 403, "D:need-privileges")
    with closing(Phone(phone.user, "account")) as neither:
        assert_refused(neither.dav("OPTIONS", "/dav/"), 403, "D:need-privileges")


def test_tokens_move_with_what_is_in_a_list_and_with_nothing_else(phone: Phone) -> None:
    lists = [f"{phone.home}{new_list(phone.user, name=name)}/" for name in ("One", "Two")]

    def tokens() -> list[str | None]:
        found = phone.propfind(phone.home, "S:getctag", "D:sync-token", depth="1")
        each = [found[path] for path in (*lists, phone.inbox)]
        assert [one.text(f"{SERVER}getctag") for one in each] == [one.text(f"{DAV}sync-token") for one in each]
        return [one.text(f"{DAV}sync-token") for one in each]

    before = tokens()
    task = phone.user.new_task(list_id=lists[0].split("/")[-2])
    after = tokens()
    assert after[0] != before[0]
    assert after[1:] == before[1:]
    phone.user.delete(f"{phone.user.tasks}/{task['id']}")
    gone = tokens()
    assert gone[0] not in {before[0], after[0]}
    assert gone[1:] == before[1:]
    assert all(token and token.startswith("urn:doable:sync:") for token in gone)
    assert [phone.text(path, "D:sync-token") for path in (*lists, phone.inbox)] == gone


def test_lists_are_in_order_and_archived_ones_are_shown(phone: Phone) -> None:
    user = phone.user
    ids = [new_list(user, name=f"List {n}", is_archived=n == 1) for n in range(3)]
    user.post(f"/api/{user.id}/lists/{ids[2]}/move", json={"place": "first"})
    found = phone.propfind(phone.home, "A:calendar-order", depth="1")
    paths = [phone.inbox, *(f"{phone.home}{each}/" for each in (ids[2], ids[0], ids[1]))]
    assert [*found][1:] == paths
    assert [found[path].text(f"{APPLE}calendar-order") for path in paths] == ["0", "1", "2", "3"]
    assert [phone.text(path, "A:calendar-order") for path in paths] == ["0", "1", "2", "3"]


def test_what_a_list_says_of_itself(phone: Phone) -> None:
    (found,) = phone.propfind(phone.inbox).values()
    component_set = phone.prop(phone.inbox, "C:supported-calendar-component-set")
    assert component_set is not None
    assert [each.attrib for each in component_set] == [{"name": "VTODO"}]
    reports = phone.prop(phone.inbox, "D:supported-report-set")
    assert reports is not None
    assert f"{DAV}expand-property" in {each.tag for each in reports.iter()}
    assert phone.text(phone.inbox, "C:max-resource-size") == str(1024 * 1024)
    resource_id = phone.prop(phone.inbox, "D:resource-id")
    assert resource_id is not None
    assert resource_id.findtext(f"{DAV}href") == f"urn:uuid:{phone.user.id}"
    assert found.text(f"{DAV}displayname") == "Inbox"
    of_list = f"{phone.home}{new_list(phone.user)}/"
    assert parsedate_to_datetime(phone.text(of_list, "D:getlastmodified") or "").tzinfo is not None


def test_what_can_be_done_where(anns: Phone) -> None:
    task = anns.user.new_task()
    for path in ("/dav/", "/dav/principals/", anns.principal, anns.home, anns.inbox, f"{anns.inbox}{task['id']}.ics"):
        answer = anns.dav("OPTIONS", path)
        assert answer.status_code == 200
        assert answer.content == b""
        assert answer.headers["dav"] == "1, 3, extended-mkcol, calendar-access"
        allowed = set(answer.headers["allow"].split(", "))
        assert allowed >= {"OPTIONS", "PROPFIND", "PROPPATCH", "REPORT"}
        assert not allowed & {"LOCK", "MKCALENDAR", "MKCOL", "POST"}
        assert ("DELETE" in allowed) == path.startswith(anns.inbox)
        refused = anns.dav("LOCK", path)
        assert_refused(refused, 405)
        assert refused.headers["allow"] == answer.headers["allow"]
    nothing = anns.dav("OPTIONS", f"{anns.home}other/")
    assert (nothing.status_code, nothing.headers["allow"]) == (200, "OPTIONS, MKCALENDAR, MKCOL")


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_behind_a_proxy_with_a_path_of_its_own(new_server: NewServer) -> None:
    with (
        new_server(PUBLIC_URL="https://example.com/tasks") as server,
        closing(User(server.url)) as user,
        closing(Phone(user)) as phone,
    ):
        new_list(user)
        for prefix in ("", "/tasks"):
            (root,) = phone.propfind(f"{prefix}/dav", "D:current-user-principal", Host="example.com").values()
            assert root.hrefs(f"{DAV}current-user-principal") == [f"/tasks{phone.principal}"]
            found = phone.propfind(f"{prefix}{phone.home}", "D:owner", depth="1", Host="example.com")
            assert len(found) == 3
            assert all(path.startswith(f"/tasks{phone.home}") for path in found)


def test_a_program_without_a_token_of_an_api(alice: User) -> None:
    """A log-in lets in as well, for as long as it lasts."""
    headers = {"Authorization": f"Bearer {alice.token}", "Depth": "0"}
    answer = alice.request("PROPFIND", "/dav/", headers=headers)
    assert multistatus(answer) is not None
    assert create(alice)["token"] not in answer.text

"""Lists that calendar programs make and remove."""

import uuid
from xml.etree import ElementTree as ET

import httpx
import pytest

from support.dav import CALDAV, DAV, Found, Phone, assert_refused, request

ALL = {"VTODO", "VEVENT", "VJOURNAL"}


def wanted(root: str, *properties: str) -> str:
    return request(root, f"<D:set><D:prop>{''.join(properties)}</D:prop></D:set>")


def components(*names: str) -> str:
    inner = "".join(f'<C:comp name="{name}"/>' for name in names)
    return f"<C:supported-calendar-component-set>{inner}</C:supported-calendar-component-set>"


CALENDAR = "<D:resourcetype><D:collection/><C:calendar/></D:resourcetype>"
NAME = "<D:displayname>Groceries</D:displayname>"


def make(phone: Phone, segment: str, *properties: str, method: str = "MKCALENDAR") -> httpx.Response:
    root = "C:mkcalendar"
    if method == "MKCOL":
        root, properties = "D:mkcol", (CALENDAR, *properties)
    return phone.dav(method, f"{phone.home}{segment}/", wanted(root, *properties) if properties else "")


def component_set(phone: Phone, path: str) -> set[str]:
    found = phone.prop(path, "C:supported-calendar-component-set")
    assert found is not None
    return {each.attrib["name"] for each in found}


@pytest.mark.parametrize("method", ["MKCALENDAR", "MKCOL"])
def test_a_list_is_made(phone: Phone, method: str) -> None:
    user = phone.user
    made = make(
        phone,
        "gr%C3%B6ceries@home",
        NAME,
        "<A:calendar-color>#112233FF</A:calendar-color>",
        "<D:x>1</D:x>",
        components("VTODO"),
        method=method,
    )
    assert (made.status_code, made.content) == (201, b"")
    paths = [*phone.propfind(phone.home, "D:displayname", depth="1")]
    path = f"{phone.home}gr%C3%B6ceries%40home/"
    assert path in paths
    for each in (path, path.replace("%40", "@"), path[:-1]):
        assert phone.text(each, "D:displayname") == "Groceries"
    assert phone.text(path, "A:calendar-color") == "#112233FF"
    assert phone.text(path, "D:x") == "1"
    assert component_set(phone, path) == {"VTODO"}
    (of_api,) = user.get(f"/api/{user.id}/lists").json()["lists"]
    assert of_api | {"name": "Groceries", "color": "#112233"} == of_api
    task = user.new_task(list_id=of_api["id"])
    assert f"{path}{task['id']}.ics" in phone.propfind(path, "D:getetag", depth="1")


def test_without_a_word_it_takes_all_kinds(phone: Phone) -> None:
    assert make(phone, "any").status_code == 201
    assert phone.text(f"{phone.home}any/", "D:displayname") == "any"
    assert component_set(phone, f"{phone.home}any/") == ALL
    assert make(phone, "events", components("VEVENT")).status_code == 201
    assert component_set(phone, f"{phone.home}events/") == {"VEVENT"}
    assert make(phone, "both", components("vtodo", "VEVENT")).status_code == 201
    assert component_set(phone, f"{phone.home}both/") == {"VTODO", "VEVENT"}


def test_a_uuid_that_is_free_is_the_lists_id(phone: Phone) -> None:
    id_ = str(uuid.uuid4())
    assert make(phone, id_, NAME, components("VTODO")).status_code == 201
    assert phone.text(f"{phone.home}{id_}/", "D:displayname") == "Groceries"
    assert phone.user.get(f"/api/{phone.user.id}/lists/{id_}").status_code == 200


def test_names_may_be_the_same_and_addresses_not(phone: Phone) -> None:
    assert make(phone, "one", NAME).status_code == 201
    assert make(phone, "two", NAME).status_code == 201
    for method in ("MKCALENDAR", "MKCOL"):
        for segment in ("one", "inbox"):
            answer = make(phone, segment, NAME, method=method)
            assert_refused(answer, 405, "D:resource-must-be-null")
            assert "PROPFIND" in answer.headers["allow"]
        for path in (phone.home, phone.principal, "/dav/"):
            assert_refused(
                phone.dav(method, path, wanted("D:mkcol" if method == "MKCOL" else "C:mkcalendar", CALENDAR)),
                405,
                "D:resource-must-be-null",
            )


def test_only_in_the_home(phone: Phone) -> None:
    assert make(phone, "one", NAME).status_code == 201
    for method in ("MKCALENDAR", "MKCOL"):
        assert_refused(make(phone, "nothing/below", method=method), 409)
        assert_refused(make(phone, "one/below", NAME, method=method), 403, "C:calendar-collection-location-ok")


@pytest.mark.parametrize("method", ["MKCALENDAR", "MKCOL"])
@pytest.mark.parametrize(
    ("wrong", "status", "condition"),
    [
        (components("VTODO", "VPOLL"), 403, f"{CALDAV}supported-calendar-component"),
        ("<D:getetag>x</D:getetag>", 403, f"{DAV}cannot-modify-protected-property"),
        ("<C:calendar-timezone>x</C:calendar-timezone>", 403, f"{CALDAV}valid-calendar-data"),
        (f"<D:large>{'x' * 16 * 1024}</D:large>", 507, None),
    ],
)
def test_what_cannot_be_made_so_is_not_made(
    phone: Phone, method: str, wrong: str, status: int, condition: str | None
) -> None:
    answer = make(phone, "one", NAME, wrong, method=method)
    assert answer.status_code == status  # and not 207, which programs take for success
    root = ET.fromstring(answer.content)  # noqa: S314 - the server's own
    assert root.tag == (f"{DAV}mkcol-response" if method == "MKCOL" else f"{CALDAV}mkcalendar-response")
    found = Found(root)
    assert found.statuses[f"{DAV}displayname"] == 424
    (name,) = (name for name, each in found.statuses.items() if each == status)
    assert found.conditions.get(name) == condition
    assert phone.dav("PROPFIND", f"{phone.home}one/").status_code == 404


def test_other_collections_are_not_made(phone: Phone) -> None:
    assert_refused(phone.dav("MKCOL", f"{phone.home}one/"), 403, "D:valid-resourcetype")
    assert_refused(phone.dav("MKCOL", f"{phone.home}one/", wanted("D:mkcol", NAME)), 403, "D:valid-resourcetype")
    for types in ("<D:collection/>", "<C:calendar/>", "<D:collection/><D:addressbook/>", ""):
        answer = phone.dav("MKCOL", f"{phone.home}one/", wanted("D:mkcol", f"<D:resourcetype>{types}</D:resourcetype>"))
        assert answer.status_code == 403
        assert Found(ET.fromstring(answer.content)).conditions == {f"{DAV}resourcetype": f"{DAV}valid-resourcetype"}  # noqa: S314
    for method in ("MKCOL", "MKCALENDAR"):
        assert_refused(phone.dav(method, f"{phone.home}one/", request("D:propfind", "<D:allprop/>")), 415)
    assert phone.dav("PROPFIND", f"{phone.home}one/").status_code == 404


def test_as_many_as_one_may_have(anns: Phone) -> None:
    user = anns.user
    operations = [{"op": "create", "kind": "list", "list": {"name": str(number)}} for number in range(500)]
    assert user.post(f"{user.tasks}/batch", json={"operations": operations}).status_code == 200
    assert_refused(make(anns, "one-more", NAME), 507, "D:quota-not-exceeded")


def test_a_list_is_removed_with_its_tasks(phone: Phone) -> None:
    user = phone.user
    make(phone, "one", NAME)
    (of_api,) = user.get(f"/api/{user.id}/lists").json()["lists"]
    tasks = [user.new_task(list_id=of_api["id"]) for _ in range(3)]
    kept = user.new_task()
    answer = phone.dav("DELETE", f"{phone.home}one/")
    assert (answer.status_code, answer.content) == (204, b"")
    assert_refused(phone.dav("PROPFIND", f"{phone.home}one/"), 404)
    assert_refused(phone.dav("DELETE", f"{phone.home}one/"), 404)
    assert [user.get(f"{user.tasks}/{task['id']}").status_code for task in tasks] == [404] * 3
    assert user.get(f"{user.tasks}/{kept['id']}").status_code == 200
    # It can be undone, with all that was in it.
    (newest, *_) = user.get(f"/api/{user.id}/undo").json()["undos"]
    assert user.post(f"/api/{user.id}/undo/{newest['token']}").status_code == 200
    assert phone.text(f"{phone.home}one/", "D:displayname") == "Groceries"
    assert [user.get(f"{user.tasks}/{task['id']}").status_code for task in tasks] == [200] * 3


def test_what_is_always_there_is_not_removed(phone: Phone) -> None:
    for path in ("/dav/", "/dav/principals/", phone.principal, "/dav/calendars/", phone.home, phone.inbox):
        assert_refused(phone.dav("DELETE", path), 403)
    assert_refused(phone.dav("DELETE", f"{phone.home}{uuid.uuid4()}/"), 404)

"""PROPPATCH: all of a body's wishes or none, and what comes back is what was set."""

from xml.etree import ElementTree as ET

import pytest

from support.dav import APPLE, CALDAV, DAV, SERVER, Found, Phone, assert_refused, request, responses

ZONE = "BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:x\nBEGIN:VTIMEZONE\nTZID:Europe/Berlin\nEND:VTIMEZONE\nEND:VCALENDAR\n"


def patch(phone: Phone, path: str, *actions: str, **headers: str) -> Found:
    """The result; `actions` are XML such as `<D:set><D:prop>…`."""
    (found,) = responses(
        phone.dav("PROPPATCH", path, request("D:propertyupdate", "".join(actions)), **headers)
    ).values()
    return found


def setting(*properties: str) -> str:
    return f"<D:set><D:prop>{''.join(properties)}</D:prop></D:set>"


def removing(*names: str) -> str:
    return f"<D:remove><D:prop>{''.join(f'<{name}/>' for name in names)}</D:prop></D:remove>"


def shape(element: ET.Element) -> object:
    """All of it, but for the prefixes."""
    return element.tag, element.attrib, element.text, [(shape(child), child.tail) for child in element]


@pytest.fixture
def shared(phone: Phone) -> str:
    """The address of a list."""
    user = phone.user
    id_: str = user.post(f"/api/{user.id}/lists", json={"name": "Groceries"}).json()["id"]
    return f"{phone.home}{id_}/"


def of_api(phone: Phone, path: str) -> dict[str, object]:
    user = phone.user
    found: dict[str, object] = user.get(f"/api/{user.id}/lists/{path.split('/')[-2]}").json()
    return found


def test_the_name_and_colour_are_those_of_the_list(phone: Phone, shared: str) -> None:
    found = patch(
        phone,
        shared,
        setting("<D:displayname> Food &amp; drink </D:displayname>", "<A:calendar-color>#FF2968FF</A:calendar-color>"),
    )
    assert found.statuses == {f"{DAV}displayname": 200, f"{APPLE}calendar-color": 200}
    assert all(each.text is None for each in found.properties.values())
    assert of_api(phone, shared) | {"name": "Food & drink", "color": "#ff2968"} == of_api(phone, shared)
    assert phone.text(shared, "D:displayname") == "Food & drink"
    assert phone.text(shared, "A:calendar-color") == "#FF2968FF"
    # What the API sets is told in place of it.
    phone.user.patch(f"/api/{phone.user.id}/lists/{shared.split('/')[-2]}", json={"color": "#000000"})
    assert (phone.text(shared, "A:calendar-color") or "")[:7] == "#000000"
    assert patch(phone, shared, removing("A:calendar-color")).statuses == {f"{APPLE}calendar-color": 200}
    assert phone.prop(shared, "A:calendar-color") is None
    assert of_api(phone, shared)["color"] is None


def test_the_inbox_may_be_named_and_coloured(phone: Phone) -> None:
    found = patch(
        phone, phone.inbox, setting("<D:displayname>In</D:displayname>", "<A:calendar-color>#112233</A:calendar-color>")
    )
    assert set(found.statuses.values()) == {200}
    assert phone.text(phone.inbox, "D:displayname") == "In"
    assert phone.text(phone.inbox, "A:calendar-color") == "#112233"


def test_whatever_else_a_program_wants_to_keep(phone: Phone, shared: str) -> None:
    odd = '<x:meta xmlns:x="urn:tasks" xmlns:y="urn:y" a="1" xml:lang="de"><y:b>1 &lt; 2 &amp; "ü" </y:b>tail</x:meta>'
    bare = "<bare>text</bare>"
    found = patch(
        phone,
        shared,
        setting(odd, bare, "<C:calendar-description xml:lang='de'>Was zu kaufen ist</C:calendar-description>"),
        setting(
            "<A:calendar-order>7</A:calendar-order>", f"<C:calendar-timezone><![CDATA[{ZONE}]]></C:calendar-timezone>"
        ),
    )
    assert set(found.statuses.values()) == {200}
    for path in (shared, phone.home):
        everything = phone.propfind(path, depth="1")[shared]
        kept = everything.properties["{urn:tasks}meta"]
        assert shape(kept) == shape(ET.fromstring(odd))  # noqa: S314 - of this test
        assert everything.text("bare") == "text"
        assert everything.text(f"{CALDAV}calendar-description") == "Was zu kaufen ist"
        assert everything.properties[f"{CALDAV}calendar-description"].attrib == {
            "{http://www.w3.org/XML/1998/namespace}lang": "de"
        }
        assert everything.text(f"{CALDAV}calendar-timezone") == ZONE
        assert everything.text(f"{APPLE}calendar-order") == "7"
    assert phone.text(shared, "A:calendar-order") == "7"
    assert set(
        patch(phone, shared, removing("A:calendar-order", "C:calendar-description", "D:never-there")).statuses.values()
    ) == {200}
    assert phone.text(shared, "A:calendar-order") == "1"
    assert phone.prop(shared, "C:calendar-description") is None


def test_a_language_above_the_property_is_kept(phone: Phone, shared: str) -> None:
    patch(
        phone,
        shared,
        "<D:set xml:lang='fr'><D:prop><C:calendar-description>Courses</C:calendar-description></D:prop></D:set>",
    )
    found = phone.prop(shared, "C:calendar-description")
    assert found is not None
    assert found.attrib == {"{http://www.w3.org/XML/1998/namespace}lang": "fr"}


def test_the_order_in_a_body_counts(phone: Phone, shared: str) -> None:
    patch(phone, shared, setting("<D:a>1</D:a>"), removing("D:a"), setting("<D:b>1</D:b><D:b>2</D:b>"))
    assert phone.prop(shared, "D:a") is None
    assert phone.text(shared, "D:b") == "2"


@pytest.mark.parametrize(
    ("wrong", "status", "condition"),
    [
        ("<D:getetag>x</D:getetag>", 403, f"{DAV}cannot-modify-protected-property"),
        ("<D:resourcetype><D:collection/></D:resourcetype>", 403, f"{DAV}cannot-modify-protected-property"),
        ("<D:sync-token>x</D:sync-token>", 403, f"{DAV}cannot-modify-protected-property"),
        ("<S:getctag>x</S:getctag>", 403, f"{DAV}cannot-modify-protected-property"),
        ("<D:owner/>", 403, f"{DAV}cannot-modify-protected-property"),
        (
            "<C:supported-calendar-component-set><C:comp name='VEVENT'/></C:supported-calendar-component-set>",
            403,
            f"{DAV}cannot-modify-protected-property",
        ),
        ("<D:displayname> </D:displayname>", 409, None),
        ("<A:calendar-order>first</A:calendar-order>", 409, None),
        ("<C:calendar-timezone>Europe/Berlin</C:calendar-timezone>", 403, f"{CALDAV}valid-calendar-data"),
        (f"<D:large>{'x' * 16 * 1024}</D:large>", 507, None),
    ],
)
def test_all_of_it_or_nothing(phone: Phone, shared: str, wrong: str, status: int, condition: str | None) -> None:
    before = phone.propfind(shared)[shared]
    found = patch(
        phone, shared, setting("<D:displayname>Other</D:displayname><D:a>1</D:a>".replace("displayname", "b"), wrong)
    )
    name = next(name for name, each in found.statuses.items() if each != 424)
    assert found.statuses == {f"{DAV}b": 424, f"{DAV}a": 424, name: status}
    assert found.conditions.get(name) == condition
    after = phone.propfind(shared)[shared]
    assert after.statuses == before.statuses
    assert phone.text(shared, "D:displayname") == "Groceries"


def test_what_the_api_cannot_have_whole_is_kept_whole(phone: Phone, shared: str) -> None:
    name = f"a b {'ü' * 200}"
    patch(phone, shared, setting(f"<D:displayname>{name}</D:displayname><A:calendar-color>red</A:calendar-color>"))
    assert of_api(phone, shared)["name"] == name[:100]
    assert of_api(phone, shared)["color"] is None
    assert phone.text(shared, "D:displayname") == name
    assert phone.text(shared, "A:calendar-color") == "red"


def test_a_name_is_not_removed(phone: Phone, shared: str) -> None:
    assert patch(phone, shared, removing("D:displayname")).statuses == {f"{DAV}displayname": 403}


def test_as_many_as_anybody_needs(phone: Phone, shared: str) -> None:
    many = setting(*(f"<D:p{number}>x</D:p{number}>" for number in range(64)))
    assert set(patch(phone, shared, many).statuses.values()) == {200}
    assert patch(phone, shared, setting("<D:one-more/>")).statuses == {f"{DAV}one-more": 507}
    assert set(patch(phone, shared, setting("<D:p1>other</D:p1>")).statuses.values()) == {200}
    assert set(patch(phone, shared, removing("D:p1"), setting("<D:one-more/>")).statuses.values()) == {200}


def test_as_much_as_anybody_needs(phone: Phone, shared: str) -> None:
    large = [f"<D:p{number}>{'x' * 15_000}</D:p{number}>" for number in range(5)]
    found = patch(phone, shared, setting(*large))
    assert set(found.statuses.values()) == {424, 507}
    assert set(patch(phone, shared, setting(*large[:4])).statuses.values()) == {200}
    assert patch(phone, shared, setting(large[4])).statuses == {f"{DAV}p4": 507}
    assert set(patch(phone, shared, setting(large[4]), removing("D:p0")).statuses.values()) == {200}


def test_nothing_is_set_elsewhere(phone: Phone) -> None:
    task = phone.user.new_task()
    for path in ("/dav/", phone.principal, phone.home, f"{phone.inbox}{task['id']}.ics"):
        found = patch(phone, path, setting("<D:displayname>x</D:displayname>", "<D:a/>"))
        assert found.statuses == {f"{DAV}displayname": 403, f"{DAV}a": 403}
    assert_refused(phone.dav("PROPPATCH", f"{phone.home}nothing/", request("D:propertyupdate", setting("<D:a/>"))), 404)
    for body in ("", request("D:propfind", "")):
        assert_refused(phone.dav("PROPPATCH", phone.inbox, body), 400)


def test_who_wants_little_is_told_little(phone: Phone, shared: str) -> None:
    minimal = {"Prefer": "return=minimal"}
    answer = phone.dav("PROPPATCH", shared, request("D:propertyupdate", setting("<D:a/>")), **minimal)
    assert (answer.status_code, answer.content) == (204, b"")
    assert patch(phone, shared, setting("<S:getctag/>"), **minimal).statuses == {f"{SERVER}getctag": 403}


def test_others_lists_stay_as_they_are(phone: Phone, shared: str) -> None:
    before = phone.text(phone.inbox, "D:sync-token")
    patch(phone, shared, setting("<D:displayname>Other</D:displayname>"))
    assert phone.text(phone.inbox, "D:sync-token") == before


def test_it_can_be_undone(phone: Phone, shared: str) -> None:
    user = phone.user
    patch(phone, shared, setting("<D:displayname>Other</D:displayname>", "<D:a>1</D:a>"))
    writes = user.get(f"/api/{user.id}/undo").json()
    assert writes

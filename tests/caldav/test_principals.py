"""Reports about whoever asks. Of principals one finds oneself alone."""

import pytest

from support.dav import CALDAV, DAV, Phone, assert_refused, multistatus, request, responses
from support.users import User


def searching(*searches: tuple[str, str], attributes: str = "") -> str:
    inner = "".join(
        f"<D:property-search><D:prop><{name}/></D:prop><D:match>{words}</D:match></D:property-search>"
        for name, words in searches
    )
    root = request("D:principal-property-search", f"{inner}<D:prop><D:displayname/><D:nonsense/></D:prop>")
    return root.replace("<D:principal-property-search ", f"<D:principal-property-search {attributes} ")


def test_one_finds_oneself_and_nobody_else(phone: Phone, bob: User) -> None:
    phone.user.patch("/api/auth/me", json={"name": "Alice Müller"})
    bob.patch("/api/auth/me", json={"name": "Alice Müller"})
    for path in ("/dav/", "/dav/principals/", phone.principal):
        found = responses(phone.dav("REPORT", path, searching(("D:displayname", "alice MÜ"))))
        assert [*found] == [phone.principal]
        assert found[phone.principal].text(f"{DAV}displayname") == "Alice Müller"
        assert found[phone.principal].statuses[f"{DAV}nonsense"] == 404
    for searches in (
        [("D:displayname", "bob")],
        [("D:displayname", "alice"), ("D:displayname", "bob")],
        [("S:email-address-set", bob.email)],
        [("S:email-address-set", phone.user.email)],  # nobody has shown that it is hers
        [("D:resourcetype", "")],
        [("D:nonsense", "x")],
    ):
        found = responses(phone.dav("REPORT", "/dav/principals/", searching(*searches)))
        assert [*found] == ([phone.principal] if searches == [("D:resourcetype", "")] else [])
    either = searching(("D:displayname", "alice"), ("D:displayname", "bob"), attributes='test="anyof"')
    assert [*responses(phone.dav("REPORT", "/dav/principals/", either))] == [phone.principal]


def test_by_what_one_can_be_found(anns: Phone) -> None:
    answer = anns.dav("REPORT", "/dav/principals/", request("D:principal-search-property-set", ""))
    assert answer.status_code == 200
    assert "<D:displayname/>" in answer.text
    assert "<S:email-address-set/>" in answer.text


def test_who_one_is(anns: Phone) -> None:
    body = request("D:principal-match", "<D:self/><D:prop><D:principal-URL/></D:prop>")
    found = responses(anns.dav("REPORT", "/dav/principals/", body))
    assert found[anns.principal].hrefs(f"{DAV}principal-URL") == [anns.principal]


def test_what_properties_lead_to(phone: Phone) -> None:
    user = phone.user
    user.patch("/api/auth/me", json={"name": "Alice"})
    body = request(
        "D:expand-property",
        '<D:property name="current-user-principal"><D:property name="displayname"/><D:property name="nonsense"/>'
        '<D:property name="calendar-home-set" namespace="urn:ietf:params:xml:ns:caldav">'
        '<D:property name="resourcetype"/></D:property></D:property>'
        '<D:property name="owner"/><D:property name="nonsense" namespace="urn:x"/>',
    )
    root = multistatus(phone.dav("REPORT", phone.inbox, body))
    (top,) = root.findall(f"{DAV}response")
    assert top.findtext(f"{DAV}href") == phone.inbox
    principal = top.find(f".//{DAV}current-user-principal/{DAV}response")
    assert principal is not None
    assert principal.findtext(f"{DAV}href") == phone.principal
    assert principal.findtext(f".//{DAV}displayname") == "Alice"
    home = principal.find(f".//{CALDAV}calendar-home-set/{DAV}response")
    assert home is not None
    assert home.findtext(f"{DAV}href") == phone.home
    assert home.find(f".//{DAV}resourcetype/{DAV}collection") is not None
    assert top.findtext(f".//{DAV}owner/{DAV}href") == phone.principal


def test_expanding_has_an_end(anns: Phone) -> None:
    several = '<D:property name="owner">' * 8 + '<D:property name="owner"/>' * 1 + "</D:property>" * 8
    assert anns.dav("REPORT", anns.principal, request("D:expand-property", several)).status_code == 207
    inner = '<D:property name="owner"/>'
    for _ in range(11):
        two = "".join(f'<D:property name="{name}">{inner}</D:property>' for name in ("owner", "current-user-principal"))
        inner = two
    answer = anns.dav("REPORT", anns.principal, request("D:expand-property", inner))
    assert_refused(answer, 403, "D:number-of-matches-within-limits")


@pytest.mark.parametrize("name", ["", "a b", 'a"/><D:evil/>', "1", "a:b"])
def test_names_in_attributes_are_names(anns: Phone, name: str) -> None:
    quoted = name.replace("<", "&lt;").replace('"', "&quot;")
    answer = anns.dav("REPORT", anns.inbox, request("D:expand-property", f'<D:property name="{quoted}"/>'))
    assert_refused(answer, 400)


def test_reports_that_there_are_not(anns: Phone) -> None:
    for root in ("D:nonsense", "D:acl-principal-prop-set", "C:calendar-multiget"):
        assert_refused(anns.dav("REPORT", "/dav/", request(root, "")), 403, "D:supported-report")
    for body in ("", "x"):
        assert_refused(anns.dav("REPORT", "/dav/", body), 400)

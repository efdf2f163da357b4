"""Addresses: which are one, which are none, and that others' are as if they were not there."""

import uuid

import pytest

from support.dav import Phone, assert_refused
from support.users import User


def status(phone: Phone, path: str, method: str = "OPTIONS") -> int:
    answer = phone.dav(method, path)
    if answer.status_code >= 400:
        assert_refused(answer, answer.status_code)
    return answer.status_code


def test_one_address_written_in_several_ways(anns: Phone) -> None:
    id_ = anns.user.id
    for path in (
        "/dav",
        "/dav/",
        "/%64av/",
        "/dav/principals",
        "/dav/principals/",
        f"/dav/principals/{id_}",
        f"/dav/%70rincipals/{id_.upper()}/",
        f"/dav/calendars/{id_}",
        f"/dav/calendars/{id_}/inbox",
        f"/dav/calendars/{id_}/%69nbox/",
    ):
        for method in ("OPTIONS", "PROPFIND"):
            assert status(anns, path, method) in {200, 207}, path


def test_what_is_no_address(anns: Phone) -> None:
    for path in (
        "/dav//",
        "/dav//principals/",
        "/dav/calendars//",
        f"{anns.home}%2e/",
        f"{anns.home}%2e%2e/",
        f"{anns.home}a%2Fb/",
        f"{anns.home}%00/",
        f"{anns.home}%ff/",
        f"{anns.home}%c3/",
        f"{anns.home}%ed%a0%80/",
        f"{anns.home}{'x' * 256}/",
        f"{anns.home}{'%C3%A4' * 128}/",
        f"{anns.inbox}a%2F..%2Fb",
    ):
        for method in ("OPTIONS", "PROPFIND", "MKCALENDAR", "DELETE"):
            assert status(anns, path, method) == 400, path
    for path in ("/dav/x", "/dav/x/y", "/dav/Principals/", "/davs", f"{anns.inbox}a/b", f"{anns.inbox}a.ics/"):
        answer = anns.dav("PROPFIND", path)
        assert answer.status_code == 404, path


def test_a_percent_sign_is_decoded_once(anns: Phone) -> None:
    assert status(anns, f"{anns.home}%2569nbox/", "PROPFIND") == 404
    assert status(anns, f"{anns.home}a%252Fb/", "PROPFIND") == 404
    assert status(anns, f"{anns.home}%/", "PROPFIND") == 404


@pytest.mark.parametrize(
    "method", ["OPTIONS", "PROPFIND", "REPORT", "PROPPATCH", "MKCALENDAR", "MKCOL", "DELETE", "GET", "PUT"]
)
def test_others_are_as_if_they_were_not_there(method: str, phone: Phone, bob: User) -> None:
    nobody = str(uuid.uuid4())
    answers = set()
    bobs_list = bob.post(f"/api/{bob.id}/lists", json={"name": "Bob's"}).json()["id"]
    for user in (bob.id, nobody, "nobody", bob.email):
        for path in (
            f"/dav/principals/{user}/",
            f"/dav/calendars/{user}/",
            f"/dav/calendars/{user}/inbox/",
            f"/dav/calendars/{user}/{bobs_list}/",
            f"/dav/calendars/{user}/{uuid.uuid4()}/",
            f"/dav/calendars/{user}/inbox/{uuid.uuid4()}.ics",
        ):
            answer = phone.dav(method, path)
            assert_refused(answer, 404)
            answers.add(answer.text)
    assert len(answers) == 1
    assert "Bob" not in answers.pop()
    # Nor are they below one's own home.
    assert phone.dav("PROPFIND", f"{phone.home}{bobs_list}/").status_code == 404
    assert bob.get(f"/api/{bob.id}/lists/{bobs_list}").status_code == 200

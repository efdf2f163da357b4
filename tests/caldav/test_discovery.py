"""From the host's name to the lists of a user."""

from contextlib import closing

import httpx
import pytest

from conftest import NewServer
from support.dav import Phone, assert_refused
from support.users import User

METHODS = ["GET", "HEAD", "PROPFIND", "OPTIONS", "POST", "REPORT", "LOCK"]


@pytest.mark.parametrize("method", METHODS)
def test_the_well_known_address(method: str, one_user: User) -> None:
    for path in ("/.well-known/caldav", "/.well-known/caldav/"):
        answer = httpx.request(method, f"{one_user.base_url}{path}")
        assert (answer.status_code, answer.headers["location"]) == (301, "/dav/")
    other = httpx.request(method, f"{one_user.base_url}/.well-known/carddav")
    assert other.status_code == 404
    assert httpx.get(f"{one_user.base_url}/.well-known/caldav/x").status_code == 404


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_below_a_path_of_the_public_address(new_server: NewServer) -> None:
    with (
        new_server(PUBLIC_URL="https://example.com/tasks") as server,
        closing(User(server.url)) as user,
        closing(Phone(user)) as phone,
    ):
        for prefix in ("", "/tasks"):
            answer = phone.dav("PROPFIND", f"{prefix}/.well-known/caldav", Host="example.com")
            assert (answer.status_code, answer.headers["location"]) == (301, "/tasks/dav/")
            for path in ("/dav", "/dav/", phone.home, phone.inbox):
                assert phone.dav("OPTIONS", f"{prefix}{path}", Host="example.com").status_code == 200
        assert_refused(phone.dav("OPTIONS", "/dav/tasks/dav/"), 404)

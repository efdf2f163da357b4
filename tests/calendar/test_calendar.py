"""The calendar: what a program finds at its address, and who gets one."""

from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from typing import Any

import httpx
import pytest
from icalendar import Calendar, Event

from support.api_tokens import client, create
from support.server import Server
from support.users import PASSWORD, User, assert_error

TOKEN = "/api/me/calendar-token"


def address(user: User) -> str:
    """A new address."""
    answer = user.post(TOKEN)
    assert answer.status_code == 201, answer.text
    assert answer.headers["cache-control"] == "no-store"
    assert set(answer.json()) == {"url"}
    url: str = answer.json()["url"]
    return url.replace(url.partition("/calendar/")[0], str(user.base_url).rstrip("/"))


def read(url: str, **headers: str) -> httpx.Response:
    """What a program gets that knows nothing but the address."""
    return httpx.get(url, headers={name.replace("_", "-"): value for name, value in headers.items()}, timeout=30)


def events(url: str) -> dict[str, Event]:
    """The events by their titles."""
    answer = read(url)
    assert answer.status_code == 200, answer.text
    found = Calendar.from_ical(answer.content).events
    assert len({str(event["UID"]) for event in found}) == len(found)
    return {str(event["SUMMARY"]): event for event in found}


def due(days: int, **members: Any) -> dict[str, Any]:
    return {"date": str(datetime.now(UTC).date() + timedelta(days)), **members}


def test_a_calendar_has_a_component_also_where_nothing_is_due(one_user: User) -> None:
    """RFC 5545, section 3.6. It is none that a program shows, and goes when there is an event."""
    url = address(one_user)
    empty = Calendar.from_ical(read(url).content)
    assert [each.name for each in empty.subcomponents] == ["VTIMEZONE"]
    one_user.new_task(due={"date": "2126-12-01"})
    assert [each.name for each in Calendar.from_ical(read(url).content).subcomponents] == ["VEVENT"]


def test_open_tasks_that_are_due_are_events(alice: User) -> None:
    alice.patch("/api/me/preferences", json={"timezone": "America/New_York"})
    alice.new_task("never due")
    whole = alice.new_task(
        "a day; with, all \\ of it",
        description="Zoë\n" + "é" * 600,
        tags=["shop", "a,b"],
        url="https://example.com/?a=b,c;d",
        due={"date": "2027-07-01"},
    )
    alice.new_task("in a zone", due={"date": "2027-07-01", "time": "09:00", "timezone": "Europe/Berlin"})
    alice.new_task("floats", due={"date": "2027-07-01", "time": "09:00"}, estimate_minutes=90)
    alice.new_task("overdue", due=due(-300))
    alice.new_task("long overdue", due=due(-400))
    done = alice.new_task("done", due={"date": "2027-07-01"})
    alice.patch(f"{alice.tasks}/{done['id']}/complete", json={"is_completed": True})

    url = address(alice)
    found = events(url)

    assert set(found) == {"a day; with, all \\ of it", "in a zone", "floats", "overdue"}
    day = found["a day; with, all \\ of it"]
    assert (day["DTSTART"].dt, day["DTEND"].dt) == (date(2027, 7, 1), date(2027, 7, 2))
    assert day["UID"] == whole["id"]
    assert day["DESCRIPTION"] == "Zoë\n" + "é" * 496 + "…"
    assert list(day["CATEGORIES"].cats) == ["a,b", "shop"]
    assert day["URL"] == "https://example.com/?a=b,c;d"
    assert day["DTSTAMP"].dt == datetime.fromisoformat(whole["updated_at"]).replace(microsecond=0)
    zoned, floats = found["in a zone"], found["floats"]
    assert (zoned["DTSTART"].dt, zoned["DTEND"].dt) == (
        datetime(2027, 7, 1, 7, tzinfo=UTC),
        datetime(2027, 7, 1, 7, 30, tzinfo=UTC),
    )
    assert (floats["DTSTART"].dt, floats["DTEND"].dt) == (
        datetime(2027, 7, 1, 13, tzinfo=UTC),
        datetime(2027, 7, 1, 14, 30, tzinfo=UTC),
    )
    assert {str(event["TRANSP"]) for event in found.values()} == {"TRANSPARENT"}


def test_archived_lists_and_what_is_another_users_are_not_in_it(alice: User, bob: User) -> None:
    bob.new_task("bob's", due=due(1))
    lists = [alice.post("/api/me/lists", json={"name": name}).json()["id"] for name in ("shown", "archived")]
    for list_id in lists:
        alice.new_task(list_id, due=due(1), list_id=list_id)
    url = address(alice)
    assert set(events(url)) == set(lists)
    alice.patch(f"/api/me/lists/{lists[1]}", json={"is_archived": True})
    assert set(events(url)) == {lists[0]}


def test_the_next_dates_of_a_series_are_in_it(alice: User) -> None:
    day = datetime.now(UTC).date() + timedelta(30)
    task = alice.new_task("every day", due={"date": str(day)}, recurrence={"rule": "FREQ=DAILY;COUNT=3"})
    url = address(alice)

    def shown() -> list[tuple[date, str]]:
        return [(event["DTSTART"].dt, str(event["UID"])) for event in Calendar.from_ical(read(url).content).events]

    days = [day + timedelta(number) for number in range(3)]
    expected = [(each, f"{task['id']}-{each:%Y%m%d}") for each in days]
    assert shown() == expected
    # What is completed goes, and the others stay what they were, though one is another task's by now.
    alice.patch(f"{alice.tasks}/{task['id']}/complete", json={"is_completed": True})
    assert shown() == expected[1:]


def test_programs_find_what_they_expect(alice: User) -> None:
    url = address(alice)
    assert url.endswith(".ics")
    answer = read(f"{url}?refresh=1")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    assert answer.headers["content-disposition"] == 'inline; filename="doable.ics"'
    assert answer.headers["cache-control"] == "private, no-cache"
    assert answer.headers["referrer-policy"] == "no-referrer"
    calendar = Calendar.from_ical(answer.content)
    assert calendar.events == []
    assert {name: str(calendar[name]) for name in ("VERSION", "NAME", "X-WR-CALNAME")} == {
        "VERSION": "2.0",
        "NAME": "Doable",
        "X-WR-CALNAME": "Doable",
    }
    head = httpx.head(url)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == str(len(answer.content))
    assert head.headers["etag"] == answer.headers["etag"]
    assert_error(httpx.post(url), 405, "method_not_allowed")
    assert_error(httpx.get(url, headers={"If-None-Match": "7"}), 422, "validation_error")


def test_what_a_program_has_already_is_not_sent_again(alice: User) -> None:
    task = alice.new_task("Buy oat milk", due=due(1, time="09:00"))
    url = address(alice)
    first = read(url)
    for tag in (first.headers["etag"], f"W/{first.headers['etag']}", "*"):
        again = read(url, If_None_Match=tag)
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == first.headers["etag"]
    alice.patch(f"{alice.tasks}/{task['id']}", json={"title": "Buy two"})
    second = read(url, If_None_Match=first.headers["etag"])
    assert second.status_code == 200
    # The same tasks at other instants.
    alice.patch("/api/me/preferences", json={"timezone": "Asia/Tokyo"})
    assert read(url, If_None_Match=second.headers["etag"]).status_code == 200


def wrong(url: str) -> list[str]:
    """Addresses at which there is nothing: of the right form and of none."""
    base, token = url.removesuffix(".ics").rsplit("/", 1)
    other = token[:-1] + ("A" if token[-1] != "A" else "B")
    nobodys = "A" * 64
    names = [f"{other}.ics", f"{nobodys}.ics", token, f"{token}.ICS", f"{token}x.ics", f".ics{token}.ics"]
    return [f"{base}/{name}" for name in [*names, ".ics", "x", "%00.ics", "é.ics", f"{token}%0A.ics", "x" * 500]]


def test_wrong_addresses_are_not_told_from_each_other(alice: User) -> None:
    replaced = address(alice)
    removed = address(alice)
    assert read(replaced).status_code == 404
    assert read(removed).status_code == 200
    refused = [read(each) for each in [*wrong(removed), replaced]]
    assert alice.delete(TOKEN).status_code == 204
    refused.append(read(removed))
    refused += [read(removed, If_None_Match='"1"'), read(removed, If_None_Match="7"), read(f"{removed}?a=b")]
    for answer in refused:
        assert_error(answer, 404, "calendar_not_found")
    told = [
        {name: value for name, value in answer.headers.items() if name not in {"date", "x-request-id"}}
        for answer in refused
    ]
    assert all(each == told[0] for each in told)
    assert {answer.content for answer in refused} == {refused[0].content}
    # There is nothing left to delete, and that is what was wanted.
    assert alice.delete(TOKEN).status_code == 204


def test_one_users_address_is_not_anothers(alice: User, bob: User) -> None:
    hers, his = address(alice), address(bob)
    alice.new_task("hers", due=due(1))
    assert (set(events(hers)), set(events(his))) == ({"hers"}, set())
    assert bob.delete(TOKEN).status_code == 204
    assert set(events(hers)) == {"hers"}
    assert_error(alice.post(f"/api/{bob.id}/calendar-token"), 403, "forbidden")
    assert_error(alice.delete(f"/api/{bob.id}/calendar-token"), 403, "forbidden")
    assert set(events(hers)) == {"hers"}


def test_only_a_log_in_makes_and_deletes_it(server: Server, alice: User) -> None:
    url = address(alice)
    with client(alice, create(alice)["token"]) as script:
        assert_error(script.post(TOKEN), 403, "insufficient_scope")
        assert_error(script.delete(TOKEN), 403, "insufficient_scope")
    for answer in (httpx.post(f"{server.url}{TOKEN}"), httpx.delete(f"{server.url}{TOKEN}")):
        assert_error(answer, 401, "unauthenticated")
    assert_error(alice.get(TOKEN), 405, "method_not_allowed")
    assert read(url).status_code == 200


def test_its_token_lets_nobody_in_elsewhere(server: Server, alice: User) -> None:
    token = address(alice).removesuffix(".ics").rsplit("/", 1)[1]
    for headers in ({"Authorization": f"Bearer {token}"}, {"Authorization": f"Basic {token}"}):
        assert_error(httpx.get(f"{server.url}/api/me/tasks", headers=headers), 401, "unauthenticated")


def test_it_goes_with_the_user(server: Server) -> None:
    with closing(User(server.url)) as user:
        url = address(user)
        assert user.post("/api/auth/password", json={"current_password": PASSWORD, "new_password": f"{PASSWORD}!"})
        assert read(url).status_code == 200
        user.request("DELETE", "/api/auth/me", json={"password": f"{PASSWORD}!"})
        assert_error(read(url), 404, "calendar_not_found")


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Etc/GMT+12"])
def test_today_is_where_the_user_is(alice: User, zone: str) -> None:
    """Also where it is another day than in Greenwich."""
    alice.patch("/api/me/preferences", json={"timezone": zone})
    alice.new_task("today", due=due(0))
    assert set(events(address(alice))) == {"today"}

"""POST …/tasks/quick: a task from a line of text, or a preview of it. What lines mean is in test_quick_words.py."""

import uuid
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest

from support.changes import changes
from support.schema import execute, settings_of
from support.server import Server
from support.users import User, assert_error
from support.writes import etag


def quick(user: User, text: str, headers: dict[str, str] | None = None, **members: Any) -> httpx.Response:
    return user.post(f"{user.tasks}/quick", json={"text": text, **members}, headers=headers)


def added(user: User, text: str, **members: Any) -> dict[str, Any]:
    answer = quick(user, text, **members)
    assert answer.status_code == 201, answer.text
    task: dict[str, Any] = answer.json()["task"]
    return task


def previewed(user: User, text: str, **members: Any) -> dict[str, Any]:
    answer = quick(user, text, preview=True, **members)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


def new_list(user: User, name: str, **members: Any) -> str:
    answer = user.post("/api/me/lists", json={"name": name, **members})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def new_section(user: User, list_id: str, name: str) -> str:
    answer = user.post("/api/me/sections", json={"list_id": list_id, "name": name})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def test_makes_the_task_that_the_line_is(alice: User) -> None:
    home = new_list(alice, "Home")
    kitchen = new_section(alice, home, "Kitchen")
    text = "Pay rent 2027-12-24 9am #home /kitchen @Geld !high ~30m start: 2027-12-20"
    answer = quick(alice, text)
    assert answer.status_code == 201
    task, understood = answer.json()["task"], answer.json()["understood"]
    assert task["title"] == "Pay rent"
    assert task["due"] == {"date": "2027-12-24", "time": "09:00:00", "timezone": None, "at": None}
    assert task["start"] == {"date": "2027-12-20", "time": None, "timezone": None, "at": None}
    assert (task["list_id"], task["section_id"], task["tags"]) == (home, kitchen, ["Geld"])
    assert (task["priority"], task["estimate_minutes"]) == ("high", 30)
    assert [(each["kind"], text[each["start"] : each["end"]], each["value"]) for each in understood] == [
        ("due", "2027-12-24 9am", {"date": "2027-12-24", "time": "09:00:00"}),
        ("list", "#home", home),
        ("section", "/kitchen", kitchen),
        ("tag", "@Geld", "Geld"),
        ("priority", "!high", "high"),
        ("estimate", "~30m", 30),
        ("start", "start: 2027-12-20", {"date": "2027-12-20", "time": None}),
    ]
    assert answer.headers["etag"] == etag(task["revision"])
    assert answer.headers["location"] == f"/api/me/tasks/{task['id']}"
    assert alice.get(answer.headers["location"]).json() == task
    assert [tag["name"] for tag in alice.get("/api/me/tags").json()["tags"]] == ["Geld"]


def test_a_preview_says_the_same_and_writes_nothing(alice: User) -> None:
    before = changes(alice)
    text = "Pay rent 2027-12-24 at 9 #nowhere @new !low"
    body = previewed(alice, text)
    assert body["task"] == {
        "title": "Pay rent #nowhere",
        "list_id": None,
        "section_id": None,
        "priority": "low",
        "tags": ["new"],
        "due": {"date": "2027-12-24", "time": "09:00:00"},
        "start": None,
        "recurrence": None,
        "estimate_minutes": None,
        "reminders": [],
    }
    assert changes(alice) == before
    posted = alice.post(alice.tasks, json=body["task"]).json()
    answer = quick(alice, text).json()
    assert answer["understood"] == body["understood"]
    same = {"id", "created_at", "updated_at", "revision", "position"}
    assert {name: value for name, value in answer["task"].items() if name not in same} == {
        name: value for name, value in posted.items() if name not in same
    }


def test_reminders_are_those_of_the_task(alice: User) -> None:
    assert alice.patch("/api/me/preferences", json={"day_reminder_at": "10:00"}).status_code == 200
    for text, reminders, remind_at in (
        (
            "Call 2126-12-02 9am remind 1 day before and 1h before",
            [{"offset": "-P1D"}, {"offset": "-PT1H"}],
            "01T09:00",
        ),
        ("Call 2126-12-02 remind at 8am", [{"at": "2126-12-02T08:00:00.000000Z"}], "02T08:00"),
        ("Call every month starting 2126-12-02 remind at 8am", [{"offset": "-PT2H"}], "02T08:00"),
        ("Call remind me on 2126-12-02", [{"at": "2126-12-02T10:00:00.000000Z"}], "02T10:00"),
        ("Call start: 2126-12-02 remind me", [{"offset": "PT0M", "relative_to": "start"}], "02T10:00"),
    ):
        body = previewed(alice, text)
        assert (body["task"]["title"], body["task"]["reminders"]) == ("Call", reminders)
        assert [each["value"] for each in body["understood"] if each["kind"] == "reminder"] == reminders
        task = added(alice, text)
        nothing = {"offset": None, "at": None, "relative_to": None}
        assert [{name: each[name] for name in nothing} for each in task["reminders"]] == [
            {**nothing, **({"relative_to": "due"} if "offset" in each else {}), **each} for each in reminders
        ]
        assert task["reminders"][0]["remind_at"] == f"2126-12-{remind_at}:00.000000Z"
        same = alice.post(alice.tasks, json=body["task"])
        assert same.json()["reminders"][0]["remind_at"] == task["reminders"][0]["remind_at"]


def test_more_reminders_than_a_task_may_have_stay_in_the_title(alice: User) -> None:
    said = [f"remind {minutes} min before" for minutes in range(1, 23)]
    task = added(alice, f"Call 2126-12-02 9am {' '.join(said)}")
    assert [each["offset"] for each in task["reminders"]] == [f"-PT{minutes}M" for minutes in range(1, 21)]
    assert task["title"] == f"Call {said[20]} {said[21]}"


def test_a_reminder_that_counts_from_no_date_stays_in_the_title(alice: User) -> None:
    body = previewed(alice, "Pay rent remind 1 day before")
    assert (body["task"]["title"], body["understood"]) == ("Pay rent remind 1 day before", [])
    assert (body["task"]["due"], body["task"]["reminders"]) == (None, [])


def test_a_rule_is_one(alice: User) -> None:
    for text, rule in (
        ("Pay rent every 31st 9am", {"rule": "FREQ=MONTHLY;BYMONTHDAY=28,29,30,31;BYSETPOS=-1", "from": "due"}),
        ("Water the plants every! 3 days", {"rule": "FREQ=DAILY;INTERVAL=3", "from": "completion"}),
    ):
        body = previewed(alice, text)
        assert body["task"]["recurrence"] == rule
        task = added(alice, text)
        assert task["recurrence"] == {**rule, "occurrence": task["due"]["date"], "is_supported": True}
        assert task["series_id"] == task["id"]
        same = alice.post(alice.tasks, json=body["task"]).json()
        assert (same["due"], same["recurrence"]) == (task["due"], task["recurrence"])


def test_a_rule_that_has_no_other_date_stays_in_the_title(alice: User) -> None:
    for text in ("Look at the comet every 900 months", "Paint the bridge every 200 years"):
        task = added(alice, text)
        assert (task["title"], task["due"], task["recurrence"]) == (text, None, None)


def test_today_is_that_of_the_preferences_or_of_the_request(alice: User) -> None:
    def due(**members: Any) -> str:
        return str(previewed(alice, "a tomorrow", **members)["task"]["due"]["date"])

    def tomorrow(zone: str) -> set[str]:
        """That of before and after the request, which may be at midnight."""
        now = datetime.now(ZoneInfo(zone))
        return {str((now - timedelta(hours=back) + timedelta(days=1)).date()) for back in (0, 1)}

    far, near = "Pacific/Kiritimati", "Pacific/Pago_Pago"  # 25 hours apart
    assert alice.patch("/api/me/preferences", json={"timezone": far}).status_code == 200
    assert due() in tomorrow(far)
    assert due(timezone=near) in tomorrow(near)
    assert due(timezone=None) in tomorrow(far)


def test_a_zone_of_the_preferences_that_only_a_newer_server_knows_is_utc(server: Server, alice: User) -> None:
    for title in ("one", "two"):
        alice.new_task(title, due={"date": "2037-12-01"})
    assert alice.patch("/api/me/preferences", json={"timezone": "Asia/Tokyo"}).status_code == 200
    newer = f"UPDATE preferences SET timezone = 'Mars/Olympus' WHERE owner_id = '{alice.id}'"  # noqa: S608 - nobody else's text
    execute(settings_of(server), newer)
    zones = [{"timezone": "UTC"}, {}, {"timezone": "UTC"}]
    # Midnight may come between them.
    first, found, last = (previewed(alice, "a tomorrow", **zone)["task"]["due"]["date"] for zone in zones)
    assert first <= found <= last
    # A cursor is one of its zone.
    pages = [alice.get(alice.tasks, params={"sort": "due", "due_from": "today", "limit": 1, **zone}) for zone in zones]
    assert len({page.json()["next_cursor"] for page in pages} - {None}) == 1
    assert alice.get("/api/me/counts").status_code == 200


def test_the_language_is_that_of_the_request_or_of_the_preferences(alice: User) -> None:
    text = "Kino 24.12.2027 um 20 Uhr !hoch"
    assert previewed(alice, text)["task"]["title"] == "Kino um 20 Uhr !hoch"
    assert previewed(alice, text, lang="de")["task"]["title"] == "Kino"
    alice.patch("/api/me/preferences", json={"language": "de"})
    assert previewed(alice, text)["task"]["due"] == {"date": "2027-12-24", "time": "20:00:00"}
    assert previewed(alice, text, lang="en")["task"]["title"] == "Kino um 20 Uhr !hoch"


def test_the_week_begins_as_the_preferences_say(alice: User) -> None:
    weekdays = set()
    for day in ("monday", "saturday", "sunday"):
        alice.patch("/api/me/preferences", json={"week_starts_on": day})
        date = previewed(alice, "a next week")["task"]["due"]["date"]
        weekdays.add((day, datetime.fromisoformat(date).strftime("%A").lower()))
    assert all(preferred == got for preferred, got in weekdays)


def test_of_lists_with_one_name_it_is_the_first_that_is_not_archived(alice: User) -> None:
    archived = new_list(alice, "Zoë, & Söhne", is_archived=True)
    first, second = new_list(alice, "ZOË, & Söhne"), new_list(alice, "zoë, & söhne")
    alice.post(f"/api/me/lists/{second}/move", json={"place": "first"})
    assert added(alice, 'a #"Zoe\u0308, & söhne"')["list_id"] == second
    alice.delete(f"/api/me/lists/{second}")
    assert added(alice, 'a #"Zoë, & Söhne"')["list_id"] == first
    alice.delete(f"/api/me/lists/{first}")
    assert added(alice, 'a #"Zoë, & Söhne"')["list_id"] == archived


def test_a_list_that_the_request_names_is_that_of_the_task_and_of_its_sections(alice: User) -> None:
    home, work = new_list(alice, "Home"), new_list(alice, "Work")
    kitchen = new_section(alice, home, "Kitchen")
    assert added(alice, "a", list_id=work)["list_id"] == work
    assert added(alice, "a #home", list_id=work)["list_id"] == home
    task = added(alice, "a /kitchen", list_id=home)
    assert (task["title"], task["list_id"], task["section_id"]) == ("a", home, kitchen)
    assert added(alice, "a /kitchen", list_id=work)["title"] == "a /kitchen"
    assert added(alice, "a /kitchen")["title"] == "a /kitchen"


def test_a_line_that_names_no_list_goes_to_the_default_one(alice: User) -> None:
    home, work = new_list(alice, "Home"), new_list(alice, "Work")
    kitchen = new_section(alice, home, "Kitchen")
    assert alice.patch("/api/me/preferences", json={"default_list_id": home}).status_code == 200
    for preview in (False, True):
        task = quick(alice, "a /kitchen", preview=preview).json()["task"]
        assert (task["title"], task["list_id"], task["section_id"]) == ("a", home, kitchen)
    assert added(alice, "a", list_id=None)["list_id"] == home
    assert [added(alice, "a #work")["list_id"], added(alice, "a", list_id=work)["list_id"]] == [work, work]
    assert alice.delete(f"/api/me/lists/{home}").status_code == 204
    assert added(alice, "a")["list_id"] is None


def test_nobody_finds_the_lists_of_another(alice: User, bob: User) -> None:
    his = new_list(bob, "Secret")
    new_section(bob, his, "Part")
    for preview in (False, True):
        task = quick(alice, "a #secret /part", preview=preview).json()["task"]
        assert (task["title"], task["list_id"]) == ("a #secret /part", None)
        for list_id in (his, str(uuid.uuid4())):
            refused = assert_error(quick(alice, "a", list_id=list_id, preview=preview), 422, "validation_error")
            assert [(each["loc"], each["type"]) for each in refused["detail"]] == [(["body", "list_id"], "not_found")]
    assert_error(alice.post(f"{bob.tasks}/quick", json={"text": "planted"}), 403, "forbidden")


def test_is_done_once_for_a_key_and_can_be_undone(alice: User) -> None:
    headers = {"Idempotency-Key": str(uuid.uuid4()), "Undo": "1"}
    first, again = (quick(alice, "Call mum tomorrow @family", headers) for _ in range(2))
    assert (again.status_code, again.content) == (201, first.content)
    assert again.headers["idempotency-replayed"] == "true"
    assert again.headers["location"] == first.headers["location"]
    assert alice.get(alice.tasks).json()["total"] == 1
    assert alice.post(f"/api/me/undo/{first.headers['undo-token']}").status_code == 200
    assert alice.get(alice.tasks).json()["total"] == 0


@pytest.mark.parametrize(
    ("body", "loc"),
    [
        ({}, "text"),
        ({"text": ""}, "text"),
        ({"text": " \t\n"}, "text"),
        ({"text": "a" * 501}, "text"),
        ({"text": "a\u0000b"}, "text"),
        ({"text": 1}, "text"),
        ({"text": None}, "text"),
        ({"text": "a" * 201}, "text"),
        ({"text": f"tomorrow {'a' * 201}", "preview": True}, "text"),
        ({"text": "a", "timezone": "Europe/Nowhere"}, "timezone"),
        ({"text": "a", "lang": "fr"}, "lang"),
        ({"text": "a", "preview": "yes"}, "preview"),
        ({"text": "a", "preview": None}, "preview"),
        ({"text": "a", "list_id": "inbox"}, "list_id"),
        ({"text": "a", "title": "b"}, "title"),
    ],
)
def test_refuses_what_is_malformed(one_user: User, body: dict[str, Any], loc: str) -> None:
    refused = assert_error(one_user.post(f"{one_user.tasks}/quick", json=body), 422, "validation_error")
    assert [each["loc"][:2] for each in refused["detail"]] == [["body", loc]]
    if not str(body.get("text", "a")).strip():
        assert (refused["detail"][0]["type"], refused["detail"][0]["msg"]) == ("string_too_short", "Must not be empty")
    is_long = 200 < len(str(body.get("text"))) <= 500
    assert (refused["detail"][0]["type"] == "title_too_long") == is_long


def test_takes_a_title_of_200_characters_and_signs_of_every_sort(alice: User) -> None:
    assert added(alice, "a" * 200 + " tomorrow")["title"] == "a" * 200
    tags = "@" + " @".join(f"tag{number}" for number in range(70))
    task = added(alice, f"a {tags}")
    assert len(task["tags"]) == 50
    assert task["title"] == "a " + " ".join(f"@tag{number}" for number in range(50, 70))
    for text in (
        "every " * 83,
        '"' * 500,
        "@\u0085 @\u200d #",
        "\U0001f9d1\u200d\U0001f680 @\U0001f9d1\u200d\U0001f680",
        "tomorrow",
    ):
        assert quick(alice, text, preview=True).status_code == (200 if len(text) <= 200 else 422)
    assert added(alice, "a @\N{MAN}\u200d\N{ROCKET}")["tags"] == ["\N{MAN}\u200d\N{ROCKET}"]


def test_refuses_another_method(one_user: User) -> None:
    for method in ("PATCH", "PUT", "GET", "DELETE", "TRACE"):
        assert one_user.request(method, f"{one_user.tasks}/quick").status_code == 405


def test_needs_a_log_in(one_server: Server, one_user: User) -> None:
    answer = httpx.post(f"{one_server.url}{one_user.tasks}/quick", json={"text": "a"})
    assert_error(answer, 401, "unauthenticated")

"""/api/{user_id}/preferences: what a user prefers."""

import uuid
from datetime import UTC, datetime, timedelta
from datetime import time as clock_time
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest

from doable.preferences.schemas import PreferencesPatch
from support.changes import changes
from support.events import follow
from support.kinds import example
from support.mail import verification_token
from support.schema import rows_of, settings_of
from support.server import Server
from support.users import User, assert_error
from support.writes import assert_detailed_error

PATH = "/api/me/preferences"
Preferences = dict[str, Any]
DEFAULTS: Preferences = {
    "timezone": "UTC",
    "week_starts_on": "monday",
    "day_reminder_at": "09:00:00",
    "quiet": None,
    "reminder_channels": ["push"],
    "language": "en",
    "theme": "system",
    "default_list_id": None,
    "start_page": "today",
    "digest_at": None,
    "updated_at": None,
    "revision": 0,
}


def etag(revision: int) -> str:
    return f'"{revision}.1"'


def preferences(user: User) -> Preferences:
    answer = user.get(PATH)
    assert answer.status_code == 200
    found: Preferences = answer.json()
    assert answer.headers["etag"] == etag(found["revision"])
    return found


def patch(user: User, **changes: Any) -> Preferences:
    answer = user.patch(PATH, json=changes)
    assert answer.status_code == 200, answer.text
    changed: Preferences = answer.json()
    assert answer.headers["etag"] == etag(changed["revision"])
    assert preferences(user) == changed
    return changed


def new_list(user: User) -> str:
    made: str = user.post("/api/me/lists", json={"name": "Groceries"}).json()["id"]
    return made


def told(user: User, **params: Any) -> list[Preferences]:
    found: list[Preferences] = changes(user, **params)["changes"]
    return found


def test_whoever_has_set_none_has_the_defaults(alice: User) -> None:
    assert preferences(alice) == {**DEFAULTS, "user_id": alice.id}
    assert list(preferences(alice)) == [*list(DEFAULTS)[:-2], "user_id", "updated_at", "revision"]
    assert alice.get(f"/api/{alice.id}/preferences").json() == preferences(alice)
    assert told(alice, kinds="all") == []
    assert alice.get("/api/auth/me/export").json()["preferences"] == []


def test_only_what_is_named_changes(alice: User) -> None:
    first = patch(alice, timezone="Europe/Berlin", theme="dark")
    assert first == {
        **DEFAULTS,
        "timezone": "Europe/Berlin",
        "theme": "dark",
        "user_id": alice.id,
        "updated_at": first["updated_at"],
        "revision": 1,
    }
    second = patch(alice, day_reminder_at="07:30", start_page=" inbox ")
    moved = {"day_reminder_at": "07:30:00", "start_page": "inbox", "revision": 2, "updated_at": second["updated_at"]}
    assert second == {**first, **moved}
    assert second["updated_at"] > first["updated_at"]
    # As with tasks, a patch of nothing is a write.
    assert patch(alice)["revision"] == 3


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("timezone", ["Europe/Berlin", "America/Argentina/Buenos_Aires", "Asia/Kolkata", "Etc/GMT+12", "UTC"]),
        ("week_starts_on", ["saturday", "sunday", "monday"]),
        ("day_reminder_at", ["00:00:00", "23:59:59"]),
        ("quiet", [{"from": "22:00", "until": "07:00"}, {"from": "12:30", "until": "13:30"}, None]),
        ("reminder_channels", [[], ["push"]]),
        ("language", ["de", "en"]),
        ("theme", ["light", "dark", "system"]),
        ("default_list_id", [None]),
        ("start_page", ["t", "x" * 100, 'Zoë \\ " 🧑‍🚀']),
        ("digest_at", [None]),
    ],
)
def test_what_each_may_be(alice: User, name: str, values: list[Any]) -> None:
    for value in values:
        before = preferences(alice)
        changed = patch(alice, **{name: value})
        assert changed == {**before, name: value, "revision": changed["revision"], "updated_at": changed["updated_at"]}


@pytest.mark.parametrize(
    ("body", "loc"),
    [
        ({"timezone": "Europe/berlin"}, ["timezone"]),
        ({"timezone": "CEST"}, ["timezone"]),
        ({"timezone": "+02:00"}, ["timezone"]),
        ({"timezone": "../etc/passwd"}, ["timezone"]),
        ({"timezone": ""}, ["timezone"]),
        ({"timezone": None}, ["timezone"]),
        ({"week_starts_on": "tuesday"}, ["week_starts_on"]),
        ({"week_starts_on": 1}, ["week_starts_on"]),
        ({"day_reminder_at": "9:00"}, ["day_reminder_at"]),
        ({"day_reminder_at": "24:00"}, ["day_reminder_at"]),
        ({"day_reminder_at": "09:00\n"}, ["day_reminder_at"]),
        ({"day_reminder_at": None}, ["day_reminder_at"]),
        ({"quiet": {"from": "22:00:00", "until": "07:00"}}, ["quiet", "from"]),
        ({"quiet": {"from": "22:00"}}, ["quiet", "until"]),
        ({"quiet": {"until": "07:00"}}, ["quiet", "from"]),
        ({"quiet": {}}, ["quiet", "from"]),
        ({"quiet": {"from": None, "until": "07:00"}}, ["quiet", "from"]),
        ({"quiet": {"from": "22:00", "until": "22:00"}}, ["quiet"]),
        ({"quiet": {"from": "22:00", "until": "07:00", "to": "07:00"}}, ["quiet", "to"]),
        ({"quiet": "22:00-07:00"}, ["quiet"]),
        ({"reminder_channels": ["sms"]}, ["reminder_channels", 0]),
        ({"reminder_channels": ["push", "push"]}, ["reminder_channels"]),
        ({"reminder_channels": None}, ["reminder_channels"]),
        ({"reminder_channels": "push"}, ["reminder_channels"]),
        ({"language": "fr"}, ["language"]),
        ({"language": None}, ["language"]),
        ({"theme": "blue"}, ["theme"]),
        ({"default_list_id": "groceries"}, ["default_list_id"]),
        ({"default_list_id": str(uuid.UUID(int=1))}, ["default_list_id"]),
        ({"start_page": ""}, ["start_page"]),
        ({"start_page": " "}, ["start_page"]),
        ({"start_page": "x" * 101}, ["start_page"]),
        ({"start_page": "a\u0000b"}, ["start_page"]),
        ({"digest_at": "25:00"}, ["digest_at"]),
        ({"digest_at": 700}, ["digest_at"]),
        ({"revision": 1}, ["revision"]),
        ({"colour": 1}, ["colour"]),
    ],
)
def test_refuses_what_cannot_be(alice: User, body: Preferences, loc: list[str | int]) -> None:
    error = assert_error(alice.patch(PATH, json={"theme": "dark", **body}), 422, "validation_error")
    assert [problem["loc"] for problem in error["detail"]] == [["body", *loc]]
    assert preferences(alice)["revision"] == 0


def test_half_of_the_quiet_hours_stays_where_the_other_half_is_named(alice: User) -> None:
    error = assert_error(alice.patch(PATH, json={"quiet": {"from": "22:00"}}), 422, "validation_error")
    assert error["detail"] == [{"loc": ["body", "quiet", "until"], "msg": "Required", "type": "missing"}]
    patch(alice, quiet={"from": "22:00", "until": "07:00"})
    assert patch(alice, quiet={"until": "06:30"})["quiet"] == {"from": "22:00", "until": "06:30"}
    assert patch(alice, quiet={})["quiet"] == {"from": "22:00", "until": "06:30"}
    error = assert_error(alice.patch(PATH, json={"quiet": {"from": "06:30"}}), 422, "validation_error")
    assert error["detail"][0]["loc"] == ["body", "quiet"]


def test_mail_goes_to_a_verified_address_only(server: Server, alice: User) -> None:
    for name, value in (("reminder_channels", ["push", "email"]), ("digest_at", "07:00")):
        error = assert_error(alice.patch(PATH, json={name: value}), 422, "email_not_verified")
        assert [problem["loc"] for problem in error["detail"]] == [["body", name]]
    assert preferences(alice)["revision"] == 0
    verify(server, alice)
    assert patch(alice, reminder_channels=["email", "push"])["reminder_channels"] == ["email", "push"]
    assert patch(alice, digest_at="07:30")["digest_at"] == "07:30:00"
    assert patch(alice, digest_at=None)["digest_at"] is None


def verify(server: Server, user: User) -> None:
    """Follow the link to the user's address."""
    answer = user.post("/api/auth/email/verify", json={"token": verification_token(server, user.email)})
    assert answer.is_success


def digest_due_at(server: Server, user: User) -> datetime | None:
    """When the next digest is due, which nobody is told."""
    (row,) = (row for row in rows_of(settings_of(server), "preferences") if str(row["owner_id"]) == user.id)
    due_at = row["digest_due_at"]
    return datetime.fromisoformat(due_at) if isinstance(due_at, str) else due_at


def next_at(time: str, zone: str) -> datetime:
    """When a clock there shows this time next, if the zone never changes its clocks."""
    here = datetime.now(ZoneInfo(zone))
    today = datetime.combine(here, clock_time.fromisoformat(time), here.tzinfo)
    return today if today > here else today + timedelta(days=1)


def test_the_next_digest_is_at_its_hour_where_the_user_is(server: Server, alice: User) -> None:
    verify(server, alice)
    patch(alice, timezone="Asia/Tokyo")
    assert digest_due_at(server, alice) is None
    hour = f"{(datetime.now(UTC) + timedelta(hours=12)):%H:30:00}"  # in neither zone the hour is now
    patch(alice, digest_at=hour)
    in_tokyo = next_at(hour, "Asia/Tokyo")
    assert digest_due_at(server, alice) == in_tokyo
    # Neither another write nor the same once more moves it.
    patch(alice, theme="dark", digest_at=hour, timezone="Asia/Tokyo")
    assert digest_due_at(server, alice) == in_tokyo
    moved = alice.patch(PATH, json={"timezone": "Asia/Kolkata"}, headers={"Undo": "1"})
    assert digest_due_at(server, alice) == next_at(hour, "Asia/Kolkata")
    assert alice.post(f"/api/me/undo/{moved.headers['undo-token']}").json()["undone"] == 1
    assert digest_due_at(server, alice) == in_tokyo
    patch(alice, digest_at=None)
    assert digest_due_at(server, alice) is None


def test_the_default_list_is_one_of_ones_own(alice: User, bob: User) -> None:
    his, hers = new_list(bob), new_list(alice)
    answers = [alice.patch(PATH, json={"default_list_id": each}) for each in (his, str(uuid.uuid4()))]
    for answer in answers:
        error = assert_error(answer, 422, "validation_error")
        assert [(each["loc"], each["type"]) for each in error["detail"]] == [(["body", "default_list_id"], "not_found")]
    assert answers[0].content == answers[1].content
    assert patch(alice, default_list_id=hers.upper())["default_list_id"] == hers
    # A task that names no list is in the inbox all the same.
    assert alice.new_task()["list_id"] is None


def test_a_list_that_goes_is_the_default_no_longer(alice: User) -> None:
    default, other = new_list(alice), new_list(alice)
    before = patch(alice, default_list_id=default, theme="dark")
    alice.delete(f"/api/me/lists/{other}")
    assert preferences(alice) == before
    operation = {"op": "delete", "kind": "list", "id": default}
    assert alice.post(f"{alice.tasks}/batch", json={"operations": [operation]}).status_code == 200
    after = preferences(alice)
    assert after == {**before, "default_list_id": None, "revision": 6, "updated_at": after["updated_at"]}
    assert after["updated_at"] > before["updated_at"]
    assert [each["preferences"] for each in told(alice, kinds="preferences", since=5)] == [after]


def test_nothing_is_overwritten_unseen(alice: User) -> None:
    unset = preferences(alice)
    refused = alice.patch(PATH, json={"theme": "dark"}, headers={"If-Match": etag(1)})
    assert_detailed_error(refused, 412, "precondition_failed", current=unset)
    first = alice.patch(PATH, json={"theme": "dark"}, headers={"If-Match": etag(0)})
    assert first.status_code == 200
    refused = alice.patch(PATH, json={"theme": "light"}, headers={"If-Match": etag(0)})
    assert_detailed_error(refused, 412, "precondition_failed", current=first.json())
    assert alice.patch(PATH, json={}, headers={"If-Match": "*"}).json()["revision"] == 2


def test_what_is_known_already_is_not_sent_again(alice: User) -> None:
    for revision in (0, 1):
        for known in (etag(revision), f'"9.1", {etag(revision)}', "*"):
            answer = alice.get(PATH, headers={"If-None-Match": known})
            assert (answer.status_code, answer.content, answer.headers["etag"]) == (304, b"", etag(revision))
        assert alice.get(PATH, headers={"If-None-Match": etag(revision + 1)}).status_code == 200
        alice.patch(PATH, json={})


def test_a_write_with_a_key_is_done_once(alice: User) -> None:
    key = {"Idempotency-Key": str(uuid.uuid4())}
    first, again = (alice.patch(PATH, json={"theme": "dark"}, headers=key) for _ in range(2))
    assert (again.content, again.headers["etag"]) == (first.content, etag(1))
    assert again.headers["idempotency-replayed"] == "true"
    assert preferences(alice)["revision"] == 1
    other = alice.patch(PATH, json={"theme": "light"}, headers=key)
    assert_error(other, 422, "idempotency_key_reused")


def test_the_feed_and_the_export_tell_them(alice: User) -> None:
    alice.new_task()
    patch(alice, **example(PreferencesPatch))
    now = patch(alice, theme="light")
    change = {"revision": 3, "kind": "preferences", "id": alice.id, "deleted": False, "preferences": now}
    assert told(alice, kinds="preferences") == [change]
    assert told(alice, kinds="all", since=1) == [change]
    assert told(alice, kinds="task,preferences")[1:] == [change]
    # A client of the first contract sees tasks alone, and how far the revision is.
    assert [each["kind"] for each in told(alice)] == ["task"]
    assert changes(alice)["revision"] == 3
    with follow(alice, kinds="preferences") as stream:
        assert stream.next().change == change
        later = patch(alice, timezone="Asia/Tokyo")
        assert stream.next().change["preferences"] == later
    # What calendar apps have said of the inbox is in the export alone.
    assert alice.get("/api/auth/me/export").json()["preferences"] == [{**later, "inbox_properties": None}]


def test_no_batch_writes_them(alice: User) -> None:
    operation = {"op": "update", "kind": "preferences", "id": alice.id, "preferences": {"theme": "dark"}}
    answer = alice.post(f"{alice.tasks}/batch", json={"operations": [operation]})
    assert_error(answer, 422, "validation_error")


def test_refuses_nobody_and_somebody_else(alice: User, bob: User) -> None:
    assert_error(httpx.get(f"{alice.base_url}{PATH}"), 401, "unauthenticated")
    assert_error(alice.get(f"/api/{bob.id}/preferences"), 403, "forbidden")
    assert_error(alice.patch(f"/api/{bob.id}/preferences", json={"theme": "dark"}), 403, "forbidden")
    assert preferences(bob)["revision"] == 0


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_refuses_another_method(alice: User, method: str) -> None:
    answer = alice.request(method, PATH)
    assert answer.status_code == 405
    assert answer.headers["allow"] == "GET, HEAD, OPTIONS, PATCH"

"""What a task has besides a title: when it is due and may be begun, how much it matters, how long it takes, where more is."""

import json
import uuid
from typing import Any, Final

import pytest

from support.changes import batch
from support.kinds import stored_bytes
from support.users import User, assert_error

Task = dict[str, Any]

MORNING: Final = {"date": "2026-12-01", "time": "09:00", "timezone": "Europe/Berlin"}
ANSWERED: Final = {**MORNING, "time": "09:00:00", "at": "2026-12-01T08:00:00.000000Z"}
FLOATING: Final = {"date": "2026-11-30", "time": "18:30:15", "timezone": None, "at": None}
WHOLE_DAY: Final = {"date": "2026-11-30", "time": None, "timezone": None, "at": None}

EVERYTHING: Final[Task] = {
    "description": "Two litres",
    "priority": "high",
    "due": MORNING,
    "start": {"date": "2026-11-30"},
    "estimate_minutes": 525_600,
    "url": "https://example.com/oat-milk?a=b#c",
}
DEFAULTS: Final = {
    "description": None,
    "priority": "none",
    "due": None,
    "start": None,
    "estimate_minutes": None,
    "url": None,
    "is_cancelled": False,
}


def path_of(task: Task) -> str:
    return f"/api/{task['user_id']}/tasks/{task['id']}"


def patched(user: User, task: Task, **changes: Any) -> Task:
    answer = user.patch(path_of(task), json=changes)
    assert answer.status_code == 200, answer.text
    found: Task = answer.json()
    assert found == user.get(path_of(task)).json()
    return found


def test_a_plain_task_has_none_of_it(alice: User) -> None:
    task = alice.new_task()
    assert {name: task[name] for name in DEFAULTS} == DEFAULTS


def test_all_of_it_is_written_and_written_back_by_every_way(alice: User) -> None:
    """Writing what was read changes nothing but the revision and its instant, whichever way it is written."""
    task = alice.new_task(**EVERYTHING)
    assert {name: task[name] for name in EVERYTHING} == {**EVERYTHING, "due": ANSWERED, "start": WHOLE_DAY}
    members = {name: task[name] for name in ("title", "position", "tags", *EVERYTHING)}
    answers = [
        alice.put(path_of(task), json=members).json(),
        alice.patch(path_of(task), json={**members, "is_completed": False, "is_cancelled": False}).json(),
        batch(alice, {"op": "update", "id": task["id"], "task": members})[0]["task"],
        *(alice.put(path_of(task), json={name: members[name]}).json() for name in members),
        *(alice.patch(path_of(task), json={name: members[name]}).json() for name in members),
    ]
    for revision, answer in enumerate(answers, task["revision"] + 1):
        assert answer == {**task, "updated_at": answer["updated_at"], "revision": revision}
    assert alice.put(path_of(task), json={}).json()["due"] == ANSWERED
    assert stored_bytes([task]) == alice.get("/api/auth/me/usage").json()["stored_bytes"]


def test_a_position_is_passed_over(alice: User) -> None:
    first, second = alice.new_task(), alice.new_task(position="~")
    assert first["position"] < second["position"] < "~"
    put = alice.put(
        f"{alice.tasks}/{uuid.uuid4()}", json={"title": "a", "position": "-"}, headers={"If-None-Match": "*"}
    )
    assert put.json()["position"] > second["position"]
    for write in (alice.put, alice.patch):
        assert write(path_of(first), json={"position": "~"}).json()["position"] == first["position"]


def test_null_clears_by_put_and_by_patch(alice: User) -> None:
    cleared = dict.fromkeys(("description", "due", "start", "estimate_minutes", "url"))
    for write in (alice.put, alice.patch):
        task = alice.new_task(**EVERYTHING)
        answer = write(path_of(task), json={**cleared, "priority": "none"}).json()
        assert {name: answer[name] for name in DEFAULTS} == DEFAULTS


def test_a_patch_changes_a_part_of_a_date_and_put_all_of_it(alice: User) -> None:
    task = alice.new_task(due=MORNING)
    assert patched(alice, task, due={"time": "10:00"})["due"] == {
        **ANSWERED,
        "time": "10:00:00",
        "at": "2026-12-01T09:00:00.000000Z",
    }
    # In summer it is another instant.
    assert patched(alice, task, due={"date": "2027-07-01"})["due"]["at"] == "2027-07-01T08:00:00.000000Z"
    assert patched(alice, task, due={"timezone": None})["due"] == {
        **FLOATING,
        "date": "2027-07-01",
        "time": "10:00:00",
    }
    assert patched(alice, task, due={"timezone": "Asia/Tokyo"})["due"]["at"] == "2027-07-01T01:00:00.000000Z"
    assert patched(alice, task, due={"time": None})["due"] == {**WHOLE_DAY, "date": "2027-07-01"}
    assert patched(alice, task, due={})["due"] == {**WHOLE_DAY, "date": "2027-07-01"}
    put = alice.put(path_of(task), json={"due": {"date": "2026-11-30", "time": "18:30:15"}}).json()
    assert put["due"] == FLOATING
    put = alice.put(path_of(task), json={"due": {"date": "2026-11-30"}}).json()
    assert put["due"] == WHOLE_DAY
    (result,) = batch(alice, {"op": "update", "id": task["id"], "task": {"due": {"time": "08:00"}}})
    assert result["task"]["due"] == {**WHOLE_DAY, "time": "08:00:00"}


def test_a_gap_and_a_fold_are_as_rfc_5545_has_them(alice: User) -> None:
    gap = alice.new_task(due={**MORNING, "date": "2027-03-28", "time": "02:30"})
    fold = alice.new_task(start={**MORNING, "date": "2026-10-25", "time": "02:30"})
    assert (gap["due"]["time"], gap["due"]["at"]) == ("02:30:00", "2027-03-28T01:30:00.000000Z")
    assert fold["start"]["at"] == "2026-10-25T00:30:00.000000Z"


def test_the_first_and_the_last_instant(alice: User) -> None:
    """They are of other years than their dates."""
    first = {"date": "1970-01-01", "time": "00:00:00", "timezone": "Asia/Tokyo"}
    last = {"date": "2200-12-31", "time": "23:59:59", "timezone": "Etc/GMT+12"}
    task = alice.new_task(start=first, due=last)
    assert task["start"] == {**first, "at": "1969-12-31T15:00:00.000000Z"}
    assert task["due"] == {**last, "at": "2201-01-01T11:59:59.000000Z"}
    assert alice.get(path_of(task)).json() == task


def test_the_users_zone_rewrites_no_task(alice: User) -> None:
    """Nor does it move a date: three kinds of it, before and after."""
    for due in (MORNING, FLOATING, WHOLE_DAY):
        alice.new_task(due=due, start=due)
    before = alice.get(alice.tasks).json()
    for zone in ("Pacific/Kiritimati", "Etc/GMT+12"):
        assert alice.patch(f"/api/{alice.id}/preferences", json={"timezone": zone}).status_code == 200
        assert alice.get(alice.tasks).json() == before


REFUSED: Final[dict[str, tuple[Task, list[str], str]]] = {
    "a date as text": ({"due": "2026-12-01"}, ["due"], "model_attributes_type"),
    "a list": ({"start": []}, ["start"], "model_attributes_type"),
    "no date": ({"due": {}}, ["due", "date"], "missing"),
    "null as a date": ({"due": {"date": None}}, ["due", "date"], "string_type"),
    "a number": ({"due": {"date": 20261201}}, ["due", "date"], "string_type"),
    "no such day": ({"due": {"date": "2026-02-29"}}, ["due", "date"], "date_unknown"),
    "another order": ({"due": {"date": "01.12.2026"}}, ["due", "date"], "date_unknown"),
    "without hyphens": ({"due": {"date": "20261201"}}, ["due", "date"], "date_unknown"),
    "a week": ({"due": {"date": "2026-W49-2"}}, ["due", "date"], "date_unknown"),
    "other digits": ({"due": {"date": "202\N{FULLWIDTH DIGIT SIX}-12-01"}}, ["due", "date"], "date_unknown"),
    "with a time": ({"due": {"date": "2026-12-01T09:00:00Z"}}, ["due", "date"], "date_unknown"),
    "too early": ({"due": {"date": "1969-12-31"}}, ["due", "date"], "date_unknown"),
    "too late": ({"start": {"date": "2201-01-01"}}, ["start", "date"], "date_unknown"),
    "a line end": ({"due": {"date": "2026-12-01\n"}}, ["due", "date"], "date_unknown"),
    "one digit": ({"due": {**MORNING, "time": "9:00"}}, ["due", "time"], "time_unknown"),
    "the end of the day": ({"due": {**MORNING, "time": "24:00"}}, ["due", "time"], "time_unknown"),
    "a leap second": ({"due": {**MORNING, "time": "23:59:60"}}, ["due", "time"], "time_unknown"),
    "a fraction": ({"due": {**MORNING, "time": "09:00:00.5"}}, ["due", "time"], "time_unknown"),
    "an offset": ({"due": {**MORNING, "time": "09:00Z"}}, ["due", "time"], "time_unknown"),
    "afternoon": ({"due": {**MORNING, "time": "9 pm"}}, ["due", "time"], "time_unknown"),
    "time as a number": ({"due": {**MORNING, "time": 900}}, ["due", "time"], "string_type"),
    "a zone without a time": (
        {"start": {"date": "2026-12-01", "timezone": "UTC"}},
        ["start", "timezone"],
        "moment_incomplete",
    ),
    "another case": ({"due": {**MORNING, "timezone": "europe/berlin"}}, ["due", "timezone"], "timezone_unknown"),
    "a path": ({"due": {**MORNING, "timezone": "../../etc/passwd"}}, ["due", "timezone"], "timezone_unknown"),
    "the server's zone": ({"due": {**MORNING, "timezone": "localtime"}}, ["due", "timezone"], "timezone_unknown"),
    "an offset as a zone": ({"due": {**MORNING, "timezone": "+01:00"}}, ["due", "timezone"], "timezone_unknown"),
    "no zone": ({"due": {**MORNING, "timezone": ""}}, ["due", "timezone"], "timezone_unknown"),
    "a member too many": ({"due": {**MORNING, "offset": 1}}, ["due", "offset"], "extra_forbidden"),
    "an instant as a number": ({"due": {**MORNING, "at": 1}}, ["due", "at"], "string_type"),
    "another word": ({"priority": "urgent"}, ["priority"], "literal_error"),
    "a priority's number": ({"priority": 1}, ["priority"], "literal_error"),
    "no priority": ({"priority": None}, ["priority"], "literal_error"),
    "no minutes": ({"estimate_minutes": 0}, ["estimate_minutes"], "greater_than_equal"),
    "more than a year": ({"estimate_minutes": 525_601}, ["estimate_minutes"], "less_than_equal"),
    "half a minute": ({"estimate_minutes": 0.5}, ["estimate_minutes"], "int_type"),
    "minutes as text": ({"estimate_minutes": "30"}, ["estimate_minutes"], "int_type"),
    "true minutes": ({"estimate_minutes": True}, ["estimate_minutes"], "int_type"),
    "no scheme": ({"url": "example.com"}, ["url"], "url_malformed"),
    "a path as an address": ({"url": "//example.com/a"}, ["url"], "url_malformed"),
    "a scheme alone": ({"url": "https:"}, ["url"], "url_malformed"),
    "an empty address": ({"url": ""}, ["url"], "url_malformed"),
    "a script": ({"url": "javascript:alert(1)"}, ["url"], "url_unsafe"),
    "a script in another case": ({"url": "JavaScript:alert(1)"}, ["url"], "url_unsafe"),
    "a script behind a space": ({"url": " \tjavascript:alert(1)"}, ["url"], "url_unsafe"),
    "a script with a tab in it": ({"url": "java\tscript:alert(1)"}, ["url"], "url_malformed"),
    "a script with a line end in it": ({"url": "javascript\n:alert(1)"}, ["url"], "url_malformed"),
    "a script behind a control character": ({"url": "\x01javascript:alert(1)"}, ["url"], "url_malformed"),
    "data": ({"url": "DATA:text/html,<script>"}, ["url"], "url_unsafe"),
    "an older script": ({"url": "vbscript:MsgBox"}, ["url"], "url_unsafe"),
    "white space": ({"url": "https://example.com/oat milk"}, ["url"], "url_malformed"),
    "a long address": ({"url": "https://" + "a" * 1993}, ["url"], "string_too_long"),
    "cancelled when it is made": ({"is_cancelled": True}, ["is_cancelled"], "extra_forbidden"),
}


def test_what_cannot_be_is_refused_where_it_is(one_user: User) -> None:
    task = one_user.new_task(**EVERYTHING)
    for what, (fields, where, kind) in REFUSED.items():
        of_a_new_one = where == ["is_cancelled"]
        for answer, loc in (
            (one_user.post(one_user.tasks, json={"title": "a", **fields}), ["body"]),
            (one_user.put(path_of(task), json=fields), ["body"]),
        ):
            error = assert_error(answer, 422, "validation_error")
            assert [(each["loc"], each["type"]) for each in error["detail"]] == [([*loc, *where], kind)], what
        if kind in {"missing", "moment_incomplete"} or of_a_new_one:
            continue  # a patch has the rest already
        error = assert_error(one_user.patch(path_of(task), json=fields), 422, "validation_error")
        assert [(each["loc"], each["type"]) for each in error["detail"]] == [(["body", *where], kind)], what
    assert one_user.get(path_of(task)).json() == task
    assert one_user.get(one_user.tasks).json()["total"] == 1


@pytest.mark.parametrize(
    ("due", "patch", "member"),
    [
        (None, {"time": "10:00"}, "date"),
        (None, {}, "date"),
        (None, {"timezone": "UTC"}, "date"),
        ({"date": "2026-12-01"}, {"timezone": "UTC"}, "timezone"),
        (MORNING, {"time": None, "timezone": "UTC"}, "timezone"),
    ],
)
def test_a_patch_that_makes_no_date_is_refused_and_changes_nothing(
    alice: User, due: Task | None, patch: Task, member: str
) -> None:
    task = alice.new_task(due=due)
    error = assert_error(alice.patch(path_of(task), json={"title": "b", "due": patch}), 422, "validation_error")
    assert [(each["loc"], each["type"]) for each in error["detail"]] == [(["body", "due", member], "moment_incomplete")]
    operations = [
        {"op": "create", "task": {"title": "a"}},
        {"op": "update", "id": task["id"], "task": {"due": patch}},
    ]
    answer = alice.post(f"{alice.tasks}/batch", json={"operations": operations})
    assert answer.status_code == 422
    assert (answer.json()["index"], answer.json()["detail"][0]["loc"]) == (1, ["body", "due", member])
    assert alice.get(alice.tasks).json()["tasks"] == [task]


def test_numbers_and_addresses_that_are_good(alice: User) -> None:
    task = alice.new_task()
    # JSON has one kind of number.
    answer = alice.patch(
        path_of(task), content=b'{"estimate_minutes": 30.0}', headers={"Content-Type": "application/json"}
    )
    assert answer.json()["estimate_minutes"] == 30
    assert patched(alice, task, estimate_minutes=1)["estimate_minutes"] == 1
    longest = "x:" + "é" * 1998
    for url in ("mailto:alice@example.com", "message://%3c1@example.com%3e", "HTTPS://例え.jp/牛乳", longest):
        assert patched(alice, task, url=f" {url}\n")["url"] == url
    assert stored_bytes([{**task, "url": longest}]) == alice.get("/api/auth/me/usage").json()["stored_bytes"]


def test_it_is_in_the_feed_and_the_export(alice: User) -> None:
    task = alice.new_task(**EVERYTHING)
    assert alice.get(f"/api/{alice.id}/changes").json()["changes"][0]["task"] == task
    (exported,) = json.loads(alice.get("/api/auth/me/export").content)["tasks"]
    assert {name: exported[name] for name in task} == task

"""A task that recurs: completing it makes the next one, at the same address."""

import uuid

from support.dav import Phone, assert_refused, responses
from support.ical import make, names, put, synced, text_of, todo, token_of

RULE = "RRULE:FREQ=DAILY"


def lines(uid: str, *more: str) -> str:
    return todo(uid, "SUMMARY:Water the plants", "DUE;VALUE=DATE:20270301", *more)


def tasks(phone: Phone) -> list[dict[str, object]]:
    found: list[dict[str, object]] = phone.user.get(phone.user.tasks).json()["tasks"]
    return sorted(found, key=lambda task: not task["is_completed"])


def test_completed_by_a_program(phone: Phone) -> None:
    uid = str(uuid.uuid4())
    path = make(phone, phone.inbox, lines(uid, RULE), "plants.ics")
    token = token_of(synced(phone, phone.inbox))
    answer = put(phone, path, lines(uid, RULE, "STATUS:COMPLETED", "COMPLETED:20270301T090000Z"))
    assert answer.status_code == 204
    assert "etag" not in answer.headers  # the address answers something else than what was put
    done, following = tasks(phone)
    assert (done["is_completed"], done["recurrence"]) == (True, None)
    assert following["due"] == {"date": "2027-03-02", "time": None, "timezone": None, "at": None}
    here = text_of(phone, path)
    assert f"UID:{uid}\r\n" in here
    assert "DUE;VALUE=DATE:20270302\r\n" in here
    assert "RRULE:FREQ=DAILY\r\n" in here
    assert "COMPLETED" not in here
    there = text_of(phone, f"{phone.inbox}{uid}-done.ics")
    assert f"UID:{uid}-done\r\n" in there
    assert "STATUS:COMPLETED" in there
    assert "RRULE" not in there
    assert names(synced(phone, phone.inbox, token)) == {"plants.ics", f"{uid}-done.ics"}


def test_completed_by_the_api(phone: Phone) -> None:
    uid = str(uuid.uuid4())
    path = make(phone, phone.inbox, lines(uid, RULE, "X-ANY:thing"), f"{uid}.ics")
    phone.user.patch(f"{phone.user.tasks}/{uid}", json={"is_completed": True})
    here = text_of(phone, path)
    assert "DUE;VALUE=DATE:20270302\r\n" in here
    assert "X-ANY:thing\r\n" in here
    phone.user.patch(f"{phone.user.tasks}/{uid}", json={"is_completed": False})
    assert "DUE;VALUE=DATE:20270301\r\n" in text_of(phone, path)
    assert_refused(phone.get(f"{phone.inbox}{uid}-done.ics"), 404)


def test_the_last_of_a_series(phone: Phone) -> None:
    uid = str(uuid.uuid4())
    path = make(phone, phone.inbox, lines(uid, "RRULE:FREQ=DAILY;COUNT=1"), "plants.ics")
    answer = put(phone, path, lines(uid, "RRULE:FREQ=DAILY;COUNT=1", "STATUS:COMPLETED"))
    assert answer.headers["etag"] == phone.get(path).headers["etag"]
    (done,) = tasks(phone)
    assert done["is_completed"]


def test_moved_on_as_programs_do(phone: Phone) -> None:
    """Tasks.org moves the date itself, and completes nothing."""
    uid = str(uuid.uuid4())
    path = make(phone, phone.inbox, lines(uid, RULE), "plants.ics")
    answer = put(phone, path, lines(uid, RULE).replace("20270301", "20270302"))
    assert answer.headers["etag"] == phone.get(path).headers["etag"]
    (task,) = tasks(phone)
    assert not task["is_completed"]


def test_a_rule_that_the_api_cannot_make(phone: Phone) -> None:
    uid = str(uuid.uuid4())
    rule = "RRULE:FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1"
    path = make(phone, phone.inbox, lines(uid, rule), "plants.ics")
    (task,) = tasks(phone)
    phone.user.patch(f"{phone.user.tasks}/{task['id']}", json={"is_completed": True})
    here = text_of(phone, path)
    assert f"{rule}\r\n" in here
    assert "DUE;VALUE=DATE:20270331\r\n" in here


def test_what_is_told_of_a_whole_list(phone: Phone) -> None:
    uid = str(uuid.uuid4())
    make(phone, phone.inbox, lines(uid, RULE), "plants.ics")
    for _ in range(3):
        found = text_of(phone, f"{phone.inbox}plants.ics")
        done = found.replace("STATUS:NEEDS-ACTION\r\n", "").replace("END:VTODO", "STATUS:COMPLETED\r\nEND:VTODO")
        put(phone, f"{phone.inbox}plants.ics", done)
    listed = responses(synced(phone, phone.inbox))
    assert len(listed) == 4
    for path in listed:
        assert phone.get(path).status_code == 200
    assert "DUE;VALUE=DATE:20270304" in text_of(phone, f"{phone.inbox}plants.ics")


def test_any_rule_moves_on_in_the_text_too(phone: Phone) -> None:
    path = make(
        phone,
        phone.inbox,
        todo(
            "drops",
            "SUMMARY:Eye drops",
            "DTSTART;TZID=Europe/Berlin:20300101T080000",
            "DUE;TZID=Europe/Berlin:20300101T090000",
            "RRULE:FREQ=HOURLY;INTERVAL=6;COUNT=4",
            "EXDATE;TZID=Europe/Berlin:20300101T140000",
        ),
        "drops.ics",
    )
    (task,) = tasks(phone)
    assert phone.user.patch(f"{phone.user.tasks}/{task['id']}/complete").status_code == 200
    here = text_of(phone, path)
    # The rule is of DTSTART, and one is left out.
    assert "DTSTART;TZID=Europe/Berlin:20300101T200000\r\n" in here
    assert "DUE;TZID=Europe/Berlin:20300101T210000\r\n" in here
    assert "RRULE:FREQ=HOURLY;INTERVAL=6;COUNT=2\r\n" in here


def test_where_no_next_date_is_found_an_app_completes_it_for_good(phone: Phone) -> None:
    never = ("DUE:20270301T090000Z", "RRULE:FREQ=HOURLY;INTERVAL=24;BYHOUR=3")
    path = make(phone, phone.inbox, todo("never", *never), "never.ics")
    assert put(phone, path, todo("never", *never, "STATUS:COMPLETED")).status_code == 204
    (done,) = tasks(phone)
    assert (done["is_completed"], done["next_id"]) == (True, None)


def test_skipping_where_the_rule_is_of_the_start(phone: Phone) -> None:
    uid = str(uuid.uuid4())
    times = ("DTSTART:20270101T080000Z", "DUE:20270101T093000Z", "RRULE:FREQ=DAILY", "EXDATE:20270102T080000Z")
    path = make(phone, phone.inbox, todo(uid, *times))
    answer = phone.user.post(f"{phone.user.tasks}/{uid}/skip")
    assert answer.status_code == 200, answer.text
    assert "DUE:20270103T093000Z\r\n" in text_of(phone, path)

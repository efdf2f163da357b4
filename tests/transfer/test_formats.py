"""Each program's file, with its traps in it."""

from dataclasses import replace

import pytest

from doable.transfer.formats import google_tasks, ics, microsoft, outlook, plain, ticktick, todoist, todotxt, vikunja
from support.moving_in import BERLIN, FILES, Inside


def test_todoist_csv() -> None:
    name = "Work [220474322].csv"
    inside = Inside(todoist, FILES / name, replace(BERLIN, filename=name))
    assert inside.task("Write the report") == {
        "priority": "high",  # 1, which its API calls 4
        "due": {"date": "2026-12-07"},
        "estimate_minutes": 90,
        "tags": ["office", "deep-work"],
        "description": 'Two pages,\n"with" figures\n\nAsk Ben first\n\nSee\n\nplan.pdf: https://files.example/plan.pdf',
    }
    assert inside.misses("Write the report") == ["a file that is attached to it"]
    assert inside.place("Collect the figures") == {"list": "Work", "task": "Write the report"}
    assert inside.place("Sums") == {"list": "Work", "task": "Collect the figures"}
    assert inside.place("Send it") == {"list": "Work", "task": "Write the report"}
    assert inside.task("Send it")["due"] == {"date": "2026-11-27", "time": "18:00:00"}
    assert inside.misses("Collect the figures") == ["that it is assigned to `Ben (2)`"]
    assert inside.place("Water the plants") == {"list": "Work", "section": "Routine"}
    assert inside.task("Water the plants")["recurrence"] == {"rule": "FREQ=DAILY;INTERVAL=3", "from": "completion"}
    assert inside.task("Team meeting") == {
        "due": {"date": "2026-11-27", "time": "09:30:00", "timezone": "America/New_York"},
        "recurrence": {"rule": "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", "from": "due"},
    }
    assert inside.task("Müll rausbringen")["recurrence"] == {"rule": "FREQ=WEEKLY;BYDAY=MO", "from": "due"}
    assert inside.task("Call the moon") == {"description": "every blue moon"}
    assert inside.misses("Call the moon") == ["the date `every blue moon`"]
    assert inside.task("Tax return")["due"]["date"] == "2026-12-01"
    assert inside.misses("Tax return") == ["the deadline `2027-01-31`, beside its date"]
    assert inside.task("File it")["due"] == {"date": "2027-02-28"}
    assert inside.titles()[-1] == "No box to tick"
    assert inside.misses() == ["a comment on the project: `About all of it`"]
    assert [each.line for each in inside.found if each.kind == "task"][:2] == [3, 7]


def test_todoist_backup() -> None:
    inside = Inside(todoist, FILES / "todoist-backup.zip")
    assert inside.titles()[:2] == ["Buy oat milk", "Write the report"]
    assert inside.place("Buy oat milk") == {}
    assert inside.place("Write the report") == {"list": "Work"}


def test_a_row_keeps_its_key_when_another_is_added_before_it() -> None:
    header = b"TYPE,CONTENT,PRIORITY,INDENT\n"
    rows = b"task,Milk,4,1\ntask,Oat,4,2\ntask,Milk,4,1\n"
    before = Inside(todoist, header + rows)
    after = Inside(todoist, header + b"task,Eggs,4,1\n" + rows)
    keys = [each.key for each in before.found]
    assert len(set(keys)) == 4
    assert [each.key for each in after.found if each.members.get("title") != "Eggs"] == keys


def test_ticktick() -> None:
    inside = Inside(ticktick, FILES / "ticktick.csv")
    assert inside.task("First") == {
        "priority": "high",
        "created_at": "2026-09-30T08:00:00.000000Z",
        "due": {"date": "2026-12-05"},  # 23:00 in UTC, the day before
        "tags": ["garden", "weekend"],
        "reminders": [{"offset": "PT0M", "relative_to": "due"}],
        "description": "Terracotta pot,\nfrom the shed",
    }
    assert inside.place("First") == {"list": "🌱Garden", "section": "Doing"}
    assert next(each.members for each in inside.found if each.kind == "list")["group"] == "Home"
    positions = {each.members["title"]: each.members.get("position") for each in inside.found if each.kind == "task"}
    assert str(positions["First"]) < str(positions["Second"])
    assert inside.place("Below")["task"] == "First"
    assert inside.task("Call") == {
        "priority": "medium",
        "created_at": "2026-09-30T08:00:00.000000Z",
        "start": {"date": "2026-12-05", "time": "09:00:00", "timezone": "Africa/Cairo"},
        "due": {"date": "2026-12-05", "time": "09:30:00", "timezone": "Africa/Cairo"},
        "recurrence": {"rule": "FREQ=WEEKLY;INTERVAL=2;BYDAY=SA", "from": "due"},
        "reminders": [{"offset": "-PT30M", "relative_to": "due"}],
        "description": "TT_SKIP=WEEKEND",
    }
    assert inside.misses("Call") == ["a part of its rule: `TT_SKIP=WEEKEND`"]
    assert inside.place("Call") == {}
    assert inside.place("Socks") == {"task": "Pack"}
    assert inside.task("Socks") == {}
    assert inside.task("Passport") == {"is_completed": True}
    assert inside.task("Pack")["description"] == "For the trip"
    assert inside.task("Old")["completed_at"] == "2026-10-01T09:00:00.000000Z"
    assert inside.task("Never")["is_cancelled"] is True
    assert inside.task("Odd")["due"]["timezone"] is None
    assert inside.misses("Odd") == ["the rule `ERULE:NAME=CUSTOM;BYDATE=20261206`"]


def test_outlook_in_german_and_as_old_windows_wrote_it() -> None:
    inside = Inside(outlook, FILES / "outlook-german.csv")
    assert inside.task("Steuererklärung") == {
        "priority": "high",
        "start": {"date": "2026-12-01"},
        "due": {"date": "2027-01-31"},
        "tags": ["Büro", "Geld"],
        "reminders": [{"at": "2027-01-30T08:30:00.000000Z"}],
        "description": "Belege\nmit „Anlage“",
    }
    assert inside.task("Altes")["completed_at"] == "2026-09-01T22:00:00.000000Z"


def test_outlook() -> None:
    inside = Inside(outlook, FILES / "outlook.csv")
    assert inside.task("Renew passport") == {
        "priority": "low",
        "due": {"date": "2027-09-01"},
        "tags": ["Admin", "Travel"],
        "reminders": [{"at": "2027-08-31T19:30:00.000000Z"}],
        "description": "Bring photos",
    }
    assert inside.task("Old task")["due"] == {"date": "2026-09-01"}
    assert inside.task("Nonsense") == {"description": "13/13/2026"}
    assert inside.misses("Nonsense") == ["the date `13/13/2026`", "the reminder `soon`"]


@pytest.mark.parametrize(("language", "day"), [("en", "2026-09-01"), ("de", "2026-01-09")])
def test_a_date_that_may_be_either_is_read_by_the_language(language: str, day: str) -> None:
    content = b"Subject,Due Date,Date Completed\nA,9/1/2026,\n"
    assert Inside(outlook, content, replace(BERLIN, language=language)).task("A")["due"] == {"date": day}
    other = b"Subject,Due Date,Date Completed\nA,9/1/2026,\nB,31/1/2026,\n"
    assert Inside(outlook, other, replace(BERLIN, language=language)).task("A")["due"] == {"date": "2026-01-09"}


def test_google_tasks() -> None:
    inside = Inside(google_tasks, FILES / "Tasks.json")
    assert inside.titles() == ["Below", "First", "Second", "soon"]  # as they stand; what was deleted is not there
    assert inside.task("First") == {
        "is_completed": True,
        "completed_at": "2026-11-02T23:30:00.000000Z",
        "url": "https://mail.example/1",
        "description": "Line one\nLine two",
    }
    assert inside.task("Second")["due"] == {"date": "2026-12-01"}
    assert inside.place("Below") == {"list": "My Tasks", "task": "Second"}
    assert inside.misses("soon") == ["the date `soon`"]
    assert [each.members["name"] for each in inside.found if each.kind == "list"] == ["My Tasks", "Half emoji"]


def test_google_days_are_the_same_in_every_zone() -> None:
    for timezone in ("America/Los_Angeles", "Pacific/Auckland"):
        inside = Inside(google_tasks, FILES / "Tasks.json", replace(BERLIN, timezone=timezone))
        assert inside.task("Second")["due"] == {"date": "2026-12-01"}


def test_microsoft_to_do() -> None:
    inside = Inside(microsoft, FILES / "microsoft.json")
    assert inside.task("Dentist") == {
        "priority": "high",
        "created_at": "2026-02-01T08:00:00.123456Z",
        "url": "https://example.org/mail",
        "due": {"date": "2026-03-02"},  # 23:00 in UTC, the day before
        "tags": ["Health"],
        "reminders": [{"at": "2026-03-02T07:00:00.000000Z"}],
        "description": "Bring the card\n- one\n- two & three",
    }
    assert inside.place("Dentist") == {}
    assert inside.misses("Dentist") == ["the files that are attached to it"]
    assert inside.task("Find the card") == {"is_completed": True, "completed_at": "2026-02-02T08:00:00.000000Z"}
    assert inside.place("Call") == {"task": "Dentist"}
    assert inside.task("Rent") == {
        "due": {"date": "2026-12-31"},
        "recurrence": {"rule": "FREQ=MONTHLY;BYMONTHDAY=31", "from": "due"},
    }
    assert inside.place("Rent") == {"list": "Home"}
    assert inside.task("Choir")["is_completed"] is True
    assert inside.task("Bins")["recurrence"]["rule"] == "FREQ=WEEKLY;INTERVAL=2;BYDAY=WE,FR;COUNT=10"
    assert inside.misses("Odd") == ["how it recurs: `hourly`"]


@pytest.mark.parametrize("wrapped", [b'{"value": %b}', b"%b", b'{"value": [{"displayName": "A", "tasks": %b}]}'])
def test_microsoft_to_do_in_other_wrappings(wrapped: bytes) -> None:
    tasks = b'[{"id": "1", "title": "Milk", "status": "notStarted", "dueDateTime": null}]'
    assert Inside(microsoft, wrapped % tasks).titles() == ["Milk"]


@pytest.mark.parametrize("timezone", ["Europe/Berlin", "America/New_York", "UTC", "Europe/London"])
def test_the_midnight_of_one_zone_is_that_day_for_somebody_in_another(timezone: str) -> None:
    task = b'[{"title": "A", "dueDateTime": {"dateTime": "2026-03-01T23:00:00.0000000", "timeZone": "UTC"}}]'
    inside = Inside(microsoft, task, replace(BERLIN, timezone=timezone))
    assert inside.task("A")["due"] == {"date": "2026-03-02"}


def test_icalendar() -> None:
    inside = Inside(ics, FILES / "reminders.ics")
    title = "Milk, eggs; and a long title that is folded in the middle"
    assert inside.task(title) == {
        "priority": "high",
        "ical_priority": 3,
        "created_at": "2026-10-01T08:00:00.000000Z",
        "due": {"date": "2026-12-01", "time": "09:00:00", "timezone": "Europe/Berlin"},
        "tags": ["Shop", "Food, fresh", "Late"],
        "url": "https://example.org/a%2Cb",
        "recurrence": {"rule": "FREQ=MONTHLY;BYDAY=-1FR", "from": "due"},
        "reminders": [{"offset": "-PT30M", "relative_to": "due"}, {"at": "2026-12-01T06:30:00.000000Z"}],
        "description": "One\nTwo \\ three\n\nPlace: Market",
    }
    assert inside.misses(title) == ["its place", "a reminder at a place"]
    assert inside.place("Below") == {"list": "House, garden", "task": title}
    positions = {each.members["title"]: each.members.get("position") for each in inside.found if each.kind == "task"}
    assert str(positions[title]) < str(positions["Below"])
    assert next(each for each in inside.found if each.kind == "list").members["color"] == "#ff9500"
    assert inside.place("In UTC") == {"list": "Second"}
    assert inside.task("In UTC") == {
        "due": {"date": "2026-12-01", "time": "00:30:00", "timezone": "Europe/Berlin"},
        "is_completed": True,
        "is_cancelled": True,
    }
    assert inside.task("Of Windows")["due"]["timezone"] == "America/Los_Angeles"
    assert inside.task("Of its own zone")["due"]["timezone"] == "Europe/Berlin"
    assert inside.task("A day") == {
        "start": {"date": "2026-11-24"},
        "due": {"date": "2026-12-01"},
        "reminders": [{"offset": "-P1D", "relative_to": "due"}, {"offset": "PT0M", "relative_to": "start"}],
    }
    assert inside.task("Every second")["due"]["time"] == "10:00:00"
    assert inside.misses("Every second") == [
        "the line `NO COLON HERE`",
        "a part of its rule: `EXDATE:20261202T090000`",
    ]
    assert inside.task("Every second")["recurrence"] == {"rule": "FREQ=SECONDLY", "from": "due", "is_supported": False}
    assert inside.misses("Every second, once elsewhere") == ["one date of a series that is another than its rule says"]
    assert inside.misses() == ["1 event: only to-dos are taken over"]


def test_todo_txt() -> None:
    inside = Inside(todotxt, FILES / "todo.txt")
    assert inside.task("Call Mum about") == {
        "priority": "high",
        "created_at": "2026-10-31T23:00:00.000000Z",
        "start": {"date": "2026-11-28"},
        "due": {"date": "2026-12-01"},
        "tags": ["Family", "phone"],
    }
    assert inside.place("Call Mum about") == {"list": "Roof"}
    assert inside.task("Pay rent") == {
        "priority": "medium",
        "created_at": "2026-10-31T23:00:00.000000Z",
        "is_completed": True,
        "completed_at": "2026-11-02T23:00:00.000000Z",
    }
    assert inside.task("Only one date") == {"is_completed": True, "completed_at": "2026-11-03T23:00:00.000000Z"}
    assert inside.task("Done with its priority") == {"is_completed": True, "priority": "low"}
    assert inside.task("Water plants")["recurrence"] == {"rule": "FREQ=WEEKLY", "from": "due"}
    assert inside.task("Stretch")["recurrence"] == {"rule": "FREQ=DAILY;INTERVAL=3", "from": "completion"}
    assert inside.task("Standup")["recurrence"]["rule"] == "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"
    assert inside.misses("Report") == ["the rule `rec:2b`"]
    assert inside.titles()[8:] == [
        "See https://example.org/page:1 at 10:30",
        "(a) no priority",
        "xylophone lesson",
        "Bad date",
    ]
    assert inside.misses("Bad date") == ["the date `due:0000-00-00`"]


def test_vikunja() -> None:
    inside = Inside(vikunja, FILES / "vikunja-export.zip")
    assert inside.place("Loose") == {}
    lists = {each.members["name"]: each.members for each in inside.found if each.kind == "list"}
    assert lists == {
        "Home": {"name": "Home", "is_archived": True},
        "House": {"name": "House", "color": "#e8a33d", "group": "Home"},
    }
    assert inside.misses("House") == ["the description of the project"]
    assert [each.members["name"] for each in inside.found if each.kind == "section"] == ["To-Do", "Doing"]
    assert inside.titles()[-2:] == ["Buy paint", "Paint the wall"]  # as the list shows them, and not the board
    assert inside.task("Paint the wall") == {
        "priority": "medium",
        "created_at": "2026-10-01T08:00:00.000000Z",
        "due": {"date": "2026-12-01", "time": "14:30:00", "timezone": "Europe/Berlin"},
        "tags": ["home"],
        "recurrence": {"rule": "FREQ=WEEKLY;INTERVAL=2", "from": "completion"},
        "reminders": [{"offset": "-PT30M", "relative_to": "due"}, {"at": "2026-11-30T08:00:00.000000Z"}],
        "description": "With this (https://example.org)\n\nBlue\n\nFile: wall.jpg",
    }
    assert inside.misses("Paint the wall") == [
        "the file `wall.jpg` that is attached to it",
        "that it is assigned to `ben`",
        "what it is related to as `blocking`",
    ]
    assert inside.place("Buy paint") == {"list": "House", "section": "Doing", "task": "Paint the wall"}
    assert inside.task("Buy paint")["completed_at"] == "2026-11-02T23:30:00.000000Z"
    assert inside.misses("Every hour") == ["that it repeats every 3600 seconds"]
    assert inside.task("Every month")["recurrence"]["rule"] == "FREQ=MONTHLY"


def test_a_table_of_anybody() -> None:
    inside = Inside(plain, FILES / "tasks-utf16.csv")
    paint = next(each for each in inside.found if each.key == "1")
    assert {**paint.members, "list_id": None} == {
        "title": "Paint",
        "list_id": None,
        "priority": "high",
        "due": {"date": "2026-12-01", "time": "14:30:00", "timezone": None},
        "tags": ["home", "blue"],
        "description": "Two lines\nof notes",
    }
    assert inside.place("Sand first") == {"list": "House", "task": "Paint"}
    assert inside.task("Sand first")["is_completed"] is True
    assert inside.task("Someday")["due"]["date"] == "2026-11-27"
    assert inside.misses("Someday") == ["the priority `3`"]
    assert inside.misses("Paint") == ["the date `99999-01-01`", "the state `maybe`"]
    assert inside.misses() == ["the column `weather`"]
    assert len({each.key for each in inside.found}) == len(inside.found)  # also that of the row with an id twice

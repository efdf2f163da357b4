"""The laws of a task and its text: what is not changed is the very text, and what is changed is what the text says then."""

import time
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Final, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from icalendar import Calendar
from pydantic_core import to_json

from doable.caldav.checking import check
from doable.caldav.source import Source
from doable.caldav.todo import Fields, changes, fields_of, patched, projected, rendered, with_fields, with_ids
from doable.tasks.tables import TaskRow

FIXTURES: Final = [path.read_bytes().decode() for path in sorted((Path(__file__).parent / "fixtures").glob("*.ics"))]
NOW: Final = datetime(2026, 11, 26, 12, 0, 0, 123456, tzinfo=UTC)
ID: Final = "0f8fad5b-d9cb-469f-a165-70867728950e"

TEXTS: Final = st.text(st.characters(exclude_categories=["Cc", "Cs"], include_characters="\n\t"), max_size=120)
NAMES: Final = st.sampled_from(
    [
        "SUMMARY",
        "description",
        "DUE",
        "DTSTART",
        "DURATION",
        "RRULE",
        "EXDATE",
        "RDATE",
        "STATUS",
        "COMPLETED",
        "PRIORITY",
        "PERCENT-COMPLETE",
        "CATEGORIES",
        "RELATED-TO",
        "URL",
        "ESTIMATED-DURATION",
        "X-A",
        "CREATED",
        "LAST-MODIFIED",
    ]
)
VALUES: Final = st.one_of(
    st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=80),
    st.sampled_from(
        [
            "20261201",
            "20261201T090000",
            "20261201T090000Z",
            "18000101",
            "PT15M",
            "-P1W",
            "FREQ=DAILY",
            "freq=weekly;byday=mo",
            "FREQ=HOURLY;INTERVAL=7",
            "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
            "100",
            "0",
            "9",
            "COMPLETED",
            "a,b,,c\\,d",
            "20261201,20261202T090000Z",
            "https://example.com/a,b",
            "a@b",
        ]
    ),
)
HEADS: Final = st.sampled_from(
    ["", ";VALUE=DATE", ";TZID=Europe/Berlin", ";TZID=Mine", ';X-A="b:c";LANGUAGE=de', ";RELTYPE=CHILD"]
)


@st.composite
def anything(draw: st.DrawFn) -> str:
    """A to-do of any lines, folded anywhere."""
    end = draw(st.sampled_from(["\r\n", "\n"]))
    pieces = ["BEGIN:VCALENDAR", "BEGIN:VTODO", "UID:a"]
    for name, head, value in draw(st.lists(st.tuples(NAMES, HEADS, VALUES), max_size=8)):
        content = f"{name}{head}:{value}"
        for at in sorted(draw(st.sets(st.integers(1, len(content)), max_size=2)), reverse=True):
            content = f"{content[:at]}{end} {content[at:]}"
        pieces.append(content)
    for head, value in draw(
        st.lists(st.tuples(st.sampled_from(["", ";RELATED=END", ";VALUE=DATE-TIME"]), VALUES), max_size=2)
    ):
        pieces += ["BEGIN:VALARM", "ACTION:DISPLAY", f"TRIGGER{head}:{value}", "END:VALARM"]
    return end.join([*pieces, "END:VTODO", "END:VCALENDAR", ""])


def put(said: str, fields: Fields) -> str:
    return with_fields(said, fields, uid=Source(said).value("UID"), updated_at=NOW)


@given(anything())
@settings(max_examples=150, deadline=None)
def test_what_a_text_says_changes_nothing_in_it(said: str) -> None:
    assert put(said, projected(said)) == said


def day(number: int) -> str:
    return (date(2026, 1, 1) + timedelta(days=number)).isoformat()


@st.composite
def dated(draw: st.DrawFn) -> dict[str, Any]:
    """A start and a due date as a VTODO can have them: of one type, and one before the other."""
    time = draw(st.sampled_from([None, "00:00:00", "09:30:00", "23:59:59"]))
    zone = None if time is None else draw(st.sampled_from([None, "UTC", "Europe/Berlin", "America/New_York"]))
    at = draw(st.integers(0, 30_000))
    due = {"date": day(at), "time": time, "timezone": zone}
    start = {"date": day(at - draw(st.integers(1, 30))), "time": time, "timezone": zone}
    members: dict[str, Any] = {"start": start, "due": due, "recurrence": None, "exceptions": None}
    match draw(st.integers(0, 5)):
        case 0:
            return {**members, "start": None, "due": None}
        case 1:
            return {**members, "due": None}
        case 2:
            return {**members, "start": None}
        case 3:
            rule = {"rule": "FREQ=WEEKLY;BYDAY=MO,TH", "from_": "due"}
            return {**members, "start": None, "recurrence": rule, "exceptions": draw(exceptions(due))}
        case 4:
            said = draw(exceptions(due)) or {}
            return {
                **members,
                "recurrence": {"rule": "FREQ=MONTHLY;BYDAY=2TU", "from_": "due"},
                "exceptions": {**said, "by_start": True},
            }
        case _:
            return {**members, "start": None, "recurrence": {"rule": "FREQ=DAILY;INTERVAL=3", "from_": "completion"}}


@st.composite
def exceptions(draw: st.DrawFn, due: Mapping[str, str | None]) -> dict[str, Any] | None:
    found = {}
    for name in ("exdates", "rdates"):
        days = draw(st.sets(st.integers(0, 30_000), max_size=3))
        if days:
            found[name] = sorted(day(each) + (f"T{due['time']}" if due["time"] else "") for each in days)
    return found or None


REMINDERS: Final = st.one_of(
    st.builds(
        lambda offset: {"offset": offset, "relative_to": "due", "at": None},
        st.sampled_from(["-PT15M", "P0D", "-P1DT2H", "PT90M", "-P2W"]),
    ),
    st.builds(
        lambda number: {"offset": None, "relative_to": None, "at": f"{day(number)}T08:00:00.000000Z"},
        st.integers(0, 30_000),
    ),
)


@st.composite
def members(draw: st.DrawFn) -> dict[str, Any]:
    """Members as a task may have them."""
    completed_at = draw(st.sampled_from([None, NOW.replace(microsecond=0)]))
    when = draw(dated())
    if completed_at is not None:
        when |= {"recurrence": None, "exceptions": None}
    tags = draw(st.sets(st.sampled_from(["shop", "Straße", "a,b", "c;d\\", "買い物"])))
    return {
        "title": draw(TEXTS.map(str.strip).filter(bool)),
        "description": draw(TEXTS) or None,
        "is_completed": completed_at is not None,
        "completed_at": completed_at,
        "is_cancelled": completed_at is not None and draw(st.booleans()),
        "priority": draw(st.integers(0, 9)),
        "tags": sorted(tags, key=str.casefold),
        "url": draw(st.sampled_from([None, "https://example.com/a,b;c", "mailto:a@example.com"])),
        "estimate_minutes": draw(st.one_of(st.none(), st.integers(1, 525_600))),
        "reminders": draw(st.lists(REMINDERS, max_size=3, unique_by=lambda each: each["at"] or each["offset"])),
        "parent_uid": draw(st.sampled_from([None, "a@b", ID])),
        **when,
    }


def in_order(reminders: Any) -> list[dict[str, Any]]:
    return sorted(reminders, key=str)


@given(st.sampled_from(FIXTURES), members())
@settings(max_examples=150, deadline=None)
def test_what_is_put_into_a_text_is_what_it_says(said: str, wanted: dict[str, Any]) -> None:
    fields = cast("Fields", {**projected(said), **wanted})
    if len(projected(said)["tags"]) == 50:
        fields["tags"] = projected(said)["tags"]  # those behind them would come up
    made = put(said, fields)
    found = projected(made)
    for name, value in fields.items():
        # Where only STATUS says that it is complete, nobody knows since when.
        if name != "completed_at" or "COMPLETED" in Source(made).first:
            said_now: Any = found[name]  # type: ignore[literal-required] # a member of Fields
            assert said_now == value or (name == "reminders" and in_order(said_now) == in_order(value)), name
    assert put(made, found) == made
    check(made.encode(), {"VTODO"})


def row_of(wanted: Mapping[str, Any]) -> TaskRow:
    def local(name: str) -> dict[str, Any]:
        parts = wanted[name]
        if parts is None:
            return {f"{name}_local": None, f"{name}_timezone": None}
        whole = "T24:00:00" if name == "due" else ""
        text = parts["date"] + (whole if parts["time"] is None else f"T{parts['time']}")
        return {f"{name}_local": text, f"{name}_timezone": parts["timezone"]}

    rule = wanted["recurrence"]
    reminders = [{"id": str(number), "remind_at": None, **each} for number, each in enumerate(wanted["reminders"])]
    row = {
        "id": ID,
        "created_at": NOW,
        "updated_at": NOW,
        **{name: wanted[name] for name in ("title", "description", "completed_at", "is_cancelled", "priority", "url")},
        "estimate_minutes": wanted["estimate_minutes"],
        "tags": to_json(wanted["tags"]).decode() if wanted["tags"] else None,
        "reminders": to_json(reminders).decode() if reminders else None,
        "recurrence": rule and rule["rule"],
        "recurs_from": rule and rule["from_"],
        "exceptions": to_json(wanted["exceptions"]).decode() if wanted["exceptions"] else None,
        **local("due"),
        **local("start"),
    }
    return cast("TaskRow", row)


@given(members())
@settings(max_examples=80, deadline=None)
def test_a_task_that_no_client_has_put_is_rendered_with_all_that_it_has(wanted: dict[str, Any]) -> None:
    row = row_of(wanted)
    made = rendered(row, ID, wanted["parent_uid"])
    assert made == rendered(row, ID, wanted["parent_uid"])
    found = check(made.encode(), {"VTODO"})
    assert (found.uid, found.component) == (ID, "VTODO")
    said = projected(made)
    fields = {**fields_of(row, wanted["parent_uid"]), "created_at": NOW.replace(microsecond=0)}
    fields["reminders"] = [
        {name: each[name] for name in ("offset", "relative_to", "at")} for each in wanted["reminders"]
    ]
    assert said == fields
    assert patched(made, row, ID, wanted["parent_uid"]) == made
    (calendar,) = [Calendar.from_ical(made)]
    assert {"VERSION", "PRODID"} <= calendar.keys()
    zones = {each["timezone"] for each in (wanted["due"], wanted["start"]) if each} - {None, "UTC"}
    assert {str(each["TZID"]) for each in calendar.timezones} == zones


PLAIN: Final[Mapping[str, Any]] = {
    "title": "x",
    "description": None,
    "completed_at": None,
    "is_cancelled": False,
    "priority": 0,
    "url": None,
    "estimate_minutes": None,
    "tags": [],
    "reminders": [],
    "recurrence": None,
    "exceptions": None,
    "due": None,
    "start": None,
}


def moment(at: str, time: str | None = None, zone: str | None = None) -> dict[str, str | None]:
    return {"date": at, "time": time, "timezone": zone}


def lines_of(said: str, *names: str) -> list[str]:
    return [line for line in said.split("\r\n") if line.startswith(names)]


@pytest.mark.parametrize(
    ("start", "due", "rule", "lines"),
    [
        # DATE is not beside DATE-TIME, and a start that is not before the due date is not said.
        (
            moment("2026-12-01"),
            moment("2026-12-03", "17:00:00"),
            None,
            ["DTSTART:20261201T000000", "DUE:20261203T170000"],
        ),
        (
            moment("2026-12-01", "08:00:00"),
            moment("2026-12-03"),
            None,
            ["DTSTART;VALUE=DATE:20261201", "DUE;VALUE=DATE:20261203"],
        ),
        (moment("2026-12-05"), moment("2026-12-03"), None, ["DUE;VALUE=DATE:20261203"]),
        (moment("2026-12-03", "09:00:00"), moment("2026-12-03"), None, ["DUE;VALUE=DATE:20261203"]),
        # A rule is anchored at DTSTART: it is the start where that makes no difference.
        (None, moment("2026-12-03"), "FREQ=DAILY", ["DTSTART;VALUE=DATE:20261203", "DUE;VALUE=DATE:20261203"]),
        (
            moment("2026-12-01"),
            moment("2026-12-03"),
            "FREQ=DAILY",
            ["DTSTART;VALUE=DATE:20261201", "DUE;VALUE=DATE:20261203"],
        ),
        (
            moment("2026-12-01"),
            moment("2026-12-03"),
            "FREQ=WEEKLY;BYDAY=TH",
            ["DTSTART;VALUE=DATE:20261203", "DUE;VALUE=DATE:20261203"],
        ),
    ],
)
def test_dates_that_a_to_do_cannot_have_side_by_side(
    start: Mapping[str, Any] | None, due: Mapping[str, Any], rule: str | None, lines: list[str]
) -> None:
    recurrence = rule and {"rule": rule, "from_": "due"}
    row = row_of({**PLAIN, "start": start, "due": due, "recurrence": recurrence})
    made = rendered(row, ID, None)
    assert lines_of(made, "DTSTART", "DUE") == lines
    # A client that sends back what it read changes nothing, whatever the text could not say.
    assert changes(made, made) == {}
    assert patched(made, row, ID, None) == made


def todo(*lines: str, more: str = "") -> str:
    return "\r\n".join(["BEGIN:VCALENDAR", "BEGIN:VTODO", "UID:a", *lines, "END:VTODO", f"{more}END:VCALENDAR", ""])


def test_what_a_client_has_changed_is_told_and_no_more() -> None:
    before = todo("SUMMARY:a", "DUE;VALUE=DATE:20261201", "RRULE:FREQ=DAILY", "PRIORITY:3")
    assert changes(before, before.replace("SUMMARY:a", "SUMMARY:b").replace("PRIORITY:3\r\n", "")) == {
        "title": "b",
        "priority": 0,
    }
    moved = changes(before, before.replace("20261201", "20261208"))
    assert moved == {"due": moment("2026-12-08")}
    completion = before.replace("RRULE", "X-DOABLE-RECURS-FROM:COMPLETION\r\nRRULE")
    assert projected(completion)["recurrence"] == {"rule": "FREQ=DAILY", "from_": "completion"}
    assert changes(completion, before) == {}
    assert changes(completion, before.replace("DAILY", "WEEKLY")) == {
        "recurrence": {"rule": "FREQ=WEEKLY", "from_": "due"}
    }
    done = changes(before, before.replace("PRIORITY:3", "STATUS:COMPLETED\r\nCOMPLETED:20261201T080000Z"))
    assert done.keys() == {"priority", "is_completed", "is_cancelled", "completed_at"}
    complete = todo("SUMMARY:a", "STATUS:COMPLETED", "LAST-MODIFIED:20261201T080000Z")
    assert changes(complete, complete.replace("20261201", "20261202")) == {"is_completed": True, "is_cancelled": False}


def test_a_long_text_stays_whole_until_somebody_edits_it() -> None:
    said = todo(f"SUMMARY:{'t' * 1000}", f"DESCRIPTION:{'d' * 3000}")
    fields = projected(said)
    assert fields["title"] == "t" * 199 + "…"
    assert fields["description"] == "d" * 2000
    made = put(said, {**fields, "priority": 1})
    assert "t" * 1000 in made
    assert "d" * 3000 in made
    # The setting may have been another one when it was cut.
    assert "d" * 3000 in put(said, {**projected(said, longest=2500), "priority": 1})
    assert "d" * 3000 in put(said, {**projected(said, longest=100), "priority": 1})
    edited = projected(put(said, {**fields, "title": "t" * 199, "description": "d" * 1999}))
    assert (edited["title"], edited["description"]) == ("t" * 199, "d" * 1999)


def test_a_text_that_is_edited_loses_its_other_form() -> None:
    said = todo("SUMMARY:a", 'DESCRIPTION;ALTREP="data:text/html,%3Cb%3Ex";LANGUAGE=de:x')
    assert "DESCRIPTION;LANGUAGE=de:y\r\n" in put(said, {**projected(said), "description": "y"})


def test_the_uid_moves_on_with_the_series_and_what_is_done_has_no_rule() -> None:
    override = "BEGIN:VTODO\r\nUID:a\r\nRECURRENCE-ID;VALUE=DATE:20261202\r\nSUMMARY:b\r\nEND:VTODO\r\n"
    said = todo("SUMMARY:a", "DUE;VALUE=DATE:20261201", "RRULE:FREQ=DAILY", "EXDATE;VALUE=DATE:20261203", more=override)
    wanted = {**PLAIN, "title": "a", "due": moment("2026-12-01"), "recurrence": {"rule": "FREQ=DAILY", "from_": "due"}}
    done = patched(said, row_of({**wanted, "completed_at": NOW}), f"{ID}-done", None)
    assert f"UID:{ID}-done\r\n" in done
    assert lines_of(done, "RRULE", "EXDATE", "RECURRENCE-ID", "UID:a") == []
    assert done.count("BEGIN:VTODO") == 1
    exceptions_ = {"exdates": ["2026-12-03"]}
    goes_on = patched(said, row_of({**wanted, "due": moment("2026-12-02"), "exceptions": exceptions_}), "a", None)
    assert lines_of(goes_on, "DUE", "DTSTART", "RRULE", "EXDATE") == [
        "DUE;VALUE=DATE:20261202",
        "RRULE:FREQ=DAILY",
        "EXDATE;VALUE=DATE:20261203",
    ]
    assert override in goes_on
    named = patched(said, row_of({**wanted, "exceptions": exceptions_}), "b", None)
    assert lines_of(named, "UID") == ["UID:b", "UID:b"]


@pytest.mark.parametrize(
    "rule", ["FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "FREQ=SOMETIMES", "INTERVAL=2", "FREQ=DAILY;" + "BYDAY=MO," * 99]
)
def test_a_rule_that_no_task_can_have_stays(rule: str) -> None:
    said = todo("SUMMARY:a", "DUE;VALUE=DATE:20261201", f"RRULE:{rule}")
    fields = projected(said)
    assert fields["recurrence"] is None
    made = put(said, {**fields, "title": "b", "due": moment("2026-12-09")})
    assert f"RRULE:{rule}"[:70] in made


def test_exceptions_are_said_by_the_clock_of_the_series() -> None:
    said = todo(
        "DTSTART;TZID=Europe/Berlin:20261201T090000",
        "DUE;TZID=Europe/Berlin:20261201T110000",
        "RRULE:FREQ=DAILY",
        "EXDATE:20261202T080000Z,20261203T080000Z",
        "EXDATE;VALUE=DATE:20261204",
        "RDATE;TZID=America/New_York:20261205T030000",
    )
    fields = projected(said)
    assert fields["exceptions"] == {
        "exdates": ["2026-12-02T09:00:00", "2026-12-03T09:00:00", "2026-12-04"],
        "rdates": ["2026-12-05T09:00:00"],
        "by_start": True,
    }
    wanted = {"exdates": ["2026-12-03T09:00:00", "2026-12-08T09:00:00"], "by_start": True}
    made = put(said, {**fields, "exceptions": wanted})
    assert lines_of(made, "EXDATE", "RDATE") == ["EXDATE:20261203T080000Z", "EXDATE;TZID=Europe/Berlin:20261208T090000"]
    assert projected(made)["exceptions"] == wanted


def test_reminders_keep_the_ids_of_those_that_come_at_the_same_time() -> None:
    stored = to_json(
        [
            {"id": "1", "offset": "-PT90M", "relative_to": "due", "at": None, "remind_at": None},
            {"id": "2", "offset": None, "relative_to": None, "at": "2026-12-01T08:00:00.000000Z", "remind_at": None},
        ]
    ).decode()
    found = projected(
        todo(
            *("BEGIN:VALARM", "ACTION:DISPLAY", "TRIGGER;RELATED=END:-PT1H30M", "END:VALARM"),
            *("BEGIN:VALARM", "ACTION:DISPLAY", "TRIGGER;VALUE=DATE-TIME:20261201T080000Z", "END:VALARM"),
            *("BEGIN:VALARM", "ACTION:DISPLAY", "TRIGGER:-PT5M", "END:VALARM"),
        )
    )["reminders"]
    assert [each.get("id") for each in with_ids(found, stored)] == ["1", "2", None]
    assert with_ids(found, None) == found


@pytest.mark.parametrize(
    "alarm",
    [
        ["ACTION:EMAIL", "TRIGGER:-PT5M", "ATTENDEE:mailto:a@example.com"],
        ["ACTION:DISPLAY", "TRIGGER:-PT5S"],
        ["ACTION:DISPLAY", "TRIGGER:-P401D"],
        ["ACTION:DISPLAY", "TRIGGER:-PT5M", "PROXIMITY:ARRIVE"],
        ["ACTION:NONE", "TRIGGER;VALUE=DATE-TIME:19760401T005545Z"],
        ["ACTION:DISPLAY", "TRIGGER;VALUE=DATE-TIME:19760401T005545Z"],
        ["ACTION:DISPLAY", "TRIGGER;VALUE=DATE:20261201"],
        ["ACTION:DISPLAY", "TRIGGER:soon"],
        ["ACTION:DISPLAY"],
    ],
)
def test_an_alarm_that_is_no_reminder_stays(alarm: list[str]) -> None:
    said = todo("SUMMARY:a", "BEGIN:VALARM", *alarm, "END:VALARM")
    fields = projected(said)
    assert fields["reminders"] == []
    made = put(said, {**fields, "reminders": [{"offset": "-PT7M", "relative_to": "due", "at": None}]})
    assert "\r\n".join(["BEGIN:VALARM", *alarm, "END:VALARM"]) in made


def test_no_more_than_twenty_alarms_are_reminders_and_none_is_lost() -> None:
    said = todo(
        *(line for n in range(30) for line in ("BEGIN:VALARM", "ACTION:DISPLAY", f"TRIGGER:-PT{n}M", "END:VALARM"))
    )
    fields = projected(said)
    assert len(fields["reminders"]) == 20
    assert put(said, {**fields, "title": "b"}).count("BEGIN:VALARM") == 30


def test_a_hostile_text_is_read_in_a_moment() -> None:
    many = ",".join(
        f"2026{month:02}{day_:02}T{hour:02}0000"
        for month in range(1, 13)
        for day_ in range(1, 29)
        for hour in range(24)
    )
    said = todo(
        "DUE;TZID=Mine:20261201T090000",
        "RRULE:FREQ=DAILY",
        f"EXDATE;TZID=Europe/Berlin:{many}",
        "CATEGORIES:" + "a," * 100_000,
    )
    fields = projected(said)
    assert len((fields["exceptions"] or {})["exdates"]) == 1000
    assert put(said, fields) == said


def test_a_client_whose_clock_is_fast_has_its_own_time_of_completing() -> None:
    said = todo("SUMMARY:a", "STATUS:COMPLETED", "COMPLETED:20991231T000000Z")
    made = put(said, {**projected(said), "title": "b", "completed_at": NOW})
    assert "COMPLETED:20991231T000000Z" in made
    earlier = said.replace("2099", "2020")
    assert "COMPLETED:20261126T120000Z" in put(earlier, {**projected(earlier), "completed_at": NOW})


def test_a_start_beside_a_rule_and_an_end_that_no_task_can_have_is_no_due_date() -> None:
    said = todo("DTSTART;VALUE=DATE:18991231", "DUE;VALUE=DATE:99991231", "RRULE:FREQ=YEARLY")
    start = {"date": "2026-12-31", "time": "09:00:00", "timezone": None}
    made = projected(put(said, {**projected(said), "start": start}))
    assert (made["start"], made["due"], made["recurrence"]) == (start, None, None)


def test_a_zone_of_many_parts_is_looked_at_in_a_moment() -> None:
    part = "BEGIN:STANDARD\r\nDTSTART:20000101T000000\r\nTZOFFSETFROM:+0100\r\nTZOFFSETTO:+0200\r\nRRULE:FREQ=YEARLY;BYDAY=1SU\r\nEND:STANDARD"
    zone = ["BEGIN:VTIMEZONE", "TZID:Mine", *[part] * 2000, "END:VTIMEZONE"]
    dates_ = ",".join(f"{year}1202T100000" for year in range(1970, 2200) for _ in range(50))
    said = todo("DUE;TZID=Mine:20261201T090000", "RRULE:FREQ=DAILY", f"EXDATE;TZID=Mine:{dates_}")
    said = said.replace("BEGIN:VTODO", "\r\n".join([*zone, "BEGIN:VTODO"]))
    began = time.process_time()
    assert len((projected(said)["exceptions"] or {})["exdates"]) > 200
    assert time.process_time() - began < 3

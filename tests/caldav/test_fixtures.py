"""Texts as programs write them: each goes in, one member is changed, and it comes out with that change alone."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import pytest

from doable.caldav.checking import check
from doable.caldav.source import Source
from doable.caldav.todo import Fields, projected, with_fields
from doable.ical import zones
from doable.ical.lines import Component, Line, components, lines

FIXTURES: Final = sorted((Path(__file__).parent / "fixtures").glob("*.ics"))
NOW: Final = datetime(2026, 11, 26, 12, 0, 0, 123456, tzinfo=UTC)
STAMPS: Final = {"DTSTAMP", "LAST-MODIFIED", "SEQUENCE"}
DATES: Final = {"DTSTART", "DUE", "DURATION"}
SERIES: Final = {"RRULE", "EXDATE", "RDATE", "EXRULE"}
STATE: Final = {"STATUS", "COMPLETED", "PERCENT-COMPLETE"}

texts = pytest.mark.parametrize(
    "said", [path.read_bytes().decode() for path in FIXTURES], ids=[p.stem for p in FIXTURES]
)


def put(said: str, fields: Fields) -> str:
    return with_fields(said, fields, uid=Source(said).value("UID"), updated_at=NOW)


def changed(said: str, changes: Mapping[str, Any]) -> str:
    """The text with these members; what else it says stays, and what it did not say otherwise is untouched."""
    fields = projected(said)
    made = put(said, {**fields, **changes})  # type: ignore[typeddict-item] # members of Fields
    again = projected(made)
    for name, value in {**fields, **changes}.items():
        if name == "completed_at" and "COMPLETED" not in Source(said).first and name not in changes:
            continue  # it is taken from LAST-MODIFIED
        assert again[name] == value, name  # type: ignore[literal-required] # members of Fields
    assert put(made, again) == made
    assert check(made.encode(), {"VTODO"}).uid == Source(said).value("UID")
    assert made.count("\r\n") in {0, made.count("\n")}
    new = set(made.splitlines()) - set(said.splitlines())
    assert all(len(line.encode()) <= 75 for line in new)
    return made


def of_task(said: str) -> list[Line]:
    return Source(said).todo.lines


def raw(said: str, found: Sequence[Line]) -> list[str]:
    return [said[line.start : line.end] for line in found]


def outside(said: str, names: set[str]) -> list[str]:
    """The text without the lines of these names of the task, as it stands."""
    gone = {(line.start, line.end) for line in of_task(said) if line.name in names}
    return [said[line.start : line.end] for line in lines(said) if (line.start, line.end) not in gone]


def alone(said: str, changes: Mapping[str, Any], names: set[str]) -> str:
    """Nothing but lines of these names has changed, and the stamps."""
    made = changed(said, changes)
    assert made != said
    assert outside(made, names | STAMPS) == outside(said, names | STAMPS)
    source = Source(made)
    assert source.value("DTSTAMP") == source.value("LAST-MODIFIED") == "20261126T120000Z"
    before = Source(said).value("SEQUENCE")
    assert source.value("SEQUENCE") == (str(int(before) + 1) if before else "")
    return made


@texts
def test_it_is_taken_and_what_is_not_changed_is_the_very_text(said: str) -> None:
    found = check(said.encode(), {"VTODO"})
    assert found.text == said
    assert found.is_kept
    assert put(said, projected(said)) == said


@texts
def test_a_title_is_changed_alone(said: str) -> None:
    made = alone(said, {"title": "Brot; Käse, \\ und 🥛 " * 8 + "."}, {"SUMMARY"})
    assert len(of_task(made)) >= len(of_task(said))


@texts
@pytest.mark.parametrize("text", ["eins\nzwei, drei; " * 30, None])
def test_a_description_is_changed_alone(said: str, text: str | None) -> None:
    if projected(said)["description"] != text:
        alone(said, {"description": text}, {"DESCRIPTION"})


@texts
@pytest.mark.parametrize("priority", [0, 1, 3, 9])
def test_a_priority_is_changed_alone(said: str, priority: int) -> None:
    if projected(said)["priority"] != priority:
        alone(said, {"priority": priority}, {"PRIORITY"})


@texts
def test_tags_are_changed_alone(said: str) -> None:
    before = projected(said)["tags"]
    if len(before) == 50:  # those behind them would come up
        return
    added = alone(said, {"tags": sorted([*before, "zzz neu"], key=str.casefold)}, {"CATEGORIES"})
    assert len([line for line in of_task(added) if line.name == "CATEGORIES"]) == 1
    if before:
        less = alone(said, {"tags": before[1:]}, {"CATEGORIES"})
        assert len(before) > 1 or "CATEGORIES" not in Source(less).first


@texts
def test_url_estimate_and_parent_are_changed_alone(said: str) -> None:
    alone(said, {"url": "https://example.com/neu?a=1,2;b"}, {"URL"})
    alone(said, {"estimate_minutes": 45}, {"ESTIMATED-DURATION"})
    made = alone(said, {"parent_uid": "another;one"}, {"RELATED-TO"})
    others = [
        line
        for line in of_task(said)
        if line.name == "RELATED-TO" and line.parameter("RELTYPE") not in {None, "PARENT"}
    ]
    assert set(raw(said, others)) <= set(raw(made, of_task(made)))
    if projected(said)["parent_uid"] is not None:
        alone(said, {"parent_uid": None}, {"RELATED-TO"})


@texts
def test_it_is_completed_cancelled_and_reopened_alone(said: str) -> None:
    done = {"is_completed": True, "completed_at": NOW.replace(microsecond=0), "is_cancelled": False}
    fields = projected(said)
    if not fields["is_completed"]:
        made = alone(said, done, STATE)
        assert Source(made).value("STATUS") == "COMPLETED"
        assert Source(made).value("PERCENT-COMPLETE") == "100"
        assert Source(alone(said, {**done, "is_cancelled": True}, STATE)).value("STATUS") == "CANCELLED"
    else:
        opened = alone(said, {"is_completed": False, "completed_at": None, "is_cancelled": False}, STATE)
        assert Source(opened).value("STATUS") == "NEEDS-ACTION"
        assert not {"COMPLETED", "PERCENT-COMPLETE"} & Source(opened).first.keys()


def later(parts: Mapping[str, str | None], days: int) -> dict[str, str | None]:
    day = date.fromisoformat(parts["date"] or "") + timedelta(days=days)
    return {**parts, "date": day.isoformat()}


@texts
def test_what_is_due_is_moved_alone(said: str) -> None:
    fields = projected(said)
    due = fields["due"]
    if due is None:
        if "DTSTART" not in Source(said).first:
            alone(said, {"due": {"date": "2026-12-24", "time": None, "timezone": None}}, {"DUE"})
        return
    made = alone(said, {"due": later(due, 3)}, DATES)
    source, before = Source(made), Source(said)
    for name in ("DTSTART", "DUE"):
        if name in before.first:
            # Of a zone that only its VTIMEZONE describes, the time is said in UTC.
            is_own = due["timezone"] == "UTC" and not before.value(name).endswith("Z")
            assert source.first[name].head == ("" if is_own else before.first[name].head)
    assert fields["start"] is None or source.value("DTSTART") == before.value("DTSTART")


@texts
def test_a_zone_comes_with_its_definition(said: str) -> None:
    fields = projected(said)
    if fields["recurrence"] is None:
        due = {"date": "2026-12-24", "time": "18:30:00", "timezone": "Australia/Lord_Howe"}
        reminders = [each for each in fields["reminders"] if each["relative_to"] != "start"]
        made = changed(said, {"due": due, "start": None, "reminders": reminders})
        assert zones_of(made) == [*zones_of(said), "Australia/Lord_Howe"] or zones_of(made)[0] == "Australia/Lord_Howe"


def zones_of(said: str) -> list[str]:
    return [
        line.value
        for each in components(said)[0].components
        if (line := each.first("TZID")) and each.name == "VTIMEZONE"
    ]


@texts
def test_it_is_due_at_no_time_any_longer(said: str) -> None:
    fields = projected(said)
    if fields["due"] is not None and fields["recurrence"] is None:
        made = alone(said, {"due": None}, DATES)
        assert "DUE" not in Source(made).first


@texts
def test_a_start_is_changed_alone(said: str) -> None:
    fields = projected(said)
    if fields["due"] is not None and fields["recurrence"] is None:
        changes = {"start": later(fields["due"], -9)}
        if fields["due"]["timezone"] in {None, "UTC", *map(zones.iana, zones_of(said))} or fields["start"]:
            alone(said, changes, DATES)
        else:
            assert zones_of(changed(said, changes)) == [fields["due"]["timezone"]]


def alarms_of(said: str) -> list[Component]:
    return [each for each in Source(said).todo.components if each.name == "VALARM"]


def without_alarms(said: str) -> list[str]:
    spans = [(each.begin.start, each.end.end) for each in alarms_of(said)]
    gone = {(line.start, line.end) for line in of_task(said) if line.name in STAMPS}
    return [
        said[line.start : line.end]
        for line in lines(said)
        if not any(start <= line.start < end for start, end in spans) and (line.start, line.end) not in gone
    ]


@texts
def test_reminders_are_changed_alone(said: str) -> None:
    before = projected(said)["reminders"]
    new = {"offset": "-PT42M", "relative_to": "due", "at": None}
    for reminders in ([*before, new], [new, *before[1:]], before[1:]):
        if reminders == before:
            continue
        made = changed(said, {"reminders": reminders})
        assert without_alarms(made) == without_alarms(said)
        kept = [each for each in alarms_of(said) if each.first("TRIGGER")]
        taken = {tuple(raw(said, each.lines)) for each in kept} & {
            tuple(raw(made, each.lines)) for each in alarms_of(made)
        }
        assert len(taken) >= len(kept) - 2


@texts
def test_a_rule_is_changed_and_ended_alone(said: str) -> None:
    fields = projected(said)
    if fields["recurrence"] is None:
        return
    assert fields["due"] is not None
    changes: dict[str, Any] = {"recurrence": {"rule": "FREQ=DAILY;INTERVAL=9", "from_": "due"}}
    if fields["exceptions"] is None:
        alone(said, changes, {"RRULE"})
    made = changed(said, {"recurrence": None, "exceptions": None})
    assert not SERIES & Source(made).first.keys()
    assert not Source(made).overrides
    assert set(outside(made, STAMPS | DATES)) <= set(outside(said, STAMPS))


@texts
def test_what_is_not_the_task_is_never_touched(said: str) -> None:
    made = changed(said, {"title": "x", "description": "y", "priority": 4})
    before, after = (components(each)[0] for each in (said, made))
    others = [each for each in before.components if each is not before.components[0] and each.name != "VTODO"]
    for each in others:
        assert said[each.begin.start : each.end.end] in made
    assert raw(said, before.lines) == raw(made, after.lines)


def _walk(component: Component) -> Iterator[Component]:
    yield component
    for each in component.components:
        yield from _walk(each)


@texts
def test_the_tree_has_every_line_once(said: str) -> None:
    (calendar,) = components(said)
    inner = list(_walk(calendar))
    assert sum(len(each.lines) + 2 for each in inner) == len(list(lines(said)))


def test_there_are_fifty() -> None:
    assert len(FIXTURES) >= 50

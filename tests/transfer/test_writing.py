"""Exports in other programs' formats: what is in them is read back by the readers of these formats."""

import io
from datetime import date
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from doable.transfer.formats import ics, plain, todotxt
from doable.transfer.found import Format, Found, NotUnderstood
from doable.transfer.writing.account import Entry, Heading
from doable.transfer.writing.calendars import Calendars
from doable.transfer.writing.document import WRITERS, Writer
from doable.transfer.writing.table import Table
from doable.transfer.writing.todotxt import TodoTxt
from support.moving_in import BERLIN, Inside
from support.users import User

Thing = dict[str, Any]

FEW = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])

_CHARACTERS = "aB 1,;:\"'\\|/#@+-=(){}[]<>&%Zoë🌱ß"
_TITLES = st.text(_CHARACTERS, min_size=1, max_size=20).map(lambda text: " ".join(text.split())).filter(bool)
_TEXTS = st.text(f"{_CHARACTERS}\n", min_size=1, max_size=60).map(str.strip).filter(bool)
_NAMES = st.text('aB 1,;"\\é', min_size=1, max_size=10).map(lambda text: " ".join(text.split())).filter(bool)
_INSTANTS = st.datetimes(
    min_value=BERLIN.now.replace(tzinfo=None, year=2000), max_value=BERLIN.now.replace(tzinfo=None)
)
_DAYS = st.dates(BERLIN.now.date(), date(2099, 12, 31))
_TIMES = st.sampled_from(
    [(None, None), ("09:30:00", None), ("23:05:07", "Europe/Berlin"), ("00:00:00", "America/New_York")]
)


@st.composite
def _moments(draw: st.DrawFn) -> Thing:
    time, timezone = draw(_TIMES)
    return {"date": f"{draw(_DAYS)}", "time": time, "timezone": timezone, "at": None}


@st.composite
def _tasks(draw: st.DrawFn) -> Thing:
    due = draw(st.none() | _moments())
    start = draw(st.none() | _moments().filter(lambda moment: moment != due))
    is_completed = draw(st.booleans())
    rules = ["FREQ=DAILY", "FREQ=WEEKLY;INTERVAL=2", "FREQ=MONTHLY;BYDAY=-1FR", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"]
    recurrence = {"rule": draw(st.sampled_from(rules)), "from": "due", "occurrence": ""}
    reminders = [{"offset": "-PT30M", "relative_to": "due", "at": None}] if due else []
    reminders += [{"offset": "P1D", "relative_to": "start", "at": None}] if start else []
    reminders += [{"offset": None, "relative_to": None, "at": "2026-12-01T07:30:00.000000Z"}]
    return {
        "id": f"{draw(st.uuids())}",
        "parent_id": None,
        "title": draw(_TITLES),
        "description": draw(st.none() | _TEXTS),
        "is_completed": is_completed,
        "is_cancelled": is_completed and draw(st.booleans()),
        "completed_at": f"{draw(_INSTANTS).isoformat('T', 'seconds')}.000000Z" if is_completed else None,
        "created_at": f"{draw(_INSTANTS).isoformat('T', 'seconds')}.000000Z",
        "updated_at": "2026-11-26T12:00:00.000000Z",
        "exceptions": None,
        "priority": (priority := draw(st.sampled_from(["none", "low", "medium", "high"]))),
        "ical_priority": {"none": 0, "high": 1, "medium": 5, "low": 9}[priority],
        "tags": draw(st.lists(_NAMES, max_size=3, unique=True)),
        "due": due,
        "start": start,
        "recurrence": recurrence if due and not is_completed and draw(st.booleans()) else None,
        "estimate_minutes": draw(st.none() | st.integers(1, 525_600)),
        "url": draw(st.sampled_from([None, "https://example.org/a,b;c?d=%2C&e=1"])),
        "reminders": draw(st.lists(st.sampled_from(reminders), max_size=3, unique_by=str)),
    }


def _back(writer: Writer, format_: Format, tasks: list[Thing], list_: Thing | None) -> list[Thing]:
    """The tasks of a list as they are once they were written and read again."""
    written = [
        writer.begins(),
        writer.heading(Heading(list_)),
        *(writer.task(Entry(each, list_, None, 0)) for each in tasks),
    ]
    found = [*format_.read(io.BytesIO("".join([*written, writer.ends()]).encode()), BERLIN)]
    assert not [each for each in found if isinstance(each, NotUnderstood)]
    if list_ is not None and tasks:
        assert [each.members["name"] for each in found if isinstance(each, Found) and each.kind == "list"] == [
            list_["name"]
        ]
    return [dict(each.members) for each in found if isinstance(each, Found) and each.kind == "task"]


def _shortly(task: Thing, *names: str) -> Thing:
    """These members, without what is as in a new task."""
    found = {name: task[name] for name in names if task.get(name) not in (None, "none", [], False)}
    for name in ("due", "start"):
        if name in found:
            found[name] = {key: value for key, value in found[name].items() if value is not None and key != "at"}
    if "recurrence" in found:
        found["recurrence"] = {key: found["recurrence"][key] for key in ("rule", "from")}
    if "reminders" in found:
        found["reminders"] = [{k: v for k, v in each.items() if v is not None} for each in found["reminders"]]
    return found


_SAME = (
    "title",
    "description",
    "is_completed",
    "is_cancelled",
    "completed_at",
    "created_at",
    "priority",
    "tags",
    "due",
)
_ALSO = ("start", "recurrence", "estimate_minutes", "url", "reminders")
_LISTS = st.none() | st.builds(lambda name: {"name": name, "color": "#2e7d32"}, _NAMES.map(lambda name: f"L {name}"))


@FEW
@given(tasks=st.lists(_tasks(), max_size=3), list_=_LISTS)
def test_a_table_keeps_everything_of_a_task(tasks: list[Thing], list_: Thing | None) -> None:
    back = [_shortly(each, *_SAME, *_ALSO) for each in _back(Table(), plain, tasks, list_)]
    assert back == [_shortly(each, *_SAME, *_ALSO) for each in tasks]


@FEW
@given(tasks=st.lists(_tasks(), max_size=3), list_=_LISTS)
def test_a_calendar_keeps_everything_of_a_task(tasks: list[Thing], list_: Thing | None) -> None:
    back = [_shortly(each, *_SAME, *_ALSO, "ical_priority") for each in _back(Calendars(), ics, tasks, list_)]
    assert back == [
        _shortly(each, *_SAME, *_ALSO, *(["ical_priority"] if each["ical_priority"] else [])) for each in tasks
    ]


@FEW
@given(tasks=st.lists(_tasks(), max_size=3))
def test_a_line_keeps_what_it_has_a_place_for(tasks: list[Thing]) -> None:
    # Words with these signs mean something else there.
    tasks = [{**each, "title": each["title"].translate(str.maketrans("@+:", "   "))} for each in tasks]
    tasks = [{**each, "title": " ".join(each["title"].split()) or "A"} for each in tasks]
    back = _back(TodoTxt("Europe/Berlin"), todotxt, tasks, {"name": "Work", "color": None})
    for task, found in zip(tasks, back, strict=True):
        assert found["title"] == task["title"]
        assert found.get("is_completed", False) == task["is_completed"]
        assert found.get("priority", "none") == task["priority"]
        assert found.get("tags", []) == ["_".join(name.split()) for name in task["tags"]]
        for name in ("due", "start"):
            assert found.get(name, {}).get("date") == (task[name] or {}).get("date")
        simple = task["recurrence"] and "-1FR" not in task["recurrence"]["rule"]
        assert _shortly(found, "recurrence") == (_shortly(task, "recurrence") if simple else {})


def test_titles_that_look_like_the_signs_of_todo_txt() -> None:
    written = TodoTxt("Europe/Berlin")
    for title in ("x marks the spot", "(A) is no priority", "2026-12-01 is the day", "2026-12-01 2026-12-02 both"):
        for done in (None, "2026-11-26T12:00:00.000000Z"):
            task: Thing = {"title": title, "is_completed": done is not None, "completed_at": done}
            task |= {"created_at": "2026-11-25T12:00:00.000000Z", "priority": "none", "tags": []}
            task |= {"due": None, "start": None, "recurrence": None}
            assert Inside(todotxt, written.task(Entry(task, None, None, 0)).encode()).titles() == [title]


def test_an_account_in_each_format(alice: User) -> None:
    """Lists, sections and subtasks in the order in which they stand."""
    alice.patch("/api/me/preferences", json={"timezone": "Europe/Berlin"})
    work = alice.post("/api/me/lists", json={"name": "Work", "color": "#2e7d32"}).json()["id"]
    old = alice.post("/api/me/lists", json={"name": "Old", "is_archived": True}).json()["id"]
    section = alice.post("/api/me/sections", json={"list_id": work, "name": "Later"}).json()["id"]
    second = alice.new_task(title="Second", list_id=work, section_id=section, tags=["a, b", "c"])["id"]
    alice.new_task(title="Below", parent_id=second, description="Two\nlines")
    first = alice.new_task(
        title="First",
        list_id=work,
        priority="high",
        due={"date": "2026-12-01", "time": "09:00", "timezone": "Europe/Berlin"},
        recurrence={"rule": "FREQ=WEEKLY"},
        reminders=[{"offset": "-PT30M"}],
    )["id"]
    alice.new_task(title="Loose")
    alice.new_task(title="Past", list_id=old)
    alice.patch(f"/api/me/tasks/{second}/complete", json={"is_cancelled": True, "subtasks": "leave"})

    files = {name: alice.get("/api/auth/me/export", params={"format": name}) for name in WRITERS}

    types = {name: answer.headers["content-type"].partition(";")[0] for name, answer in files.items()}
    assert types == {"csv": "text/csv", "ics": "text/calendar", "todotxt": "text/plain", "markdown": "text/markdown"}
    assert files["csv"].headers["content-disposition"] == 'attachment; filename="doable-tasks.csv"'
    table, calendars = Inside(plain, files["csv"].content), Inside(ics, files["ics"].content)
    for inside in (table, calendars):
        assert inside.titles() == ["Loose", "First", "Second", "Below", "Past"]
        assert inside.place("Below")["task"] == "Second"
        assert inside.place("Past") == {"list": "Old"}
        assert inside.task("Second")["is_cancelled"] is True
        assert inside.task("Second")["tags"] == ["a, b", "c"]
        assert inside.task("First")["recurrence"] == {"rule": "FREQ=WEEKLY", "from": "due"}
        assert not inside.missed
    assert table.place("Second") == {"list": "Work", "section": "Later"}
    assert next(each.key for each in table.found if each.members.get("title") == "First") == first
    assert Inside(todotxt, files["todotxt"].content).place("First") == {"list": "Work"}
    assert files["markdown"].text.split("\n", 8)[:8] == [
        "",
        "# Inbox",
        "",
        "- [ ] Loose",
        "",
        "# Work",
        "",
        "- [ ] First (due 2026-12-01 09:00 Europe/Berlin, repeats FREQ=WEEKLY, high priority)",
    ]
    assert "## Later\n\n- [-] Second (#a, b, #c)\n  - [ ] Below\n    Two\n    lines\n" in files["markdown"].text
    assert alice.get("/api/auth/me/export", params={"format": "xlsx"}).status_code == 422


def test_an_account_of_none_and_of_more_than_are_read_at_once(alice: User) -> None:
    for name in WRITERS:
        assert alice.get("/api/auth/me/export", params={"format": name}).status_code == 200
    operations = [{"op": "create", "task": {"title": f"Task {number}"}} for number in range(120)]
    alice.post("/api/me/tasks/batch", json={"operations": operations}).raise_for_status()
    titles = [line.split(" ", 1)[1] for line in alice.get("/api/auth/me/export?format=todotxt").text.splitlines()]
    assert titles == [f"Task {number}" for number in range(120)]

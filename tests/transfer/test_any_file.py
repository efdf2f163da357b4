"""Files that are not as their format says, and whose they are."""

import io
import json
import zipfile
from contextlib import suppress
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from doable.ical import zones
from doable.transfer.formats import files, google_tasks, ics, plain, ticktick, todoist, todotxt, vikunja, when
from doable.transfer.formats.html import as_text
from doable.transfer.formats.table import OTHERS
from doable.transfer.found import Format, Found, Unreadable
from support.moving_in import BERLIN, FILES, Inside, recognised

EXPECTED = {
    "Tasks.json": "google-tasks",
    "Work [220474322].csv": "todoist",
    "microsoft.json": "microsoft-todo",
    "outlook-german.csv": "outlook",
    "outlook.csv": "outlook",
    "reminders.ics": "ics",
    "tasks-utf16.csv": "csv",
    "ticktick.csv": "ticktick",
    "todo.txt": "todotxt",
    "todoist-backup.zip": "todoist",
    "vikunja-export.zip": "vikunja",
}
FEW = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def zipped(**members: str | bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name.replace("_", "."), content)
    return file.getvalue()


def test_each_file_is_recognised() -> None:
    assert {path.name: recognised(path.name, path.read_bytes()) for path in FILES.iterdir()} == EXPECTED


@pytest.mark.parametrize(
    ("filename", "content", "name"),
    [
        ("export.csv", b"Subject,Start Date,Start Time,End Date\nA,1/1/2026,,\n", "csv"),  # appointments of Outlook
        ("takeout.zip", zipped(**{"Takeout/Tasks/Tasks_json": "{}"}), "google-tasks"),
        ("some.zip", zipped(picture_png=b"1", readme_txt=b"2"), None),
        ("done.txt", b"x 2026-01-01 A\n", "todotxt"),
        ("notes.txt", b"(A) Call\n(B) Write\n", "todotxt"),
        ("notes.txt", b"Some words of mine\n", None),
        ("picture.png", b"\x89PNG\r\n\x1a\n\x00\x00", None),
        ("empty.csv", b"", None),
        ("calendar.bin", b"\xef\xbb\xbfbegin:vcalendar\r\n", "ics"),
        ("sep.csv", b"sep=;\ntitle;due\nA;2026-12-01\n", "csv"),
    ],
)
def test_whose_a_file_is(filename: str, content: bytes, name: str | None) -> None:
    assert recognised(filename, content) == name


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("sign", [",", ";", "\t"])
def test_a_table_in_any_writing(encoding: str, end: str, sign: str) -> None:
    rows = [["Notes", "TITLE"], [f'"Überall{sign} ""so""{end}und weiter"', "Bücher"], ["", "Zweites"]]
    content = end.join(sign.join(row) for row in rows).encode(encoding)
    inside = Inside(plain, content)
    assert inside.titles() == ["Bücher", "Zweites"]
    assert inside.task("Bücher") == {"description": f'Überall{sign} "so"\nund weiter'}
    assert [each.line for each in inside.found] == [2, 4]


def test_a_quotation_mark_that_is_never_closed_is_told() -> None:
    inside = Inside(plain, b'title,notes\nA,b\n"B,c\nC,d\n')
    assert inside.titles() == ["A", "B,c C,d"]
    assert [each.what for each in inside.missed] == ["a quotation mark that is never closed: what follows is one cell"]
    assert inside.missed[0].line == 3


def test_a_cell_may_be_longer_than_the_csv_module_likes() -> None:
    assert len(Inside(plain, b"title,notes\nA," + b"x" * 200_000).task("A")["description"]) == 200_000


def test_more_cells_than_the_header_has_are_told() -> None:
    assert Inside(plain, b"title,notes\nA,b,c\n").misses() == ["there are more cells than the header has"]


def test_a_cell_that_would_be_very_many_tags_reminders_and_rules() -> None:
    header = b'"Folder Name","List Name","Title","Status","Reminder","Repeat","Tags"\n'
    inside = Inside(
        ticktick, header + b'a,b,c,0,"' + b"x " * 50_000 + b'","' + b"TT_A;" * 50_000 + b'","' + b"t," * 50_000 + b'"'
    )
    assert len(inside.missed) < 250
    assert len(inside.task("c")["tags"]) == 101


def test_one_line_of_megabytes() -> None:
    assert len(Inside(todotxt, b"a" * 1_000_000).titles()[0]) == 1_000_000
    assert Inside(ics, b"BEGIN:VCALENDAR\n" + b"X" * 1_000_000).found == []


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[" * 200_000,
        b'{"items": [' + b"[]," * 1_000_001 + b"[]]}",
        b'{"a": NaN',
        b"\xff\xfe\x00",
        b'{"items": 1' + b"0" * 5000 + b"}",
        b"PK\x03\x04 and no more",
    ],
)
@pytest.mark.parametrize("format_", [google_tasks, vikunja])
def test_documents_that_are_none(format_: Format, content: bytes) -> None:
    with pytest.raises(Unreadable):
        Inside(format_, content)


def test_a_zip_is_unpacked_up_to_50_mib_in_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MAX_BYTES", 2**20)
    header = "TYPE,CONTENT,PRIORITY,INDENT\n"
    bomb = zipped(a_csv=f"{header}task,First,4,1\n", b_csv=header + " " * files.MAX_BYTES)
    assert len(bomb) < 10_000
    with pytest.raises(Unreadable, match="more than 50 MiB"):
        Inside(todoist, bomb)


def test_a_zip_with_a_long_list_of_names() -> None:
    content = zipped(**{f"{number}{'n' * 200}_csv": b"" for number in range(4500)})
    with pytest.raises(Unreadable, match="too many files"):
        Inside(todoist, content)


@pytest.mark.parametrize("place", [0.3, 0.6, 0.95])
def test_a_damaged_zip(place: float) -> None:
    content = bytearray((FILES / "vikunja-export.zip").read_bytes())
    at = int(len(content) * place)
    content[at : at + 20] = b"\xaa" * 20
    with suppress(Unreadable):
        Inside(vikunja, bytes(content))


def test_calendars_in_one_another_and_without_an_end() -> None:
    with pytest.raises(Unreadable, match="one another"):
        Inside(ics, b"BEGIN:VCALENDAR\n" * 1000)
    with pytest.raises(Unreadable, match="no calendar"):
        Inside(ics, b"BEGIN:VTODO\nEND:VTODO\n")
    inside = Inside(ics, b"BEGIN:VCALENDAR\nBEGIN:VTODO\nSUMMARY:A\n" + b"X-A:b\n" * 20_000 + b"END:VTODO\nBEGIN:VTODO")
    assert inside.titles() == ["A"]
    assert inside.misses() == ["the file ends in the middle of this to-do"]


@pytest.mark.parametrize(
    "day", ["0000-00-00", "99999-01-01", "2026-02-30", "1969-12-31", "2201-01-01", "9999-12-31T23:59:59Z"]
)
def test_days_that_there_are_not_here(day: str) -> None:
    inside = Inside(plain, f"title,due\nA,{day}\n".encode())
    assert inside.task("A") == {"description": day}
    assert inside.misses("A") == [f"the date `{day}`"]


@pytest.mark.parametrize(
    "rule", ["FREQ=SECONDLY", "FREQ=MONTHLY;BYMONTHDAY=31;COUNT=0", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "x" * 5000]
)
def test_rules_that_are_none_are_kept_in_the_description(rule: str) -> None:
    inside = Inside(plain, f"title,due,rrule\nA,2026-12-01,RRULE:{rule};X=1\n".encode())
    assert "recurrence" not in inside.task("A")
    assert inside.task("A")["description"] == f"RRULE:{rule.upper()};X=1"
    assert len(inside.misses("A")[0]) < 300


# Pieces of which files are made, and of which none is where it should be.
_PIECES = st.sampled_from(
    [
        *(path.read_bytes()[:700] for path in FILES.iterdir()),
        b"TYPE,CONTENT,PRIORITY,INDENT,DATE\n",
        b"BEGIN:VCALENDAR\nBEGIN:VTODO\nSUMMARY:",
        b"DUE;TZID=",
        b"\nBEGIN:VALARM\nTRIGGER",
        b":-P99999D\n",
        b"RRULE:FREQ=YEARLY\n",
        b"\nEND:VTODO\nEND:VCALENDAR\n",
        b'task,"',
        b'"',
        b"\0",
        b"2026-12-01",
        b"T9999",
        b"every day",
        b"x 2026-01-01 (A) rec:+0d due:",
        "▪ü".encode(),
        b"\xff\xfe",
        b"\xed\xa0\x80",
    ]
)
_BYTES = st.lists(_PIECES | st.binary(max_size=30), max_size=8).map(b"".join)


@FEW
@given(content=_BYTES)
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    for each in OTHERS:
        each.recognises("a.csv", content)
        with suppress(Unreadable):
            Inside(each, content)


_MEMBERS = sorted(
    {
        word
        for name in ("Tasks.json", "microsoft.json")
        for word in (FILES / name).read_text().split('"')[1::2]
        if word.isidentifier()
    }
    | {
        "project_view_id",
        "positions",
        "buckets",
        "bucket_id",
        "task_id",
        "position",
        "views",
        "view_kind",
        "repeat_after",
    }
    | {
        "repeat_mode",
        "reminders",
        "relative_period",
        "relative_to",
        "labels",
        "related_tasks",
        "parenttask",
        "due_date",
    }
    | {"child_projects", "parent_project_id", "priority", "done", "description", "comments", "repeats"}
)
_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=5)
    | st.sampled_from(["2026-12-01T10:00:00Z", "completed", "<p>"]),
    lambda below: st.lists(below, max_size=3) | st.dictionaries(st.sampled_from(_MEMBERS), below, max_size=6),
    max_leaves=25,
)


@FEW
@given(content=st.lists(_JSON, max_size=3) | _JSON)
def test_any_json_is_read_or_refused(content: object) -> None:
    for each in OTHERS[:3]:
        with suppress(Unreadable):
            Inside(each, json.dumps(content).encode())


def test_what_is_found_of_a_file_that_is_not_read_to_its_end_is_let_go() -> None:
    file = io.BytesIO((FILES / "todo.txt").read_bytes())
    first = next(iter(todotxt.read(file, BERLIN)))
    assert isinstance(first, Found)
    assert not file.closed


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("plain & simple <b>", "plain & simple <b>"),
        ("<p>One</p><p>Two<br>Three</p>", "One\n\nTwo\nThree"),
        ("<ul><li><p>a</p></li><li>b</li></ul><p>c</p>", "- a\n- b\n\nc"),
        ('<p>See <a href="https://a.example/?b=1&amp;c">this</a> now</p>', "See this (https://a.example/?b=1&c) now"),
        ("<h1>Head</h1><p>a &lt; b</p>", "# Head\n\na < b"),
    ],
)
def test_html(html: str, text: str) -> None:
    assert as_text(html) == text


def test_lengths_of_time() -> None:
    assert when.offset(timedelta(minutes=-90)) == "-PT1H30M"
    assert when.offset(timedelta(days=-2)) == "-P2D"
    assert when.offset(timedelta(0)) == "PT0M"
    assert when.offset(timedelta(days=401)) is None


def test_names_of_zones() -> None:
    assert zones.iana("/freeassociation.sourceforge.net/Europe/Berlin") == "Europe/Berlin"
    assert zones.iana("America/Argentina/Ushuaia") == "America/Argentina/Ushuaia"
    assert zones.iana('"W. Europe Standard Time"') == "Europe/Berlin"
    assert zones.iana("/" * 1000) is None

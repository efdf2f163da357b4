"""What mails of reminders and of the digest say, as a mail program reads it."""

import re
from dataclasses import asdict, fields
from datetime import UTC, date, datetime
from datetime import time as clock_time
from email.generator import BytesGenerator
from email.message import EmailMessage
from email.policy import EmailPolicy
from html import unescape
from io import BytesIO
from pathlib import Path
from typing import Any, cast, get_args
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from doable.notifications import when
from doable.notifications.letters import Letters, Reader
from doable.notifications.phrases import ENGLISH, GERMAN, LANGUAGES, Phrases
from doable.preferences.schemas import PreferencesPatch
from doable.settings import Settings
from doable.tasks.dates import stored
from doable.tasks.tables import TaskRow
from support.mail import parsed, texts

ID = "0f8fad5b-d9cb-469f-a165-70867728950e"
DELIVERY = "11111111-6b7c-4d8e-9f0a-1b2c3d4e5f60"
ALICE = Reader("5e1d2f3a-6b7c-4d8e-9f0a-1b2c3d4e5f60", "alice@example.com", "en", "Europe/Berlin")
TODAY = date(2026, 11, 26)
HEADERS = [
    *("From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "List-Unsubscribe", "List-Unsubscribe-Post"),
    *("MIME-Version", "Content-Type"),
]
# As a task's texts, and worse: other code may have written them.
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=300)


def letters(public_url: str = "https://tasks.example.com", **others: Any) -> Letters:
    return Letters(
        Settings(
            _env_file=None,
            **{"data_dir": Path(), "secret_key": "s" * 32, "mail_from": "Tasks <tasks@example.com>", **others},
            public_url=public_url,
        )
    )


LETTERS = letters()


def task(title: str = "Pay rent", description: str | None = None, **dates: Any) -> TaskRow:
    row = {"id": ID, "title": title, "description": description}
    for name in ("due", "start"):
        row |= stored(name, dates.get(name), None)
    return cast("TaskRow", row)


def arrived(message: EmailMessage) -> EmailMessage:
    """The mail as it comes out of SMTP."""
    sent, policy = BytesIO(), cast("EmailPolicy", message.policy)
    BytesGenerator(sent, policy=policy.clone(utf8=False)).flatten(message, linesep="\r\n")
    # To a file it is written in the other way.
    assert parsed(message.as_bytes()).items() == parsed(sent.getvalue()).items()
    return parsed(sent.getvalue())


def lines_of(message: EmailMessage) -> tuple[str, str]:
    """Its plain text and its HTML, with line ends as here."""
    plain, html = texts(message)
    return plain.replace("\r\n", "\n"), html.replace("\r\n", "\n")


@settings(max_examples=25)
@given(TEXTS)
@example("\r\nBcc: b@example.com\r\n\r\nc\n.\r\nd")
@example("=?utf-8?q?a=0aBcc:_b?= =?utf-8?b?")
@example("</h1><script>")
@example("x" * 300)
@example("漢" * 300)
@example("🥛" * 300)
@example("\u2028\u0085\x00\ufeff")
def test_whatever_a_task_is_called_it_is_one_mail_to_one_person(text: str) -> None:
    title = f"T{text}"
    message = arrived(LETTERS.reminder(ALICE, task(title, title), title, DELIVERY))
    assert message.keys() == HEADERS
    assert [each.addr_spec for each in message["To"].addresses] == ["alice@example.com"]
    plain, html = lines_of(message)
    assert "<script>" not in html
    shown = plain.split("\n")[0]
    assert shown == " ".join(re.sub(r"[\x00-\x08\x0b-\x1f\x7f-\x84\x86-\x9f]", "", title.replace("\r", "\n")).split())
    assert unescape(re.findall(r"<h1[^>]*>(.*)</h1>", html)[0]) == shown
    assert message["Subject"] == f"Reminder: {shown if len(shown) <= 120 else f'{shown[:119].rstrip()}…'}"
    assert all(len(line) <= 998 for line in message.as_bytes().splitlines())


def test_a_long_title_is_cut_in_the_subject_alone() -> None:
    message = LETTERS.reminder(ALICE, task("x" * 200), None, DELIVERY)
    assert message["Subject"] == f"Reminder: {'x' * 119}…"
    assert "x" * 200 in texts(message)[0]


def test_a_reminder_says_what_is_to_be_done_and_where() -> None:
    row = task("Call Tom & Co", "Ask for:\n\n- keys  \r\n", due={"date": "2126-11-26", "time": "17:30:00"})
    plain, html = lines_of(arrived(LETTERS.reminder(ALICE, row, "Home", DELIVERY)))
    stop = re.search(r"https://tasks\.example\.com/unsubscribe/[\w-]{44}\n", plain)
    assert stop
    assert plain == (
        "Call Tom & Co\n\nDue: Tuesday, 26 November 2126, 17:30\nList: Home\n\nAsk for:\n\n- keys\n\n"
        f"Open this task:\nhttps://tasks.example.com/tasks/{ID}\n\n"
        "You are getting this e-mail because you asked Doable to send you reminders by e-mail.\n"
        f"Stop getting reminders by e-mail:\n{stop[0]}"
    )
    assert re.findall(r'href="([^"]+)"', html) == [f"https://tasks.example.com/tasks/{ID}", stop[0].strip()]
    assert "Call Tom &amp; Co" in html
    # A task with nothing but a title, and a frontend elsewhere.
    elsewhere = letters(task_url="https://app.example.com/?a=1&b={task_id}").reminder(ALICE, task(), None, DELIVERY)
    plain, html = lines_of(arrived(elsewhere))
    assert plain.startswith(f"Pay rent\n\nOpen this task:\nhttps://app.example.com/?a=1&b={ID}\n\n")
    assert f'href="https://app.example.com/?a=1&amp;b={ID}"' in html


def test_a_digest_has_its_sections_in_order_and_none_that_is_empty() -> None:
    overdue = [task("Late", due={"date": "2026-11-25", "time": "09:00:00"}), task("Later", due={"date": "2025-01-03"})]
    today = [task("Milk & more", due={"date": "2026-11-26"})]
    reader = Reader(ALICE.owner_id, ALICE.address, "de", "Europe/Berlin")
    message = arrived(LETTERS.digest(reader, TODAY, overdue, today, [], 3, DELIVERY))
    assert message["Subject"] == "Deine Aufgaben für Donnerstag, 26. November"
    plain, html = lines_of(message)
    link = f"https://tasks.example.com/tasks/{ID}"
    assert plain.startswith(
        "Deine Aufgaben für Donnerstag, 26. November\n\n"
        f"Überfällig\n- Late (gestern, 09:00 Uhr)\n  {link}\n- Later (Freitag, 3. Januar 2025)\n  {link}\n\n"
        f"Heute\n- Milk & more\n  {link}\n\nund 3 weitere\n\nDu bekommst"
    )
    assert "Wiederkehrend" not in plain + html
    assert html.count(f'href="{link}"') == 3
    assert "Milk &amp; more" in html


def test_a_mail_is_known_by_its_delivery_however_often_it_is_sent() -> None:
    sent = [LETTERS.reminder(ALICE, task(), None, DELIVERY) for _ in range(2)]
    assert [each["Message-ID"] for each in sent] == [f"<{DELIVERY}@example.com>"] * 2
    assert {each["Auto-Submitted"] for each in sent} == {"auto-generated"}


@pytest.mark.parametrize(
    ("public_url", "host", "has_one_click"),
    [
        ("https://tasks.example.com", "https://tasks.example.com", True),
        (f"https://tasks.example.com/{'long/' * 30}", f"https://tasks.example.com/{'long/' * 29}long", True),
        ("https://bücher.example:8443/zu hause", "https://xn--bcher-kva.example:8443/zu%20hause", True),
        # RFC 8058 is for https alone.
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000", False),
    ],
)
def test_a_mail_program_can_read_how_to_be_rid_of_them(public_url: str, host: str, *, has_one_click: bool) -> None:
    message = letters(public_url).digest(ALICE, TODAY, [task()], [], [], 0, DELIVERY)
    # No reader decodes this header, so it is looked at as it is sent.
    raw = message.as_bytes().decode().replace("\r\n", "\n")
    assert re.search(rf"^List-Unsubscribe: <{re.escape(host)}/unsubscribe/[\w-]{{44}}>$", raw, re.MULTILINE)
    post = re.findall(r"^List-Unsubscribe-Post: (.*)$", raw, re.MULTILINE)
    assert post == (["List-Unsubscribe=One-Click"] if has_one_click else [])


@pytest.mark.parametrize(
    ("moment", "english", "german"),
    [
        ({"date": "2026-11-26"}, "today, Thursday, 26 November 2026", "heute, Donnerstag, 26. November 2026"),
        (
            {"date": "2026-11-27", "time": "17:30:00"},
            "tomorrow, Friday, 27 November 2026, 17:30",
            "morgen, Freitag, 27. November 2026, 17:30 Uhr",
        ),
        (
            {"date": "2026-11-25", "time": "08:05:09"},
            "yesterday, Wednesday, 25 November 2026, 08:05:09",
            "gestern, Mittwoch, 25. November 2026, 08:05:09 Uhr",
        ),
        ({"date": "2027-03-01"}, "Monday, 1 March 2027", "Montag, 1. März 2027"),
        # In the reader's own zone, and in one where it is as late.
        (
            {"date": "2026-11-28", "time": "09:00:00", "timezone": "Europe/Berlin"},
            "Saturday, 28 November 2026, 09:00",
            "Samstag, 28. November 2026, 09:00 Uhr",
        ),
        (
            {"date": "2026-11-28", "time": "09:00:00", "timezone": "Europe/Paris"},
            "Saturday, 28 November 2026, 09:00",
            "Samstag, 28. November 2026, 09:00 Uhr",
        ),
        # Elsewhere: on the same day, and on another.
        (
            {"date": "2026-11-28", "time": "09:00:00", "timezone": "America/New_York"},
            "Saturday, 28 November 2026, 15:00 (New York: 09:00)",
            "Samstag, 28. November 2026, 15:00 Uhr (New York: 09:00 Uhr)",
        ),
        (
            {"date": "2026-11-27", "time": "01:00:00", "timezone": "Asia/Tokyo"},
            "today, Thursday, 26 November 2026, 17:00 (Tokyo: Friday, 27 November 2026, 01:00)",
            "heute, Donnerstag, 26. November 2026, 17:00 Uhr (Tokyo: Freitag, 27. November 2026, 01:00 Uhr)",
        ),
        # A time that clocks skip is the one that they show then.
        (
            {"date": "2027-03-28", "time": "02:30:00", "timezone": "Europe/Berlin"},
            "Sunday, 28 March 2027, 03:30",
            "Sonntag, 28. März 2027, 03:30 Uhr",
        ),
    ],
)
def test_a_moment_is_said_as_its_reader_would(moment: dict[str, str], english: str, german: str) -> None:
    due, start = when.due_of(task(due=moment)), when.start_of(task(start=moment))
    assert due
    assert start
    for phrases, said in ((ENGLISH, english), (GERMAN, german)):
        assert when.in_full(due, "Europe/Berlin", TODAY, phrases) == said
        assert when.in_full(start, "Europe/Berlin", TODAY, phrases) == said


ZONES = st.sampled_from(
    [
        "UTC",
        "Europe/Berlin",
        "America/New_York",
        "Australia/Lord_Howe",
        "Asia/Kathmandu",
        "Pacific/Kiritimati",
        "Etc/GMT+12",
    ]
)


@settings(max_examples=100)
@given(st.dates(date(1970, 1, 2), date(2200, 12, 30)), st.times(), ZONES, ZONES, st.dates(date(2026, 1, 1)))
def test_both_times_that_are_said_are_the_one_instant(
    day: date, time: clock_time, theirs: str, mine: str, today: date
) -> None:
    local = datetime.combine(day, time.replace(microsecond=0))
    moment = when.due_of(task(due={"date": f"{local:%Y-%m-%d}", "time": f"{local:%H:%M:%S}", "timezone": theirs}))
    assert moment
    assert moment.at
    said = when.in_full(moment, mine, today, ENGLISH)
    here, _, there = said.removesuffix(")").partition(" (")
    at = said_at(here)
    assert moment.at in {at.replace(tzinfo=ZoneInfo(mine), fold=fold).astimezone(UTC) for fold in (0, 1)}
    city, _, elsewhere = there.partition(": ")
    shown = moment.at.astimezone(ZoneInfo(theirs)).replace(tzinfo=None)
    assert bool(there) == (shown != at)
    if there:
        assert city in theirs.replace("_", " ")
        same_day = here.rpartition(", ")[0]
        assert said_at(elsewhere if ", " in elsewhere else f"{same_day}, {elsewhere}") == shown


def said_at(text: str) -> datetime:
    """Reads "today, Thursday, 26 November 2026, 17:30"."""
    *_, weekday, day, time = text.split(", ")
    number, month, year = day.split()
    read = date(int(year), ENGLISH.months.index(month) + 1, int(number))
    assert ENGLISH.weekdays[read.weekday()] == weekday
    return datetime.combine(read, clock_time.fromisoformat(time))


def test_a_zone_that_only_a_newer_server_knows_is_none() -> None:
    at = datetime(2026, 11, 28, 8, tzinfo=UTC)
    moment = when.Moment("2026-11-28T20:00:00", "Mars/Olympus_Mons", at)
    assert when.in_full(moment, "Europe/Berlin", TODAY, ENGLISH) == "Saturday, 28 November 2026, 09:00"
    reader = Reader(ALICE.owner_id, ALICE.address, "xx", "Mars/Olympus_Mons")
    row = task(due={"date": "2126-11-26", "time": "17:30:00", "timezone": "Europe/Berlin"})
    assert "26 November 2126, 16:30 (Berlin: 17:30)" in texts(LETTERS.reminder(reader, row, None, DELIVERY))[0]


def test_every_language_has_every_phrase_with_the_same_in_it() -> None:
    assert tuple(LANGUAGES) == get_args(PreferencesPatch.model_fields["language"].annotation)
    forms = []
    for phrases in LANGUAGES.values():
        assert (len(set(phrases.weekdays)), len(set(phrases.months))) == (7, 12)
        said = {name: value for name, value in flat(phrases).items() if isinstance(value, str)}
        assert all(said.values())
        forms.append({name: sorted(re.findall(r"{\w+}", value)) for name, value in said.items()})
    assert all(form == forms[0] for form in forms)


def flat(phrases: Phrases) -> dict[str, Any]:
    endings = {f"{of} {name}": said for of, each in phrases.endings.items() for name, said in asdict(each).items()}
    return {each.name: getattr(phrases, each.name) for each in fields(phrases)} | endings

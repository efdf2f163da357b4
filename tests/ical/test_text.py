"""What is written as iCalendar is read back by another program as it was."""

import re

from hypothesis import example, given
from hypothesis import strategies as st
from icalendar import Calendar

from doable.ical import text

# As a task's texts: everything but control characters, of which there are line ends and tabs in a description.
TEXTS = st.text(st.characters(exclude_categories=["Cc", "Cs"], include_characters="\n\t\r"), max_size=300)


def written(value: str) -> bytes:
    content = text.line(f"SUMMARY:{text.text(value)}")
    return b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n" + content + b"END:VEVENT\r\nEND:VCALENDAR\r\n"


@given(TEXTS)
@example("a;b,c\\n:\\\\,\n\n \t")
@example("漢" * 300)
@example("x" * 67)
@example("x" * 66 + "🥛🥛")
@example("\u2028 \u0085 \ufeff")
def test_another_program_reads_what_was_written(value: str) -> None:
    (event,) = Calendar.from_ical(written(value)).events
    assert event["SUMMARY"] == re.sub(r"\r\n?", "\n", value)


@given(TEXTS)
def test_no_line_is_too_long_and_none_ends_within_a_character(value: str) -> None:
    content = text.line(f"DESCRIPTION:{text.text(value)}")
    assert content.endswith(b"\r\n")
    lines = content[:-2].split(b"\r\n")
    assert all(len(line) <= 75 for line in lines)
    assert all(line.decode().startswith(" ") for line in lines[1:])
    assert b"\n" not in b"".join(lines)
    assert b"\r" not in b"".join(lines)


def test_control_characters_are_left_out() -> None:
    assert text.text("\x00a\x07\x1b[0m\x7f\r\n\tb\x0b") == "a[0m\\n\tb"

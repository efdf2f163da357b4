"""Lines are read where they stand, and nothing that somebody sends takes long."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doable.ical import text
from doable.ical.lines import MAX_COMPONENTS, MAX_DEPTH, MAX_LINES, Malformed, TooLarge, components, lines, unfolded
from doable.ical.values import Duration, duration

VALUES = st.text(st.characters(exclude_categories=["Cc", "Cs"], include_characters="\t"), max_size=100)
ENDS = st.sampled_from(["\r\n", "\n", "\r\r\n"])
BLANKS = st.sampled_from([" ", "\t"])


@st.composite
def written(draw: st.DrawFn) -> tuple[list[tuple[str, str]], str]:
    """Lines, and a text of them that is folded anywhere."""
    known, pieces = [], []
    for _ in range(draw(st.integers(1, 5))):
        name, value = draw(st.sampled_from(["SUMMARY", "X-a", "due", "item1.NOTE"])), draw(VALUES)
        content, end = f"{name}:{value}", draw(ENDS)
        for at in sorted(draw(st.sets(st.integers(1, len(content)), max_size=3)), reverse=True):
            content = f"{content[:at]}{draw(ENDS)}{draw(BLANKS)}{content[at:]}"
        known.append((name.split(".")[-1].upper(), value))
        pieces.append(content + end)
    return known, "".join(pieces)


@given(written())
def test_lines_are_unfolded_and_stand_one_behind_the_other(given_: tuple[list[tuple[str, str]], str]) -> None:
    known, whole = given_
    found = list(lines(whole))
    assert [(line.name, line.value) for line in found] == known
    assert "".join(whole[line.start : line.end] for line in found) == whole


@given(st.text(max_size=300))
def test_any_text_is_lines_without_an_error(whole: str) -> None:
    previous = 0
    for line in lines(whole):
        assert line.start >= previous
        assert whole[line.start : line.end].strip()
        previous = line.end


@given(VALUES)
def test_what_is_folded_is_unfolded(value: str) -> None:
    written_ = text.folded(f"SUMMARY:{text.text(value)}")
    (line,) = lines(written_)
    assert text.unescaped(line.value) == text.sayable(value)
    assert unfolded(written_) == f"SUMMARY:{text.text(value)}"


def test_parameters_are_read_with_their_quotation_marks() -> None:
    (line,) = lines('ATTENDEE;CN="Meier; Anna: x";ROLE=A,"B,C";X-EMPTY;X-n=a^nb^^c^\'d^x:mailto:a@example.com\r\n')
    assert line.value == "mailto:a@example.com"
    assert line.parameters == {
        "CN": ("Meier; Anna: x",),
        "ROLE": ("A", "B,C"),
        "X-EMPTY": (),
        "X-N": ('a\nb^c"d^x',),
    }
    assert line.parameter("CN") == "Meier; Anna: x"
    assert line.parameter("X-EMPTY") == ""
    assert line.parameter("ALTREP") is None


@pytest.mark.parametrize(
    "whole",
    [
        "BEGIN:VCALENDAR\nno line\nEND:VCALENDAR\n",
        "SUMMARY:x\nBEGIN:VCALENDAR\nEND:VCALENDAR\n",
        "BEGIN:VCALENDAR\nBEGIN:VTODO\nEND:VCALENDAR\n",
        "BEGIN:VCALENDAR\nEND:VCALENDAR\nEND:VCALENDAR\n",
        "BEGIN:VCALENDAR\n",
        " folded:x\nBEGIN:VCALENDAR\nEND:VCALENDAR\n",
        'BEGIN:VCALENDAR\nX;A="b:c\nEND:VCALENDAR\n',
    ],
)
def test_what_is_no_calendar_is_refused(whole: str) -> None:
    with pytest.raises(Malformed):
        components(whole)


@pytest.mark.parametrize(
    "whole",
    [
        "BEGIN:A\n" * (MAX_DEPTH + 1) + "END:A\n" * (MAX_DEPTH + 1),
        "BEGIN:A\n" + "A:\n" * MAX_LINES + "END:A\n",
        "BEGIN:A\n" + "BEGIN:B\nEND:B\n" * MAX_COMPONENTS + "END:A\n",
    ],
)
def test_what_is_too_large_is_refused(whole: str) -> None:
    with pytest.raises(TooLarge):
        components(whole)


HOSTILE = {
    "folds": "SUMMARY:" + "\n x" * 300_000,
    "quotes": "X" + ';A="' * 250_000 + ":\n",
    "open": 'X;A="' + "a" * 1_000_000 + "\n",
    "groups": "a." * 500_000 + "X:\n",
    "parameters": "X" + ";A=b" * 250_000 + ":\n",
    "no colon": "A" * 1_000_000,
    "carriage returns": "X:" + "\r" * 1_000_000,
    "blank": "\n" * 1_000_000,
    "commas": "CATEGORIES:" + "\\," * 500_000,
}


@pytest.mark.parametrize("whole", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_mebibyte_of_anything_is_read_in_a_moment(whole: str) -> None:
    began = time.process_time()
    for line in lines(whole):
        assert len(line.parameters) <= 100
        assert len(text.texts(line.value)) <= len(whole)
    assert time.process_time() - began < 2


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("-PT15M", Duration(0, -900)),
        ("+P1W", Duration(7, 0)),
        ("p1dt2h3m4s", Duration(1, 7384)),
        ("-P0DT0H15M0S", Duration(0, -900)),
        ("PT0S", Duration(0, 0)),
        ("P", None),
        ("PT", None),
        ("15M", None),
        ("P" + "9" * 400 + "D", None),
    ],
)
def test_lengths_of_time(said: str, found: Duration | None) -> None:
    assert duration(said) == found

"""Filters are read, or refused by the precondition that RFC 4791, 7.8, names."""

import pytest

from doable.caldav.filters import MOST_ELEMENTS, read_filter
from doable.caldav.refusals import Refusal
from support.filters import NOT_DEFINED, between, comp, param, prop, read, text

DAY = between("20270301T000000Z", "20270302T000000Z")


def inside(inner: str) -> str:
    return comp("VCALENDAR", comp("VTODO", inner))


@pytest.mark.parametrize(
    "inner",
    [
        "",
        comp("VTODO"),
        comp("VCALENDAR") * 2,
        comp("", ""),
        inside(prop("", "")),
        inside(prop("a b")),
        inside(between()),
        inside(between("20270301T000000")),
        inside(between("20270301")),
        inside(between("20271301T000000Z")),
        inside(between("20270301T000000Z", "20270301T000000Z")),
        inside(between("20270302T000000Z", "20270301T000000Z")),
        inside(NOT_DEFINED + DAY),
        inside(prop("SUMMARY", NOT_DEFINED + text("a"))),
        inside(prop("SUMMARY", param("LANGUAGE", NOT_DEFINED + text("a")))),
        inside(prop("SUMMARY", text("a", negate="perhaps"))),
        comp("VCALENDAR", "".join(f'<C:comp-filter name="A{n}">' for n in range(20)) + "</C:comp-filter>" * 20),
    ],
)
def test_what_is_no_filter(inner: str) -> None:
    with pytest.raises(Refusal) as refused:
        read_filter(read(inner))
    assert (refused.value.status, refused.value.condition) == (403, "C:valid-filter")


@pytest.mark.parametrize(
    "inner",
    [
        inside("<C:rich-match/>"),
        inside('<X:time-range xmlns:X="urn:x" start="20270301T000000Z"/>'),
        inside(prop("SUMMARY", comp("VALARM"))),
        inside(prop("SUMMARY", param("LANGUAGE", DAY))),
        inside(prop("SUMMARY") * MOST_ELEMENTS),
    ],
)
def test_what_is_not_known_in_a_filter(inner: str) -> None:
    with pytest.raises(Refusal) as refused:
        read_filter(read(inner))
    assert (refused.value.status, refused.value.condition) == (403, "C:supported-filter")


@pytest.mark.parametrize("collation", ["i;ascii-numeric", "", "*"])
def test_other_collations(collation: str) -> None:
    with pytest.raises(Refusal) as refused:
        read_filter(read(inside(prop("SUMMARY", text("a", collation)))))
    assert (refused.value.status, refused.value.condition) == (403, "C:supported-collation")


def test_comments_are_nothing() -> None:
    assert read_filter(read(f"<!-- a -->{inside('<!-- b -->')}")).comps[0].name == "VTODO"

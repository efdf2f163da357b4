"""What may be put, and with which precondition of RFC 4791 the rest is refused."""

import pytest

from doable.caldav.checking import (
    InvalidData,
    InvalidObject,
    ObjectTooLarge,
    UnsupportedComponent,
    check,
)
from doable.caldav.refusals import Refusal

ALL = frozenset({"VTODO", "VEVENT", "VJOURNAL"})


def calendar(*components: str, head: str = "VERSION:2.0\r\n") -> bytes:
    return f"BEGIN:VCALENDAR\r\n{head}{''.join(components)}END:VCALENDAR\r\n".encode()


def component(name: str = "VTODO", uid: str | None = "a", lines: str = "") -> str:
    said = "" if uid is None else f"UID:{uid}\r\n"
    return f"BEGIN:{name}\r\n{said}{lines}END:{name}\r\n"


@pytest.mark.parametrize(
    ("body", "refused"),
    [
        (b"", InvalidData),
        (b"\r\n", InvalidData),
        (b"hello", InvalidData),
        (b"<?xml version='1.0'?>", InvalidData),
        (calendar(component()).replace(b"UID", b"UI\0D"), InvalidData),
        (calendar(component(lines="SUMMARY:\r\n")).replace(b"SUMMARY:", b"SUMMARY:\xff\xfe"), InvalidData),
        (calendar(component(lines="no line\r\n")), InvalidData),
        (calendar(component())[:-16], InvalidData),
        (b"BEGIN:VCARD\r\nVERSION:3.0\r\nEND:VCARD\r\n", InvalidData),
        (component().encode(), InvalidData),
        (calendar(component(lines="DTSTART;VALUE=DATE:20261201\r\nDUE:20261202T090000Z\r\n")), InvalidData),
        (calendar(component("VEVENT", lines="DTSTART:20261201T090000Z\r\nDTEND;VALUE=DATE:20261202\r\n")), InvalidData),
        (calendar(component(), head="METHOD:PUBLISH\r\n"), InvalidObject),
        (calendar(), InvalidObject),
        (calendar("BEGIN:VTIMEZONE\r\nTZID:x\r\nEND:VTIMEZONE\r\n"), InvalidObject),
        (calendar(component("X-OTHER")), InvalidObject),
        (calendar(component(), component("VEVENT")), InvalidObject),
        (calendar(component(uid="a"), component(uid="b")), InvalidObject),
        (calendar(component(uid=None)), InvalidObject),
        (calendar(component(uid="")), InvalidObject),
        (calendar(component(uid="a"), component(uid=None)), InvalidObject),
        (calendar(component(uid="ä" * 501)), InvalidObject),
        (calendar(component()) * 2, InvalidObject),
        (calendar(component("VFREEBUSY")), UnsupportedComponent),
        (calendar("BEGIN:X-A\r\n" * 20 + "END:X-A\r\n" * 20), ObjectTooLarge),
        (calendar(component(lines="X-A:\r\n" * 30_000)), ObjectTooLarge),
    ],
)
def test_what_is_no_object_is_refused_with_its_precondition(body: bytes, refused: type[Refusal]) -> None:
    with pytest.raises(refused) as caught:
        check(body, ALL)
    assert (
        caught.value.condition
        == {
            InvalidData: "C:valid-calendar-data",
            InvalidObject: "C:valid-calendar-object-resource",
            UnsupportedComponent: "C:supported-calendar-component",
            ObjectTooLarge: "C:max-resource-size",
        }[refused]
    )


@pytest.mark.parametrize("kind", ["VEVENT", "VJOURNAL"])
def test_a_list_of_tasks_takes_nothing_else(kind: str) -> None:
    assert check(calendar(component(kind)), ALL).component == kind
    with pytest.raises(UnsupportedComponent):
        check(calendar(component(kind)), {"VTODO"})


@pytest.mark.parametrize(
    "body",
    [
        calendar(component(), component(lines="RECURRENCE-ID:20261201T090000Z\r\n")),
        calendar(component(uid="a" * 1000)),
        calendar(component(), component("X-NOTE", uid="other")),
        calendar(component(lines="DTSTART;VALUE=DATE:20261201\r\nDUE;VALUE=DATE:20261202\r\n")),
        # UNTIL is lenient where clients are, and so is what is no date at all.
        calendar(component(lines="DTSTART;VALUE=DATE:20261201\r\nRRULE:FREQ=DAILY;UNTIL=20261205T000000Z\r\n")),
        calendar(component(lines="DTSTART:tomorrow\r\nDUE;VALUE=DATE:20261202\r\n")),
        calendar(component(lines="SUMMARY:\x07 bell\r\n")),
        b"\xef\xbb\xbf" + calendar(component()) + b"\r\n\r\n",
        calendar(component()).replace(b"\r\n", b"\n"),
        calendar(component()).replace(b"\r\n", b"\r\r\n"),
        calendar(component()).lower(),
        calendar(component(), head=""),
    ],
)
def test_what_programs_send_is_taken_as_it_is(body: bytes) -> None:
    found = check(body, ALL)
    assert found.text.encode() == body
    assert found.is_kept


def test_a_fold_within_a_character_is_taken_and_makes_another_text() -> None:
    body = calendar(component(lines="SUMMARY:Käse\r\n"))
    folded = body.replace("ä".encode(), b"\xc3\r\n \xa4")
    found = check(folded, ALL)
    assert found.text.encode() == body
    assert not found.is_kept

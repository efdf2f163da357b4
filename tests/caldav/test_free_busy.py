"""When the events of a collection take somebody's time."""

from support.dav import Phone, assert_refused, request
from support.ical import calendar, component, event, make, make_calendar


def busy(phone: Phone, collection: str, start: str = "20270301T000000Z", end: str = "20270302T000000Z") -> list[str]:
    body = request("C:free-busy-query", f'<C:time-range start="{start}" end="{end}"/>')
    answer = phone.dav("REPORT", collection, body, Depth="1")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    lines = answer.text.split("\r\n")
    assert {"BEGIN:VFREEBUSY", f"DTSTART:{start}", f"DTEND:{end}"} <= {*lines}
    return [line for line in lines if line.startswith("FREEBUSY")]


def test_events(phone: Phone) -> None:
    mixed = make_calendar(phone)
    assert busy(phone, mixed) == []
    make(phone, mixed, event("a", "DTSTART:20270301T100000Z", "DTEND:20270301T110000Z"), "a")
    make(phone, mixed, event("b", "DTSTART:20270301T103000Z", "DURATION:PT1H"), "b")
    make(phone, mixed, event("c", "DTSTART:20270301T230000Z", "DURATION:PT3H", "STATUS:TENTATIVE"), "c")
    make(phone, mixed, event("d", "DTSTART:20270301T120000Z", "DURATION:PT1H", "TRANSP:TRANSPARENT"), "d")
    make(phone, mixed, event("e", "DTSTART:20270301T120000Z", "DURATION:PT1H", "STATUS:CANCELLED"), "e")
    make(phone, mixed, event("f", "DTSTART:20261201T140000Z", "DURATION:PT1H", "RRULE:FREQ=DAILY"), "f")
    make(phone, mixed, event("g", "DTSTART:20270301T120000Z"), "g")
    assert busy(phone, mixed) == [
        "FREEBUSY;FBTYPE=BUSY:20270301T100000Z/20270301T113000Z",
        "FREEBUSY;FBTYPE=BUSY:20270301T140000Z/20270301T150000Z",
        "FREEBUSY;FBTYPE=BUSY-TENTATIVE:20270301T230000Z/20270302T000000Z",
    ]


def test_what_was_put_as_busy(phone: Phone) -> None:
    mixed = make_calendar(phone, "VFREEBUSY")
    periods = ["FREEBUSY:20270228T230000Z/PT2H", "FREEBUSY;FBTYPE=FREE:20270301T100000Z/PT2H"]
    make(phone, mixed, calendar(*component("VFREEBUSY", "a", *periods)), "a")
    assert busy(phone, mixed) == ["FREEBUSY;FBTYPE=BUSY:20270301T000000Z/20270301T010000Z"]


def test_tasks_leave_their_time_free(anns: Phone) -> None:
    make(anns, anns.inbox)
    assert busy(anns, anns.inbox) == []


def test_without_a_range(anns: Phone) -> None:
    assert_refused(anns.dav("REPORT", anns.inbox, request("C:free-busy-query", ""), Depth="1"), 400)

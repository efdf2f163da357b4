"""The rules by which tasks recur: that part of RFC 5545, section 3.3.10, of which every next date is quickly found."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from typing import Any, Final, Literal, cast

from doable.errors import RecurrenceUnsupported

MAX_LENGTH: Final = 255
MAX_VALUES: Final = 31
"""Of one part."""
MAX_INTERVAL: Final = 999
MAX_COUNT: Final = 1000
WEEKDAYS: Final = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")

Frequency = Literal["DAILY", "WEEKLY", "MONTHLY", "YEARLY"]


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule that was read; what it does not say is empty."""

    text: str
    frequency: Frequency
    interval: int = 1
    count: int | None = None
    until: date | None = None
    """The last day that may be a date of it."""
    week_start: int = 0
    """As `date.weekday` has it; so are the days."""
    days: Sequence[tuple[int, int]] = ()
    """Weekdays, and before each which of the month's it is, negative from the end; 0 is each of them."""
    month_days: Sequence[int] = ()
    """Negative from the end of the month."""
    months: Sequence[int] = ()
    positions: Sequence[int] = ()
    """Which dates of a day, week, month or year are meant; negative from the end."""

    def counting(self, count: int) -> "Rule":
        """The same with so many dates left."""
        return replace(self, text=counting(self.text, count), count=count)


def counting(text: str, count: int) -> str:
    """The text of a rule with so many dates left, if it counts them."""
    return re.sub(r"(?<=COUNT=)[0-9]+", str(count), text)


@lru_cache(maxsize=1024)
def is_supported(text: str) -> bool:
    """Whether it is a rule of this part. Others are kept and followed as well, but not taken from clients of the API."""
    try:
        parse(text)
    except RecurrenceUnsupported:
        return False
    return True


def parse(text: str, *, from_completion: bool = False) -> Rule:
    """The rule of this text, in any case. Raises RecurrenceUnsupported."""
    if len(text) > MAX_LENGTH or not text.isascii():
        raise RecurrenceUnsupported("a rule has at most 255 characters of ASCII")
    text = text.upper()
    parts: dict[str, str] = {}
    for part in text.split(";"):
        name, _, value = part.partition("=")
        if name not in _READERS or name in parts:
            raise RecurrenceUnsupported(_MADE_OF)
        parts[name] = value
    if "FREQ" not in parts:
        raise RecurrenceUnsupported("a rule needs FREQ")
    rule = Rule(text=text, **_read(parts))
    for is_wrong, message in _CONTRADICTIONS:
        if is_wrong(rule, parts):
            raise RecurrenceUnsupported(message)
    if from_completion and not parts.keys() <= _OF_COMPLETION:
        raise RecurrenceUnsupported("from the completion on, a rule has FREQ, INTERVAL, COUNT and UNTIL only")
    return rule


def _read(parts: Mapping[str, str]) -> dict[str, Any]:
    read = {}
    for name, value in parts.items():
        member, reader, expected = _READERS[name]
        found = reader(value)
        if found is None:
            message = f"{name} is {expected}"
            raise RecurrenceUnsupported(message)
        read[member] = found
    return read


def _frequency(value: str) -> str | None:
    return value if value in {"DAILY", "WEEKLY", "MONTHLY", "YEARLY"} else None


def _number(most: int) -> Callable[[str], int | None]:
    def read(value: str) -> int | None:
        return int(value) if re.fullmatch(r"[0-9]{1,4}", value) and 1 <= int(value) <= most else None

    return read


def _numbers(most: int, *, signed: bool) -> Callable[[str], Sequence[int] | None]:
    form = re.compile(r"[+-]?[0-9]{1,4}" if signed else r"[0-9]{1,4}")

    def read(value: str) -> Sequence[int] | None:
        values = value.split(",")
        if len(values) > MAX_VALUES or not all(form.fullmatch(each) and 1 <= abs(int(each)) <= most for each in values):
            return None
        return sorted({int(each) for each in values})

    return read


def _until(value: str) -> date | None:
    # With a time its date counts, in whatever zone: tasks recur on days.
    found = re.fullmatch(r"([0-9]{4})([0-9]{2})([0-9]{2})(T([01][0-9]|2[0-3])([0-5][0-9]){2}Z?)?", value)
    try:
        return None if found is None else date(int(found[1]), int(found[2]), int(found[3]))
    except ValueError:
        return None


def _weekday(value: str) -> int | None:
    return WEEKDAYS.index(value) if value in WEEKDAYS else None


def _days(value: str) -> Sequence[tuple[int, int]] | None:
    values = [re.fullmatch(r"([+-]?0?[1-5])?([A-Z]{2})", each) for each in value.split(",")]
    if len(values) > MAX_VALUES:
        return None
    read = {(int(each[1] or 0), _weekday(each[2])) for each in values if each is not None}
    if None in values or any(weekday is None for _, weekday in read):
        return None
    return sorted(cast("set[tuple[int, int]]", read))


_READERS: Final[Mapping[str, tuple[str, Callable[[str], Any], str]]] = {
    "FREQ": ("frequency", _frequency, "DAILY, WEEKLY, MONTHLY or YEARLY"),
    "INTERVAL": ("interval", _number(MAX_INTERVAL), f"a number from 1 to {MAX_INTERVAL}"),
    "COUNT": ("count", _number(MAX_COUNT), f"a number from 1 to {MAX_COUNT}"),
    "UNTIL": ("until", _until, "a date such as 20271231"),
    "WKST": ("week_start", _weekday, "one of MO, TU, WE, TH, FR, SA and SU"),
    "BYDAY": (
        "days",
        _days,
        "up to 31 of MO, TU, WE, TH, FR, SA and SU, with commas between them; -1FR is the last Friday",
    ),
    "BYMONTHDAY": ("month_days", _numbers(31, signed=True), "up to 31 numbers from 1 to 31 or from -31 to -1"),
    "BYMONTH": ("months", _numbers(12, signed=False), "up to 31 numbers from 1 to 12"),
    "BYSETPOS": ("positions", _numbers(366, signed=True), "up to 31 numbers from 1 to 366 or from -366 to -1"),
}
"""The member that each part is, what reads it, and what is expected of it."""

_MADE_OF: Final = (
    f"a rule is made of {', '.join(_READERS)}, each once at most, "
    "with semicolons between them, such as FREQ=WEEKLY;BYDAY=MO,TH"
)
_OF_COMPLETION: Final = frozenset({"FREQ", "INTERVAL", "COUNT", "UNTIL"})
_LONG: Final = frozenset({"MONTHLY", "YEARLY"})

_CONTRADICTIONS: Final[Sequence[tuple[Callable[[Rule, Mapping[str, str]], bool], str]]] = (
    (lambda _, parts: parts.keys() >= {"COUNT", "UNTIL"}, "a rule has COUNT or UNTIL, and not both"),
    (
        lambda rule, _: rule.frequency not in _LONG and any(number for number, _ in rule.days),
        "BYDAY has numbers with FREQ=MONTHLY and YEARLY only",
    ),
    (
        lambda rule, parts: rule.frequency == "DAILY" and "BYDAY" in parts and rule.interval > 1,
        "with FREQ=DAILY, BYDAY needs an INTERVAL of 1",
    ),
    (
        lambda rule, parts: rule.frequency not in _LONG and "BYMONTHDAY" in parts,
        "BYMONTHDAY needs FREQ=MONTHLY or YEARLY",
    ),
    (lambda rule, parts: rule.frequency != "YEARLY" and "BYMONTH" in parts, "BYMONTH needs FREQ=YEARLY"),
    (
        lambda rule, parts: (
            rule.frequency == "YEARLY"
            and "BYMONTH" not in parts
            and not parts.keys().isdisjoint({"BYDAY", "BYMONTHDAY"})
        ),
        "with FREQ=YEARLY, BYDAY and BYMONTHDAY need BYMONTH",
    ),
    (
        lambda _, parts: "BYSETPOS" in parts and parts.keys().isdisjoint({"BYDAY", "BYMONTHDAY"}),
        "BYSETPOS needs BYDAY or BYMONTHDAY",
    ),
)

"""Tasks as the formats put them together, and what they are filed under."""

import re
from collections import Counter
from collections.abc import Generator, Iterator, Mapping
from datetime import date, timedelta
from hashlib import sha256
from typing import Any, Final

from pydantic import TypeAdapter, ValidationError

from doable.ical.rules import is_readable
from doable.tasks.fields import MAX_ESTIMATE, Url
from doable.tasks.recurrence import occurrences
from doable.tasks.recurrence.rules import is_supported
from doable.transfer.formats import when
from doable.transfer.found import Found, NotUnderstood

_QUOTED: Final = 200
MAX_PARTS: Final = 100
"""Into how many a cell is divided at most, more than a task has of anything: else one of 50 MiB would be millions of them."""
_INBOXES: Final = frozenset({"inbox", "eingang", "posteingang"})

_LINE_ENDS: Final = re.compile(r"\r\n?|[\x85\u2028\u2029]")
_NO_TEXT: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_URL: Final[TypeAdapter[str]] = TypeAdapter(Url)

Piece = Found | NotUnderstood


def clean(text: object) -> str:
    """A text of several lines without what no text here has, and without white space around it."""
    return _NO_TEXT.sub("", _LINE_ENDS.sub("\n", text)).strip() if isinstance(text, str) else ""


def one_line(text: object) -> str:
    """A name or a title."""
    return " ".join(clean(text).split())


def quoted(text: str) -> str:
    """Something out of the file, for a sentence about it."""
    short = one_line(text)
    return f"`{short if len(short) <= _QUOTED else f'{short[:_QUOTED]}…'}`"


def color(text: object) -> str | None:
    """A colour of six hexadecimal digits, whatever is before and behind them."""
    found = re.fullmatch(r"#?([0-9a-fA-F]{6})([0-9a-fA-F]{2})?", text.strip()) if isinstance(text, str) else None
    return found and f"#{found[1].lower()}"


def is_inbox(name: str) -> bool:
    """Whether a list of this name is what Doable calls the inbox."""
    return re.sub(r"^\W+", "", name).strip().casefold() in _INBOXES


class Keys:
    """The keys of a file's things: the source's own, or made of what they are, so that another file of the same has the same."""

    def __init__(self) -> None:
        self._known: Counter[bytes] = Counter()

    def of(self, *content: str) -> str:
        """The key of something that has none; of several that are alike, each has another."""
        digest = sha256("\0".join(content).encode("utf-8", "surrogatepass")).digest()[:16]
        return f"{digest.hex()}-{self._number(digest)}"

    def own(self, key: str) -> str:
        """A key of the source. One that comes again is another, so that nothing is lost."""
        key = clean(key)
        number = self._number(sha256(key.encode()).digest()[:16])
        return key if number == 1 else f"{key}#{number}"

    def _number(self, digest: bytes) -> int:
        self._known[digest] += 1
        return self._known[digest]


class Places:
    """The lists and sections that tasks are filed under by name: each is found when it is named first."""

    def __init__(self, keys: Keys) -> None:
        self._keys = keys
        self._lists: dict[tuple[str, str], str] = {}
        self._sections: dict[tuple[str | None, str], str | None] = {}

    def list_named(
        self, name: str, line: int | None = None, *, group: str = "", shade: str | None = None
    ) -> Generator[Piece, None, str | None]:
        """Its key; None is the inbox."""
        name, group = one_line(name), one_line(group)
        if not name or is_inbox(name):
            return None
        if (name, group) not in self._lists:
            self._lists[name, group] = key = self._keys.of("list", name, group)
            members = {"name": name, "group": group or None, "color": shade}
            yield Found(kind="list", key=key, line=line, members={k: v for k, v in members.items() if v is not None})
        return self._lists[name, group]

    def section_named(
        self, list_key: str | None, name: str, line: int | None = None
    ) -> Generator[Piece, None, str | None]:
        """Its key; None if there is no such section."""
        name = one_line(name)
        if not name:
            return None
        if (list_key, name) not in self._sections:
            key = None if list_key is None else self._keys.of("section", list_key, name)
            self._sections[list_key, name] = key
            if key is None:
                yield NotUnderstood(what=f"the section {quoted(name)}: the inbox has none", line=line)
            else:
                yield Found(kind="section", key=key, line=line, members={"list_id": list_key, "name": name})
        return self._sections[list_key, name]


class Draft:
    """A task that is put together, with what is not understood of it."""

    def __init__(self, title: object, *, key: str | None, line: int | None = None) -> None:
        self.title = one_line(title)
        self.key, self.line = key, line
        self.members: dict[str, Any] = {}
        """Those that need no check, as an export has them. None and what is empty is left out."""
        self.tags: list[str] = []
        self.rule: str | None = None
        self.from_completion = self.is_any = False
        self._texts: list[str] = []
        self._reminders: list[dict[str, str]] = []
        self._missed: list[str] = []

    def says(self, text: object) -> None:
        """Put this at the end of the description."""
        if cleaned := clean(text):
            self._texts.append(cleaned)

    def misses(self, what: str, text: str = "") -> None:
        """Say that this is not taken over; the text is, at the end of the description."""
        self._missed.append(what)
        self.says(text)

    def has(self, member: str, value: when.Moment | None, text: str) -> None:
        """It is due, or may be begun, then. Where that could not be read, its text is kept."""
        if value is not None:
            self.members[member] = value
        elif one_line(text):
            self.misses(f"the date {quoted(text)}", one_line(text))

    def is_done(self, at: str | None, *, is_cancelled: bool = False) -> None:
        """It is complete, since then if that is known."""
        self.members |= {"is_completed": True, "completed_at": at, "is_cancelled": is_cancelled or None}

    def recurs(self, rule: str, *, from_completion: bool = False, is_any: bool = False) -> None:
        """By this rule of RFC 5545, if it is one that is known here. Calendar programs may have any."""
        self.rule = one_line(rule).upper().removeprefix("RRULE:").removesuffix(";")
        self.from_completion, self.is_any = from_completion, is_any

    def takes(self, minutes: float) -> None:
        """It is estimated so."""
        if 0.5 <= minutes <= MAX_ESTIMATE:  # noqa: PLR2004 - rounds to a minute
            self.members["estimate_minutes"] = round(minutes)

    def leads_to(self, url: object) -> None:
        """An address: the first is its, others are put at the end of the description."""
        try:
            valid = _URL.validate_python(clean(url))
        except ValidationError:
            valid = None
        if valid is None or "url" in self.members:
            self.says(url)
        else:
            self.members["url"] = valid

    def reminds(self, length: timedelta, relative_to: str = "due") -> None:
        """So long after that date, or before it."""
        offset = when.offset(length)
        if offset is None:
            self.misses("a reminder more than 400 days away")
        else:
            self._reminders.append({"offset": offset, "relative_to": relative_to})

    def reminds_at(self, at: str | None, text: str) -> None:
        """At an instant."""
        if at is None:
            self.misses(f"the reminder {quoted(text)}")
        else:
            self._reminders.append({"at": at})

    def found(self) -> Iterator[Piece]:
        """The task, and then what is not understood of it."""
        if not self.title:
            self.title = one_line(self._texts[0].split("\n")[0]) if self._texts else "(no title)"
        members = {"title": self.title, **self.members}
        members |= {
            "tags": [*filter(None, map(one_line, self.tags))],
            "recurrence": self._recurrence(),
            "reminders": self._reminders,
        }
        members["description"] = "\n\n".join(self._texts)
        kept = {name: value for name, value in members.items() if value not in (None, "", [])}
        yield Found(kind="task", key=self.key, line=self.line, members=kept)
        for what in self._missed:
            yield NotUnderstood(what=what, line=self.line, of=self.title)

    def _recurrence(self) -> Mapping[str, str | bool] | None:
        if not self.rule or self.members.get("is_completed"):  # what is done does not recur: what came after it does
            return None
        due = self.members.get("due")
        if due is None:
            self.misses(f"the rule {quoted(self.rule)}: it has no date", f"RRULE:{self.rule}")
            return None
        first = date.fromisoformat(str(due["date"]))
        if self.is_any and not is_supported(self.rule) and is_readable(self.rule):
            return {"rule": self.rule, "from": "due", "is_supported": False}
        if not occurrences.can_follow(self.rule, first, from_completion=self.from_completion):
            self.misses(f"the rule {quoted(self.rule)}", f"RRULE:{self.rule}")
            return None
        return {"rule": self.rule, "from": "completion" if self.from_completion else "due"}

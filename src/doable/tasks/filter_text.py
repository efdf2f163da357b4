"""Filters as people write them, such as `today & (@home | #"Do it!") & !p4`.

query  = and *("|" and)          and = not *("&" not)          not = "!" not / "(" query ")" / term
"""

import re
from collections.abc import Callable
from difflib import get_close_matches
from typing import Final, Literal

from doable.errors import FilterInvalid, NothingToSearch, TooManyTerms
from doable.tasks import moments
from doable.tasks.conditions import (
    EACH,
    Between,
    Condition,
    Either,
    Every,
    Has,
    In,
    Is,
    Named,
    Not,
    OfPriority,
    Words,
    leaves_of,
)
from doable.tasks.moments import Moment
from doable.tasks.words import MAX_SEARCHED, MOST_TERMS, terms_of

MAX_LENGTH: Final = 1000
MAX_CONDITIONS: Final = 50
MAX_DEPTH: Final = 10
MAX_SHOWN: Final = 40
"""Of a text, in what is told of it."""

INBOX: Final = In(("inbox",))
CONDITIONS: Final[dict[str, Condition]] = {
    "all": EACH,
    "today": Between("due", Moment("today"), Moment("tomorrow")),
    "tomorrow": Between("due", Moment("tomorrow"), Moment("tomorrow").next_day),
    "overdue": Is("overdue"),
    "no date": Not(Has("due")),
    "no time": Every((Has("due"), Not(Has("time")))),
    "no priority": OfPriority(("none",)),
    "no tags": Not(Has("tags")),
    "inbox": INBOX,
    "recurring": Is("recurring"),
    "subtask": Has("parent"),
    "available": Is("available"),
    "completed": Is("completed"),
    "cancelled": Is("cancelled"),
    "p1": OfPriority(("high",)),
    "p2": OfPriority(("medium",)),
    "p3": OfPriority(("low",)),
    "p4": OfPriority(("none",)),
}

_DATES: Final[dict[str, Literal["due", "start", "created", "completed"]]] = {
    "due": "due",
    "start": "start",
    "created": "created",
    "completed": "completed",
}
_NAMED: Final[dict[str, Literal["list", "section", "tag"]]] = {"#": "list", "/": "section", "@": "tag"}

# ASCII: elsewhere a letter may be another one's lower case. White space is spaces by then.
_FLAGS: Final = re.ASCII | re.IGNORECASE
_CONTROL: Final = re.compile(r"[\x00-\x08\x0e-\x1f]")
_DATE: Final = re.compile(rf"({'|'.join(_DATES)}) +(before|after|on)(?![a-z0-9]) *:? *", _FLAGS)
_DAYS: Final = re.compile(r"(\d+) *days?(?![a-z0-9])", _FLAGS)
_ID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?![0-9a-z])", _FLAGS)
_LIST: Final = re.compile(r"list: *", _FLAGS)
_NUMBER: Final = re.compile(r"\d+ *", _FLAGS)
_QUOTED: Final = re.compile(r'"((?:[^"]|"")+)"')
_SEARCH: Final = re.compile(r"search: *", _FLAGS)
# As in `q`, a quotation mark begins a phrase only where a word could begin: 5" is a word.
_SEARCHED: Final = re.compile(r'(?: +|"[^"]*"|[^&|) "][^&|) ]*)+')
_SHIFT: Final = re.compile(r" ?([+-]) ?(?=\d+[dwm])", _FLAGS)
_UNQUOTED: Final = re.compile(r'[^&|!()"]+')
_DATE_WORD: Final = re.compile(rf"(?:{'|'.join(_DATES)}) *: *", _FLAGS)
_JOINING: Final = re.compile(r"(and|or|not)(?!\w)|,", re.IGNORECASE)
_WORD: Final = re.compile(r"(?:no +)?[a-z]+[1-4]?(?![\w:-])", re.IGNORECASE)

_WHOLE: Final = "|".join((*CONDITIONS, r"\d+ *days?")).replace("no ", "no +")
_BEGINNING: Final = rf"[#@]|/[^ ]|(?:list|search):|(?:{'|'.join(_DATES)}) +(?:before|after|on)(?![a-z0-9])"
# A condition at the end of a name or in it, where a sign before it was forgotten. Each run of spaces is looked at once.
_UNJOINED: Final = re.compile(
    rf"(?<![ ,])[ ,]++(?P<what>(?:(?:and|or|not) ++){{0,2}}(?:{_BEGINNING}|(?:{_WHOLE})[ ,]*+$)|(?:and|or|not) *+$)",
    _FLAGS,
)

# What is meant by what is said elsewhere.
_INSTEAD: Final = [
    (re.compile(rf"{said}(?![\w:-])", re.IGNORECASE), meant)
    for said, meant in (
        ("no +labels?", "no tags"),
        ("no +(?:parent|subtasks?)", "!subtask"),
        ("no +due(?: +date)?", "no date"),
        ("no +list", "inbox"),
        (r"p\d", "p1, p2, p3 or p4"),
        ("done", "completed"),
        (f"(?:yesterday|{'|'.join(moments.WEEKDAYS)})", r"due on \g<0>"),
        (r"next +(\d+ *days?)", r"\1"),
        ("(?:this|next) +week", "7 days"),
    )
]

# What is expected, where the same is said in several places or has a number in it.
_CONDITION: Final = "a condition, such as today, overdue, no date, 7 days, due before friday, p1, #list or @tag"
_SIGN: Final = "& (and) or | (or)"
_SHORTER: Final = f"at most {MAX_LENGTH:,} characters"
_FEWER: Final = f"at most {MAX_CONDITIONS} conditions"
_FEWER_TERMS: Final = f"at most {MOST_TERMS} words to search for in all"
_FLATTER: Final = f"brackets at most {MAX_DEPTH} deep"
_SHORTER_SEARCH: Final = f"at most {MAX_SEARCHED} characters to search for"


def parse(text: str, *where: str) -> Condition:
    """What the text says. Raises FilterInvalid, with the place of the mistake in the text, for an input that is there."""
    return _Reader(text, where).read()


def is_of_completed(condition: Condition) -> bool:
    """Whether a filter speaks of completed tasks, or of all. Otherwise only open ones are meant."""
    closed = (EACH, Is("completed"), Is("cancelled"))
    return any(
        leaf in closed or (isinstance(leaf, Between) and leaf.what == "completed") for leaf, _ in leaves_of(condition)
    )


def lists_named(condition: Condition) -> tuple[Condition, ...]:
    """The lists that a filter names, but for those that it leaves out. Of archived lists, it is of these alone."""
    return tuple(
        leaf
        for leaf, is_meant in leaves_of(condition)
        if is_meant and leaf != INBOX and (isinstance(leaf, In) or (isinstance(leaf, Named) and leaf.what == "list"))
    )


def _quoted(sign: str) -> str:
    return f'A name that has this in it is put in quotation marks, as in {sign}"Do it!"'


class _Reader:
    """Goes over a text once."""

    def __init__(self, text: str, where: tuple[str, ...]) -> None:
        self._where = where
        self._source = text
        # So that each character is where it was.
        self._text = re.sub(r"\s", " ", text[:MAX_LENGTH])
        self._at = 0
        self._conditions = 0
        self._terms = 0

    def read(self) -> Condition:
        """The whole text."""
        if len(self._source) > MAX_LENGTH:
            raise self._invalid(_SHORTER, MAX_LENGTH)
        if control := _CONTROL.search(self._source):
            raise self._invalid("no control characters", control.start())
        condition = self._either(0)
        if self._next():
            raise self._stuck()
        return condition

    def _either(self, depth: int) -> Condition:
        return self._joined("|", Either, lambda: self._joined("&", Every, lambda: self._not(depth)))

    def _joined(
        self, sign: str, join: Callable[[tuple[Condition, ...]], Condition], read: Callable[[], Condition]
    ) -> Condition:
        found = [read()]
        while self._next() == sign:
            self._at += 1
            found.append(read())
        return join(tuple(found)) if len(found) > 1 else found[0]

    def _not(self, depth: int) -> Condition:
        is_negated = False
        while self._next() == "!":
            self._at += 1
            is_negated = not is_negated
        condition = self._brackets(depth + 1) if self._next() == "(" else self._term()
        return Not(condition) if is_negated else condition

    def _brackets(self, depth: int) -> Condition:
        opened = self._at
        if depth > MAX_DEPTH:
            raise self._invalid(_FLATTER)
        self._at += 1
        condition = self._either(depth)
        if not self._next():
            raise self._invalid('a ")" somewhere after this "("', opened)
        if self._next() != ")":
            raise self._stuck()
        self._at += 1
        return condition

    def _term(self) -> Condition:
        sign, start = self._next(), self._at
        if sign in {"", "&", "|", ")"}:
            is_doubled = sign in {"&", "|"} and self._text[:start].rstrip().endswith(sign)
            raise self._invalid(f"{_CONDITION}. One {sign} is enough" if is_doubled else _CONDITION)
        self._conditions += 1
        if self._conditions > MAX_CONDITIONS:
            raise self._invalid(_FEWER)
        if sign in _NAMED:
            self._at += 1
            return self._named(sign, _NAMED[sign])
        if found := self._take(_DATE):
            return self._date(_DATES[found[1].lower()], found[2].lower())
        if found := self._take(_DAYS):
            if len(found[1]) > moments.DIGITS:
                raise self._invalid("a number of days of at most 9999", start)
            return Between("due", Moment("today"), Moment("today", days=int(found[1]) + 1))
        if self._take(_LIST):
            found = self._take(_ID)
            if not found:
                raise self._invalid("the id of a list after list:")
            return In((found[0].lower(),))
        return self._search() if self._take(_SEARCH) else self._word()

    def _named(self, sign: str, what: Literal["list", "section", "tag"]) -> Condition:
        is_quoted, start = self._next() == '"', self._at
        found = self._take(_QUOTED if is_quoted else _UNQUOTED)
        if not found:
            raise self._invalid(
                f'a name in quotation marks, as in {sign}"Do it!"'
                if is_quoted
                else f"the name of a {what} after {sign}"
            )
        if is_quoted:
            # As it was written, with whatever white space there is.
            name = self._source[start + 1 : self._at - 1].replace('""', '"').strip()
            is_beginning = what == "tag" and self._next() == "*"
            self._at += is_beginning
            return Named(what, name, is_beginning)
        if found[0].lstrip().startswith(("#", "@")):
            expected = f"the name of a {what} after {sign}. {_quoted(sign)}"
            raise self._invalid(expected, start)
        if unjoined := _UNJOINED.search(found[0]):
            raise self._unjoined(sign, unjoined["what"], found.start() + unjoined.start("what"))
        name = " ".join(found[0].split())
        if what == "list" and name.lower() == "inbox":
            return INBOX
        is_beginning = what == "tag" and name.endswith("*")
        name = name[:-1].rstrip() if is_beginning else name
        if not name:
            raise self._invalid("the beginning of a name before *", start)
        return Named(what, name, is_beginning)

    def _date(self, what: Literal["due", "start", "created", "completed"], how: str) -> Condition:
        start = self._at
        found = self._take(_UNQUOTED)
        text = _SHIFT.sub(r"\1", " ".join(found[0].split())) if found else ""
        try:
            moment = moments.parse(text)
        except ValueError as error:
            raise self._invalid(str(error), start) from None
        if how == "before":
            return Between(what, before=moment)
        if how == "on":
            if not moment.is_day:
                raise self._invalid("a day, such as friday or 2026-12-01: something is before or after a time", start)
            return Between(what, moment, moment.next_day)
        return Between(what, moment.next_day if moment.is_day else moment)

    def _search(self) -> Condition:
        start = self._at
        text = found[0].strip() if (found := self._take(_SEARCHED)) else ""
        if self._next() == '"':
            raise self._invalid("a second quotation mark to this one")
        if not text:
            raise self._invalid("words to search for after search:", start)
        if len(text) > MAX_SEARCHED:
            raise self._invalid(_SHORTER_SEARCH, start)
        try:
            self._terms += len(terms_of(text))
        except NothingToSearch:
            raise self._invalid("letters, numbers or emoji to search for after search:", start) from None
        except TooManyTerms:
            raise self._invalid(_FEWER_TERMS, start) from None
        if self._terms > MOST_TERMS:
            raise self._invalid(_FEWER_TERMS, start)
        return Words(text)

    def _word(self) -> Condition:
        start = self._at
        word = " ".join(found[0].lower().split()) if (found := self._take(_WORD)) else ""
        if word in CONDITIONS:
            return CONDITIONS[word]
        if word in _DATES or self._take(_DATE_WORD):
            self._next()
            raise self._invalid("before, after or on, as in due before friday")
        if self._take(_NUMBER):
            raise self._invalid("days after the number, as in 7 days")
        raise self._invalid(self._instead(word, start), start)

    def _instead(self, word: str, start: int) -> str:
        """What to write in place of what begins here."""
        if word == "not":
            return "! in place of not, as in !today"
        for said, meant in _INSTEAD:
            if found := said.match(self._text, start):
                return f"a condition. Write {found.expand(meant).lower()}"
        # Comparing takes the square of the length.
        short = len(word) <= len("no priority") + 1
        if alike := get_close_matches(word, [*CONDITIONS, *_DATES], 1, 0.75) if short else []:
            return f"{_CONDITION}. Did you mean {alike[0]}?"
        words = found[0].strip() if (found := _UNQUOTED.match(self._text, start)) else ""
        is_short = 0 < len(words) <= MAX_SHOWN and words.isprintable()
        return f"{_CONDITION}. To search for words, write search:{words if is_short else 'oat milk'}"

    def _next(self) -> str:
        """The next character that is not a space; none at the end."""
        while self._text.startswith(" ", self._at):
            self._at += 1
        return self._text[self._at : self._at + 1]

    def _take(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        """What matches here, which is then behind."""
        found = pattern.match(self._text, self._at)
        if found:
            self._at = found.end()
        return found

    def _stuck(self) -> FilterInvalid:
        """What is wrong where something follows a condition that cannot."""
        following = self._next()
        if following == ")":
            return self._invalid('a "(" somewhere before this ")"')
        if joining := _JOINING.match(self._text, self._at):
            return self._unjoined("", joining[0], self._at)
        quoted = '. A name with one of & | ! ( ) in it is put in quotation marks, as in #"Do it!"'
        return self._invalid(_SIGN + (quoted if following in {"!", "(", '"'} else ""))

    def _unjoined(self, name: str, following: str, position: int) -> FilterInvalid:
        """What is wrong where this follows without a sign, inside a name if that begins with one."""
        word = following.lower().split()[0].rstrip(",") or ","
        meant = {"and": "& in place of and", "or": "| in place of or", "not": "&! in place of not"}.get(word, _SIGN)
        return self._invalid(f"{meant}. {_quoted(name)}" if name else meant, position)

    def _invalid(self, expected: str, position: int | None = None) -> FilterInvalid:
        message = f"Expected {expected}" if expected.endswith("?") else f"Expected {expected}."
        return FilterInvalid(message, position=self._at if position is None else position, where=self._where)

"""The texts of filters, as a function: what they say, and what is told of those that say nothing."""

import json
import time
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doable.errors import FilterInvalid
from doable.tasks.conditions import EACH, Between, Either, Every, In, Named, Not, Words
from doable.tasks.filter_text import is_of_completed, lists_named, parse
from doable.tasks.moments import Moment

TABLE: Final[dict[str, Any]] = json.loads(Path(__file__).with_name("filters.json").read_text(encoding="utf-8"))
ID: Final = "7d444840-9dc0-41d1-b245-5ffdce74fad2"

P1, P2, P3 = (parse(text) for text in ("p1", "p2", "p3"))


def refused(text: str) -> FilterInvalid:
    """The error, which is told at a place in the text or behind it."""
    with pytest.raises(FilterInvalid) as found:
        parse(text, "query", "filter")
    assert found.value.where == ("query", "filter")
    assert 0 <= found.value.details["position"] <= len(text)
    return found.value


@pytest.mark.parametrize(
    ("text", "condition"),
    [
        ("p1 | p2 & p3", Either((P1, Every((P2, P3))))),
        ("(p1 | p2) & p3", Every((Either((P1, P2)), P3))),
        ("!p1 & p2", Every((Not(P1), P2))),
        ("!(p1 & p2)", Not(Every((P1, P2)))),
        ("!!p1", P1),
        ("((p1))", P1),
        ("all", EACH),
        (f"list: {ID.upper()}", In((ID,))),
        ('#"Do  it!"', Named("list", "Do  it!")),
        ('#"The ""old"" house"', Named("list", 'The "old" house')),
        ("#Do  it", Named("list", "Do it")),
        ("#a*", Named("list", "a*")),
        ("@a b*", Named("tag", "a b", is_beginning=True)),
        ('@"a*"', Named("tag", "a*")),
        ('/"a/b #c"', Named("section", "a/b #c")),
        ("#Big shop", Named("list", "Big shop")),
        ("#R and D / C#, 10", Named("list", "R and D / C#, 10")),
        ("#today", Named("list", "today")),
        ('#"Home today and @a"', Named("list", "Home today and @a")),
        ("#Inbox", In(("inbox",))),
        ('#"Inbox"', Named("list", "Inbox")),
        ("/inbox", Named("section", "inbox")),
        ("due\u00a0before\u3000+1m", Between("due", before=Moment("today", 1))),
        ("start after: now", Between("start", Moment("now"))),
        ("created on week - 1w", Between("created", Moment("week", 0, -7), Moment("week", 0, -6))),
        ("due after 2026-12-01T09:00:00+01:00", Between("due", Moment("2026-12-01T08:00:00.000000Z"))),
        ('search: "a & (b" c (d | p1', Either((Words('"a & (b" c (d'), P1))),
        ('search:5" nail', Words('5" nail')),
        ('search:5" nail & search:"6"" pipe"', Every((Words('5" nail'), Words('"6"" pipe"')))),
    ],
)
def test_what_a_text_says(text: str, condition: object) -> None:
    assert parse(text) == condition


@pytest.mark.parametrize(
    "case", [case for case in TABLE["filters"] if "position" in case], ids=lambda case: case["text"]
)
def test_where_a_text_is_wrong(case: dict[str, Any]) -> None:
    assert refused(case["text"]).details["position"] == case["position"]


@pytest.mark.parametrize(("text", "message"), [*((each["text"], each["message"]) for each in TABLE["told"])])
def test_what_is_told(text: str, message: str) -> None:
    assert str(refused(text)) == message


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (f"search:{'a' * 201}", "Expected at most 200 characters to search for."),
        ("today" + " " * 996, "Expected at most 1,000 characters."),
        ("|".join(["p1"] * 51), "Expected at most 50 conditions."),
    ],
)
def test_what_is_told_of_too_much(text: str, message: str) -> None:
    assert str(refused(text)) == message


def test_as_much_as_there_may_be() -> None:
    assert parse("today" + " " * 995) == parse("today")
    assert parse("|".join(["p1"] * 50)) == Either((P1,) * 50)
    assert parse("(" * 10 + "p1" + ")" * 10) == P1
    assert parse(f"search:{'a' * 200}") == Words("a" * 200)


@pytest.mark.parametrize("text", ["completed", "p1 & !cancelled", "completed on today", "!(p1 | completed after +1d)", "p1 & (p2 | all)"])  # fmt: skip
def test_filters_of_completed_tasks(text: str) -> None:
    assert is_of_completed(parse(text))


@pytest.mark.parametrize(
    "text", ["today", "#completed", 'search:"completed"', "!overdue", "created on today", "no time"]
)
def test_filters_of_open_tasks(text: str) -> None:
    assert not is_of_completed(parse(text))


@pytest.mark.parametrize(
    ("text", "lists"),
    [
        ("#a & (p1 | #b) & !#c", (Named("list", "a"), Named("list", "b"))),
        (f"!!list:{ID}", (In((ID,)),)),
        ("!(!#a | p1)", (Named("list", "a"),)),
        ("!(#a | p1)", ()),
        ("inbox | /a | @a", ()),
    ],
)
def test_lists_that_are_named_and_not_left_out(text: str, lists: object) -> None:
    assert lists_named(parse(text)) == lists


HOSTILE: Final = [
    "(" * 1000,
    ")" * 1000,
    "!" * 1000,
    "(" * 10 + "!" * 980 + "p1" + ")" * 8,
    "&" * 1000,
    '"' * 1000,
    '#"' + '""' * 499,
    "#" + "a " * 499,
    "@" + "*" * 999,
    "#a" + ", " * 499,
    "#a" + " and" * 249,
    "#a" + " p1" * 332,
    "#a" + " no" * 332,
    "#a p1" + " " * 994 + "b",
    "a" * 1000,
    "9" * 1000,
    "9 " * 500,
    "no " * 333,
    "no" + " " * 998,
    "due" + " " * 997,
    "due before " + " " * 988 + "x",
    "due before " + "+1" * 494,
    "due before " + "today + 1" * 109,
    "due before 2026-12-01T00:00:00." + "0" * 969,
    "search:" + '" ' * 496,
    "search:" + '"a"' * 331,
    "search: " + "a" * 992,
    "today&" * 166,
    "(p1|" * 250,
    "list:" + "0" * 995,
    "list:" * 200,
    "İ" * 1000,
    "\u00a0" * 1000,
    "p1|" * 1_000_000,
]


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: text[:12])
def test_hostile_texts_are_refused_at_once(text: str) -> None:
    """In processor time, the best of five: the longest takes a twentieth of it."""
    taken = []
    for _ in range(5):
        start = time.thread_time()
        with suppress(FilterInvalid):
            parse(text)
        taken.append(time.thread_time() - start)
    assert min(taken) < 0.01


PIECES: Final = st.sampled_from([
    "&", "|", "!", "(", ")", '"', "#", "/", "@", "*", ":", " ", "  ", "\n", "today", "no", "date", "due", "before", "on", "after",
    "completed", "7", "days", "p1", "all", "list:", ID, "search:", "+1d", "week", "2026-12-01", "now", "é", "📌", "\x00", "-", "+",
])  # fmt: skip


@given(st.lists(PIECES, max_size=20).map("".join) | st.lists(PIECES, max_size=20).map(" ".join) | st.text(max_size=50))
def test_any_text_says_something_or_is_refused_with_a_place(text: str) -> None:
    try:
        condition = parse(text, "query", "filter")
    except FilterInvalid:
        refused(text)
    else:
        assert condition == parse(f" ({text}) ")
        assert parse(f"!({text})") == Not(condition) or isinstance(condition, Not)
        assert is_of_completed(condition) in {True, False}
        assert isinstance(lists_named(condition), tuple)

"""The SQL of conditions: the one place that makes it.

Each condition is true or false of a task and never null, so that its opposite is what it says.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final, Literal, NamedTuple

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    and_,
    bindparam,
    case,
    false,
    literal_column,
    not_,
    or_,
    select,
    true,
)

from doable.database.types import Id, Ids, Instant, Numbers, OrderedText, by_a_set, one_of, place_in
from doable.tasks import dates
from doable.tasks.conditions import (
    Among,
    Between,
    Common,
    Condition,
    Either,
    Every,
    Has,
    Is,
    Listed,
    Not,
    OfPriority,
    Searched,
    Worded,
)
from doable.tasks.filed_under import lists
from doable.tasks.found_by import task_words
from doable.tasks.functions import greatest_of, least_of
from doable.tasks.moments import Moment
from doable.tasks.priorities import WORDS
from doable.tasks.tables import IS_COMPLETED, IS_OPEN, LIST, task_tags, tasks

OWNER_ID: Final = bindparam("owner_id", type_=Id())


class Known(NamedTuple):
    """What is already known of every task on a walk."""

    due: Literal["floats", "zoned", "none"] | None = None
    has_priority: bool | None = None
    is_open: bool = False
    """All that is asked for is. The indexes of open tasks are used in an alternative only if it says so itself."""


NOTHING: Final = Known()

NEVER: Final = false()
ALWAYS: Final = true()


def _all(*parts: ColumnElement[bool]) -> ColumnElement[bool]:
    """As `and_`, which does not say so if it is never true."""
    some = [part for part in parts if part is not ALWAYS]
    return NEVER if any(part is NEVER for part in some) else and_(*some) if some else ALWAYS


def _any(parts: Iterable[ColumnElement[bool]]) -> ColumnElement[bool]:
    some = [part for part in parts if part is not NEVER]
    return ALWAYS if any(part is ALWAYS for part in some) else or_(*some) if some else NEVER


def sql(shape: Condition, known: Known = NOTHING) -> ColumnElement[bool]:
    """What a row of `tasks` must be; `false()` if that is none that is known so."""
    match shape:
        case Every(parts):
            return _all(*(sql(each, known) for each in parts))
        case Either(parts):
            some = [each for each in parts if sql(each, known) is not NEVER]
            found, hull = _any(sql(each, known) for each in some), [*_hull(some, known)]
            # Of what a planner sees, it would rather make sets, and sort them.
            return _all(_hidden(found), *hull) if hull else found
        case Not(inner):
            opposite = sql(inner, known)
            return ALWAYS if opposite is NEVER else NEVER if opposite is ALWAYS else not_(opposite)
    return _leaf(shape, known)


def _leaf(shape: Condition, known: Known) -> ColumnElement[bool]:  # noqa: PLR0911 - one for each kind
    match shape:
        case Is(what):
            return _is(what, known)
        case Has(what):
            return _has(what, known)
        case OfPriority(words):
            return _of_priority([*words], known)
        case Among():
            return _is_among(shape)
        case Worded():
            return _is_found(shape)
        case Listed(parameter):
            return one_of(tasks.c.sequence, bindparam(parameter, type_=Numbers()))
        case Common(condition):
            return _is_there(condition, known)
        case Between(what, since, before):
            return _between(what, since, before, known)
    raise TypeError(shape)


def is_of_tag(tag: Among) -> ColumnElement[bool]:
    """What a row of `task_tags` must be."""
    return and_(task_tags.c.owner_id == OWNER_ID, _is_one(task_tags.c.tag, tag, BigInteger, Numbers))


def _is_found(worded: Worded) -> ColumnElement[bool]:
    # True and not just so, which hides from planners that it is a join: they take all words for likely, and would look up
    # those of each task by itself, along the whole account.
    return tasks.c.sequence.in_(select(task_words.c.sequence).where(has_words(worded))).is_(true())


def has_words(worded: Worded) -> ColumnElement[bool]:
    """What a row of `task_words` must be."""
    # As a case, of which PostgreSQL thinks that half of the rows are it. It would think of each term that it is in a third of
    # them, so that three are rare, and sort all where it might walk.
    return and_(task_words.c.owner_id == OWNER_ID, _hidden(_words_are(worded.condition)))


def _words_are(condition: Condition) -> ColumnElement[bool]:
    match condition:
        case Every(parts):
            return and_(*map(_words_are, parts))
        case Either(parts):
            return or_(*map(_words_are, parts))
        case Not(inner):
            return not_(_words_are(inner))
        case Searched(_, several, parameter):
            terms = [bindparam(f"{parameter}_{number}", type_=OrderedText()) for number in range(several)]
            return and_(*(place_in(task_words.c.words, term) > literal_column("0") for term in terms))
    raise TypeError(condition)


def _hidden(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    """The same, for which no planner uses an index."""
    return condition if condition is NEVER or condition is ALWAYS else case((condition, true()), else_=false())


_ONE: Final = literal_column("1", BigInteger())


def _is_there(common: Condition, known: Known) -> ColumnElement[bool]:
    """Of the one task that a walk comes by."""
    match common:
        case Worded():
            table, of_it = task_words, has_words(common)
        case Among():
            table, of_it = task_tags, is_of_tag(common)
        case Between("completed"):
            return _all(IS_COMPLETED, _hidden(_leaf(common, known)))
        case _:
            return _hidden(_leaf(common, known))
    # A number and no EXISTS, of which PostgreSQL would make a join with all that there are.
    found = select(_ONE).where(of_it, table.c.sequence == tasks.c.sequence).limit(_ONE)
    return found.correlate(tasks).scalar_subquery().is_not(None)


def _is_among(among: Among) -> ColumnElement[bool]:
    match among.what:
        case "tag":
            is_there = tasks.c.sequence.in_(select(task_tags.c.sequence).where(is_of_tag(among)))
            # Of several tags, PostgreSQL takes one row for likely as long as it knows nothing of an account.
            return is_there if among.is_single else by_a_set(is_there)
        case "list":
            return _is_one(LIST, among, Id, Ids)
    column = tasks.c[f"{among.what}_id"]
    return _all(column.is_not(None), _is_one(column, among, Id, Ids))


def _is_one(column: ColumnElement[Any], among: Among, one: type[Any], several: type[Any]) -> ColumnElement[bool]:
    if among.is_single:
        return column == bindparam(among.parameter, type_=one())
    return one_of(column, bindparam(among.parameter, type_=several()))


def _is(what: str, known: Known) -> ColumnElement[bool]:
    match what:
        case "completed":
            return tasks.c.completed_at.is_not(None)
        case "cancelled":
            return _all(tasks.c.completed_at.is_not(None), tasks.c.is_cancelled == literal_column("1"))
        case "archived":
            return LIST.in_(
                select(lists.c.id).where(lists.c.owner_id == OWNER_ID, lists.c.is_archived == literal_column("1"))
            )
        case "recurring":
            # Said as the index of series says it: few tasks are of one.
            return _all(IS_OPEN, tasks.c.series_id.is_not(None), tasks.c.recurrence.is_not(None))
        case "available":
            return _any([tasks.c.start_local.is_(None), _has_come("start", known)])
    return _all(IS_OPEN, _has_come("due", known._replace(is_open=True)))


def _has(what: str, known: Known) -> ColumnElement[bool]:
    match what:
        case "due" | "start":
            if what == "due" and known.due is not None:
                return NEVER if known.due == "none" else ALWAYS
            return tasks.c[f"{what}_local"].is_not(None)
        case "time":
            return _all(tasks.c.due_local.is_not(None), tasks.c.due_local.not_like(f"%{dates.WHOLE_DAY}"))
        case "priority":
            return tasks.c.priority > literal_column("0")
        case "tags":
            return tasks.c.tags.is_not(None)
    return tasks.c[f"{what}_id"].is_not(None)


def _of_priority(words: list[str], known: Known) -> ColumnElement[bool]:
    if known.has_priority is not None:
        words = [word for word in words if (word != "none") is known.has_priority]
    numbers = [number for number, word in enumerate(WORDS) if word in words]
    if not numbers:
        return NEVER
    ranges = [
        _all(tasks.c.priority >= literal_column(f"{first}"), tasks.c.priority <= literal_column(f"{last}"))
        for first, last in _ranges(numbers)
    ]
    # Said as the index says it, if that can be.
    return _all(tasks.c.priority > literal_column("0") if numbers[0] else ALWAYS, _any(ranges))


def _ranges(numbers: list[int]) -> Iterator[tuple[int, int]]:
    first = last = numbers[0]
    for number in numbers[1:]:
        if number != last + 1:
            yield first, last
            first = number
        last = number
    yield first, last


def _between(what: str, since: Moment | None, before: Moment | None, known: Known) -> ColumnElement[bool]:
    def bounds(column: ColumnElement[Any], suffix: str) -> Iterator[ColumnElement[bool]]:
        for bound, name in ((since, "since"), (before, "before")):
            if bound is not None:
                value = bindparam(f"{bound.base}_{name}_{suffix}", type_=column.type)
                yield column >= value if name == "since" else column < value

    if what in {"due", "start"}:
        return _at(what, known, *(_all(*bounds(tasks.c[f"{what}_{suffix}"], suffix)) for suffix in ("local", "at")))
    column = tasks.c[f"{what}_at"]
    return _all(column.is_not(None), *bounds(column, "at"))


def _hull(parts: Sequence[Condition], known: Known) -> Iterator[ColumnElement[bool]]:
    """On a walk along dates what alternatives have in common: nothing is due before the first of them, or after the last one.

    No database sees it by itself: the walk would begin at the oldest date, and go on to the last one.
    """
    if known.due not in {"floats", "zoned"} or len(parts) == 1:
        return
    suffix = "local" if known.due == "floats" else "at"
    column = tasks.c[f"due_{suffix}"]
    for which in ("since", "before"):
        if bounds := [bindparam(f"{name}_{suffix}", type_=column.type) for name in _bounds(parts, which)]:
            yield column >= least_of(*bounds) if which == "since" else column <= greatest_of(*bounds)


def is_bounded_by_due(condition: Condition) -> bool:
    """Whether it has a first or a last date, so that a walk along dates does not come by all of them."""
    return bool(_bound(condition, "since") or _bound(condition, "before"))


def _bounds(parts: Sequence[Condition], which: str) -> list[str]:
    """The parameters of one bound of each, without what they end with; none if one of them has none."""
    found = [_bound(each, which) for each in parts]
    return [each for bounds in found for each in bounds] if all(found) else []


def _bound(condition: Condition, which: str) -> list[str]:
    match condition:
        case Every(parts):
            return next((found for each in parts if (found := _bound(each, which))), [])
        case Either(parts):
            return _bounds(parts, which)
        case Is("overdue") if which == "before":
            return ["now"]
        case Between("due", since, before) if moment := since if which == "since" else before:
            return [f"{moment.base}_{which}"]
    return []


def _has_come(what: str, known: Known) -> ColumnElement[bool]:
    return _at(
        what,
        known,
        tasks.c[f"{what}_local"] <= bindparam("now_local", type_=OrderedText()),
        tasks.c[f"{what}_at"] <= bindparam("now_at", type_=Instant()),
    )


FLOATS: Final = _all(tasks.c.due_local.is_not(None), tasks.c.due_at.is_(None))
ZONED: Final = tasks.c.due_at.is_not(None)
"""As the two indexes have them: whole days and times that float, and instants in a zone."""


def _at(what: str, known: Known, local: ColumnElement[bool], at: ColumnElement[bool]) -> ColumnElement[bool]:
    """Local times are compared as such, and instants as instants."""
    if what == "due" and known.due is not None:
        return {"floats": local, "zoned": at, "none": NEVER}[known.due]
    is_there, is_zoned = tasks.c[f"{what}_local"].is_not(None), tasks.c[f"{what}_at"].is_not(None)
    is_open = IS_OPEN if known.is_open else ALWAYS
    return _any([_all(is_open, is_there, ~is_zoned, local), _all(is_open, is_zoned, at)])

"""The SQL of conditions: the one place that makes it.

Each condition is true or false of a task and never null, so that its opposite is what it says.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, Literal, NamedTuple

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    and_,
    bindparam,
    case,
    false,
    func,
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
    In,
    Is,
    Listed,
    Named,
    Not,
    Of,
    OfPriority,
    Searched,
    Words,
)
from doable.tasks.filed_under import lists
from doable.tasks.found_by import task_words
from doable.tasks.moments import Moment
from doable.tasks.priorities import WORDS
from doable.tasks.tables import IS_OPEN, LIST, task_tags, tasks
from doable.tasks.words import MOST_TERMS, terms_of

OWNER_ID: Final = bindparam("owner_id", type_=Id())

SEVERAL: Final = (1, 3, MOST_TERMS, 2 * MOST_TERMS, 3 * MOST_TERMS)
"""How many terms a statement may have parameters for: the most are those of `q`, a filter and a saved one.

Those that are too many repeat the last one."""

Leaf = Among | Between | Searched


class Selection(NamedTuple):
    """A tree in the form that its statement is made of, and what it is asked with."""

    shape: Condition
    """In one order, and with the names of parameters in place of constants."""
    leaves: Mapping[str, Leaf]
    """What the constants are in, by those names."""


class Known(NamedTuple):
    """What is already known of every task on a walk."""

    due: Literal["floats", "zoned", "none"] | None = None
    has_priority: bool | None = None
    is_open: bool = False
    """All that is asked for is. The indexes of open tasks are used in an alternative only if it says so itself."""


def selection_of(condition: Condition) -> Selection:
    """The tree without its constants. Raises NothingToSearch and TooManyTerms."""
    leaves: dict[str, Leaf] = {}
    return Selection(_numbered(_canonical(condition), leaves), leaves)


def conjuncts(condition: Condition) -> tuple[Condition, ...]:
    """What must all be true."""
    return condition.conditions if isinstance(condition, Every) else (condition,)


def _canonical(condition: Condition) -> Condition:
    """The same in one form, however it was written."""
    match condition:
        case Every(parts) | Either(parts):
            return _joined(type(condition), parts)
        case Not(Not(inner)):
            return _canonical(inner)
        case Not(inner):
            return Not(_canonical(inner))
        case In() | Of() | Named():
            return _among(condition)
        case Words(text):
            return _searched(terms_of(text))
    return condition


def _searched(terms: Iterable[str]) -> Searched:
    # The longest is the rarest: a database looks for the next one only where it has found this one.
    ordered = tuple(sorted(set(terms), key=lambda term: (-len(term), term)))
    return Searched(ordered, min(each for each in SEVERAL if each >= len(ordered)))


def _among(condition: In | Of | Named) -> Among:
    match condition:
        case In(ids):
            return Among("list", (condition,), is_single=len(ids) == 1)
        case Of(what):
            return Among(what, (condition,), is_single=True)
    # There may be several lists of one name.
    return Among(condition.what, (condition,), is_single=condition.what == "tag" and not condition.is_beginning)


def _joined(kind: type[Every | Either], parts: tuple[Condition, ...]) -> Condition:
    found: dict[Condition, None] = {}
    among: dict[str, list[Among]] = {}
    terms: list[str] = []
    for part in map(_canonical, parts):
        for each in part.conditions if isinstance(part, kind) else (part,):
            if kind is Either and isinstance(each, Among):
                among.setdefault(each.what, []).append(each)
            elif kind is Every and isinstance(each, Searched):
                terms += each.terms
            else:
                found[each] = None
    for some in among.values():
        found[_one_of(some)] = None
    if terms:
        found[_searched(terms)] = None
    if len(found) == 1:
        return next(iter(found))
    # By shape first, so that the order in which somebody wrote them makes no other statement.
    return kind(tuple(sorted(found, key=lambda each: (repr(_numbered(each)), repr(each)))))


def _one_of(some: list[Among]) -> Among:
    of = tuple(sorted({each for among in some for each in among.of}, key=repr))
    return Among(some[0].what, of, is_single=some[0].is_single and len(of) == 1)


def _numbered(condition: Condition, leaves: dict[str, Leaf] | None = None) -> Condition:
    """The shape; with `leaves`, in which they are put, each of its parameters has a name of its own."""
    match condition:
        case Every(parts) | Either(parts):
            return type(condition)(tuple(_numbered(each, leaves) for each in parts))
        case Not(inner):
            return Not(_numbered(inner, leaves))
        case Among() | Between() | Searched():
            name = f"p{len(leaves or ())}"
            if leaves is not None:
                leaves[name] = condition
            if isinstance(condition, Among):
                return Among(condition.what, (), condition.is_single, name)
            if isinstance(condition, Searched):
                return Searched((), condition.several, name)
            return Between(condition.what, condition.since and Moment(name), condition.before and Moment(name))
    return condition


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
            return _any(sql(each, known) for each in parts)
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
        case Searched():
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


_ONE: Final = literal_column("1", BigInteger())


def _is_found(searched: Searched) -> ColumnElement[bool]:
    # True and not just so, which hides from planners that it is a join: they take all words for likely, and would look up
    # those of each task by itself, along the whole account.
    return tasks.c.sequence.in_(select(task_words.c.sequence).where(has_words(searched))).is_(true())


def _is_there(common: Among | Between | Searched, known: Known) -> ColumnElement[bool]:
    """Of the one task that a walk comes by."""
    match common:
        case Between(what, since, before):
            # For its index, a planner would sort.
            return _between(what, since, before, known, is_hidden=True)
        case Searched():
            table, of_it = task_words, has_words(common)
        case Among():
            table, of_it = task_tags, is_of_tag(common)
    # A number and no EXISTS, of which PostgreSQL would make a join with all that there are.
    found = select(literal_column("1", BigInteger())).where(of_it, table.c.sequence == tasks.c.sequence).limit(_ONE)
    return found.correlate(tasks).scalar_subquery().is_not(None)


def has_words(searched: Searched) -> ColumnElement[bool]:
    """What a row of `task_words` must be."""
    terms = [bindparam(f"{searched.parameter}_{number}", type_=OrderedText()) for number in range(searched.several)]
    are_there = and_(*(place_in(task_words.c.words, term) > literal_column("0") for term in terms))
    # As a case, of which PostgreSQL thinks that half of the rows are it. It would think of each term that it is in a third of
    # them, so that three are rare, and sort all where it might walk.
    return and_(task_words.c.owner_id == OWNER_ID, case((are_there, true()), else_=false()))


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


def _between(
    what: str, since: Moment | None, before: Moment | None, known: Known, *, is_hidden: bool = False
) -> ColumnElement[bool]:
    def bounds(column: ColumnElement[Any], suffix: str) -> Iterator[ColumnElement[bool]]:
        for bound, name in ((since, "since"), (before, "before")):
            if bound is not None:
                value = bindparam(f"{bound.base}_{name}_{suffix}", type_=column.type)
                yield column >= value if name == "since" else column < value

    if what in {"due", "start"}:
        return _at(what, known, *(_all(*bounds(tasks.c[f"{what}_{suffix}"], suffix)) for suffix in ("local", "at")))
    column = tasks.c[f"{what}_at"]
    compared = func.coalesce(column, column, type_=column.type) if is_hidden else column
    return _all(column.is_not(None), *bounds(compared, "at"))


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

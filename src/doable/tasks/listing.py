"""Pages of one owner's tasks: the SQL of which they are, in which order, and from where on."""

from collections.abc import Callable, Hashable, Iterator, Sequence
from functools import lru_cache, partial
from typing import Any, Final, NamedTuple, Protocol, TypeVar

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    FromClause,
    Select,
    Table,
    and_,
    bindparam,
    func,
    literal_column,
    select,
    true,
    union_all,
)
from sqlalchemy.sql.util import ClauseAdapter

from doable.database import Statement
from doable.database.types import Ids, Instant, one_of, unseen
from doable.owned.owners import THIS_OWNER
from doable.owned.tables import owners, sent
from doable.tasks.conditions import (
    EACH,
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
    Worded,
)
from doable.tasks.filed_under import lists, sections
from doable.tasks.found_by import task_words
from doable.tasks.orders import ORDERS, Key, Sort, is_after
from doable.tasks.selecting import (
    NOTHING,
    OWNER_ID,
    Known,
    has_words,
    is_of_tag,
    sql,
)
from doable.tasks.shapes import conjuncts
from doable.tasks.tables import IS_COMPLETED, IS_OPEN, READ, task_tags, tasks

INBOX: Final = "inbox"
NONE: Final = "none"

FORMS: Final = 500
"""How many statements are kept of each kind. Whoever asks in ever new forms has them compiled again, a millisecond or two each."""

LARGE: Final = 8
"""A question of so many conditions takes two milliseconds to become a statement, one of the fifty of a filter ten and more."""

LARGE_FORMS: Final = 32
"""How many are kept of what is larger, of plans and of each kind of statements: each takes up to 30 KB."""

K_contra = TypeVar("K_contra", bound=Hashable, contravariant=True)
T_co = TypeVar("T_co", covariant=True)


class Listing(NamedTuple):
    """What is asked for, whatever the page."""

    condition: Condition = EACH
    sort: Sort = "-created_at"
    timezone: str | None = None
    """In place of that of the preferences."""
    named: tuple[tuple[str, frozenset[str]], ...] = ()
    """The ids that must be the owner's, by the names of their parameters."""


class Form(NamedTuple):
    """What a statement depends on. Everything else is a parameter of it."""

    shape: Condition = EACH
    sort: Sort = "-created_at"
    walk: int = 0
    continues: bool = False
    """Whether it begins after a cursor."""
    is_walk: bool = False
    """Whether it reads little more than the page, along an index."""


def is_large(condition: Condition) -> bool:
    """Whether it takes some milliseconds to plan it and to make a statement of it."""
    return _size(condition) > LARGE


def _size(condition: Condition) -> int:
    while isinstance(condition, Not):
        condition = condition.condition
    return sum(map(_size, condition.conditions)) if isinstance(condition, _SEVERAL) else 1


_SEVERAL: Final = (Every, Either)


class Maker(Protocol[K_contra, T_co]):
    """Makes it, or has it from before; `large` is what `is_large` says of the question."""

    def __call__(self, of: K_contra, /, *, large: bool = False) -> T_co: ...


def kept(most: int) -> Callable[[Callable[[K_contra], T_co]], Maker[K_contra, T_co]]:
    """Keeps what was made so often, but of large questions only LARGE_FORMS."""

    def keep(make: Callable[[K_contra], T_co]) -> Maker[K_contra, T_co]:
        small, of_large = lru_cache(most)(make), lru_cache(LARGE_FORMS)(make)

        def kept(of: K_contra, /, *, large: bool = False) -> T_co:
            return (of_large if large else small)(of)

        return kept

    return keep


_SIZE: Final = select(owners.c.tasks.label("total")).where(THIS_OWNER)
SIZE: Final = Statement(_SIZE)


@kept(FORMS)
def page_of(form: Form) -> Statement[Sequence[Any]]:
    """The statement of a page: rows of READ, and the number of all tasks where nothing filters, from one snapshot."""
    return Statement(partial(_page, form), _as_it_is)


def _page(form: Form) -> Select[Any]:
    total = _SIZE.scalar_subquery() if form.shape == EACH else literal_column("NULL", BigInteger())
    columns: tuple[ColumnElement[Any], ...] = (*READ, total.label("total"))
    offset: Any = bindparam("offset", type_=BigInteger())
    if not (_is_sorted(form) or _is_halved(form)):
        page = _walked(form, *columns)
        over = walked_over(form.shape, form.sort)
        is_of_tag = isinstance(over, Among) and {*conjuncts(form.shape)} <= {over, *USUAL}
        if not (form.is_walk or is_of_tag):
            return page.offset(offset)
        return page.limit(unseen(bindparam("limit", type_=BigInteger()))).offset(unseen(offset))
    # What is read of a task is made before PostgreSQL sorts, and takes more time than all else: so of those of the page alone.
    found = _walked(form, tasks.c.owner_id, tasks.c.sequence).offset(offset).subquery("found")
    # The owner of what was found, not the parameter: by that, SQLite would walk over all tasks to look for these.
    these = found.join(tasks, and_(tasks.c.owner_id == found.c.owner_id, tasks.c.sequence == found.c.sequence))
    keys = ORDERS[form.sort].walks[form.walk].keys
    return select(*columns).select_from(these).order_by(*map(_direction, keys))


def _is_sorted(form: Form) -> bool:
    """Whether no index has it in its order, and there may be much of it."""
    parts = conjuncts(form.shape)
    if walked_over(form.shape, form.sort) or any(isinstance(each, Among) and each.what == "parent" for each in parts):
        return False
    return is_found_otherwise(form.shape, form.sort)


def _is_halved(form: Form) -> bool:
    """Whether it is found along two indexes of one order, of open tasks and of completed ones."""
    return (
        ORDERS[form.sort].walks[form.walk].is_halved
        and state_of(form.shape) is None
        and not any(
            each == Is("overdue") or (isinstance(each, Common) and isinstance(each.condition, Between))
            for each in conjuncts(form.shape)
        )
        and not is_found_otherwise(form.shape, form.sort)
    )


def _direction(key: Key) -> ColumnElement[Any]:
    return key.column.desc() if key.is_descending else key.column


@kept(FORMS)
def keys_of(form: Form) -> Statement[Sequence[Any]]:
    """The statement of the first keys of a walk, as a cursor has them."""
    return Statement(partial(_first_keys, form), _as_it_is)


def _first_keys(form: Form) -> Select[Any]:
    columns = [key.column for key in ORDERS[form.sort].walks[form.walk].keys]
    return _walked(
        form, *(sent(each) if isinstance(each, Column) and isinstance(each.type, Instant) else each for each in columns)
    )


def _as_it_is(values: Sequence[Any]) -> Sequence[Any]:
    return values


def _walked(form: Form, *columns: ColumnElement[Any]) -> Select[Any]:
    walk = ORDERS[form.sort].walks[form.walk]
    limit = bindparam("limit", type_=BigInteger())
    source, where = _selected(form.shape, walked_over(form.shape, form.sort), walk.known)
    keys = [*_keys(form, walk.keys)]
    where += [*walk.where, *([is_after(keys)] if form.continues else [])]
    directions = [*map(_direction, keys)]
    if not _is_halved(form):
        return select(*columns).select_from(source).where(*where).order_by(*directions).limit(limit)
    read = [tasks.c.owner_id, tasks.c.sequence, *(key.column for key in keys if key.column is not tasks.c.sequence)]
    firsts = (
        select(*read).where(*where, half).order_by(*directions).limit(limit).subquery().select()
        for half in (IS_OPEN, IS_COMPLETED)
    )
    halves = union_all(*firsts).subquery("halves")
    of_halves = ClauseAdapter(halves).traverse
    return select(*map(of_halves, columns)).order_by(*map(of_halves, directions)).limit(limit)


@kept(FORMS)
def count_of(shape: Condition) -> Statement:
    """The statement of how many there are."""
    return Statement(partial(_count, shape))


def _count(shape: Condition) -> Select[Any]:
    source, where = _selected(shape, None, NOTHING)
    return select(func.count().label("total")).select_from(source).where(*where)


def walked_over(shape: Condition, sort: Sort) -> Among | Worded | None:
    """The tag whose tasks are walked over, or what is searched for along the words of all tasks: in the order that they have there.

    All that is asked for must have it.
    """
    if sort not in {"-created_at", "created_at"}:
        return None
    parts = conjuncts(shape)
    tags = (each for each in parts if isinstance(each, Among) and each.what == "tag" and each.is_single)
    # Beside what few tasks are, a common word would have each of those looked up that have it.
    words = (each for each in parts if isinstance(each, Worded) and {*parts} <= {each, *USUAL})
    return next(tags, None) or next(words, None)


USUAL: Final = {Is("completed"), Not(Is("completed")), Not(Is("archived"))}
"""What many tasks are, and hardly anything is asked for without."""


def _selected(
    shape: Condition, over: Among | Worded | None, known: Known
) -> tuple[FromClause, list[ColumnElement[bool]]]:
    parts = conjuncts(shape)
    known = known._replace(is_open=state_of(shape) is False)
    where = [sql(each, known) for each in parts if each is not over]
    is_own = tasks.c.owner_id == OWNER_ID
    if over is None:
        return tasks, [is_own, *where]
    table, of_it = _table_of(over)
    sequence: ColumnElement[int] = table.c.sequence
    if isinstance(over, Worded):
        # So that it can be looked up in one direction only. A planner that knows nothing of new words would rather go along
        # the tasks, and look up the words of each.
        sequence += literal_column("0")
        # And so that no index is there for what else is asked for: for each task of it, all words would be gone through.
        where = [and_(*where, true()).is_(true())] if where else []
    is_same = and_(tasks.c.owner_id == table.c.owner_id, tasks.c.sequence == sequence)
    return table.join(tasks, is_same), [is_own, *where, of_it]


def _table_of(over: Among | Worded) -> tuple[Table, ColumnElement[bool]]:
    if isinstance(over, Worded):
        return task_words, has_words(over)
    return task_tags, is_of_tag(over)


def _keys(form: Form, keys: Sequence[Key]) -> Iterator[Key]:
    first, *rest = keys
    over = walked_over(form.shape, form.sort)
    if over is not None:
        yield first._replace(column=_table_of(over)[0].c.sequence)
    elif is_found_otherwise(form.shape, form.sort):
        # There is an index for what is asked for. For the one of the order, a planner would walk over the whole account.
        yield first._replace(column=func.coalesce(first.column, first.column, type_=first.column.type))
    else:
        yield first
    yield from rest


def is_found_otherwise(shape: Condition, sort: Sort) -> bool:
    """Whether there is another index for what is asked for than that of the order."""
    own = ORDERS[sort].first
    return own != "place" and any(found not in {None, own} for found in _indexes(shape))


def _indexes(shape: Condition) -> Iterator[str | None]:
    """By which index each of what must be true may be found."""
    is_open = state_of(shape) is False
    for each in conjuncts(shape):
        match each:
            case Among("parent" | "series" | "tag"):
                yield each.what
            case Listed():
                yield "sequence"
            case Among("list") if is_open:
                yield "place"
            case Is("overdue" | "recurring"):
                yield "due" if each.what == "overdue" else "series"
            case Between("due") if is_open:
                yield "due"
            case Between("completed"):
                yield "completed"
            case OfPriority(words) if is_open and "none" not in words:
                yield "priority"
            case Has("priority") if is_open:
                yield "priority"
            case _:
                yield None


def state_of(shape: Condition) -> bool | None:
    """Whether all that is asked for is complete, or all is open."""
    parts = conjuncts(shape)
    return True if Is("completed") in parts else False if Not(Is("completed")) in parts else None


def _own(table: Table) -> Statement:
    """The statement that looks which of some ids the owner has."""
    return Statement(
        select(table.c.id).where(table.c.owner_id == OWNER_ID, one_of(table.c.id, bindparam("ids", type_=Ids())))
    )


OWN: Final = {"list": _own(lists), "section": _own(sections), "parent": _own(tasks)}

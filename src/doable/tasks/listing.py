"""Pages of one owner's tasks: the SQL of which they are, in which order, and from where on."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from hashlib import blake2b
from typing import Any, Final, Literal, NamedTuple

from sqlalchemy import BigInteger, ColumnElement, Table, and_, bindparam, func, literal_column, or_, select

from doable.database import Statement
from doable.database.types import Id
from doable.errors import SortNeeds
from doable.owned.owners import THIS_OWNER
from doable.owned.tables import owners
from doable.tasks import cursors
from doable.tasks.filed_under import lists, sections
from doable.tasks.found_by import filters
from doable.tasks.tables import IS_OPEN, LIST, PLACE, READ, as_sent, tasks

Sort = Literal["-created_at", "created_at", "-updated_at", "updated_at", "position", "-completed_at"]

INBOX: Final = "inbox"
NONE: Final = "none"

SEVERAL: Final = (1, 8, 100)
"""How many ids a statement may have parameters for. Those that are too many repeat the last one."""


def least_of(count: int) -> int:
    """The least number of parameters that is enough for so many ids; no request has more than 100 parameters."""
    return next(each for each in (0, *SEVERAL) if each >= count)


class Listing(NamedTuple):
    """What is asked for, whatever the page."""

    completed: bool | None = None
    lists: tuple[str, ...] = ()
    """Ids, and `inbox`; each once and in order, so that the same question is the same listing."""
    section: str | None = None
    """An id or `none`, as is the parent."""
    parent: str | None = None
    sort: Sort = "-created_at"


class Key(NamedTuple):
    """A part of an order."""

    column: ColumnElement[Any]
    of: Callable[[Sequence[Any]], Any]
    """Its value in a row of READ, as a cursor has it."""
    read: Callable[[Any], Any]
    """The parameter for such a value. Raises ValueError for what no row has."""


def column_of(name: str) -> int:
    """Where READ has the column."""
    return [column.key for column in READ].index(name)


def _value(name: str) -> Callable[[Sequence[Any]], Any]:
    place = column_of(name)
    return lambda row: row[place]


_SEQUENCE: Final = Key(tasks.c.sequence, _value("sequence"), cursors.whole_number)
_REVISION: Final = Key(tasks.c.revision, _value("revision"), cursors.whole_number)
_COMPLETED_AT: Final = Key(tasks.c.completed_at, _value("completed_at"), cursors.instant)
_PLACE: Final = Key(PLACE, lambda row: as_sent(row[:-1])["position"], cursors.position)

# Each of them is total: sequences and revisions are never the same for two tasks of one owner.
ORDERS: Final[Mapping[Sort, tuple[Key, ...]]] = {
    "-created_at": (_SEQUENCE,),
    "created_at": (_SEQUENCE,),
    "-updated_at": (_REVISION,),
    "updated_at": (_REVISION,),
    "position": (_PLACE, _SEQUENCE),
    "-completed_at": (_COMPLETED_AT, _SEQUENCE),
}


class Form(NamedTuple):
    """What a statement depends on. Everything else is a parameter of it."""

    completed: bool | None = None
    lists: int = 0
    """How many parameters it has for them."""
    section: bool | None = None
    """Whether there is one; None if that makes no difference. So with the parent."""
    parent: bool | None = None
    sort: Sort = "-created_at"
    continues: bool = False
    """Whether it begins after a cursor."""

    @property
    def is_walk(self) -> bool:
        """Whether it reads little more than the page: along an index, or all children of one task, which are 500 at most."""
        if self.parent:
            return True
        filters = self[:4]
        return (
            filters == (None, 0, None, None)
            or (filters == (False, 1, None, None) and self.sort == "position")
            or (filters == (True, 0, None, None) and self.sort == "-completed_at")
        )


_SIZE: Final = select(owners.c.tasks.label("total")).where(THIS_OWNER)
SIZE: Final = Statement(_SIZE)


@cache
def page_of(form: Form) -> Statement[Sequence[Any]]:
    """The statement of a page: rows of READ, and the number of all tasks where nothing filters, from one snapshot."""
    keys, is_descending = [key.column for key in ORDERS[form.sort]], form.sort.startswith("-")
    where = list(_conditions(form))
    if form.continues:
        where.append(_is_after(keys, is_descending=is_descending))
    if form.sort != "position" and (form.parent or (form.lists and form.completed is False)):
        # There is an index for what is asked for. For the one of the order, a planner would walk over the whole account.
        keys[0] = func.coalesce(keys[0], keys[0], type_=keys[0].type)
    total = _SIZE.scalar_subquery() if form[:4] == (None, 0, None, None) else literal_column("NULL", BigInteger())
    return Statement(
        select(*READ, total.label("total"))
        .where(*where)
        .order_by(*(key.desc() if is_descending else key for key in keys))
        .limit(bindparam("limit", type_=BigInteger()))
        .offset(bindparam("offset", type_=BigInteger())),
        lambda values: values,
    )


@cache
def count_of(form: Form) -> Statement:
    """The statement of how many there are."""
    return Statement(select(func.count().label("total")).select_from(tasks).where(*_conditions(form)))


def _conditions(form: Form) -> Iterator[ColumnElement[bool]]:
    yield tasks.c.owner_id == bindparam("owner_id")
    if form.completed is not None:
        yield tasks.c.completed_at.is_not(None) if form.completed else IS_OPEN
    if form.lists:
        places = [bindparam(f"list_{number}", type_=Id()) for number in range(form.lists)]
        yield places[0] == LIST if form.lists == 1 else LIST.in_(places)
    for column, is_there in ((tasks.c.section_id, form.section), (tasks.c.parent_id, form.parent)):
        if is_there is not None:
            yield column == bindparam(column.key, type_=Id()) if is_there else column.is_(None)


def _is_after(keys: Sequence[ColumnElement[Any]], *, is_descending: bool) -> ColumnElement[bool]:
    first, *rest = (
        (key < after if is_descending else key > after, key <= after if is_descending else key >= after)
        for number, key in enumerate(keys)
        for after in [bindparam(f"after_{number}", type_=key.type)]
    )
    # The first one alone bounds an index.
    return and_(first[1], or_(first[0], rest[0][0])) if rest else first[0]


def _own(table: Table) -> dict[int, Statement]:
    """The statements that look which of so many ids the owner has."""
    return {
        several: Statement(
            select(table.c.id).where(
                table.c.owner_id == bindparam("owner_id"),
                table.c.id.in_([bindparam(f"id_{number}", type_=Id()) for number in range(several)]),
            )
        )
        for several in SEVERAL
    }


OWN: Final = {"list": _own(lists), "section": _own(sections), "parent": _own(tasks), "filter": _own(filters)}


@dataclass(frozen=True, slots=True)
class Plan:
    """How a listing is read."""

    form: Form
    keys: tuple[Key, ...]
    is_whole: bool
    """Whether nothing filters."""
    parameters: Mapping[str, str]
    named: tuple[tuple[str, frozenset[str]], ...]
    """The ids that it names, by the names of their parameters in a query."""
    digest: str
    """Of the listing, for its cursors."""


@lru_cache(1024)
def plan_of(listing: Listing) -> Plan:
    """Raises SortNeeds for an order that the listing does not have."""
    completed, wanted, section, parent, sort = listing
    has_place = len(wanted) == 1 or parent not in {None, NONE}
    if (sort == "position" and not has_place) or (sort == "-completed_at" and completed is not True):
        raise SortNeeds
    several = least_of(len(wanted))
    form = Form(
        completed,
        several,
        None if section is None else section != NONE,
        None if parent is None else parent != NONE,
        sort,
    )
    parameters = {f"list_{number}": wanted[min(number, len(wanted) - 1)] for number in range(several)}
    parameters |= {name: id_ for name, id_ in (("section_id", section), ("parent_id", parent)) if id_ is not None}
    named = (("list", {*wanted} - {INBOX}), ("section", {section} - {None, NONE}), ("parent", {parent} - {None, NONE}))
    return Plan(
        form,
        ORDERS[sort],
        listing[:4] == Listing()[:4],
        parameters,
        tuple((name, frozenset(str(id_) for id_ in ids)) for name, ids in named if ids),
        blake2b(repr(listing).encode(), digest_size=6).hexdigest(),
    )

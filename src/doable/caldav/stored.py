"""The SQL of reading collections and what is in them. Every statement names the owner; the owner's id is the inbox."""

from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    ScalarSelect,
    Select,
    Table,
    Text,
    and_,
    bindparam,
    cast,
    func,
    literal_column,
    null,
    or_,
    select,
    union_all,
)

from doable.database import Statement
from doable.database.types import Id, Ids, Instant, Texts, one_of, unseen
from doable.owned.owners import THIS_OWNER
from doable.owned.tables import BURIED_IN, WAS_IN_A_LIST, departures, owners, tombstones
from doable.tasks.filed_under import lists
from doable.tasks.objects import ObjectRow, ical_objects
from doable.tasks.preferred import preferences
from doable.tasks.tables import IS_CHANGE, IS_COMPLETED, IS_OPEN, LIST, tasks

OWNER: Final = bindparam("owner_id", type_=Id())
HERE: Final = bindparam("list_id", type_=Id())
SINCE: Final = unseen(bindparam("since", type_=BigInteger()))
MOST: Final = bindparam("limit", type_=BigInteger())
NO_LIMIT: Final = 2**62
# A number would be a parameter, which PostgreSQL does not know when it plans once for all.
_ONE: Final = literal_column("1", BigInteger())


def _since(revision: ColumnElement[int]) -> ColumnElement[bool]:
    """After a revision. With two lower bounds and no upper one, SQLite may take IS_CHANGE's, and read all of an account."""
    return revision.between(SINCE + literal_column("1"), literal_column(f"{NO_LIMIT}"))


def _newest(table: Table, owner_id: Any, list_id: Any, here: Any, *where: Any) -> ScalarSelect[int]:
    newest = select(table.c.revision).where(table.c.owner_id == owner_id, list_id == here, *where)
    return newest.order_by(table.c.revision.desc()).limit(_ONE).scalar_subquery()


def _tokens(owner_id: Any, here: Any) -> list[Any]:
    """How far a list has come: the greatest of these is its token."""
    return [
        _newest(tasks, owner_id, LIST, here, IS_CHANGE).label("of_tasks"),
        _newest(ical_objects, owner_id, ical_objects.c.list_id, here).label("of_objects"),
        _newest(tombstones, owner_id, BURIED_IN, here, WAS_IN_A_LIST).label("of_tombstones"),
        _newest(departures, owner_id, departures.c.list_id, here).label("of_departures"),
    ]


TOKENS: Final = ("of_tasks", "of_objects", "of_tombstones", "of_departures")

# No column, which SQLite would not look up in an index of expressions.
_list_id = func.coalesce(lists.c.id, lists.c.owner_id, type_=Id())
_own_lists = select(*lists.c, *_tokens(lists.c.owner_id, _list_id)).where(lists.c.owner_id == OWNER)
LISTS: Final = Statement(_own_lists.order_by(lists.c.position, lists.c.sequence))
LIST_AT: Final = Statement(
    _own_lists.where(
        or_(
            lists.c.dav_name == bindparam("segment", type_=Text()),
            and_(lists.c.id == bindparam("id_of_segment", type_=Id()), lists.c.dav_name.is_(None)),
        )
    ).order_by(lists.c.id == bindparam("id_of_segment", type_=Id()))
)
LIST_OF: Final = Statement(_own_lists.where(lists.c.id == HERE))
INBOX: Final = Statement(
    select(owners.c.owner_id.label("id"), preferences.c.inbox_properties, *_tokens(owners.c.owner_id, OWNER))
    .select_from(owners.outerjoin(preferences))
    .where(THIS_OWNER)
)
TOKEN: Final = Statement(select(*_tokens(owners.c.owner_id, HERE)).where(THIS_OWNER))
REVISIONS: Final = Statement(select(owners.c.purged_revision, owners.c.revision).where(THIS_OWNER))

# A task, and what RELATED-TO is made of besides its own columns.
_parents = tasks.alias("parents")
_with_parent = select(*tasks.c, _parents.c.ical_uid.label("uid_of_parent")).select_from(
    tasks.outerjoin(_parents, and_(_parents.c.owner_id == tasks.c.owner_id, _parents.c.id == tasks.c.parent_id))
)
_own_tasks: Final = _with_parent.where(tasks.c.owner_id == OWNER)
_by_id = _own_tasks.where(tasks.c.ical_name.is_(None))
# In whatever list they are: they are few, and an index that begins with the list has all that is in it.
_called = union_all(
    _own_tasks.where(tasks.c.ical_name == bindparam("name", type_=Text())),
    _by_id.where(tasks.c.id == bindparam("id_of_name", type_=Id())),
).subquery()
TASKS_CALLED: Final = Statement(select(_called))
_several = union_all(
    _own_tasks.where(one_of(tasks.c.ical_name, bindparam("names", type_=Texts()))),
    _by_id.where(one_of(tasks.c.id, bindparam("ids_of_names", type_=Ids()))),
).subquery()
TASKS_NAMED: Final = Statement(select(_several))


def _tasks(*where: ColumnElement[bool]) -> Statement:
    page = _own_tasks.where(LIST == HERE, _since(tasks.c.revision), IS_CHANGE, *where)
    return Statement(page.order_by(tasks.c.revision).limit(MOST))


TASKS: Final = {None: _tasks(), False: _tasks(IS_OPEN), True: _tasks(IS_COMPLETED)}
"""A list's tasks, by whether they are completed."""

_of = ical_objects.c
_own_objects: Final = select(*_of).where(_of.owner_id == OWNER, _of.list_id == HERE)
OBJECT_CALLED: Final = Statement[ObjectRow](_own_objects.where(_of.ical_name == bindparam("name", type_=Text())))
OBJECTS_NAMED: Final = Statement[ObjectRow](
    _own_objects.where(one_of(_of.ical_name, bindparam("names", type_=Texts())))
)
OBJECTS: Final = Statement[ObjectRow](
    _own_objects.where(
        _since(_of.revision),
        or_(_of.starts.is_(None), _of.starts < bindparam("until", type_=Instant())),
        or_(_of.ends.is_(None), _of.ends >= bindparam("begin", type_=Instant())),
    )
    .order_by(_of.revision)
    .limit(MOST)
)


def _some(table: Table, list_id: Any, columns: list[Any], *where: Any) -> Select[Any]:
    """The oldest of one table, in brackets: only so may a part of a union have an order and a limit."""
    some = select(table.c.revision, *columns).where(
        table.c.owner_id == OWNER, list_id == HERE, _since(table.c.revision), *where
    )
    return select(some.order_by(table.c.revision).limit(MOST).subquery())


_no_instant = cast(null(), Instant())
_nothing = [_no_instant.label("created_at"), _no_instant.label("updated_at")]
_there = (
    _some(
        tasks,
        LIST,
        [
            *(tasks.c.id, tasks.c.ical_name, literal_column("'VTODO'", Text).label("component")),
            *(tasks.c.created_at, tasks.c.updated_at),
        ],
        IS_CHANGE,
    ),
    _some(ical_objects, _of.list_id, [_of.id, _of.ical_name, _of.component, _of.created_at, _of.updated_at]),
)
_no_component = cast(null(), Text).label("component")
_gone = (
    _some(tombstones, BURIED_IN, [tombstones.c.id, tombstones.c.ical_name, _no_component, *_nothing], WAS_IN_A_LIST),
    _some(
        departures,
        departures.c.list_id,
        [cast(null(), Id()).label("id"), departures.c.ical_name, _no_component, *_nothing],
        departures.c.removed_at.is_not(None),
    ),
)
_listed = union_all(*_there).subquery()
LISTED: Final = Statement(select(_listed).order_by(_listed.c.revision).limit(MOST))
_changed = union_all(*_there, *_gone).subquery()
CHANGED: Final = Statement(select(_changed).order_by(_changed.c.revision).limit(MOST))
# Which of these names something has.
_has_name = union_all(
    select(tasks.c.ical_name, tasks.c.id, LIST.label("list_id")).where(
        tasks.c.owner_id == OWNER, one_of(tasks.c.ical_name, bindparam("names", type_=Texts()))
    ),
    select(tasks.c.ical_name, tasks.c.id, LIST.label("list_id")).where(
        tasks.c.owner_id == OWNER,
        one_of(tasks.c.id, bindparam("ids_of_names", type_=Ids())),
        tasks.c.ical_name.is_(None),
    ),
    select(_of.ical_name, _of.id, _of.list_id).where(
        _of.owner_id == OWNER, _of.list_id == HERE, one_of(_of.ical_name, bindparam("names", type_=Texts()))
    ),
).subquery()
NAMES_THERE: Final = Statement(select(_has_name))

"""The orders of a page: along which keys, and through which walks one after the other."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, Literal, NamedTuple

from sqlalchemy import ColumnElement, and_, bindparam, literal_column, or_

from doable.tasks import cursors
from doable.tasks.selecting import FLOATS, NOTHING, ZONED, Known
from doable.tasks.tables import PLACE, as_sent, reader, tasks

Sort = Literal["-created_at", "created_at", "-updated_at", "updated_at", "due", "priority", "position", "-completed_at"]


class Key(NamedTuple):
    """A part of an order."""

    column: ColumnElement[Any]
    of: Callable[[Sequence[Any]], Any]
    """Its value in a row of READ, as a cursor has it."""
    read: Callable[[Any], Any]
    """The parameter for such a value. Raises ValueError for what no row has."""
    is_descending: bool = False


class Walk(NamedTuple):
    """A way through all or some of the tasks, which an index has in this order."""

    keys: tuple[Key, ...]
    """Total: sequences and revisions are never the same for two tasks of one owner."""
    where: tuple[ColumnElement[bool], ...] = ()
    known: Known = NOTHING
    is_halved: bool = False
    """Whether there is one index of open tasks in this order, and one of completed ones."""


class Order(NamedTuple):
    """Walks, of which those of one stage are merged by their moments, and the stages come one after the other."""

    walks: tuple[Walk, ...]
    stages: tuple[tuple[int, ...], ...] = ((0,),)
    first: str | None = None
    """What the index of its first walks begins with, after the owner."""


def _key(name: str, read: Callable[[Any], Any], *, is_descending: bool = False) -> Key:
    return Key(tasks.c[name], reader(name), read, is_descending)


_OLDEST: Final = _key("sequence", cursors.whole_number)
_NEWEST: Final = _OLDEST._replace(is_descending=True)
_REVISION: Final = _key("revision", cursors.whole_number)
_COMPLETED_AT: Final = _key("completed_at", cursors.instant, is_descending=True)
_PLACE: Final = Key(PLACE, lambda row: as_sent(row[:-1])["position"], cursors.position)
_NO_PRIORITY: Final[ColumnElement[int]] = literal_column("0")

ORDERS: Final[Mapping[Sort, Order]] = {
    "-created_at": Order((Walk((_NEWEST,)),)),
    "created_at": Order((Walk((_OLDEST,)),)),
    "-updated_at": Order((Walk((_REVISION._replace(is_descending=True),)),)),
    "updated_at": Order((Walk((_REVISION,)),)),
    "due": Order(
        (
            Walk((_key("due_local", cursors.local), _OLDEST), (FLOATS,), Known(due="floats"), is_halved=True),
            Walk((_key("due_at", cursors.instant), _OLDEST), (ZONED,), Known(due="zoned"), is_halved=True),
            Walk((_NEWEST,), (tasks.c.due_local.is_(None),), Known(due="none")),
        ),
        ((0, 1), (2,)),
        first="due",
    ),
    "priority": Order(
        (
            Walk(
                (_key("priority", cursors.priority), _NEWEST),
                (tasks.c.priority > _NO_PRIORITY,),
                Known(has_priority=True),
                is_halved=True,
            ),
            Walk((_NEWEST,), (tasks.c.priority == _NO_PRIORITY,), Known(has_priority=False)),
        ),
        ((0,), (1,)),
        first="priority",
    ),
    "position": Order((Walk((_PLACE, _OLDEST)),), first="place"),
    "-completed_at": Order((Walk((_COMPLETED_AT, _NEWEST)),), first="completed"),
}


def is_after(keys: Sequence[Key]) -> ColumnElement[bool]:
    """Behind the keys in the parameters `after_0` and so on."""
    (beyond, from_there), *rest = (
        (key.column < after, key.column <= after) if key.is_descending else (key.column > after, key.column >= after)
        for number, key in enumerate(keys)
        for after in [bindparam(f"after_{number}", type_=key.column.type)]
    )
    # The first one alone bounds an index.
    return and_(from_there, or_(beyond, rest[0][0])) if rest else beyond

"""The SQL of an export: each table in pages. Every statement names the user."""

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import BigInteger, ColumnElement, Table, bindparam, select

from doable.accounts.tables import api_tokens, calendar_tokens, emails, identities, mail_tokens, sessions, users
from doable.database import Database, Row, Shape, Statement, Transaction
from doable.database.pages import Order
from doable.database.types import Id
from doable.errors import Unauthenticated
from doable.kinds import BESIDE, FOLLOWED
from doable.outbox.tables import outbox
from doable.owned.imports import import_slices, imports
from doable.owned.kind import Followed
from doable.owned.tables import answers, departures, owners, tombstones, undos
from doable.push.tables import push_subscriptions

TOGETHER: Final = 100
# Each may be the answer to a batch, of 5 MiB.
ANSWERS_TOGETHER: Final = 4

USER = Statement(
    select(users, owners.c.revision, owners.c.tasks, owners.c.purged_revision, owners.c.kept_bytes)
    .select_from(users.join(owners))
    .where(users.c.id == bindparam("user_id"))
)


@dataclass(frozen=True, slots=True)
class Section:
    """One table's rows of one user, in pages: each begins after the last row of the one before."""

    table: Table
    page: Statement
    order: Order
    together: int


def _section(
    table: Table,
    whose: ColumnElement[str],
    *key: ColumnElement[Any],
    read: tuple[ColumnElement[Any], ...] = (),
    shape: Shape | None = None,
    together: int = TOGETHER,
) -> Section:
    order = Order(*key)
    page = (
        select(*(read or table.c))
        .where(whose == bindparam("user_id", type_=Id()), order.is_after)
        .order_by(*order.columns)
        .limit(bindparam("limit", type_=BigInteger()))
    )
    return Section(table, Statement(page, shape), order, together)


def _beside(shape: Shape, *names: str) -> Shape:
    """That shape, and members of these names for as many values more."""

    def more(values: Sequence[Any]) -> Row:
        return {**shape(values[: -len(names)]), **dict(zip(names, values[-len(names) :], strict=True))}

    return more


def _of(kind: Followed) -> Section:
    rows = kind.repository
    owner_id, *key = rows.table.primary_key
    if not key:  # one row of each owner
        key, beside = [owner_id], []
    else:
        beside = [*key]
    more = [*beside, *(column.label(name) for name, (column, _) in kind.exported.items())]
    shape = rows.shape
    if shape is not None and more:
        shape = _beside(shape, *(str(column.key) for column in more))
    return _section(rows.table, owner_id, *key, read=(*rows.read, *more), shape=shape)


SECTIONS: Final = (
    _section(emails, emails.c.user_id, emails.c.email),
    _section(identities, identities.c.user_id, identities.c.issuer, identities.c.subject),
    _section(sessions, sessions.c.user_id, sessions.c.id),
    _section(api_tokens, api_tokens.c.user_id, api_tokens.c.id),
    _section(outbox, outbox.c.user_id, outbox.c.id),
    _section(mail_tokens, mail_tokens.c.user_id, mail_tokens.c.digest),
    _section(push_subscriptions, push_subscriptions.c.owner_id, push_subscriptions.c.id),
    _section(calendar_tokens, calendar_tokens.c.owner_id, calendar_tokens.c.owner_id),
    _section(answers, answers.c.owner_id, answers.c.idempotency_key, together=ANSWERS_TOGETHER),
    _section(undos, undos.c.owner_id, undos.c.id, undos.c.revision, together=1),
    _section(imports, imports.c.owner_id, imports.c.id),
    _section(import_slices, import_slices.c.owner_id, import_slices.c.import_id, import_slices.c.number, together=1),
    _section(tombstones, tombstones.c.owner_id, tombstones.c.revision),
    _section(departures, departures.c.owner_id, departures.c.revision),
    *(_section(each.table, each.table.c.owner_id, each.table.c.sequence) for each in BESIDE),
    *map(_of, FOLLOWED),
)
"""In the order of the document."""


class ExportRepository:
    """Everything that is stored about one user."""

    def __init__(self, database: Database, user_id: str) -> None:
        self._database = database
        self._user_id = user_id

    async def user(self) -> Row:
        """The user. Raises Unauthenticated if there is none any longer."""
        user = await self._database.one(USER, user_id=self._user_id)
        if user is None:
            raise Unauthenticated
        return user

    async def pages(self, section: Section) -> AsyncGenerator[list[Row]]:
        """All rows of a table, some at a time, each page from a snapshot of its own."""
        after = section.order.start()
        while True:

            async def work(tx: Transaction, after: dict[str, Any] = after) -> list[Row]:
                return await tx.all(section.page, user_id=self._user_id, limit=section.together, **after)

            rows = await self._database.read(work, long=True)
            if rows:
                yield rows
            if len(rows) < section.together:
                return
            after = section.order.after(rows[-1])

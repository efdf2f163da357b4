"""The SQL of preferences: a row of each user who has set any."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar, Literal

from pydantic_core import to_json
from sqlalchemy import bindparam, literal, null, select, update

from doable import clock
from doable.accounts.tables import users
from doable.database import Reading, Row, Statement, Transaction, insert_row
from doable.database.protocol import Work
from doable.errors import ChannelNotVerified, Invalid, Missing, PreconditionFailed, ReferenceNotFound, Unauthenticated
from doable.owned.owners import THIS_OWNER, OwnerRow, advance
from doable.owned.repository import Revisions
from doable.owned.rows import OwnedRows
from doable.owned.tables import owners
from doable.preferences.digests import due_after
from doable.tasks.alarms import known
from doable.tasks.filed_under import lists
from doable.tasks.following import FOLLOWED, follow
from doable.tasks.preferred import DEFAULTS, READ, PreferencesRow, as_sent, preferences

THESE = preferences.c.owner_id == bindparam("owner_id")
# Beside the owner's row: without it the user was removed, and has not even defaults.
GET = Statement(
    select(*(owners.c.owner_id if each.key == "owner_id" else each for each in READ))
    .select_from(owners.outerjoin(preferences))
    .where(THIS_OWNER)
)
ROW = Statement[PreferencesRow](select(preferences).where(THESE))
_insert = insert_row(preferences)
WRITE = Statement(
    _insert.on_conflict_do_update(
        index_elements=[preferences.c.owner_id],
        set_={name: _insert.excluded[name] for name in DEFAULTS},
    ).returning(*READ),
    as_sent,
)
FORGET_LIST = Statement(
    update(preferences)
    .where(THESE)
    .values(default_list_id=null(), updated_at=bindparam("now"), revision=bindparam("new_revision"))
)
VERIFIED = Statement(
    select(literal(1).label("found")).where(users.c.id == bindparam("owner_id"), users.c.email_verified_at.is_not(None))
)
LIST = Statement(
    select(literal(1).label("found")).where(
        lists.c.owner_id == bindparam("owner_id"), lists.c.id == bindparam("list_id")
    )
)


class PreferencesRepository(OwnedRows):
    """One user's preferences."""

    kind = "preferences"
    table = preferences
    read = READ
    shape = staticmethod(as_sent)
    references: ClassVar[Mapping[str, str]] = {"default_list_id": "list"}
    unset = DEFAULTS

    async def get(self) -> Row:
        """All of them. Raises Unauthenticated if there is no such user any longer."""
        return await self._get(self._database)

    def change(self, changes: Mapping[str, Any], *, expected: Revisions | None = None) -> Work[Row]:
        """Change those that are named. Reminders of floating dates follow.

        Raises ReferenceNotFound for a list that is not the user's, ChannelNotVerified for mail to an address that is not
        verified, and Invalid where half of the quiet hours is missing. Raises TooManyRows if the tasks of the reminders are
        too many: then they are written first.
        """

        async def work(tx: Transaction) -> Row:
            owner = await advance(tx, self._owner_id)
            old, new = await self._changed(tx, changes, expected)
            if not FOLLOWED.isdisjoint(changes):
                await follow(tx, self._owner_id, known(new), whole=True)
            stamp = {"updated_at": clock.later_than(old["updated_at"]), "revision": owner["revision"]}
            new |= {"owner_id": self._owner_id, **stamp}
            if any(new[name] != old[name] for name in ("digest_at", "timezone")):
                new["digest_due_at"] = _digest_due_at(new)
            written = await tx.one(WRITE, **new)
            assert written is not None  # noqa: S101 - an upsert has a row
            return written

        return work

    def change_part(self, changes: Mapping[str, Any], *, expected: Revisions | None = None) -> Work[bool]:
        """Have some of the reminders come as they will once this is changed. Answers whether there may be more."""

        async def work(tx: Transaction) -> bool:
            await advance(tx, self._owner_id, by=0)
            _, new = await self._changed(tx, changes, expected)
            return await follow(tx, self._owner_id, known(new), whole=False)

        return work

    def unsubscribe(self, mailed: Literal["reminders", "digest"]) -> Work[str]:
        """Have no more of these sent by mail; nothing is written if none are. Answers the user's language. Raises Unauthenticated."""

        async def work(tx: Transaction) -> str:
            await advance(tx, self._owner_id, by=0)
            old = await self._get(tx)
            channels = [each for each in old["reminder_channels"] if each != "email"]
            wanted = {"reminder_channels": channels} if mailed == "reminders" else {"digest_at": None}
            if any(old[name] != value for name, value in wanted.items()):
                await self.change(wanted)(tx)
            language: str = old["language"]
            return language

        return work

    async def _changed(
        self, tx: Transaction, changes: Mapping[str, Any], expected: Revisions | None
    ) -> tuple[Mapping[str, Any], Row]:
        """The row as it is, and with the changes. The owner's row is taken. Raises as `change` does."""
        old: Mapping[str, Any] = await tx.one(ROW, owner_id=self._owner_id) or DEFAULTS
        if expected is not None and old["revision"] not in expected:
            raise PreconditionFailed(current=await self._get(tx))
        columns = _columns(old, changes)
        await self._check(tx, changes)
        return old, {**old, **columns}

    async def bring_back(self, tx: Transaction, row: Row, owner: OwnerRow, *, now: Row | None) -> int:
        """What has come meanwhile does not come again."""
        return await super().bring_back(tx, {**row, "digest_due_at": _digest_due_at(row)}, owner, now=now)

    async def _get(self, tx: Reading) -> Row:
        row = await tx.one(GET, owner_id=self._owner_id)
        if row is None:
            raise Unauthenticated
        unset = row["revision"] is None
        return as_sent([DEFAULTS.get(name) if unset and name in DEFAULTS else value for name, value in row.items()])

    async def _check(self, tx: Transaction, changes: Mapping[str, Any]) -> None:
        list_id = changes.get("default_list_id")
        if list_id is not None and await tx.one(LIST, owner_id=self._owner_id, list_id=str(list_id)) is None:
            raise ReferenceNotFound("body", "default_list_id")
        mailed = {
            "reminder_channels": "email" in changes.get("reminder_channels", ()),
            "digest_at": changes.get("digest_at") is not None,
        }
        if any(mailed.values()) and await tx.one(VERIFIED, owner_id=self._owner_id) is None:
            raise ChannelNotVerified("body", next(name for name, is_mailed in mailed.items() if is_mailed))


async def forget_list(tx: Transaction, owner_id: str, list_id: str) -> None:
    """A step of a write that deletes this list: it is no default any longer. If it was, this takes a revision of its own."""
    old = await tx.one(ROW, owner_id=owner_id)
    if old is None or old["default_list_id"] != list_id:
        return
    owner = await advance(tx, owner_id)
    now = clock.later_than(old["updated_at"])
    await tx.one(FORGET_LIST, owner_id=owner_id, now=now, new_revision=owner["revision"])


def _digest_due_at(row: Mapping[str, Any]) -> datetime | None:
    return due_after(clock.now(), row["digest_at"], row["timezone"])


def _columns(old: Mapping[str, Any], changes: Mapping[str, Any]) -> Row:
    """The columns that are to change, and to what."""
    columns = dict(changes)
    if "quiet" in columns:
        columns |= _quiet(old, columns.pop("quiet"))
    if "reminder_channels" in columns:
        columns["reminder_channels"] = to_json(columns["reminder_channels"]).decode()
    if columns.get("default_list_id") is not None:
        columns["default_list_id"] = str(columns["default_list_id"])
    return columns


def _quiet(old: Mapping[str, Any], changes: Mapping[str, str] | None) -> Row:
    if changes is None:
        return {"quiet_from": None, "quiet_until": None}
    new = {f"quiet_{name}": changes.get(name, old[f"quiet_{name}"]) for name in ("from", "until")}
    for name in ("from", "until"):
        if new[f"quiet_{name}"] is None:
            raise Missing("body", "quiet", name)
    if new["quiet_from"] == new["quiet_until"]:
        raise Invalid("Must have two different times", where=("body", "quiet"))
    return new

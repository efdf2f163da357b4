"""One owner's writes that can be undone: what they changed is put back, a transaction of the write at a time."""

from typing import Final

from pydantic_core import from_json, to_json
from sqlalchemy import bindparam, select, update

from doable import clock
from doable.database import Database, Row, Statement, Transaction
from doable.database.protocol import Work
from doable.errors import UndoNotFound
from doable.kinds import REPOSITORIES
from doable.notifications.kind import NOTIFICATION
from doable.owned.limits import Limits
from doable.owned.owners import COUNT_KEPT, advance
from doable.owned.rows import OwnedRows
from doable.owned.tables import sent, undos
from doable.owned.undos import BESIDE_THE_ROWS, KEPT, OWN, THINGS_TOLD, THIS
from doable.preferences.kind import PREFERENCES
from doable.tasks.alarms import whereabouts
from doable.tasks.fitting import fit_in
from doable.tasks.following import follow
from doable.tasks.repository import TaskRepository
from doable.undo.putting_back import PuttingBack

ALL = Statement(
    select(undos.c.id.label("token"), sent(undos.c.created_at), undos.c.deleted)
    .where(OWN, undos.c.created_at > bindparam("after"), undos.c.result.is_(None))
    .order_by(undos.c.revision.desc(), undos.c.created_at.desc())  # some have changed nothing
)
# The last transaction first: what it took may be filed under what the others took.
PARTS = Statement(
    select(
        undos.c.revision, undos.c.created_at, undos.c.tasks, undos.c.stored_bytes, undos.c.kept_bytes, undos.c.result
    )
    .where(*THIS)
    .order_by(undos.c.revision.desc())
)
THIS_PART: Final = (*THIS, undos.c.revision == bindparam("this_revision"))
ROWS = Statement(select(undos.c.rows).where(*THIS_PART))
DONE = Statement(
    update(undos)
    .where(*THIS_PART)
    .values(
        result=bindparam("new_result"),
        restored=bindparam("new_restored"),
        kept_bytes=bindparam("new_kept_bytes"),
        rows="[]",
        deleted=None,
    )
)
RESTORED = Statement(select(undos.c.id, undos.c.restored).where(OWN, undos.c.restored.is_not(None)))


class UndoRepository:
    """One owner's writes that can be undone, by their tokens."""

    def __init__(self, database: Database, owner_id: str, limits: Limits) -> None:
        self._database = database
        self._owner_id = owner_id
        self._limits = limits
        self._tasks = TaskRepository(database, owner_id, limits)
        self._of: dict[str, OwnedRows] = {each.kind: each(database, owner_id, limits) for each in REPOSITORIES}
        self._of |= {each.name: each.repository(database, owner_id) for each in (PREFERENCES, NOTIFICATION)}

    async def all(self, *, deleted: bool) -> list[Row]:
        """The writes that can be undone, the newest first; `deleted`: those alone that deleted something."""

        async def work(tx: Transaction) -> list[Row]:
            return await tx.all(ALL, owner_id=self._owner_id, after=clock.now() - KEPT)

        found: dict[str, Row] = {}
        for part in await self._database.read(work, long=True):
            told: Row = {} if part["deleted"] is None else from_json(part["deleted"])
            new = {"token": part["token"], "created_at": part["created_at"], "deleted": 0, "things": [], "changed": []}
            undo = found.setdefault(part["token"], new)
            undo["deleted"] += told.get("number", 0)
            for some in ("things", "changed"):  # what older code has kept tells of no changes
                undo[some] = [*undo[some], *told.get(some, ())][:THINGS_TOLD]
        return [undo for undo in found.values() if undo["deleted"] or not deleted]

    async def left(self, token: str) -> int:
        """How many transactions of the write are left to undo."""
        parts = await self._database.all(PARTS, owner_id=self._owner_id, token=token)
        return sum(part["result"] is None for part in parts)

    def all_but_one(self, token: str) -> Work[bool]:
        """Undo a part of the write and say whether there is another to undo: the last is for the work that answers."""

        async def work(tx: Transaction) -> bool:
            parts = await self._take(tx, token)
            left = [part for part in parts if part["result"] is None]
            if len(left) > 1:
                await self._undo(tx, token, parts, left)
            return len(left) > 2  # noqa: PLR2004 - this one and the last

        return work

    def part(self, token: str) -> Work[bool]:
        """Undo the last part of the write, or have some reminders follow after that. Answers whether there may be more."""

        async def work(tx: Transaction) -> bool:
            parts = await self._take(tx, token)
            left = [part for part in parts if part["result"] is None]
            if not left:
                return await self._follow(tx, whole=False)
            await self._undo(tx, token, parts, left)
            return True

        return work

    def undo(self, token: str) -> Work[Row]:
        """Undo the last part of the write that is left, and answer what came of all of it.

        Raises UndoNotFound, and TooManyRows if reminders follow that it brings elsewhere, and they are too many.
        """

        async def work(tx: Transaction) -> Row:
            parts = await self._take(tx, token)
            left = [part for part in parts if part["result"] is None]
            if left:
                left[0]["result"] = await self._undo(tx, token, parts, left)
            await self._follow(tx, whole=True)
            results = [from_json(part["result"]) for part in parts]
            return {
                "undone": sum(result["undone"] for result in results),
                "conflicts": [conflict for result in results for conflict in result["conflicts"]],
            }

        return work

    async def _follow(self, tx: Transaction, *, whole: bool) -> bool:
        """Also reminders of what the write did not know follow the preferences that it brings back."""
        return await follow(tx, self._owner_id, await whereabouts(tx, self._owner_id), whole=whole)

    async def _take(self, tx: Transaction, token: str) -> list[Row]:
        """The parts of the write. The owner's row is taken, so that nobody else undoes them meanwhile."""
        await advance(tx, self._owner_id, by=0)
        parts = await tx.all(PARTS, owner_id=self._owner_id, token=token)
        if not parts or min(part["created_at"] for part in parts) <= clock.now() - KEPT:
            raise UndoNotFound
        return parts

    async def _undo(self, tx: Transaction, token: str, parts: list[Row], left: list[Row]) -> str:
        """Undo the first of the parts that are left. Answers the result, as JSON."""
        this, *others = left
        part = {"owner_id": self._owner_id, "token": token, "this_revision": this["revision"]}
        done = [from_json(each["result"]) for each in parts if each["result"] is not None]
        owner = await advance(tx, self._owner_id, by=0)
        since = done[0]["since"] if done else owner["revision"]
        kept = await tx.one(ROWS, **part)
        assert kept is not None  # noqa: S101 - the owner's row is taken
        rows = from_json(kept["rows"])
        if any(row["kind"] not in self._of for row in rows):
            raise UndoNotFound  # newer code wrote it, which can undo it when it is back
        known: dict[str, int] = {}
        came_back: set[str] = set()
        for row in await tx.all(RESTORED, owner_id=self._owner_id):
            restored = from_json(row["restored"])
            known |= restored
            came_back |= restored.keys() if row["id"] == token else set()
        undone = PuttingBack(tx, self._owner_id, known)
        await undone.run(self._of, rows)
        if not done:
            await self._check(tx, undone, others)
        # What comes back may name what comes back with a later part.
        came_back |= undone.written.keys()
        changed = {} if others else await self._fit_in(tx, undone, since)
        # Others were there, and have gone with their parent or out of their section.
        less = sum(str(revision) in came_back for revision in changed.values())
        stay = [{"kind": change.of.kind, "id": change.id} for change in undone.conflicts]
        stay += [{"kind": self._tasks.kind, "id": id_} for id_ in sorted(changed)]
        result = to_json({"undone": len(undone.back) - less, "conflicts": stay, "since": since}).decode()
        written = to_json(undone.written).decode()
        size = len(result) + len(written) + BESIDE_THE_ROWS
        await tx.one(DONE, **part, new_result=result, new_restored=written, new_kept_bytes=size)
        await tx.one(COUNT_KEPT, owner_id=self._owner_id, more=size - this["kept_bytes"])
        return result

    async def _fit_in(self, tx: Transaction, undone: PuttingBack, since: int) -> dict[str, int]:
        """Fit in what came back (`tasks/fitting.py`). That somebody's undo did so is no change of somebody else's either."""
        owner = await advance(tx, self._owner_id, by=0)
        changed = await fit_in(tx, self._tasks, since)
        if changed:
            left = self._tasks.statements.left
            written = await tx.all(left, this_owner=self._owner_id, since=owner["revision"])
            undone.written |= {str(row["revision"]): changed[row["id"]] for row in written if row["id"] in changed}
        return changed

    async def _check(self, tx: Transaction, undone: PuttingBack, others: list[Row]) -> None:
        """Raise TooMany unless there is room for all of it. What has begun is not given up later."""
        tasks, more = (sum(each[name] for each in others) for name in ("tasks", "stored_bytes"))
        owner = await advance(tx, self._owner_id, by=0)
        owner["tasks"] += tasks
        owner["stored_bytes"] += more
        tasks, more = tasks + sum(each.tasks for each in undone.back), more + sum(each.more for each in undone.back)
        self._limits.check(owner, tasks=tasks, more=more)

"""Undoes an import, a slice in a transaction: what nobody has changed since, and nothing else needs, goes."""

from collections.abc import Sequence
from typing import Any

from pydantic_core import from_json, to_json

from doable import clock
from doable.database import Database, Row, Transaction
from doable.database.protocol import Work
from doable.owned.imports import UNDOING, UNDONE, ImportRow
from doable.owned.limits import Limits
from doable.owned.owners import advance
from doable.transfer.fitting import repositories
from doable.transfer.repository import KEPT, REMOVE_SLICE, SLICE_OF, put, take
from doable.transfer.schemas import TOLD
from doable.undo.references import is_named


def unmake_slice(database: Database, owner_id: str, id_: str, limits: Limits) -> Work[bool]:
    """The work that undoes the last slice that is left. Answers whether there may be another one."""

    async def work(tx: Transaction) -> bool:
        await advance(tx, owner_id, by=0)
        row = await take(tx, owner_id, id_)
        if row["state"] != UNDOING:
            return False
        last = row["slices"] - 1
        if last < 0:
            await put(tx, row, state=UNDONE, expires_at=clock.now() + KEPT)
            return False
        kept = {"owner_id": owner_id, "import_id": id_, "number": last}
        changes: Row = {"slices": last, "next_slice": min(row["next_slice"], last)}
        if last < row["next_slice"]:
            stored = await tx.one(SLICE_OF, **kept)
            assert stored is not None  # noqa: S101 - it was made
            changes |= await _unmake(tx, database, row, from_json(stored["things"]), limits)
        await tx.one(REMOVE_SLICE, **kept)
        await put(tx, row, **changes)
        return True

    return work


async def _unmake(
    tx: Transaction, database: Database, row: ImportRow, made: Sequence[list[Any]], limits: Limits
) -> Row:
    """The last that was made goes first: subtasks before their parent, tasks before their list."""
    owner_id: str = row["owner_id"]
    removed, stayed = row["removed"], from_json(row["stayed"])
    repository_of = repositories(database, owner_id, limits)
    for kind, id_, revision in reversed(made):
        repository = repository_of[kind]
        now = await tx.one(repository.statements.row, this_owner=owner_id, this_id=id_)
        if now is None:
            continue  # somebody has deleted it
        if now["revision"] != revision or await is_named(tx, owner_id, repository, now):
            stayed["total"] += 1
            if len(stayed["items"]) < TOLD:
                stayed["items"].append({"kind": kind, "id": id_, "title": now.get("title", now.get("name"))})
            continue
        owner = await advance(tx, owner_id, tasks=-int(repository.is_counted))
        await repository.bury(tx, [now], owner["revision"])
        removed += 1
    return {"removed": removed, "stayed": to_json(stayed).decode()}

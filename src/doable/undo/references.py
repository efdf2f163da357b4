"""What names what by an id, from the registration of each kind: whether a thing that would go is still named."""

from dataclasses import dataclass
from typing import Final

from sqlalchemy import bindparam, select

from doable.database import Statement, Transaction
from doable.kinds import FOLLOWED
from doable.owned.rows import OwnedRows


@dataclass(frozen=True, slots=True)
class Reference:
    """A column in which things of one kind name things of another."""

    column: str
    of: type[OwnedRows]
    to: type[OwnedRows]
    named: Statement
    """One that names this."""


def _references() -> list[Reference]:
    kinds = {each.name: each.repository for each in FOLLOWED}
    found = []
    for of in kinds.values():
        table = of.table
        for column, kind in of.references.items():
            if column in table.c and kind in kinds:  # the place of a move is no column
                named = select(table.c.revision).where(
                    table.c.owner_id == bindparam("this_owner"), table.c[column] == bindparam("this_id")
                )
                found.append(Reference(column, of, kinds[kind], Statement(named.limit(1))))
    return found


REFERENCES: Final = _references()


async def is_named(tx: Transaction, owner_id: str, of: OwnedRows, id_: str) -> bool:
    """Whether anything names it, and would be left behind if it went."""
    for reference in REFERENCES:
        if isinstance(of, reference.to) and await tx.all(reference.named, this_owner=owner_id, this_id=id_):
            return True
    return False

"""What a filter adds to what a request's parameters say."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from sqlalchemy import bindparam, select

from doable.database import Database, Statement
from doable.errors import ReferenceNotFound, SortNeeds
from doable.tasks import filter_text
from doable.tasks.conditions import Condition, Either, Every, Is, Not
from doable.tasks.found_by import filters
from doable.tasks.listing import Listing
from doable.tasks.orders import ORDERS, Sort
from doable.tasks.plans import planned
from doable.tasks.selecting import OWNER_ID

SAVED: Final = Statement(
    select(filters.c.query, filters.c.sort).where(
        filters.c.owner_id == OWNER_ID, filters.c.id == bindparam("filter_id", type_=filters.c.id.type)
    )
)


class Saved(NamedTuple):
    """What a saved filter says."""

    condition: Condition
    sort: str | None


async def saved(database: Database, owner_id: str, filter_id: str) -> Saved:
    """Raises ReferenceNotFound if it is none of the owner's, and FilterInvalid if only another server can read it."""
    found = await database.one(SAVED, owner_id=owner_id, filter_id=filter_id)
    if found is None:
        raise ReferenceNotFound("query", "filter_id")
    return Saved(filter_text.parse(found["query"], "query", "filter_id"), found["sort"])


def meant(said: Sequence[Condition], *, completed: bool | None, archived: bool | None) -> list[Condition]:
    """These filters, and what goes without saying where the parameters do not say it: open tasks, in no archived list.

    Unless a filter speaks of completed tasks; and a list that it names is looked into, archived or not.
    """
    whole, found = Every(tuple(said)), [*said]
    if completed is None and not filter_text.is_of_completed(whole):
        found.append(Not(Is("completed")))
    if archived is None:
        shown, named = Not(Is("archived")), filter_text.lists_named(whole)
        found.append(Either((shown, *named)) if named else shown)
    return found


async def order_of(condition: Condition, preferred: str | None) -> Sort:
    """The order that a saved filter prefers, if what is asked for can be had in it."""
    sort = next((each for each in ORDERS if each == preferred), None)
    if sort is None:
        return "-created_at"
    try:
        await planned(Listing(condition, sort))
    except SortNeeds:
        return "-created_at"
    return sort

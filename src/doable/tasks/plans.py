"""How a listing is read: along which walks, what is looked up first, and whether it may take long."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Final

from doable.errors import SortNeeds
from doable.tasks.conditions import (
    EACH,
    Among,
    Between,
    Condition,
    Has,
    Is,
    Not,
    OfPriority,
    Searched,
    Worded,
    leaves_of,
)
from doable.tasks.listing import Listing, is_found_otherwise, is_large, kept, state_of, walked_over
from doable.tasks.orders import ORDERS, Order, Sort
from doable.tasks.selecting import NEVER, is_bounded_by_due, sql
from doable.tasks.shapes import Leaf, conjuncts, selection_of

PLANS: Final = 1024
"""How many are kept."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How a listing is read."""

    shape: Condition
    sort: Sort
    order: Order
    stages: Sequence[Sequence[int]]
    """The order's, without the walks that come by nothing of what is asked for."""
    leaves: Mapping[str, Leaf]
    """What the parameters are made of."""
    is_whole: bool
    """Whether nothing filters."""
    is_walk: bool
    """Whether it reads little more than the page."""
    is_local: bool
    """Whether it depends on when or where it is asked."""
    is_search: bool
    """Whether words are searched for."""
    is_scanned: bool
    """Whether several walks come by all tasks for it."""
    apart: Sequence[Condition]
    """What is looked up by an index of its own first, to see whether it is few."""
    is_large: bool
    """Whether its statements take some milliseconds to make."""
    digest: str
    """Of the listing, for its cursors."""


async def planned(listing: Listing) -> Plan:
    """As `plan_of`; that of a large question is made beside the event loop."""
    large = is_large(listing.condition)
    return await asyncio.to_thread(plan_of, listing, large=True) if large else plan_of(listing)


@kept(PLANS)
def plan_of(listing: Listing) -> Plan:
    """Raises SortNeeds for an order that the listing does not have, NothingToSearch and TooManyTerms."""
    condition, sort, _, _ = listing
    shape, leaves = selection_of(condition)
    is_placed = any(
        isinstance(each, Among) and each.what in {"list", "parent"} and each.is_single for each in conjuncts(shape)
    )
    if (sort == "position" and not is_placed) or (sort == "-completed_at" and state_of(shape) is not True):
        raise SortNeeds
    is_search = any(isinstance(each, Searched) for each in leaves.values())
    is_walk = not is_search and _is_walk(shape, sort)
    return Plan(
        shape,
        sort,
        ORDERS[sort],
        [*_stages(shape, ORDERS[sort])],
        leaves,
        shape == EACH,
        is_walk,
        sort == "due" or any(_is_local(leaf) for leaf, _ in leaves_of(condition)),
        is_search,
        _is_scanned(shape, sort) and not is_walk,
        [] if is_walk else [*_apart(shape, sort)],
        is_large(condition),
        blake2b(repr((condition, sort)).encode(), digest_size=6).hexdigest(),
    )


def _stages(shape: Condition, order: Order) -> Iterator[Sequence[int]]:
    if len(order.walks) == 1:
        yield from order.stages
        return
    for stage in order.stages:
        if walks := [number for number in stage if sql(shape, order.walks[number].known) is not NEVER]:
            yield walks


def _is_scanned(shape: Condition, sort: Sort) -> bool:
    if len(ORDERS[sort].walks) == 1 or shape in STATES or is_found_otherwise(shape, sort):
        return False
    return not (sort == "due" and any(map(is_bounded_by_due, conjuncts(shape))))


def _is_local(leaf: Condition) -> bool:
    return isinstance(leaf, Between) or leaf in {Is("overdue"), Is("available")}


def _apart(shape: Condition, sort: Sort) -> Iterator[Condition]:
    """What has an index of its own and is not walked along; first what takes least to look up."""
    over, parts = walked_over(shape, sort), conjuncts(shape)
    leaves = [each for each in (*parts, *(leaf for leaf, _ in leaves_of(shape))) if each is not over]
    yield from dict.fromkeys(each for each in leaves if isinstance(each, Among) and each.what == "tag")
    if sort != "-completed_at":
        yield from (each for each in parts if isinstance(each, Between) and each.what == "completed")
    if sort == "due" and state_of(shape) is not False:
        # There are two indexes of priorities, and neither is for this.
        yield from (each for each in parts if each == Has("priority") or isinstance(each, OfPriority))
    yield from dict.fromkeys(each for each in leaves if isinstance(each, Worded))


STATES: Final = {Is("completed"), Not(Is("completed")), EACH}


def _is_walk(shape: Condition, sort: Sort) -> bool:
    """Whether it reads little more than the page: along an index, or all children of one task, which are 500 at most."""
    state = state_of(shape)
    rest = [each for each in conjuncts(shape) if each not in STATES]
    if any(isinstance(each, Among) and each.what == "parent" for each in rest):
        return True
    walks = {
        "due": state is not True and bool(rest) and all(_is_due(each, is_open=state is False) for each in rest),
        # Of one word, whose numbers have none of another between them.
        "priority": state is False and rest in [[OfPriority((word,))] for word in ("low", "medium", "high")],
        "position": state is False and len(rest) == 1,
        "-completed_at": not rest,
    }
    return walks.get(sort, state is None and (not rest or rest == [walked_over(shape, sort)]))


def _is_due(each: Condition, *, is_open: bool) -> bool:
    return each == Is("overdue") or (
        is_open and (each == Has("due") or (isinstance(each, Between) and each.what == "due"))
    )

"""Whether few tasks meet a condition that has an index of its own: then they are listed first, and sorted.

What many meet is soon found along the order that is asked for, and asked of each task there. So neither takes more than a look at
the words of all tasks, and no statement makes a set of most of them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final, TypedDict

from sqlalchemy import BigInteger, bindparam, select

from doable.database import Reading, Statement
from doable.database.types import numbers_of
from doable.tasks.conditions import Among, Common, Condition, Either, Every, Listed, Not, Worded
from doable.tasks.found_by import task_words
from doable.tasks.listing import FORMS, kept
from doable.tasks.plans import STATES, Plan
from doable.tasks.selecting import OWNER_ID, has_words, is_of_tag, sql
from doable.tasks.shapes import conjuncts
from doable.tasks.tables import task_tags, tasks

FEW: Final = 10_000
"""For an order of one walk: each sorts them. That takes a third of what it takes to look through the words of 100,000 tasks; and of
what more of those are, a page is full after some hundreds, if it is spread over the order."""


class Some(TypedDict):
    """Tasks by their sequences."""

    sequences: Sequence[int] | None


@kept(FORMS)
def some(condition: Condition) -> Statement[Some]:
    """The statement of so many of the tasks that meet it."""
    match condition:
        case Worded():
            # In the order of the key: else PostgreSQL may go through the words of everybody, as it seems that so many are soon found.
            found = select(task_words.c.sequence).where(has_words(condition)).order_by(task_words.c.sequence.desc())
        case Among(what="tag"):
            found = select(task_tags.c.sequence).where(is_of_tag(condition))
        case _:
            found = select(tasks.c.sequence).where(tasks.c.owner_id == OWNER_ID, sql(condition))
    few = found.limit(bindparam("limit", type_=BigInteger())).subquery("few")
    # In one value: a row of each would take longer than to find them.
    return Statement(select(numbers_of(few.c.sequence).label("sequences")))


async def list_few(tx: Reading, plan: Plan, parameters: Mapping[str, Any]) -> tuple[Plan, Mapping[str, Any]]:
    """The same with the tasks in place of what few of them meet, and their parameters."""
    most = FEW // len(plan.order.walks)

    async def few(condition: Condition, name: str) -> Condition | None:
        found = await tx.one(some(condition, large=plan.is_large), **known, limit=most + 1)
        sequences = (found and found["sequences"]) or []
        if len(sequences) > most:
            return None
        known[name] = sequences
        return Listed(name)

    known = {**parameters}
    instead: dict[Condition, Condition] = {}
    must = conjuncts(plan.shape)
    listed: Condition | None = None
    for number, each in enumerate(plan.apart):
        # Of a few that are listed already, it is asked one by one.
        found = None if listed else await few(each, f"few_{number}")
        instead[each] = found or Common(each)
        listed = listed or (found if each in must else None)
    shape = joined(replaced(plan.shape, instead, is_short=listed is not None), known)
    rest = [each for each in conjuncts(shape) if each not in STATES and not isinstance(each, Common)]
    if plan.is_scanned and rest and not any(isinstance(each, Listed) for each in rest):
        # Else each of several walks would come by nothing of it.
        shape = await few(shape, "few") or shape
    return replace(plan, shape=shape), known


def replaced(shape: Condition, instead: Mapping[Condition, Condition], *, is_short: bool) -> Condition:
    """The same with other conditions in place of some."""
    match shape:
        case Every(parts) | Either(parts):
            return type(shape)(tuple(replaced(each, instead, is_short=is_short) for each in parts))
        case Not(inner):
            # What nearly all meet, a walk that wants the others would ask of nearly all: of the few alone it is better than a set.
            these = {each: by for each, by in instead.items() if is_short or isinstance(by, Listed)}
            return Not(replaced(inner, these, is_short=is_short))
    return instead.get(shape, shape)


def joined(shape: Condition, known: dict[str, Any]) -> Condition:
    """The same with one list in place of alternatives that are lists; it is put into the parameters."""
    match shape:
        case Every(parts):
            return Every(tuple(joined(each, known) for each in parts))
        case Either(parts):
            names = [each.parameter for each in parts if isinstance(each, Listed)]
            if names and len(names) == len(parts):
                known[name := "_".join(names)] = sorted({sequence for each in names for sequence in known[each]})
                return Listed(name)
    return shape


def to_count(plan: Plan, listed: Plan) -> Condition:
    """What is counted: where nothing is few, by sets."""
    parts = conjuncts(listed.shape)
    if not any(isinstance(each, Listed) for each in parts):
        return plan.shape
    # Of the few also the tag that a page goes along: PostgreSQL would make a loop in a loop of it, while it knows nothing of an account.
    tags: dict[Condition, Condition] = {
        each: Common(each) for each in parts if isinstance(each, Among) and each.what == "tag"
    }
    return replaced(listed.shape, tags, is_short=True)

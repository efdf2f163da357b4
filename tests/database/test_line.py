"""Whose work the writer of the embedded database takes next."""

import asyncio

from hypothesis import given
from hypothesis import strategies as st

from doable.database import Transaction
from doable.database.sqlite.line import Line, Waiting


async def nothing(_: Transaction) -> None: ...


def waiting(loop: asyncio.AbstractEventLoop, owner_id: str | None, since: float = 0.0) -> Waiting:
    return Waiting(nothing, long=False, outcome=loop.create_future(), since=since, owner_id=owner_id)


@given(st.lists(st.sampled_from(["alice", "bob", "carol", None]), max_size=30))
def test_each_owner_keeps_its_order_and_nobody_has_a_second_turn_before_everybody_had_one(
    owners: list[str | None],
) -> None:
    loop = asyncio.new_event_loop()
    line, works = Line(), [waiting(loop, owner_id) for owner_id in owners]
    for each in works:
        line.append(each)
    taken = [line.next() for _ in range(len(line))]
    loop.close()
    assert len(line) == 0
    for owner_id in {*owners} - {None}:
        own = [each for each in works if each.owner_id == owner_id]
        assert [each for each in taken if each.owner_id == owner_id] == own
        assert line.waiting_of(str(owner_id)) == 0
    # Of each owner the n-th work is taken in the n-th round; a work of nobody in the first.
    rounds, seen = [], dict.fromkeys(owners, 0)
    for each in taken:
        seen[each.owner_id] += 1
        rounds.append(1 if each.owner_id is None else seen[each.owner_id])
    assert rounds == sorted(rounds)


def test_only_works_that_have_waited_for_too_long_are_taken_out() -> None:
    loop = asyncio.new_event_loop()
    line = Line()
    works = [waiting(loop, owner_id, since) for owner_id, since in (("alice", 1), ("bob", 2), ("alice", 3), (None, 4))]
    for each in works:
        line.append(each)
    assert line.take_since(3) == [works[0], works[1]]
    assert [line.next(), line.next()] == [works[2], works[3]]
    loop.close()
    assert len(line) == 0

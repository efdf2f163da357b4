"""The ids that the server chooses: UUIDs of version 7."""

import time
from uuid import RFC_4122, UUID

from doable.owned.ids import new_id


def test_they_begin_with_the_time_and_no_two_are_alike() -> None:
    before = time.time_ns() // 1_000_000
    made = [UUID(new_id()) for _ in range(10_000)]
    after = time.time_ns() // 1_000_000
    assert len(set(made)) == len(made)
    assert {(each.version, each.variant) for each in made} == {(7, RFC_4122)}
    instants = [each.int >> 80 for each in made]
    assert instants == sorted(instants)
    assert before <= instants[0] <= instants[-1] <= after
    # Every bit besides has been either.
    ones = zeros = 0
    for each in made:
        ones |= each.int
        zeros |= ~each.int
    random = (1 << 76) - 1 & ~(0b11 << 62)
    assert ones & random == zeros & random == random

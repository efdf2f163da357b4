"""Positions: keys whose bytes are the order, whatever is moved where."""

import json
import random
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doable.owned.positions import MAX_LENGTH, TOGETHER, between, first, last, place, spread

TABLE: Final[dict[str, Any]] = json.loads(Path(__file__).with_name("positions.json").read_text(encoding="utf-8"))
MOVES = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), max_size=120)


class Things:
    """Things in the order that they must have, each with its key."""

    def __init__(self) -> None:
        self.revision = 0
        self.keys: dict[int, str] = {}
        self.order: list[int] = []
        self.rewritten = 0

    def add(self) -> None:
        self.revision += 1
        self.keys[self.revision] = last(self.revision)
        self.order.append(self.revision)

    def move(self, thing: int, index: int) -> None:
        """Have it stand before what is the index-th of the others."""
        self.revision += 1
        others = [each for each in self.order if each != thing]
        key, crowded = place([self.keys[each] for each in others], index, self.revision)
        self.order = [*others[:index], thing, *others[index:]]
        self.keys[thing] = key
        if crowded:
            low = self.keys[others[crowded.start - 1]] if crowded.start else first(self.revision)
            high = self.keys[others[crowded.stop]] if crowded.stop < len(others) else last(self.revision)
            anew = [*others[crowded.start : index], thing, *others[index : crowded.stop]]
            self.keys.update(zip(anew, spread(low, high, len(anew)), strict=True))
            self.rewritten += len(anew)
            self.revision += len(anew)

    def check(self) -> None:
        keys = [self.keys[each].encode() for each in self.order]
        assert keys == sorted(set(keys))


@given(MOVES)
def test_the_order_of_the_keys_is_the_order_of_the_moves(moves: list[tuple[int, int]]) -> None:
    things = Things()
    for what, where in moves:
        if not things.order or what > len(things.order):
            things.add()
        else:
            things.move(things.order[what % len(things.order)], where % len(things.order))
        things.check()


@pytest.mark.parametrize("spot", ["second", "middle", "alternating"])
def test_always_the_same_spot_keeps_keys_short_and_rewrites_few(spot: str) -> None:
    things = Things()
    for _ in range(200):
        things.add()
    moves = 3000
    for number in range(moves):
        index = {"second": 1, "middle": 100, "alternating": 100 + number % 2}[spot]
        things.move(things.order[-1] if number % 2 else things.order[150], index)
    things.check()
    assert max(map(len, things.keys.values())) <= MAX_LENGTH
    assert things.rewritten / moves <= 1
    assert things.rewritten <= moves * 2 * TOGETHER


def test_between_is_always_there() -> None:
    """Between any two keys that were made, however close they are."""
    chance = random.Random(7)  # noqa: S311 - no secret
    keys = [first(9), first(3), last(1), last(10), last(99)]
    for _ in range(2000):
        at = chance.randrange(len(keys) - 1)
        keys.insert(at + 1, between(keys[at], keys[at + 1]))
    assert keys == sorted(set(keys))
    assert not any(key.endswith("-") for key in keys)


def test_the_keys_are_those_of_the_table_that_clients_share() -> None:
    for end in TABLE["ends"]:
        assert (first(end["revision"]), last(end["revision"])) == (end["first"], end["last"])
    for low, high, key in TABLE["between"]:
        assert between(low, high) == key

"""What a search takes, and making the words for it, on both databases: `python -m benchmarks.searching`. It needs Linux.

In processor time, PostgreSQL's with it, and the best of several rounds: so it matters little what else the machine does.
PostgreSQL is the one that the tests start, so the packages of the tests must be installed.
"""

import argparse
import asyncio
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from sqlalchemy import bindparam, select

from benchmarks.command import run
from benchmarks.figures import Figure, end, table
from benchmarks.filling import FILED, fill
from benchmarks.instances import Backend, backends
from benchmarks.processes import tree
from benchmarks.rounds import say
from doable.database import Statement
from doable.tasks.conditions import Every, Is, Not, Words
from doable.tasks.listing import Listing
from doable.tasks.pages import TaskPages
from doable.tasks.tables import tasks

SMALL: Final = 1_000
PAGE: Final = 50
ASKED_MS: Final = 50
SEARCHES: Final[dict[str, Listing]] = {
    "a word of all": Listing(Words("buy")),
    "of one in a hundred": Listing(Words("77")),
    "of one task": Listing(Words('"777th"')),
    "of none": Listing(Words("tea")),
    "a phrase of all": Listing(Words('"oat milk"')),
    "three words of all": Listing(Words("buy oat milk")),
    "three words, of none": Listing(Words("buy oat tea")),
    "of one in a hundred, open": Listing(Every((Words("77"), Not(Is("completed"))))),
    "of none, last changed first": Listing(Words("tea"), "-updated_at"),
    "of one in a hundred, last changed first": Listing(Words("77"), "-updated_at"),
    "a word of all, last changed first": Listing(Words("buy"), "-updated_at"),
    "a word of all, by due date": Listing(Words("buy"), "due"),
}
OWNER: Final = Statement(select(tasks.c.owner_id).where(tasks.c.id == bindparam("task_id")))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.searching", description=__doc__)
    parser.add_argument("--tasks", type=int, default=100_000, help="how many a large account has")
    parser.add_argument("--others", type=int, default=300, help="how many more accounts of 1,000 there are")
    parser.add_argument("--rounds", type=int, default=7, help="how often each search is measured")
    options = parser.parse_args()
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory(prefix="doable-benchmark-") as name, backends(Path(name)) as both:
        for backend in both:
            say(f"{backend.name}: filling")
            backend.migrate()
            ids = fill(backend, [SMALL, options.tasks, *[SMALL] * options.others], FILED)
            say(f"{backend.name}: searching")
            figures += asyncio.run(searches(backend, [each[0] for each in ids], options.rounds))
    print(table(figures))
    end(figures)


async def searches(backend: Backend, ids: list[str], rounds: int) -> list[Figure]:
    """In the first account, a small one, and in the second, a large one, each known by one of its tasks."""
    async with backend.open() as database:
        owners = [(await database.all(OWNER, task_id=each))[0]["owner_id"] for each in ids]
        small, large, *others = (TaskPages(database, owner_id) for owner_id in owners)
        number = await _size(large)
        seconds = await _seconds(backend, lambda: large.page(SEARCHES["of none"], limit=PAGE))
        what = f"{backend.name}, making the words of {number:,} tasks"
        figures = [Figure(what, f"{1e6 * seconds / number:.0f} µs each, {seconds:.1f} s")]
        for each in (small, *others):
            await each.page(SEARCHES["of none"], limit=PAGE)
        for name, listing in SEARCHES.items():
            few, many = [1000 * min(each) for each in await _in_turn(backend, (small, large), listing, rounds)]
            what = f"{backend.name}, {name}: {number:,} tasks and {SMALL:,}, among {SMALL * len(others):,} of others"
            figures.append(Figure(what, f"{many:.2f} ms and {few:.2f} ms", f"≤ {ASKED_MS} ms", many <= ASKED_MS))
        return figures


async def _in_turn(backend: Backend, both: Sequence[TaskPages], listing: Listing, rounds: int) -> list[list[float]]:
    found: list[list[float]] = [[] for _ in both]
    for number in range(rounds * len(both)):
        pages = both[number % len(both)]
        found[number % len(both)].append(await _seconds(backend, lambda: pages.page(listing, limit=PAGE)))  # noqa: B023 - awaited here
    return found


async def _size(pages: TaskPages) -> int:
    total = (await pages.page(Listing(), limit=1)).total
    assert total is not None
    return total


async def _seconds(backend: Backend, work: Callable[[], Awaitable[Any]]) -> float:
    before, began = dict(_of_database(backend)), time.process_time()
    await work()
    own = time.process_time() - began
    # Those that are there before and after: some come and go that vacuum.
    return own + sum(spent - before[pid] for pid, spent in _of_database(backend) if pid in before) / 1e9


def _of_database(backend: Backend) -> Iterator[tuple[int, int]]:
    """The nanoseconds that each process of the database has had a processor."""
    for pid in (each for root in backend.processes for each in tree(root)):
        with suppress(FileNotFoundError, ProcessLookupError):
            yield pid, int(Path(f"/proc/{pid}/schedstat").read_text().split()[0])


if __name__ == "__main__":
    run(main)

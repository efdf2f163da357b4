"""What one change costs in lists of different sizes: on Doable alone, with both databases."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import median
from typing import Final

from benchmarks.caldav.asking import AFTER_A_CHANGE, PUT_CHANGE, change_and_sync
from benchmarks.caldav.client import OK
from benchmarks.caldav.servers import Store, account
from benchmarks.caldav.texts import summary
from benchmarks.figures import Figure
from benchmarks.filling import fill
from benchmarks.instances import Backend, backends, serving
from benchmarks.rounds import say

MOST: Final = 1.2
"""So many times as long as in the smallest list it may take in the largest."""


def growth(folder: Path, sizes: Sequence[int], rounds: int) -> Iterator[Figure]:
    """Of both databases."""
    folder.mkdir()
    with backends(folder) as both:
        for backend in both:
            say(f"{backend.name}: lists of {', '.join(f'{size:,}' for size in sizes)} tasks")
            yield from _growth(backend, sizes, rounds)


def _growth(backend: Backend, sizes: Sequence[int], rounds: int) -> Iterator[Figure]:
    backend.migrate()
    ids = fill(backend, sizes)
    times: dict[str, list[list[float]]] = defaultdict(lambda: [[] for _ in sizes])
    with serving(backend) as server:
        stores = [
            _store_of(Store(account(server, number, "inbox"), {}, (server.pid,)), of[-rounds:])
            for number, of in enumerate(ids)
        ]
        for _ in range(rounds):
            for place, store in enumerate(stores):
                for operation, seconds in change_and_sync(store):
                    times[operation][place].append(seconds)
    for operation in (PUT_CHANGE, AFTER_A_CHANGE):
        medians = [median(each) for each in times[operation]]
        times_as_long = medians[-1] / medians[0]
        yield Figure(
            f"{backend.name}, {operation}, in lists of {', '.join(f'{size:,}' for size in sizes)} tasks",
            f"{', '.join(f'{1000 * each:.1f}' for each in medians)} ms: {times_as_long:.2f} times",
            f"≤ {MOST} times",
            times_as_long <= MOST,
        )


def _store_of(store: Store, ids: Sequence[str]) -> Store:
    """With what a client knows of these tasks."""
    with store.collection.session() as session:
        for id_ in ids:
            name = f"{id_}.ics"
            store.hrefs[name] = f"{store.collection.path}{name}"
            answer = session.ask("GET", store.hrefs[name], "", OK)
            assert answer.etag, "no ETag"
            store.etags[name], store.texts[name] = answer.etag, answer.body.decode()
            store.titles[name] = summary(store.texts[name])
    return store

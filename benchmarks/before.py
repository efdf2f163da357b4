"""What reading and writing tasks cost beside another version of Doable: `python -m benchmarks.before WORKTREE`. It needs Linux and two cores.

Both versions serve the same tasks, and each is asked in turn, so that whatever slows the machine slows both. What counts is
the processor time of a request, PostgreSQL's with it, since the machine may have other things to do. Such a worktree is made by
`git worktree add --detach /tmp/before <commit>`. How many statements each kind of write has, PostgreSQL's log says.
"""

import argparse
import asyncio
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from typing import Any, Final

import httpx

from benchmarks.client import Exchange
from benchmarks.command import run, some_of
from benchmarks.figures import Figure, end, table
from benchmarks.filling import fill
from benchmarks.instances import Backend, Instance, backends, serving
from benchmarks.owner import Owner
from benchmarks.rounds import on_core, say, two_cores

CONNECTIONS: Final = 16
WARM_UP_SECONDS: Final = 0.2
KINDS: Final[dict[str, tuple[Callable[[Owner], Iterator[Exchange]], float]]] = {
    "get one": (Owner.get, 1.05),
    "list 20, with total": (Owner.page, 1.08),
    "update": (Owner.update, 1.05),
    "complete": (Owner.complete, 1.05),
    # Last, since it makes the account larger.
    "create": (Owner.create, 1.05),
    "delete": (Owner.delete, 1.05),
}
"""What is asked, and how many times as much it may cost."""
DELETED: Final = 40_000
"""More than there is time to delete."""
WRITES: Final = 10
WRITES_OF_ONE_TASK: Final = (
    ("create", "POST", "", {"title": "Buy oat milk"}),
    ("patch", "PATCH", "", {"title": "Buy oats"}),
    ("complete", "PATCH", "/complete", {"is_completed": True}),
    ("delete", "DELETE", "", None),
)
LOG_SIZE: Final = "SELECT size FROM pg_stat_file('log')"
LOGGED: Final = r"SELECT regexp_count(pg_read_file('log', $1, 1000000), 'LOG:  (statement|execute \S+): ')"


Pair = list[tuple[Backend, Instance, list[Owner]]]


def compare(pair: Pair, only: Sequence[str], seconds: float, rounds: int) -> Iterator[Figure]:
    """Each operation on both versions in turn: the other one first."""
    for what in only:
        exchanges, most = KINDS[what]
        asked = [exchanges(owners[what == "delete"]) for _, _, owners in pair]
        costs: list[list[float]] = [[], []]
        for _ in range(rounds):
            for (backend, server, _), each, found in zip(pair, asked, costs, strict=True):
                run = server.measure(
                    each,
                    connections=CONNECTIONS,
                    warm_up_seconds=WARM_UP_SECONDS,
                    seconds=seconds,
                    processes=backend.processes,
                )
                found.append(run.server_cpu)
        other, this = (100 * median(found) for found in costs)
        ratio = median(mine / theirs for theirs, mine in zip(*costs, strict=True))
        name = pair[0][0].name
        say(f"{name}, {what}: {ratio:.3f}")
        yield Figure(f"{name}, {what}", f"{ratio:.2f} ({this:.0f} : {other:.0f} µs)", f"≤ {most}", ratio <= most)


def statements(backend: Backend) -> dict[str, int]:
    """How many statements each kind of write is, BEGIN and COMMIT among them."""
    assert backend.url is not None
    asyncio.run(_sql(backend.url, "ALTER ROLE CURRENT_USER SET log_statement = 'all'"))
    found: dict[str, list[int]] = {}
    with serving(backend) as server:
        headers = {"Authorization": f"Bearer {server.log_in(0)}"}
        with httpx.Client(base_url=f"http://127.0.0.1:{server.port}/api/me", headers=headers) as client:
            for _ in range(WRITES):
                path = ""
                for what, method, further, body in WRITES_OF_ONE_TASK:
                    size = asyncio.run(_sql(backend.url, LOG_SIZE))
                    answer = client.request(method, f"/tasks{path}{further}", json=body).raise_for_status()
                    path = path or f"/{answer.json()['id']}"
                    found.setdefault(what, []).append(asyncio.run(_sql(backend.url, LOGGED, size)))
    asyncio.run(_sql(backend.url, "ALTER ROLE CURRENT_USER RESET log_statement"))
    # What the background asks is in the log, too.
    return {what: min(counts) for what, counts in found.items()}


async def _sql(url: str, statement: str, *values: object) -> Any:
    import asyncpg

    connection = await asyncpg.connect(url, server_settings={"log_statement": "none"})
    try:
        return await connection.fetchval(statement, *values)
    finally:
        await connection.close()


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.before", description=__doc__)
    parser.add_argument("worktree", type=Path, help="where the other version is checked out")
    parser.add_argument("--seconds", type=float, default=1.0, help="how long each run takes")
    parser.add_argument("--rounds", type=int, default=15, help="how often each is measured")
    parser.add_argument("--only", type=some_of(KINDS), default=list(KINDS), help=f"some of {','.join(KINDS)}")
    parser.add_argument("--tasks", type=int, default=1_000, help="how many the account has")
    options = parser.parse_args()
    server_core, client_core = two_cores()
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory(prefix="doable-benchmark-") as name, ExitStack() as stack:
        sources = (options.worktree.absolute() / "src", None)
        folders = [Path(name) / each for each in ("other", "this")]
        for folder in folders:
            folder.mkdir()
        each_has = [
            stack.enter_context(backends(folder, source)) for folder, source in zip(folders, sources, strict=True)
        ]
        for both in zip(*each_has, strict=True):
            pair = []
            with ExitStack() as servers:
                servers.enter_context(on_core(server_core, [pid for each in both for pid in each.processes]))
                for backend in both:
                    backend.migrate()
                    ids = fill(backend, [options.tasks, *[DELETED] * ("delete" in options.only)])
                    server = servers.enter_context(serving(backend))
                    owners = [Owner(server.port, server.log_in(number), each) for number, each in enumerate(ids)]
                    pair.append((backend, server, owners))
                servers.enter_context(on_core(client_core))
                figures += compare(pair, options.only, options.seconds, options.rounds)
            if both[0].url is not None:
                others, mine = (statements(each) for each in both)
                figures += [
                    Figure(f"statements, {what}", f"{number} : {others[what]}", "as many", number <= others[what])
                    for what, number in mine.items()
                ]
    print(f"\n{table(figures)}")
    end(figures)


if __name__ == "__main__":
    run(main)

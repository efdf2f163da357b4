"""What reading and writing tasks cost beside another version of Doable: `python -m benchmarks.before WORKTREE`. It needs Linux and two cores.

Both versions serve the same tasks, and each is asked in turn, so that whatever slows the machine slows both. What counts is
the processor time of a request, PostgreSQL's with it, since the machine may have other things to do. Such a worktree is made by
`git worktree add --detach /tmp/before <commit>`.
"""

import argparse
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from typing import Final

from benchmarks.client import Exchange
from benchmarks.command import run
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
    # Last, since it makes the account larger.
    "create": (Owner.create, 1.05),
}
"""What is asked, and how many times as much it may cost."""


def compare(pair: list[tuple[Backend, Instance, Owner]], seconds: float, rounds: int) -> Iterator[Figure]:
    """Each operation on both versions in turn: the other one first."""
    for what, (exchanges, most) in KINDS.items():
        asked = [exchanges(owner) for _, _, owner in pair]
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


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.before", description=__doc__)
    parser.add_argument("worktree", type=Path, help="where the other version is checked out")
    parser.add_argument("--seconds", type=float, default=1.0, help="how long each run takes")
    parser.add_argument("--rounds", type=int, default=15, help="how often each is measured")
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
                    ids = fill(backend, [options.tasks])[0]
                    server = servers.enter_context(serving(backend))
                    pair.append((backend, server, Owner(server.log_in(0), ids)))
                servers.enter_context(on_core(client_core))
                figures += compare(pair, options.seconds, options.rounds)
    print(f"\n{table(figures)}")
    end(figures)


if __name__ == "__main__":
    run(main)

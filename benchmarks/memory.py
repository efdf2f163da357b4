"""The memory of a server: when it has started, when it has hashed, and after many requests; and that of four workers together."""

import asyncio
import time
from collections.abc import Iterator
from typing import Final

import httpx

from benchmarks.client import Exchange
from benchmarks.figures import Figure
from benchmarks.instances import GRACE_SECONDS, Backend, Instance, serving
from benchmarks.owner import Owner
from benchmarks.processes import memory_mib, shared_out_mib
from benchmarks.workload import PASSWORD, email
from doable.accounts.passwords.hashing import MAX_THREADS
from doable.cores import usable_cores

IDLE_MIB: Final = 90
THREAD_MIB: Final = 20
BUSY_MIB: Final = 130
FLAT_MIB: Final = 2
WORKERS: Final = 4
WORKERS_MIB: Final = 300
CONNECTIONS: Final = 16
WARM_UP_SECONDS: Final = 0.1
SETTLE_SECONDS: Final = 1
LOG_INS: Final = 4
"""Of each user."""


def memory(backend: Backend, number: int, ids: list[str], users: range, requests: int) -> list[Figure]:
    """One server from its start: what it needs, beside what it may need.

    User `number` asks, and deletes some of the tasks with these ids. `users` log in.
    """
    threads = min(MAX_THREADS, usable_cores())
    with serving(backend) as server:
        idle = resident(server)
        asyncio.run(log_in(server, users))
        hashed = resident(server)
        owner = Owner(server.port, server.log_in(number), ids)
        exchanges = owner.mix()
        first = ask(server, exchanges, requests)
        busy = resident(server)
        second = ask(server, exchanges, requests)
        end = resident(server)
        owner.check_total()
    each = (hashed - idle) / threads
    return [
        Figure(f"memory, {backend.name}, idle", mib(idle), f"< {IDLE_MIB} MiB", idle < IDLE_MIB),
        Figure(
            f"memory, {backend.name}, when {threads} threads have hashed",
            f"{mib(hashed)}, {mib(each)} more for each",
            f"{THREAD_MIB} MiB more for each",
            each <= THREAD_MIB,
        ),
        Figure(
            f"memory, {backend.name}, after {first:,} requests more", mib(busy), f"< {BUSY_MIB} MiB", busy < BUSY_MIB
        ),
        Figure(
            f"memory, {backend.name}, after {second:,} requests more",
            f"{mib(end)}, {end - busy:+.1f} MiB",
            f"flat: {FLAT_MIB} MiB more at most",
            end - busy <= FLAT_MIB,
        ),
        together(backend),
    ]


def together(backend: Backend) -> Figure:
    """Four workers and their parent, with what they share counted once."""
    with serving(backend, WORKERS) as server:
        time.sleep(SETTLE_SECONDS)
        size = shared_out_mib(server.pid)
    what = f"memory, {backend.name}, {WORKERS} workers and their parent, idle, by `Pss`"
    return Figure(what, mib(size), f"< {WORKERS_MIB} MiB", size < WORKERS_MIB)


def resident(server: Instance) -> float:
    """The MiB of the process that serves, once it has come to rest."""
    time.sleep(SETTLE_SECONDS)
    return memory_mib(server.pid)


def mib(size: float) -> str:
    """A size, to be read."""
    return f"{size:.1f} MiB"


async def log_in(server: Instance, users: range) -> None:
    """Let all of these users log in at once, again and again, so that every thread that hashes has work."""
    limits = httpx.Limits(max_connections=None)
    async with httpx.AsyncClient(timeout=GRACE_SECONDS, limits=limits) as client:
        for _ in range(LOG_INS):
            answers = await asyncio.gather(
                *(
                    client.post(
                        f"http://127.0.0.1:{server.port}/api/auth/login",
                        json={"email": email(number), "password": PASSWORD},
                    )
                    for number in users
                )
            )
            assert all(answer.status_code == 200 for answer in answers), answers


def ask(server: Instance, exchanges: Iterator[Exchange], requests: int) -> int:
    """So many requests, or a few more; how many they were."""
    # The first run is short, and tells how long the others must be.
    done, rate = 0, 5.0 * requests
    while done < requests:
        seconds = min(10.0, (requests - done) / rate)
        run = server.measure(exchanges, connections=CONNECTIONS, warm_up_seconds=WARM_UP_SECONDS, seconds=seconds)
        done, rate = done + run.answers, run.rate
    return done

"""Measure what reminders cost: `python -m benchmarks.reminders`. It needs Linux.

On both databases: the looks for what is due, among 1,000,000 that wait. 10,000 reminders of one instant, of as many owners, of a hundred and of
one, with one process and with two: when the last of them has come, and what four others wait for who get a task now and then, and one who
creates some. Single reminders: how long after its instant each is in the feed. PostgreSQL is the one that the tests start.
"""

import argparse
import asyncio
import json
import tempfile
import time
import uuid
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import cycle
from pathlib import Path
from typing import Any, Final

import uvloop
from sqlalchemy import Table, select

from benchmarks.beside import get
from benchmarks.client import percentile
from benchmarks.command import run
from benchmarks.events import connected, sign_up
from benchmarks.figures import Figure, end, table
from benchmarks.filling import fill
from benchmarks.hammering import ask
from benchmarks.instances import Backend, Instance, backends, serving
from benchmarks.messages import http_request
from benchmarks.owner import PATH
from benchmarks.processes import cpu_seconds
from benchmarks.rounds import say
from doable import clock
from doable.database import Statement
from doable.database.sqlite.driver import connect
from doable.database.types import instant_to_text
from doable.notifications import deliveries, firing, tables
from doable.owned.tables import owners
from doable.preferences import digests
from doable.tasks.alarms import alarms
from doable.tasks.preferred import DEFAULTS, preferences
from doable.tasks.reminders import to_text
from doable.tasks.tables import tasks

OTHERS: Final = 4
PAUSE_SECONDS: Final = 0.03
WRITE_PAUSE_SECONDS: Final = 0.1
QUIET_SECONDS: Final = 5
LOOKS: Final = 500
SINGLE: Final = 100
SINGLE_SECONDS: Final = 0.25
"""Between two of them; with the second in which a process looks, each is at another moment of it."""
GRACE_SECONDS: Final = 300
ASKED_SECONDS: Final = 60
ASKED_TIMES: Final = 3
LEFT: Final = Statement(select(alarms.c.id).limit(1))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.reminders", description=__doc__)
    parser.add_argument("--only", choices=("sqlite", "postgresql"))
    parser.add_argument("--part", choices=("looks", "at-once", "single"))
    parser.add_argument("--waiting", type=int, default=1_000_000, help="how many alarms wait while is looked")
    parser.add_argument("--reminders", type=int, default=10_000, help="how many come at one instant")
    parser.add_argument(
        "--owners", type=int, nargs="*", help="of how many owners they are, if not of each of these: all, 100, 1"
    )
    parser.add_argument("--workers", type=int, nargs="*", default=[1, 2], help="with how many processes")
    options = parser.parse_args()
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory(prefix="doable-benchmark-") as name, backends(Path(name)) as both:
        for backend in both:
            if options.only in {None, backend.name.lower()}:
                backend.migrate()
                for figure in measure(backend, options):
                    say(f"{figure.what}: {figure.measured}")
                    figures.append(figure)
    print(f"\n{table(figures)}")
    end(figures)


def measure(backend: Backend, options: argparse.Namespace) -> Iterator[Figure]:
    """All of it on one database."""
    ids = fill(backend, [100] * OTHERS)
    for workers in options.workers if options.part != "looks" else ():
        where = f"{backend.name}, {workers} process{'es' if workers > 1 else ''}"
        with serving(backend, workers) as server:
            tokens = [server.log_in(number) for number in range(OTHERS)]
            others = Others([[get(token, id_) for id_ in of] for token, of in zip(tokens, ids, strict=True)], tokens[0])
            for number in options.owners or (options.reminders, 100, 1) if options.part != "single" else ():
                what = f"{where}, {options.reminders:,} at once of {number:,} owner{'s' if number > 1 else ''}"
                yield from at_once(what, backend, server, Due(number, options.reminders // number), others)
            if options.part != "at-once":
                yield single(where, server)
    if options.part in {None, "looks"}:
        yield from looks(backend, options.waiting)


@dataclass(frozen=True, slots=True)
class Due:
    """So many owners, each of whom has so many tasks with a reminder of one instant."""

    owners: int
    each: int


def remind(backend: Backend, due: Due, at: datetime) -> None:
    """Add them past HTTP, in bulk."""
    now, owner_ids = clock.now(), [str(uuid.uuid4()) for _ in range(due.owners)]
    ids = [
        (owner_id, number, str(uuid.uuid4()), str(uuid.uuid4())) for owner_id in owner_ids for number in range(due.each)
    ]

    def reminders(id_: str) -> str | None:
        text = instant_to_text(at)
        return to_text([{"id": id_, "offset": None, "relative_to": None, "at": text, "remind_at": text}])

    insert(backend, owners, ({"owner_id": each, "revision": due.each, "tasks": due.each} for each in owner_ids))
    insert(
        backend,
        tasks,
        (
            {
                "owner_id": owner_id,
                "sequence": number + 1,
                "id": task_id,
                "title": "Take the bins out",
                "created_at": now,
                "updated_at": now,
                "revision": number + 1,
                "reminders": reminders(id_),
            }
            for owner_id, number, task_id, id_ in ids
        ),
    )
    insert(
        backend,
        alarms,
        ({"owner_id": owner_id, "task_id": task_id, "id": id_, "fire_at": at} for owner_id, _, task_id, id_ in ids),
    )


def insert(backend: Backend, into: Table, rows: Iterable[dict[str, Any]]) -> None:
    """Rows that all have the same columns."""
    rows = iter(rows)
    first = next(rows)
    if backend.url is not None:
        asyncio.run(_copy(backend.url, into.name, [*first], [first, *rows]))
        return
    connection = connect(backend.folder / "data" / "doable.db", busy_timeout_ms=60_000)
    statement = f"INSERT INTO {into.name} ({', '.join(first)}) VALUES ({', '.join(f':{name}' for name in first)})"  # noqa: S608 - names
    try:
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany(
            statement,
            (
                {name: instant_to_text(value) if isinstance(value, datetime) else value for name, value in row.items()}
                for row in [first, *rows]
            ),
        )
        connection.execute("COMMIT")
    finally:
        connection.close()


async def _copy(url: str, name: str, columns: list[str], rows: list[dict[str, Any]]) -> None:
    import asyncpg

    connection = await asyncpg.connect(url)
    try:
        await connection.copy_records_to_table(name, records=(tuple(row.values()) for row in rows), columns=columns)
        # As PostgreSQL does by itself soon, and should not while it is measured.
        await connection.execute(f"VACUUM ANALYZE {name}")
    finally:
        await connection.close()


@dataclass(frozen=True, slots=True)
class Others:
    """Who notices: what each of them asks for, and the token of the one who writes."""

    gets: Sequence[Sequence[bytes]]
    token: str


@dataclass(slots=True)
class Waits:
    """How long each answer to others took, in milliseconds."""

    reads: list[float] = field(default_factory=list)
    writes: list[float] = field(default_factory=list)

    def of(self, what: str, percent: int) -> float:
        """A percentile of the reads, or of the writes."""
        return percentile(sorted(getattr(self, what)), percent)


@asynccontextmanager
async def using(port: int, others: Others) -> AsyncIterator[Waits]:
    """While it lasts, each of the others reads now and then, and one of them writes."""
    waits, has_ended = Waits(), asyncio.Event()

    async def user(requests: Sequence[bytes], pause: float, found: list[float]) -> None:
        async with connected(port) as (reader, writer):
            due = time.perf_counter()
            for each in cycle(requests):
                # Whoever waits for an answer would have sent the next request already: its time counts from when it was due.
                is_late = time.perf_counter() > due
                await asyncio.sleep(due - time.perf_counter())
                began = due if is_late else time.perf_counter()
                status, body = await ask(reader, writer, each)
                assert status in {200, 201}, body
                found.append(1000 * (time.perf_counter() - began))
                due += pause
                if has_ended.is_set():
                    break

    writing = [http_request("POST", PATH, others.token, json.dumps({"title": "Buy oat milk"}).encode())]
    users = [asyncio.create_task(user(each, PAUSE_SECONDS, waits.reads)) for each in others.gets]
    users.append(asyncio.create_task(user(writing, WRITE_PAUSE_SECONDS, waits.writes)))
    try:
        yield waits
    finally:
        has_ended.set()
        await asyncio.gather(*users)


def at_once(what: str, backend: Backend, server: Instance, due: Due, others: Others) -> Iterator[Figure]:
    """All of them come while others read and write."""
    at = clock.now() + timedelta(seconds=QUIET_SECONDS + 10)
    remind(backend, due, at)
    time.sleep(max(0.0, (at - clock.now()).total_seconds() - QUIET_SECONDS - 1))
    quiet, busy, seconds, cpu = uvloop.run(_at_once(backend, server, at, others))
    yield Figure(
        what,
        f"{seconds:.1f} s, {cpu:.1f} s of a processor",
        f"≤ {ASKED_SECONDS} s",
        seconds <= ASKED_SECONDS,
    )
    p99, before = busy.of("reads", 99), quiet.of("reads", 99)
    words = (
        f"p50 {busy.of('reads', 50):.1f} : {quiet.of('reads', 50):.1f}, p99 {p99:.1f} : {before:.1f}, at most "
        f"{busy.of('reads', 100):.1f} : {quiet.of('reads', 100):.1f} ms; a write p50 {busy.of('writes', 50):.1f} : "
        f"{quiet.of('writes', 50):.1f}, at most {busy.of('writes', 100):.1f} : {quiet.of('writes', 100):.1f} ms"
    )
    yield Figure(
        "… a get of others meanwhile : quiet",
        words,
        f"p99 < {ASKED_TIMES} times the quiet one",
        p99 < ASKED_TIMES * before,
    )


async def _at_once(
    backend: Backend, server: Instance, at: datetime, others: Others
) -> tuple[Waits, Waits, float, float]:
    processes = (server.pid, *backend.processes)
    async with backend.open() as database:
        async with using(server.port, others) as quiet:
            await asyncio.sleep((at - clock.now()).total_seconds() - 0.5)
        await asyncio.sleep(max(0.0, (at - clock.now()).total_seconds()))
        began, cpu = time.perf_counter(), cpu_seconds(processes)
        async with using(server.port, others) as busy:
            while await database.one(LEFT):
                assert time.perf_counter() < began + GRACE_SECONDS, "They do not come to an end."
                await asyncio.sleep(0.1)
            seconds, cpu = time.perf_counter() - began, cpu_seconds(processes) - cpu
    return quiet, busy, seconds, cpu


def single(where: str, server: Instance) -> Figure:
    """How long after its instant each of some reminders is in the feed, one after another."""
    token = sign_up(server.port, 1_000 + len(server.workers))
    late = sorted(uvloop.run(_single(server.port, token)))
    p50, p99, most = (percentile(late, percent) for percent in (50, 99, 100))
    return Figure(
        f"{where}, from a reminder's instant to its event, {len(late)} times",
        f"p50 {p50:.2f}, p99 {p99:.2f}, at most {most:.2f} s",
        "≤ 2 s",
        most <= 2,
    )


async def _single(port: int, token: str) -> list[float]:
    first = clock.now() + timedelta(seconds=5)
    async with connected(port) as (reader, writer), connected(port) as (answers, requests):
        writer.write(http_request("GET", "/api/me/events?kinds=notification", token))
        await reader.readuntil(b"retry: 1000\n\n")
        for number in range(SINGLE):
            at = instant_to_text(first + timedelta(seconds=SINGLE_SECONDS * 1.013 * number))
            new = json.dumps({"title": "Take the bins out", "reminders": [{"at": at}]}).encode()
            status, body = await ask(answers, requests, http_request("POST", PATH, token, new))
            assert status == 201, body
        late: list[float] = []
        while len(late) < SINGLE:
            async with asyncio.timeout(GRACE_SECONDS):
                line = await reader.readuntil(b"\n")
            if line.startswith(b"data: "):
                came = json.loads(line[6:])["notification"]
                late.append((clock.now() - datetime.fromisoformat(came["remind_at"])).total_seconds())
        return late


def looks(backend: Backend, waiting: int) -> Iterator[Figure]:
    """The looks of each process, again and again, where nothing is due."""
    at, each = clock.now() + timedelta(days=1), 1_000
    owner_ids = [str(uuid.uuid4()) for _ in range(max(1, waiting // each))]
    insert(backend, owners, ({"owner_id": owner_id, "revision": 0, "tasks": 0} for owner_id in owner_ids))
    rows = (
        {
            "owner_id": owner_id,
            "task_id": str(uuid.uuid4()),
            "id": str(uuid.uuid4()),
            "fire_at": at + timedelta(seconds=number),
        }
        for owner_id in owner_ids
        for number in range(each)
    )
    insert(backend, alarms, rows)
    yield look(backend, f"{waiting:,} waiting alarms", firing.DUE, **firing.ORDER.start())
    now = clock.now()
    rows = (
        {
            "owner_id": owner_id,
            "id": str(uuid.uuid4()),
            "channel": deliveries.CHANNELS[number % len(deliveries.CHANNELS)],
            "created_at": now,
            "attempts": 1,
            "due_at": at + timedelta(seconds=number),
        }
        for owner_id in owner_ids
        for number in range(each)
    )
    insert(backend, tables.deliveries, rows)
    yield look(backend, f"{waiting:,} waiting deliveries", deliveries.ANY_DUE)
    preferred = {name: value for name, value in DEFAULTS.items() if name in preferences.c}
    people = [str(uuid.uuid4()) for _ in range(waiting // 10)]
    insert(backend, owners, ({"owner_id": each, "revision": 1, "tasks": 0} for each in people))
    insert(
        backend,
        preferences,
        ({**preferred, "owner_id": each, "digest_due_at": at, "updated_at": now, "revision": 1} for each in people),
    )
    yield look(backend, f"{waiting // 10:,} waiting digests", digests.DUE, **digests.ORDER.start())


def look(backend: Backend, what: str, statement: Statement[Any], **parameters: Any) -> Figure:
    """One of them."""
    microseconds = uvloop.run(_look(backend, statement, parameters))
    return Figure(
        f"{backend.name}, the look at {what}", f"{microseconds:.0f} µs of a processor", "< 1 ms", microseconds < 1000
    )


async def _look(backend: Backend, statement: Statement[Any], parameters: dict[str, Any]) -> float:
    def cpu() -> float:
        return time.process_time() + cpu_seconds(backend.processes)

    async with backend.open() as database:
        assert not await database.all(statement, now=clock.now(), **parameters)
        began = cpu()
        for _ in range(LOOKS):
            await database.all(statement, now=clock.now(), **parameters)
        return 1e6 * (cpu() - began) / LOOKS


if __name__ == "__main__":
    run(main)

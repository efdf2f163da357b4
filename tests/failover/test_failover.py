"""The primary of two PostgreSQL is lost under load: nothing that was acknowledged is lost, nothing is there twice.

Every write has a key, and is tried again with it until it is acknowledged. Doable is not restarted. The standby is
synchronous, as it has to be for this; the one who promotes it takes two seconds to notice.
"""

import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from threading import Event
from typing import Final

import httpx
import pytest

from support.postgresql import PostgreSQL, wheel_binaries
from support.server import Server
from support.users import User

USERS: Final = 8
NOTICED_SECONDS: Final = 2
BOUND_SECONDS: Final = 10
LONGEST_ANSWER_SECONDS: Final = 6
"""The bounds of issue 11."""


@dataclass
class Told:
    """What one client was told."""

    stored: list[str] = field(default_factory=list)
    """The titles that were acknowledged."""
    acknowledged_at: list[float] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    """How long each answer took."""
    refused: int = 0


@pytest.fixture
def primary() -> Iterator[PostgreSQL]:
    with PostgreSQL(wheel_binaries()) as running:
        yield running


@pytest.fixture
def standby(primary: PostgreSQL) -> Iterator[PostgreSQL]:
    """It follows the primary, which waits for it with every COMMIT."""
    with PostgreSQL(wheel_binaries(), standby_of=primary) as running:
        primary.set("synchronous_standby_names", "*")
        yield running


@contextmanager
def serving(folder: Path, primary: PostgreSQL, standby: PostgreSQL) -> Iterator[tuple[Server, list[User]]]:
    """A server that knows both, and its users."""
    name = primary.new_database().rpartition("/")[2]
    hosts = f"127.0.0.1:{primary.port},127.0.0.1:{standby.port}"
    url = f"postgresql://postgres@{hosts}/{name}?target_session_attrs=read-write"
    with ExitStack() as stack:
        server = stack.enter_context(Server(folder, DATABASE_URL=url))
        yield server, [stack.enter_context(closing(User(server.url))) for _ in range(USERS)]


def create(client: httpx.Client, user: User, told: Told) -> None:
    """Create a task, and try again with the same key until it is acknowledged."""
    title, key = uuid.uuid4().hex, uuid.uuid4().hex
    while True:
        began = time.monotonic()
        answer = client.post(user.tasks, json={"title": title}, headers={"Idempotency-Key": key})
        told.seconds.append(time.monotonic() - began)
        if answer.status_code == 201:
            told.stored.append(title)
            told.acknowledged_at.append(time.monotonic())
            return
        # 409: the first attempt is still under way.
        assert answer.status_code in {503, 409}, answer.text
        told.refused += 1
        time.sleep(0.1)


def create_until(user: User, enough: Event) -> Told:
    told = Told()
    with httpx.Client(base_url=user.base_url, headers=user.headers, timeout=60) as client:
        while not enough.is_set():
            create(client, user, told)
    return told


def titles_of(user: User) -> list[str]:
    titles: list[str] = []
    while page := user.get(user.tasks, params={"limit": 100, "offset": len(titles)}).json()["tasks"]:
        titles += [task["title"] for task in page]
    return titles


def lose(how: str, primary: PostgreSQL, standby: PostgreSQL, stack: ExitStack) -> float:
    """Lose the primary, and promote the standby; when that was done."""
    if how == "killed":
        primary.kill()
    elif how == "frozen":
        stack.enter_context(primary.frozen())
    else:
        # The administrator's way: the primary sends everything before it stops.
        primary.stop("fast")
        standby.promote()
        return time.monotonic()
    time.sleep(NOTICED_SECONDS)
    standby.promote()
    return time.monotonic()


@pytest.mark.parametrize("how", ["killed", "frozen", "switched over"])
def test_nothing_is_lost_or_doubled(how: str, primary: PostgreSQL, standby: PostgreSQL, tmp_path: Path) -> None:
    with serving(tmp_path, primary, standby) as (server, users), ThreadPoolExecutor(USERS) as threads:
        process, enough, stack = server.process.pid, Event(), ExitStack()
        running = [threads.submit(create_until, user, enough) for user in users]
        try:
            time.sleep(3)
            lost_at = time.monotonic()
            promoted_at = lose(how, primary, standby, stack)
            time.sleep(BOUND_SECONDS)
        finally:
            enough.set()
        every = [future.result(timeout=60) for future in running]
        # As a fence does, before the old primary thinks again that it is one.
        if how == "frozen":
            primary.kill()
        stack.close()
        for user, told in zip(users, every, strict=True):
            titles = titles_of(user)
            assert sorted(titles) == sorted(told.stored)
            assert len(set(titles)) == len(titles) == user.get(user.tasks).json()["total"]
        assert (server.process.pid, server.process.poll()) == (process, None)
    report(how, every, lost_at, promoted_at)
    healed = max(min(at for at in told.acknowledged_at if at > promoted_at) for told in every) - promoted_at
    assert healed < BOUND_SECONDS
    assert max(second for told in every for second in told.seconds) < LONGEST_ANSWER_SECONDS


def report(how: str, every: list[Told], lost_at: float, promoted_at: float) -> None:
    """Print the figures that docs/reliability.md keeps."""
    acknowledged = sorted(at for told in every for at in told.acknowledged_at)
    without = max(later - earlier for earlier, later in pairwise(acknowledged) if later > lost_at)
    healed = max(min(at for at in told.acknowledged_at if at > promoted_at) for told in every)
    print(
        f"\n{how}: {sum(len(told.stored) for told in every)} acknowledged, 0 lost, 0 doubled; "
        f"{sum(told.refused for told in every)} times 503 or 409; {without:.1f} s without a write; "
        f"{promoted_at - lost_at:.1f} s until the standby was promoted, and the last client {healed - promoted_at:.1f} s after that; "
        f"the longest answer {max(second for told in every for second in told.seconds):.1f} s",
        flush=True,
    )


def test_a_success_is_on_the_standby(primary: PostgreSQL, standby: PostgreSQL, tmp_path: Path) -> None:
    """The standby is away: a write is 503, and so is every retry, until the standby has it. Then the primary is lost."""
    with serving(tmp_path, primary, standby) as (_, (alice, *_)):
        standby.stop("fast")

        def attempt() -> httpx.Response:
            return alice.post(alice.tasks, json={"title": "kept"}, headers={"Idempotency-Key": "a-key"})

        assert [attempt().status_code for _ in range(3)] == [503, 503, 503]
        # It is stored on the primary, and nobody was told so.
        assert titles_of(alice) == ["kept"]
        standby.start()
        until(lambda: attempt().status_code == 201)
        primary.kill()
        standby.promote()
        until(lambda: alice.get(alice.tasks).status_code == 200)
        assert titles_of(alice) == ["kept"]
        assert attempt().headers["idempotency-replayed"] == "true"


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.1)

"""Revocations, known to every process within a second, without a database read for each request."""

import asyncio
import time
from collections.abc import Iterable
from datetime import UTC, datetime
from heapq import heappop, heappush
from typing import Any, Final, Self

from doable import clock
from doable.accounts.gate.credentials import Credential
from doable.accounts.gate.repository import LIVE, NEW, SEEN, all_until, start_of
from doable.background import Repeating
from doable.database import Database, Row, Statement
from doable.database.pages import SLICE
from doable.database.types import FIRST, Id
from doable.errors import Unauthenticated, Unavailable

INTERVAL_SECONDS: Final = 0.5
STALE_SECONDS: Final = 5.0
FORGOTTEN_TOGETHER: Final = 1000
"""The most that are dropped at each reading, in about 3 ms: twice as many as a user can make, as far as was measured."""
UNTIL_IT_IS_READ: Final = datetime.max.replace(tzinfo=UTC)


class Revocations:
    """The revoked ids: all are read before the process listens, and new ones twice a second.

    If a process has not been able to read them for five seconds, it refuses every credential with 503: it cannot know.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._revoked: dict[str, datetime] = {}
        self._expiring: list[tuple[datetime, str]] = []
        self._all_until = 0
        self._news = 0
        """How often something has been revoked."""
        self._seen: Row | None = None
        self._read_at = 0.0
        self._reading = Repeating("revocations", INTERVAL_SECONDS, self._read)

    async def __aenter__(self) -> Self:
        await self._read()
        await self._reading.__aenter__()
        return self

    async def __aexit__(self, *error: object) -> None:
        await self._reading.__aexit__(*error)

    def check(self, credential: Credential) -> None:
        """Raise Unauthenticated if its user or session is revoked, or all of its time are; Unavailable if nobody can know."""
        if self._is_stale:
            raise Unavailable
        if (
            credential.user_id in self._revoked
            or credential.id in self._revoked
            or credential.issued_at <= self._all_until
        ):
            raise Unauthenticated

    def findings(self) -> object:
        """As long as this is equal, `check` finds the same as before."""
        return self._news, self._is_stale

    @property
    def _is_stale(self) -> bool:
        return time.monotonic() - self._read_at > STALE_SECONDS

    def add(self, ids: Iterable[str]) -> None:
        """Refuse these from now on: this process has just committed that they are revoked."""
        self._news += 1
        for each in ids:
            self._revoked.setdefault(each, UNTIL_IT_IS_READ)

    async def _read(self) -> None:
        self._forget()
        began = time.monotonic()
        # Before the rest, so that nothing is missed: a revocation that is committed meanwhile is read now, next time, or twice.
        seen = await self._database.one(SEEN)
        assert seen is not None  # noqa: S101 - it is no table's
        last = self._seen
        if last is None or seen["server"] != last["server"] or start_of(seen["seen"]) < start_of(last["seen"]):
            await self._learn(LIVE, after_expires_at=clock.now(), after_id=FIRST[Id])
            # That may have taken long.
            last, began = seen, time.monotonic()
            seen = await self._database.one(SEEN)
        await self._learn(NEW, seen=last["seen"], after_number=start_of(last["seen"]), after_id=FIRST[Id])
        self._seen, self._read_at = seen, began

    async def _learn(self, page: Statement, **parameters: Any) -> None:
        while rows := await self._database.all(page, **parameters):
            now = clock.now()
            for row in rows:
                if row["expires_at"] > now:
                    self._note(row["id"], row["expires_at"])
            if len(rows) < SLICE:
                return
            parameters.update({f"after_{name}": value for name, value in rows[-1].items()})
            # On SQLite a read does not let the event loop go on by itself.
            await asyncio.sleep(0)

    def _note(self, revoked_id: str, expires_at: datetime) -> None:
        if self._revoked.get(revoked_id) != expires_at:
            self._news += 1
            self._revoked[revoked_id] = expires_at
            heappush(self._expiring, (expires_at, revoked_id))
            self._all_until = max(self._all_until, all_until(revoked_id))

    def _forget(self) -> None:
        """Drop some of those whose tokens have expired anyway."""
        now = clock.now()
        for _ in range(FORGOTTEN_TOGETHER):
            if not self._expiring or self._expiring[0][0] > now:
                return
            expires_at, revoked_id = heappop(self._expiring)
            if self._revoked.get(revoked_id) == expires_at:  # unless it has been revoked for longer meanwhile
                del self._revoked[revoked_id]

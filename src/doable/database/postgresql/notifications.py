"""Processes tell each other whose data has changed, by NOTIFY, on a connection beside the pool."""

import asyncio
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, Final

import asyncpg

from doable.database.postgresql.servers import Servers
from doable.database.postgresql.transaction import TIMEOUT_SECONDS

logger = logging.getLogger(__name__)

CHANNEL: Final = "doable_changed"
INTERVAL_SECONDS: Final = 0.05
RECONNECT_SECONDS: Final = 1.0
# Nobody is told that the other end of an idle connection is gone.
HEARTBEAT_SECONDS: Final = 5.0
# A notification holds less than 8000 bytes; an id is 36, and a comma.
OWNERS_TOGETHER: Final = 200

NOTIFY: Final = "SELECT pg_notify($1, payload) FROM unnest($2::text[]) AS payload"


class Notifications:
    """Tells other processes whose data this one has committed, and hears of theirs.

    After the commit, and for all owners together at most every 50 ms: a NOTIFY inside of each transaction takes a lock
    that all of them share, and cost 38 % of the commits. A process that dies may not have told all of them;
    watchers look again now and then.
    """

    def __init__(self, servers: Servers) -> None:
        self._servers = servers
        self._connection: asyncpg.Connection | None = None
        self._own_process = 0
        self._changed: set[str] = set()
        self._watching: set[Callable[[str | None], None]] = set()
        self._wake = asyncio.Event()

    def start(self) -> None:
        """Begin, on the running event loop. It connects when there is something to tell, or somebody who listens."""
        self._task = asyncio.create_task(self._run(), name="doable-notifications")

    async def close(self) -> None:
        """Tell the rest, then stop."""
        self._task.cancel()
        await asyncio.wait({self._task})
        if self._connection is not None:
            with suppress(Exception):
                await self._tell_others(self._connection)
            self._connection.terminate()

    def tell(self, owner_id: str) -> None:
        """Say that this process has committed something of the owner's. This process hears of it now, others soon."""
        self._hear(owner_id)
        self._changed.add(owner_id)
        self._wake.set()

    @contextmanager
    def watch(self, changed: Callable[[str | None], None]) -> Iterator[None]:
        """Call `changed` with each owner whose data has changed; with None when some may have been missed."""
        self._watching.add(changed)
        self._wake.set()
        try:
            yield
        finally:
            self._watching.discard(changed)

    async def _run(self) -> None:
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(HEARTBEAT_SECONDS if self._connection else None):
                    await self._wake.wait()
            self._wake.clear()
            try:
                await self._tell_others(await self._connected())
            except Exception as error:  # noqa: BLE001 - no failure may end it
                logger.warning("Other processes could not be told of changes: %s", type(error).__name__)
                if self._connection is not None:
                    self._connection.terminate()
                self._wake.set()
                await asyncio.sleep(RECONNECT_SECONDS)
            else:
                await asyncio.sleep(INTERVAL_SECONDS)

    async def _tell_others(self, connection: asyncpg.Connection) -> None:
        changed, self._changed = self._changed, set()
        owners = sorted(changed)
        if not owners:
            await connection.execute("SELECT 1", timeout=TIMEOUT_SECONDS)
        else:
            together = range(0, len(owners), OWNERS_TOGETHER)
            payloads = [",".join(owners[first : first + OWNERS_TOGETHER]) for first in together]
            try:
                await connection.execute(NOTIFY, CHANNEL, payloads)
            except BaseException:
                self._changed |= changed
                raise

    async def _connected(self) -> asyncpg.Connection:
        if self._connection is None or self._connection.is_closed():
            self._connection = await self._servers.connect()
            # Not asked in the callback: that may come when the connection has ended.
            self._own_process = self._connection.get_server_pid()
            self._connection.add_termination_listener(lambda _: self._wake.set())
            if not self._servers.pooling.by_transaction:
                await self._connection.add_listener(CHANNEL, self._on_notification)
            self._hear(None)
        return self._connection

    def _on_notification(self, _connection: Any, process_id: int, _channel: str, payload: object) -> None:
        if process_id != self._own_process:  # this process knows already what it has told
            for owner_id in str(payload).split(","):
                self._hear(owner_id)

    def _hear(self, owner_id: str | None) -> None:
        for changed in list(self._watching):
            changed(owner_id)

"""Sends the mail in the outbox. No request ever waits for it, or fails with it."""

import logging
from collections.abc import Callable
from email.message import EmailMessage
from functools import partial
from typing import Final, Self

from doable.accounts.links.letters import compose
from doable.accounts.links.repository import drop_nobodys, make
from doable.background import Repeating, UnderWay, in_thread
from doable.database import Database, Row
from doable.errors import DoableError, StorageFull
from doable.outbox import delivery
from doable.outbox import repository as outbox
from doable.settings import Settings

logger = logging.getLogger(__name__)

INTERVAL_SECONDS: Final = 1.0
TOGETHER: Final = 5
"""The mails that are sent at a time: mail servers refuse many connections from one client."""
STOP_SECONDS: Final = 5.0
"""How long sending a mail may still take once the process is told to stop. If it is cut off, it is sent again later."""


class Postman:
    """Looks into the outbox every second, and at once when this process has put something there.

    A mail is taken first, so that no other process sends it. Then its token is made and it is sent, and only
    after that it is removed: after a crash it may be sent twice, and is never lost. Several are sent at a time, so that
    a slow one does not hold up the others.
    """

    def __init__(self, database: Database, settings: Settings) -> None:
        self._database = database
        self._settings = settings
        self._under_way = UnderWay("mail")
        self._looking = Repeating("postman", INTERVAL_SECONDS, self._send_some)

    async def __aenter__(self) -> Self:
        await self._looking.__aenter__()
        return self

    async def __aexit__(self, *error: object) -> None:
        await self._looking.__aexit__(*error)
        await self._under_way.stop(STOP_SECONDS)

    def wake(self) -> None:
        """Look now: this process has just committed a mail."""
        self._looking.wake()

    async def _send_some(self) -> bool:
        """Begin to send due mails, as far as there is room. Answers whether there may be more."""
        if not await outbox.is_any_due(self._database):
            return False
        # Anybody may ask for one of these for every address there is, so they are not taken one by one.
        dropped = await drop_nobodys(self._database)
        rows = await outbox.take(self._database, TOGETHER - len(self._under_way))
        for row in rows:
            # A mail server may take longer than the pause after which it is due again.
            self._under_way.begin(row["id"], partial(self._send, row))
        if len(self._under_way) == TOGETHER:
            await self._under_way.wait_for_one()
        return bool(dropped or rows)

    async def _send(self, row: Row) -> None:
        try:
            if row["kind"] == outbox.NOTICE:
                sent = await self._deliver(row, row["address"], None)
            else:
                made = await self._database.write(make(row))
                sent = made is None or await self._deliver(row, made[1], made[0].text)
            if sent:
                await outbox.remove(self._database, row)
        except StorageFull:
            pass  # it is due again after its pause
        except DoableError as error:
            # It is due again after its pause.
            logger.warning("The outbox could not be used: %s", error.code)
        except Exception:
            logger.exception("A mail could not be sent")

    async def _deliver(self, row: Row, address: str, token: str | None) -> bool:
        """Hand it over. False if it is to be tried again."""
        try:
            await in_thread("mail", self._delivery(row, address, token))
        except Exception as error:  # noqa: BLE001 - any failure may be repaired before the next attempt
            await self._note_failure(row, error)
            return False
        return True

    def _delivery(self, row: Row, address: str, token: str | None) -> Callable[[], None]:
        settings = self._settings

        def deliver() -> None:
            message: EmailMessage = compose(
                row["kind"],
                address,
                token,
                title=settings.api_title,
                sender=settings.mail_from,
                link=partial(settings.link, whole=True),
            )
            delivery.deliver(settings, outbox.name_of(row), message)

        return deliver

    async def _note_failure(self, row: Row, error: Exception) -> None:
        reason = delivery.reason_of(error)
        if outbox.is_hopeless(row):
            logger.error("A mail could not be sent for 24 hours and is given up (%s)", reason)
            await outbox.remove(self._database, row)
        else:
            pause = int(outbox.pause_after(row).total_seconds())
            logger.warning("A mail could not be sent (%s); the next attempt is in %d seconds", reason, pause)

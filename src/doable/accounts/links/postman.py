"""Sends what is in the outbox. No request ever waits for it, or fails with it."""

import logging
import smtplib
from collections.abc import Callable
from email.message import EmailMessage
from typing import Final, Self

from doable.accounts.links.letters import compose
from doable.accounts.links.repository import make
from doable.background import Repeating, in_thread
from doable.database import Database, Row
from doable.outbox import delivery
from doable.outbox import repository as outbox
from doable.settings import Settings

logger = logging.getLogger(__name__)

INTERVAL_SECONDS: Final = 1.0
STOP_SECONDS: Final = 5.0
"""How long a mail that is being sent may take once the process is told to stop. Cut off, it is sent again later."""


class Postman:
    """Looks into the outbox every second, and at once when this process has put something there.

    A mail is taken first, so that no other process sends it. Then its token is made and it is sent; and only when it was,
    it is removed: after a crash it may be sent twice, and is never lost.
    """

    def __init__(self, database: Database, settings: Settings) -> None:
        self._database = database
        self._settings = settings
        self._sending = Repeating("postman", INTERVAL_SECONDS, self._send_next, grace=STOP_SECONDS)

    async def __aenter__(self) -> Self:
        await self._sending.__aenter__()
        return self

    async def __aexit__(self, *error: object) -> None:
        await self._sending.__aexit__(*error)

    def wake(self) -> None:
        """Look now: this process has just committed a mail."""
        self._sending.wake()

    async def _send_next(self) -> bool:
        """Send one mail. Answers whether there was one."""
        row = await outbox.take(self._database)
        if row is None:
            return False
        deliver: Callable[[], None] | None
        if row["kind"] == outbox.NOTICE:
            deliver = self._delivery(row, row["address"], None)
        else:
            made = await self._database.write(make(row))
            deliver = None if made is None else self._delivery(row, made[1], made[0].text)
        if deliver is not None:
            try:
                await in_thread("mail", deliver)
            except Exception as error:  # noqa: BLE001 - whatever it was, it may be mended before the next attempt
                await self._note_failure(row, error)
                return True
        await outbox.remove(self._database, row)
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
                public_url=settings.public_url,
            )
            if settings.mail_server is None:
                # One that is written again takes the place of the first.
                delivery.write(settings.mail_path, f"{row['created_at']:%Y%m%dT%H%M%SZ}-{row['id']}", message)
            else:
                delivery.send(settings.mail_server, message)

        return deliver

    async def _note_failure(self, row: Row, error: Exception) -> None:
        # The server's words are not logged: they may quote the address.
        reason = type(error).__name__
        if isinstance(error, smtplib.SMTPResponseException):
            reason += f" {error.smtp_code}"
        if outbox.is_hopeless(row):
            logger.error("A mail could not be sent for 24 hours and is given up (%s)", reason)
            await outbox.remove(self._database, row)
        else:
            pause = int(outbox.pause_after(row).total_seconds())
            logger.warning("A mail could not be sent (%s); the next attempt is in %d seconds", reason, pause)

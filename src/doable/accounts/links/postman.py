"""Sends what is in the outbox. No request ever waits for it, or fails with it."""

import asyncio
import logging
import smtplib
from collections.abc import Callable
from concurrent.futures import Future
from email.message import EmailMessage
from threading import Thread
from typing import Final, Self

from doable.accounts.links.letters import compose
from doable.accounts.links.repository import making, new_token
from doable.database import Database, Row
from doable.errors import DoableError
from doable.outbox import delivery
from doable.outbox import repository as outbox
from doable.settings import Settings

logger = logging.getLogger(__name__)

INTERVAL_SECONDS: Final = 1.0
STOP_SECONDS: Final = 5.0
"""How long a mail that is being sent may take once the process is told to stop. Cut off, it is sent again later."""


class Postman:
    """One task a process: looks into the outbox every second, and at once when this process has put something there.

    A mail is taken first, so that no other process sends it. Then its token is made and it is sent; and only when it was,
    it is removed: after a crash it may be sent twice, and is never lost.
    """

    def __init__(self, database: Database, settings: Settings) -> None:
        self._database = database
        self._settings = settings
        self._wake = asyncio.Event()
        self._stopping = False

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._keep_sending(), name="doable-postman")
        return self

    async def __aexit__(self, *_: object) -> None:
        self._stopping = True
        self._wake.set()
        await asyncio.wait({self._task}, timeout=STOP_SECONDS)
        self._task.cancel()
        await asyncio.wait({self._task})

    def wake(self) -> None:
        """Look now: this process has just committed a mail."""
        self._wake.set()

    async def _keep_sending(self) -> None:
        while not self._stopping:
            try:
                while not self._stopping and await self._send_next():
                    pass
            except DoableError:
                logger.warning("The outbox could not be used")
            except Exception:
                # It must go on: nobody else of this process sends mail.
                logger.exception("The outbox could not be used")
            try:
                async with asyncio.timeout(0 if self._stopping else INTERVAL_SECONDS):
                    await self._wake.wait()
            except TimeoutError:
                pass
            self._wake.clear()

    async def _send_next(self) -> bool:
        """Send one mail. Answers whether there was one."""
        row = await outbox.take(self._database)
        if row is None:
            return False
        token = new_token()
        if row["kind"] == outbox.NOTICE or await self._database.write(making(row, token)):
            try:
                await in_thread(self._delivery(row, token))
            except Exception as error:  # noqa: BLE001 - whatever it was, it may be mended before the next attempt
                await self._note_failure(row, error)
                return True
        await outbox.remove(self._database, row)
        return True

    def _delivery(self, row: Row, token: str) -> Callable[[], None]:
        settings = self._settings

        def deliver() -> None:
            message: EmailMessage = compose(
                row["kind"],
                row["address"],
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


async def in_thread(function: Callable[[], None]) -> None:
    """Run in a thread that nobody joins: a server that hangs must not keep the process from ending."""
    outcome: Future[None] = Future()
    outcome.set_running_or_notify_cancel()  # so that nobody can cancel what the thread will set

    def run() -> None:
        try:
            function()
        except BaseException as error:  # noqa: BLE001 - it is the caller's to handle
            outcome.set_exception(error)
        else:
            outcome.set_result(None)

    Thread(target=run, name="doable-mail", daemon=True).start()
    await asyncio.wrap_future(outcome)

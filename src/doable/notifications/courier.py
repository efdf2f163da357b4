"""Sends what is to be sent of notifications. No request ever waits for it, or fails with it."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from email.message import EmailMessage
from functools import partial
from typing import Final, Self

from doable import clock
from doable.background import Repeating, UnderWay, in_thread
from doable.database import Database, Row
from doable.database.types import instant_to_text
from doable.errors import DoableError, StorageFull
from doable.notifications import deliveries, digests
from doable.notifications.deliveries import DIGEST, EMAIL, PUSH, TOO_LATE, ToldRow
from doable.notifications.letters import Letters, Reader
from doable.notifications.quiet import quiet_until
from doable.outbox import delivery
from doable.outbox.repository import is_hopeless, name_of, pause_after
from doable.push.push import Push
from doable.push.sealing import Message
from doable.push.sending import Outcome
from doable.settings import Settings
from doable.tasks.preferred import DEFAULTS
from doable.tasks.reminders import from_text

logger = logging.getLogger(__name__)

INTERVAL_SECONDS: Final = 1.0
STOP_SECONDS: Final = 3.0
"""How long sending may still take once the process is told to stop: the postman's turn comes after it. What is cut off is sent again later."""
ROOM: Final[Mapping[str, int]] = {PUSH: 20, EMAIL: 5, DIGEST: 5}
"""How many of each channel are sent at a time: what keeps one of them waiting holds up no other. Mail servers refuse many connections."""


class Courier:
    """Looks every second for deliveries that are due, and at once when this process has made some.

    One is taken first, so that no other process sends it, and removed only after it was sent: after a crash it may be sent
    twice, and is never lost.
    """

    def __init__(self, database: Database, push: Push, settings: Settings) -> None:
        self._database = database
        self._push = push
        self._settings = settings
        self._letters = Letters(settings)
        self._under_way = {channel: UnderWay(channel, partial(self._sent, channel)) for channel in ROOM}
        self._looking = Repeating("courier", INTERVAL_SECONDS, self._send_some)

    async def __aenter__(self) -> Self:
        await self._looking.__aenter__()
        return self

    async def __aexit__(self, *error: object) -> None:
        await self._looking.__aexit__(*error)
        await asyncio.gather(*(each.stop(STOP_SECONDS) for each in self._under_way.values()))

    def wake(self) -> None:
        """Look now: this process has just committed a delivery, or has room for another."""
        self._looking.wake()

    async def _send_some(self) -> None:
        """Begin to send what is due, as far as there is room."""
        if not await deliveries.is_any_due(self._database):
            return
        for channel, under_way in self._under_way.items():
            room = ROOM[channel] - len(under_way)
            for row in await deliveries.take(self._database, channel, room) if room else ():
                # A mail server may take longer than the pause after which it is due again.
                under_way.begin(row["id"], partial(self._send, row))

    def _sent(self, channel: str) -> None:
        # Several are taken together. If so many take long that it does not come to this, more are taken every second.
        if len(self._under_way[channel]) <= ROOM[channel] // 2:
            self.wake()

    async def _send(self, row: Row) -> None:
        try:
            if await self._is_done(row):
                await deliveries.remove(self._database, row)
        except StorageFull:
            pass  # it is due again after its pause
        except DoableError as error:
            # It is due again after its pause.
            logger.warning("A delivery has to wait: %s", error.code)
        except Exception:
            logger.exception("A delivery could not be sent")

    async def _is_done(self, row: Row) -> bool:
        """Send it if it is still wanted. False if it is to be tried again."""
        if row["channel"] == DIGEST:
            return await self._mail_digest(row)
        # Everything may have been down for longer.
        if clock.now() > row["created_at"] + TOO_LATE:
            return True
        told = await deliveries.told(self._database, row)
        if told is None or not _is_wanted(told, row):
            return True
        # Also at a later attempt, and where they were set meanwhile.
        until = quiet_until(told, clock.now())
        if until is not None:
            await deliveries.put_off(self._database, row, until)
            return False
        return await (self._push_it(row, told) if row["channel"] == PUSH else self._mail_it(row, told))

    async def _push_it(self, row: Row, told: ToldRow) -> bool:
        message = Message(
            "reminder", row["notification_id"], row["task_id"], told["title"], instant_to_text(told["remind_at"])
        )
        sent = await self._push.deliver(row["owner_id"], row["subscription_id"], message)
        if sent.outcome is not Outcome.AGAIN or is_hopeless(row):
            return True
        # Later than after the pause, if the service says so, and never earlier.
        if sent.retry_after is not None and sent.retry_after > pause_after(row):
            await deliveries.put_off(self._database, row, clock.now() + sent.retry_after)
        return False

    async def _mail_it(self, row: Row, told: ToldRow) -> bool:
        if told["email"] is None or told["email_verified_at"] is None:
            return True
        language, timezone = (told[name] or DEFAULTS[name] for name in ("language", "timezone"))
        reader = Reader(row["owner_id"], told["email"], language, timezone)
        return await self._mail(row, partial(self._letters.reminder, reader, told, told["list_name"], row["id"]))

    async def _mail_digest(self, row: Row) -> bool:
        reader = await digests.reader_of(self._database, row)
        if reader is None:
            return True
        if digests.is_late(row):
            logger.error("A digest could not be sent for 6 hours and is given up")
            return True
        found = await digests.read(self._database, row["owner_id"])
        return found is None or await self._mail(row, partial(self._letters.digest, reader, *found, row["id"]))

    async def _mail(self, row: Row, compose: Callable[[], EmailMessage]) -> bool:
        """Hand over a mail. False if it is to be tried again."""
        try:
            await in_thread("mail", lambda: delivery.deliver(self._settings, name_of(row), compose()))
        except Exception as error:  # noqa: BLE001 - any failure may be repaired before the next attempt
            reason, what = delivery.reason_of(error), "digest" if row["channel"] == DIGEST else "reminder"
            if is_hopeless(row):
                logger.error("The mail of a %s could not be sent for 24 hours and is given up (%s)", what, reason)  # noqa: TRY400 - the server's words are not logged
                return True
            pause = int(pause_after(row).total_seconds())
            logger.warning(
                "The mail of a %s could not be sent (%s); the next attempt is in %d seconds", what, reason, pause
            )
            return False
        return True


def _is_wanted(told: ToldRow, row: Row) -> bool:
    """Whether the user still has to be told."""
    reminder = next((each for each in from_text(told["reminders"]) if each["id"] == told["reminder_id"]), None)
    return (
        told["seen_at"] is None
        and told["completed_at"] is None
        and not told["is_archived"]
        and reminder is not None
        and reminder["remind_at"] is None  # else it comes again
        and row["channel"] in deliveries.channels_of(told["reminder_channels"])
    )

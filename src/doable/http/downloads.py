"""A long document, sent as it is made."""

import asyncio
import logging
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Final

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from doable.errors import DoableError
from doable.http.streams import CONNECTION, STALLED_SECONDS, Connection
from doable.places import leave

logger = logging.getLogger(__name__)

# A reader must take this much in ten seconds: one on a slow line has not stalled.
SLICE_BYTES: Final = 16 * 1024


class Download(Response):
    """Sends the pieces of a file. If one of them cannot be read, or is not taken, the connection is cut.

    So nobody takes a part for the whole. Starlette's stream waits for a stalled reader for ever, and logs a lost
    database as a bug.
    """

    def __init__(self, pieces: AsyncGenerator[bytes], filename: str, media_type: str = "application/json") -> None:
        super().__init__(
            media_type=media_type,
            headers={"Content-Disposition": f'attachment; filename="{filename}"', "Cache-Control": "no-store"},
        )
        del self.headers["Content-Length"]
        self._pieces = pieces

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        connection: Connection | None = scope.get("extensions", {}).get(CONNECTION)
        leave()
        gone = asyncio.create_task(_until_gone(receive))
        try:
            await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
            async with aclosing(self._pieces):
                async for piece in self._pieces:
                    if gone.done():
                        return
                    for start in range(0, len(piece), SLICE_BYTES):
                        async with asyncio.timeout(STALLED_SECONDS):
                            part = piece[start : start + SLICE_BYTES]
                            await send({"type": "http.response.body", "body": part, "more_body": True})
            await send({"type": "http.response.body", "body": b""})
        except (DoableError, TimeoutError) as error:
            if connection is None:
                raise
            logger.warning("A download was cut off: %s", getattr(error, "code", "its reader has stalled"))
            connection.abort()
            await gone
        finally:
            gone.cancel()


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass

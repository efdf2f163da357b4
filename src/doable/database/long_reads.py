"""The turns at reads that may be long."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from weakref import WeakValueDictionary

from doable.errors import Unavailable
from doable.places import aside, lasts, user_id

WAIT_SECONDS = 5.0


class LongReads:
    """There are so many at once, and one of each user's: whoever asks for much at a time waits for themselves."""

    def __init__(self, most: int) -> None:
        self._free = asyncio.Semaphore(most)
        self._of_users: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Wait for it, and read, without holding a place. Raises Unavailable when the wait takes too long.

        A download that is under way waits for as long as it takes: an end in the middle would be worse.
        """
        user, own = user_id(), asyncio.Lock()
        if user is not None:
            own = self._of_users.setdefault(user, own)
        patience = None if lasts() else WAIT_SECONDS
        with aside():
            async with AsyncExitStack() as turns:
                try:
                    async with asyncio.timeout(patience):
                        await turns.enter_async_context(own)
                        await turns.enter_async_context(self._free)
                except TimeoutError as error:
                    raise Unavailable from error
                yield

"""The number of requests that a user may send, told in the headers of draft-ietf-httpapi-ratelimit-headers-11. Knows no web framework."""

import math

from doable import clock
from doable.errors import TooManyRequests
from doable.settings.limits import Limit

Headers = list[tuple[bytes, bytes]]


class Quotas:
    """Counts each user's requests in the memory of this process, which has an even share of the limit."""

    def __init__(self, limit: Limit, workers: int) -> None:
        self._count = max(1, limit.count // workers)
        self._seconds = limit.period.total_seconds()
        self._policy = f'"user";q={self._count};w={int(self._seconds)}'.encode()
        self._users: dict[str, tuple[float, int]] = {}
        """When each one's period ends, and the requests in it."""
        self._tidied_at = 0.0

    def use(self, user_id: str, headers: Headers) -> None:
        """Count a request, and add to the headers of its answer the number that is left. Raises TooManyRequests."""
        now = clock.now().timestamp()
        if now >= self._tidied_at + self._seconds:
            self._users = {each: used for each, used in self._users.items() if used[0] > now}
            self._tidied_at = now
        ends_at, used = self._users.get(user_id, (0.0, 0))
        if ends_at <= now:
            ends_at, used = now + self._seconds, 0
        left, seconds = self._count - used, max(1, math.ceil(ends_at - now))
        limit = f'"user";r={max(0, left - 1)};t={seconds}'.encode()
        headers += [(b"ratelimit-policy", self._policy), (b"ratelimit", limit)]
        if left <= 0:
            raise TooManyRequests(seconds)
        self._users[user_id] = (ends_at, used + 1)

"""Passwords: argon2id, in a few threads of its own. Hashes of another backend are verified too, and made anew."""

import asyncio
import time
import unicodedata
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final, TypeVar

from argon2 import PasswordHasher

from doable.accounts.passwords.kinds import fits, kind_of, nobodys
from doable.accounts.passwords.rules import PasswordRules
from doable.cores import usable_cores
from doable.errors import Unavailable
from doable.places import aside
from doable.throttling.throttle import REFUSAL_SECONDS

T = TypeVar("T")

MAX_THREADS: Final = 4
"""Each thread keeps the 19 MiB in which argon2 has worked."""
MAX_WAIT_SECONDS: Final = 5.0
"""After that long a client has given up or tries again, and its hash would only make the others wait."""
USUAL_SECONDS: Final = 0.03
"""The estimate for a hash until the first one has been measured."""
NOBODYS: Final = "$argon2id$v=19$m=19456,t=2,p=1$BNVNMa7cff3L8mrrpWBf1A$s9KdcnanoYKoW28tLlauOED2/Vxx4YEbyjgbzpoAQ0M"
"""The hash of a password that nobody has: of random bytes that nobody kept, with today's parameters."""
OWN: Final = "$argon2id$v=19$m=19456,t=2,p=1$"
"""The kind of that, and how every hash begins that is made here."""


@dataclass(frozen=True, slots=True)
class Verified:
    """It is the password. `is_outdated`: its hash should be made again, with today's parameters or of the one form."""

    is_outdated: bool


def prepared(password: str) -> str:
    """The one form of a password, however a keyboard composes it: OpaqueString of RFC 8265, section 4.2."""
    return unicodedata.normalize(
        "NFC", "".join(" " if unicodedata.category(each) == "Zs" else each for each in password)
    )


class Passwords:
    """Hashes and verifies, both in the one form that `prepared` gives.

    A hash takes tens of milliseconds of one core. Only a few run at once, so that other requests keep their share, and
    none runs on the event loop. If a hash would have to wait for too long, Unavailable is raised instead.
    """

    def __init__(self, workers: int = 1, rules: PasswordRules | None = None) -> None:
        self._count = max(1, min(MAX_THREADS, usable_cores() // workers))
        self._threads = ThreadPoolExecutor(self._count, "doable-passwords")
        self._waiting = 0
        # OWASP's first choice for argon2id: 19 MiB, two passes, one lane.
        self._hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
        self._rules = rules or PasswordRules()
        self._others: frozenset[str] = frozenset()
        """The kinds of hashes that some users have brought from another backend."""
        self._seconds = USUAL_SECONDS
        """How long a hash has taken lately: longer when the machine is busy."""

    async def hash_new(self, password: str, email: str | None, *, field: str = "password") -> str:
        """The hash to store of a new password. Raises as `PasswordRules.check` does."""

        def check_and_hash() -> str:
            chosen = prepared(password)
            self._rules.check(chosen, email, field=field)
            return self._hasher.hash(chosen)

        return await self._run(check_and_hash)

    async def hash(self, password: str) -> str:
        """The hash to store of a password that is in use, with its parameters and salt in it."""
        return await self._run(lambda: self._hasher.hash(prepared(password)))

    async def verify(self, password: str, password_hash: str | None) -> Verified | None:
        """Whether it is the password. With None, for a user who does not exist, it takes as long and is None.

        A wrong password is compared with a hash of each kind that any user has, so that the time does not tell who has which.
        Hashes of the first version are of passwords as they were typed. So a password that is not in the one form is tried
        in both, and costs two hashes whether or not there is such a user.
        """
        return await self._run(lambda: self._verify(password, password_hash))

    async def check_room(self) -> None:
        """Raise Unavailable if a hash would have to wait for too long, before anything else is done for it."""
        if self._is_full:
            with aside():
                await asyncio.sleep(REFUSAL_SECONDS)
            raise Unavailable

    @property
    def _is_full(self) -> bool:
        return self._waiting * self._seconds > MAX_WAIT_SECONDS * self._count

    def is_outdated(self, password_hash: str) -> bool:
        """Whether the hash was made with other parameters than today's, and should be made again."""
        return not password_hash.startswith("$argon2") or self._hasher.check_needs_rehash(password_hash)

    def expect(self, hashes: Iterable[str]) -> None:
        """Of what kinds the users' hashes are."""
        kinds = {kind for each in hashes if (kind := kind_of(each)) is not None}
        self._others = frozenset(kinds - {OWN})

    def close(self) -> None:
        """End the threads."""
        self._threads.shutdown(cancel_futures=True)

    async def _run(self, function: Callable[[], T]) -> T:
        """Run it in one of the threads; if its caller is cancelled before its turn, not at all."""
        if self._is_full:
            raise Unavailable

        def timed() -> tuple[T, float]:
            began = time.perf_counter()
            return function(), time.perf_counter() - began

        self._waiting += 1
        try:
            with aside():
                result, seconds = await asyncio.get_running_loop().run_in_executor(self._threads, timed)
        finally:
            self._waiting -= 1
        self._seconds += (seconds - self._seconds) / 8
        return result

    def _verify(self, password: str, password_hash: str | None) -> Verified | None:
        kind = None if password_hash is None else kind_of(password_hash)
        kinds = (OWN, *sorted(self._others))
        forms = tuple(dict.fromkeys((prepared(password), password)))
        if password_hash is not None and kind is not None:
            if kind not in kinds:  # moved in since the last look
                self._others |= {kind}
            for form in forms:
                if fits(self._hasher, password_hash, form):
                    return Verified(is_outdated=form != prepared(password) or self.is_outdated(password_hash))
        for other in kinds:
            if other != kind:
                for form in forms:
                    fits(self._hasher, nobodys(other), form)
        return None
